"""What is compared in an evaluation."""

from __future__ import annotations

from pathlib import Path

import pytest

from recommendations.evaluation.contenders import Contender, choose_contenders, measure_speed
from recommendations.exceptions import WeightsError
from tests.embedders import MeanColourEmbedder
from tests.pictures import picture


def choose(
    *weights: str, poolings: tuple[str, ...] = (), baselines: bool = False, path: Path = Path()
) -> list[Contender]:
    return choose_contenders(weights, poolings=poolings, engine="openvino", cache_dir=path, baselines=baselines)


def test_weights_without_a_projection_are_tried_with_every_pooling() -> None:
    assert [one.title for one in choose("fashion", "imagenet")] == [
        "fashion",
        "imagenet, max pooling",
        "imagenet, avg pooling",
        "imagenet, gem pooling",
    ]


def test_a_pooling_that_is_asked_for_leaves_a_trained_projection_alone() -> None:
    assert [one.title for one in choose("imagenet", "fashion", poolings=("avg",))] == [
        "imagenet, avg pooling",
        "fashion",
    ]


def test_baselines_come_last_and_are_not_trained() -> None:
    found = choose("fashion", baselines=True)
    assert [(one.title, one.trained) for one in found] == [
        ("fashion", True),
        ("random ResNet50, max pooling", False),
        ("colour histogram", False),
        ("gradients (HOG)", False),
    ]
    assert {one.make().name for one in found} == {one.name for one in found}


def test_the_same_weights_take_part_once() -> None:
    assert [one.title for one in choose("random", "fashion", "fashion", poolings=("max",), baselines=True)][:2] == [
        "random, max pooling",
        "fashion",
    ]
    assert len(choose("random", poolings=("max",), baselines=True)) == 3


def test_a_file_of_weights_must_be_the_one_expected(tmp_path: Path) -> None:
    path = tmp_path / "mine.h5"
    path.write_bytes(b"weights")
    assert choose(str(path), poolings=("max",))[0].title == "mine, max pooling"
    with pytest.raises(WeightsError, match="expected"):
        choose_contenders(
            [str(path)], expected_sha256={str(path): "0" * 64}, engine="openvino", cache_dir=tmp_path, baselines=False
        )


def test_speed_is_measured_also_with_few_photos() -> None:
    speed = measure_speed(MeanColourEmbedder(), [picture("red"), picture("blue")])
    assert speed.photos_per_second > 10
    assert 0 < speed.milliseconds < 1000
