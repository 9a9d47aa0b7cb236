"""A release, opened: verified before it is mapped. ``release_writer`` writes it.

See docs/decisions/0005-immutable-releases.md.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from recommendations.exceptions import EmbedderMismatchError, ReleaseError
from recommendations.indexes.annoy_index import AnnoyIndex, annoy_fault, annoy_version
from recommendations.indexes.base import Neighbor, VectorIndex
from recommendations.indexes.exact_index import ExactIndex
from recommendations.indexes.files import map_arrays
from recommendations.indexes.manifest import ANNOY, ReleaseManifest, is_release_name, verify_release
from recommendations.indexes.release_writer import (
    clean_leftovers,
    is_here,
    list_releases,
    newest_here,
    remove_release,
    usable_backend,
    write_release,
)

__all__ = [
    "Release",
    "ReleaseManifest",
    "clean_leftovers",
    "is_here",
    "list_releases",
    "newest_here",
    "open_release",
    "remove_release",
    "usable_backend",
    "verify_release",
    "write_release",
]


@dataclass(frozen=True)
class Release:
    """An opened release. Threads share it; it never changes. Arrays are memory-mapped and read-only.

    Attributes:
        index: answers queries over everything in it; scores are exact cosines.
        exact: exact search over the same vectors.
        revisions: which version of each embedding this is, int64 (n,).
        warning: what a person should know, e.g. that Annoy is missing and search is exact; or None.
    """

    manifest: ReleaseManifest
    index: VectorIndex
    exact: ExactIndex
    revisions: NDArray[np.int64]
    warning: str | None = None

    @property
    def ids(self) -> NDArray[np.int64]:
        """Embedding ids, int64 (n,), ascending: row r of the release is embedding ``ids[r]``."""
        return self.exact.ids

    @property
    def vectors(self) -> NDArray[np.float32]:
        """float32 (n, dimensions), unit rows."""
        return self.exact.vectors

    def __len__(self) -> int:
        return len(self.exact)

    def row_of(self, embedding_id: int) -> int | None:
        """Return the embedding's row, or None where the release does not hold it."""
        row = int(np.searchsorted(self.ids, embedding_id))
        return row if row < len(self) and self.ids[row] == embedding_id else None

    def rows_of(self, embedding_ids: Iterable[int] | NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the rows of those embeddings the release holds, int64, ascending, each once."""
        given = embedding_ids if isinstance(embedding_ids, np.ndarray) else np.fromiter(embedding_ids, np.int64)
        wanted = np.unique(given)
        rows = np.searchsorted(self.ids, wanted)
        inside = rows < len(self)
        rows, wanted = rows[inside], wanted[inside]
        held: NDArray[np.int64] = rows[self.ids[rows] == wanted].astype(np.int64)
        return held

    def vectors_for(self, embedding_ids: Iterable[int]) -> NDArray[np.float32]:
        """Return these embeddings' vectors in this order, float32 (m, dimensions); KeyError for one not held."""
        wanted = np.fromiter(embedding_ids, np.int64)
        rows = np.minimum(np.searchsorted(self.ids, wanted), max(len(self) - 1, 0))
        missing = wanted[self.ids[rows] != wanted] if len(self) else wanted
        if len(missing):
            raise KeyError(int(missing[0]))
        return self.vectors[rows]

    def query_rows(self, vector: NDArray[np.float32], rows: NDArray[np.int64], k: int) -> list[Neighbor]:
        """Return the nearest ``min(k, len(rows))`` of these rows by exact scan, best first; ties by id."""
        return self.exact.query_rows(vector, k, rows, embedder=self.exact.embedder)


def open_release(root: Path, name: str, *, embedder: str | None = None) -> Release:
    """Verify a release, then map it.

    Reads every byte once (73 MB: about 0.1 s). Where Annoy is missing here or fails its self-test, the release is
    searched exactly and says so in ``warning``.

    Raises:
        ReleaseError: it is not there, incomplete, damaged, or not what its manifest says.
        EmbedderMismatchError: it was built for another embedder than ``embedder``.
    """
    if not is_release_name(name):
        raise ReleaseError(f"{name!r} is not a release's name.")
    directory = root / name
    manifest = verify_release(directory, name)
    if embedder is not None and manifest.embedder != embedder:
        raise EmbedderMismatchError(f"Release {name} holds vectors of {manifest.embedder}, expected {embedder}.")
    arrays = map_arrays(directory, count=manifest.count, dimensions=manifest.dimensions)
    exact = ExactIndex(arrays.ids, arrays.vectors, embedder=manifest.embedder)
    index: VectorIndex = exact
    warning = manifest.warning or None
    if manifest.backend == "annoy":
        try:
            index = _open_annoy(directory, manifest, exact)
        except ReleaseError as error:
            warning = f"Release {name} is searched exactly, which is slower for large galleries: {error}"
    return Release(manifest, index, exact, arrays.revisions, warning)


def _open_annoy(directory: Path, manifest: ReleaseManifest, exact: ExactIndex) -> AnnoyIndex:
    """Map the Annoy file; ReleaseError where this machine's Annoy cannot be trusted with it."""
    if (problem := annoy_fault()) is not None:
        raise ReleaseError(problem)
    # Annoy's file format has changed between minor versions, and nothing in the file tells.
    if _minor(annoy_version()) != _minor(manifest.annoy_version):
        raise ReleaseError(f"it was built by Annoy {manifest.annoy_version}, installed is {annoy_version()}.")
    parameters = manifest.parameters
    index = AnnoyIndex(directory / ANNOY, exact, trees=parameters["trees"], search_k=parameters["search_k"])
    if (problem := index.fault()) is not None:
        raise ReleaseError(problem)
    return index


def _minor(version: str) -> list[str]:
    return version.split(".")[:2]
