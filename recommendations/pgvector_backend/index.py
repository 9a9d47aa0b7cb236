"""Search in PostgreSQL: pgvector proposes photos, exact scores of the embeddings themselves rank them.

A trigger keeps the vectors, in the transaction of the embedding: what is committed is found, what is deleted is gone,
in every process, and there are no releases. Products are narrowed in SQL: with many that match, PostgreSQL walks the
HNSW graph until enough of them are found (hnsw.iterative_scan); with few, it looks at just these.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from django.db import connection, transaction
from django.db.models import F, Func, IntegerField, QuerySet
from numpy.typing import NDArray

from recommendations.indexes.base import Neighbor, check_query
from recommendations.indexes.exact_index import exact_scores
from recommendations.indexes.fresh import OwnIndex, OwnIndexStatus, State, View
from recommendations.models import ImageEmbedding
from recommendations.pgvector_backend import upkeep
from recommendations.pgvector_backend.checks import parse_version
from recommendations.pgvector_backend.fields import CosineDistance
from recommendations.pgvector_backend.models import MatchCalibration, PhotoVector

#: Candidates the graph is searched with at least, and at most (pgvector's own limit): more is slower and finds more.
LEAST_EFFORT, MOST_EFFORT = 100, 1_000
#: Rows the walk through the graph visits at least, before a scan of all that match takes over.
LEAST_WALK = 2_000
#: Two cosines of halfvecs may stand in the wrong order where the true ones are nearer than this: each of the four
#: vectors is off by an angle of up to 2 ** -11.
SLACK = 2e-3
#: Most rows of an exact scan that are looked at once more because they are this near.
LARGEST_TIE = 4_096
#: A process uses the match levels it has read for this long.
LEVELS_SECONDS = 30.0

# True: for this transaction only, as SET LOCAL.
_TUNE = "SELECT set_config('hnsw.ef_search', %s, true)"
# Relaxed: exact scores order the candidates anew in any case. How far to walk: where one row in s matches, w are found
# after s w steps, and n / s rows would have to be scanned. A row costs about the same in both: at the root of n w steps
# the one becomes cheaper than the other.
_TUNE_WALK = """
SELECT set_config('hnsw.ef_search', %s, true), set_config('hnsw.iterative_scan', 'relaxed_order', true),
       set_config('hnsw.max_scan_tuples', greatest(%s, sqrt(%s * greatest(reltuples, 0)))::int::text, true)
