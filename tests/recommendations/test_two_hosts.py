"""Two hosts, each with a folder of its own; one PostgreSQL, one Redis, one storage between them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest
from celery import Celery

from tests.recommendations.test_many_processes import Stage, judge
from tests.services import wait_for

pytestmark = [pytest.mark.fault, pytest.mark.postgres, pytest.mark.redis, pytest.mark.timeout(600)]

WORKER = ("-m", "celery", "-A", "vogue_site", "worker", "--queues", "build", "--pool", "solo", "--without-mingle")


class Hosts:
    """One host that writes and builds, one that searches."""

    def __init__(self, folder: Path, database: str, redis: str) -> None:
        self.shared = folder / "shared"
        self.shared.mkdir()
        self.storage = self.shared / "storage"
        self.database = database
        self.redis = redis
        env = {
            "REDIS_URL": redis,
            "VOGUE_STORAGE": "tests.storages.SharedFolder",
            "VOGUE_STORAGE_OPTIONS": json.dumps({"location": str(self.storage)}),
            "VOGUE_LEASE_SECONDS": "3",
        }
        self.builder = Stage(folder / "builder", database, **env)
        self.searcher = Stage(folder / "searcher", database, **env)
        self.asked = 0

    def live(self) -> str:
        """Return the live release's name, "" for none."""
        with psycopg.connect(self.database) as connection:
            row = connection.execute("SELECT name FROM recommendations_indexrelease WHERE live").fetchone()
        return str(row[0]) if row else ""

    def save_products(self, count: int) -> None:
        """Save and embed more products on the builder's host."""
        self.asked += 1
        self.builder.play("prepare", number=100 + self.asked, count=count)

    def ask_for_a_build(self) -> None:
        """Send the task, as a beat does."""
        with Celery(broker=self.redis) as app:
            app.send_task("recommendations.tasks.rebuild_index", queue="build", ignore_result=True)

    def build(self) -> str:
        """Have the worker build a release; return its name once it is live."""
        before = self.live()
        # More than once: while the lease of a builder that died runs on, a build ends "busy".
        for _ in range(10):
            self.ask_for_a_build()
            with suppress(pytest.fail.Exception):
                wait_for(lambda: self.live() != before, "a new release going live", seconds=20)
                break
        assert self.live() != before
        return self.live()

    def answered_by(self, number: int) -> list[str]:
        """Return the releases that answered a reader, in order."""
        return [note["release"] or "" for note in self.searcher.notes(f"read-{number}")]

    def fault(self, name: str) -> None:
        """Let this fault befall the storage, and no other; "" for none."""
        for path in (*self.shared.glob("read-*"), *self.shared.glob("write-*"), *self.shared.glob("stalled")):
            path.unlink()
        if name:
            (self.shared / name).touch()

    def stalled(self) -> bool:
        """Return whether somebody waits half way."""
        return (self.shared / "stalled").exists()

    def opened(self, release: str, filename: str) -> int:
        """Return how often this file was opened in the storage."""
        return (self.shared / "opened").read_text().splitlines().count(f"releases/{release}/{filename}")

    def stored(self) -> set[str]:
        """Return what lies in the storage, complete or not."""
        return {path.name for path in (self.storage / "releases").iterdir()}

    def folder(self, stage: Stage) -> Path:
        """Return a host's own folder of releases."""
        return stage.folder / "vogue" / "releases"

    def releases(self, stage: Stage) -> set[str]:
        """Return what lies in a host's folder, hidden names too."""
        return {path.name for path in self.folder(stage).iterdir() if path.is_dir()}


@pytest.fixture
def hosts(tmp_path: Path, postgres_url: str, redis_url: str) -> Iterator[Hosts]:
    made = Hosts(tmp_path, postgres_url, redis_url)
    yield made
    made.builder.kill()
    made.searcher.kill()


def test_a_download_lost_half_way_and_a_builder_killed_while_storing(hosts: Hosts) -> None:
    """F25: the old release serves meanwhile, right with everything newer; nothing half done is ever opened."""
    hosts.save_products(12)
    hosts.builder.run("worker", 1, *WORKER)
    first = hosts.build()
    hosts.searcher.start("read", 1)
    wait_for(lambda: hosts.answered_by(1)[-1:] == [first], "the searcher fetching the first release", seconds=120)
    assert hosts.releases(hosts.searcher) == {first}

    # The searcher is killed half way through the next one.
    hosts.fault("read-stall")
    hosts.save_products(3)
    second = hosts.build()
    wait_for(hosts.stalled, "a download half way", seconds=120)
    assert hosts.answered_by(1)[-1] == first
    hosts.searcher.kill("read-1")
    assert hosts.releases(hosts.searcher) == {first, f".{second}.part"}
    assert (hosts.folder(hosts.searcher) / f".{second}.part" / "vectors.npy.arriving").stat().st_size <= 150

    # Started again, it answers at once by the old one, while the connection breaks off again, and then comes back.
    hosts.fault("read-cut")
    hosts.searcher.start("read", 2)
    wait_for(lambda: hosts.opened(second, "vectors.npy") >= 2, "another try to fetch it", seconds=120)
    told = len(hosts.answered_by(2))
    wait_for(lambda: len(hosts.answered_by(2)) > told + 20, "answers meanwhile")
    assert set(hosts.answered_by(2)) == {first}
    assert hosts.releases(hosts.searcher) == {first, f".{second}.part"}
    hosts.fault("")
    wait_for(lambda: hosts.answered_by(2)[-1] == second, "the second release answering", seconds=120)
    assert hosts.releases(hosts.searcher) == {first, second}
    # What had come whole before was not fetched again.
    assert hosts.opened(second, "ids.npy") == hosts.opened(second, "index.ann") == 1

    # The builder is killed while it stores the third.
    hosts.fault("write-stall")
    hosts.save_products(3)
    hosts.ask_for_a_build()
    wait_for(hosts.stalled, "half of a release being stored", seconds=120)
    hosts.builder.kill("worker-1")
    assert hosts.live() == second
    (half,) = hosts.stored() - {first, second}
    assert not (hosts.storage / "releases" / half / "manifest.json").exists()
    hosts.fault("")
    hosts.builder.run("worker", 2, *WORKER)
    third = hosts.build()
    assert hosts.stored() == {first, second, third}
    wait_for(lambda: hosts.answered_by(2)[-1] == third, "the third release answering", seconds=120)
    assert hosts.releases(hosts.searcher) == {first, second, third}
    assert half not in {release for number in (1, 2) for release in hosts.answered_by(number)}

    hosts.searcher.stop()
    judge(hosts.builder.notes("prepare"), hosts.searcher.notes("read"))
