"""What the tests run in processes of their own, where TensorFlow may be loaded."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import django
import numpy as np

SIZE = 32
#: Views a tiny network can learn from in two epochs.
GENTLE: dict[str, Any] = {
    **dict.fromkeys(
        ("background", "perspective", "erase", "blur", "noise", "jpeg", "side_light", "frame", "narrow", "beside"), 0.0
    ),
    **{"degrees": 8.0, "scale": (0.9, 1.1), "brightness": (0.9, 1.1), "contrast": (0.9, 1.1), "white_balance": 0.02},
}


def setup() -> None:
    """Make this process one of the tests'."""
    import os

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()


class Quiet:
    """Hears everything and says nothing."""

    losses: list[float]

    def __init__(self) -> None:
        self.losses = []

    def step(self, stage: Any, step: int, steps: int, loss: float, rate: float) -> None:
        self.losses.append(loss)

    def epoch(self, number: int, figures: Any) -> None:
        pass

    def update(self, n: int) -> None:
        pass


@contextmanager
def silent(total: int, words: str) -> Iterator[Quiet]:
    yield Quiet()


def tiny_backbone(size: int) -> Any:
    """Return a network of five small layers with ResNet50's names where trainings cut."""
    from keras import Input, Model, layers

    x = photos = Input((size, size, 3))
    names = ("conv2_block3_out", "conv3_block4_out", "conv4_block6_out", "conv5_block3_out")
    for name, channels in zip(names, (8, 16, 24, 32), strict=True):
        x = layers.Conv2D(channels, 3, strides=2, padding="same", name=name.replace("out", "conv"))(x / 32)
        x = layers.ReLU(name=name)(x)
    return Model(photos, x)


class StopHereError(Exception):
    """Pulls the plug."""


def tiny_run(folder: Path, stages: str, views: int, **changes: Any) -> Any:
    """Return a training of a tiny network on 200 drawn products."""
    from recommendations.training.augmentation import Augmentation
    from recommendations.training.recipe import Recipe
    from recommendations.training.schedule import parse_stages
    from recommendations.training.session import prepare_run
    from tests.recommendations.training.drawn import drawn

    train, validation = [drawn(n) for n in range(200)], [drawn(n) for n in range(1000, 1090)]
    recipe = Recipe(
        weights="scratch",
        input_size=SIZE,
        dimensions=16,
        taps=("conv2_block3_out",),
        stages=parse_stages(stages),
        views=views,
        batch=5,
        label_weights={"articleType": 1.0, "baseColour": 1.0, "articleType+baseColour": 0.5},
        instance=0.2,
        ema=0.5,
        augmentation=Augmentation(**GENTLE),
    )
    recipe = dataclasses.replace(recipe, **changes)
    return prepare_run(
        recipe, train, validation, folder=folder, told=Quiet(), shown=silent, build_backbone=tiny_backbone
    )


def pull_the_plug(run: Any) -> None:
    """Train for 54 steps; a checkpoint is older than that."""
    run.save_every, steps = 7, iter(range(1000))

    def pull(_step: int) -> None:
        if next(steps) == 53:
            raise StopHereError

    run.after_step = pull
    try:
        run.train()
        raise AssertionError("the plug was not pulled")
    except StopHereError:
        pass


def train_tiny(folder: str, stages: str, views: int, teacher: float = 0.0) -> dict[str, Any]:
    """Train on 200 drawn products twice: in one go, and with the plug pulled in between; return what came out."""
    setup()
    from recommendations.training.session import finish

    def run(name: str) -> Any:
        return tiny_run(Path(folder) / name, stages, views, teacher=teacher)

    whole = run("whole")
    history = whole.train()
    pull_the_plug(run("broken"))
    again = run("broken")
    resumed_history = again.train()
    arrays, labels = finish(whole)
    other, _ = finish(again)
    kept = Path(folder, "whole", "train", "done.npy")
    return {
        "history": history,
        "resumed": resumed_history,
        "apart": max(float(np.abs(arrays[name] - other[name]).max()) for name in arrays),
        "steps again": len(again.told.losses),
        "steps": len(whole.told.losses),
        "labels": labels,
        "kept": bool(kept.exists() and np.load(kept).all()),
        "recipe": dataclasses.asdict(whole.recipe),
    }


