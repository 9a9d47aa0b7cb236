"""`make screenshots`: open a drawn shop in a folder of its own, photograph it for docs/screenshots, close it again.

Phone and desktop, light and dark. Nothing stays but the pictures.
"""

from __future__ import annotations

import io
import logging
import random
import shutil
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks.crop import composite
from recommendations.evaluation.drawn_places import landscape
from tests.e2e.shop import ROOT, Shop
from tests.services import CHROMIUM_OPTIONS

logger = logging.getLogger("screenshots")
OUT = ROOT / "docs" / "screenshots"
PRODUCTS = 240
PASSWORD = "a long enough password"
#: WebP is a third of a PNG of the same page; the ceiling keeps a clone small.
QUALITY = 82
#: Whether every photo on the screen is there; those further down are not asked for before somebody scrolls.
LOADED = """() => [...document.images].every((img) => img.complete
  || img.getBoundingClientRect().top > innerHeight || !img.checkVisibility())"""
MOST_BYTES = 6_000_000
#: name → width, height, pixels per dot, whether it is a phone.
SCREENS: dict[str, tuple[int, int, float, bool]] = {"": (1280, 900, 1, False), "-phone": (390, 780, 1.5, True)}
SCHEMES: dict[str, Any] = {"": "light", "-dark": "dark"}


@dataclass(frozen=True)
class Scene:
    """One page, and how to get there."""

    name: str
    open: Callable[[Page], object]
    #: Height of the picture on a desktop, where the first screen is not enough.
    height: int = 900


def main() -> None:
    """Take all pictures."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    # Stopped half way it leaves nothing behind, either.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    browser_path = shutil.which("chromium") or shutil.which("google-chrome")
    if browser_path is None:
        sys.exit("make screenshots needs Chromium (apt-get install chromium).")
    with tempfile.TemporaryDirectory(prefix="vogue-screenshots-") as folder, open_shop(Path(folder)) as shop:
        scenes = list(scenes_of(shop, Path(folder)))
        made: dict[str, bytes] = {}
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=browser_path, args=CHROMIUM_OPTIONS)
            for screen in SCREENS:
                for scheme in SCHEMES:
                    made |= dict(taken(browser, shop, scenes, screen, scheme))
            browser.close()
    # All or nothing: an interrupted run leaves the pictures that were there.
    OUT.mkdir(parents=True, exist_ok=True)
    for name, data in made.items():
        (OUT / name).write_bytes(data)
    total = sum(map(len, made.values()))
    logger.info("%d pictures, %.1f MB, in %s", len(made), total / 1e6, OUT.relative_to(ROOT))
    if total > MOST_BYTES:
        sys.exit(f"That is more than {MOST_BYTES / 1e6:g} MB: lower QUALITY.")


@contextmanager
def open_shop(folder: Path) -> Iterator[Shop]:
    """Open a drawn shop, with its owner's account and a report of how good its eye is."""
    shop = Shop(folder)
    try:
        for command in (
            ("migrate",),
            ("collectstatic", "--noinput"),
            ("create_sample_inventory", "--count", str(PRODUCTS)),
            ("embed_products",),
            ("rebuild_index",),
            ("evaluate_retrieval", "--limit", "120", "--shopper-photos", "12", "--off-catalogue", "40", "--report"),
        ):
            logger.info("manage.py %s", " ".join(command))
            shop.manage(*command, timeout=1200)
        shop.manage(
            *("createsuperuser", "--noinput", "--username", "owner", "--email", "owner@shop.example"),
            DJANGO_SUPERUSER_PASSWORD=PASSWORD,
        )
        # A month of visitors, by chance: what is photographed itself is too few.
        logger.info("drawing events")
        shop.manage("shell", "-c", f"from benchmarks.events import fill; fill(30_000, days=30, products={PRODUCTS})")
        shop.start("web")
        yield shop
    finally:
        shop.stop()


