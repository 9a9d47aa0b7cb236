"""import_inventory: everything good comes in, everything bad is named, and twice is as good as once."""

from __future__ import annotations

import csv
import io
import os
import re
import struct
import time
import zipfile
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import FileSystemStorage
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import IntegrityError
from PIL import Image

from catalog.inventory.upsert import Importer
from catalog.models import Category, Product, ProductImage
from tests.catalog.inventories import HEADER, line, make_folder, make_zip, photos, table
from tests.factories import add_photo, make_product
from tests.pictures import encoded, photo, picture

pytestmark = pytest.mark.django_db(transaction=True)

ROOT = Path(__file__).resolve().parents[2]
REAL = ROOT / os.environ.get("VOGUE_TEST_INVENTORY", "../shared/data/fashion-product-images-small.zip")


def run(path: Path, **options: Any) -> tuple[str, str]:
    """Import; return what was said on stdout and stderr."""
    out, err = io.StringIO(), io.StringIO()
    call_command("import_inventory", str(path), stdout=out, stderr=err, **options)
    return out.getvalue(), err.getvalue()


def refused(path: Path, **options: Any) -> str:
    """Import what must be refused as a whole; return the reason, after a look that nothing came in."""
    with pytest.raises(CommandError) as caught:
        run(path, **options)
    assert not Product.objects.exists()
    assert not Category.objects.exists()
    assert files() == set()
    return str(caught.value)


def files() -> set[str]:
    """Return the names of all stored photos and thumbnails."""
    root = Path(FileSystemStorage().location)
    return {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()}


def counts(out: str) -> tuple[int, ...]:
    """Return created, updated, unchanged, left out."""
    return tuple(int(n.replace(",", "")) for n in re.findall(r"([\d,]+) (?:created|updated|unchanged|left out,)", out))


def three(tmp_path: Path) -> Path:
    """Return a zip of three good products."""
    names = ["Puma Men Blue Shirt", "Lino Perros Women Red Handbag", "Fossil Women Silver Watch"]
    kinds = ["Apparel,Topwear,Shirts", "Accessories,Bags,Handbags", "Accessories,Watches,Watches"]
    rows = [line(n, name, kind=kind) for n, name, kind in zip((1, 2, 3), names, kinds, strict=True)]
    return make_zip(tmp_path / "three.zip", table(rows), photos(1, 2, 3))


def test_a_zip_becomes_a_shop(tmp_path: Path) -> None:
    out, err = run(three(tmp_path))
    assert counts(out) == (3, 0, 0, 0)
    assert "line " not in err
    product = Product.objects.get(sku="1")
    assert (product.name, product.brand, product.gender) == ("Puma Men Blue Shirt", "Puma", "Men")
    assert (product.colour, product.season, product.usage) == ("Blue", "Fall", "Casual")
    assert product.slug == "puma-men-blue-shirt-1"
    assert product.category.path == "apparel/topwear/shirts"
    assert [c.name for c in Category.objects.filter(path__startswith="apparel")] == ["Apparel", "Topwear", "Shirts"]
    image = product.images.get()
    assert (image.width, image.height, image.alt) == (60, 80, "Puma Men Blue Shirt")
    assert f"thumbs/{image.image.name}-60.webp" in files()


def test_watches_below_watches_are_one_category(tmp_path: Path) -> None:
    run(three(tmp_path))
    assert Product.objects.get(sku="3").category.path == "accessories/watches"


def test_a_folder_is_as_good_as_a_zip(tmp_path: Path) -> None:
    source = make_folder(tmp_path / "set", table([line(1), line(2)]), photos(1, 2))
    assert counts(run(source)[0]) == (2, 0, 0, 0)
    assert counts(run(source)[0]) == (0, 0, 2, 0)
    as_zip = make_zip(tmp_path / "set.zip", table([line(1), line(2)]), photos(1, 2))
    assert counts(run(as_zip)[0]) == (0, 0, 2, 0), "the same photos, out of a zip"


@pytest.mark.parametrize("root", ["fashion-dataset/", "fashion-dataset/fashion-dataset/"])
def test_the_set_may_lie_in_a_folder_inside_the_zip(tmp_path: Path, root: str) -> None:
    path = make_zip(tmp_path / "set.zip", table([line(1)]), photos(1) | {"styles/1.json": b"{}"}, root)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("fashion-dataset/more/myntradataset/styles.csv", b"another")
        archive.writestr("__MACOSX/styles.csv", b"no table")
    assert counts(run(path)[0]) == (1, 0, 0, 0)


