"""A release on trial, before anyone relies on it: ``python -m recommendations.indexes.canary FOLDER``.

A valid file can still be a bad index, or one that kills its reader. So a process of its own opens it, asks what it must
know, compares it with exact search, and settles how thoroughly to search. If it dies, nothing is published.
"""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from recommendations.exceptions import BuildError, VogueError
from recommendations.indexes.annoy_index import AnnoyIndex
from recommendations.indexes.exact_index import ExactIndex
from recommendations.indexes.files import map_arrays
from recommendations.indexes.manifest import ANNOY
from recommendations.indexes.processes import run_python
from recommendations.indexes.recall import Exam

#: Below this an index is not approximate but wrong.
LEAST_RECALL = 0.5

#: Exit status of a child that refuses the release; others mean that it crashed.
REFUSED = 3


@dataclass(frozen=True)
class Trial:
    """What the child must know. ``known``: some embedding ids, each with the vector it must be found by."""

    backend: str
    embedder: str
    count: int
    dimensions: int
    trees: int
    recall_target: float
    known: list[tuple[int, list[float]]]


@dataclass(frozen=True)
class Verdict:
    """What the child found: ``search_k`` to search with (annoy), and recall@5; None where there was nothing to ask."""

    search_k: int | None
    recall: float | None
    recall_perturbed: float | None

    @property
    def summary(self) -> str:
        """One line for people."""
        if self.recall is None:
            return "Nothing to find in an empty index"
        if self.search_k is None:
            return "Search is exact"
        return f"recall@5 {self.recall:.3f}, {self.recall_perturbed:.3f} near the gallery; search_k {self.search_k:,}"

    def warning(self, target: float) -> str:
        """Return a sentence where the target was missed, or ""."""
        if self.recall is None or self.recall_perturbed is None or min(self.recall, self.recall_perturbed) >= target:
            return ""
        return (
            f"recall@5 is {self.recall:.3f} ({self.recall_perturbed:.3f} for photos near the gallery), "
            f"below the target of {target:g}; more trees raise it."
        )


def try_release(directory: Path, trial: Trial, *, timeout: float) -> Verdict:
    """Have a child process examine the files in ``directory``.

    Raises:
        BuildError: it refused them, crashed, or took longer than ``timeout`` seconds.
    """
    try:
        child = run_python(["-m", __name__, str(directory)], timeout=timeout, stdin=json.dumps(asdict(trial)))
    except subprocess.TimeoutExpired as error:
        raise BuildError(f"The trial of the new index took longer than {timeout:g} s; it is not published.") from error
    except OSError as error:
        raise BuildError(f"The trial of the new index could not be started: {error}") from error
    reason = (child.stderr.strip().splitlines() or ["no word"])[-1]
    if child.returncode == REFUSED:
        raise BuildError(f"The new index failed its trial and is not published: {reason}")
    if child.returncode:
        raise BuildError(
            f"The trial of the new index crashed (status {child.returncode}: {reason}); it is not published."
        )
    return Verdict(**json.loads(child.stdout))


def examine(directory: Path, trial: Trial) -> Verdict:
    """Examine a release in this process, which may die of it.

    Raises:
        BuildError, ReleaseError: it is not fit to be published.
    """
    arrays = map_arrays(directory, count=trial.count, dimensions=trial.dimensions)
    exact = ExactIndex(arrays.ids, arrays.vectors, embedder=trial.embedder)
    exact_only = trial.backend == "exact"
    if not len(exact):
        return Verdict(None if exact_only else 20 * trial.trees, None, None)
    if exact_only:
        _check_known(exact, exact, trial)
        return Verdict(None, 1.0, 1.0)
    index = AnnoyIndex(directory / ANNOY, exact, trees=trial.trees, search_k=20 * trial.trees)
    if (fault := index.fault(samples=64)) is not None:
        raise BuildError(fault)
    # Past so many nodes Annoy reads more than an exact scan would; small galleries may be read several times over.
    most = max(len(exact), 10_000)
    aim = max(trial.recall_target, LEAST_RECALL)
    # Settled on one sample, with a margin for its luck; recorded from another, which had no say in the choice.
    exam = Exam(exact, seed=0)
    while exam.take(index).at_least < aim and index.search_k < most:
        _search_harder(index, most)
    exam = Exam(exact, seed=1)
    while (marks := exam.take(index)).worse < aim and index.search_k < most:
        _search_harder(index, most)
    if marks.worse < LEAST_RECALL:
        raise BuildError(f"it finds {marks.gallery:.3f} of the nearest 5 ({marks.near:.3f} for vectors not in it)")
    _check_known(index, exact, trial)
    return Verdict(index.search_k, round(marks.gallery, 5), round(marks.near, 5))


def _search_harder(index: AnnoyIndex, most: int) -> None:
    index.search_k = min(most, index.search_k * 3 // 2)


def _check_known(index: AnnoyIndex | ExactIndex, exact: ExactIndex, trial: Trial) -> None:
    for embedding_id, values in trial.known:
        vector = np.array(values, dtype=np.float32)
        row = int(np.searchsorted(exact.ids, embedding_id))
        held = row < len(exact) and exact.ids[row] == embedding_id and np.array_equal(exact.vectors[row], vector)
        if not held or index.query(vector, 1, embedder=trial.embedder)[0].score < 1 - 1e-5:
            raise BuildError(f"embedding {embedding_id} is not found by its own vector")


def main() -> int:
    """Read a trial from standard input, write the verdict to standard output."""
    asked = json.load(sys.stdin)
    try:
        verdict = examine(Path(sys.argv[1]), Trial(**asked))
    except VogueError as error:
        sys.stderr.write(f"{error}\n")
        return REFUSED
    sys.stdout.write(json.dumps(asdict(verdict)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