def learn_labels(folder: str) -> dict[str, Any]:
    """Return how far a training of the labels alone moves the embedding, and how well it tells them."""
    setup()
    run = tiny_run(Path(folder), "labels:4@0.5", 2)
    before = run.top.arrays()
    history = run.train()
    after = run.top.arrays()
    followed = tiny_run(Path(folder) / "followed", "labels:1@0.5,head:1@0.02", 2)
    followed.train()
    return {
        "followed": (len(followed.history), followed.best_figure, followed.history[-2:]),
        "moved": max(float(np.abs(after[name] - before[name]).max()) for name in before),
        "best": (run.best_figure, max(figures["precision@5/all"] for figures in history)),
        "accuracy": [figures["baseColour/accuracy"] for figures in history],
        "kept": [len(np.load(Path(folder, side, "done.npy"))) for side in ("train", "validation")],
    }


def tell_labels_from_features(folder: str) -> dict[str, Any]:
    """Return how labels are told by a projection of their own, whether all else stays, and what is written."""
    setup()
    from recommendations.training.session import finish

    def run(name: str) -> Any:
        return tiny_run(Path(folder) / name, "labels:4@0.5", 3, label_dimensions=12, tolerance=1.0)

    whole = run("whole")
    before = whole.top.arrays() | whole.top.label_arrays()
    history = whole.train()
    after = whole.top.arrays() | whole.top.label_arrays()
    own = [name for name in after if name.startswith("labels_projection/")]
    pull_the_plug(run("broken"))
    again = run("broken")
    again.train()
    arrays, weights = finish(whole)
    other, _ = finish(again)
    whole.recipe = dataclasses.replace(whole.recipe, carried={"articleType": 0.3, "baseColour": 0.0})
    by_hand, carried = finish(whole)
    again.labels = dataclasses.replace(again.labels, watched=[{} for _ in again.labels.watched])
    without, none = finish(again)
    return {
        "carried": (carried, sorted(name for name in by_hand if name.startswith("labels/"))),
        "none chosen": (none, [name for name in without if name.startswith(("labels", "turn"))]),
        "moved": max(float(np.abs(after[name] - before[name]).max()) for name in before if name not in own),
        "learned": max(float(np.abs(after[name] - before[name]).max()) for name in own),
        "accuracy": [figures["baseColour/accuracy"] for figures in history],
        "precision": [figures["precision@5/all"] for figures in history],
        "kept": [len(np.load(Path(folder, "whole", side, "done.npy"))) for side in ("train", "validation")],
        "apart": max(float(np.abs(arrays[name] - other[name]).max()) for name in arrays),
        "weights": weights,
        "shapes": {name: array.shape for name, array in arrays.items() if name.startswith("labels")},
    }


def learn_from_a_teacher(folder: str) -> dict[str, float]:
    """Return how near a changed view is to its photo, and the photo to what it was, before and after learning."""
    setup()
    from recommendations.training.augmentation import Augmentation
    from recommendations.training.session import finish

    run = tiny_run(Path(folder), "conv3:4@0.02", 0, teacher=5.0, learned=0.25, augmentation=Augmentation())
    run.now, rows = run.lesson(run.recipe.stages[0]), np.arange(90)
    norms = [np.array(w) for norm in (run.top.norm, run.top.tap_norm) for w in norm.weights]
    first, before = run.top.arrays(), [run.outputs(rows, view)["embedding"] for view in (0, 1)]
    run.train()
    unmoved = [np.array(w) for norm in (run.top.norm, run.top.tap_norm) for w in norm.weights]
    last, after = run.top.arrays(), [run.outputs(rows, view)["embedding"] for view in (0, 1)]
    alike = [float((plain * changed).sum(axis=1).mean()) for plain, changed in (before, after)]
    kept, labels = finish(run)
    quarter = {name: 0.75 * first[name] + 0.25 * last[name] for name in first}
    return {
        "alike before": alike[0],
        "alike after": alike[1],
        "moved": float(1 - (before[0] * after[0]).sum(axis=1).mean()),
        "norms moved": max(float(np.abs(b - a).max()) for a, b in zip(norms, unmoved, strict=True)),
        "off a quarter": max(float(np.abs(kept[name] - quarter[name]).max()) for name in quarter),
        "learned": max(float(np.abs(last[name] - first[name]).max()) for name in first),
        "labels": len(labels),
    }


