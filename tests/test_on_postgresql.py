"""The suite once more in processes of their own, on the database and the index that production uses."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.services import new_database

pytestmark = [pytest.mark.postgres, pytest.mark.timeout(1_800)]

ROOT = Path(__file__).resolve().parents[1]
#: What asks the database most: the two stories, and what shows them.
STORIES = [f"tests/recommendations/test_{name}.py" for name in ("search", "indexing", "tasks", "serving")]
EDGES = [
    f"tests/recommendations/test_{name}.py" for name in ("commands_search", "health", "admin", "api", "templatetags")
]
SHOP = [f"tests/catalog/test_{name}.py" for name in ("models", "views", "import_inventory")]
#: Parts that are tested elsewhere and have nothing to do with the database.
WITHOUT = "not network and not redis and not browser"
#: VOGUE_INDEX → what to run.
RUNS = {
    "annoy": [*STORIES, "tests/recommendations/test_live.py", *SHOP, "-m", WITHOUT],
    "pgvector": ["tests/pgvector", *STORIES, *EDGES, "-m", f"{WITHOUT} and not releases"],
}


@dataclass
class Run:
    """Pytest on a database of its own."""

    process: subprocess.Popen[bytes]
    output: Path


@pytest.fixture(scope="module")
def runs(_postgres: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Run]]:
    """All of ``RUNS``, side by side: one alone leaves a processor idle."""
    folder = tmp_path_factory.mktemp("postgresql")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "COV"))}
    options = ("-q", "--color=no", "--tb=short", "-p", "no:cacheprovider")
    started: dict[str, Run] = {}
    with ExitStack() as databases:
        for index, arguments in RUNS.items():
            env = {**kept, "DATABASE_URL": databases.enter_context(new_database(_postgres)), "VOGUE_INDEX": index}
            output = folder / f"{index}.log"
            with output.open("wb") as log:
                process = subprocess.Popen(
                    [sys.executable, "-m", "pytest", *options, *arguments],
                    cwd=ROOT,
                    env=env,
                    stdout=log,
                    stderr=log,
                )
            started[index] = Run(process, output)
        yield started
        for run in started.values():
            run.process.kill()
            run.process.wait()


@pytest.mark.parametrize("index", RUNS)
def test_search_and_indexing_work_on_postgresql(runs: dict[str, Run], index: str) -> None:
    code = runs[index].process.wait(timeout=1_700)
    said = runs[index].output.read_text()
    assert code == 0, said[-25_000:]
    # Passing means something only where something ran, and all of it did.
    summary = said.strip().splitlines()[-1]
    assert " passed" in summary, said
    assert "skipped" not in summary, said
