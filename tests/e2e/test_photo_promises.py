"""What the page of photo search promises, sentence by sentence, where the other tests of it do not look already."""

from __future__ import annotations

import io
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from tests.e2e.shop import Shop
from tests.e2e.test_browser import fits, watch
from tests.e2e.test_photo_search import FORM_INPUT, KEEP_SENT, PICKED, found, phone, pick, uploads

pytestmark = [pytest.mark.network, pytest.mark.browser]
#: A busy machine reads the first photo slowly: the network is loaded then.
PATIENCE = 30_000
#: filter → what the shop's JSON says of a product that fits.
FITS: dict[str, Callable[[dict[str, Any], str], bool]] = {
    "Category": lambda product, value: f"{product['category']['path']}/".startswith(f"{value}/"),
    "For": lambda product, value: product["gender"] == value,
    "Colour": lambda product, value: product["colour"] == value,
    "Price": lambda product, value: float(product["price"]) <= float(value),
    "Stock": lambda product, _value: product["in_stock"],
}
PARAMS = {"Category": "category", "For": "gender", "Colour": "colour", "Price": "price_max", "Stock": "in_stock"}


@pytest.fixture(scope="module")
def shop(prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    folder = tmp_path_factory.mktemp("promises") / "shop"
    shutil.copytree(prepared, folder)
    shop = Shop(folder)
    shop.start("web")
    yield shop
    shop.stop()


@pytest.fixture(scope="module")
def products(shop: Shop) -> dict[str, dict[str, Any]]:
    """All products, by their names on cards."""
    return {each["name"]: each for each in shop.get("/api/v1/products/?page_size=100").json()["results"]}


@pytest.fixture(scope="module")
def photo(shop: Shop, products: dict[str, dict[str, Any]], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A photo of the shop's first product."""
    path = tmp_path_factory.mktemp("photo") / "photo.jpg"
    source = shop.get(next(iter(products.values()))["image"]).body
    Image.open(io.BytesIO(source)).convert("RGB").save(path, quality=95)
    return path


@pytest.fixture
def desk(chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context(viewport={"width": 1280, "height": 800})
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("width", [360, 1280])
def test_at_once_there_are_the_photo_cards_to_come_and_words_of_what_happens(
    shop: Shop, chromium: Browser, photo: Path, width: int
) -> None:
    context = phone(chromium) if width == 360 else chromium.new_context(viewport={"width": width, "height": 800})
    page = context.new_page()
    held: list[Any] = []
    page.route(
        "**/search/photo/", lambda route: held.append(route) if route.request.method == "POST" else route.continue_()
    )
    page.goto(shop.address)
    pick(page, photo)
    # The server has said nothing yet.
    expect(page.locator(".crop-frame img")).to_be_visible()
    assert page.locator(".crop-frame img").get_attribute("src").startswith("blob:")  # type: ignore[union-attr]
    expect(page.locator(".skeleton").first).to_be_visible()
    assert page.locator(".skeleton").count() == 8
    expect(page.locator("[data-photo-live]")).to_have_text("Looking for what is like your photo")
    expect(page.locator("#cards")).to_have_count(0)
    before = page.locator('[data-part="answer"]').bounding_box()
    fits(page, width, javascript=True)
    # Cards come where their places were.
    held[0].continue_()
    found(page)
    expect(page.locator(".skeleton")).to_have_count(0)
    after = page.locator('[data-part="answer"]').bounding_box()
    assert before
    assert after
    assert abs(before["x"] - after["x"]) < 1
    context.close()


def test_a_photo_taken_with_the_camera_is_searched_with_in_the_same_way(
    shop: Shop, chromium: Browser, photo: Path, products: dict[str, dict[str, Any]]
) -> None:
    context = phone(chromium)
    page = context.new_page()
    page.add_init_script(KEEP_SENT)
    page.goto(shop.address)
    page.locator("header [data-photo-open]").click()
    page.locator("#picker-camera").set_input_files(photo)
    assert found(page)[0] == next(iter(products))
    assert page.evaluate("window.sentPhoto")  # in the field ``image``, as any other
    context.close()


def test_each_filter_narrows_the_results_without_a_new_upload(
    shop: Shop, desk: Page, photo: Path, products: dict[str, dict[str, Any]]
) -> None:
    problems, sent = watch(desk), uploads(desk)
    desk.goto(shop.address)
    pick(desk, photo)
    everything = found(desk)
    for heading, right in FITS.items():
        link = desk.locator(".facet").filter(has=desk.locator("h3", has_text=heading)).locator("li a").first
        count = int(link.locator(".facet-count").inner_text())
        link.click()
        expect(desk.locator(".chips .chip").first).to_be_visible(timeout=PATIENCE)
        names = found(desk)
        value = dict(part.split("=") for part in desk.url.split("?")[1].split("&"))[PARAMS[heading]].replace("%2F", "/")
        assert len(names) == min(24, count), heading
        assert all(right(products[name], value.replace("+", " ")) for name in names), (heading, value, names)
        desk.locator(".chips .chip").first.click()
        expect(desk.locator(".chips")).to_have_count(0, timeout=PATIENCE)
        assert found(desk) == everything
    assert len(sent) == 1
    assert not problems, problems


def test_results_are_put_in_order_of_likeness_price_and_newness(
    shop: Shop, desk: Page, photo: Path, products: dict[str, dict[str, Any]]
) -> None:
    desk.goto(shop.address)
    pick(desk, photo)
    alike = found(desk)
    scores = desk.locator("#cards > li").evaluate_all("(cards) => cards.map((card) => Number(card.dataset.likeness))")
    assert scores == sorted(scores, reverse=True)
    orders: dict[str, Callable[[dict[str, Any]], float]] = {
        "Highest price": lambda product: -float(product["price"]),
        "Newest": lambda product: -int(product["id"]),
    }
    for label, key in orders.items():
        desk.locator(".orders a", has_text=label).click()
        expect(desk.locator(".orders [aria-current]")).to_have_text(label, timeout=PATIENCE)
        keys = [key(products[name]) for name in found(desk)]
        assert keys == sorted(keys)
    desk.go_back()
    expect(desk.locator(".orders [aria-current]")).to_have_text("Highest price", timeout=PATIENCE)
    desk.go_back()
    expect(desk.locator(".orders [aria-current]")).to_have_text("Likeness", timeout=PATIENCE)
    assert found(desk) == alike


def test_every_card_says_in_words_how_close_it_is(shop: Shop, desk: Page, photo: Path) -> None:
    desk.goto(shop.address)
    pick(desk, photo)
    found(desk)
    cards = desk.locator("#cards > li")
    words = [card.locator(".level").inner_text().strip() for card in cards.all()]
    assert all(words)
    # No figures: a shopper cannot weigh 0.83.
    assert not any(character.isdigit() for said in words for character in said)
    levels = [card.get_attribute("data-level") for card in cards.all()]
    ranked = ["same", "close", "similar", "none"]
    assert [ranked.index(level or "") for level in levels] == sorted(ranked.index(level or "") for level in levels)
    assert levels[0] in {"same", "close"}
    expect(desk.locator("#match p").first).not_to_be_empty()


def test_forgotten_on_request_a_photo_is_gone_for_everybody(shop: Shop, desk: Page, photo: Path) -> None:
    desk.goto(shop.address)
    pick(desk, photo)
    found(desk)
    address = desk.url.removeprefix(shop.address)
    assert shop.get(address).status == 200
    desk.get_by_role("button", name="Forget it now").click()
    expect(desk.locator("main")).to_contain_text("Your photo is forgotten.", timeout=PATIENCE)
    answer = shop.get(address)
    assert answer.status == 410
    assert "We no longer have this photo" in answer.text


def test_a_photo_never_reaches_the_disk(shop: Shop, desk: Page, photo: Path) -> None:
    def files() -> dict[Path, bytes]:
        found: dict[Path, bytes] = {}
        for path in shop.folder.rglob("*"):
            # A file of SQLite's may be gone again by now.
            with suppress(FileNotFoundError, IsADirectoryError):
                found[path] = path.read_bytes()
        return found

    desk.goto(shop.address)
    before = files()
    pick(desk, photo)
    found(desk)
    desk.locator(".facet li a").first.click()
    expect(desk.locator(".chips .chip").first).to_be_visible(timeout=PATIENCE)
    # Whatever the shop writes on the way (its log, its database), no file has come that could hold a picture.
    start = photo.read_bytes()[:2] + b"\xff\xe0"
    for path, content in files().items():
        if before.get(path) != content:
            assert start not in content, path


def test_after_its_time_a_photo_is_forgotten_by_itself(
    open_shop: Callable[..., Shop], chromium: Browser, photo: Path
) -> None:
    shop = open_shop()
    shop.start("web", env={"VOGUE_HOLD_SECONDS": "4"})
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{shop.address}/search/photo/")
    page.locator(FORM_INPUT).set_input_files(photo)
    page.locator("[data-photo-form] button").click()
    expect(page.locator("#cards .card-name").first).to_be_visible(timeout=PATIENCE)
    token = page.locator("[data-photo-view]").get_attribute("data-photo")
    assert token
    time.sleep(5)
    page.goto(f"{shop.address}/search/photo/?photo={token}")
    expect(page.locator("#id_image_error")).to_contain_text("We no longer have this photo")
    expect(page.locator(FORM_INPUT)).to_be_focused()
    context.close()


def test_while_the_shop_is_not_read_yet_the_page_says_so_and_keeps_the_photo(
    new_shop: Callable[..., Shop], chromium: Browser, photo: Path
) -> None:
    shop = new_shop()
    shop.manage("migrate")
    shop.manage("collectstatic", "--noinput")
    shop.start("web")
    for javascript in (True, False):
        context = chromium.new_context(java_script_enabled=javascript)
        page = context.new_page()
        page.goto(f"{shop.address}/search/photo/")
        with page.expect_response(lambda response: response.request.method == "POST") as answer:
            page.locator(FORM_INPUT).set_input_files(photo)
            if not javascript:
                page.locator("[data-photo-form] button").click()
        assert answer.value.status == 503
        assert answer.value.headers["retry-after"] == "60"
        told = page.locator(".photo-side [data-photo-error] p.field-error" if javascript else '.notice[role="alert"]')
        expect(told).to_contain_text("Photo search is not ready yet", timeout=PATIENCE)
        if javascript:
            expect(told).to_be_focused()
            expect(page.locator(".crop-frame img")).to_be_visible()
            expect(page.locator("[data-photo-again]")).to_be_visible()
        context.close()


HEIC = b"\0\0\0\x18ftypheic" + bytes(4000)


BAD = {
    "photo.heic": (HEIC, "iPhone HEIC"),
    "words.jpg": (b"no photo at all", "JPEG, PNG or WebP"),
    "large.jpg": (b"\xff\xd8\xff" + bytes(12 * 1024 * 1024), "larger than 10 MB"),
}


@pytest.mark.parametrize("name", BAD)
def test_without_javascript_too_an_error_stands_beside_the_field_and_the_form_is_kept(
    shop: Shop, chromium: Browser, tmp_path: Path, name: str
) -> None:
    data, words = BAD[name]
    context = chromium.new_context(viewport={"width": 360, "height": 740}, java_script_enabled=False)
    page = context.new_page()
    path = tmp_path / name
    path.write_bytes(data)
    page.goto(f"{shop.address}/search/photo/")
    page.locator("details.filters summary").click()
    page.locator("[data-photo-form] #id_in_stock").check()
    page.locator(FORM_INPUT).set_input_files(path)
    page.locator("[data-photo-form] button").click()
    told = page.locator("#id_image_error")
    expect(told).to_contain_text(words, timeout=PATIENCE)
    assert told.get_attribute("role") == "alert"
    field = page.locator(FORM_INPUT)
    assert "id_image_error" in (field.get_attribute("aria-describedby") or "")
    expect(field).to_be_focused()
    # A body that is too large is not read, so its choices are not known.
    if name != "large.jpg":
        assert page.locator("[data-photo-form] #id_in_stock").is_checked()
    expect(page.locator(".ways-on a").first).to_be_visible()
    context.close()


def test_a_picture_in_the_clipboard_that_is_no_file_of_a_photo_is_left_alone(shop: Shop, desk: Page) -> None:
    sent = uploads(desk)
    desk.goto(f"{shop.address}/products/")
    desk.evaluate(
        """() => {
          const carried = new DataTransfer();
          carried.setData("text/plain", "a red shirt");
          document.body.dispatchEvent(
            new ClipboardEvent("paste", { bubbles: true, cancelable: true, clipboardData: carried }));
        }"""
    )
    desk.locator("#site-search").fill("shirt")
    expect(desk.locator("h1")).to_have_text("All products")
    assert sent == []


def test_the_picker_is_left_with_escape_its_button_or_a_click_beside_it(shop: Shop, desk: Page) -> None:
    desk.goto(shop.address)
    camera, picker = desk.locator("header [data-photo-open]"), desk.locator("[data-photo-picker]")
    ways: list[Callable[[], None]] = [
        lambda: desk.keyboard.press("Escape"),
        lambda: picker.get_by_role("button", name="Close").click(),
        lambda: desk.mouse.click(5, 5),
    ]
    for leave in ways:
        camera.click()
        expect(picker).to_be_visible()
        expect(desk.locator(PICKED)).to_be_attached()
        leave()
        expect(picker).to_be_hidden()
        expect(camera).to_be_focused()
