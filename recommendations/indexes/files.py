"""The arrays of a release on disk: written for good, opened in place."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from recommendations.exceptions import ReleaseError
from recommendations.indexes.manifest import IDS, REVISIONS, VECTORS


class Arrays(NamedTuple):
    """ids and revisions, int64 (n,); vectors, float32 (n, dimensions)."""

    ids: NDArray[np.int64]
    revisions: NDArray[np.int64]
    vectors: NDArray[np.float32]


def write_arrays(directory: Path, arrays: Arrays) -> None:
    """Write the arrays, little-endian whatever the machine; raises OSError."""
    for filename, array, kind in (
        (IDS, arrays.ids, "<i8"),
        (REVISIONS, arrays.revisions, "<i8"),
        (VECTORS, arrays.vectors, "<f4"),
    ):
        with (directory / filename).open("xb") as file:
            np.save(file, np.ascontiguousarray(array, dtype=kind), allow_pickle=False)


def map_arrays(directory: Path, *, count: int, dimensions: int) -> Arrays:
    """Map the arrays of a release, read-only.

    Raises:
        ReleaseError: they are missing, of another shape or type, ids not unique and ascending, vectors not of unit
            length (a sample of 1,000 is looked at).
    """
    ids = _mapped(directory / IDS, "<i8", (count,))
    revisions = _mapped(directory / REVISIONS, "<i8", (count,))
    vectors = _mapped(directory / VECTORS, "<f4", (count, dimensions))
    if (ids[1:] <= ids[:-1]).any():
        raise ReleaseError(f"{directory / IDS} is not unique and ascending.")
    sample = vectors[np.unique(np.linspace(0, count - 1, min(count, 1000)).astype(np.int64))]
    if (problem := not_unit(sample)) is not None:
        raise ReleaseError(f"{directory / VECTORS}: {problem}")
    return Arrays(ids, revisions, vectors)


def not_unit(vectors: NDArray[np.float32]) -> str | None:
    """Return what keeps these rows from being unit vectors, or None. NaN has no length, and fails too."""
    for start in range(0, len(vectors), 8_192):
        lengths = np.linalg.norm(vectors[start : start + 8_192].astype(np.float64), axis=1)
        wrong = np.flatnonzero(~(np.abs(lengths - 1) < 1e-3))
        if len(wrong):
            return f"row {start + wrong[0]} has length {lengths[wrong[0]]}, expected 1."
    return None


def sync(path: Path) -> None:
    """Have the disk hold a file, or a directory's entries; raises OSError."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _mapped(path: Path, kind: str, shape: tuple[int, ...]) -> NDArray[Any]:
    try:
        # As a plain array: numpy.memmap slows every slice down, and the mapping lives as long as the array.
        array = np.asarray(np.load(path, mmap_mode="r", allow_pickle=False))
    except (OSError, ValueError, EOFError) as error:
        raise ReleaseError(f"{path} cannot be read: {error}") from error
    if array.dtype != np.dtype(kind) or array.shape != shape or not array.flags.c_contiguous:
        raise ReleaseError(f"{path} is {array.dtype} {array.shape}, expected {np.dtype(kind)} {shape}.")
    return array
