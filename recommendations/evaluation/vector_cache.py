"""Vectors computed before, by embedder: a second evaluation embeds only what is new."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from recommendations.embedders.base import Embedder
from recommendations.evaluation.geometry import Vectors
from recommendations.exceptions import InvalidImageError

#: Photos decoded and embedded at a time.
BATCH = 64
#: What is computed is written at least this often: a process may be killed.
KEEP_SECONDS = 60
#: Largest file; what would exceed it leaves only the vectors of the last evaluation.
MOST_BYTES = 1024**3
KEY_BYTES = 16


class Picture(NamedTuple):
    """Something to embed: ``key`` (16 bytes) is the same only for the same picture."""

    key: bytes
    load: Callable[[], Image.Image]


class VectorCache:
    """The vectors of one embedder, in one file. A damaged or foreign file counts as none."""

    def __init__(self, folder: Path, name: str, dimensions: int, *, fresh: bool = False) -> None:
        """Open it; ``fresh`` takes it for empty."""
        self._path = folder / f"{name}.npy"
        self._type = np.dtype([("key", np.uint8, (KEY_BYTES,)), ("vector", np.float32, (dimensions,))])
        self._stored = np.empty(0, self._type) if fresh else self._read()
        self._rows = {key.tobytes(): row for row, key in enumerate(self._stored["key"])}

    def get(self, key: bytes) -> Vectors | None:
        """Return the vector, or None."""
        row = self._rows.get(key)
        return None if row is None else self._stored["vector"][row]

    def keep(self, keys: Sequence[bytes], vectors: Vectors) -> None:
        """Write these, and what was there before as long as there is room."""
        new = dict(zip(keys, range(len(keys)), strict=True))
        old = [row for key, row in self._rows.items() if key not in new]
        if (len(old) + len(new)) * self._type.itemsize > MOST_BYTES:
            old = []
        merged = np.empty(len(old) + len(new), self._type)
        merged[: len(old)] = self._stored[old]
        merged["key"][len(old) :] = np.frombuffer(b"".join(new), np.uint8).reshape(-1, KEY_BYTES)
        merged["vector"][len(old) :] = vectors[list(new.values())]
        self._path.parent.mkdir(parents=True, exist_ok=True)
        _write(self._path, merged)

    def _read(self) -> NDArray[Any]:
        try:
            stored = np.load(self._path, mmap_mode="r", allow_pickle=False)
        except (OSError, ValueError, EOFError):
            return np.empty(0, self._type)
        return stored if stored.dtype == self._type and stored.ndim == 1 else np.empty(0, self._type)


def embed_pictures(
    embedder: Embedder, pictures: Sequence[Picture], cache: VectorCache, *, progress: Callable[[int], object]
) -> Vectors:
    """Return a unit row for each picture, NaN for those that cannot be read: float32 (n, dimensions).

    What is computed is kept, once in a while and also when stopped half way.
    """
    vectors = np.full((len(pictures), embedder.dimensions), np.nan, np.float32)
    missing = []
    for row, picture in enumerate(pictures):
        known = cache.get(picture.key)
        if known is None:
            missing.append(row)
        else:
            vectors[row] = known
    progress(len(pictures) - len(missing))
    done, kept = 0, time.monotonic()
    try:
        with ThreadPoolExecutor(2) as pool:  # reading and decoding leave the GIL
            for start in range(0, len(missing), BATCH):
                batch = missing[start : start + BATCH]
                images = list(pool.map(_load, [pictures[row] for row in batch]))
                readable = [(row, image) for row, image in zip(batch, images, strict=True) if image is not None]
                if readable:
                    vectors[[row for row, _ in readable]] = embedder.embed([image for _, image in readable])
                done = start + len(batch)
                progress(len(batch))
                if time.monotonic() - kept > KEEP_SECONDS:
                    _keep(cache, pictures, vectors, missing[done:])
                    kept = time.monotonic()
    finally:
        if done:
            _keep(cache, pictures, vectors, missing[done:])
    return vectors


def _keep(cache: VectorCache, pictures: Sequence[Picture], vectors: Vectors, todo: Sequence[int]) -> None:
    left = set(todo)
    rows = [row for row in range(len(pictures)) if row not in left]
    cache.keep([pictures[row].key for row in rows], vectors[rows])


def _load(picture: Picture) -> Image.Image | None:
    try:
        return picture.load()
    except (InvalidImageError, OSError):
        return None


def _write(path: Path, array: NDArray[Any]) -> None:
    """Write beside and rename: a mapped file must not change under its reader."""
    handle, name = tempfile.mkstemp(prefix=".making-", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            np.save(file, array, allow_pickle=False)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
