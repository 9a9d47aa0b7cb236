"""What holds on every page: no barriers, a camera in the search bar, nothing that jumps; a fast product page."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable, Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from tests.e2e.shop import Shop
from tests.e2e.test_browser import fits
from tests.e2e.test_photo_search import FORM_INPUT, found, pick
from tests.services import wait_for

logger = logging.getLogger(__name__)
pytestmark = [pytest.mark.network, pytest.mark.browser]

AXE = (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")
PASSWORD = "a long enough password"
#: Django's own, and no barrier: the label is a picture with a text, "Search", which axe does not count.
NO_BARRIERS = {("label-title-only", "#searchbar")}
#: Largest paint in milliseconds, and how much of the screen moved, as Lighthouse sums it.
MEASURE = """() => new Promise((done) => {
  const seen = { paint: 0, shift: 0 };
  new PerformanceObserver((list) => { for (const e of list.getEntries()) seen.paint = e.startTime; })
    .observe({ type: "largest-contentful-paint", buffered: true });
  const shifts = (list) => list.getEntries().forEach((e) => { if (!e.hadRecentInput) seen.shift += e.value; });
  new PerformanceObserver(shifts).observe({ type: "layout-shift", buffered: true });
  setTimeout(() => done(seen), 400);
})"""
LONG_NAMES = """() => document.querySelectorAll("h1, .card h3 a, .breadcrumbs li:last-child > *")
  .forEach((name) => { name.textContent = "Donaudampfschifffahrtskapitaensmuetzenabzeichen" + "halter".repeat(4); })"""
LARGEST_PAINT_MS = 1500
MOST_SHIFT = 0.02


@pytest.fixture(scope="module")
def shop(prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    folder = tmp_path_factory.mktemp("pages") / "shop"
    shutil.copytree(prepared, folder)
    shop = Shop(folder)
    shop.manage(
        *("createsuperuser", "--noinput", "--username", "owner", "--email", "owner@shop.example"),
        DJANGO_SUPERUSER_PASSWORD=PASSWORD,
    )
    shop.start("web")
    yield shop
    shop.stop()


@pytest.fixture(scope="module")
def photos(shop: Shop, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A photo of a product, one of nothing, and a file that is none."""
    folder = tmp_path_factory.mktemp("photos")
    product = shop.get("/api/v1/products/").json()["results"][0]
    (folder / "product.webp").write_bytes(shop.get(product["image"]).body)
    Image.effect_noise((800, 600), 120).convert("RGB").save(folder / "noise.png")
    (folder / "text.jpg").write_text("no photo at all")
    return {path.stem: path for path in folder.iterdir()}


def product_path(shop: Shop) -> str:
    return str(shop.get("/api/v1/products/").json()["results"][0]["url"])


def shop_pages(shop: Shop) -> list[str]:
    product = product_path(shop)
    return ["/", "/products/", product, f"{product}similar/", "/search/photo/", "/no-such-page/"]


def log_in(shop: Shop, page: Page) -> None:
    page.goto(f"{shop.address}/admin/")
    page.locator("#id_username").fill("owner")
    page.locator("#id_password").fill(PASSWORD)
    page.locator('[type="submit"]').click()
    page.wait_for_url("**/admin/")


STILL = "document.getAnimations().every((each) => each.playState !== 'running')"