def distil(folder: str) -> dict[str, float]:
    """Return how near a changed view is to its photo, and the photo to what it was, with and without distilling."""
    setup()
    from recommendations.training.augmentation import Augmentation

    rows, found = np.arange(90), {}
    embeddings = {}
    for part in (0.0, 1.0):
        run = tiny_run(Path(folder) / str(part), "labels:1@0.1", 3, distil=part, augmentation=Augmentation())
        run.now = run.lesson(run.recipe.stages[0])
        plain, changed = (run.outputs(rows, view)["embedding"] for view in (0, 1))
        embeddings[part] = plain
        found[f"alike {part:g}"] = float((plain * changed).sum(axis=1).mean())
    found["moved"] = float(1 - (embeddings[0.0] * embeddings[1.0]).sum(axis=1).mean())
    return found


def losses() -> dict[str, float]:
    """Return losses of small cases whose values are known."""
    setup()
    from keras import ops

    from recommendations.training.losses import instance_loss, normalised_softmax, teacher_loss

    cosines = np.array([[1.0, 0.0], [0.0, 1.0], [0.5, 0.5]], np.float32)
    unit = np.eye(4, dtype=np.float32)
    pairs = np.concatenate([unit[:2], unit[:2]])
    return {
        "right": float(normalised_softmax(cosines[:2], ops.convert_to_tensor([0, 1]), smoothing=0.0)),
        "wrong": float(normalised_softmax(cosines[:2], ops.convert_to_tensor([1, 0]), smoothing=0.0)),
        "undecided": float(normalised_softmax(cosines[2:], ops.convert_to_tensor([0]), smoothing=0.0)),
        "unknown left out": float(normalised_softmax(cosines, ops.convert_to_tensor([0, 1, -1]), smoothing=0.0)),
        "found": float(instance_loss(ops.convert_to_tensor(pairs))),
        "lost": float(instance_loss(ops.convert_to_tensor(unit))),
        "taught": float(teacher_loss(ops.convert_to_tensor(pairs), ops.convert_to_tensor(pairs))),
        "untaught": float(teacher_loss(ops.convert_to_tensor(pairs[::-1].copy()), ops.convert_to_tensor(pairs))),
    }


def fusion() -> dict[str, Any]:
    """Return what labels add to looks that say nothing of the kind, where a photo's label is told right, and wrong."""
    setup()
    from recommendations.training.fusion import choose_weights, served_figures, steadying, turn
    from recommendations.training.validation import watched

    draw = np.random.default_rng(0)
    kinds = np.arange(60) % 6
    items = [{"articleType": "abcdef"[kind], "baseColour": "red", "gender": "Men"} for kind in kinds]
    looks, noise = draw.normal(size=(2, 60, 16)).astype(np.float32)
    changed = looks + 0.08 * noise
    looks, changed = (rows / np.linalg.norm(rows, axis=1, keepdims=True) for rows in (looks, changed))

    def told(said: np.ndarray) -> np.ndarray:
        return np.where(said[:, None] == np.arange(6), 0.9, 0.1).astype(np.float32)

    plain = {"embedding": looks, "articleType": told(kinds)}
    right = {"embedding": changed, "articleType": told(kinds)}
    wrong = {"embedding": changed, "articleType": told(draw.integers(0, 6, 60))}
    without, joined = (served_figures(plain, [right], items, {"articleType": weight}) for weight in (0.0, 0.5))
    standard = served_figures(plain, [right], items)
    # Photos of one product differ along the first of two directions only; the second tells products apart.
    two = np.array([[0.6, 0.8], [0.6, -0.8], [0.0, 1.0]], np.float32)
    return {
        "steadied": steadying(two, two + np.array([0.3, 0], np.float32)).tolist(),
        "second view": float(np.abs(turn(looks, [changed, looks[::-1]], 16) - turn(looks, [changed], 16)).max()),
        "without": without,
        "joined": joined,
        "as a rule": standard,
        "better": watched(joined, depth="head") - watched(without, depth="head"),
        "found again counts": [watched({"recall@1": 0.5}, depth=depth) for depth in ("head", "labels")],
        "right": choose_weights(plain, [right], items, tolerance=0.005),
        "wrong": choose_weights(plain, [wrong], items, tolerance=0.005),
    }


