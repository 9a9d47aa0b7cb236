"""What a shopper sees and clicks in a real Chromium is counted, with and without JavaScript; not of who minds."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.shop import Shop, links_to_products
from tests.e2e.test_browser import CARD_LINKS, watch
from tests.services import wait_for

pytestmark = [pytest.mark.network, pytest.mark.browser]


def counted(shop: Shop) -> set[tuple[str, int, str]]:
    """Return kind, position and action of every event."""
    with closing(sqlite3.connect(shop.folder / "db.sqlite3")) as database:
        return set(database.execute("SELECT kind, position, action FROM vogue_events_event"))


def answers(shop: Shop) -> int:
    """Return how many answers were given."""
    with closing(sqlite3.connect(shop.folder / "db.sqlite3")) as database:
        return int(database.execute("SELECT COUNT(*) FROM vogue_events_givenanswer").fetchone()[0])


def click(page: Page, place: int) -> str:
    """Click a product of the strip; return where its link leads."""
    link = page.locator("section.strip").locator(CARD_LINKS).nth(place)
    path = (link.get_attribute("href") or "").partition("?")[0]
    link.click()
    page.wait_for_url(f"**{path}")
    return path


def test_what_is_seen_and_clicked_is_counted_and_nobody_who_minds(
    open_shop: Callable[..., Shop], chromium: Browser, tmp_path: Path
) -> None:
    shop = open_shop()
    shop.manage("migrate")
    shop.start("web")
    path = links_to_products(shop.get("/products/").text)[0]
    product = f"{shop.address}{path}"

    # Who asks not to be followed is not counted, with a script or without.
    for javascript in (True, False):
        context = chromium.new_context(extra_http_headers={"Sec-GPC": "1"}, java_script_enabled=javascript)
        page = context.new_page()
        page.goto(product)
        expect(page.locator("[data-event]")).to_have_count(0)
        click(page, 0)
        context.close()

    # With a script: what is on the screen for a second is seen, a click is told, and no address has a token.
    context = chromium.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    problems = watch(page)
    page.goto(product)
    expect(page.locator("section.strip [data-event]")).to_have_count(10)
    expect(page.locator("a[href*='from=']")).to_have_count(0)
    page.locator("section.strip").scroll_into_view_if_needed()
    page.wait_for_timeout(1500)
    clicked = click(page, 2)
    assert page.url == f"{shop.address}{clicked}"
    wanted = {("strip", n, "seen") for n in range(1, 6)} | {("strip", 3, "clicked")}
    wait_for(lambda: wanted <= counted(shop), "the events of the strip", seconds=30)
    assert {event for event in counted(shop) if event[2] == "clicked"} == {("strip", 3, "clicked")}
    assert not problems, problems
    # Two pages with a strip, by one who does not mind.
    wait_for(lambda: answers(shop) == 2, "the answers", seconds=30)

    # Search by photo: the results that come without a new page are watched, too.
    photo = tmp_path / "photo.webp"
    photo.write_bytes(shop.get(page.locator("main img").first.get_attribute("src") or "").body)
    page.goto(f"{shop.address}/search/photo/")
    page.locator('input[type="file"][name="image"]').set_input_files(photo)
    expect(page.locator("#cards [data-event]").first).to_be_visible(timeout=60_000)
    expect(page.locator("a[href*='from=']")).to_have_count(0)
    page.locator("#cards").locator(CARD_LINKS).first.click()
    page.wait_for_url("**/products/*/")
    wait_for(lambda: ("photo", 1, "clicked") in counted(shop), "the click on a result", seconds=30)
    context.close()

    # Without a script: the link carries the token, and the address loses it.
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(product)
    assert "?from=" in (page.locator("section.strip").locator(CARD_LINKS).nth(3).get_attribute("href") or "")
    clicked = click(page, 3)
    assert page.url == f"{shop.address}{clicked}"
    wait_for(lambda: ("strip", 4, "clicked") in counted(shop), "the click without a script", seconds=30)
    context.close()

    # The owner sees it, drawn without script or style.
    shop.log_in()
    report = shop.get("/admin/vogue_events/givenanswer/")
    assert report.status == 200
    assert report.text.count('<svg class="chart"') == 3
    table = shop.get("/admin/vogue_events/givenanswer/positions.csv")
    assert table.status == 200
    assert sum(int(row.split(",")[2]) for row in table.text.splitlines()[1:]) == 3, "as many clicks as there were"
