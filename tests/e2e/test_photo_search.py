"""Search by photo as a shopper does it in a real Chromium: by finger, mouse, keyboard, and without JavaScript."""

from __future__ import annotations

import base64
import io
import random
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, Request, expect

from benchmarks.crop import composite
from tests.e2e.shop import Shop
from tests.e2e.test_browser import fits, watch

pytestmark = [pytest.mark.network, pytest.mark.browser]
FORM_INPUT = '[data-photo-form] input[type="file"]'
PICKED = "#picker-photo"
#: Keeps what is sent as ``image``: DevTools do not tell a file's bytes.
KEEP_SENT = """
const send = window.fetch;
window.fetch = async (address, options) => {
  const photo = options?.body?.get?.("image");
  const bytes = photo && new Uint8Array(await photo.arrayBuffer());
  if (photo) window.sentPhoto = btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
  return send(address, options);
};
"""


@dataclass(frozen=True)
class Scene:
    """A photo of two products, who they are, and where."""

    path: Path
    names: list[str]
    places: list[tuple[float, float, float, float]]


@pytest.fixture(scope="module")
def shop(prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    folder = tmp_path_factory.mktemp("photo") / "shop"
    shutil.copytree(prepared, folder)
    shop = Shop(folder)
    shop.start("web")
    yield shop
    shop.stop()


@pytest.fixture(scope="module")
def scene(shop: Shop, tmp_path_factory: pytest.TempPathFactory) -> Scene:
    """Two products as far apart as they come, on one plain ground."""
    products = shop.get("/api/v1/products/?page_size=100").json()["results"]
    pair = [
        next(p for p in products if p["category"]["path"].startswith("clothing") and p["in_stock"]),
        next(p for p in products if p["category"]["path"].startswith("shoes") and p["in_stock"]),
    ]
    pictures = [Image.open(io.BytesIO(shop.get(p["image"]).body)).convert("RGB").resize((600, 800)) for p in pair]
    image, places = composite(pictures, random.Random(2), "plain")
    exif = Image.Exif()
    exif[0x010F] = "a phone"
    path = tmp_path_factory.mktemp("scene") / "scene.jpg"
    image.resize((2048, 1536)).save(path, quality=90, exif=exif)
    return Scene(path, [p["name"] for p in pair], places)


@pytest.fixture
def desk(chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context(viewport={"width": 1280, "height": 800}, color_scheme="light")
    yield context.new_page()
    context.close()


def phone(chromium: Browser) -> BrowserContext:
    return chromium.new_context(viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True)


def pick(page: Page, photo: Path) -> None:
    """Choose a photo with the camera button of whatever page this is."""
    page.locator("header [data-photo-open]").click()
    page.locator(PICKED).set_input_files(photo)


def found(page: Page) -> list[str]:
    """Return the names of the results, once they are there."""
    expect(page.locator("#cards")).to_be_visible(timeout=30_000)
    expect(page.locator('[data-part="answer"]')).not_to_have_attribute("aria-busy", "true", timeout=30_000)
    return page.locator("#cards .card-name").all_inner_texts()


def uploads(page: Page) -> list[Request]:
    """Return the list that the page's uploads of photos will be in."""
    sent: list[Request] = []

    def note(request: Request) -> None:
        if request.method == "POST" and "/search/photo/" in request.url:
            sent.append(request)

    page.on("request", note)
    return sent


def box(page: Page) -> list[float]:
    """Return the box as the number fields say it: left, top, width, height in per cent."""
    return [float(page.locator(f"#crop-{name}").input_value()) for name in ("left", "top", "width", "height")]


@pytest.mark.parametrize("width", [360, 1280])
def test_from_any_page_a_photo_becomes_results_without_a_new_page(
    shop: Shop, chromium: Browser, scene: Scene, width: int
) -> None:
    context = phone(chromium) if width == 360 else chromium.new_context(viewport={"width": width, "height": 800})
    page = context.new_page()
    problems, sent = watch(page), uploads(page)
    page.add_init_script(KEEP_SENT)
    page.goto(f"{shop.address}/products/")
    page.evaluate("window.same = true")
    page.locator("header [data-photo-open]").click()
    camera = page.locator("#picker-camera")
    assert camera.get_attribute("capture") == "environment"
    expect(page.locator("label.picker-camera")).to_be_visible(visible=width == 360)
    expect(page.locator("label", has_text="Choose a photo")).to_be_visible()
    page.locator(PICKED).set_input_files(scene.path)
    expect(page.locator(".crop-frame img")).to_be_visible()
    assert set(scene.names) & set(found(page)[:5])
    assert page.evaluate("window.same")
    assert "/search/photo/?photo=" in page.url
    expect(page).to_have_title("What looks like your photo · Vogue")
    expect(page.locator("[data-photo-live]")).to_contain_text("24 products")
    fits(page, width, javascript=True)
    # What left the browser: small, and nothing but the picture.
    (request,) = sent
    assert request.url == f"{shop.address}/search/photo/"
    with Image.open(io.BytesIO(base64.b64decode(page.evaluate("window.sentPhoto")))) as image:
        assert max(image.size) == 1024
        assert not image.getexif()
    page.go_back()
    expect(page.locator("h1")).to_have_text("All products")
    assert page.url == f"{shop.address}/products/"
    page.go_forward()
    assert len(found(page)) == 24
    assert page.evaluate("window.same")
    assert not problems, problems
    context.close()


def test_the_address_works_again_in_another_tab_and_after_a_reload(shop: Shop, desk: Page, scene: Scene) -> None:
    desk.goto(shop.address)
    pick(desk, scene.path)
    names = found(desk)
    other = desk.context.new_page()
    other.goto(desk.url)
    assert found(other) == names
    expect(other.locator(".crop-box")).to_be_visible()
    desk.reload()
    assert found(desk) == names
    expect(desk.locator(".held")).to_contain_text("held in memory for 15 minutes")


@pytest.mark.parametrize("way", ["drop", "paste"])
def test_a_photo_may_be_dropped_anywhere_or_pasted(shop: Shop, desk: Page, scene: Scene, way: str) -> None:
    desk.goto(f"{shop.address}/products/")
    data = base64.b64encode(scene.path.read_bytes()).decode()
    desk.evaluate(
        """async ([way, data]) => {
          const bytes = Uint8Array.from(atob(data), (c) => c.charCodeAt(0));
          const carried = new DataTransfer();
          carried.items.add(new File([bytes], "photo.jpg", { type: "image/jpeg" }));
          const options = { bubbles: true, cancelable: true };
          const target = document.querySelector("footer");
          if (way === "paste") {
            document.body.dispatchEvent(new ClipboardEvent("paste", { ...options, clipboardData: carried }));
            return;
          }
          target.dispatchEvent(new DragEvent("dragenter", { ...options, dataTransfer: carried }));
          const hint = document.querySelector("[data-photo-drop]");
          window.hinted = !hint.hidden;
          target.dispatchEvent(new DragEvent("dragleave", { ...options, dataTransfer: carried }));
          window.hinted &&= hint.hidden;
          target.dispatchEvent(new DragEvent("dragenter", { ...options, dataTransfer: carried }));
          window.hinted &&= !hint.hidden;
          target.dispatchEvent(new DragEvent("dragover", { ...options, dataTransfer: carried }));
          target.dispatchEvent(new DragEvent("drop", { ...options, dataTransfer: carried }));
        }""",
        [way, data],
    )
    assert set(scene.names) & set(found(desk)[:5])
    if way == "drop":
        assert desk.evaluate("window.hinted")
        expect(desk.locator("[data-photo-drop]")).to_be_hidden()


def test_the_box_is_proposed_and_each_product_is_found_by_its_part_without_a_new_upload(
    shop: Shop, desk: Page, scene: Scene
) -> None:
    sent = uploads(desk)
    desk.goto(shop.address)
    pick(desk, scene.path)
    first = found(desk)[0]
    assert first in scene.names
    assert 0 < box(desk)[2] < 80
    desk.locator(".parts a").filter(has_text="part").nth(1).click()
    other = scene.names[1 - scene.names.index(first)]
    expect(desk.locator("#cards .card-name").first).to_have_text(other)
    assert len(sent) == 1


def test_the_box_is_moved_and_resized_by_mouse_keyboard_and_numbers(shop: Shop, desk: Page, scene: Scene) -> None:
    sent = uploads(desk)
    desk.goto(shop.address)
    pick(desk, scene.path)
    found(desk)
    desk.locator(".crop-numbers summary").click()
    # Mouse: from the whole photo, a new box around the second product.
    desk.locator(".parts a").first.click()
    expect(desk.locator(".crop-box.crop-whole")).to_be_visible()
    found(desk)
    frame = desk.locator(".crop-frame").bounding_box()
    assert frame
    x, y, w, h = scene.places[1]
    # From its corner nearest the middle: at the photo's own corners are the handles of the whole.
    across, down = (sorted((low, low + size), key=lambda at: abs(at - 0.5)) for low, size in ((x, w), (y, h)))
    (from_x, to_x), (from_y, to_y) = across, down
    desk.mouse.move(frame["x"] + frame["width"] * from_x, frame["y"] + frame["height"] * from_y)
    desk.mouse.down()
    desk.mouse.move(frame["x"] + frame["width"] * to_x, frame["y"] + frame["height"] * to_y, steps=4)
    desk.mouse.up()
    # Asked for a moment after the hand has let go: not what is there now, but what comes.
    expect(desk.locator("#cards .card-name").first).to_have_text(scene.names[1], timeout=30_000)
    for got, wanted in zip(box(desk), (x, y, w, h), strict=True):
        assert abs(got - 100 * wanted) < 2
    # Mouse: one corner.
    before = box(desk)
    corner = desk.locator(".crop-se").bounding_box()
    assert corner
    desk.mouse.move(corner["x"] + corner["width"] / 2, corner["y"] + corner["height"] / 2)
    desk.mouse.down()
    desk.mouse.move(corner["x"] + corner["width"] / 2 - 20, corner["y"] + corner["height"] / 2 - 20, steps=3)
    desk.mouse.up()
    after = box(desk)
    assert after[:2] == pytest.approx(before[:2], abs=0.2)
    assert after[2] < before[2] - 3
    # Keyboard: the box moves, then a corner.
    found(desk)
    desk.locator(".crop-box").focus()
    before = box(desk)
    desk.keyboard.press("ArrowLeft")
    # An answer writes whole per cents into the fields, a moving box tenths.
    assert box(desk) == pytest.approx([before[0] - 2, *before[1:]], abs=0.6)
    desk.keyboard.press("Shift+ArrowDown")
    assert box(desk)[3] == pytest.approx(before[3] + 2, abs=0.6)
    desk.locator(".crop-nw").focus()
    desk.keyboard.press("ArrowRight")
    assert box(desk)[2] == pytest.approx(before[2] - 2, abs=0.6)
    # Numbers: the first product, and the fields keep what was typed.
    for name, value in zip(("left", "top", "width", "height"), scene.places[0], strict=True):
        desk.locator(f"#crop-{name}").fill(f"{100 * value:.0f}")
    expect(desk.locator("#cards .card-name").first).to_have_text(scene.names[0])
    assert "box=" in desk.url
    assert desk.locator("#crop-height").input_value() == f"{100 * scene.places[0][3]:.0f}"
    assert len(sent) == 1


def test_a_finger_moves_a_corner(shop: Shop, chromium: Browser, scene: Scene) -> None:
    context = phone(chromium)
    page = context.new_page()
    page.goto(shop.address)
    pick(page, scene.path)
    found(page)
    before = box(page)
    touch = context.new_cdp_session(page)
    corner = page.locator(".crop-nw").bounding_box()
    assert corner
    assert min(corner["width"], corner["height"]) >= 44
    x, y = corner["x"] + corner["width"] / 2, corner["y"] + corner["height"] / 2
    for kind, points in (
        ("touchStart", [{"x": x, "y": y}]),
        ("touchMove", [{"x": x + 20, "y": y + 20}]),
        ("touchEnd", []),
    ):
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    assert box(page)[2] < before[2] - 3
    found(page)
    context.close()


@pytest.mark.parametrize("width", [360, 1280])
def test_filters_orders_and_more_need_no_new_upload_and_back_goes_back(
    shop: Shop, chromium: Browser, scene: Scene, width: int
) -> None:
    context = phone(chromium) if width == 360 else chromium.new_context(viewport={"width": width, "height": 800})
    page = context.new_page()
    problems, sent = watch(page), uploads(page)
    page.goto(shop.address)
    pick(page, scene.path)
    names = found(page)
    if width == 360:
        page.locator(".filters-open").click()
    facet = page.locator(".facet", has_text="For").locator("a", has_text="Women").first
    count = int(facet.locator(".facet-count").inner_text())
    facet.click()
    expect(page.locator(".chips .chip").first).to_contain_text("Women")
    if width == 360:
        # The drawer stays open for a second choice; its button leads to the results.
        page.locator(".filters-send a").click()
    filtered = found(page)
    assert 0 < len(filtered) <= 24
    assert len(filtered) == min(24, count)
    page.locator(".orders a", has_text="Lowest price").click()
    expect(page.locator(".orders [aria-current]")).to_have_text("Lowest price")
    found(page)
    prices = [float(text.strip("€").replace(",", "")) for text in page.locator("#cards .card-price").all_inner_texts()]
    assert prices == sorted(prices)
    page.locator(".chips .chip", has_text="Women").click()
    expect(page.locator(".chips")).to_have_count(0)
    page.locator(".orders a", has_text="Likeness").click()
    expect(page.locator(".orders [aria-current]")).to_have_text("Likeness")
    assert found(page) == names
    page.locator("[data-more]").click()
    expect(page.locator("#cards > li").nth(24)).to_be_visible()
    # Reading goes on with the first card that is new.
    assert (
        page.evaluate(
            "[...document.querySelectorAll('#cards > li')].findIndex((li) => li.contains(document.activeElement))"
        )
        == 24
    )
    page.go_back()
    expect(page.locator(".orders [aria-current]")).to_have_text("Lowest price")
    assert len(sent) == 1
    fits(page, width, javascript=True)
    assert not problems, problems
    context.close()


def test_every_result_leads_to_more_like_it(shop: Shop, desk: Page, scene: Scene) -> None:
    desk.goto(shop.address)
    pick(desk, scene.path)
    name = found(desk)[0]
    desk.locator("#cards > li").first.get_by_role("link", name="More like this one").click()
    expect(desk.locator("h1")).to_have_text(f"More like {name}")
    assert name not in desk.locator("#cards .card-name").all_inner_texts()[:1]
    before = desk.locator("#cards > li").count()
    desk.locator(".facet a", has_text="Only what is in stock").click()
    expect(desk.locator(".chip").first).to_contain_text("stock")
    assert 0 < desk.locator("#cards > li").count() <= before
    desk.go_back()
    desk.go_back()
    assert found(desk)[0] == name


def test_it_all_works_with_the_keyboard_alone(shop: Shop, desk: Page, scene: Scene) -> None:
    desk.goto(shop.address)

    def tab_to(selector: str, most: int = 60) -> None:
        for _ in range(most):
            if desk.evaluate("(selector) => document.activeElement.matches(selector)", selector):
                return
            desk.keyboard.press("Tab")
        pytest.fail(f"Tab never reaches {selector}.")

    tab_to("header [data-photo-open]")
    desk.keyboard.press("Enter")
    expect(desk.locator("[data-photo-picker]")).to_be_visible()
    tab_to(PICKED)
    outline = desk.locator("label", has=desk.locator(PICKED)).evaluate(
        "(label) => getComputedStyle(label).outlineStyle"
    )
    assert outline == "solid"
    # Enter opens the system's dialog, which is the browser's own affair and not reported every time.
    assert desk.evaluate("document.activeElement.matches('input[type=file]:enabled')")
    desk.locator(PICKED).set_input_files(scene.path)
    first = found(desk)[0]
    expect(desk.locator("h1")).to_be_focused()
    tab_to(".crop-box")
    before = desk.url
    desk.keyboard.press("Control+ArrowRight")
    desk.wait_for_url(lambda address: address != before)
    found(desk)
    expect(desk.locator(".crop-box")).to_be_focused()
    tab_to(".parts a")
    desk.keyboard.press("Enter")
    found(desk)
    tab_to(".facet a")
    words = desk.evaluate("document.activeElement.querySelector('span').textContent")
    desk.keyboard.press("Enter")
    expect(desk.locator(".chip").first).to_contain_text(words)
    # Where one was, with the choice made.
    assert desk.evaluate("document.activeElement.querySelector('span').textContent") == words
    assert first
    # Escape closes the picker, and the focus is back on the camera.
    desk.locator("header [data-photo-open]").focus()
    desk.keyboard.press("Enter")
    desk.keyboard.press("Escape")
    expect(desk.locator("[data-photo-picker]")).to_be_hidden()
    expect(desk.locator("header [data-photo-open]")).to_be_focused()


@pytest.mark.parametrize("width", [360, 1280])
def test_it_all_works_without_javascript(shop: Shop, chromium: Browser, scene: Scene, width: int) -> None:
    context = chromium.new_context(viewport={"width": width, "height": 800}, java_script_enabled=False)
    page = context.new_page()
    page.goto(shop.address)
    page.locator("header .site-search a").click()
    assert page.url == f"{shop.address}/search/photo/"
    page.locator(FORM_INPUT).set_input_files(scene.path)
    page.locator("[data-photo-form] button").click()
    cards = page.locator("#cards .card-name")
    expect(cards).to_have_count(24)
    first = cards.first.inner_text()
    assert first in scene.names
    page.locator(".parts a").nth(2).click()
    expect(cards.first).to_have_text(scene.names[1 - scene.names.index(first)])
    page.locator(".crop-numbers summary").click()
    for name, value in zip(("left", "top", "width", "height"), scene.places[scene.names.index(first)], strict=True):
        page.locator(f"#crop-{name}").fill(f"{100 * value:.0f}")
    page.locator(".crop-numbers button").click()
    expect(cards.first).to_have_text(first)
    if width == 360:
        page.locator(".filters-open").click()
    page.locator(".facet a", has_text="Women").first.click()
    expect(page.locator(".chip").first).to_contain_text("Women")
    page.locator(".chip").first.click()
    page.locator("[data-more]").click()
    expect(cards.nth(24)).to_be_visible()
    page.locator(".orders a", has_text="Newest").click()
    expect(page.locator(".orders [aria-current]")).to_have_text("Newest")
    page.locator(".held button").click()
    expect(page.locator("main")).to_contain_text("Your photo is forgotten.")
    page.go_back()
    page.reload()
    expect(page.locator("main")).to_contain_text("We no longer have this photo")
    context.close()


def test_a_photo_the_server_forgot_is_sent_again_and_nobody_notices(shop: Shop, desk: Page, scene: Scene) -> None:
    desk.goto(shop.address)
    pick(desk, scene.path)
    found(desk)
    address = desk.url
    restart(shop)
    sent = uploads(desk)
    desk.locator(".facet a", has_text="Women").first.click()
    expect(desk.locator(".chip").first).to_contain_text("Women")
    assert len(sent) == 1
    desk.locator(".facet a", has_text="Only what is in stock").first.click()
    expect(desk.locator(".chip")).to_have_count(3)
    assert len(sent) == 1
    # A tab that was loaded with its photo in the page has a copy, too.
    other = desk.context.new_page()
    other.goto(desk.url)
    restart(shop)
    other.locator(".chip", has_text="Women").click()
    expect(other.locator(".chip")).to_have_count(1)
    # Only an address alone has nothing to send.
    assert shop.get(address.removeprefix(shop.address)).status == 410


def restart(shop: Shop) -> None:
    shop.stop("web")
    shop.start("web")


def test_offline_is_said_beside_the_photo_and_the_search_goes_on_by_itself(
    shop: Shop, desk: Page, scene: Scene
) -> None:
    desk.goto(f"{shop.address}/products/")
    desk.wait_for_load_state("networkidle")
    desk.context.set_offline(True)
    pick(desk, scene.path)
    told = desk.locator(".photo-side [data-photo-error] p.field-error")
    expect(told).to_contain_text("You are offline")
    expect(told).to_be_focused()
    expect(desk.locator(".crop-frame img")).to_be_visible()
    expect(desk.locator(".skeleton").first).to_be_hidden()
    desk.context.set_offline(False)
    assert len(found(desk)) == 24
    expect(told).to_be_hidden()
    # Later, too: what is there stays, and the choice is made when the network is back.
    desk.context.set_offline(True)
    desk.locator(".facet a", has_text="Women").first.click()
    expect(told).to_contain_text("You are offline")
    assert len(found(desk)) == 24
    desk.context.set_offline(False)
    expect(desk.locator(".chip").first).to_contain_text("Women")


def test_a_service_that_is_starting_is_said_and_can_be_tried_again(shop: Shop, desk: Page, scene: Scene) -> None:
    desk.goto(f"{shop.address}/products/")
    words = "Photo search is not ready yet: the shop's photos are still being read. Try again in a minute."
    starting = [True]

    def answer(route: Any) -> None:
        if starting[0] and route.request.method == "POST":
            route.fulfill(status=503, headers={"Retry-After": "60"}, body=f"<p data-refusal>{words}</p>")
        else:
            route.continue_()

    desk.route("**/search/photo/**", answer)
    pick(desk, scene.path)
    told = desk.locator(".photo-side [data-photo-error] p.field-error")
    expect(told).to_have_text(words)
    expect(told).to_be_focused()
    expect(desk.locator("[data-photo-ways] a").first).to_be_visible()
    starting[0] = False
    desk.locator("[data-photo-again]").click()
    assert len(found(desk)) == 24
    expect(told).to_be_hidden()


def test_a_server_that_answers_with_something_else_or_not_at_all_is_said(shop: Shop, desk: Page, scene: Scene) -> None:
    desk.goto(f"{shop.address}/products/")
    desk.route("**/search/photo/**", lambda route: route.fulfill(status=502, body="<html>Bad gateway</html>"))
    pick(desk, scene.path)
    told = desk.locator(".photo-side [data-photo-error] p.field-error")
    expect(told).to_contain_text("The shop did not answer")
    desk.unroute("**/search/photo/**")
    desk.clock.install()
    desk.route("**/search/photo/**", lambda route: None)
    desk.locator("[data-photo-again]").click()
    desk.clock.fast_forward(31_000)
    expect(told).to_contain_text("This takes too long")
    desk.unroute("**/search/photo/**")
    desk.locator("[data-photo-again]").click()
    desk.clock.resume()
    assert len(found(desk)) == 24


BAD = {
    "text.jpg": (b"no photo at all", "JPEG"),
    "photo.heic": (b"\0\0\0\x18ftypheic" + bytes(2000), "iPhone HEIC"),
    "large.heic": (b"\0\0\0\x18ftypheic" + bytes(12 * 1024 * 1024), "iPhone HEIC"),
    "moving.gif.jpg": (b"%PDF-1.4" + bytes(100), "PDF"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_no_photo_is_said_beside_the_field_with_the_focus_there(
    shop: Shop, desk: Page, tmp_path: Path, name: str
) -> None:
    data, words = BAD[name]
    path = tmp_path / name
    path.write_bytes(data)
    desk.goto(f"{shop.address}/search/photo/")
    desk.locator("details.filters summary").click()
    desk.locator("[data-photo-form] #id_in_stock").check()
    desk.locator(FORM_INPUT).set_input_files(path)
    expect(desk.locator("#id_image_error")).to_contain_text(words)
    expect(desk.locator(FORM_INPUT)).to_be_focused()
    assert desk.locator(FORM_INPUT).get_attribute("aria-invalid") == "true"
    assert desk.locator("[data-photo-form] #id_in_stock").is_checked()
    # From the camera: in the picker, where the next photo is chosen.
    desk.goto(shop.address)
    pick(desk, path)
    told = desk.locator("[data-photo-picker] [data-photo-error]")
    expect(told).to_contain_text(words)
    expect(told).to_be_focused()


def test_a_large_photo_is_made_small_and_not_refused(shop: Shop, desk: Page, tmp_path: Path) -> None:
    noise = Image.effect_noise((3000, 2600), 90).convert("RGB")
    path = tmp_path / "large.png"
    noise.save(path, compress_level=0)
    assert path.stat().st_size > 11 * 1024 * 1024
    desk.goto(shop.address)
    pick(desk, path)
    assert len(found(desk)) == 24


def test_nothing_close_is_said_plainly_with_other_ways_on(shop: Shop, desk: Page, tmp_path: Path) -> None:
    Image.effect_noise((800, 600), 120).convert("RGB").save(tmp_path / "noise.png")
    desk.goto(shop.address)
    pick(desk, tmp_path / "noise.png")
    found(desk)
    expect(desk.locator("#match")).to_contain_text("We have nothing close to your photo.")
    expect(desk.locator("#match")).to_contain_text("box on your photo")
    expect(desk.locator(".ways-on a").first).to_be_visible()
    expect(desk.locator(".arrivals")).to_contain_text("Not matches for your photo")
    expect(desk.locator(".nearest-title")).to_be_visible()
    desk.set_viewport_size({"width": 360, "height": 740})
    fits(desk, 360, javascript=True)


def test_the_strict_policy_holds_on_every_page_admin_and_api_docs_included(shop: Shop, desk: Page) -> None:
    problems: list[str] = []
    desk.on("pageerror", lambda error: problems.append(str(error)))
    # The admin has no icon, and Chromium says so each time.
    desk.on(
        "console",
        lambda said: (
            problems.append(said.text)
            if said.type in {"error", "warning"} and not said.location["url"].endswith("/favicon.ico")
            else None
        ),
    )
    shop.manage(
        *("createsuperuser", "--noinput", "--username", "strict", "--email", "strict@shop.example"),
        DJANGO_SUPERUSER_PASSWORD="a long enough password",
    )
    desk.goto(f"{shop.address}/admin/")
    desk.locator("#id_username").fill("strict")
    desk.locator("#id_password").fill("a long enough password")
    desk.locator('[type="submit"]').click()
    product = shop.get("/api/v1/products/").json()["results"][0]
    for path in (
        *("/admin/", "/admin/catalog/product/", f"/admin/catalog/product/{product['id']}/change/"),
        *("/admin/catalog/category/add/", "/admin/recommendations/indexrelease/", "/", "/products/", product["url"]),
        *(f"{product['url']}similar/", "/search/photo/"),
    ):
        response = desk.goto(f"{shop.address}{path}")
        assert response
        assert response.status == 200, path
        policy = response.headers["content-security-policy"]
        assert "default-src 'self'" in policy
        assert "unsafe" not in policy
        desk.wait_for_load_state("networkidle")
    desk.goto(f"{shop.address}/api/v1/docs/")
    expect(desk.locator(".opblock").first).to_be_visible(timeout=20_000)
    desk.locator(".opblock").first.click()
    assert not problems, problems
