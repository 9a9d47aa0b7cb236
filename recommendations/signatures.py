"""What a photo's colours and outline are, in half a kilobyte: what likeness is steered by. No network, no Django.

What differs from the photo's edge counts, most in the middle. Its colours are spread over 6 x 7 x 7 places of CIELAB
(lightness, green to red, blue to yellow), softly, so that close shades meet in the same places; two photos' colours are
compared by the Bhattacharyya coefficient. Its outline is how much of each of 16 x 16 cells it covers, compared by the
cosine. ``benchmarks/steering.py`` measures what both are worth.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from recommendations.image_profiles import to_lab

Floats = NDArray[np.float32]

#: The photo is looked at in this many cells a side; its outline is kept in half as many.
CELLS = 32
_LIGHTNESS = np.array([5, 22, 40, 58, 76, 93], np.float32)
_CHROMA = np.array([-50, -28, -11, 0, 11, 28, 50], np.float32)
#: How far a colour spreads, in units of CIELAB.
_SPREAD = (7.0, 5.0)
COLOURS = len(_LIGHTNESS) * len(_CHROMA) ** 2
OUTLINE = (CELLS // 2) ** 2
#: Bytes of a signature.
LENGTH = COLOURS + OUTLINE
#: A cell this far from the edge's colour begins to count, and counts whole so much further on.
_NOISE, _RISE = 3.0, 12.0

_ROWS, _COLUMNS = (np.mgrid[0:CELLS, 0:CELLS] - (CELLS - 1) / 2) / CELLS
_MIDDLE = np.exp(-((_ROWS / 0.45) ** 2) - (_COLUMNS / 0.3) ** 2).astype(np.float32)


def signature(image: Image.Image) -> bytes:
    """Return the signature of an upright RGB picture of any size: ``LENGTH`` bytes."""
    cells = _lab(image.resize((CELLS, CELLS), Image.Resampling.BOX))
    edge = np.concatenate([cells[0], cells[-1], cells[:, 0], cells[:, -1]])
    differs = np.linalg.norm(cells - np.median(edge, axis=0), axis=2)
    covered = np.clip((differs - _NOISE) / _RISE, 0, 1)
    weights = covered * _MIDDLE
    if weights.sum() < 5:
        # One colour from edge to edge: it is what there is to see.
        weights, covered = _MIDDLE, np.ones_like(covered)
    lightness = _soft(cells[..., 0].ravel(), _LIGHTNESS, _SPREAD[0]) * (weights.ravel() / weights.sum())[:, None]
    a, b = (_soft(cells[..., at].ravel(), _CHROMA, _SPREAD[1]) for at in (1, 2))
    colours = (lightness.T @ (a[:, :, None] * b[:, None, :]).reshape(len(a), -1)).ravel()
    outline = covered.reshape(CELLS // 2, 2, CELLS // 2, 2).mean(axis=(1, 3)).ravel()
    # Roots, whose products are compared: small parts keep more of the byte.
    kept: bytes = np.rint(255 * np.concatenate([np.sqrt(colours), outline])).astype(np.uint8).tobytes()
    return kept


def alike(one: bytes, others: Sequence[bytes | None]) -> tuple[Floats, Floats]:
    """Return how alike the colours and the outlines are: two float32 (n,), 0 to 1, higher is closer.

    One without a signature is as alike as the others are on average: it moves neither up nor down.
    """
    known = np.array([is_signature(other) for other in others], np.bool_)
    results = []
    rows = np.zeros((len(others), LENGTH), np.float32)
    for row, other in zip(rows, others, strict=True):
        if other is not None and is_signature(other):
            row[:] = np.frombuffer(other, np.uint8)
    query = np.frombuffer(one, np.uint8).astype(np.float32)
    for part in (slice(0, COLOURS), slice(COLOURS, LENGTH)):
        found: Floats = _unit(rows[:, part]) @ _unit(query[part])
        found[~known] = found[known].mean() if known.any() else 0
        results.append(found)
    return results[0], results[1]


def is_signature(data: bytes | None) -> bool:
    """Return whether this is one, and not the mark of a photo that could not be read, or another version's."""
    return data is not None and len(data) == LENGTH


def _unit(rows: Floats) -> Floats:
    lengths: Floats = np.linalg.norm(rows, axis=-1, keepdims=True)
    unit: Floats = (rows / np.maximum(lengths, 1e-6)).astype(np.float32, copy=False)
    return unit


def _lab(image: Image.Image) -> Floats:
    """Return CIELAB: float32 (height, width, 3), lightness 0 to 100, the others about -128 to 127."""
    # Pillow keeps a and b as signed bytes, and hands them out as unsigned ones.
    raw = np.asarray(to_lab(image))
    lab: Floats = np.zeros(raw.shape, dtype=np.float32)
    lab[..., 0] = raw[..., 0] * (100 / 255)
    lab[..., 1:] = raw[..., 1:].view(np.int8)
    return lab


def _soft(values: Floats, places: Floats, spread: float) -> Floats:
    """Return how much of each value (n,) falls to each place: (n, places), each value shared out whole."""
    # One beyond all places falls to the last.
    near = np.exp(-(((values.clip(places[0], places[-1])[:, None] - places) / spread) ** 2) / 2)
    shared: Floats = (near / near.sum(axis=1, keepdims=True)).astype(np.float32)
    return shared
