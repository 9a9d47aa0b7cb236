"""Labelled sets, from files and from the shop."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from recommendations.evaluation.dataset import LabelledSet, open_dataset, shop_dataset, spread
from recommendations.exceptions import DatasetError, InvalidImageError
from recommendations.gallery import get_gallery
from tests.catalog.inventories import HEADER, line, make_folder, make_zip, photos, table
from tests.factories import add_photo, make_category, make_product
from tests.pictures import photo

SHIRTS = [line(1, "Puma Men Red Shirt", colour="Red"), line(2, "Puma Men Blue Shirt"), line(3, "Lee Men Cap, for rain")]


@pytest.mark.parametrize("kind", ["zip", "folder", "zip with a folder in it"])
def test_a_set_is_read_from_a_folder_or_a_zip(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "set"
    if kind == "folder":
        make_folder(path, table(SHIRTS), photos(1, 2, 3))
    else:
        make_zip(path, table(SHIRTS), photos(1, 2, 3), root="" if kind == "zip" else "fashion/")
    with open_dataset(path) as found:
        first, second, third = found.items
        assert (first.id, first.name, first.family) == ("1", "Puma Men Red Shirt", "puma men shirt")
        assert first.labels["articleType"] == "Shirts"
        assert (first.labels["baseColour"], first.labels["gender"]) == ("Red", "Men")
        assert first.side == second.side
        assert third.name == "Lee Men Cap, for rain"
        assert first.image().size == (60, 80)
        assert found.skipped == {}
        assert set(found.on(first.side)) >= {first, second}


def test_what_says_nothing_is_no_label(tmp_path: Path) -> None:
    with open_dataset(make_zip(tmp_path / "a.zip", table([line(1, colour="NA", season="")]), photos(1))) as found:
        assert "baseColour" not in found.items[0].labels
        assert "season" not in found.items[0].labels


def test_rows_of_no_use_are_counted_and_take_no_other_along(tmp_path: Path) -> None:
    rows = [line(1), line(1), line(2), "3,too,few", line("../4"), line(5, "x" * 400), line(6, "bell \x07"), line(7, "")]
    rows += ['8,Men,Apparel,Topwear,Shirts,Blue,Fall,2012,Casual,"never closed', line(9, "y" * 70_000)]
    with open_dataset(make_zip(tmp_path / "a.zip", table(rows), photos(1, 4, 5, 6, 7, 8, 9))) as found:
        assert [item.id for item in found.items] == ["1", "8"]
        assert found.skipped == {
            "no photo": 1,
            "its id was there before": 1,
            "not as many values as columns": 2,
            "the id is no plain name": 1,
            "a value is too long or unreadable": 2,
            "no name": 1,
        }


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_any_usual_encoding_is_read(tmp_path: Path, encoding: str) -> None:
    path = make_zip(tmp_path / "a.zip", table([line(1, "Café Shirt")], encoding=encoding), photos(1))
    with open_dataset(path) as found:
        assert found.items[0].name == "Café Shirt"


def test_a_damaged_photo_is_told_when_it_is_looked_at(tmp_path: Path) -> None:
    path = make_zip(tmp_path / "a.zip", table([line(1)]), {"images/1.jpg": b"no photo at all"})
    with open_dataset(path) as found, pytest.raises(InvalidImageError):
        found.items[0].image()


def test_a_photo_damaged_in_the_zip_is_an_oserror(tmp_path: Path) -> None:
    path = make_zip(tmp_path / "a.zip", table([line(1)]), {"images/1.jpg": b"\0" * 5_000})
    with zipfile.ZipFile(path) as archive:
        member = archive.getinfo("images/1.jpg")
    data = bytearray(path.read_bytes())
    at = member.header_offset + 30 + len(member.filename)
    data[at : at + 4] = b"\xff\xff\xff\xff"
    path.write_bytes(data)
    with open_dataset(path) as found, pytest.raises(OSError, match="damaged"):
        found.items[0].image()


def test_a_bomb_among_the_photos_is_read_no_further_than_a_photo_may_be(tmp_path: Path) -> None:
    path = make_zip(tmp_path / "a.zip", table([line(1)]), {"images/1.jpg": b"\0" * (40 * 1024 * 1024)})
    with open_dataset(path) as found:
        assert len(found.items[0].read()) == 30 * 1024 * 1024 + 1
        with pytest.raises(InvalidImageError) as raised:
            found.items[0].image()
    assert raised.value.code == "too_large"


@pytest.mark.parametrize(
    ("data", "said"),
    [(b"", "not a zip"), (b"PK\x05\x06" + b"\0" * 18, "no styles.csv"), (b"hello" * 100, "not a zip")],
)
def test_what_is_no_set_is_refused_in_words(tmp_path: Path, data: bytes, said: str) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(data)
    with pytest.raises(DatasetError, match=said), open_dataset(path):
        pass


def test_a_missing_file_an_empty_folder_and_a_bare_table_are_refused(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    bare = make_zip(tmp_path / "bare.zip", table([line(1)]), {})
    headless = make_zip(tmp_path / "headless.zip", b"a,b\n1,2\n", {})
    for path in (tmp_path / "gone.zip", tmp_path / "empty", bare, headless):
        with pytest.raises(DatasetError), open_dataset(path):
            pass


def test_a_zip_that_claims_countless_files_is_refused_before_it_is_loaded(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    end64 = b"PK\x06\x06" + b"\0" * 28 + (10**9).to_bytes(8, "little") + b"\0" * 16
    locator = b"PK\x06\x07" + b"\0" * 4 + (0).to_bytes(8, "little") + b"\0" * 4
    path.write_bytes(end64 + locator + b"PK\x05\x06" + b"\xff" * 16 + b"\0\0")
    with pytest.raises(DatasetError, match="1,000,000,000 files"), open_dataset(path):
        pass


def test_a_limit_takes_from_the_whole_set() -> None:
    assert spread(list(range(10)), 4) == [0, 2, 5, 7]
    assert spread([1, 2], 5) == [1, 2]
    assert spread([1, 2], None) == [1, 2]


def test_columns_may_stand_in_any_order(tmp_path: Path) -> None:
    shuffled = table(["Puma Shirt,1,Shirts"], header="productDisplayName,id,articleType")
    with open_dataset(make_zip(tmp_path / "a.zip", shuffled, photos(1))) as found:
        assert found.items[0].labels == {"articleType": "Shirts"}
    assert HEADER.startswith("id,")


@pytest.mark.django_db
def test_the_shop_itself_is_a_labelled_set() -> None:
    shirt = make_product(
        "red", name="Puma Red Shirt", brand="Puma", colour="Red", gender="Men", category=make_category("Shirts")
    )
    add_photo(shirt, "blue", position=5)
    make_product(None, name="No photo")
    found = shop_dataset(get_gallery())
    assert isinstance(found, LabelledSet)
    (item,) = found.items
    assert (item.id, item.family) == (str(shirt.pk), "puma shirt")
    assert item.labels == {"articleType": "Shirts", "baseColour": "Red", "gender": "Men"}
    # Its best photo, not the second.
    assert item.image().getpixel((5, 5))[0] > 150  # type: ignore[index]


@pytest.mark.django_db
def test_an_empty_shop_is_told_what_to_do() -> None:
    with pytest.raises(DatasetError, match="--dataset"):
        shop_dataset(get_gallery())


def test_two_photos_of_one_id_count_once(tmp_path: Path) -> None:
    files = {"images/1.webp": photo("blue", format="WEBP"), "images/1.JPG": photo("red")}
    for path in (
        make_zip(tmp_path / "a.zip", table([line(1)]), files),
        make_folder(tmp_path / "b", table([line(1)]), files),
    ):
        with open_dataset(path) as found:
            assert found.items[0].image().getpixel((5, 5))[0] > 150  # type: ignore[index]
