"""The product page and what follows the visitor in a real Chromium: by mouse, finger, keyboard and without scripts."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.e2e.shop import Shop, links_to_products
from tests.e2e.test_browser import fits, watch

pytestmark = [pytest.mark.network, pytest.mark.browser]

#: Gives the first product two photos more, those of other products: front, and two that look like something else.
MORE_PHOTOS = """
from catalog.models import Product, ProductImage
from django.core.files.base import ContentFile
first, *others = Product.objects.order_by("pk")
kinds = [o for o in others if o.category != first.category]
for n, other in enumerate((kinds[0], kinds[-1]), 10):
    data = other.images.first().image.read()
    ProductImage.objects.create(product=first, position=n, image=ContentFile(data, name="more.webp"))
print(first.slug)
"""


@pytest.fixture(scope="module")
def shop(prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    folder = tmp_path_factory.mktemp("product") / "shop"
    shutil.copytree(prepared, folder)
    shop = Shop(folder)
    shop.slug = shop.manage("shell", "--verbosity", "0", "-c", MORE_PHOTOS).split()[-1]  # type: ignore[attr-defined]
    shop.manage("embed_products")
    shop.start("web")
    yield shop
    shop.stop()


@pytest.fixture
def address(shop: Shop) -> str:
    """The page of a product with several photos."""
    slug: str = shop.slug  # type: ignore[attr-defined]
    return f"{shop.address}/products/{slug}/"


def opened(chromium: Browser, width: int, **more: Any) -> BrowserContext:
    phone = width == 360
    return chromium.new_context(viewport={"width": width, "height": 800}, has_touch=phone, is_mobile=phone, **more)


def strip(page: Page) -> list[str]:
    """Return the names in the strip of similar items, once it is at rest."""
    section = page.locator("section.strip[aria-labelledby^=similar]")
    expect(section).not_to_have_attribute("aria-busy", "true")
    return section.locator(".card-name").all_inner_texts()


@pytest.mark.parametrize("width", [360, 1280])
def test_the_strip_follows_the_photo_and_nothing_else_is_loaded(
    shop: Shop, chromium: Browser, address: str, width: int
) -> None:
    context = opened(chromium, width)
    page = context.new_page()
    problems = watch(page)
    page.goto(address)
    before = strip(page)
    assert len(before) == 10
    fits(page, width, javascript=True)
    page.evaluate("window.same = true")
    requests: list[str] = []
    # Photos, and a favicon when the address changes, are not what this is about.
    page.on("request", lambda r: requests.append(r.url) if r.resource_type in {"document", "fetch", "xhr"} else None)
    last = page.locator(".gallery-thumbs a").last
    key = last.get_attribute("data-photo")
    last.click()
    expect(page.locator("[data-photo-live]")).to_have_text("10 products that look like this photo")
    after = strip(page)
    assert after != before
    assert page.evaluate("window.same")
    assert page.url == f"{address}?photo={key}"
    # One fragment for one photo, whatever the carousel scrolled past.
    assert len(requests) == 1, requests
    assert f"photo={key}" in requests[0]
    see_all = page.locator("[data-strip-all]").first
    assert str(see_all.get_attribute("href")).endswith(f"/similar/?photo={key}")
    page.reload()
    assert strip(page) == after
    page.locator("[data-strip-all]").first.click()
    expect(page.locator("h1")).to_contain_text("More like")
    assert page.locator("#cards .card-name").all_inner_texts()[:10] == after
    assert not problems, problems
    context.close()


@pytest.mark.parametrize("width", [360, 1280])
def test_the_strip_is_stepped_through_by_buttons(shop: Shop, chromium: Browser, address: str, width: int) -> None:
    context = opened(chromium, width, reduced_motion="reduce")
    page = context.new_page()
    page.goto(address)
    back, on = page.get_by_role("button", name="Previous products"), page.get_by_role("button", name="Next products")
    cards = page.locator("section.strip[aria-labelledby^=similar] li")
    expect(back.first).to_have_attribute("aria-disabled", "true")
    expect(cards.last).not_to_be_in_viewport()
    on.first.focus()
    for _ in range(8):
        page.keyboard.press("Enter")
        page.wait_for_timeout(60)
    expect(cards.last).to_be_in_viewport()
    expect(on.first).to_have_attribute("aria-disabled", "true")
    expect(on.first).to_be_focused()
    back.first.click()
    expect(back.first).to_have_attribute("aria-disabled", "true" if width == 1280 else "false")
    context.close()


def test_a_photo_is_enlarged_by_keyboard_alone(shop: Shop, chromium: Browser, address: str) -> None:
    context = opened(chromium, 1280)
    page = context.new_page()
    problems = watch(page)
    page.goto(address)
    link = page.locator("[data-zoom]").first
    link.focus()
    page.keyboard.press("Enter")
    viewer = page.get_by_role("dialog", name="Photo in full size")
    expect(viewer).to_be_visible()
    image = viewer.locator("img")
    expect(image).to_have_attribute("src", f"{shop.address}{link.get_attribute('href')}")
    assert image.evaluate("image => image.decode().then(() => image.naturalWidth)") > 300
    assert scale(page) == 1
    page.keyboard.press("+")
    assert scale(page) == pytest.approx(1.5)
    expect(viewer.locator("[data-zoom-said]")).to_have_text("Enlarged 1.5 times")
    before = place(page)
    page.keyboard.press("ArrowRight")
    assert place(page)[0] < before[0]
    page.keyboard.press("0")
    assert scale(page) == 1
    page.keyboard.press("ArrowRight")
    second = page.locator("[data-zoom]").nth(1).get_attribute("href")
    expect(image).to_have_attribute("src", f"{shop.address}{second}")
    page.keyboard.press("Escape")
    expect(viewer).to_be_hidden()
    expect(page.locator("[data-zoom]").nth(1)).to_be_focused()
    assert not problems, problems
    context.close()


def test_a_photo_is_enlarged_by_mouse_and_wheel(shop: Shop, chromium: Browser, address: str) -> None:
    context = opened(chromium, 1280)
    page = context.new_page()
    page.goto(address)
    page.locator("[data-zoom]").first.click()
    page.mouse.click(500, 300)
    assert scale(page) == pytest.approx(2.5)
    x, _ = place(page)
    page.mouse.move(600, 300)
    page.mouse.down()
    page.mouse.move(500, 300, steps=4)
    page.mouse.up()
    assert place(page)[0] == pytest.approx(x - 100, abs=2)
    assert scale(page) == pytest.approx(2.5), "a drag is no click"
    page.mouse.wheel(0, 2000)
    page.wait_for_function("() => document.querySelector('[data-zoom-stage]').className === 'zoom-stage'")
    page.mouse.wheel(0, -200)
    page.wait_for_function("() => document.querySelector('[data-zoom-stage]').classList.contains('zoomed')")
    page.get_by_role("button", name="Close").last.click()
    expect(page.locator("[data-zoom-viewer]")).to_be_hidden()
    context.close()


def test_a_photo_is_enlarged_by_pinch_and_double_tap(shop: Shop, chromium: Browser, address: str) -> None:
    context = opened(chromium, 360)
    page = context.new_page()
    page.goto(address)
    page.locator("[data-zoom]").first.tap()
    expect(page.locator("[data-zoom-viewer]")).to_be_visible()
    finger = context.new_cdp_session(page)

    def touch(kind: str, *points: tuple[int, int]) -> None:
        found = [{"x": x, "y": y, "id": n} for n, (x, y) in enumerate(points)]
        finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": found})

    touch("touchStart", (150, 300), (210, 300))
    for apart in range(10, 61, 10):
        touch("touchMove", (150 - apart, 300), (210 + apart, 300))
    touch("touchEnd")
    assert scale(page) == pytest.approx(3, rel=0.05)
    page.keyboard.press("0")
    for _ in range(2):
        touch("touchStart", (180, 300))
        touch("touchEnd")
    page.wait_for_function("() => document.querySelector('[data-zoom-stage]').classList.contains('zoomed')")
    fits(page, 360, javascript=True)
    context.close()


@pytest.mark.parametrize("width", [360, 1280])
def test_without_javascript_links_do_the_same(shop: Shop, chromium: Browser, address: str, width: int) -> None:
    context = opened(chromium, width, java_script_enabled=False)
    page = context.new_page()
    page.goto(address)
    before = page.locator("section.strip .card-name").all_inner_texts()
    expect(page.get_by_role("button", name="Next products")).to_have_count(0)
    page.locator(".gallery-thumbs a").last.click()
    assert page.locator("section.strip .card-name").all_inner_texts() != before
    expect(page.locator(".gallery-thumbs a").last).to_have_attribute("aria-current", "true")
    large = page.locator("[data-zoom]").first.get_attribute("href")
    page.locator("[data-zoom]").first.click()
    assert page.url == f"{shop.address}{large}"
    context.close()


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("javascript", [True, False], ids=["javascript", "no-javascript"])
def test_what_was_looked_at_is_remembered_in_the_session_and_forgotten_with_one_click(
    shop: Shop, chromium: Browser, width: int, javascript: bool
) -> None:
    context = opened(chromium, width, java_script_enabled=javascript)
    page = context.new_page()
    page.goto(shop.address)
    assert not [cookie for cookie in context.cookies() if cookie.get("name") == "sessionid"]
    expect(page.get_by_role("heading", name="For you")).to_have_count(0)
    names = []
    for path in links_to_products(page.content())[:2]:
        page.goto(f"{shop.address}{path}")
        names.append(page.locator("h1").inner_text())
    expect(page.locator('[aria-labelledby="recently-viewed"] .card-name')).to_have_text(names[:1])
    page.goto(shop.address)
    suggested = page.locator('[aria-labelledby="for-you"] .card-name').all_inner_texts()
    assert suggested
    assert not set(names) & set(suggested)
    fits(page, width, javascript)
    page.get_by_role("button", name="Forget it").click()
    expect(page.get_by_text("What you looked at is forgotten.")).to_be_visible()
    expect(page.get_by_role("heading", name="For you")).to_have_count(0)
    assert not [cookie for cookie in context.cookies() if cookie.get("name") == "sessionid"]
    context.close()


@pytest.mark.parametrize("javascript", [True, False], ids=["javascript", "no-javascript"])
def test_the_similar_page_steers_and_says_why(shop: Shop, chromium: Browser, address: str, javascript: bool) -> None:
    context = opened(chromium, 360, java_script_enabled=javascript)
    page = context.new_page()
    page.goto(f"{address}similar/")
    plain = page.locator("#cards .card-name").all_inner_texts()
    page.get_by_role("link", name="Colour", exact=True).click()
    page.wait_for_url("**steer=colour**")
    coloured = page.locator("#cards .card-name").all_inner_texts()
    assert coloured != plain
    expect(page.get_by_role("link", name="Colour", exact=True)).to_have_attribute("aria-current", "true")
    page.get_by_role("link", name="Shape", exact=True).click()
    page.wait_for_url("**steer=shape**")
    assert page.locator("#cards .card-name").all_inner_texts() != coloured
    assert page.locator(".reasons").count() > 0
    expect(page.locator("#cards").get_by_role("link", name="More like this one").first).to_be_visible()
    fits(page, 360, javascript)
    context.close()


def scale(page: Page) -> float:
    """Return how many times the photo in the viewer is enlarged."""
    found: float = page.locator("[data-zoom-stage] img").evaluate("img => new DOMMatrix(img.style.transform).a")
    return found


def place(page: Page) -> tuple[float, float]:
    """Return how far the photo in the viewer is moved from the middle."""
    x, y = page.locator("[data-zoom-stage] img").evaluate(
        "img => { const m = new DOMMatrix(img.style.transform); return [m.e, m.f]; }"
    )
    return x, y
