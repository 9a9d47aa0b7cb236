"""Where in a photo the things are: boxes around what stands out, from colours alone. No network, no Django.

The background is what the photo's edge shows. What differs from it, weighed down towards the edge, is cut into
connected pieces; the heaviest are proposed. An idea of "Saliency Detection via Background and Foreground Priors"
(Zhu et al., CVPR 2014), reduced to what 64 x 64 cells can say in a few milliseconds.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from recommendations.image_profiles import to_lab

Box = tuple[float, float, float, float]

#: The photo is looked at in this many cells a side.
CELLS = 64
#: Colours of the edge that count as background, each with at least this part of it.
BACKGROUNDS = 4
LEAST_OF_EDGE = 0.08
#: A piece smaller than this part of the photo is taken for dirt.
LEAST_AREA = 0.01
#: Room left around a piece, as part of its longer side: product photos are not cut to the seam either.
MARGIN = 0.08
#: A box that leaves out less than this of the photo says nothing.
MOST_AREA = 0.85


def propose_boxes(image: Image.Image, most: int = 3, *, least_side: int = 1) -> list[Box]:
    """Return boxes around what stands out, likeliest first: x, y, width, height as parts of 1.

    Empty where nothing does, or where it fills the photo. No side of a box is shorter than ``least_side`` pixels.
    """
    salient = saliency(image)
    # A pixel more than asked for: a box is rounded to whole ones when it is cut out.
    least = ((least_side + 1) / image.width, (least_side + 1) / image.height)
    boxes = [_no_smaller(_box(cells), least) for cells in _pieces(salient)]
    return [box for box in boxes if box[2] * box[3] <= MOST_AREA][:most]


def saliency(image: Image.Image) -> NDArray[np.float64]:
    """Return how much each cell stands out: float64 (CELLS, CELLS), 0 to 1."""
    cells = np.asarray(to_lab(image.resize((CELLS, CELLS), Image.Resampling.BOX)), np.float64)
    distance = np.min([np.linalg.norm(cells - colour, axis=2) for colour in _backgrounds(cells)], axis=0)
    top = np.quantile(distance, 0.99)
    # Less than 12 of 255 steps is noise, a shadow, or a wall that is not evenly lit.
    if top < 12:
        return np.zeros((CELLS, CELLS))
    away = np.minimum(np.arange(CELLS) + 1, np.arange(CELLS)[::-1] + 1) / (CELLS / 4)
    inwards = np.minimum(1, 0.4 + 0.6 * np.minimum.outer(away, away))
    result: NDArray[np.float64] = np.clip(distance / top, 0, 1) * inwards
    return result


def _backgrounds(cells: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the colours most of the edge has: float64 (1..BACKGROUNDS, 3)."""
    edge = np.concatenate([cells[:2].reshape(-1, 3), cells[-2:].reshape(-1, 3), cells[:, :2].reshape(-1, 3)])
    edge = np.concatenate([edge, cells[:, -2:].reshape(-1, 3)])
    # k-means from fixed starts: along the line from the darkest to the lightest.
    order = np.argsort(edge[:, 0])
    centres = edge[order[np.linspace(0, len(edge) - 1, BACKGROUNDS).astype(int)]]
    for _ in range(8):
        nearest = np.linalg.norm(edge[:, None] - centres[None], axis=2).argmin(axis=1)
        groups = [edge[nearest == n] for n in range(BACKGROUNDS)]
        centres = np.stack([g.mean(axis=0) if len(g) else c for g, c in zip(groups, centres, strict=True)])
    sizes = np.bincount(nearest, minlength=BACKGROUNDS) / len(edge)
    enough: NDArray[np.float64] = centres[sizes >= LEAST_OF_EDGE]
    return enough if len(enough) else centres


def _pieces(salient: NDArray[np.float64]) -> Iterator[NDArray[np.int64]]:
    """Yield the connected pieces that stand out, heaviest first: int64 (n, 2) of rows and columns."""
    mask = _closed(salient > max(_otsu(salient), 0.15))
    labels = np.zeros(mask.shape, np.int64)
    pieces: list[tuple[float, NDArray[np.int64]]] = []
    for start in zip(*np.nonzero(mask), strict=True):
        if labels[start]:
            continue
        cells = _flood(mask, labels, (int(start[0]), int(start[1])), len(pieces) + 1)
        if len(cells) >= LEAST_AREA * mask.size:
            pieces.append((float(salient[cells[:, 0], cells[:, 1]].sum()), cells))
    pieces.sort(key=lambda piece: -piece[0])
    yield from (cells for _, cells in pieces)


def _flood(mask: NDArray[np.bool_], labels: NDArray[np.int64], start: tuple[int, int], label: int) -> NDArray[np.int64]:
    found, open_ = [], [start]
    labels[start] = label
    while open_:
        row, column = open_.pop()
        found.append((row, column))
        for r, c in ((row + 1, column), (row - 1, column), (row, column + 1), (row, column - 1)):
            if 0 <= r < mask.shape[0] and 0 <= c < mask.shape[1] and mask[r, c] and not labels[r, c]:
                labels[r, c] = label
                open_.append((r, c))
    return np.array(found)


def _closed(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return the mask with gaps of one cell closed: the straps of a bag belong to it."""
    result: NDArray[np.bool_] = ~_grown(~_grown(mask))
    return result


def _grown(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    padded = np.pad(mask, 1, mode="edge")
    rows, columns = mask.shape
    shifts = [padded[r : r + rows, c : c + columns] for r in range(3) for c in range(3)]
    result: NDArray[np.bool_] = np.logical_or.reduce(shifts)
    return result


def _otsu(values: NDArray[np.float64]) -> float:
    """Return the threshold that parts the values into the two most different groups (Otsu, 1979)."""
    counts, edges = np.histogram(values, bins=64, range=(0, 1))
    middles = (edges[:-1] + edges[1:]) / 2
    below = np.cumsum(counts)
    above = below[-1] - below
    sums = np.cumsum(counts * middles)
    with np.errstate(invalid="ignore", divide="ignore"):
        between = below * above * (sums / below - (sums[-1] - sums) / above) ** 2
    return float(edges[1:][np.nan_to_num(between).argmax()])


def _box(cells: NDArray[np.int64]) -> Box:
    """Return the box around these cells, with a margin, inside the photo."""
    (top, left), (bottom, right) = cells.min(axis=0), cells.max(axis=0) + 1
    room = MARGIN * max(bottom - top, right - left)
    x, y = max(0.0, left - room) / CELLS, max(0.0, top - room) / CELLS
    w, h = min(CELLS, right + room) / CELLS - x, min(CELLS, bottom + room) / CELLS - y
    return round(float(x), 4), round(float(y), 4), round(float(w), 4), round(float(h), 4)


def _no_smaller(box: Box, least: tuple[float, float]) -> Box:
    """Return the box, widened about its middle to at least this width and height, inside the photo."""
    x, y, w, h = box
    (x, w), (y, h) = _widened(x, w, least[0]), _widened(y, h, least[1])
    return x, y, w, h


def _widened(start: float, length: float, least: float) -> tuple[float, float]:
    if length >= least:
        return start, length
    wide = min(1.0, math.ceil(1e4 * least) / 1e4)
    return round(min(max(0.0, start + (length - wide) / 2), 1 - wide), 4), wide