def served_as_trained(folder: str, label_dimensions: int) -> dict[str, Any]:
    """Return how far what is served lies from what was trained, for a ResNet50 with taps and labels."""
    setup()
    import keras
    from PIL import Image

    from recommendations.embedders import presets, resnet50
    from recommendations.embedders.preprocessing import prepare
    from recommendations.exceptions import WeightsError
    from recommendations.training.export import Facts, write_weights
    from recommendations.training.fusion import fuse, turn
    from recommendations.training.network import Top
    from recommendations.training.recipe import Recipe

    keras.utils.set_random_seed(0)
    recipe = Recipe(weights="scratch", input_size=64, dimensions=16)
    backbone = resnet50.build_backbone(64)
    resnet50.draw_weights(backbone, 3)
    classes = {"articleType": 5, "baseColour": 4}
    top = Top(backbone, taps=recipe.taps, dimensions=16, classes=classes, label_dimensions=label_dimensions)
    numbers = np.random.default_rng(1)
    top.tap_norm.set_weights([numbers.uniform(0, 1, 768), numbers.uniform(0.5, 2, 768)])
    statistics = [numbers.uniform(0.5, 1.5, 16) for _ in range(4)]
    if top.told_from:
        top.told_from.norm.set_weights([numbers.uniform(0, 1, 2816), numbers.uniform(0.5, 2, 2816)])
        top.told_from.projection.set_weights([numbers.normal(0, 0.05, (2816, 12)), numbers.normal(0, 0.5, 12)])
    top.set_head(4.0, numbers.normal(0, 0.05, (2048 + 768, 16)), statistics)
    photos = [Image.fromarray(numbers.integers(0, 255, (80, 60, 3)).astype(np.uint8)) for _ in range(40)]
    squares = prepare(photos, dataclasses.replace(presets.FASHION, input_size=64))
    trained = {
        name: np.asarray(array) for name, array in keras.Model(*top.from_photos()).predict_on_batch(squares).items()
    }
    in_parts = top.trunk(["conv4_block6_out"]).predict_on_batch(squares)
    upper = keras.Model(*top.from_features("conv4_block6_out")).predict_on_batch(in_parts)
    weights = {"articleType": 0.7, "baseColour": 0.5}
    fused = fuse(trained, weights)
    lit = fuse({name: np.roll(rows, 1, axis=1) for name, rows in trained.items()}, weights)
    arrays = top.arrays() | top.label_arrays() | {"turn/kernel": turn(fused, [0.9 * fused + 0.1 * lit], 16)}
    for label, weight in weights.items():
        arrays |= {f"labels/{label}/kernel": top.directions[label].unit_kernel()}
        arrays |= {f"labels/{label}/weight": np.array([weight], np.float32)}
    path = Path(folder) / "drawn.npz"
    facts = Facts("drawn things", {}, {}, {}, [{}], "none")
    write_weights(path, arrays, recipe, preset="drawn", label_weights=weights, facts=facts)
    spec = presets.resolve(str(path))
    served = resnet50.build(spec).predict_on_batch(squares)
    refused = ""
    if top.told_from:
        try:
            cut = {name: array for name, array in arrays.items() if name != "labels_projection/bias"}
            resnet50.fill_backbone(backbone, cut, spec)
        except WeightsError as error:
            refused = str(error)
    wanted = fused @ arrays["turn/kernel"]
    unit = [rows / np.linalg.norm(rows, axis=1, keepdims=True) for rows in (np.asarray(served), wanted)]
    top.learn("conv4", norms=False)
    open_ = [layer.name for layer in backbone.layers if layer.trainable and layer.weights]
    return {
        "refused": refused,
        "open": (
            len(open_),
            [name for name in open_ if name.endswith("_bn") or not name.startswith(("conv4", "conv5"))],
        ),
        "cosine": float((unit[0] * unit[1]).sum(axis=1).min()),
        "in parts": float(np.abs(upper["embedding"] - trained["embedding"]).max()),
        "apart": float(np.ptp(unit[1] @ unit[1].T)),
    }
