"""Approximate search by Annoy (https://github.com/spotify/annoy). The only module that knows Annoy."""

from __future__ import annotations

import functools
import signal
import subprocess
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommendations.exceptions import BuildError, ReleaseError
from recommendations.indexes.base import Neighbor, VectorIndex, check_query
from recommendations.indexes.exact_index import ExactIndex
from recommendations.indexes.processes import run_python

#: What Annoy itself compares: between points that lie close together its planes split better than those through the
#: origin. What is found is ranked by cosine.
METRIC = "euclidean"
#: Of files that were built of whole vectors, without axes.
OLD_METRIC = "angular"

#: The share of the vectors' energy that what Annoy sees of them has to hold …
ENERGY = 0.95
#: … in a number of axes that suits the processor.
AXES_STEP = 16
#: A row of the Annoy file may differ by this much from what it should be: sums of float32.
ROUNDING = 1e-4
#: Rows brought onto the axes at a time.
CHUNK = 16_384

# Annoy compiled on another kind of processor dies of SIGILL, compiled by Clang 17 and later it finds a single neighbour
# (annoy #682, #686, #693). So it answers for itself in a process of its own first.
_PROBE = """
import random, sys
from annoy import AnnoyIndex
draw = random.Random(1)
vectors = [[draw.gauss(0, 1) for _ in range(32)] for _ in range(200)]
index = AnnoyIndex(32, "angular")
for row, vector in enumerate(vectors):
    index.add_item(row, vector)
index.build(10)
for row in range(0, 200, 20):
    found = index.get_nns_by_vector(vectors[row], 10, 2000)
    if len(set(found)) != 10 or found[0] != row:
        sys.exit("it finds %s for item %d of 200" % (found, row))
"""


