"""Photos to the squares the network sees. Pillow and NumPy only; scaling and channel order are in the network."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from recommendations.embedders.presets import EmbedderSpec

WHITE = (255, 255, 255)
_FILTERS = {"bicubic": Image.Resampling.BICUBIC, "nearest": Image.Resampling.NEAREST}


def prepare(images: Sequence[Image.Image], spec: EmbedderSpec) -> NDArray[np.uint8]:
    """Return the network's input: uint8 (n, size, size, 3), RGB."""
    batch = np.empty((len(images), spec.input_size, spec.input_size, 3), np.uint8)
    for row, image in enumerate(images):
        batch[row] = np.asarray(to_square(image, spec))
    return batch


def to_square(image: Image.Image, spec: EmbedderSpec) -> Image.Image:
    """Return the photo as a square of the preset's size: stretched, or padded with white to a square first."""
    size, resample = spec.input_size, _FILTERS[spec.interpolation]
    if image.mode != "RGB":
        image = image.convert("RGB")
    if spec.resize == "pad":
        image = pad(_reduce(image, size))
    return image if image.size == (size, size) else image.resize((size, size), resample)


def pad(image: Image.Image) -> Image.Image:
    """Return the photo in the middle of the smallest white square that holds it."""
    width, height = image.size
    if width == height:
        return image
    side = max(width, height)
    square = Image.new("RGB", (side, side), WHITE)
    square.paste(image, ((side - width) // 2, (side - height) // 2))
    return square


def _reduce(image: Image.Image, size: int) -> Image.Image:
    """Return a large photo with whole blocks of pixels averaged, still at least twice ``size``.

    Several times faster than resizing all of it, and the network's input stays within a grey level or two.
    """
    factor = max(image.size) // (2 * size)
    return image.reduce(factor) if factor > 1 else image
