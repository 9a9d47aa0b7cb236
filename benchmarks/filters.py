"""What a filter costs, by how much of the gallery matches: ``python -m benchmarks.filters [--vectors FILE.npy]``.

A real SQLite shop is filled with a product for each vector (float32, unit rows; drawn in groups where no file is given)
and indexed. First it says how many of the true neighbours an answer misses, the further down the more: why only its
first quarter is believed (``VectorIndex.reliable``). Then searches for 5 products are answered in both ways,
over-fetching and exact scan, and by the rule that chooses between them. ``spread`` filters match here and there;
``elsewhere`` ones match only what looks unlike the query, the worst case of over-fetching. ``found`` is the share of
the true five best that the rule's answers hold. Times are medians of processor time, which other work on the machine
changes least.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

# Waiting threads would count as work.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
import numpy as np
from numpy.typing import NDArray

K = 5
SHARES = (0.0005, 0.002, 0.01, 0.05, 0.1, 0.2, 0.5, 1.0)


def main(arguments: list[str] | None = None) -> int:
    """Fill a shop, search it, print a table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.filters", description=__doc__)
    parser.add_argument("--vectors", type=Path, help="a .npy file of unit rows")
    parser.add_argument("--count", type=int, default=37_980, help="vectors to draw where no file is given")
    parser.add_argument("--searches", type=int, default=30, help="searches per row of the table")
    parser.add_argument("--index", choices=["annoy", "exact"], default="annoy")
    options = parser.parse_args(arguments)
    vectors = np.load(options.vectors) if options.vectors else drawn(options.count)
    with tempfile.TemporaryDirectory(prefix="vogue-filters-") as folder:
        os.environ |= {
            "DJANGO_SETTINGS_MODULE": "vogue_site.settings",
            "VOGUE_VAR_DIR": folder,
            "VOGUE_INDEX": options.index,
            "DJANGO_LOG_LEVEL": "WARNING",
        }
        os.environ.pop("DATABASE_URL", None)
        import django

        django.setup()
        fill(vectors)
        say_what_is_missing(vectors)
        measure(vectors, options.searches)
    return 0


def drawn(count: int, dimensions: int = 256) -> NDArray[np.float32]:
    """Return unit rows in groups, as photos of garments come."""
    draw = np.random.default_rng(0)
    centres = draw.normal(size=(140, dimensions))
    rows = centres[draw.integers(len(centres), size=count)] + 0.7 * draw.normal(size=(count, dimensions))
    unit: NDArray[np.float32] = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    return unit


def fill(vectors: NDArray[np.float32]) -> None:
    """Make a product for each vector, and a release."""
    from django.core.management import call_command

    from catalog.models import Category, Product
    from recommendations import current, indexing
    from recommendations.models import ImageEmbedding, RevisionCounter

    call_command("migrate", verbosity=0)
    category = Category.objects.create(name="All", slug="all")
    Product.objects.bulk_create(
        (
            Product(pk=n, sku=str(n), slug=str(n), name=str(n), category=category, price=n)
            for n in range(1, len(vectors) + 1)
        ),
        batch_size=2_000,
    )
    ImageEmbedding.objects.bulk_create(
        (
            ImageEmbedding(
                pk=n,
                product_id=n,
                photo_key=str(n),
                photo_name=str(n),
                embedder=current.embedder_name(),
                status=ImageEmbedding.Status.READY,
                vector=vector.astype("<f4").tobytes(),
                revision=n,
            )
            for n, vector in enumerate(vectors, start=1)
        ),
        batch_size=2_000,
    )
    RevisionCounter.objects.create(pk=1, value=len(vectors))
    release = indexing.build_release()
    print(
        f"{len(vectors):,} vectors, {release.backend} index, recall@5 of the index without filters {release.recall:.3f}"
    )


def say_what_is_missing(
    vectors: NDArray[np.float32], pools: Sequence[int] = (32, 128, 512), queries: int = 300
) -> None:
    """Print for answers of some lengths which share of the true neighbours of each quarter is not in them."""
    from recommendations import current

    snapshot = current.live_index().snapshot()
    chosen = vectors[np.random.default_rng(2).choice(len(vectors), min(queries, len(vectors)), replace=False)]
    for pool in (pool for pool in pools if pool <= len(vectors)):
        missing = np.zeros(4)
        for vector in chosen:
            # Ids are rows, counted from 1.
            true = np.argsort(-(vectors @ vector), kind="stable")[:pool] + 1
            found = {neighbor.embedding_id for neighbor in snapshot.query(vector, pool)}
            lost = np.array([row not in found for row in true])
            missing += [part.mean() / len(chosen) for part in np.array_split(lost, 4)]
        print(
            f"of the {pool} nearest, missing by quarter: " + ", ".join(f"{share:.2%}" for share in missing), flush=True
        )


def measure(vectors: NDArray[np.float32], searches: int) -> None:
    """Print a row for each kind of filter and share."""
    from recommendations import current, matching
    from recommendations.gallery import get_gallery

    rule = matching.ROWS_PER_NEIGHBOR
    ways = {"over-fetch": 0, "exact": 10**9, "rule": rule}
    draw = np.random.default_rng(1)
    direction = vectors[draw.integers(len(vectors))]
    orders = {"spread": draw.permutation(len(vectors)), "elsewhere": np.argsort(-(vectors @ direction))}
    snapshot = current.live_index().snapshot()
    gallery = get_gallery()
    print(f"{'filter':10}{'matching':>9}{'share':>8}" + "".join(f"{way + ' ms':>15}" for way in ways) + f"{'found':>8}")
    for kind, order in orders.items():
        set_prices(order)
        # Of what looks least like what matches; of anything.
        queries = draw.choice(order[-len(order) // 4 :] if kind == "elsewhere" else order, searches)
        for share in SHARES:
            matching_rows = order[: max(K, round(share * len(order)))]
            products = gallery.filter(gallery.visible(), {"price_max": len(matching_rows)})
            times: dict[str, list[float]] = {way: [] for way in ways}
            found = []
            for query in queries:
                # Once more than is timed, so that none of them pays for what the first one reads from the disk.
                for way in (*ways, *draw.permutation(list(ways))):
                    matching.ROWS_PER_NEIGHBOR = ways[way]
                    started = time.process_time()
                    best = matching.best_products(snapshot, vectors[query], products, K)
                    times[way].append((time.process_time() - started) * 1000)
                for values in times.values():
                    del values[-2]
                scores = vectors[matching_rows] @ vectors[query]
                passing = np.partition(scores, -K)[-K] - 1e-5
                found.append(sum(neighbor.score >= passing for neighbor in best.values()) / K)
            medians = "".join(f"{statistics.median(values):15.1f}" for values in times.values())
            print(f"{kind:10}{len(matching_rows):9,}{share:8.2%}{medians}{statistics.mean(found):8.3f}", flush=True)
    matching.ROWS_PER_NEIGHBOR = rule


def set_prices(order: NDArray[Any]) -> None:
    """Give product ``order[n] + 1`` the price n + 1, so that a price range matches the first of them."""
    from django.db import connection, transaction

    with transaction.atomic(), connection.cursor() as cursor:
        values = [(place + 1, int(row) + 1) for place, row in enumerate(order)]
        cursor.executemany("UPDATE catalog_product SET price = %s WHERE id = %s", values)


if __name__ == "__main__":
    sys.exit(main())
