"""What an embedder is: images in, unit vectors out. No Django here."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from recommendations.exceptions import EngineError


class Embedder(ABC):
    """Turns images into embeddings.

    Attributes:
        name: architecture, weights hash, pooling, preprocessing and dimensions in one word; two embedders of one name
            give vectors that may meet, two of different names never.
        dimensions: length of a vector.
    """

    name: str
    dimensions: int

    def embed(self, images: Sequence[Image.Image]) -> NDArray[np.float32]:
        """Return one unit row per image: float32 (n, dimensions).

        Images are upright RGB (see ``recommendations.images.decode_image``); any size.

        Raises:
            EngineError: the network gave something that is not a direction (NaN, infinite or zero).
        """
        if not images:
            return np.empty((0, self.dimensions), np.float32)
        raw = np.asarray(self._embed(images), dtype=np.float32)
        lengths = np.linalg.norm(raw, axis=1, keepdims=True)
        if raw.shape != (len(images), self.dimensions) or not np.isfinite(raw).all() or (lengths < 1e-12).any():
            raise EngineError(
                f"{self.name} gave {raw.shape} with lengths {lengths.min()}..{lengths.max()}; expected finite non-zero "
                f"rows of shape {(len(images), self.dimensions)}."
            )
        rows: NDArray[np.float32] = raw / lengths
        return rows

    @abstractmethod
    def _embed(self, images: Sequence[Image.Image]) -> NDArray[np.floating]:
        """Return raw rows (n, dimensions); ``embed`` checks and normalises them."""
