"""The index that is always fresh: the live release, plus an exact scan of everything newer than it.

An Annoy file cannot add, delete or change. So a release is only ever a head start: ``LiveIndex`` reads the rows whose
revision is newer than the release's, leaves out what they replace, and merges the two. Every query first asks the
database one cheap question (``State``: an indexed maximum and the live release's name), so an embedding is found from
the moment it commits, in every process. What was deleted leaves no newer row; callers check the answer against the
database (``holds`` tells whether a row is still the version that was matched).
"""

from __future__ import annotations

import functools
import logging
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from django.db import connections, router
from django.db.models import OuterRef, Subquery
from numpy.typing import NDArray

from recommendations.exceptions import BusyError, EmbedderMismatchError, ReleaseError, VogueError
from recommendations.indexes.base import Neighbor, check_query
from recommendations.indexes.exact_index import exact_scores
from recommendations.indexes.fresh import FreshIndex, State, View
from recommendations.indexes.release import Release, is_here, newest_here, open_release, remove_release
from recommendations.models import ImageEmbedding, IndexRelease

logger = logging.getLogger(__name__)

#: float32 scores differ from the true ones by less.
SLACK = 1e-5
#: A release that was refused is looked at again after this long: its files may have arrived.
RETRY_SECONDS = 60.0
#: One that could not be fetched is asked for again after this long, and twice as long each time, up to the longest.
FETCH_AGAIN_SECONDS = 5.0
LONGEST_FETCH_AGAIN_SECONDS = 300.0
#: While another process of this host fetches it.
BUSY_SECONDS = 1.0


def newest_revision(embedder: str | OuterRef) -> Subquery:
    """Return the newest revision as an expression: one look at the end of an index."""
    return Subquery(ImageEmbedding.objects.filter(embedder=embedder).order_by("-revision").values("revision")[:1])


def live_release(embedder: str | OuterRef) -> Subquery:
    """Return the live release's name as an expression; null where it is another embedder's or there is none."""
    return Subquery(IndexRelease.objects.filter(live=True, embedder=embedder).values("name")[:1])


@functools.lru_cache(maxsize=16)
def _state_query(using: str, embedder: str) -> tuple[str, tuple[Any, ...]]:
    """Return the SQL of ``LiveIndex.state``. Writing it anew takes Django twenty times as long as running it."""
    rows = ImageEmbedding.objects.using(using).filter(embedder=embedder).order_by("-revision")
    query = rows.values_list("revision", live_release(embedder))[:1].query
    sql, parameters = query.get_compiler(using).as_sql()
    return sql, tuple(parameters)


@dataclass(frozen=True)
class Delta:
    """Rows newer than the release, in order of arrival; a row that changed again stands twice, dead the first time.

    ``vectors`` is longer than the rest: it grows in place, and a reader looks no further than its own length.
    """

    ids: NDArray[np.int64]
    revisions: NDArray[np.int64]
    alive: NDArray[np.bool_]
    vectors: NDArray[np.float32]
    #: Where each row's last word stands.
    places: Mapping[int, int] = field(repr=False)

    def __len__(self) -> int:
        return len(self.ids)

    def extended(self, rows: Iterable[tuple[int, int, bytes | memoryview | None]], dimensions: int) -> Delta:
        """Return a delta with ``rows`` (id, revision, vector or None where the row is not searchable now) added."""
        rows = list(rows)
        n, m = len(self), len(rows)
        ids = np.concatenate([self.ids, np.fromiter((row[0] for row in rows), np.int64, m)])
        revisions = np.concatenate([self.revisions, np.fromiter((row[1] for row in rows), np.int64, m)])
        alive = np.concatenate([self.alive, np.fromiter((row[2] is not None for row in rows), np.bool_, m)])
        vectors = self.vectors
        if len(vectors) < n + m or vectors.shape[1] != dimensions:
            vectors = np.zeros((max(2 * (n + m), 64), dimensions), np.float32)
            if self.vectors.shape[1]:  # where it has no width, no row had a vector yet
                vectors[:n] = self.vectors[:n]
        places = dict(self.places)
        for offset, (pk, _, vector) in enumerate(rows):
            if pk in places:
                alive[places[pk]] = False
            places[pk] = n + offset
            if vector is not None:
                vectors[n + offset] = np.frombuffer(vector, "<f4")
        return Delta(ids, revisions, alive, vectors, places)

    def newer_than(self, revision: int) -> Delta:
        """Return what a release that holds everything up to ``revision`` does not."""
        keep = np.flatnonzero(self.revisions > revision)
        places = {int(self.ids[old]): new for new, old in enumerate(keep)}
        return Delta(self.ids[keep], self.revisions[keep], self.alive[keep], self.vectors[keep], places)


