"""The suite once more in processes of their own, on the database and the index that production uses."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
#: What asks the database most: the two stories, and what shows them.
STORIES = ("search", "indexing", "tasks", "serving")
EDGES = ("commands_search", "health", "admin", "api", "templatetags")
#: Parts that are tested elsewhere and have nothing to do with the database.
WITHOUT = "not network and not redis and not browser"


def run_tests(database: str, *arguments: str, index: str) -> None:
    """Run pytest on this database; fail with what it says."""
    env = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "COV"))}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "--color=no", "--tb=short", "-p", "no:cacheprovider", *arguments],
        cwd=ROOT,
        env={**env, "DATABASE_URL": database, "VOGUE_INDEX": index},
        capture_output=True,
        text=True,
        check=False,
        timeout=1_200,
    )
    said = f"{done.stdout[-20_000:]}\n{done.stderr[-5_000:]}"
    assert done.returncode == 0, said
    # Passing means something only where something ran, and all of it did.
    summary = done.stdout.strip().splitlines()[-1]
    assert " passed" in summary, said
    assert "skipped" not in summary, said


@pytest.mark.postgres
@pytest.mark.timeout(1_300)
def test_search_and_indexing_work_on_postgresql(postgres_url: str) -> None:
    files = [f"tests/recommendations/test_{name}.py" for name in (*STORIES, "live")]
    files += ["tests/catalog/test_models.py", "tests/catalog/test_views.py", "tests/catalog/test_import_inventory.py"]
    run_tests(postgres_url, *files, "-m", WITHOUT, index="annoy")


@pytest.mark.postgres
@pytest.mark.timeout(1_300)
def test_search_and_indexing_work_on_pgvector(postgres_url: str) -> None:
    files = [f"tests/recommendations/test_{name}.py" for name in (*STORIES, *EDGES)]
    run_tests(postgres_url, "tests/pgvector", *files, "-m", f"{WITHOUT} and not releases", index="pgvector")
