"""Products on white, whatever plain ground they were photographed on."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from recommendations.embedders import resolve
from recommendations.embedders.grounds import on_white, reached_from_the_edge
from recommendations.embedders.preprocessing import joined, prepare, prepare_views

FASHION = resolve("fashion")
RED = (200, 20, 30)


def product(
    ground: Image.Image | tuple[int, int, int], box: tuple[int, int, int, int] = (40, 40, 80, 120)
) -> Image.Image:
    """A red thing on a ground of 120 x 160 pixels."""
    image = Image.new("RGB", (120, 160), ground) if isinstance(ground, tuple) else ground.copy()
    ImageDraw.Draw(image).rectangle(box, fill=RED)
    return image


def wall(colour: tuple[int, int, int], *, slope: float = 0, noise: float = 0) -> Image.Image:
    """A plain ground, lighter on one side, with a camera's noise."""
    rows = np.linspace(-slope, slope, 160)[:, None, None] + np.array(colour, float)
    rows = np.broadcast_to(rows, (160, 120, 3)) + np.random.default_rng(0).normal(0, 1, (160, 120, 3)) * noise
    return Image.fromarray(rows.clip(0, 255).astype(np.uint8))


def pixels(image: Image.Image | None) -> NDArray[np.float64]:
    assert image is not None
    return np.asarray(image, np.float64)


@pytest.mark.parametrize(
    "ground",
    [
        wall((60, 140, 80)),
        wall((60, 140, 80), slope=40),
        wall((60, 140, 80), slope=20, noise=6),
        wall((20, 20, 24), noise=2),
        wall((214, 214, 210), slope=12),
    ],
    ids=["one colour", "light from a side", "noise", "dark", "studio grey"],
)
def test_a_plain_ground_turns_white_and_the_product_stays(ground: Image.Image) -> None:
    seen = pixels(on_white(product(ground), 160))
    assert seen.shape == (160, 120, 3)
    assert (seen[:34] > 250).mean() > 0.99
    assert (seen[:, :34] > 250).mean() > 0.99
    assert np.abs(seen[46:114, 46:74] - RED).mean() < 45
    assert seen[46:114, 46:74, 0].mean() > seen[46:114, 46:74, 1].mean() + 120


@pytest.mark.parametrize("size", [48, 112, 224])
def test_the_longer_side_is_as_long_as_asked_for(size: int) -> None:
    seen = on_white(product(wall((60, 140, 80))), size)
    assert seen is not None
    assert max(seen.size) == size


def test_white_is_left_alone() -> None:
    assert on_white(product((255, 255, 255)), 112) is None
    assert on_white(product((247, 246, 244)), 112) is None


def test_what_is_not_plain_is_left_alone() -> None:
    street = Image.fromarray(np.random.default_rng(1).integers(0, 255, (20, 15, 3)).astype(np.uint8))
    assert on_white(product(street.resize((120, 160), Image.Resampling.NEAREST)), 112) is None


def test_a_ground_with_nothing_on_it_and_a_product_without_a_ground_are_left_alone() -> None:
    assert on_white(wall((60, 140, 80), slope=10), 112) is None
    assert on_white(product(wall((60, 140, 80)), (-1, -1, 120, 160)), 112) is None


def test_a_product_may_reach_the_edge() -> None:
    seen = pixels(on_white(product(wall((60, 140, 80)), (30, 60, 119, 159)), 160))
    assert (seen[:50] > 250).mean() > 0.99
    assert np.abs(seen[70:155, 40:115] - RED).mean() < 5


def test_what_the_product_encloses_stays() -> None:
    photo = product(wall((60, 140, 80)))
    ImageDraw.Draw(photo).rectangle((55, 70, 65, 90), fill=(60, 140, 80))
    assert np.abs(pixels(on_white(photo, 160))[75:85, 58:63] - (60, 140, 80)).mean() < 12


def test_bars_of_a_screenshot_are_cut_off() -> None:
    screen = Image.new("RGB", (120, 200))
    screen.paste(product(wall((60, 140, 80))), (0, 20))
    seen = pixels(on_white(screen, 200))
    assert len(seen) < 160
    assert (seen[:20] > 250).mean() > 0.99
    assert seen.min(axis=2).min() < 60


def test_white_in_dim_light_is_white_and_so_is_a_shirt_on_it() -> None:
    dim = Image.fromarray((np.asarray(product((250, 250, 250))) * 0.6).astype(np.uint8))
    ImageDraw.Draw(dim).rectangle((45, 60, 75, 80), fill=(140, 140, 140))
    seen = pixels(on_white(dim, 160))
    assert seen[65:75, 50:70].mean() > 225
    # A colour is no light: what stands before a red wall is not brightened.
    assert seen[100:110, 50:70, 0].mean() == pytest.approx(RED[0], abs=12)
    before_red = pixels(on_white(product(wall((190, 90, 90)), (40, 40, 80, 120)), 160))
    assert np.abs(before_red[50:110, 50:70] - RED).mean() < 3


@given(
    st.integers(1, 40),
    st.integers(1, 40),
    st.integers(0, 2**32 - 1),
    st.sampled_from([0, 3, 40, 255]),
    st.integers(32, 130),
)
def test_any_picture_gives_a_picture_or_none(width: int, height: int, seed: int, rough: int, size: int) -> None:
    draw = np.random.default_rng(seed)
    raw = draw.integers(0, 256, 3) + draw.integers(0, rough + 1, (height, width, 3))
    seen = on_white(Image.fromarray(raw.clip(0, 255).astype(np.uint8)), size)
    assert seen is None or (seen.mode == "RGB" and min(seen.size) >= 1 and max(seen.size) <= size)


def test_the_walk_stops_at_walls_and_goes_round_corners() -> None:
    rows = ("#.#####", "#.#...#", "#.#.#.#", "#...#.#", "#####.#", "#...#.#", "#######")
    plan = np.array([list(row) for row in rows]) == "."
    reached = reached_from_the_edge(plan)
    assert reached.sum() == plan.sum() - 3
    assert reached[5, 5]
    assert not reached[5, 1:4].any()


def test_each_photo_of_a_plain_ground_is_looked_at_twice() -> None:
    white, green = product((255, 255, 255)), product(wall((60, 140, 80)))
    batch, owners = prepare_views([green, white, green], FASHION)
    assert owners.tolist() == [0, 1, 2, 0, 2]
    assert (batch[:3] == prepare([green, white, green], FASHION)).all()
    assert (batch[3] == batch[4]).all()
    assert (batch[3][:8] == 255).all()
    once = replace(FASHION, ground="")
    assert prepare_views([green, white], once)[1].tolist() == [0, 1]
    assert once.name != FASHION.name


def test_views_of_a_photo_join_in_the_middle_between_their_directions() -> None:
    rows = np.array([[3, 0], [0, 5], [0, 1]], np.float32)
    found = joined(rows, np.array([0, 1, 0]))
    assert found[0] == pytest.approx([1, 1])
    assert found[1] == pytest.approx([0, 1])
    assert joined(rows, np.array([0, 1, 2])).tolist() == rows.tolist()
    assert np.isnan(joined(np.array([[np.nan, 1], [1, 0]], np.float32), np.array([0, 0]))).any()
