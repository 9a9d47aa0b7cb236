"""What is embedded in an evaluation."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from recommendations.evaluation import pictures, shopper_photos
from recommendations.evaluation.dataset import Item
from recommendations.evaluation.pictures import RECIPE, Collection, collect, read_keys
from tests.pictures import encoded, picture, shirt


def item(name: str, data: bytes | None) -> Item:
    def read() -> bytes:
        if data is None:
            raise FileNotFoundError(name)
        return data

    return Item(name, name, {}, name, "test", read)


ITEMS = [item(colour, encoded(shirt(colour, (60, 80)), "PNG")) for colour in ("red", "blue", "green")]


def collection(spool: Path, seed: int = 1, items: list[Item] = ITEMS) -> Collection:
    keys = [key for key in read_keys(items, progress=lambda n: None) if key]
    return collect(items, keys, shoppers=2, foreign=3, photos={"street": picture("teal")}, seed=seed, spool=spool)


def test_a_key_belongs_to_the_bytes_of_a_photo_and_to_nothing_else() -> None:
    told: list[int] = []
    copy, gone = item("copy", ITEMS[0].read()), item("gone", None)
    keys = read_keys([*ITEMS, copy, gone], progress=told.append)
    assert keys[3] == keys[0]
    assert len({*keys[:3]}) == 3
    assert keys[4] is None
    assert sum(told) == 5


def test_everything_is_there_in_order_and_can_be_made(tmp_path: Path) -> None:
    found = collection(tmp_path)
    families = {photo.family for photo in found.shoppers}
    assert len(found.shoppers) == 2 * len(families)
    # The same products in every family.
    assert len({photo.row for photo in found.shoppers}) == 2
    assert len(found.pictures) == 3 + len(found.shoppers) + 3 + 1
    assert len({one.key for one in found.pictures}) == len(found.pictures)
    for one in found.pictures:
        assert one.load().mode == "RGB"


def test_a_picture_made_once_is_the_same_from_the_spool(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = collection(tmp_path).pictures[3:9]
    first = [np.asarray(one.load()) for one in made]

    def never(*args: object) -> None:
        raise AssertionError

    monkeypatch.setattr(shopper_photos, "simulate", never)
    for before, one in zip(first, made, strict=True):
        assert (before == np.asarray(one.load())).all()


def test_the_seed_decides_what_is_drawn_and_not_what_the_catalogue_shows(tmp_path: Path) -> None:
    first, same, other = (collection(tmp_path, seed) for seed in (1, 1, 2))
    assert [one.key for one in first.pictures] == [one.key for one in same.pictures]
    assert [one.key for one in first.pictures[:3]] == [one.key for one in other.pictures[:3]]
    assert not {one.key for one in first.pictures[3:-1]} & {one.key for one in other.pictures[3:-1]}


def test_another_photo_of_the_product_is_another_key(tmp_path: Path) -> None:
    changed = [item("red", encoded(shirt("pink", (60, 80)), "PNG")), *ITEMS[1:]]
    before, after = collection(tmp_path), collection(tmp_path, items=changed)
    same = [one.key == other.key for one, other in zip(before.pictures, after.pictures, strict=True)]
    expected = [n != 0 for n in range(3)] + [photo.row != 0 for photo in before.shoppers] + [True] * 4
    assert same == expected


def test_the_recipe_names_every_file_that_simulated_pictures_are_made_by() -> None:
    folder = Path(pictures.__file__).parent

    def needed(name: str) -> Iterator[str]:
        yield name
        for node in ast.walk(ast.parse((folder / name).read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("recommendations.evaluation"):
                modules = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
                for module in modules:
                    file = f"{(module or '').rpartition('.')[2]}.py"
                    if (folder / file).is_file():
                        yield from needed(file)

    assert {*needed("shopper_photos.py"), *needed("off_catalogue.py")} == set(RECIPE)