def test_a_folder_may_hold_the_set_in_a_folder(tmp_path: Path) -> None:
    make_folder(tmp_path / "outer" / "myntradataset", table([line(1)]), photos(1))
    assert counts(run(tmp_path / "outer")[0]) == (1, 0, 0, 0)


def test_photos_may_be_png_webp_or_shouted(tmp_path: Path) -> None:
    images = {
        f"images/{n}{suffix}": photo("red", format=kind)
        for n, suffix, kind in [(1, ".png", "PNG"), (2, ".webp", "WEBP"), (3, ".JPG", "JPEG"), (4, ".jpeg", "JPEG")]
    }
    rows = table([line(n) for n in (1, 2, 3, 4)])
    assert counts(run(make_zip(tmp_path / "a.zip", rows, images))[0]) == (4, 0, 0, 0)
    assert counts(run(make_folder(tmp_path / "a", rows, images))[0]) == (0, 0, 4, 0)


def test_a_second_run_changes_nothing(tmp_path: Path) -> None:
    source = three(tmp_path)
    run(source)
    before = list(Product.objects.order_by("pk").values()), list(ProductImage.objects.order_by("pk").values()), files()
    assert counts(run(source)[0]) == (0, 0, 3, 0)
    after = list(Product.objects.order_by("pk").values()), list(ProductImage.objects.order_by("pk").values()), files()
    assert before == after


def test_a_changed_row_updates_the_product_and_keeps_its_address_and_price(tmp_path: Path) -> None:
    run(make_zip(tmp_path / "a.zip", table([line(1), line(2)]), photos(1, 2)))
    Product.objects.filter(sku="1").update(price=Decimal("1.23"), stock=999, active=False)
    old = Product.objects.get(sku="1")
    changed = line(1, "Puma Men Green Shirt", colour="Green", kind="Apparel,Topwear,Tshirts")
    out, _ = run(make_zip(tmp_path / "b.zip", table([changed, line(2)]), photos(1, 2)))
    assert counts(out) == (0, 1, 1, 0)
    new = Product.objects.get(sku="1")
    assert (new.name, new.colour, new.category.name) == ("Puma Men Green Shirt", "Green", "Tshirts")
    assert (new.pk, new.slug, new.price, new.stock, new.active) == (old.pk, old.slug, Decimal("1.23"), 999, False)
    assert new.updated > old.updated
    assert new.images.get().alt == "Puma Men Green Shirt"


def test_a_changed_photo_replaces_the_old_one_and_its_files(tmp_path: Path) -> None:
    run(make_zip(tmp_path / "a.zip", table([line(1), line(2)]), photos(1, 2)))
    old = ProductImage.objects.get(product__sku="1")
    images = photos(1, 2) | {"images/1.jpg": photo("purple", (90, 120))}
    assert counts(run(make_zip(tmp_path / "b.zip", table([line(1), line(2)]), images))[0]) == (0, 1, 1, 0)
    new = ProductImage.objects.get(product__sku="1")
    assert new.pk == old.pk
    assert new.image.name != old.image.name
    assert (new.width, new.height) == (90, 120)
    assert not {name for name in files() if str(old.image.name) in name}
    assert len({name for name in files() if name.startswith("products/")}) == 2


def test_a_lost_photo_file_comes_back(tmp_path: Path) -> None:
    source = three(tmp_path)
    run(source)
    image = ProductImage.objects.get(product__sku="1")
    image.image.storage.delete(str(image.image.name))
    assert counts(run(source)[0]) == (0, 1, 2, 0)
    image.refresh_from_db()
    assert image.image.storage.exists(str(image.image.name))


def test_photos_the_shop_chose_itself_stay(tmp_path: Path) -> None:
    product = make_product(None, sku="1")
    own = add_photo(product, "teal")
    run(three(tmp_path))
    assert list(product.images.all()) == [own]
    product.refresh_from_db()
    assert product.name == "Puma Men Blue Shirt"


