"""Vectors to measure with, and questions whose answers are known."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommendations import embedders
from recommendations.images import LOOK_SIDE, decode_image
from recommendations.indexes.recall import NEARNESS, SLACK, K, perturbed

Floats = NDArray[np.float32]
Rows = NDArray[np.int64]

BATCH = 32
CHUNK = 16_384


def read_vectors(file: Path | None, cache: Path) -> tuple[Floats, str]:
    """Return unit vectors and what they are: from ``file`` (.npy), else embedded here and now.

    What is embedded are the photos of ``VOGUE_TEST_INVENTORY`` (a zip with ``images/*.jpg``), else drawn products.
    """
    if file:
        return np.load(file).astype(np.float32), f"vectors of {file.name}"
    inventory = os.environ.get("VOGUE_TEST_INVENTORY")
    if not inventory:
        return embedded(drawn_photos(), cache), "drawn photos (VOGUE_TEST_INVENTORY names real ones)"
    with zipfile.ZipFile(inventory) as archive:
        names = sorted(name for name in archive.namelist() if name.endswith(".jpg"))
        return embedded((archive.read(name) for name in names), cache), f"photos of {Path(inventory).name}"


def drawn_photos() -> Iterator[bytes]:
    """Yield the photos of every product the shop can draw."""
    from catalog.sample.inventory import LARGEST, plan
    from catalog.sample.photos import draw_all

    orders = [order for product in plan(LARGEST, seed=1) for order in product.orders]
    yield from draw_all(orders, os.cpu_count() or 1)


def embedded(photos: Iterable[bytes], cache: Path) -> Floats:
    """Return the fashion network's vectors of JPEG photos, float32 (n, dimensions)."""
    embedder = embedders.load_embedder(embedders.resolve("fashion"), engine="openvino", cache_dir=cache)
    batch: list[Any] = []
    parts: list[Floats] = []
    for data in photos:
        batch.append(decode_image(data, max_bytes=30_000_000, max_pixels=60_000_000, target=LOOK_SIDE))
        if len(batch) == BATCH:
            parts.append(embedder.embed(batch))
            batch.clear()
    if batch:
        parts.append(embedder.embed(batch))
    return np.concatenate(parts)


def enlarged(vectors: Floats, size: int, seed: int = 0) -> Floats:
    """Return ``size`` unit vectors: these, cut or filled up with perturbed ones at a cosine of 0.9 to one of these.

    The noise has the covariance of the vectors. Noise of 256 independent dimensions would put every made vector into
    directions no photo takes, where all are about equally far from each other.
    """
    if size <= len(vectors):
        return vectors[:size]
    draw = np.random.default_rng(seed)
    centred = vectors - vectors.mean(axis=0)
    values, axes = np.linalg.eigh(np.cov(centred, rowvar=False))
    spread = (axes * np.sqrt(values.clip(0))).astype(np.float32)
    made = np.empty((size, vectors.shape[1]), np.float32)
    made[: len(vectors)] = vectors
    for start in range(len(vectors), size, CHUNK):
        rows = np.arange(start, min(start + CHUNK, size)) % len(vectors)
        base = vectors[rows]
        noise = draw.standard_normal(base.shape, dtype=np.float32) @ spread.T
        noise -= (noise * base).sum(axis=1, keepdims=True) * base
        noise /= np.linalg.norm(noise, axis=1, keepdims=True)
        moved = NEARNESS * base + (1 - NEARNESS**2) ** 0.5 * noise
        made[start : start + len(base)] = moved / np.linalg.norm(moved, axis=1, keepdims=True)
    return made


@dataclass(frozen=True)
class Questions:
    """Queries and what passes as an answer.

    The first half are vectors of the gallery, whose own row does not count (a strip); the others lie near one, at a
    cosine of 0.9 (a shopper's photo).

    Attributes:
        vectors: float32 (n, dimensions), unit rows.
        own: the row a query is, or -1; int64 (n,).
        passing: the K-th best score by exact search, float32 (n,). What scores as high is as good an answer.
    """

    vectors: Floats
    own: Rows
    passing: Floats

    @classmethod
    def about(cls, gallery: Floats, count: int, seed: int) -> Questions:
        """Return ``count`` questions about these vectors; needs the scores of ``CHUNK`` rows at a time."""
        draw = np.random.default_rng(seed)
        rows = draw.choice(len(gallery), size=count // 2, replace=False)
        near = perturbed(gallery[draw.choice(len(gallery), size=count - count // 2, replace=False)], draw)
        vectors = np.concatenate((gallery[rows], near))
        own = np.concatenate((rows, np.full(len(near), -1))).astype(np.int64)
        best = np.full((len(vectors), K), -1, np.float32)
        for start in range(0, len(gallery), CHUNK):
            scores = vectors @ gallery[start : start + CHUNK].T
            here = np.flatnonzero((own >= start) & (own < start + CHUNK))
            scores[here, own[here] - start] = -1
            best = np.partition(np.concatenate((best, scores), axis=1), -K, axis=1)[:, -K:]
        return cls(vectors, own, best.min(axis=1))

    def recall(self, gallery: Floats, answers: list[list[int]]) -> tuple[float, float]:
        """Return the share of the K nearest found, for vectors of the gallery and for those near one."""
        shares = []
        for vector, own, passing, answer in zip(self.vectors, self.own, self.passing, answers, strict=True):
            others = list(dict.fromkeys(row for row in answer if row not in {int(own), -1}))[:K]
            shares.append(float((gallery[others] @ vector >= passing - SLACK).sum()) / K)
        half = int((self.own >= 0).sum())
        return float(np.mean(shares[:half])), float(np.mean(shares[half:]))

    def save(self, file: Path) -> None:
        """Write them to a .npz file."""
        np.savez(file, vectors=self.vectors, own=self.own, passing=self.passing)

    @classmethod
    def load(cls, file: Path) -> Questions:
        """Read what ``save`` wrote."""
        with np.load(file) as arrays:
            return cls(arrays["vectors"], arrays["own"], arrays["passing"])
