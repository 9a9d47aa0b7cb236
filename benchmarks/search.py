"""Latency over HTTP: ``python -m benchmarks.search [--sizes 3000 37980] [--requests N]``.

For each size a shop of its own is filled from ``VOGUE_TEST_INVENTORY`` (a zip in the published layout; drawn products
without it), embedded, indexed and served by its real web server; then one visitor asks for product pages, similar
products and photo searches, one request at a time, in turns. ``/health/live/`` does nothing but answer: what it takes
is the floor, and the ratio to it is what can be compared between machines. ``cpu ms`` is what the web server
spent on a request, which a busy machine changes less (Linux only).
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from catalog.sample.inventory import LARGEST
from tests.e2e.shop import Shop

#: Marks a shop that is complete.
FILLED = "filled"


def main(arguments: list[str] | None = None) -> int:
    """Measure each size and print its table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.search", description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[3_000, 37_980], help="products in the shop")
    parser.add_argument("--requests", type=int, default=200, help="requests of each kind")
    parser.add_argument("--keep", type=Path, help="folder in which the filled shops stay, for another run")
    options = parser.parse_args(arguments)
    inventory = os.environ.get("VOGUE_TEST_INVENTORY")
    for size in options.sizes if inventory else sorted({min(size, LARGEST) for size in options.sizes}):
        with tempfile.TemporaryDirectory(prefix="vogue-bench-") as folder:
            own = options.keep / str(size) if options.keep else Path(folder)
            measure(Shop(own), size, options.requests)
    return 0


def measure(shop: Shop, size: int, requests: int) -> None:
    """Fill a shop, serve it, ask, print."""
    if not (shop.folder / FILLED).exists():
        fill(shop, size)
    shop.start("web")
    try:
        products, photos = sample(shop, requests)
        took: list[dict[str, float]] = []

        def get(path: str) -> None:
            response = shop.get(path)
            assert response.status == 200, f"{path}: {response.status}"

        def search(turn: int) -> None:
            answer = shop.post("/api/v1/search/photo/", {}, {"image": photos[turn % len(photos)]})
            took.append(answer.json()["took_ms"])

        kinds: dict[str, Callable[[int], object]] = {
            "nothing (/health/live/)": lambda _: get("/health/live/"),
            "product page with strip": lambda turn: get(products[turn % len(products)]["url"]),
            "similar products (API)": lambda turn: get(
                f"/api/v1/products/{products[turn % len(products)]['id']}/similar/"
            ),
            "photo search (API)": search,
        }
        times, spent = in_turns(kinds, requests, shop.running["web"].pid)
    finally:
        shop.stop()
    print(f"\n{size:,} products, {requests} requests of each kind, {os.cpu_count()} processors")
    floor = statistics.median(times["nothing (/health/live/)"])
    print(f"{'':26}{'p50 ms':>9}{'p95 ms':>9}{'x floor':>9}{'cpu ms':>9}")
    for name, values in times.items():
        p50, p95 = statistics.median(values), statistics.quantiles(values, n=20)[18]
        print(f"{name:26}{p50:9.1f}{p95:9.1f}{p50 / floor:9.1f}{statistics.median(spent[name]):9.1f}")
    parts = {part: statistics.median(row[part] for row in took[-requests:]) for part in took[-1]}
    print("photo search, inside: " + ", ".join(f"{part} {value:.1f} ms" for part, value in parts.items()), flush=True)


def fill(shop: Shop, size: int) -> None:
    """Make a shop of this many products, everything embedded and indexed."""
    shop.folder.mkdir(parents=True, exist_ok=True)
    inventory = os.environ.get("VOGUE_TEST_INVENTORY")
    for arguments in (
        ("migrate", "--verbosity=0"),
        ("collectstatic", "--noinput", "--verbosity=0"),
        ("import_inventory", inventory, f"--limit={size}")
        if inventory
        else ("create_sample_inventory", f"--count={size}"),
        ("embed_products",),
        ("rebuild_index",),
    ):
        started = time.perf_counter()
        # Longer than any command of a test may take.
        shop.manage(*arguments, timeout=3_600)
        print(f"{arguments[0]}: {time.perf_counter() - started:.0f} s", flush=True)
    (shop.folder / FILLED).touch()


def sample(shop: Shop, count: int) -> tuple[list[dict[str, Any]], list[bytes]]:
    """Return some products as the API gives them, and the photos of some."""
    pages = shop.get("/api/v1/products/?page_size=100").json()
    products: list[dict[str, Any]] = list(pages["results"])
    while pages["next"] and len(products) < count:
        pages = shop.get(pages["next"]).json()
        products += pages["results"]
    random.Random(0).shuffle(products)
    photos = [shop.get(product["image"]).body for product in products[:50] if product["image"]]
    return products[:count], photos


def in_turns(
    kinds: dict[str, Callable[[int], object]], requests: int, server: int
) -> tuple[dict[str, list[float]], dict[str, list[float]]]:
    """Return milliseconds per request by kind, and those the server's processors spent on it.

    A few first requests warm up and are left out.
    """
    times: dict[str, list[float]] = {name: [] for name in kinds}
    spent: dict[str, list[float]] = {name: [] for name in kinds}
    for turn in range(-10, requests):
        for name, ask in kinds.items():
            before = processor_ms(server)
            started = time.perf_counter()
            ask(turn)
            if turn >= 0:
                times[name].append((time.perf_counter() - started) * 1000)
                spent[name].append(processor_ms(server) - before)
    return times, spent


def processor_ms(server: int) -> float:
    """Return what this process, its children and all their threads have run so far; 0 where there is no /proc."""
    nanoseconds = 0
    for pid in (server, *children(server)):
        for thread in Path(f"/proc/{pid}/task").glob("*/schedstat"):
            nanoseconds += int(thread.read_text().split()[0])
    return nanoseconds / 1e6


def children(pid: int) -> list[int]:
    """Return a process's children; none where there is no /proc."""
    file = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(child) for child in file.read_text().split()] if file.exists() else []


if __name__ == "__main__":
    sys.exit(main())