NO_DELTA = Delta(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, np.bool_), np.empty((0, 0), np.float32), {})


@dataclass(frozen=True)
class Snapshot(View):
    """One consistent view of everything searchable. Threads share it; it never changes."""

    embedder: str
    revision: int
    release_name: str
    release: Release | None
    delta: Delta

    def __len__(self) -> int:
        base = 0
        if self.release:
            base = len(self.release) - len(self.release.rows_of(self.delta.ids))
        return base + int(self.delta.alive.sum())

    @property
    def dimensions(self) -> int:
        """Length of a vector; 0 while there is none."""
        return self.release.manifest.dimensions if self.release else self.delta.vectors.shape[1]

    def holds(self, ids: NDArray[np.int64], revisions: NDArray[np.int64]) -> NDArray[np.bool_]:
        held = np.zeros(len(ids), np.bool_)
        if self.release and len(self.release):
            rows = np.minimum(np.searchsorted(self.release.ids, ids), len(self.release) - 1)
            held = (self.release.ids[rows] == ids) & (self.release.revisions[rows] == revisions)
        for at in np.flatnonzero(np.isin(ids, self.delta.ids)).tolist():
            place = self.delta.places[int(ids[at])]
            held[at] = bool(self.delta.alive[place]) and int(self.delta.revisions[place]) == int(revisions[at])
        return held

    def vectors_of(self, ids: Sequence[int]) -> NDArray[np.float32]:
        vectors = np.empty((len(ids), self.dimensions), np.float32)
        old = []
        for at, embedding_id in enumerate(ids):
            place = self.delta.places.get(embedding_id)
            if place is None:
                old.append(at)
            elif self.delta.alive[place]:
                vectors[at] = self.delta.vectors[place]
            else:
                raise KeyError(embedding_id)
        if old:
            if self.release is None:
                raise KeyError(ids[old[0]])
            vectors[old] = self.release.vectors_for(ids[at] for at in old)
        return vectors

    def levels_record(self) -> Mapping[str, Any]:
        record = self.release.manifest.parameters.get("levels") if self.release else None
        return record if isinstance(record, dict) else {}

    def reliable(self, k: int) -> int:
        return self.release.index.reliable(k) if self.release else k

    def query(self, vector: NDArray[np.float32], k: int) -> list[Neighbor]:
        return _best(self._from_release(vector, k) + self._from_delta(vector, k, self.delta.alive), k)

    def query_among(self, vector: NDArray[np.float32], ids: NDArray[np.int64], k: int) -> list[Neighbor]:
        found = self._from_delta(vector, k, self.delta.alive & np.isin(self.delta.ids, ids))
        if self.release:
            rows = self.release.rows_of(np.setdiff1d(ids, self.delta.ids))
            found += self.release.query_rows(vector, rows, k)
        return _best(found, k)

    def _from_release(self, vector: NDArray[np.float32], k: int) -> list[Neighbor]:
        if self.release is None:
            return []
        # A few more where some are replaced: to ask twice takes twice as long.
        wanted = k + 4 if len(self.delta) else k
        while True:
            found = self.release.index.query(vector, wanted, embedder=self.embedder)
            kept = [neighbor for neighbor in found if neighbor.embedding_id not in self.delta.places]
            if len(kept) >= k or len(found) < wanted:
                return kept[:k]
            wanted *= 2

    def _from_delta(self, vector: NDArray[np.float32], k: int, chosen: NDArray[np.bool_]) -> list[Neighbor]:
        places = np.flatnonzero(chosen)
        if not len(places):
            return []
        # As the release does: the same vector has the same score in both.
        vector = check_query(vector, k, dimensions=self.dimensions)
        if len(places) > k:
            scores = (self.delta.vectors[: len(self.delta)] @ vector)[places]
            # And what comes near the k-th: float32 sums may order ties otherwise than exact_scores does.
            kth = np.partition(scores, len(scores) - k)[len(scores) - k]
            places = places[scores >= kth - SLACK]
        scores64 = exact_scores(self.delta.vectors[places], vector)
        return [Neighbor(int(pk), float(s)) for pk, s in zip(self.delta.ids[places], scores64, strict=True)]


