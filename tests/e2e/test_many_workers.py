"""Embedding scales by adding workers: real Celery, real Redis."""

from __future__ import annotations

import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.e2e.shop import ROOT, Shop
from tests.services import wait_for

pytestmark = [pytest.mark.redis, pytest.mark.timeout(180)]

PHOTOS = 2_000
WORKERS = ("one", "two")


@pytest.fixture
def shop(tmp_path: Path, redis_url: str) -> Iterator[Shop]:
    made = Shop(tmp_path, redis=redis_url)
    made.env["DJANGO_SETTINGS_MODULE"] = "tests.settings_processes"
    yield made
    made.stop()


def act(shop: Shop, role: str) -> None:
    """Play a role of ``tests.recommendations.actors`` to its end."""
    command = [sys.executable, "-m", "tests.recommendations.actors", role, str(shop.folder), f"--count={PHOTOS}"]
    done = subprocess.run(command, cwd=ROOT, env=shop.env, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr[-4000:]


def start_worker(shop: Shop, name: str) -> None:
    with shop.log(name).open("wb") as log:
        shop.running[name] = subprocess.Popen(
            [
                *(sys.executable, "-m", "celery", "-A", "vogue_site", "worker", "-n", f"{name}@here"),
                "--queues=embed",
                *("--concurrency", "1", "--without-gossip", "--without-mingle", "--loglevel", "INFO"),
            ],
            cwd=ROOT,
            env=shop.env,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )


def ask(shop: Shop, question: str) -> list[tuple[object, ...]]:

    with closing(sqlite3.connect(shop.folder / "db.sqlite3", timeout=20)) as connection:
        return connection.execute(question).fetchall()


def test_two_workers_share_two_thousand_photos_and_do_none_twice(shop: Shop) -> None:
    shop.manage("migrate")
    act(shop, "stock")
    for name in WORKERS:
        start_worker(shop, name)
    wait_for(lambda: all(" ready." in shop.log(name).read_text() for name in WORKERS), "both workers starting")
    act(shop, "queue")
    rows = "recommendations_imageembedding"
    wait_for(
        lambda: ask(shop, f"SELECT COUNT(*) FROM {rows} WHERE status != 'ready'") == [(0,)], "embedding", seconds=120
    )
    # What was sent twice is in the queue still, and is to find nothing to do.
    expected = 2 * -(-PHOTOS // 32)
    wait_for(lambda: sum(tasks_of(shop, name) for name in WORKERS) == expected, "all tasks ending")

    assert ask(shop, f"SELECT COUNT(*), MIN(attempts), MAX(attempts), COUNT(DISTINCT revision) FROM {rows}") == [
        (PHOTOS, 1, 1, PHOTOS)
    ]
    computed = {name: computed_by(shop, name) for name in WORKERS}
    assert sum(computed.values()) == PHOTOS
    assert min(computed.values()) >= PHOTOS // 20, computed


def tasks_of(shop: Shop, worker: str) -> int:
    return len(re.findall(r"embed_photos\[\S+\] succeeded", shop.log(worker).read_text()))


def computed_by(shop: Shop, worker: str) -> int:
    """Return how many photos went through this worker's network, by its own log."""
    return sum(map(int, re.findall(r"computed (\d+) photos", shop.log(worker).read_text())))
