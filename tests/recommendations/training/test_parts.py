"""The parts of a training that need no network: views, classes, stages, checkpoints, fusion."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from recommendations.exceptions import TrainingError
from recommendations.training import checkpoint
from recommendations.training.augmentation import Augmentation
from recommendations.training.classes import find_classes, value_of
from recommendations.training.distillation import distil
from recommendations.training.recipe import Recipe
from recommendations.training.schedule import one_cycle, parse_stages
from recommendations.training.views import FreshViews, KeptViews, MostlyPlainViews, keep_views
from tests.recommendations.training.drawn import drawn

NOTHING: dict[str, Any] = {
    **dict.fromkeys(("background", "perspective", "erase", "blur", "noise", "jpeg", "flip", "degrees"), 0.0),
    **dict.fromkeys(("aspect", "shift", "white_balance", "side_light", "frame", "narrow", "beside"), 0.0),
    **{"scale": (1.0, 1.0), "brightness": (1.0, 1.0), "contrast": (1.0, 1.0)},
}


def view(changes: Augmentation, seed: int = 0) -> np.ndarray[Any, np.dtype[np.uint8]]:
    return changes.view(drawn(3).image(), 48, np.random.default_rng(seed), drawn(4).image())


def test_the_same_draw_gives_the_same_view_and_another_another() -> None:
    first, same, other = (view(Augmentation(), seed) for seed in (1, 1, 2))
    assert first.shape == (48, 48, 3)
    assert (first == same).all()
    assert (first != other).any()


def test_no_change_leaves_the_photo_padded_to_a_square() -> None:
    photo = drawn(3).image()
    square = Image.new("RGB", (80, 80), "white")
    square.paste(photo, (10, 0))
    wanted = np.asarray(square.resize((48, 48), Image.Resampling.BICUBIC), float)
    assert np.abs(view(Augmentation(**NOTHING)) - wanted).mean() < 3


@pytest.mark.parametrize(
    ("change", "value"),
    [
        ("background", 1.0), ("degrees", 30.0), ("scale", (0.5, 0.5)), ("aspect", 0.4), ("shift", 0.3),
        ("perspective", 0.3), ("brightness", (0.5, 0.5)), ("contrast", (0.5, 0.5)), ("white_balance", 0.3),
        ("blur", 1.0), ("noise", 1.0), ("erase", 1.0), ("jpeg", 1.0), ("side_light", 0.6),
        ("frame", 1.0),
    ],
)  # fmt: skip
def test_every_change_changes_something(change: str, value: object) -> None:
    assert (view(Augmentation(**NOTHING)) != view(Augmentation(**{**NOTHING, change: value}))).any()


def test_a_mirrored_view_is_the_mirror_image() -> None:
    plain, mirrored = (view(Augmentation(**{**NOTHING, "flip": chance})).astype(int) for chance in (0.0, 1.0))
    assert np.abs(plain[:, ::-1] - mirrored).mean() < 3


def test_a_new_background_leaves_the_product() -> None:
    plain, changed = (view(Augmentation(**{**NOTHING, "background": chance})).astype(int) for chance in (0.0, 1.0))
    product = plain.min(axis=2) < 150
    assert np.abs(plain - changed)[product].mean() < 2
    assert np.abs(plain - changed)[plain.min(axis=2) > 250].mean() > 20


def test_white_inside_a_product_is_no_background() -> None:
    photo = drawn(3).image()
    x, y = photo.width // 2, photo.height // 2
    photo.paste((250, 250, 250), (x - 3, y - 3, x + 4, y + 4))
    changes = Augmentation(**{**NOTHING, "background": 1.0})
    middle = changes.view(photo, 48, np.random.default_rng(0), None)[23:26, 23:26]
    assert middle.min() > 225


def test_another_product_may_stand_beside_the_one_that_is_meant() -> None:
    photo, other = drawn(3).image(), Image.new("RGB", (60, 80), "white")
    other.paste((200, 0, 0), (10, 10, 50, 70))
    elsewhere = {**NOTHING, "background": 1.0}
    for beside, seen in ((0.0, False), (1.0, True)):
        views = [Augmentation(**{**elsewhere, "beside": beside}).view(photo, 48, draws(n), other) for n in range(30)]
        red = [((each[..., 0] > 190) & (each[..., 1:].max(axis=2) < 12)).mean() for each in views]
        assert (np.median(red) > 0.05) == seen


def test_a_photo_that_is_no_square_stands_between_white() -> None:
    dark = Image.new("RGB", (60, 60), (30, 30, 30))
    shapes = []
    for n in range(20):
        seen = Augmentation(**{**NOTHING, "narrow": 1.0}).view(dark, 48, draws(n), None)[..., 0] < 128
        inside = np.argwhere(seen)
        tall, wide = (np.ptp(inside, axis=0) + 1).tolist()
        assert seen.sum() == tall * wide
        assert max(tall, wide) == 48 > min(tall, wide) >= 18
        shapes.append(tall > wide)
    assert {True, False} == set(shapes)


def test_a_quarter_of_fresh_views_are_the_photo_as_it_is() -> None:
    items, square = [drawn(n) for n in range(200)], lambda image: image.resize((24, 24))
    views = FreshViews(items, Recipe(input_size=32, augmentation=Augmentation(background=1.0)), square)
    sizes = [len(views._view(row, draws(row))) for row in range(200)]
    assert set(sizes) == {24, 32}
    assert 30 <= sizes.count(24) <= 70


def test_labels_are_learned_mostly_from_photos_as_they_are() -> None:
    # The input is the row; a changed view has a hundred times its number added to it.
    kept = KeptViews([np.array([[row, row + 100 * view] for row in range(50) for view in range(3)], np.float16)], 3)
    rows = np.arange(0, 50)
    first, second = np.split(np.stack([MostlyPlainViews(kept, 3).pairs(rows, draws(n))[0] for n in range(40)]), 2, 1)
    assert (first[..., 0] == rows).all()
    assert (second[..., 0] == rows).all()
    assert (first[..., 1] == rows).all()
    changes = (second[..., 1] - rows) / 100
    assert set(np.unique(changes)) == {0, 1, 2}
    assert 0.5 < (changes > 0).mean() < 0.7


def draws(n: int) -> np.random.Generator:
    return np.random.default_rng(n)


def test_distilling_takes_out_what_changes_and_leaves_what_does_not() -> None:
    draw = np.random.default_rng(0)
    lasting = draw.normal(size=(500, 2))
    plain = np.concatenate([lasting, np.zeros((500, 1))], axis=1)
    # The third feature is of the circumstances alone, and the projection looks at it.
    changed = np.stack([plain + [0, 0, 1] * draw.normal(size=(500, 1)) for _ in range(2)])
    projection = np.array([[1.0, 0.0], [0.0, 1.0], [2.0, -1.0], [0.5, 0.5]])
    change = distil([(plain[:250], changed[:, :250]), (plain[250:], changed[:, 250:])], projection, 1.0)
    assert np.abs(change[:2]).max() < 1e-2
    assert projection[2] + change[2] == pytest.approx([0, 0], abs=1e-2)
    assert np.abs(change[3]).max() < 1e-2


def test_classes_are_numbered_in_order_and_small_joint_ones_left_out() -> None:
    items = [{"kind": "b", "colour": "red"}, {"kind": "a", "colour": "red"}, {"kind": "b", "colour": "red"}, {}]
    found = find_classes(items, ["kind", "colour", "kind+colour"], smallest_joint=2)
    assert found["kind"].names == ("a", "b")
    assert found["kind"].number(items).tolist() == [1, 0, 1, -1]
    assert set(found) == {"kind"}, "one colour tells nothing apart, nor does the one pair that is left"
    assert value_of({"kind": "b"}, "kind+colour") == ""
    with pytest.raises(TrainingError, match="tells the products"):
        find_classes(items, ["season"], smallest_joint=1)


@pytest.mark.parametrize("text", ["tail:1@0.1", "head:x@0.1", "head:1", "head:-1@0.1", "all:1@0.1,head:1@0.1", ""])
def test_stages_that_make_no_sense_are_refused(text: str) -> None:
    with pytest.raises(TrainingError):
        parse_stages(text)


def test_the_rate_rises_to_its_peak_and_falls() -> None:
    rates = [one_cycle(step, 100, 0.2) for step in range(100)]
    assert max(rates) == pytest.approx(0.2)
    assert rates.index(max(rates)) in (11, 12)
    assert rates[0] < 0.03 > rates[-1]


def test_a_recipe_knows_whether_it_is_another() -> None:
    assert Recipe().digest() == Recipe().digest() != Recipe(seed=1).digest()
    with pytest.raises(TrainingError, match="input size"):
        Recipe(input_size=7)


def test_a_checkpoint_comes_back_whole_and_only_to_its_own_recipe(tmp_path: Path) -> None:
    path = tmp_path / "checkpoint.npz"
    arrays = [np.arange(6.0).reshape(2, 3), np.ones(2, np.float32)]
    checkpoint.save(path, checkpoint.Checkpoint(1, 7, arrays, arrays, [], arrays[:1], {"waited": 2}), recipe="a")
    found = checkpoint.load(path, recipe="a")
    assert found is not None
    assert (found.stage, found.step, found.notes["waited"], len(found.best)) == (1, 7, 2, 0)
    assert (found.weights[0] == arrays[0]).all()
    with pytest.raises(TrainingError, match="another recipe"):
        checkpoint.load(path, recipe="b")
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(TrainingError, match="cannot be read"):
        checkpoint.load(path, recipe="a")


class Count:
    """Counts what it is told, and what the trunk was asked for."""

    def __init__(self) -> None:
        self.done = self.asked = 0

    def update(self, n: int) -> None:
        self.done += n

    def trunk(self, photos: np.ndarray[Any, np.dtype[np.uint8]]) -> list[np.ndarray[Any, Any]]:
        self.asked += len(photos)
        return [photos.mean(axis=(1, 2))]


def test_kept_views_are_computed_once_and_belong_to_one_trunk(tmp_path: Path) -> None:
    items, recipe = [drawn(n) for n in range(40)], Recipe(input_size=32)

    def keep(count: Count, key: str) -> Any:
        square = lambda image: image.resize((32, 32))  # noqa: E731
        return keep_views(tmp_path, items, recipe, views=2, trunk=count.trunk, key=key, square=square, progress=count)

    first, again = Count(), Count()
    kept = keep(first, "a")
    assert (first.asked, first.done) == (80, 40)
    done = np.load(tmp_path / "done.npy", mmap_mode="r+")
    done[10:12] = False
    done.flush()
    same = keep(again, "a")
    assert (again.asked, again.done) == (2, 40), "only what is missing is computed"
    rows = np.arange(40)
    assert (kept.fixed(rows, 1)[0] == same.fixed(rows, 1)[0]).all()
    assert (kept.fixed(rows, 0)[0] != kept.fixed(rows, 1)[0]).any()
    with pytest.raises(TrainingError, match="another training"):
        keep(Count(), "b")