class AnnoyIndex(VectorIndex):
    """Annoy proposes rows, exact scores of the vectors beside it rank them.

    Annoy sees the vectors along their principal axes only: a quarter of the numbers to read, and finer trees. Row
    numbers, not ids, are its keys: it allocates max(key) + 1 slots.
    """

    def __init__(self, path: Path, exact: ExactIndex, *, trees: int, search_k: int) -> None:
        """Map the file ``path``, built by ``build_annoy`` from ``exact.vectors``; the axes lie beside it.

        Annoy checks nothing: a damaged file kills the process here or at a query. Verify its sha256 before.

        Args:
            search_k: nodes looked at for one query: more is slower and finds more.

        Raises:
            ReleaseError: Annoy cannot map it, it holds another number of vectors, or the axes are of other vectors.
        """
        annoy = _import_annoy()
        self.embedder = exact.embedder
        self.dimensions = exact.dimensions
        self.exact = exact
        self.trees = trees
        self.search_k = search_k
        self._axes = _read_axes(_axes_of(path), self.dimensions)
        seen, metric = (self.dimensions, OLD_METRIC) if self._axes is None else (self._axes.shape[1], METRIC)
        self._annoy = annoy.AnnoyIndex(seen, metric)
        try:
            self._annoy.load(str(path))
        except OSError as error:
            raise ReleaseError(f"Annoy cannot open {path}: {error}") from error
        if self._annoy.get_n_items() != len(exact):
            raise ReleaseError(f"{path} holds {self._annoy.get_n_items()} vectors, expected {len(exact)}.")

    def __len__(self) -> int:
        return len(self.exact)

    def query(self, vector: NDArray[np.float32], k: int, *, embedder: str) -> list[Neighbor]:
        self.check_embedder(embedder)
        unit = check_query(vector, k, dimensions=self.dimensions)
        k = min(k, len(self))
        if self._scans(k):
            return self.exact.scan(unit, k)
        rows = self.propose(unit, k)
        # Always k where k exist, even where trees lead nowhere.
        return self.exact.ranked(unit, rows, k) if len(rows) >= k else self.exact.scan(unit, k)

    def propose(self, unit: NDArray[np.float32], k: int) -> NDArray[np.int64]:
        """Return the rows Annoy takes for the nearest ``2 k + 8``, int64, unordered."""
        wanted = min(2 * k + 8, len(self))
        seen = self._seen(unit).tolist()
        return np.array(self._annoy.get_nns_by_vector(seen, wanted, self._nodes(k)), dtype=np.int64)

    def _seen(self, vector: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return what Annoy sees of a vector."""
        return vector if self._axes is None else vector @ self._axes

    def reliable(self, k: int) -> int:
        # benchmarks.filters, 37,980 x 256: 0.04 % of the true neighbours are missing in an answer's first quarter, and
        # 0.7 % in the last.
        return k if self._scans(k) else k // 4

    def _scans(self, k: int) -> bool:
        """Return whether as many nodes would be looked at as there are rows: reading the rows in order is no slower."""
        return self._nodes(min(k, len(self))) >= len(self)

    def _nodes(self, k: int) -> int:
        """Return how many nodes to look at: a row is met once per tree at most, so these hold ``2 k + 8`` rows."""
        return max(self.search_k, min(2 * k + 8, len(self)) * self.trees)

    def fault(self, samples: int = 16) -> str | None:
        """Return how a few of its own vectors are not found as they should, or None when all is well."""
        for row in np.unique(np.linspace(0, len(self) - 1, min(samples, len(self))).astype(np.int64)).tolist():
            vector = self.exact.vectors[row]
            if not np.allclose(self._annoy.get_item_vector(row), self._seen(vector), rtol=0, atol=ROUNDING):
                return f"row {row} of the Annoy file is not row {row} of the vectors"
            rows = self.propose(vector, 5)
            wanted = min(2 * 5 + 8, len(self))
            best = self.exact.ranked(vector, rows, 1)
            if len(set(rows.tolist())) != wanted or best[0].score < 1 - 1e-5:
                return f"Annoy finds {len(rows)} rows of {wanted} for row {row}, and not the row itself"
        return None


def build_annoy(path: Path, vectors: NDArray[np.float32], *, trees: int, seed: int, jobs: int = 1) -> None:
    """Build an Annoy file of these vectors along their principal axes, keyed by row; the axes are written beside it.

    In memory, and written at the end: a disk that fills up under ``on_disk_build`` is a SIGBUS, here it is an OSError.
    One job gives the same bytes for the same seed; more are faster, and give the same trees in another order.

    Raises:
        BuildError: Annoy cannot be used here, or failed.
        OSError: the file cannot be written.
    """
    if (problem := annoy_fault()) is not None:
        raise BuildError(problem)
    axes = principal_axes(vectors)
    index = _import_annoy().AnnoyIndex(axes.shape[1], METRIC)
    index.set_seed(seed)
    for start in range(0, len(vectors), CHUNK):
        for row, seen in enumerate(vectors[start : start + CHUNK] @ axes, start=start):
            index.add_item(row, seen)
    with _axes_of(path).open("wb") as file:
        np.save(file, axes, allow_pickle=False)
    if not index.build(trees, n_jobs=jobs) or not index.save(str(path)):
        raise BuildError(f"Annoy did not build {path} from {len(vectors)} vectors.")


def principal_axes(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the fewest axes that hold ``ENERGY`` of these vectors (n, dimensions): float32 (dimensions, axes).

    The directions the vectors themselves lie in, from the origin, most first. They are at right angles: along all of
    them nothing would be lost.
    """
    dimensions = vectors.shape[1]
    values, axes = np.linalg.eigh((vectors.T @ vectors).astype(np.float64))
    held = np.cumsum(values[::-1].clip(0))
    enough = int(np.searchsorted(held, ENERGY * held[-1])) + 1
    count = min(-(-enough // AXES_STEP) * AXES_STEP, dimensions)
    return np.ascontiguousarray(axes[:, ::-1][:, :count], dtype="<f4")


def _axes_of(path: Path) -> Path:
    """Return where the axes of an Annoy file lie: ``index.axes.npy`` beside ``index.ann``."""
    return path.with_suffix(".axes.npy")


def _read_axes(path: Path, dimensions: int) -> NDArray[np.float32] | None:
    """Return what ``build_annoy`` wrote beside its file, or None for a file of whole vectors."""
    try:
        axes: NDArray[np.float32] = np.load(path, allow_pickle=False)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, EOFError) as error:
        raise ReleaseError(f"{path} cannot be read: {error}") from error
    if axes.dtype != np.dtype("<f4") or axes.ndim != 2 or len(axes) != dimensions or not axes.size:
        raise ReleaseError(f"{path} is {axes.dtype} {axes.shape}, expected axes of {dimensions} dimensions.")
    return axes


@functools.cache
def annoy_fault() -> str | None:
    """Return why Annoy cannot be used on this machine, or None. Asked once per process: about 60 ms."""
    try:
        probe = run_python(["-c", _PROBE], timeout=30)
    except (OSError, subprocess.SubprocessError) as error:
        return f"Annoy could not be tried out: {error}"
    if probe.returncode < 0:
        return f"Annoy crashes here ({signal.Signals(-probe.returncode).name}); reinstall it on this machine."
    if probe.returncode:
        reason = (probe.stderr.strip().splitlines() or [f"exit status {probe.returncode}"])[-1]
        return f"Annoy does not work here: {reason}"
    try:
        _import_annoy()
    except ReleaseError as error:
        return str(error)
    return None


def annoy_version() -> str:
    """Return the version of the installed Annoy, "" where there is none."""
    try:
        return metadata.version("annoy")
    except metadata.PackageNotFoundError:
        return ""


def _import_annoy() -> Any:
    # Here and not above: where Annoy is missing this module still loads, and search falls back to the exact index.
    try:
        import annoy  # noqa: PLC0415
    except ImportError as error:
        raise ReleaseError(
            f"Annoy is not installed ({error}). Install it with a C++ compiler: pip install annoy."
        ) from error
    return annoy
