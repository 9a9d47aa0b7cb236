"""One contender's turn, in processes of its own: one builds and tunes, another answers."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.contenders import ADDRESS, CONTENDERS, Contender, Floats, Scan
from benchmarks.vectors import Questions
from recommendations.indexes.recall import K

#: Raised by half until recall is reached, up to here.
MOST_EFFORT = 4_096
#: Exact scans between each contender's own answers: what the machine is worth just then …
SCANS = 20
#: … and answers that do not count after each, as a scan leaves nothing else in the processor's caches.
WARM_UP = 5
_CHILD = "import sys; from benchmarks import trial; trial.child(sys.argv[1:])"
#: What answers has one thread, whatever the library's own idea.
_ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")


def run(stage: str, name: str, folder: Path, options: dict[str, Any]) -> dict[str, Any]:
    """Have a child process do one stage, "build" or "ask"; return what it found.

    Raises:
        RuntimeError: it failed; the message is its last line.
    """
    result = subprocess.run(
        [sys.executable, "-c", _CHILD, stage, name, str(folder), json.dumps(options)],
        env={**os.environ, ADDRESS: options["postgres"], **(_ONE_THREAD if stage == "ask" else {})},
        capture_output=True,
        text=True,
        check=False,
    )
    if result.returncode:
        last = (result.stderr.strip().splitlines() or ["no word"])[-1]
        raise RuntimeError(f"{name}: {stage} ended with {result.returncode}: {last}")
    lines = result.stdout.strip().splitlines()
    for line in lines[:-1]:
        print(line, flush=True)
    found: dict[str, Any] = json.loads(lines[-1])
    return found


def child(arguments: list[str]) -> None:
    """Be the child process of ``run``."""
    stage, name, folder, options = arguments
    work: Callable[..., dict[str, Any]] = {"build": build, "ask": ask}[stage]
    kind = CONTENDERS[name]
    settings = json.loads(options)
    own = Path(folder) / (kind.shared or name).replace(" ", "-").replace(",", "")
    own.mkdir(exist_ok=True)
    vectors = np.asarray(np.load(Path(folder) / "vectors.npy", mmap_mode="r"))
    contender = kind(own, settings["trees"])
    try:
        print(json.dumps(work(contender, vectors, Path(folder), settings)))
    finally:
        contender.close()


def build(contender: Contender, vectors: Floats, folder: Path, settings: dict[str, Any]) -> dict[str, Any]:
    """Build, then search harder until recall is reached for questions that do not count."""
    contender.prepare(vectors)
    started, spent = time.perf_counter(), _processor_seconds()
    contender.build(vectors)
    built = {"seconds": time.perf_counter() - started, "processor_seconds": _processor_seconds() - spent}
    effort = contender.effort
    if effort:
        questions = Questions.load(folder / "tuning.npz")
        contender.open(vectors)
        while True:
            contender.tune(effort)
            answers = [contender.ask(vector, K + 1) for vector in questions.vectors]
            if min(questions.recall(vectors, answers)) >= settings["recall"] or effort >= MOST_EFFORT:
                break
            effort = effort * 3 // 2
    peak = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)) * 1024
    return {**built, "effort": effort, "bytes": contender.bytes(), "build_memory": peak}


def ask(contender: Contender, vectors: Floats, folder: Path, settings: dict[str, Any]) -> dict[str, Any]:
    """Answer every question, one after another, timed; see how many answers were right."""
    questions = Questions.load(folder / "questions.npz")
    contender.prepare(vectors)
    own, shared = Contender.memory(contender) if type(contender).memory is Contender.memory else (0, 0)
    contender.open(vectors)
    if contender.effort:
        contender.tune(settings["effort"])
    # Once for the answers, which warms everything up; then for the time, with a scan now and then.
    answers = [contender.ask(vector, K + 1) for vector in questions.vectors]
    own_after, shared_after = contender.memory()
    scan = Scan(folder, 0)
    scan.open(vectors)
    times: list[tuple[float, float]] = []
    scans: list[tuple[float, float]] = []
    every = max(1, len(answers) // SCANS)
    for turn, vector in enumerate(questions.vectors):
        if turn % every == 0:
            scans.append(_seconds(scan, vector))
            for warm in questions.vectors[turn : turn + WARM_UP]:
                contender.ask(warm, K + 1)
        times.append(_seconds(contender, vector))
    recall_own, recall_near = questions.recall(vectors, answers)
    p50, p95 = np.percentile([wall for wall, _ in times], [50, 95]) * 1e3
    (exact, exact_cpu), (_, cpu) = np.median(scans, axis=0) * 1e3, np.median(times, axis=0) * 1e3
    return {
        "recall_own": recall_own,
        "recall_near": recall_near,
        "p50_ms": p50,
        "p95_ms": p95,
        "cpu_ms": cpu if contender.in_process else None,
        "exact_ms": exact,
        "exact_cpu_ms": exact_cpu,
        "of_exact": p50 / exact,
        "memory": own_after - own,
        "shared_memory": shared_after - shared,
    }


def _seconds(contender: Contender, vector: Floats) -> tuple[float, float]:
    """Return how long an answer takes, and how long this thread ran for it: a busy machine changes that less."""
    started, ran = time.perf_counter(), time.thread_time()
    contender.ask(vector, K + 1)
    return time.perf_counter() - started, time.thread_time() - ran


def _processor_seconds() -> float:
    """Return what this process and its finished children have spent, all threads together."""
    spent = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in spent)