def barriers(page: Page, where: str) -> list[str]:
    """Return the serious and critical findings of axe-core on a page as it is now."""
    # Text that fades in is measured half way otherwise.
    # Not wait_for_function, which the strict policy forbids on a page.
    wait_for(lambda: page.evaluate(STILL), f"{where} to stand still")
    page.evaluate(AXE)
    found: dict[str, Any] = page.evaluate("axe.run(document, { resultTypes: ['violations'] })")
    return [
        f"{where}: {finding['id']} ({finding['impact']}) at {node['target']}: {node['failureSummary']}"
        for finding in found["violations"]
        if finding["impact"] in {"serious", "critical"}
        for node in finding["nodes"][:3]
        if (finding["id"], node["target"][0]) not in NO_BARRIERS
    ]


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 360)])
def test_no_page_of_the_shop_has_a_serious_barrier(
    shop: Shop, chromium: Browser, photos: dict[str, Path], scheme: Any, width: int
) -> None:
    context = chromium.new_context(
        viewport={"width": width, "height": 800}, color_scheme=scheme, reduced_motion="reduce"
    )
    page = context.new_page()
    told: list[str] = []
    product = product_path(shop)
    for path in (*shop_pages(shop), "/products/?gender=Women&in_stock=on", "/products/?q=nothing+is+called+so"):
        page.goto(f"{shop.address}{path}")
        told += barriers(page, path)
    page.goto(f"{shop.address}/products/#filters")
    told += barriers(page, "the filters")
    page.goto(f"{shop.address}{product}")
    page.locator("header [data-photo-open]").click()
    told += barriers(page, "the picker")
    for name in ("product", "noise"):
        page.goto(f"{shop.address}/")
        pick(page, photos[name])
        found(page)
        told += barriers(page, f"the results of {name}")
    page.locator(".crop-numbers summary").click()
    told += barriers(page, "the numbers of the box")
    page.goto(f"{shop.address}/search/photo/")
    page.locator("details.filters summary").click()
    page.locator(FORM_INPUT).set_input_files(photos["text"])
    page.locator("#id_image_error").wait_for()
    told += barriers(page, "a refused file")
    context.set_offline(True)
    pick(page, photos["product"])
    page.locator(".photo-side [data-photo-error]").wait_for()
    told += barriers(page, "a search without a network")
    fits(page, width, javascript=True)
    assert not told, "\n".join(told)
    context.close()


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 360)])
def test_no_page_of_the_admin_has_a_serious_barrier(shop: Shop, chromium: Browser, scheme: Any, width: int) -> None:
    context = chromium.new_context(
        viewport={"width": width, "height": 800}, color_scheme=scheme, reduced_motion="reduce"
    )
    page = context.new_page()
    told: list[str] = []
    page.goto(f"{shop.address}/admin/login/")
    told += barriers(page, "the admin's login")
    log_in(shop, page)
    number = shop.get("/api/v1/products/").json()["results"][0]["id"]
    for path in (
        *("/admin/", "/admin/catalog/product/", f"/admin/catalog/product/{number}/change/"),
        *("/admin/recommendations/indexrelease/", "/admin/recommendations/imageembedding/"),
        "/admin/vogue_events/givenanswer/",
    ):
        page.goto(f"{shop.address}{path}")
        told += barriers(page, path)
    assert not told, "\n".join(told)
    context.close()


@pytest.mark.parametrize("width", [360, 1280])
def test_the_camera_is_inside_the_search_bar_of_every_page(shop: Shop, chromium: Browser, width: int) -> None:
    page = chromium.new_page(viewport={"width": width, "height": 800})
    for path in shop_pages(shop):
        page.goto(f"{shop.address}{path}")
        camera = page.locator("header form.site-search").get_by_role("link", name="Search by photo")
        expect(camera).to_be_visible()
        inner, outer = camera.bounding_box(), page.locator("header form.site-search").bounding_box()
        assert inner
        assert outer
        assert outer["x"] <= inner["x"]
        assert inner["x"] + inner["width"] <= outer["x"] + outer["width"]
        assert outer["y"] <= inner["y"]
        assert inner["y"] + inner["height"] <= outer["y"] + outer["height"]
        # Large enough for a thumb (WCAG 2.5.8, and more).
        assert min(inner["width"], inner["height"]) >= 40, path
        fits(page, width, javascript=True)
    page.close()


@pytest.mark.parametrize("direction", ["ltr", "rtl"])
@pytest.mark.parametrize("width", [360, 768, 1280])
def test_nothing_is_wider_than_the_screen_either_way_round(
    shop: Shop, chromium: Browser, photos: dict[str, Path], width: int, direction: str
) -> None:
    page = chromium.new_page(viewport={"width": width, "height": 800})
    page.add_init_script(
        f"document.addEventListener('DOMContentLoaded', () => {{ document.documentElement.dir = '{direction}'; }})"
    )
    for path in shop_pages(shop):
        page.goto(f"{shop.address}{path}")
        fits(page, width, javascript=True)
        # A name may be one long word.
        page.evaluate(LONG_NAMES)
        fits(page, width, javascript=True)
    pick(page, photos["product"])
    found(page)
    fits(page, width, javascript=True)
    page.close()


