"""Small WebP copies of product photos, made once and kept under ``thumbs/`` in the default storage.

Their names follow from the photo's own name, so a page needs no look-up and a replaced photo gets new ones.
"""

from __future__ import annotations

import io
import logging
import os
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING, NamedTuple

from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage, Storage, default_storage
from PIL import Image, ImageOps

if TYPE_CHECKING:
    from catalog.models import ProductImage

logger = logging.getLogger(__name__)

#: Widths in pixels. A photo narrower than one of them gets its own width instead: nothing is blown up.
WIDTHS = (160, 320, 640, 1280)
#: Small pictures get more: there every lost pixel shows, and it costs next to nothing.
QUALITY, SMALL_QUALITY = 80, 90
#: How long a photo that cannot be read is left alone, in seconds.
RETRY_SECONDS = 300.0
#: What one process remembers, so that remote storage is not asked for every card: names known to be there,
#: and names that could not be read with the time of the last try.
_made: set[str] = set()
_unreadable: dict[str, float] = {}
_REMEMBERED = 50_000


class Thumbnail(NamedTuple):
    """One copy: its name in the default storage and its size in pixels."""

    name: str
    width: int
    height: int

    @property
    def url(self) -> str:
        return default_storage.url(self.name)


def planned(image: ProductImage) -> list[Thumbnail]:
    """Return the copies this photo has or should have, smallest first. Touches no file."""
    if not (image.image and image.width and image.height):
        return []
    widths = [width for width in WIDTHS if width < image.width] + [min(image.width, WIDTHS[-1])]
    return [
        Thumbnail(f"thumbs/{image.image.name}-{width}.webp", width, max(1, round(image.height * width / image.width)))
        for width in sorted(set(widths))
    ]


def make_thumbnails(image: ProductImage) -> list[Thumbnail]:
    """Make the copies that are not there yet and return all, smallest first. Import commands call this in batch.

    Raises:
        OSError: the photo is missing or not readable, or the storage refuses the copies.
    """
    copies = planned(image)
    if not copies or _exist(copies):
        return copies
    with image.image.storage.open(str(image.image.name), "rb") as file:
        picture = _open(file, copies[-1].width)
    # Largest first, each from the one before: a fraction of the work, and no visible difference.
    made: list[tuple[str, bytes]] = []
    for copy in reversed(copies):
        if picture.size != (copy.width, copy.height):
            picture = picture.resize((copy.width, copy.height), Image.Resampling.LANCZOS, reducing_gap=3.0)
        buffer = io.BytesIO()
        picture.save(buffer, "WEBP", quality=QUALITY if copy.width > WIDTHS[0] else SMALL_QUALITY, method=2)
        made.append((copy.name, buffer.getvalue()))
    # Written smallest first: where the largest is found, all are there.
    for name, data in reversed(made):
        _write(default_storage, name, data)
    _remember(copies)
    return copies


def thumbnails(image: ProductImage) -> list[Thumbnail]:
    """Return the copies for a page, made now where nobody did so before; none when the photo cannot be read."""
    name = str(image.image.name)
    if time.monotonic() - _unreadable.get(name, -RETRY_SECONDS) < RETRY_SECONDS:
        return []
    try:
        return make_thumbnails(image)
    except Exception as error:
        # Any kind: each storage and each decoder has its own, and no picture is worth the page.
        logger.warning("No thumbnails of %s: %s", name, error)
        if len(_unreadable) >= _REMEMBERED:
            _unreadable.clear()
        _unreadable[name] = time.monotonic()
        return []


def medium(copies: Sequence[Thumbnail]) -> Thumbnail | None:
    """Return the copy for where there is room for one address only: the first of at least 320 px, or the largest."""
    return next((copy for copy in copies if copy.width >= 320), copies[-1] if copies else None)


def delete_photo(image: ProductImage) -> None:
    """Delete the photo's file and its copies. Call this once the row's change is committed."""
    files: list[tuple[Storage, str]] = [(default_storage, copy.name) for copy in planned(image)]
    files.append((image.image.storage, str(image.image.name)))
    for storage, name in files:
        _made.discard(name)
        try:
            storage.delete(name)
        except Exception as error:
            # Of any kind, as storages have their own. A file too many harms nobody; stopping here would leave more.
            logger.warning("%s stays: %s", name, error)


def _exist(copies: list[Thumbnail]) -> bool:
    largest = copies[-1].name
    if largest in _made:
        return True
    if default_storage.exists(largest):
        _remember(copies)
        return True
    return False


def _remember(copies: list[Thumbnail]) -> None:
    # A local file system answers in microseconds and may lose files behind our back: ask it every time.
    if isinstance(default_storage, FileSystemStorage):
        return
    if len(_made) >= _REMEMBERED:
        _made.clear()
    _made.add(copies[-1].name)


def _open(file: IO[bytes], width: int) -> Image.Image:
    """Return the stored photo, upright RGB on white, at least ``width`` wide where the file is."""
    with Image.open(file, formats=("JPEG", "PNG", "WEBP")) as source:
        # Decodes a large JPEG at a half, a quarter or an eighth of its size: many times faster.
        source.draft("RGB", (width, width))
        picture = ImageOps.exif_transpose(source)
    if picture.mode in {"RGBA", "LA", "PA"} or "transparency" in picture.info:
        layer = picture.convert("RGBA")
        picture = Image.new("RGBA", layer.size, "white")
        picture.alpha_composite(layer)
    return picture.convert("RGB")


def _write(storage: Storage, name: str, data: bytes) -> None:
    """Write whole or not at all, also when two processes write the same name."""
    if not isinstance(storage, FileSystemStorage):
        # An object store's put is atomic. One that renames instead of replacing kept somebody's equal copy.
        saved = storage.save(name, ContentFile(data))
        if saved != name:
            storage.delete(saved)
        return
    path = Path(storage.path(name))
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, part = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".part")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
        Path(part).chmod(storage.file_permissions_mode or 0o644)
        Path(part).replace(path)
    except BaseException:
        Path(part).unlink(missing_ok=True)
        raise
