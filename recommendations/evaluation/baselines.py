"""What could be done without learning anything: a colour histogram, and gradients (HOG). To compare with."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from recommendations.embedders.base import Embedder
from recommendations.embedders.preprocessing import pad

#: Photos are looked at this large.
SIDE = 64


class ColourHistogram(Embedder):
    """How much of a photo has each of 512 colours. The cosine of roots is the Bhattacharyya coefficient."""

    name = "colour-histogram-512"
    dimensions = 512

    def _embed(self, images: Sequence[Image.Image]) -> NDArray[np.floating]:
        return np.stack([np.sqrt(self._count(image)) for image in images])

    def _count(self, image: Image.Image) -> NDArray[np.int64]:
        if max(image.size) > SIDE:
            image = image.resize([max(1, SIDE * side // max(image.size)) for side in image.size], Image.Resampling.BOX)
        # Eight steps each of red, green and blue.
        pixels = (np.asarray(image.convert("RGB")) >> 5).reshape(-1, 3).astype(np.int64)
        return np.bincount(pixels @ (64, 8, 1), minlength=512)


class Gradients(Embedder):
    """Histograms of oriented gradients: 8 x 8 cells of nine directions, blocks of four cells (Dalal & Triggs, 2005)."""

    name = "hog-1764"
    dimensions = 1764

    cells, directions = 8, 9

    def _embed(self, images: Sequence[Image.Image]) -> NDArray[np.floating]:
        squares = [
            pad(image.convert("L").convert("RGB")).resize((SIDE, SIDE), Image.Resampling.BICUBIC) for image in images
        ]
        grey = np.stack([np.asarray(square.convert("L"), np.float64) for square in squares])
        # A photo of one colour has no gradients; its vector still has to point somewhere.
        return self._blocks(self._cells(grey)).reshape(len(images), -1) + 1e-6

    def _cells(self, grey: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return each cell's directions, weighed by how steep: float64 (n, cells, cells, directions)."""
        down, right = np.gradient(grey, axis=(1, 2))
        place = (np.arctan2(down, right) % np.pi) / np.pi * self.directions
        steep, lower = np.hypot(down, right), np.floor(place).astype(np.int64)
        shares = np.zeros((*grey.shape, self.directions))
        for step, weight in ((0, 1 - (place - lower)), (1, place - lower)):
            part = ((lower + step) % self.directions)[..., None]
            np.put_along_axis(shares, part, np.take_along_axis(shares, part, -1) + (weight * steep)[..., None], -1)
        side = SIDE // self.cells
        cut = shares.reshape(len(grey), self.cells, side, self.cells, side, self.directions)
        summed: NDArray[np.float64] = cut.sum(axis=(2, 4))
        return summed

    def _blocks(self, cells: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return every two by two cells as one normalised vector, its largest values cut: float64 (n, 7, 7, 36)."""
        blocks = np.concatenate([cells[:, r : r + 7, c : c + 7] for r in (0, 1) for c in (0, 1)], axis=-1)
        for most in (0.2, np.inf):
            blocks = np.minimum(blocks / np.sqrt((blocks**2).sum(axis=-1, keepdims=True) + 1e-6), most)
        return blocks