def best_of(runs: int, measure: Callable[[], dict[str, float]], fine: Callable[[dict[str, float]], bool]) -> Any:
    """Return the first fine measurement, or the last: a busy machine makes a page slow, and never fast."""
    for _ in range(runs):
        seen = measure()
        if fine(seen):
            break
    return seen


def test_the_product_page_paints_fast_on_a_slow_machine_and_nothing_jumps(shop: Shop, chromium: Browser) -> None:
    path = product_path(shop)
    shop.get(path)  # The strip's index is loaded once per process, by whoever comes first.

    def measure() -> dict[str, float]:
        # A phone that has never been here.
        context = chromium.new_context(viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True)
        page = context.new_page()
        context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": 4})
        page.goto(f"{shop.address}{path}", wait_until="load")
        seen: dict[str, float] = page.evaluate(MEASURE)
        context.close()
        return seen

    # Others on the machine take most of it at times: the limit stays, and there are more tries.
    runs: list[dict[str, float]] = []
    while len(runs) < 3 or (len(runs) < 10 and min(run["paint"] for run in runs) >= LARGEST_PAINT_MS):
        runs.append(measure())
        logger.info("largest paint after %(paint).0f ms, shift %(shift).4f", runs[-1])
    assert 0 < min(run["paint"] for run in runs) < LARGEST_PAINT_MS, runs
    assert max(run["shift"] for run in runs) < MOST_SHIFT, runs


@pytest.mark.parametrize("width", [360, 1280])
def test_no_page_jumps_while_it_loads_or_is_scrolled(shop: Shop, chromium: Browser, width: int) -> None:
    for path in shop_pages(shop):

        def measure(path: str = path) -> dict[str, float]:
            context = chromium.new_context(viewport={"width": width, "height": 740})
            page = context.new_page()
            page.goto(f"{shop.address}{path}", wait_until="load")
            # By the wheel, as a reader does: photos further down are loaded on the way.
            for _ in range(4):
                page.mouse.wheel(0, 700)
                page.wait_for_timeout(60)
            seen: dict[str, float] = page.evaluate(MEASURE)
            context.close()
            return seen

        seen = best_of(3, measure, lambda seen: seen["shift"] < MOST_SHIFT)
        assert seen["shift"] < MOST_SHIFT, (path, seen)


def test_whoever_wants_no_motion_sees_none(shop: Shop, chromium: Browser, photos: dict[str, Path]) -> None:
    context = chromium.new_context(viewport={"width": 1280, "height": 800}, reduced_motion="reduce")
    page = context.new_page()
    page.route("**/search/photo/**", lambda route: None if route.request.method == "POST" else route.continue_())
    page.goto(f"{shop.address}/")
    pick(page, photos["product"])
    expect(page.locator(".skeleton").first).to_be_visible()
    moving = page.evaluate("document.getAnimations().map((each) => each.animationName || each.transitionProperty)")
    assert moving == []
    page.goto(f"{shop.address}/products/")
    page.locator("article.card").first.hover()
    assert page.evaluate("document.getAnimations().length") == 0
    assert page.locator(".card-photo img").first.evaluate("(img) => getComputedStyle(img).transform") == "none"
    context.close()


def test_paper_gets_the_product_without_the_furniture(shop: Shop, chromium: Browser) -> None:
    page = chromium.new_page(viewport={"width": 794, "height": 1123}, color_scheme="dark")
    page.goto(f"{shop.address}{product_path(shop)}")
    page.emulate_media(media="print")
    expect(page.locator("h1")).to_be_visible()
    expect(page.locator(".price").first).to_be_visible()
    for furniture in (".site-search", ".site-nav", ".site-footer"):
        expect(page.locator(furniture)).to_be_hidden()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    # A visitor who likes the dark prints in dark ink all the same.
    assert page.locator(".stock").evaluate("(stock) => getComputedStyle(stock).color") == "rgb(39, 106, 60)"
    page.close()