FROM pg_class WHERE oid = %s::regclass
"""


class PgvectorIndex(OwnIndex):
    """Every ready embedding of one embedder. Threads share it; it holds no vectors."""

    def __init__(self, embedder: str) -> None:
        super().__init__(embedder)
        self._dimensions = 0
        self._version: tuple[int, ...] = ()
        self._levels: Mapping[str, Any] = {}
        self._levels_until = 0.0

    @property
    def dimensions(self) -> int:  # type: ignore[override]
        """Length of a vector; 0 while there is none."""
        if not self._dimensions:
            length = Func(F("vector"), function="vector_dims", output_field=IntegerField())
            rows = PhotoVector.objects.filter(embedder=self.embedder)
            self._dimensions = rows.values_list(length, flat=True).first() or 0
        return self._dimensions

    @property
    def version(self) -> tuple[int, ...]:
        """The version of pgvector in this database."""
        if not self._version:
            self._version = installed_version() or ()
        return self._version

    def __len__(self) -> int:
        return len(self.snapshot(State(0, "")))

    def query(self, vector: NDArray[np.float32], k: int, *, embedder: str) -> list[Neighbor]:
        self.check_embedder(embedder)
        unit = check_query(vector, k, dimensions=self.dimensions or len(vector))
        return self.snapshot(State(0, "")).query(unit, k)

    def state(self) -> State:
        newest = ImageEmbedding.objects.filter(embedder=self.embedder).order_by("-revision")
        return State(newest.values_list("revision", flat=True).first() or 0, "")

    def snapshot(self, state: State | None = None) -> PgvectorView:  # noqa: ARG002 (the question is what it asks)
        """Return a view of what is committed whenever it is asked; it loads nothing."""
        return PgvectorView(self)

    def levels_record(self) -> Mapping[str, Any]:
        """Return the calibrated match levels; asked of the database once in ``LEVELS_SECONDS``."""
        if time.monotonic() >= self._levels_until:
            rows = MatchCalibration.objects.filter(embedder=self.embedder)
            self._levels = rows.values_list("record", flat=True).first() or {}
            self._levels_until = time.monotonic() + LEVELS_SECONDS
        return self._levels

    def keep_levels(self, record: Mapping[str, Any]) -> None:
        MatchCalibration.objects.update_or_create(embedder=self.embedder, defaults={"record": dict(record)})
        self._levels_until = 0.0

    def upkeep_wanted(self) -> bool:
        """Return whether a vector or the HNSW index is missing. Two counts and a look in the catalogue."""
        ready = ImageEmbedding.objects.ready(self.embedder).count()
        found = upkeep.hnsw_indexes().get(upkeep.index_name(self.embedder))
        return ready != len(self) or (ready > 0 and not (found and found.valid))

    def upkeep(self, on_progress: Callable[[str], None] | None = None) -> str:
        """Copy vectors from before the trigger, make the HNSW index, drop those of embedders that are gone."""
        done = []
        if copied := upkeep.copy_missing(on_progress):
            done.append(f"{copied:,} vectors copied")
        found = upkeep.hnsw_indexes().get(upkeep.index_name(self.embedder))
        if self.dimensions and not (found and found.valid):
            if on_progress:
                on_progress(f"Making the HNSW index of {len(self):,} vectors of {self.dimensions} dimensions")
            done.append(f"HNSW index made in {upkeep.make_index(self.embedder, self.dimensions):.1f} s")
        kept = set(PhotoVector.objects.order_by().values_list("embedder", flat=True).distinct())
        if dropped := upkeep.drop_unused(kept | {self.embedder}):
            done.append(f"{dropped} unused HNSW index{'es' if dropped > 1 else ''} dropped")
        return f"PostgreSQL keeps the index itself: {', '.join(done) or 'nothing to do'}."

    @classmethod
    def describe(cls, embedders: Iterable[str]) -> OwnIndexStatus:
        indexes = upkeep.hnsw_indexes()
        found = {embedder: indexes.get(upkeep.index_name(embedder)) for embedder in embedders}
        version = ".".join(map(str, installed_version() or ()))
        return OwnIndexStatus(
            f"pgvector {version}", {embedder: hnsw.bytes for embedder, hnsw in found.items() if hnsw and hnsw.valid}
        )


class PgvectorView(View):
    """What one search sees: all photos, or those of some products.

    Each question is asked of the database anew. The rows that answered are remembered, with their version and vector.
    """

    release_name = ""

    def __init__(self, index: PgvectorIndex, products: QuerySet[Any] | None = None) -> None:
        self.embedder = index.embedder
        self._index = index
        self._products = products
        self._answered: dict[int, tuple[int, NDArray[np.float32]]] = {}
        self._scanned = False

    def __len__(self) -> int:
        return self._rows().count()

    def levels_record(self) -> Mapping[str, Any]:
        return self._index.levels_record()

    def within(self, products: QuerySet[Any]) -> PgvectorView:
        return PgvectorView(self._index, products)

    def holds(self, ids: NDArray[np.int64], revisions: NDArray[np.int64]) -> NDArray[np.bool_]:
        pairs = zip(ids.tolist(), revisions.tolist(), strict=True)
        # What has not answered yet will answer as it is then.
        held = (pk not in self._answered or self._answered[pk][0] == revision for pk, revision in pairs)
        return np.fromiter(held, np.bool_, len(ids))

    def vectors_of(self, ids: Sequence[int]) -> NDArray[np.float32]:
        return np.stack([self._answered[pk][1] for pk in ids]) if len(ids) else np.empty((0, 0), np.float32)

    def reliable(self, k: int) -> int:
        # As of Annoy: what an approximate index misses, it misses far from the query.
        return k if self._scanned else k // 4

    def query(self, vector: NDArray[np.float32], k: int) -> list[Neighbor]:
        if not self._index.dimensions:
            return []
        # A few more than k: what half precision puts behind may belong before.
        wanted = 2 * k + 8
        with transaction.atomic(savepoint=False):
            self._tune(wanted)
            # As PostgreSQL plans it: a walk through the HNSW graph, or all compared where they are few.
            near = self._rows().order_by(CosineDistance("vector", vector)).values("pk")[:wanted]
            found = self._ranked(near, vector, k)
            self._scanned = len(found) < k
            if self._scanned:
                # Fewer exist, or the walk ended early (pgvector before 0.8 takes no second step): this tells.
                found = self._ranked(self._scan(self._rows(), vector, k), vector, k)
        return found

    def query_among(self, vector: NDArray[np.float32], ids: NDArray[np.int64], k: int) -> list[Neighbor]:
        rows = self._rows().filter(pk__in=ids.tolist())
        return self._ranked(self._scan(rows, vector, k), vector, k) if len(ids) and self._index.dimensions else []

    def _rows(self) -> QuerySet[PhotoVector]:
        rows = PhotoVector.objects.filter(embedder=self.embedder)
        return rows if self._products is None else rows.filter(product__in=self._products.order_by().values("pk"))

    def _tune(self, wanted: int) -> None:
        """Say how hard to look for ``wanted`` rows, for this transaction."""
        effort = str(min(max(LEAST_EFFORT, wanted), MOST_EFFORT))
        with connection.cursor() as cursor:
            if self._index.version >= (0, 8):
                cursor.execute(_TUNE_WALK, [effort, LEAST_WALK, wanted, upkeep.TABLE])
            else:
                cursor.execute(_TUNE, [effort])

    def _scan(self, rows: QuerySet[PhotoVector], unit: NDArray[np.float32], k: int) -> list[int]:
        """Return the rows among which the ``k`` nearest are, comparing all."""
        # Plus zero: an expression the index does not know.
        scored = rows.annotate(distance=CosineDistance("vector", unit) + 0.0).order_by("distance", "pk")
        some = 2 * k + 64
        found = list(scored.values_list("pk", "distance")[:some])
        if len(found) == some and found[-1][1] <= (limit := found[k - 1][1] + SLACK):
            found = list(scored.filter(distance__lte=limit).values_list("pk", "distance")[:LARGEST_TIE])
        return [pk for pk, _ in found]

    def _ranked(self, keys: list[int] | QuerySet[Any, Any], unit: NDArray[np.float32], k: int) -> list[Neighbor]:
        """Return the best ``k`` of these rows by the exact score of what they hold now; ties by id."""
        rows = ImageEmbedding.objects.ready(self.embedder).filter(pk__in=keys).order_by()
        found = list(rows.values_list("pk", "revision", "vector"))
        if not found:
            return []
        ids = [pk for pk, _, _ in found]
        flat = np.frombuffer(b"".join(bytes(vector or b"") for _, _, vector in found), "<f4")
        vectors = flat.reshape(len(found), -1)
        scores = exact_scores(vectors, unit)
        best = np.lexsort((np.array(ids), -scores))[:k].tolist()
        self._answered |= {ids[row]: (found[row][1], vectors[row]) for row in best}
        return [Neighbor(ids[row], float(scores[row])) for row in best]


def installed_version() -> tuple[int, ...] | None:
    """Return pgvector's version in this database, or None where it is not installed."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT extversion FROM pg_extension WHERE extname = 'vector'")
        row = cursor.fetchone()
    return parse_version(row[0]) if row else None