def _best(neighbors: list[Neighbor], k: int) -> list[Neighbor]:
    return sorted(neighbors, key=lambda neighbor: (-neighbor.score, neighbor.embedding_id))[:k]


class LiveIndex(FreshIndex):
    """Live release + delta. One per process; see ``recommendations.current``."""

    def __init__(self, embedder: str, releases: Path, fetch: Callable[[str], None] | None = None) -> None:
        """Answer from the releases in a folder.

        Args:
            fetch: brings a release that is not in the folder there, from where other hosts put it.
        """
        self.embedder = embedder
        self._releases = releases
        self._fetch = fetch
        self._lock = threading.Lock()
        self._snapshot: Snapshot | None = None
        #: Release → how often in a row it was refused, and when to look at it again.
        self._refused: dict[str, tuple[int, float]] = {}
        self._mended: set[str] = set()
        self._opening: threading.Thread | None = None

    @property
    def opened(self) -> bool:
        """Whether it has answered before, or could at once."""
        return self._snapshot is not None

    def prepared(self, state: State) -> bool:
        """Return whether it can answer without opening a release first; where not, begin to open it, beside.

        True also where the release cannot be had: all rows are scanned then.
        """
        failures, until = self._refused.get(state.release, (0, 0.0))
        if self._snapshot is not None or not state.release or failures:
            return True
        with self._lock:
            if self._snapshot is None and not self._is_opening() and time.monotonic() >= until:
                self._open_beside(state.release)
        return False

    @property
    def dimensions(self) -> int:  # type: ignore[override]
        """Length of a vector; 0 while there is none."""
        return self.snapshot().dimensions

    @property
    def release_name(self) -> str | None:
        """The release now answering, or None while everything is scanned exactly."""
        return (self._snapshot.release_name or None) if self._snapshot else None

    def __len__(self) -> int:
        return len(self.snapshot())

    def query(self, vector: NDArray[np.float32], k: int, *, embedder: str) -> list[Neighbor]:
        """Return the ``min(k, len(self))`` nearest of what is committed now, best first; ties by id."""
        self.check_embedder(embedder)
        snapshot = self.snapshot()
        return snapshot.query(check_query(vector, k, dimensions=snapshot.dimensions or len(vector)), k)

    def state(self) -> State:
        using = router.db_for_read(ImageEmbedding)
        with connections[using].cursor() as cursor:
            cursor.execute(*_state_query(using, self.embedder))
            row = cursor.fetchone()
        return State(row[0], row[1] or "") if row else State(0, "")

    def snapshot(self, state: State | None = None) -> Snapshot:
        """Return a view that holds everything committed up to ``state`` (asked for where not given).

        Raises:
            DatabaseError: the database cannot be asked.
        """
        if state is None:
            state = self.state()
        snapshot = self._snapshot
        if snapshot is not None and snapshot.revision >= state.revision and not self._wants(snapshot, state):
            return snapshot
        with self._lock:
            snapshot = self._snapshot
            if snapshot is None:
                snapshot = self._first(state)
            elif self._wants(snapshot, state):
                self._open_beside(state.release)
            self._snapshot = snapshot = self._caught_up(snapshot, state)
            return snapshot

    def _wants(self, snapshot: Snapshot, state: State) -> bool:
        """Return whether another release should be opened now."""
        if not state.release or state.release == snapshot.release_name or self._is_opening():
            return False
        return time.monotonic() >= self._refused.get(state.release, (0, 0.0))[1]

    def _is_opening(self) -> bool:
        return self._opening is not None and self._opening.is_alive()

    def _first(self, state: State) -> Snapshot:
        """Return a view to begin with. It never waits for another host: what is here answers meanwhile."""
        here = [state.release] if state.release else []
        if here and self._fetch is not None:
            older = [name for name in newest_here(self._releases, self.embedder) if name != state.release]
            here = [*(name for name in here if is_here(self._releases, name)), *older[:1]]
        for name in here:
            if (release := self._open(name)) is not None:
                break
        else:
            name, release = "", None
        if self._fetch is not None and state.release != name and not self._is_opening():
            self._open_beside(state.release)
        return Snapshot(self.embedder, release.manifest.revision if release else 0, name, release, NO_DELTA)

    def _open(self, name: str) -> Release | None:
        """Open a release, or remember that it was refused: the old one, or an exact scan, goes on answering."""
        try:
            release = open_release(self._releases, name, embedder=self.embedder)
        except (ReleaseError, EmbedderMismatchError, OSError):
            logger.exception("Release %s is refused; searching goes on without it", name)
            self._refused[name] = (1, time.monotonic() + RETRY_SECONDS)
            return None
        self._refused.pop(name, None)
        return release

    def _fetch_and_open(self, name: str) -> Release | None:
        """Open a release, fetched first where it is not here, or damaged here. Takes as long as it takes."""
        if self._fetch is None:
            return self._open(name)
        try:
            if is_here(self._releases, name):
                if (release := self._open(name)) is not None or name in self._mended:
                    return release
                # Once: what is refused again was not damaged here.
                self._mended.add(name)
                remove_release(self._releases, name)
            self._fetch(name)
        except BusyError:
            # Another process of this host is at it.
            self._refused[name] = (0, time.monotonic() + BUSY_SECONDS)
            return None
        except (VogueError, OSError) as error:
            failures = self._refused.get(name, (0, 0.0))[0] + 1
            seconds = min(FETCH_AGAIN_SECONDS * 2 ** (failures - 1), LONGEST_FETCH_AGAIN_SECONDS)
            logger.warning("Release %s cannot be fetched; the next try is in %g s: %s", name, seconds, error)
            self._refused[name] = (failures, time.monotonic() + seconds)
            return None
        return self._open(name)

    def _open_beside(self, name: str) -> None:
        """Fetch, verify and open a release while another one serves; swap when it is whole. No database in here."""

        def work() -> None:
            release = self._fetch_and_open(name)
            if release is None:
                return
            revision = release.manifest.revision
            with self._lock:
                old = self._snapshot
                if old is None or old.revision < revision:
                    # The second where the newest rows were deleted since it was built: all that is left is in it.
                    self._snapshot = Snapshot(self.embedder, revision, name, release, NO_DELTA)
                elif old.release is not None and revision < old.release.manifest.revision:
                    # Rolled back. What lies between the two is in no delta yet: the next query reads it.
                    self._snapshot = Snapshot(self.embedder, revision, name, release, NO_DELTA)
                else:
                    delta = old.delta.newer_than(revision)
                    self._snapshot = Snapshot(self.embedder, old.revision, name, release, delta)
            logger.info("Release %s answers from now on", name)

        self._opening = threading.Thread(target=work, name="vogue-open-release", daemon=True)
        self._opening.start()

    def _caught_up(self, snapshot: Snapshot, state: State) -> Snapshot:
        """Return the snapshot with the rows that are newer than it."""
        if snapshot.revision >= state.revision:
            return snapshot
        rows = list(
            ImageEmbedding.objects.filter(embedder=self.embedder, revision__gt=snapshot.revision)
            .order_by("revision")
            .values_list("pk", "revision", "vector")
        )
        if not rows:
            return snapshot
        width = next((len(vector) // 4 for _, _, vector in rows if vector is not None), 0)
        dimensions = snapshot.delta.vectors.shape[1] or width
        return Snapshot(
            self.embedder,
            rows[-1][1],
            snapshot.release_name,
            snapshot.release,
            snapshot.delta.extended(rows, dimensions),
        )