def test_a_small_photo_is_stored_exactly_as_it_was(tmp_path: Path) -> None:
    sent = encoded(picture("teal").rotate(20, fillcolor="white"), quality=92)
    run(make_zip(tmp_path / "a.zip", table([line(1)]), {"images/1.jpg": sent}))
    with (
        ProductImage.objects.get().image.open() as file,
        Image.open(file) as stored,
        Image.open(io.BytesIO(sent)) as was,
    ):
        assert stored.convert("RGB").tobytes() == was.tobytes()


def test_commas_nobody_quoted_belong_to_the_name(tmp_path: Path) -> None:
    rows = [line(1, "Puma Men, Set of 3, Blue"), line(2, '"Puma Men, quoted"'), line(3, 'Puma 5" Cap, large')]
    rows += [line(4, '"Puma" Men Cap'), line(5, '"Puma ""Ace"" Cap"')]
    out, _ = run(make_zip(tmp_path / "a.zip", table(rows), photos(1, 2, 3, 4, 5)))
    assert counts(out) == (5, 0, 0, 0)
    names = dict(Product.objects.values_list("sku", "name"))
    assert names["1"] == "Puma Men, Set of 3, Blue"
    assert names["2"] == "Puma Men, quoted"
    assert names["3"] == 'Puma 5" Cap, large'
    assert names["4"] == '"Puma" Men Cap'
    assert names["5"] == 'Puma "Ace" Cap'


def test_bad_rows_are_named_with_line_and_reason_and_stop_nothing(tmp_path: Path) -> None:
    rows = [
        line(1),
        line(2),  # line 3: no photo
        line(3),  # line 4: broken photo
        "4,Men,Apparel",  # line 5
        line(5, ""),  # line 6
        line(1, "Again"),  # line 7
        line("../6"),  # line 8
        line(7, "Puma\0Men"),  # line 9
        line(8, "x" * 201),  # line 10
        line(9, '"Never closed'),  # line 11
        "",  # line 12: nothing there, nothing wrong
        line(10),
        line(11),  # line 14: a photo that is none
        line(12, "y" * 70_000),  # line 15
        line(13),
    ]
    images = photos(1, 3, 5, 7, 8, 9, 10, 13) | {"images/11.jpg": b"<html>"}
    images["images/3.jpg"] = images["images/3.jpg"][:-200]
    path = make_zip(tmp_path / "a.zip", table(rows), images)
    report = tmp_path / "report.csv"
    out, err = run(path, report=report)
    assert counts(out) == (3, 0, 0, 11)
    assert set(Product.objects.values_list("sku", flat=True)) == {"1", "10", "13"}
    with report.open(encoding="utf-8", newline="") as file:
        found = {int(row["line"]): (row["id"], row["reason"], row["detail"]) for row in csv.DictReader(file)}
    assert found[3] == ("2", "it has no photo", "no images/2.jpg")
    assert found[4][:2] == ("3", "its photo is not one the shop takes")
    assert "damaged" in found[4][2]
    assert found[5] == ("4", "too few values", "3 of 10")
    assert found[6] == ("5", "a value is missing", "name")
    assert found[7] == ("1", "its id was there before", "")
    assert found[8][1] == "the id is no plain name"
    assert found[9] == ("7", "unreadable characters", "name")
    assert found[10] == ("8", "a value is too long", "name: 201 of 200")
    assert found[11] == ("9", "a quotation mark opens and never closes", "")
    assert found[14][1] == "its photo is not one the shop takes"
    assert found[15][1] == "the line is too long"
    assert "line 3 (id '2'): it has no photo: no images/2.jpg" in err
    assert "2 left out: its photo is not one the shop takes" in out


def test_only_the_first_bad_rows_are_told_in_full(tmp_path: Path) -> None:
    path = make_zip(tmp_path / "a.zip", table([line(n) for n in range(60)]), photos(59))
    out, err = run(path)
    assert counts(out) == (1, 0, 0, 59)
    assert err.count("it has no photo") == 20
    assert "--report" in err


