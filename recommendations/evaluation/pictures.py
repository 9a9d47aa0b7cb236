"""All that is embedded in one evaluation: the catalogue, shoppers' photos made of it, pictures of no product."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

import numpy as np
import PIL
from PIL import Image

from recommendations.evaluation import off_catalogue, shopper_photos
from recommendations.evaluation.dataset import Item
from recommendations.evaluation.vector_cache import KEY_BYTES, Picture

#: Files that decide what simulated and drawn pictures look like.
RECIPE = (
    "clutter.py",
    "cut_out.py",
    "drawing.py",
    "drawn_papers.py",
    "drawn_places.py",
    "drawn_surfaces.py",
    "off_catalogue.py",
    "shopper_photos.py",
)


@dataclass(frozen=True)
class ShopperPhoto:
    """A simulated photo of the product in this ``row``."""

    family: str
    row: int
    seed: int


@dataclass(frozen=True)
class Collection:
    """What is embedded, in this order: ``items``, ``shoppers``, ``foreign`` (by kind), ``photos`` (by title)."""

    items: Sequence[Item]
    shoppers: Sequence[ShopperPhoto]
    foreign: Sequence[str]
    photos: Sequence[str]
    pictures: Sequence[Picture]


def collect(
    items: Sequence[Item],
    keys: Sequence[bytes],
    *,
    shoppers: int,
    foreign: int,
    photos: Mapping[str, Image.Image],
    seed: int,
    spool: Path,
) -> Collection:
    """Return the pictures of an evaluation; those that are drawn or made of others are made when they are embedded.

    Args:
        keys: of the items, from ``read_keys``.
        shoppers: products photographed, in each family of simulated photos; the same in all.
        foreign: pictures of no product.
        photos: from elsewhere, by title.
        spool: a folder where pictures once made wait for the next contender.
    """
    pictures = [Picture(key, item.image) for key, item in zip(keys, items, strict=True)]
    drawn = np.random.default_rng(seed).permutation(len(items))[:shoppers].tolist()
    taken = [
        ShopperPhoto(family, row, _number(seed, family, items[row].id))
        for family in shopper_photos.FAMILIES
        for row in drawn
    ]
    for photo in taken:
        key = _key(_recipe(), keys[photo.row], photo.family.encode(), str(photo.seed).encode())
        pictures.append(Picture(key, partial(_spooled, spool / key.hex(), partial(take, items[photo.row], photo))))
    kinds = [list(off_catalogue.KINDS)[n % len(off_catalogue.KINDS)] for n in range(foreign)]
    for n, kind in enumerate(kinds):
        key = _key(_recipe(), b"foreign", kind.encode(), str((seed, n)).encode())
        draw = partial(off_catalogue.picture, kind, (seed, n))
        pictures.append(Picture(key, partial(_spooled, spool / key.hex(), draw)))
    given = [(_key(str(image.size).encode(), image.tobytes()), image.copy) for image in photos.values()]
    pictures += [Picture(key, load) for key, load in given]
    return Collection(items, taken, kinds, list(photos), pictures)


def take(item: Item, photo: ShopperPhoto) -> Image.Image:
    """Return the shopper's photo of this product; raises what ``Item.image`` raises."""
    return shopper_photos.simulate(item.image(), photo.family, photo.seed)


def _spooled(path: Path, make: Callable[[], Image.Image]) -> Image.Image:
    """Return the picture, made at the first call and read from the spool at the next."""
    if path.exists():
        with Image.open(path, formats=("PNG",)) as stored:
            return stored.convert("RGB")
    image = make()
    image.save(path, "PNG", compress_level=1)
    return image


def read_keys(items: Iterable[Item], *, progress: Callable[[int], object]) -> list[bytes | None]:
    """Return a key per photo, the same for the same bytes; None for a photo that cannot be read."""
    found = []
    with ThreadPoolExecutor(2) as pool:  # reading and hashing leave the GIL
        for key in pool.map(_read_key, items):
            found.append(key)
            progress(1)
    return found


def _read_key(item: Item) -> bytes | None:
    try:
        return _key(item.read())
    except OSError:
        return None


def _number(seed: int, *names: str) -> int:
    return int.from_bytes(_key(str(seed).encode(), *(name.encode() for name in names))[:4], "big")


def _key(*parts: bytes) -> bytes:
    digest = hashlib.blake2b(digest_size=KEY_BYTES)
    for part in parts:
        digest.update(len(part).to_bytes(8, "big") + part)
    return digest.digest()


@cache
def _recipe() -> bytes:
    """Return what simulated photos depend on besides their product: another recipe makes others."""
    folder = Path(__file__).parent
    return _key(PIL.__version__.encode(), np.__version__.encode(), *((folder / name).read_bytes() for name in RECIPE))
