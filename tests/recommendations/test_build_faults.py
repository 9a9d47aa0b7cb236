"""Builders that get in each other's way, die, or are asked twice: real processes."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.recommendations.test_many_processes import ROOT, Stage
from tests.services import wait_for

pytestmark = [pytest.mark.fault, pytest.mark.releases, pytest.mark.timeout(300)]


@pytest.fixture
def shared(tmp_path: Path) -> Path:
    (tmp_path / "shared").mkdir()
    return tmp_path / "shared"


@pytest.fixture
def stage(tmp_path: Path, shared: Path, request: pytest.FixtureRequest) -> Iterator[Stage]:
    more = {"REDIS_URL": request.getfixturevalue("redis_url")} if "beats" in request.node.name else {}
    made = Stage(
        tmp_path / "shop",
        "",
        VOGUE_STORAGE="tests.storages.SharedFolder",
        VOGUE_STORAGE_OPTIONS=json.dumps({"location": str(shared / "storage")}),
        VOGUE_INDEX="exact",
        VOGUE_LEASE_SECONDS="3",
        VOGUE_SWEEP_SECONDS="1",
        VOGUE_REBUILD_SECONDS="1",
        **more,
    )
    yield made
    made.kill()


def ask(stage: Stage, question: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(stage.folder / "db.sqlite3", timeout=20)) as connection:
        return connection.execute(question).fetchall()


def rebuild(stage: Stage) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "manage.py", "rebuild_index"]
    return subprocess.run(command, cwd=ROOT, env=stage.env, capture_output=True, text=True, check=False, timeout=200)


def test_a_second_build_ends_busy_and_the_lease_of_a_killed_one_runs_out(stage: Stage, shared: Path) -> None:
    """F11."""
    stage.play("prepare", number=1, count=12)
    (shared / "write-stall").touch()
    stage.run("build", 1, "manage.py", "rebuild_index")
    wait_for((shared / "stalled").exists, "the first build standing still, its release half stored", seconds=120)
    (lease,) = ask(stage, "SELECT holder, expires FROM recommendations_lease")
    # Its heart beats on: after more than the lease's seconds it is still its.
    wait_for(lambda: ask(stage, "SELECT expires FROM recommendations_lease")[0][0] > lease[1], "a heartbeat")
    (shared / "write-stall").unlink()
    second = rebuild(stage)
    assert second.returncode == 1
    assert f"{lease[0]} is building the index already" in second.stderr
    assert ask(stage, "SELECT COUNT(*) FROM recommendations_indexrelease") == [(0,)]

    stage.kill("build-1")
    wait_for(lambda: rebuild(stage).returncode == 0, "a build after the dead one's lease ran out", seconds=200)
    (name, live) = ask(stage, "SELECT name, live FROM recommendations_indexrelease")[0]
    assert live == 1
    assert [path.name for path in (shared / "storage" / "releases").iterdir()] == [name]


@pytest.mark.redis
def test_two_beats_cause_no_work_twice(stage: Stage) -> None:
    """F12."""
    count = 10
    stage.play("prepare", number=1, count=1)
    stage.play("stock", number=2, count=count)
    celery = ("-m", "celery", "-A", "vogue_site")
    stage.run("worker", 1, *celery, "worker", "--queues", "embed,build", "--pool", "solo", "--without-mingle")
    for number in (1, 2):
        schedule = str(stage.folder / f"schedule-{number}")
        stage.run("beat", number, *celery, "beat", "--pidfile=", "--schedule", schedule, "--loglevel", "INFO")
    rows = "recommendations_imageembedding"
    done = f"SELECT COUNT(*) FROM {rows} WHERE status = 'ready'"
    wait_for(lambda: ask(stage, done) == [(count + 1,)], "all photos embedded", seconds=150)
    released = "SELECT MAX(count) FROM recommendations_indexrelease WHERE live"
    wait_for(lambda: ask(stage, released) == [(count + 1,)], "a release of all", seconds=60)

    def sent(number: int) -> int:
        return (stage.folder / f"beat-{number}.log").read_text().count("Sending due task")

    before = [sent(number) for number in (1, 2)]
    wait_for(lambda: all(sent(number) >= before[number - 1] + 4 for number in (1, 2)), "both beats going on")
    assert ask(stage, f"SELECT COUNT(*), MAX(attempts), COUNT(DISTINCT revision) FROM {rows}") == [
        (count + 1, 1, count + 1)
    ]
    # One when the first was embedded, one when all were; nothing is built that is built already.
    assert ask(stage, "SELECT COUNT(*) FROM recommendations_indexrelease")[0][0] <= 2
    stage.alive()