def test_a_quoted_value_may_run_over_lines(tmp_path: Path) -> None:
    path = make_zip(tmp_path / "a.zip", table([line(1, '"Puma Men\nBlue Shirt"'), line(2)]), photos(1, 2))
    assert counts(run(path)[0]) == (2, 0, 0, 0)
    assert Product.objects.get(sku="1").name == "Puma Men Blue Shirt"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_any_encoding_a_spreadsheet_writes_is_read(tmp_path: Path, encoding: str) -> None:
    path = make_zip(tmp_path / "a.zip", table([line(1, "Café Zoë Women Kleid – blau")], encoding=encoding), photos(1))
    assert counts(run(path)[0]) == (1, 0, 0, 0)
    assert Product.objects.get().name == "Café Zoë Women Kleid – blau"


def test_a_line_in_another_encoding_than_the_rest_is_read_too(tmp_path: Path) -> None:
    data = table([line(1, "Café"), "@"]).replace(b"@", line(2, "Zoë – blau").encode("cp1252"))
    run(make_zip(tmp_path / "a.zip", data, photos(1, 2)))
    assert dict(Product.objects.values_list("sku", "name")) == {"1": "Café", "2": "Zoë – blau"}


def test_bytes_that_are_no_text_are_named(tmp_path: Path) -> None:
    data = table([line(1), "@", line(3)]).replace(b"@", line(2, "bad").encode() + b"\x81\x8d")
    out, err = run(make_zip(tmp_path / "a.zip", data, photos(1, 2, 3)))
    assert counts(out) == (2, 0, 0, 1)
    assert "line 3 (id '2'): unreadable characters" in err


def test_windows_line_ends_and_na_are_understood(tmp_path: Path) -> None:
    data = table([line(1, colour="NA", usage="", season="n/a")]).replace(b"\n", b"\r\n")
    run(make_zip(tmp_path / "a.zip", data, photos(1)))
    product = Product.objects.get()
    assert (product.colour, product.usage, product.season) == ("", "", "")


def test_the_report_cannot_run_as_a_formula(tmp_path: Path) -> None:
    rows = [line("=cmd|'/c calc'!A1"), line("+1"), line("@x")]
    report = tmp_path / "report.csv"
    run(make_zip(tmp_path / "a.zip", table(rows), {}), report=report)
    with report.open(encoding="utf-8", newline="") as file:
        cells = [cell for row in csv.reader(file) for cell in row]
    assert "'=cmd|'/c calc'!A1" in cells
    assert not [cell for cell in cells if cell.startswith(("=", "+", "@", "-"))]


def test_formulas_in_a_name_are_only_text(tmp_path: Path) -> None:
    run(make_zip(tmp_path / "a.zip", table([line(1, '=HYPERLINK("x")')]), photos(1)))
    assert Product.objects.get().name == '=HYPERLINK("x")'


def test_a_limit_counts_products_not_rows(tmp_path: Path) -> None:
    path = make_zip(tmp_path / "a.zip", table([line(n) for n in range(10)]), photos(1, 3, 5, 7, 9))
    assert counts(run(path, limit=2)[0])[0] == 2
    assert set(Product.objects.values_list("sku", flat=True)) == {"1", "3"}
    assert counts(run(path, limit=4)[0])[:3] == (2, 0, 2)
    with pytest.raises(CommandError):
        call_command("import_inventory", str(path), "--limit", "0")


def test_a_spread_takes_products_from_all_over_the_list(tmp_path: Path) -> None:
    kinds = ("Apparel,Topwear,Tshirts", "Footwear,Shoes,Heels", "Accessories,Watches,Watches")
    rows = [line(f"{number}{place}", kind=kind) for place, kind in enumerate(kinds) for number in range(20)]
    path = make_zip(tmp_path / "a.zip", table(rows), photos(*(row.split(",")[0] for row in rows)))
    assert counts(run(path, limit=18, spread=True)[0]) == (18, 0, 0, 0)
    eighteen = set(Product.objects.values_list("sku", flat=True))
    shares = [sum(sku.endswith(str(place)) for sku in eighteen) for place in range(3)]
    assert min(shares) >= 3, shares
    assert counts(run(path, limit=18, spread=True)[0]) == (0, 0, 18, 0), "always the same ones"
    assert counts(run(path, limit=24, spread=True)[0]) == (6, 0, 18, 0), "a larger part holds the smaller one"


