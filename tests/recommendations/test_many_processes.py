"""Several processes on one shop: each answer is right for some moment between question and answer."""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.embedders import BlueFirstEmbedder, MeanColourEmbedder
from tests.recommendations.actors import RELEASES, STOP
from tests.services import needs_proc, wait_for

pytestmark = pytest.mark.timeout(180)

ROOT = Path(__file__).resolve().parents[2]
NEVER = float("inf")


class Stage:
    """A shop's folder and database, and the processes on it."""

    def __init__(self, folder: Path, database: str, **more: str) -> None:
        folder.mkdir(exist_ok=True)
        self.folder = folder
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("DJANGO_", "VOGUE_"))}
        kept.pop("REDIS_URL", None)
        self.env = {
            **kept,
            "DJANGO_SETTINGS_MODULE": "tests.settings_processes",
            "DJANGO_LOG_LEVEL": "ERROR",
            "VOGUE_VAR_DIR": str(folder),
            "OPENBLAS_NUM_THREADS": "1",
            **({"DATABASE_URL": database} if database else {}),
            **more,
        }
        if not database:
            self.env.pop("DATABASE_URL", None)
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, role: str, number: int = 0, count: int = 0) -> None:
        command = ["-m", "tests.recommendations.actors", role, str(self.folder)]
        self.run(role, number, *command, f"--number={number}", f"--count={count}")

    def run(self, name: str, number: int, *arguments: str) -> None:
        """Start a Python of these arguments."""
        with self._output(name, number).open("wb") as output:
            self._running[f"{name}-{number}"] = subprocess.Popen(
                [sys.executable, *arguments], cwd=ROOT, env=self.env, stdout=output, stderr=output
            )

    def play(self, role: str, number: int = 0, count: int = 0) -> None:
        """Run a role that ends by itself."""
        self.start(role, number, count)
        self._join(f"{role}-{number}", seconds=120)

    def command(self, name: str) -> None:
        """Run a manage.py command that ends by itself."""
        self.run(name, 0, "manage.py", name)
        self._join(f"{name}-0", seconds=120)

    def stop(self) -> None:
        """Ask all to stop, and fail where one did not end well."""
        (self.folder / STOP).touch()
        for name in list(self._running):
            self._join(name, seconds=30)

    def kill(self, *names: str) -> None:
        """End these processes ("read-1"), or all, without a word."""
        for name in names or tuple(self._running):
            process = self._running.pop(name)
            process.kill()
            process.wait()

    def notes(self, role: str) -> list[dict[str, Any]]:
        """Return what all processes of a role (or one: "read-1") wrote down, whole lines only."""
        paths = sorted(self.folder.glob(f"{role}*.jsonl"))
        lines = [line for path in paths for line in path.read_text().splitlines(keepends=True)]
        return [json.loads(line) for line in lines if line.endswith("\n")]

    def alive(self) -> None:
        """Fail where a process has ended by itself, with what it said."""
        for name, process in self._running.items():
            if process.poll():
                pytest.fail(f"{name} ended:\n{self._output(*name.rsplit('-', 1)).read_text()[-4000:]}")

    def _join(self, name: str, seconds: float) -> None:
        process = self._running.pop(name)
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        output = self._output(*name.rsplit("-", 1)).read_text()
        if process.returncode:
            pytest.fail(f"{name} ended with {process.returncode}:\n{output[-4000:]}")

    def _output(self, role: str, number: int | str) -> Path:
        return self.folder / f"{role}-{number}.log"


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def stage(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Stage]:
    made = Stage(tmp_path, request.getfixturevalue("postgres_url") if request.param == "postgres" else "")
    yield made
    made.kill()


@pytest.mark.fault
def test_two_write_and_two_read_while_releases_come_and_go(stage: Stage) -> None:
    """No product after its deletion or hiding, no vector after its replacement, none missing from its commit on."""
    stage.play("prepare", number=9, count=15)
    for number in (1, 2):
        stage.start("write", number)
        stage.start("read", number)
    stage.start("build")
    began = time.monotonic()

    def enough() -> bool:
        stage.alive()
        counted = [len(stage.notes(role)) for role in ("write", "read", "build")]
        return time.monotonic() > began + 6 and counted[0] >= 80 and counted[1] >= 200 and counted[2] >= 4

    wait_for(enough, "writing, reading and building", seconds=60, every=0.5)
    stage.stop()
    answers = stage.notes("read")
    assert len({answer["release"] for answer in answers}) >= 3
    judge(stage.notes("prepare") + stage.notes("write"), answers)


