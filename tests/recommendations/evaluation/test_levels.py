"""Calibration on a geometry that can be checked by hand: products on one side, pictures of none on the other."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from recommendations.evaluation.levels import Sample, calibrate, measure, nearest
from recommendations.levels import MatchLevels, Steps

DIMENSIONS = 12


def unit(rows: np.ndarray) -> np.ndarray:
    made: np.ndarray = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    return made


def around(draw: np.random.Generator, count: int, first: float) -> np.ndarray:
    """Return vectors that have ``first`` on the first axis before they are normed; the rest is drawn."""
    rows = draw.normal(0, 0.5, (count, DIMENSIONS))
    rows[:, 0] = first
    return unit(rows)


@pytest.fixture
def sample() -> Sample:
    draw = np.random.default_rng(0)
    gallery = around(draw, 200, 0.6)
    photos = unit(gallery[:80] + draw.normal(0, 0.12, (80, DIMENSIONS)))
    return Sample(
        gallery, list(range(200)), [""] * 200, photos, list(range(80)), around(draw, 60, -0.3), ["a", "b"] * 30
    )


def test_pictures_of_no_product_are_told_from_photos_of_products(sample: Sample) -> None:
    levels = calibrate(sample)
    draw = np.random.default_rng(1)
    photos = unit(sample.gallery[100:180] + draw.normal(0, 0.12, (80, DIMENSIONS)))
    found = measure(levels, sample.gallery, {"photo": photos}, {"other": around(draw, 100, -0.3)})
    assert found["lost"]["photo"] <= 0.1
    assert found["refused"]["other"] >= 0.9
    assert levels.facts["refused"] >= 0.9
    assert levels.facts["lost"] <= 0.05


def test_the_direction_tells_what_the_cosine_alone_cannot(sample: Sample) -> None:
    draw = np.random.default_rng(2)
    poor = unit(sample.gallery[:80] + draw.normal(0, 0.25, (80, DIMENSIONS)))
    sample = replace(sample, shoppers=poor)
    levels = calibrate(sample)
    # As near to some product as many a shopper's photo is, and on the other side.
    foreign = {"other": around(draw, 100, -0.3)}
    shoppers = {"photo": sample.shoppers}
    alone = MatchLevels(Steps(1, 1, float(np.quantile(nearest(sample.shoppers, sample.gallery)[0], 0.02))))
    assert (
        measure(levels, sample.gallery, shoppers, foreign)["refused_mean"]
        > measure(alone, sample.gallery, shoppers, foreign)["refused_mean"]
    )


def test_the_same_sample_gives_the_same_levels(sample: Sample) -> None:
    assert calibrate(sample).as_record() == calibrate(sample).as_record()


def test_same_is_nearer_than_other_products_are_to_each_other(sample: Sample) -> None:
    steps = calibrate(sample).steps
    scores = sample.gallery @ sample.gallery.T
    np.fill_diagonal(scores, -1)
    assert float((scores.max(axis=1) >= steps.same).mean()) == pytest.approx(0.05, abs=0.01)
    assert float((scores.max(axis=1) >= steps.close).mean()) == pytest.approx(0.75, abs=0.01)


def test_photos_of_one_owner_are_not_other_products(sample: Sample) -> None:
    twice = replace(
        sample,
        gallery=np.concatenate((sample.gallery, sample.gallery)),
        owners=[*sample.owners, *sample.owners],
        groups=[""] * 400,
    )
    assert calibrate(twice).steps.same == pytest.approx(calibrate(sample).steps.same, abs=0.03)
    strangers = replace(twice, owners=list(range(400)))
    assert calibrate(strangers).steps.same == pytest.approx(1, abs=1e-3)


def test_a_large_group_has_steps_of_its_own_and_a_small_one_has_none(sample: Sample) -> None:
    draw = np.random.default_rng(3)
    # Shoes look more alike than bags do.
    tight = unit(sample.gallery[:1] + draw.normal(0, 0.02, (100, DIMENSIONS)))
    grouped = replace(
        sample,
        gallery=np.concatenate((sample.gallery, tight)),
        owners=list(range(300)),
        groups=["bags"] * 190 + ["hats"] * 10 + ["shoes"] * 100,
    )
    levels = calibrate(grouped)
    assert set(levels.groups) == {"bags", "shoes"}
    assert levels.groups["shoes"].same > levels.groups["bags"].same
    assert levels.groups["shoes"].similar == levels.groups["bags"].similar == levels.steps.similar


def test_too_little_to_calibrate_with_is_refused(sample: Sample) -> None:
    with pytest.raises(ValueError, match="too few"):
        calibrate(replace(sample, foreign=sample.foreign[:0], kinds=[]))


def test_a_gallery_of_one_product_has_levels_though_nothing_can_be_compared(sample: Sample) -> None:
    levels = calibrate(replace(sample, owners=["one"] * 200, groups=["bags"] * 200))
    assert levels.steps.same == levels.steps.close == levels.steps.similar
