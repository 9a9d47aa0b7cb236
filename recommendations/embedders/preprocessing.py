"""Photos to the squares the network sees. Pillow and NumPy only; scaling and channel order are in the network."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from recommendations.embedders.grounds import on_white
from recommendations.embedders.presets import EmbedderSpec

WHITE = (255, 255, 255)
_FILTERS = {"bicubic": Image.Resampling.BICUBIC, "nearest": Image.Resampling.NEAREST}


def prepare(images: Sequence[Image.Image], spec: EmbedderSpec) -> NDArray[np.uint8]:
    """Return the network's input: uint8 (n, size, size, 3), RGB."""
    batch = np.empty((len(images), spec.input_size, spec.input_size, 3), np.uint8)
    for row, image in enumerate(images):
        batch[row] = np.asarray(to_square(image, spec))
    return batch


def prepare_views(images: Sequence[Image.Image], spec: EmbedderSpec) -> tuple[NDArray[np.uint8], NDArray[np.intp]]:
    """Return the network's input, and which image each row is of: uint8 (m, size, size, 3), int (m,).

    First every image as it is; then, where the preset looks past the ground, those of a plain one once more on white.
    """
    again: list[tuple[int, Image.Image]] = []
    if spec.ground == "white":
        images = [_reduce(_rgb(image), spec.input_size) for image in images]
        white = [on_white(image, spec.input_size) for image in images]
        again = [(row, image) for row, image in enumerate(white) if image is not None]
    batch = prepare([*images, *(image for _, image in again)], spec)
    return batch, np.array([*range(len(images)), *(row for row, _ in again)], np.intp)


def joined(rows: NDArray[np.floating], owners: NDArray[np.intp]) -> NDArray[np.float32]:
    """Return one row for each image: the sum of the directions its views have, float32 (n, dimensions).

    Args:
        rows: what the network said of ``prepare_views``' batch.
        owners: which image each row is of, as given there; every image comes first in its order.
    """
    count = int(owners.max(initial=-1)) + 1
    if len(rows) == count:
        return rows.astype(np.float32, copy=False)
    # A row that has no direction stays as it is, and is refused by whoever is handed it.
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    units = (rows / np.where(lengths > 0, lengths, 1)).astype(np.float32)
    result: NDArray[np.float32] = units[:count].copy()
    np.add.at(result, owners[count:], units[count:])
    return result


def to_square(image: Image.Image, spec: EmbedderSpec) -> Image.Image:
    """Return the photo as a square of the preset's size: stretched, or padded with white to a square first."""
    size, resample = spec.input_size, _FILTERS[spec.interpolation]
    image = _rgb(image)
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


def _rgb(image: Image.Image) -> Image.Image:
    return image if image.mode == "RGB" else image.convert("RGB")


def _reduce(image: Image.Image, size: int) -> Image.Image:
    """Return a large photo with whole blocks of pixels averaged, still at least twice ``size``.

    Several times faster than resizing all of it, and the network's input stays within a grey level or two.
    """
    factor = max(image.size) // (2 * size)
    return image.reduce(factor) if factor > 1 else image
