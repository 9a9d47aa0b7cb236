"""Photos to squares; what an embedder hands out."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from PIL import Image

from recommendations.embedders import resolve
from recommendations.embedders.base import Embedder
from recommendations.embedders.preprocessing import pad, prepare, to_square
from recommendations.exceptions import EngineError
from tests.pictures import picture, shirt

FASHION, IMAGENET = resolve("fashion"), resolve("imagenet")


def test_a_portrait_keeps_its_shape_between_white_margins() -> None:
    pixels = np.asarray(to_square(picture("red", (60, 80)), FASHION))
    assert pixels.shape == (128, 128, 3)
    # Two pixels beside each edge are of both.
    assert (pixels[:, :14] == 255).all()
    assert (pixels[:, -14:] == 255).all()
    assert (pixels[:, 18:-18] == (200, 30, 30)).all()


def test_a_landscape_has_its_margins_above_and_below() -> None:
    pixels = np.asarray(to_square(picture("red", (256, 128)), FASHION))
    assert (pixels[:30] == 255).all()
    assert (pixels[34:-34] == (200, 30, 30)).all()
    assert (pixels[-30:] == 255).all()


@pytest.mark.parametrize("size", [(1, 300), (300, 1), (12_000, 700), (128, 128), (9, 9)])
def test_photos_of_any_shape_become_squares(size: tuple[int, int]) -> None:
    for spec in (FASHION, IMAGENET):
        assert to_square(picture("blue", size), spec).size == (spec.input_size,) * 2


@pytest.mark.parametrize("size", [(600, 800), (1000, 1301), (2399, 1601)])
def test_the_short_way_for_large_photos_gives_the_same_picture(size: tuple[int, int]) -> None:
    photo = shirt("green", size)
    slowly = pad(photo).resize((128, 128), Image.Resampling.BICUBIC)
    difference = np.abs(np.asarray(to_square(photo, FASHION), float) - np.asarray(slowly, float))
    assert difference.mean() < 2


def test_imagenet_stretches_to_the_nearest_pixels() -> None:
    half_and_half = Image.fromarray(np.repeat([[[0] * 3], [[255] * 3]], 50, axis=1).astype(np.uint8))
    pixels = np.asarray(to_square(half_and_half, IMAGENET))
    assert (pixels[:112] == 0).all()
    assert (pixels[112:] == 255).all()


def test_a_batch_is_rows_of_bytes_in_the_order_given() -> None:
    batch = prepare([picture("red"), picture("blue").convert("P").convert("RGBA")], IMAGENET)
    assert batch.shape == (2, 224, 224, 3)
    assert batch.dtype == np.uint8
    assert batch[0, 5, 5].tolist() == [200, 30, 30]
    assert batch[1, 5, 5, 2] > 190


class Fixed(Embedder):
    """Gives what it was told to."""

    name, dimensions = "fixed-2", 2

    def __init__(self, *rows: object) -> None:
        self.rows = rows

    def _embed(self, images: Sequence[Image.Image]) -> np.ndarray:
        return np.array(self.rows, np.float32)


def test_rows_are_handed_out_at_unit_length() -> None:
    assert Fixed((3, 4)).embed([picture()]).tolist() == [[pytest.approx(0.6), pytest.approx(0.8)]]
    assert Fixed().embed([]).shape == (0, 2)


@pytest.mark.fault
@pytest.mark.parametrize("row", [(0, 0), (np.nan, 1), (np.inf, 1), (1, 2, 3)])
def test_what_is_no_direction_is_refused(row: object) -> None:
    with pytest.raises(EngineError, match="expected finite non-zero"):
        Fixed(row).embed([picture()])
