"""The baselines of an evaluation."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw

from recommendations.embedders.base import Embedder
from recommendations.evaluation.baselines import ColourHistogram, Gradients
from tests.pictures import picture, shirt


def stripes(*, across: bool, colour: str = "black") -> Image.Image:
    """Return a striped picture."""
    image = Image.new("RGB", (64, 64), "white")
    draw = ImageDraw.Draw(image)
    for at in range(0, 64, 8):
        draw.rectangle((0, at, 63, at + 3) if across else (at, 0, at + 3, 63), fill=colour)
    return image


def cosine(embedder: Embedder, one: Image.Image, other: Image.Image) -> float:
    first, second = embedder.embed([one, other])
    return float(first @ second)


def test_the_colour_histogram_sees_colour_and_no_shape() -> None:
    histogram = ColourHistogram()
    assert cosine(histogram, stripes(across=True), stripes(across=False)) == pytest.approx(1)
    assert cosine(histogram, picture("red"), picture("blue")) == 0
    assert cosine(histogram, shirt("red"), shirt("blue")) < 0.9


def test_the_colour_histogram_counts_every_pixel() -> None:
    half = Image.new("RGB", (64, 64), "white")
    half.paste((0, 0, 0), (0, 0, 64, 16))
    row = ColourHistogram().embed([half])[0]
    assert np.sort(row**2)[-2:] == pytest.approx([0.25, 0.75])


def test_the_gradients_see_direction_and_no_colour() -> None:
    gradients = Gradients()
    assert cosine(gradients, stripes(across=True), stripes(across=False)) < 0.05
    assert cosine(gradients, stripes(across=True), stripes(across=True, colour="navy")) > 0.95
    assert cosine(gradients, shirt("red"), shirt("blue")) > 0.95


@pytest.mark.parametrize("embedder", [ColourHistogram(), Gradients()])
@pytest.mark.parametrize("size", [(8, 8), (20, 400), (1000, 700)])
def test_any_picture_has_a_direction(embedder: Embedder, size: tuple[int, int]) -> None:
    rows = embedder.embed([picture("white", size), picture("black", size), shirt("red", size)])
    assert rows.shape == (3, embedder.dimensions)
    assert np.linalg.norm(rows, axis=1) == pytest.approx([1, 1, 1])
