"""The shop in German, chosen without JavaScript, and from right to left, in a real Chromium."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.shop import Shop, links_to_products
from tests.e2e.test_browser import CARD_LINKS, fits, watch

pytestmark = [pytest.mark.network, pytest.mark.browser]


def test_german_is_chosen_at_the_foot_and_right_to_left_turns_every_page_round(
    open_shop: Callable[..., Shop], chromium: Browser, tmp_path: Path
) -> None:
    shop = open_shop()
    shop.start("web", env={"DJANGO_LANGUAGES": "en,de,ar"})
    path = links_to_products(shop.get("/products/").text)[0]

    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{shop.address}{path}")
    page.get_by_role("button", name="Deutsch").click()
    expect(page.locator("html")).to_have_attribute("lang", "de")
    assert page.url == f"{shop.address}{path}"
    expect(page.locator("section.strip h2").first).to_have_text("Ähnliche Artikel")
    page.get_by_role("button", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    context.close()

    photo = tmp_path / "photo.webp"
    for width in (360, 1280):
        context = chromium.new_context(viewport={"width": width, "height": 800}, locale="ar")
        page = context.new_page()
        problems = watch(page)
        for address in ("/", "/products/", path, f"{path}similar/", "/search/photo/"):
            page.goto(f"{shop.address}{address}")
            expect(page.locator("html")).to_have_attribute("dir", "rtl")
            fits(page, width, javascript=True)
            if address == path:
                photo.write_bytes(shop.get(page.locator("main img").first.get_attribute("src") or "").body)
        logo, camera = page.locator("header .logo").bounding_box(), page.locator(".photo-link").bounding_box()
        assert logo
        assert camera
        assert logo["x"] + logo["width"] > camera["x"] + 2 * camera["width"], "the page begins on the right"

        # The box lies on the photo: pictures are not turned round.
        page.locator('input[type="file"][name="image"]').set_input_files(photo)
        expect(page.locator("#cards").locator(CARD_LINKS).first).to_be_visible(timeout=60_000)
        fits(page, width, javascript=True)
        page.wait_for_url("**photo=*")
        # The last of two boxes counts.
        page.goto(f"{page.url}&box=0.1,0.2,0.3,0.4")
        expect(page.locator(".crop-box")).to_be_visible()
        fits(page, width, javascript=True)
        frame, box = page.locator(".crop-frame").bounding_box(), page.locator(".crop-box").bounding_box()
        assert frame
        assert box
        assert box["x"] == pytest.approx(frame["x"] + 0.1 * frame["width"], abs=3)
        assert box["width"] == pytest.approx(0.3 * frame["width"], abs=3)
        assert not problems, problems
        context.close()
