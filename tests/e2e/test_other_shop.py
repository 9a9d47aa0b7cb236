"""The strip and search by photo in the pages of another shop: one stylesheet, one tag each, nothing else of ours."""

from __future__ import annotations

import io
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from tests.e2e.shop import Shop
from tests.e2e.test_browser import fits, watch

pytestmark = [pytest.mark.network, pytest.mark.browser]


@pytest.fixture(scope="module")
def shop(prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    folder = tmp_path_factory.mktemp("other") / "shop"
    shutil.copytree(prepared, folder)
    shop = Shop(folder)
    shop.env["DJANGO_SETTINGS_MODULE"] = "tests.other_shop.settings"
    shop.manage("collectstatic", "--noinput")
    shop.start("web")
    yield shop
    shop.stop()


@pytest.fixture(scope="module")
def product(shop: Shop) -> dict[str, str]:
    found: dict[str, str] = shop.get("/api/v1/products/").json()["results"][0]
    return found


def style(page: Page, selector: str, name: str) -> str:
    value: str = page.locator(selector).first.evaluate("(element, name) => getComputedStyle(element)[name]", name)
    return value


def test_nothing_of_our_own_shop_is_there(shop: Shop) -> None:
    static = shop.folder / "other-static"
    assert (static / "recommendations" / "vogue.css").is_file()
    assert not (static / "vogue").exists()


@pytest.mark.parametrize("width", [360, 1280])
def test_one_stylesheet_and_one_tag_each_are_enough(
    shop: Shop, chromium: Browser, product: dict[str, str], tmp_path: Path, width: int
) -> None:
    context = chromium.new_context(viewport={"width": width, "height": 800})
    page = context.new_page()
    problems = watch(page)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url.removeprefix(shop.address)))
    page.goto(f"{shop.address}/item/{product['id']}/")

    # The strip: a row to swipe through, its photos as wide as their cards.
    cards = page.locator("section.strip li")
    expect(cards).to_have_count(5)
    tops = cards.evaluate_all("(items) => items.map((item) => item.getBoundingClientRect().top)")
    assert len(set(tops)) == 1
    assert style(page, ".strip-cards", "listStyleType") == "none"
    assert style(page, ".strip-cards", "overflowX") == "auto"
    widths = cards.evaluate_all("(items) => items.map((item) => [item.clientWidth, item.querySelector('img').width])")
    assert all(card == picture >= 150 for card, picture in widths)
    fits(page, width, javascript=True)

    # Search by photo, from this page.
    page.locator("header [data-photo-open]").click()
    expect(page.locator(".picker")).to_be_visible()
    assert style(page, ".picker-choices .button", "borderTopLeftRadius") == "999px"
    photo = tmp_path / "photo.jpg"
    Image.open(io.BytesIO(shop.get(product["image"]).body)).convert("RGB").save(photo)
    page.locator("#picker-photo").set_input_files(photo)
    expect(page.locator("#cards > li").first).to_contain_text(product["name"], timeout=30_000)
    assert style(page, ".crop-box", "position") == "absolute"
    assert style(page, "#cards", "display") == "grid"
    frame, box = (page.locator(selector).bounding_box() for selector in (".crop-frame", ".crop-box"))
    assert frame
    assert box
    assert box["width"] <= frame["width"] + 1
    fits(page, width, javascript=True)

    # All of it from the plugin's own files; the host's own link is as the host left it.
    static = {path.split("/")[2] for path in asked if path.startswith("/static/")}
    assert static == {"recommendations"}
    assert style(page, "header a.own", "borderTopStyle") == "none"
    assert not problems, problems
    context.close()


def test_a_shops_own_colours_and_measures_are_worn(shop: Shop, chromium: Browser, product: dict[str, str]) -> None:
    page = chromium.new_page(viewport={"width": 1280, "height": 800})
    page.goto(f"{shop.address}/item/{product['id']}/")
    before = page.locator("section.strip li").first.bounding_box()
    # As a stylesheet of the shop sets them; the policy of the page lets no test add one.
    page.evaluate(
        """() => {
          const own = { "--vogue-ink": "rgb(0, 40, 80)", "--vogue-paper": "rgb(255, 250, 240)", "--vogue-pill": "4px",
            "--vogue-strip-card": "300px", "--vogue-heading": "monospace" };
          const sheet = new CSSStyleSheet();
          sheet.replaceSync(`:root { ${Object.entries(own).map(([name, value]) => `${name}: ${value};`).join(" ")} }`);
          document.adoptedStyleSheets = [sheet];
        }"""
    )
    after = page.locator("section.strip li").first.bounding_box()
    assert before
    assert after
    assert before["width"] < after["width"]
    assert after["width"] == 272  # 17rem, the most
    assert style(page, ".photo-button", "backgroundColor") == "rgb(0, 40, 80)"
    assert style(page, ".photo-button", "borderTopLeftRadius") == "4px"
    assert style(page, "section.strip h2", "fontFamily") == "monospace"
    page.close()


def test_it_is_dark_only_where_the_page_is(shop: Shop, chromium: Browser, product: dict[str, str]) -> None:
    context = chromium.new_context(color_scheme="dark")
    page = context.new_page()
    page.goto(f"{shop.address}/item/{product['id']}/")
    # A shop that says nothing of dark stays light, whatever the visitor prefers …
    assert style(page, ".photo-button", "backgroundColor") == "rgb(27, 26, 24)"
    # … and one that does is dark with us.
    page.evaluate("document.documentElement.style.colorScheme = 'light dark'")
    assert style(page, ".photo-button", "backgroundColor") == "rgb(243, 240, 234)"
    context.close()