def judge(changes: list[dict[str, Any]], answers: list[dict[str, Any]]) -> None:
    """Fail for an answer that is right at no moment between its question and itself."""
    spans: dict[int, list[tuple[float, float, float, float, Any]]] = defaultdict(list)
    by_product = defaultdict(list)
    for change in changes:
        by_product[change["product"]].append(change)
    for product, own in by_product.items():
        own.sort(key=lambda change: float(change["over"]))
        for change, after in zip(own, [*own[1:], {"began": NEVER, "over": NEVER}], strict=True):
            if change["vector"] is not None:
                vector = np.array(change["vector"])
                # It may hold from when its commit began until the next one was over; in between those it must.
                spans[product].append((change["began"], change["over"], after["began"], after["over"], vector))
    told = 0
    for answer in answers:
        asked, answered, query = answer["began"], answer["over"], np.array(answer["query"])
        found = dict(answer["found"])
        assert len(found) == len(answer["found"]) <= answer["k"]
        assert [score for _, score in answer["found"]] == sorted(found.values(), reverse=True)
        for product, score in found.items():
            held = [v for may, _, _, until, v in spans[product] if may <= answered and asked <= until]
            assert held, f"product {product} was gone before {answer} was asked"
            assert any(abs(v @ query - score) < 1e-5 for v in held), f"product {product} has an old vector in {answer}"
        worst = min(found.values(), default=NEVER) if len(found) == answer["k"] else -NEVER
        for product, own_spans in spans.items():
            for _, must, until, _, vector in own_spans:
                if must <= asked and answered <= until and product not in found:
                    told += 1
                    assert vector @ query <= worst + 1e-5, f"product {product} is missing in {answer}"
    assert told, "no answer left anything out: the test shows nothing"


@pytest.mark.parametrize(
    ("found", "complaint"),
    [
        ([(1, 1.0), (2, 0.8)], None),
        ([(1, 1.0)], "missing"),
        ([(2, 0.8)], "missing"),
        ([(1, 0.6), (2, 0.6)], "old vector"),
        ([(1, 1.0), (3, 0.9)], "gone"),
    ],
)
def test_the_judge_can_tell(found: list[tuple[int, float]], complaint: str | None) -> None:
    east, north = [1.0, 0.0], [0.8, 0.6]
    changes: list[dict[str, Any]] = [
        {"product": 1, "vector": north, "began": 0, "over": 1},
        {"product": 1, "vector": east, "began": 2, "over": 3},
        {"product": 2, "vector": north, "began": 0, "over": 1},
        {"product": 3, "vector": [0.9, 0.43588989], "began": 0, "over": 1},
        {"product": 3, "vector": None, "began": 2, "over": 3},
        {"product": 4, "vector": [0.0, 1.0], "began": 0, "over": 1},
    ]
    answer: dict[str, Any] = {"query": east, "k": 2, "found": found, "began": 4, "over": 5}
    if complaint is None:
        judge(changes, [answer])
    else:
        with pytest.raises(AssertionError, match=complaint):
            judge(changes, [answer])


@pytest.mark.timeout(300)
def test_another_embedder_takes_over_in_every_process(stage: Stage) -> None:
    """Who serves answers with the old one until the switch, then with the new one: never both, never an error."""
    stage.play("prepare", number=9, count=15)
    stage.command("rebuild_index")
    # Its vectors are the old one's in another order: were the two ever to meet, the scores would tell.
    after = Stage(stage.folder, stage.env.get("DATABASE_URL", ""), TEST_EMBEDDER="tests.embedders.BlueFirstEmbedder")
    readers = {1: stage, 2: after}  # the second has been started with the new settings already
    try:
        for number, where in readers.items():
            where.start("read", number)

        def answers_go_on(by: str) -> None:
            told = {number: len(stage.notes(f"read-{number}")) for number in readers}

            def enough() -> bool:
                stage.alive()
                after.alive()
                new = [stage.notes(f"read-{number}")[told[number] :] for number in readers]
                return all(len(answers) >= 15 and answers[-1]["embedder"] == by for answers in new)

            wait_for(enough, "both readers answering on", seconds=60)

        answers_go_on(MeanColourEmbedder.name)
        after.command("embed_products")
        answers_go_on(MeanColourEmbedder.name)
        after.command("rebuild_index")
        answers_go_on(BlueFirstEmbedder.name)
        stage.stop()
        after.stop()
    finally:
        after.kill()
    for number in readers:
        answers = stage.notes(f"read-{number}")
        # One after the other, and each embedder with releases of its own.
        turns = [who for who, _ in itertools.groupby(answer["embedder"] for answer in answers)]
        assert turns == [MeanColourEmbedder.name, BlueFirstEmbedder.name]
        assert len({(answer["embedder"], answer["release"]) for answer in answers}) == 2
        if number == 2:
            answers = [{**answer, "query": answer["query"][::-1]} for answer in answers]
        judge(stage.notes("prepare"), answers)


@needs_proc
@pytest.mark.fault
def test_searching_through_two_hundred_swaps(tmp_path: Path) -> None:
    """F19: no error, every answer from one release, memory and open files level."""
    stage = Stage(tmp_path, "")
    try:
        stage.play("prepare", count=5)
        stage.play("release", 1, count=30)
        for number, threads in enumerate((8, 1, 1)):
            stage.start("search", number, threads)
        wait_for(lambda: all(stage.notes(f"search-{number}") for number in range(3)), "all three searching")
        stage.play("swap", 0, count=50)
        early = [stage.notes(f"search-{number}")[-1] for number in range(3)]
        stage.play("swap", 1, count=150)
        stage.stop()
        late = [stage.notes(f"search-{number}")[-1] for number in range(3)]
    finally:
        stage.kill()
    assert [note for note in stage.notes("search") if "wrong" in note or "error" in note] == []
    for then, now in zip(early, late, strict=True):
        assert now["answers"] > then["answers"] > 0
        assert len(now["releases"]) == RELEASES
        assert now["swaps"] > 20
        assert now["files"] <= then["files"] + 4
        assert now["mapped"] <= then["mapped"] + 4
        assert now["kilobytes"] <= then["kilobytes"] + 10_000