def test_a_spread_makes_up_for_rows_that_are_refused_and_names_each_once(tmp_path: Path) -> None:
    rows = [line(n) for n in range(30)] + ["x,too,few"]
    path = make_zip(tmp_path / "a.zip", table(rows), photos(*range(0, 30, 2)))
    assert counts(run(path, limit=15, spread=True)[0])[:3] == (15, 0, 0)
    assert counts(run(path, limit=31, spread=True)[0]) == (0, 0, 15, 16)


def test_prices_and_stock_follow_from_the_sku_and_suit_the_article(tmp_path: Path) -> None:
    kinds = {"Watches": "Accessories,Watches,Watches", "Socks": "Accessories,Socks,Socks"}
    rows = [line(f"{kind}{n}", kind=path) for kind, path in kinds.items() for n in range(60)]
    source = make_zip(tmp_path / "a.zip", table(rows), photos(*[row.split(",")[0] for row in rows]))
    run(source)
    first = dict(Product.objects.values_list("sku", "price")), dict(Product.objects.values_list("sku", "stock"))
    prices = {kind: [p for sku, p in first[0].items() if sku.startswith(kind)] for kind in kinds}
    assert Decimal(34) <= min(prices["Watches"]) < max(prices["Watches"]) <= Decimal(250)
    assert Decimal(2) <= min(prices["Socks"]) < max(prices["Socks"]) <= Decimal(15)
    assert 0 < sum(stock == 0 for stock in first[1].values()) < 30
    for product in Product.objects.all():
        product.delete()
    run(source)
    assert first == (
        dict(Product.objects.values_list("sku", "price")),
        dict(Product.objects.values_list("sku", "stock")),
    )


def test_brands_are_learned_from_the_names(tmp_path: Path) -> None:
    names = ["Lino Perros Women Red Bag", "Lino Perros Women Bag", "Lino Perros Women Belt", "Lino Perros Leather Belt"]
    names += ["Lee Men Jeans"] * 4 + ["LEE Jeans"] + ["Lee Cooper Men Shoe"] * 3 + ["A Plain Thing"]
    rows = [line(n, name) for n, name in enumerate(names)]
    run(make_zip(tmp_path / "a.zip", table(rows), photos(*range(len(names)))))
    brands = [brand for _, brand in sorted((int(s), b) for s, b in Product.objects.values_list("sku", "brand"))]
    assert brands == ["Lino Perros"] * 4 + ["Lee"] * 5 + ["Lee Cooper"] * 3 + [""]


def test_two_products_never_share_an_address(tmp_path: Path) -> None:
    make_product(None, slug="puma-1", name="Puma")
    path = make_zip(
        tmp_path / "a.zip", table([line("1", "Puma"), line("A.1", "X"), line("A-1", "X a")]), photos(1, "A.1", "A-1")
    )
    assert counts(run(path)[0]) == (3, 0, 0, 0)
    assert Product.objects.values("slug").distinct().count() == 4


def test_a_name_without_latin_letters_still_has_an_address(tmp_path: Path) -> None:
    run(make_zip(tmp_path / "a.zip", table([line(1, "连衣裙", kind="服装,上衣,衬衫")]), photos(1)))
    product = Product.objects.get()
    assert product.slug == "1"
    assert re.fullmatch(r"(c-[0-9a-f]{10}/?){3}", product.category.path)


# What is refused as a whole


def test_a_path_that_leads_nowhere_is_said(tmp_path: Path) -> None:
    assert "There is no folder or zip file" in refused(tmp_path / "nothing.zip")


