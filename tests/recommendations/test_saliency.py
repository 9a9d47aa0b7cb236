from __future__ import annotations

import random

import numpy as np
import pytest
from PIL import Image, ImageDraw

from benchmarks.crop import composite, overlap
from recommendations.images import MIN_SIDE, crop_to_box
from recommendations.saliency import CELLS, propose_boxes, saliency
from tests.pictures import COLOURS, picture, shirt


def scene(*things: tuple[tuple[int, int, int, int], str], ground: str = "white") -> Image.Image:
    image = picture(ground, (640, 480))
    draw = ImageDraw.Draw(image)
    for box, colour in things:
        draw.rectangle(box, fill=COLOURS[colour])
    return image


@pytest.mark.parametrize("ground", ["white", "grey", "black", "teal"])
def test_the_box_lies_around_the_one_thing_on_any_ground(ground: str) -> None:
    (box,) = propose_boxes(scene(((160, 120, 320, 360), "red"), ground=ground))
    assert overlap(box, (0.25, 0.25, 0.25, 0.5)) > 0.6
    x, y, w, h = box
    # The whole of it, with a little room.
    assert x <= 0.25
    assert y <= 0.25
    assert x + w >= 0.5
    assert y + h >= 0.75


def test_of_two_things_the_heavier_is_proposed_first_and_the_other_second() -> None:
    first, second = propose_boxes(scene(((60, 60, 300, 420), "red"), ((420, 200, 540, 320), "blue")))
    assert overlap(first, (60 / 640, 60 / 480, 240 / 640, 360 / 480)) > 0.6
    assert overlap(second, (420 / 640, 200 / 480, 120 / 640, 120 / 480)) > 0.5


def test_a_dark_thing_and_a_light_one_are_both_seen_on_grey() -> None:
    assert len(propose_boxes(scene(((80, 80, 240, 400), "black"), ((400, 80, 560, 400), "white"), ground="grey"))) == 2


@pytest.mark.parametrize(
    "image", [picture("white", (300, 400)), picture("black", (8, 8)), picture("teal", (2000, 100))]
)
def test_where_nothing_stands_out_nothing_is_proposed(image: Image.Image) -> None:
    assert propose_boxes(image) == []


def test_a_thing_that_fills_the_photo_needs_no_box() -> None:
    assert propose_boxes(scene(((10, 10, 630, 470), "red"))) == []


def test_noise_and_a_shaded_wall_are_no_things() -> None:
    rows, columns = np.mgrid[0:480, 0:640]
    wall = 150 + 12 * columns / 640 + 8 * rows / 480 + np.random.default_rng(1).normal(0, 4, (480, 640))
    assert propose_boxes(Image.fromarray(np.stack([wall.astype(np.uint8)] * 3, axis=2))) == []


def test_boxes_lie_inside_the_photo_whatever_is_on_it() -> None:
    random_ = random.Random(3)
    for seed in range(40):
        size = (random_.randint(8, 400), random_.randint(8, 400))
        noise = np.random.default_rng(seed).integers(0, 255, (size[1] // 4 + 1, size[0] // 4 + 1, 3), np.uint8)
        for x, y, w, h in propose_boxes(Image.fromarray(noise).resize(size)):
            assert min(x, y) >= 0
            assert min(w, h) > 0
            assert max(x + w, y + h) <= 1 + 1e-9


@pytest.mark.parametrize("size", [(8, 8), (8, 160), (60, 80), (80, 60), (60, 900), (100, 100)])
def test_every_proposal_can_be_cut_out_of_the_photo_however_small_it_is(size: tuple[int, int]) -> None:
    proposed = 0
    for start in range(0, 64, 4):
        for cells in ((1, 44), (44, 1), (6, 7)):
            image = picture("white", (64, 64))
            # At every edge, too: a box has no room there on one side.
            x, y = min(start, 64 - cells[0]), min(63 - start, 64 - cells[1])
            image.paste(COLOURS["red"], (x, y, x + cells[0], y + cells[1]))
            image = image.resize(size, Image.Resampling.BOX)
            boxes = propose_boxes(image, least_side=MIN_SIDE)
            for box in boxes:
                assert box[0] + box[2] <= 1 + 1e-9
                assert box[1] + box[3] <= 1 + 1e-9
                assert min(crop_to_box(image, box).size) >= MIN_SIDE
            proposed += len(boxes)
    assert proposed or size == (8, 8), "a test of nothing"


def test_saliency_is_a_number_from_0_to_1_per_cell() -> None:
    found = saliency(shirt("red"))
    assert found.shape == (CELLS, CELLS)
    assert 0 <= found.min() <= found.max() <= 1
    assert found[CELLS // 2, CELLS // 2] > 0.8
    assert found[1, 1] < 0.1


def test_on_composites_of_two_products_the_box_frames_one_of_them() -> None:
    random_ = random.Random(7)
    framed = 0
    for ground in ("plain", "shaded", "patterned") * 4:
        pair = [shirt(random_.choice(["red", "blue", "green", "purple", "black"])) for _ in range(2)]
        image, places = composite(pair, random_, ground)
        boxes = propose_boxes(image)
        framed += bool(boxes) and max(overlap(boxes[0], place) for place in places) > 0.5
    assert framed >= 10