def scenes_of(shop: Shop, folder: Path) -> Iterator[Scene]:
    """Yield every page worth a picture."""
    products = shop.get("/api/v1/products/?page_size=100").json()["results"]
    # One photo leaves room for the strip on the first screen.
    product = next(each for each in products if "gallery-many" not in shop.get(each["url"]).text)
    pair = [
        next(each for each in products if each["category"]["path"].startswith(kind)) for kind in ("clothing", "shoes")
    ]
    pictures = [Image.open(io.BytesIO(shop.get(each["image"]).body)).convert("RGB").resize((600, 800)) for each in pair]
    two, nothing = folder / "two.jpg", folder / "nothing.jpg"
    composite(pictures, random.Random(2), "plain")[0].resize((2048, 1536)).save(two, quality=90)
    landscape((1200, 900), np.random.default_rng(4)).convert("RGB").save(nothing, quality=90)

    def at(path: str) -> Callable[[Page], object]:
        return lambda page: page.goto(f"{shop.address}{path}")

    def searched(photo: Path) -> Callable[[Page], object]:
        def search(page: Page) -> None:
            page.goto(f"{shop.address}/")
            page.locator("header [data-photo-open]").click()
            page.locator("#picker-photo").set_input_files(photo)
            page.locator("#cards").wait_for(timeout=60_000)
            # Away from what a pointer lights up.
            page.mouse.move(0, 0)

        return search

    yield Scene("home", at("/"))
    yield Scene("list", at("/products/"))
    yield Scene("product", at(product["url"]), height=1300)
    yield Scene("photo-search", searched(two))
    yield Scene("nothing-close", searched(nothing))
    yield Scene("similar", at(f"{product['url']}similar/"))
    yield Scene("admin", at("/admin/catalog/product/"))
    yield from (Scene(name, at(path), height=1500) for name, path in owners_pages(shop))


def owners_pages(shop: Shop) -> Iterator[tuple[str, str]]:
    """Yield the pages of figures the admin leads to."""
    shop.get("/admin/login/")
    shop.post("/admin/login/", {"username": "owner", "password": PASSWORD, "next": "/admin/"})
    # An app of the shop may lack it.
    events = "/admin/vogue_events/givenanswer/"
    if shop.get(events).status == 200:
        yield "events", events
    releases = shop.get("/admin/recommendations/indexrelease/").text
    report = next((part for part in releases.split('"') if "/indexrelease/reports/" in part), "")
    if report:
        yield "report", report


def taken(browser: Browser, shop: Shop, scenes: list[Scene], screen: str, scheme: str) -> Iterator[tuple[str, bytes]]:
    """Take every scene on one screen in one scheme; yield file names and pictures."""
    width, height, dots, phone = SCREENS[screen]
    context = browser.new_context(
        viewport={"width": width, "height": height},
        device_scale_factor=dots,
        is_mobile=phone,
        has_touch=phone,
        color_scheme=SCHEMES[scheme],
        reduced_motion="reduce",
        locale="en",
    )
    page = context.new_page()
    page.set_default_timeout(120_000)
    page.goto(f"{shop.address}/admin/")
    page.locator("#id_username").fill("owner")
    page.locator("#id_password").fill(PASSWORD)
    page.locator('[type="submit"]').click()
    page.wait_for_url("**/admin/")
    for scene in scenes:
        page.set_viewport_size({"width": width, "height": height if phone else scene.height})
        scene.open(page)
        page.wait_for_load_state("networkidle")
        page.wait_for_function(LOADED)
        with Image.open(io.BytesIO(page.screenshot())) as picture:
            buffer = io.BytesIO()
            picture.convert("RGB").save(buffer, "WEBP", quality=QUALITY, method=6)
        name = f"{scene.name}{screen}{scheme}.webp"
        logger.info("%s", name)
        yield name, buffer.getvalue()
    context.close()


if __name__ == "__main__":
    main()