def test_a_file_that_is_no_zip_is_said(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(b"hello" * 1000)
    assert "not a zip file" in refused(path)
    path.write_bytes(b"")
    assert "not a zip file" in refused(path)


def test_half_a_download_is_said(tmp_path: Path) -> None:
    path = three(tmp_path)
    path.write_bytes(path.read_bytes()[:-300])
    assert "not a complete one" in refused(path)


def test_a_zip_or_folder_without_styles_csv_is_said(tmp_path: Path) -> None:
    assert "There is no styles.csv" in refused(make_zip(tmp_path / "a.zip", None, photos(1)))
    (tmp_path / "empty").mkdir()
    assert "There is no styles.csv" in refused(tmp_path / "empty")


@pytest.mark.parametrize(
    ("csv_bytes", "words"),
    [
        (b"", "empty"),
        (b"\n\n", "empty"),
        (b"id,name\n1,shirt\n", "lacks gender, mastercategory"),
        (table([line(1)], HEADER.replace("articleType", "type")), "lacks articletype"),
        (HEADER.replace(",", ";").encode(), "lacks id"),
        (b"x" * 200_000, "lacks id"),
    ],
)
def test_a_table_without_its_columns_is_said(tmp_path: Path, csv_bytes: bytes, words: str) -> None:
    assert words in refused(make_zip(tmp_path / "a.zip", csv_bytes, photos(1)))


def test_columns_may_stand_in_another_order_and_others_beside_them(tmp_path: Path) -> None:
    header = "productDisplayName,ID,gender,masterCategory,subCategory,articleType,baseColour,season,usage,extra"
    path = make_zip(
        tmp_path / "a.zip", table(['"A, B",1,Men,Apparel,Topwear,Shirts,Blue,Fall,Casual,z'], header), photos(1)
    )
    assert counts(run(path)[0]) == (1, 0, 0, 0)
    assert Product.objects.get().name == "A, B"


@pytest.mark.parametrize(
    "name", ["../evil.jpg", "images/../../evil.jpg", "/etc/evil.jpg", "C:/evil.jpg", "a\\..\\..\\evil.jpg"]
)
def test_a_zip_whose_files_lead_out_of_it_is_refused(tmp_path: Path, name: str) -> None:
    reason = refused(make_zip(tmp_path / "a.zip", table([line(1)]), photos(1) | {name: photo("red")}))
    assert "leads out of its folder" in reason
    assert "evil.jpg" in reason


def test_a_zip_with_a_link_in_it_is_refused(tmp_path: Path) -> None:
    path = three(tmp_path)
    link = zipfile.ZipInfo("images/9.jpg")
    link.external_attr = 0o120777 << 16
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(link, "/etc/passwd")
    assert "images/9.jpg' is a link" in refused(path)


def test_an_encrypted_zip_is_refused(tmp_path: Path) -> None:
    path = three(tmp_path)
    data = bytearray(path.read_bytes())
    at = data.rindex(b"PK\x01\x02")
    data[at + 8] |= 1
    path.write_bytes(data)
    assert "is encrypted" in refused(path)


def test_a_zip_bomb_is_refused_unopened(tmp_path: Path) -> None:
    bomb = make_zip(tmp_path / "a.zip", table([line(1)]), {"images/1.jpg": bytes(31 * 1024 * 1024)})
    assert "images/1.jpg' says it is a photo of 32,505,856 bytes" in refused(bomb)
    bomb = make_zip(tmp_path / "b.zip", table([line(1)]), {"images/1.jpg": bytes(5 * 1024 * 1024)})
    assert "images/1.jpg' would unpack" in refused(bomb)
    bomb = make_zip(tmp_path / "c.zip", table([line(1)]), {"notes.txt": bytes(5 * 1024 * 1024)})
    assert "notes.txt' would unpack" in refused(bomb)
    many = make_zip(tmp_path / "d.zip", table([line(1)]), {f"images/{n}.jpg": bytes(1024 * 1024) for n in range(110)})
    assert "would unpack to" in refused(many)


def test_a_table_of_half_a_gigabyte_is_refused(tmp_path: Path) -> None:
    folder = make_folder(tmp_path / "set", table([line(1)]), photos(1))
    with (folder / "styles.csv").open("r+b") as file:
        file.truncate(501 * 1024 * 1024)
    assert "larger than 500 MB" in refused(folder)
    path = make_zip(tmp_path / "a.zip", table([line(1)]), photos(1))
    data = path.read_bytes()
    at = data.index(b"PK\x01\x02") + 24
    path.write_bytes(data[:at] + struct.pack("<I", 501 * 1024 * 1024) + data[at + 4 :])
    assert "styles.csv' says it is a table" in refused(path)


def test_a_zip_that_says_it_holds_millions_of_files_is_not_even_listed(tmp_path: Path) -> None:
    path = three(tmp_path)
    data = path.read_bytes()
    at = data.rindex(b"PK\x05\x06")
    path.write_bytes(data[: at + 12] + struct.pack("<I", 300 * 1024 * 1024) + data[at + 16 :])
    assert "at most 1,000,000 are read" in refused(path)
    record = struct.pack("<4sQHHIIQQQQ", b"PK\6\6", 44, 45, 45, 0, 0, 2_000_000, 2_000_000, 10**8, 0)
    locator = struct.pack("<4sIQI", b"PK\6\7", 0, at, 1)
    path.write_bytes(data[:at] + record + locator + data[at:])
    assert "says it holds 2,000,000 files" in refused(path)


def test_a_damaged_table_is_noticed_before_anything_is_imported(tmp_path: Path) -> None:
    path = make_zip(tmp_path / "a.zip", table([line(n) for n in range(3000)]), photos(1))
    data = bytearray(path.read_bytes())
    data[3000] ^= 0xFF
    path.write_bytes(data)
    assert "styles.csv is damaged" in refused(path)


def test_a_damaged_photo_in_a_zip_costs_only_its_row(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("styles.csv", table([line(1), line(2)]))
        for name, data in photos(1, 2).items():
            archive.writestr(name, data)
    raw = bytearray(path.read_bytes())
    raw[raw.index(photo("red")) + 300] ^= 0xFF
    path.write_bytes(raw)
    out, err = run(path)
    assert counts(out) == (1, 0, 0, 1)
    assert "line 2 (id '1'): its photo cannot be read" in err


# When the shop itself gives way


def test_a_full_disk_stops_the_import_and_leaves_no_files_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save = FileSystemStorage.save
    saved: list[str | None] = []

    def full(self: FileSystemStorage, name: str | None, content: Any, max_length: int | None = None) -> str:
        if (name or "").startswith("products/") and len(saved) == 3:
            raise OSError(28, "No space left on device")
        saved.append(name)
        return save(self, name, content, max_length)

    monkeypatch.setattr(FileSystemStorage, "save", full)
    path = make_zip(tmp_path / "a.zip", table([line(n) for n in range(6)]), photos(*range(6)))
    assert "No space left on device" in refused(path)


def test_a_batch_that_meets_another_import_is_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write, tries = Importer._write, []

    def meets_another(self: Importer, items: Any, outcome: Any) -> None:
        write(self, items, outcome)
        tries.append(1)
        if len(tries) == 1:
            raise IntegrityError("UNIQUE constraint failed: catalog_product.sku")

    monkeypatch.setattr(Importer, "_write", meets_another)
    assert counts(run(three(tmp_path))[0]) == (3, 0, 0, 0)
    assert len(tries) == 2
    assert Product.objects.count() == ProductImage.objects.count() == 3
    assert len({name for name in files() if name.startswith("products/")}) == 3


def test_ctrl_c_keeps_what_is_done_and_leaves_nothing_half_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("catalog.management.commands.import_inventory.BATCH", 2)
    write, batches = Importer._write, []

    def interrupted(self: Importer, items: Any, outcome: Any) -> None:
        batches.append(1)
        if len(batches) == 2:
            raise KeyboardInterrupt
        write(self, items, outcome)

    monkeypatch.setattr(Importer, "_write", interrupted)
    path = make_zip(tmp_path / "a.zip", table([line(n) for n in range(6)]), photos(*range(6)))
    with pytest.raises(CommandError, match="Stopped") as caught:
        run(path)
    assert caught.value.returncode == 130
    assert Product.objects.count() == 2
    assert len({name for name in files() if name.startswith("products/")}) == 2
    assert counts(run(path)[0]) == (4, 0, 2, 0)


def test_a_report_that_cannot_be_written_is_said_first(tmp_path: Path) -> None:
    assert "No such file" in refused(three(tmp_path), report=tmp_path / "missing" / "report.csv")


# The published set


@pytest.mark.skipif(not REAL.is_file(), reason=f"no published inventory at {REAL}; VOGUE_TEST_INVENTORY names one")
def test_the_published_set_comes_in_and_a_second_run_is_fast() -> None:
    started = time.monotonic()
    out, err = run(REAL, limit=400)
    assert counts(out) == (400, 0, 0, 0)
    assert "line " not in err
    assert time.monotonic() - started < 60
    assert Product.objects.filter(brand="").count() < 40
    assert Product.objects.filter(brand="Nike").count() > 10
    started = time.monotonic()
    assert counts(run(REAL, limit=400)[0]) == (0, 0, 400, 0)
    assert time.monotonic() - started < 20
