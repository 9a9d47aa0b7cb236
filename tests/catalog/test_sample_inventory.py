"""The drawn inventory: enough of everything, the same each time, and photos as a shop has them."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from numpy.typing import NDArray
from PIL import Image

from catalog.models import Category, Product, ProductImage
from catalog.sample import photos
from catalog.sample.inventory import BRANDS, FAMILIES, LARGEST, plan
from catalog.sample.kinds import KINDS
from catalog.sample.look import Look
from catalog.sample.palette import COLOURS, PARTNERS
from catalog.sample.patterns import PATTERNS
from catalog.sample.photos import Order, draw, draw_all, draw_photo
from tests.factories import add_photo

DEFAULT = 384
TEE = Order(Look("t-shirt", "Red", seed=5), "front")


def create(count: int = 4, seed: int = 1) -> str:
    """Run the command in this process; return what it says."""
    said = io.StringIO()
    call_command("create_sample_inventory", count=count, seed=seed, workers=1, stdout=said, stderr=io.StringIO())
    return said.getvalue()


def files() -> dict[str, tuple[int, bytes]]:
    """Return the stored photos: when each was written, and what is in it."""
    folder = Path(default_storage.path("products"))
    return {str(path): (path.stat().st_mtime_ns, path.read_bytes()) for path in sorted(folder.rglob("*.webp"))}


@pytest.fixture(scope="module")
def front_of_each_kind() -> dict[str, Image.Image]:
    """One product of each kind, drawn once for all tests here."""
    first: dict[str, Order] = {}
    for product in plan(DEFAULT, 1):
        first.setdefault(product.orders[0].look.kind, product.orders[0])
    return {kind: draw(order) for kind, order in first.items()}


# What there is


def test_the_shop_has_enough_of_everything() -> None:
    products = plan(DEFAULT, 1)
    looks = [product.orders[0].look for product in products]

    assert len(products) == DEFAULT
    assert {look.kind for look in looks} == set(KINDS)
    assert len(KINDS) >= 16
    assert len({product.colour for product in products}) >= 14
    assert len({look.pattern for look in looks}) >= 7
    assert {product.gender for product in products} == {"Women", "Men", "Unisex"}
    assert len({product.brand for product in products}) >= 8
    assert {product.brand for product in products} <= set(BRANDS)


def test_every_design_comes_in_several_colours() -> None:
    colours: dict[str, set[str]] = {}
    for product in plan(DEFAULT, 1):
        colours.setdefault(product.name.split()[0], set()).add(product.colour)

    assert len(colours) == len(FAMILIES)
    assert all(len(of_one) >= 4 for of_one in colours.values())


def test_no_two_products_look_alike_or_share_a_name_and_colour() -> None:
    products = plan(LARGEST, 1)

    assert len({product.sku for product in products}) == LARGEST
    assert len({(product.name, product.colour) for product in products}) == LARGEST
    assert len({product.orders[0].look.seed for product in products}) > LARGEST * 0.99


def test_some_are_sold_out_most_are_not() -> None:
    stock = [product.stock for product in plan(DEFAULT, 1)]

    assert 0 < stock.count(0) < DEFAULT / 5


def test_a_part_of_the_products_has_a_close_up() -> None:
    close_ups = sum(len(product.orders) == 2 for product in plan(DEFAULT, 1))

    assert DEFAULT / 5 < close_ups < DEFAULT / 2


def test_every_line_of_the_table_names_only_what_can_be_drawn() -> None:
    for family in FAMILIES:
        assert family.kind in KINDS
        assert set(family.colours) <= set(COLOURS)
        assert set(family.patterns) <= {*PATTERNS, "plain", "colour block"}
        assert 0 < family.price[0] < family.price[1]
        assert len(set(family.colours)) == len(family.colours) >= 4
    assert all(partner in COLOURS for partners in PARTNERS.values() for partner in partners)


def test_a_longer_inventory_begins_like_a_shorter_one() -> None:
    assert plan(200, 3)[:40] == plan(40, 3)


def test_another_seed_is_another_inventory() -> None:
    assert [product.name for product in plan(40, 1)] != [product.name for product in plan(40, 2)]


@pytest.mark.parametrize("count", [0, LARGEST + 1])
def test_a_count_there_is_not_is_refused(count: int) -> None:
    with pytest.raises(ValueError, match=f"1 to {LARGEST}"):
        plan(count, 1)


# How it is drawn


def test_the_same_order_gives_the_same_bytes() -> None:
    assert draw_photo(TEE) == draw_photo(TEE)


def test_another_seed_lies_differently() -> None:
    assert draw_photo(TEE) != draw_photo(Order(Look("t-shirt", "Red", seed=6), "front"))


def test_a_photo_is_webp_of_600_by_800() -> None:
    with Image.open(io.BytesIO(draw_photo(TEE))) as photo:
        assert (photo.format, photo.size, photo.mode) == ("WEBP", (600, 800), "RGB")


def test_every_kind_lies_whole_on_white_in_the_middle(front_of_each_kind: dict[str, Image.Image]) -> None:
    for kind, photo in front_of_each_kind.items():
        pixels = np.asarray(photo, np.int16)
        edges = (pixels[:6], pixels[-6:], pixels[:, :6], pixels[:, -6:])
        assert min(edge.min() for edge in edges) > 225, f"{kind} touches the edge"
        covered = (pixels.min(axis=2) < 225) | (np.ptp(pixels, axis=2) > 12)
        assert 0.05 < covered.mean() < 0.7, f"{kind} covers {covered.mean():.0%}"
        rows = np.flatnonzero(covered.any(axis=1))
        assert abs((rows[0] + rows[-1]) / 2 - 400) < 45, f"{kind} lies off the middle"


def test_the_product_is_of_its_colour() -> None:
    red, green, blue = np.asarray(draw(TEE), np.float64)[380:480, 250:350].mean(axis=(0, 1))

    assert red > 2 * green
    assert red > 2 * blue


@pytest.fixture(scope="module")
def plain() -> NDArray[np.int16]:
    """An olive T-shirt without a pattern."""
    return np.asarray(draw(Order(Look("t-shirt", "Olive", seed=5), "front")), np.int16)


@pytest.mark.parametrize("pattern", [*PATTERNS, "colour block"])
def test_every_pattern_shows(pattern: str, plain: NDArray[np.int16]) -> None:
    patterned = np.asarray(draw(Order(Look("t-shirt", "Olive", pattern, seed=5), "front")), np.int16)

    assert (np.abs(plain - patterned).max(axis=2) > 25)[200:600, 180:420].mean() > 0.04


def test_a_close_up_is_closer() -> None:
    look = Look("t-shirt", "Navy", "stripes", seed=5)
    front, detail = (np.asarray(draw(Order(look, view)).convert("L"), np.int16) for view in ("front", "detail"))

    def stripes(picture: NDArray[np.int16]) -> int:
        column = picture[450:750, 300] > 128
        return int((column[1:] != column[:-1]).sum())

    assert 0 < stripes(detail) < stripes(front)


def test_worker_processes_draw_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(photos, "WORTH_A_POOL", 1)
    orders = [TEE, Order(Look("belt", "Brown", seed=2), "front")]

    assert list(draw_all(orders, 2)) == list(draw_all(orders, 1))


def test_without_worker_processes_it_draws_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    class Refused:
        def __init__(self, *args: object, **options: object) -> None:
            raise PermissionError("no semaphores here")

    monkeypatch.setattr(photos, "WORTH_A_POOL", 1)
    monkeypatch.setattr(photos, "ProcessPoolExecutor", Refused)

    assert list(draw_all([TEE], 2)) == [draw_photo(TEE)]


# How it gets into the shop


@pytest.mark.django_db
def test_products_are_on_sale_with_their_photos() -> None:
    said = create(4)

    assert said.startswith("4 created, 0 updated, 0 unchanged")
    for item in plan(4, 1):
        product = Product.objects.get(sku=item.sku)
        assert (product.name, product.colour, product.price) == (item.name, item.colour, item.price)
        assert product.category.path.count("/") == len(item.category) - 1
        images = list(product.images.all())
        assert len(images) == len(item.orders)
        assert images[0].alt == item.name
        for image in images:
            with image.image.open("rb") as file, Image.open(file) as photo:
                assert photo.size == (image.width, image.height) == (600, 800)
    assert ProductImage.objects.filter(image="products/sample/1/vg-0001-detail.webp", position=1).count() == 1


@pytest.mark.django_db
def test_running_it_again_changes_nothing() -> None:
    create(4)
    rows = list(Product.objects.order_by("pk").values()), list(ProductImage.objects.order_by("pk").values())
    before, categories = files(), Category.objects.count()

    said = create(4)

    assert said.startswith("0 created, 0 updated, 4 unchanged, 0 photos drawn")
    assert (list(Product.objects.order_by("pk").values()), list(ProductImage.objects.order_by("pk").values())) == rows
    assert files() == before
    assert Category.objects.count() == categories


@pytest.mark.django_db
def test_the_shops_own_price_stock_and_photos_stay() -> None:
    create(2)
    Product.objects.filter(sku="VG-0001").update(price="1.00", stock=77, active=False)
    own = add_photo(Product.objects.get(sku="VG-0001"), "red", position=5)

    create(2)

    product = Product.objects.get(sku="VG-0001")
    assert (str(product.price), product.stock, product.active) == ("1.00", 77, False)
    assert own in product.images.all()


@pytest.mark.django_db
def test_a_photo_cut_short_is_drawn_again() -> None:
    create(1)
    path = Path(default_storage.path("products/sample/1/vg-0001-front.webp"))
    whole = path.read_bytes()
    path.write_bytes(whole[:1000])

    assert "1 photos drawn" in create(1)
    assert path.read_bytes() == whole
    assert ProductImage.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_another_seed_replaces_products_and_photos() -> None:
    create(3)
    create(3, seed=2)

    assert Product.objects.count() == 3
    assert [product.name for product in Product.objects.order_by("sku")] == [item.name for item in plan(3, 2)]
    names = {str(name) for name in ProductImage.objects.values_list("image", flat=True)}
    assert all(name.startswith("products/sample/2/") for name in names)
    assert {default_storage.path(name) for name in names} == set(files())


@pytest.mark.django_db
@pytest.mark.parametrize("arguments", [["--count", "0"], ["--count", "many"], ["--seed", "-1"], ["--workers", "0"]])
def test_a_senseless_number_is_refused(arguments: list[str]) -> None:
    with pytest.raises(CommandError, match="expected a whole number"):
        call_command("create_sample_inventory", *arguments)
