"""A shopper in a real Chromium: browse, open a product, see the strip, upload a photo, see the results."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Error, Locator, Page, expect

from tests.e2e.shop import Shop

pytestmark = [pytest.mark.network, pytest.mark.browser]

#: The names on product cards, each a link to its product.
CARD_LINKS = "article.card h3 a"


@pytest.fixture
def shop(open_shop: Callable[..., Shop]) -> Shop:
    shop = open_shop()
    shop.start("web")
    return shop


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("javascript", [True, False], ids=["javascript", "no-javascript"])
def test_a_shopper_browses_and_finds_by_photo(
    shop: Shop, chromium: Browser, tmp_path: Path, width: int, javascript: bool
) -> None:
    context = chromium.new_context(viewport={"width": width, "height": 800}, java_script_enabled=javascript)
    page = context.new_page()
    problems = watch(page)

    page.goto(f"{shop.address}/")
    fits(page, width, javascript)
    page.goto(f"{shop.address}/products/")
    fits(page, width, javascript)
    link = page.locator(CARD_LINKS).first
    name = link.inner_text()
    link.click()
    page.wait_for_url("**/products/*/")
    expect(page.locator("h1")).to_have_text(name)
    here = page.url.removeprefix(shop.address)
    fits(page, width, javascript)

    strip = page.locator("section.strip")
    strip.scroll_into_view_if_needed()
    similar = strip.locator(CARD_LINKS)
    expect(similar).to_have_count(10)
    linked = {path_of(similar.nth(n)) for n in range(10)}
    assert len(linked - {here}) == 10, f"the strip of {here} shows {linked}"
    for n in range(5):
        expect(strip.locator("img").nth(n)).to_be_visible()

    photo = tmp_path / "photo.webp"
    source = page.locator("main img").first.get_attribute("src")
    assert source
    photo.write_bytes(shop.get(source).body)
    page.goto(f"{shop.address}/search/photo/")
    page.locator('input[type="file"][name="image"]').set_input_files(photo)
    send(page)
    first = page.locator(CARD_LINKS).first
    expect(first).to_be_visible(timeout=30_000)
    expect(first).to_have_text(name)
    assert path_of(first) == here
    fits(page, width, javascript)
    assert not problems, problems
    context.close()


def test_a_file_that_is_no_photo_is_refused_in_plain_words(shop: Shop, chromium: Browser, tmp_path: Path) -> None:
    page = chromium.new_page()
    text = tmp_path / "photo.jpg"
    text.write_text("no photo at all")
    page.goto(f"{shop.address}/search/photo/")
    page.locator('input[type="file"][name="image"]').set_input_files(text)
    send(page)
    expect(page.locator('[role="alert"], .field-error').first).to_contain_text("JPEG")
    expect(page.locator(CARD_LINKS)).to_have_count(0)


def path_of(link: Locator) -> str:
    """Return where a link leads, without what counts a click where there is no script."""
    return (link.get_attribute("href") or "").partition("?from=")[0]


def send(page: Page) -> None:
    """Press the button of the photo form, unless a script has sent the photo already."""
    if page.locator(CARD_LINKS).count() == 0 and page.locator('[role="alert"]:visible').count() == 0:
        page.locator('form:has(input[name="image"]) button[type="submit"]').last.click()


def fits(page: Page, width: int, javascript: bool) -> None:
    """Check that nothing is wider than the screen. (Measuring takes JavaScript.)"""
    if javascript:
        assert page.evaluate("document.documentElement.scrollWidth") <= width, page.url


def watch(page: Page) -> list[str]:
    """Collect what goes wrong in the browser: errors of scripts, missing files, refused styles."""
    problems: list[str] = []

    def on_console(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            problems.append(message.text)

    def on_error(error: Error) -> None:
        problems.append(str(error))

    page.on("console", on_console)
    page.on("pageerror", on_error)
    return problems
