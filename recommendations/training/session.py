"""A training from end to end: a labelled set and a recipe become a weights file, its record and its model card."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from recommendations.embedders import presets, resnet50
from recommendations.embedders import weights as weight_files
from recommendations.embedders.preprocessing import to_square
from recommendations.evaluation.evaluate import ShowProgress
from recommendations.exceptions import TrainingError
from recommendations.training.classes import Classes, find_classes
from recommendations.training.distillation import distil
from recommendations.training.fusion import choose_weights, fuse, turn
from recommendations.training.loop import Labels, Lesson, Run, Told
from recommendations.training.network import CUTS, LAST, Student, Top, Trainable
from recommendations.training.recipe import Recipe, bfloat16_processor
from recommendations.training.schedule import Stage
from recommendations.training.validation import K
from recommendations.training.views import (
    Arrays,
    FreshViews,
    KeptViews,
    Labelled,
    MostlyPlainViews,
    PlainViews,
    Views,
    keep_views,
    readable,
)

#: Numbers of views to draw from where none are kept.
NEVER_TWICE = 2**31
#: Views of each product that watches, the plain one first: what changes with a photo's circumstances is told by them.
WATCHED_VIEWS = 8


def prepare_run(
    recipe: Recipe,
    train: Sequence[Labelled],
    validation: Sequence[Labelled],
    *,
    folder: Path,
    told: Told,
    shown: ShowProgress,
    build_backbone: Callable[[int], Any] = resnet50.build_backbone,
) -> Run:
    """Return a training ready to start or to go on.

    Args:
        folder: for checkpoints and kept views.
        build_backbone: input size → the network below the pooling; another one than ResNet50 for trying things out.

    Raises:
        TrainingError: there is nothing to learn from.
        WeightsError: the weights to start from are missing, damaged, or do not fit.
    """
    folder.mkdir(parents=True, exist_ok=True)
    keras.utils.set_random_seed(recipe.seed)
    keras.config.set_dtype_policy(_precision(recipe))
    train, validation = readable(train), readable(validation)
    if len(train) < recipe.batch:
        raise TrainingError(f"{len(train)} products to learn from are fewer than one step sees ({recipe.batch}).")
    if len(validation) <= K:
        raise TrainingError(f"{len(validation)} products to watch the training by are too few; give a larger set.")
    classes = find_classes(
        [item.labels for item in train], list(recipe.label_weights), smallest_joint=recipe.smallest_class
    )
    if unknown := [label for label in recipe.carried if label not in classes]:
        raise TrainingError(f"The embedding cannot carry {', '.join(unknown)}: learned are {', '.join(classes)}.")
    top = _filled_top(recipe, build_backbone(recipe.input_size), classes)
    _start_head(recipe, top)
    labels = Labels(
        numbers={label: known.number([item.labels for item in train]) for label, known in classes.items()},
        watched=[item.labels for item in validation],
        classes=classes,
    )
    weights = {label: recipe.label_weights[label] for label in classes}
    cuts = list(dict.fromkeys(CUTS[stage.depth] for stage in recipe.stages if stage.depth in CUTS and recipe.views))
    if recipe.distil and LAST not in cuts:
        raise TrainingError("To distil takes kept views (--views 2 or more) and a stage of labels or head.")
    kept = _kept(folder, {"train": train, "validation": validation}, recipe, top, cuts, shown=shown) if cuts else None
    if recipe.distil and kept:
        _distil(recipe, top, kept[0].only(cuts.index(LAST), *([len(cuts)] if top.taps else [])))
    start = [np.array(variable) for variable in top.variables] if recipe.learned < 1 else []
    taught = _taught(folder, train, recipe, top, shown=shown) if any(map(recipe.has_teacher, recipe.stages)) else None

    def lesson(stage: Stage) -> Lesson:
        learning: Views
        watching: Views
        if kept is None or stage.depth not in CUTS:
            network = top.from_photos()
            learning, watching = (FreshViews(items, recipe, _square(recipe)) for items in (train, validation))
        else:
            network = top.from_features(CUTS[stage.depth])
            places = [cuts.index(CUTS[stage.depth]), *([len(cuts)] if top.taps else [])]
            learning, watching = (views.only(*places) for views in kept)
        if taught is not None and recipe.has_teacher(stage):
            return Lesson(stage, Student(*network, recipe.teacher), learning, watching, {"embedding": taught})
        model = Trainable(*network, weights, recipe.instance)
        return Lesson(stage, model, _shown(stage, learning, recipe), watching, labels.numbers)

    return Run(recipe, top, labels, lesson, folder, told, start)


def _shown(stage: Stage, views: Views, recipe: Recipe) -> Views:
    """Return the views a stage learns from: of labels, photos as they are. An embedding that stays can't tell more.

    A projection of their own learns to see through what changed; so it is shown changed views now and then.
    """
    if stage.depth != "labels":
        return views
    if not recipe.label_dimensions:
        return PlainViews(views)
    return MostlyPlainViews(views, recipe.views or NEVER_TWICE)


def _watched_views(recipe: Recipe) -> int:
    return max(recipe.views, WATCHED_VIEWS)


def _precision(recipe: Recipe) -> str:
    if recipe.precision != "auto":
        return recipe.precision
    return "mixed_bfloat16" if bfloat16_processor() else "float32"


def _filled_top(recipe: Recipe, backbone: Any, classes: Mapping[str, Classes]) -> Top:
    if recipe.weights != "scratch":
        spec = presets.resolve(recipe.weights)
        if spec.projection:
            arrays = weight_files.read_arrays(resnet50.verified(spec))
            resnet50.fill_backbone(backbone, arrays, spec)
        else:
            resnet50.load_plain(backbone, spec)
    for layer in backbone.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.momentum = 0.95
    counts = {label: len(known.names) for label, known in classes.items()}
    return Top(
        backbone,
        taps=recipe.taps,
        dimensions=recipe.dimensions,
        classes=counts,
        label_dimensions=recipe.label_dimensions,
    )


def _start_head(recipe: Recipe, top: Top) -> None:
    """Begin with the head of the weights to start from, where they have one that fits."""
    spec = presets.resolve(recipe.weights) if recipe.weights != "scratch" else None
    if spec is None or spec.projection != recipe.dimensions or spec.taps not in ((), recipe.taps):
        return
    arrays = weight_files.read_arrays(resnet50.verified(spec))
    p, kernel, *statistics = (arrays[name].astype(np.float32) for name in resnet50.HEAD)
    top.set_head(float(p[0]), kernel, statistics)


def _kept(
    folder: Path,
    sides: Mapping[str, Sequence[Labelled]],
    recipe: Recipe,
    top: Top,
    cuts: Sequence[str],
    *,
    shown: ShowProgress,
) -> list[KeptViews]:
    """Return what is frozen of the photos of each side, computed where it is missing."""
    trunk = top.trunk(cuts)

    def run(photos: NDArray[np.uint8]) -> Arrays:
        outputs = trunk.predict_on_batch(photos)
        return [np.asarray(output) for output in (outputs if isinstance(outputs, list) else [outputs])]

    key = ":".join([_begun(recipe), *cuts, *top.taps])
    found = []
    numbers = {"train": recipe.views, "validation": _watched_views(recipe)}
    for side, items in sides.items():
        only_plain = side == "train" and recipe.labels_alone and not recipe.label_dimensions and not recipe.distil
        with shown(len(items), f"Computing what is frozen ({side})") as progress:
            found.append(
                keep_views(
                    folder / side,
                    items,
                    recipe,
                    views=1 if only_plain else numbers[side],
                    trunk=run,
                    key=key,
                    square=_square(recipe),
                    progress=progress,
                )
            )
    return found


def _begun(recipe: Recipe) -> str:
    """Return the whole name of the weights to start from: another file may be called "fashion" one day."""
    return "scratch" if recipe.weights == "scratch" else presets.resolve(recipe.weights).name


def _taught(
    folder: Path, items: Sequence[Labelled], recipe: Recipe, top: Top, *, shown: ShowProgress
) -> NDArray[np.float16]:
    """Return what the network says of each photo as it is, before it learns: unit rows (n, dimensions)."""
    photos, outputs = top.from_photos()
    teacher = keras.Model(photos, outputs["embedding"])

    def run(squares: NDArray[np.uint8]) -> Arrays:
        return [np.asarray(teacher.predict_on_batch(squares))]

    key = ":".join([_begun(recipe), *top.taps, f"{recipe.dimensions}", f"{recipe.distil:g}"])
    with shown(len(items), "Computing what is taught") as progress:
        kept = keep_views(
            folder / "taught", items, recipe, views=1, trunk=run, key=key, square=_square(recipe), progress=progress
        )
    return kept.arrays[0]


def _distil(recipe: Recipe, top: Top, views: KeptViews) -> None:
    """Fit the projection to what it says of photos as they are (see ``distillation``), from the views kept."""
    features = top.features()

    def chunks() -> Iterator[tuple[NDArray[np.floating], NDArray[np.floating]]]:
        count = len(views.arrays[0]) // recipe.views
        for start in range(0, count, 256):
            rows = np.arange(start, min(start + 256, count))
            plain, *changed = (
                np.asarray(features.predict_on_batch(views.fixed(rows, number))) for number in range(recipe.views)
            )
            yield plain, np.stack(changed)

    top.move_head(distil(chunks(), top.head(), recipe.distil))


def _square(recipe: Recipe) -> Callable[[Any], Any]:
    spec = replace(presets.FASHION, input_size=recipe.input_size)
    return lambda image: to_square(image, spec)


def finish(run: Run) -> tuple[dict[str, NDArray[np.float32]], dict[str, float]]:
    """Return a trained network's arrays as they are served, and the part each label has in the embedding.

    To be called once: it keeps a share of what was learned. Directions and parts are chosen with the products that
    watched.
    """
    if run.recipe.learned < 1:
        run.top.go_back(run.start, run.recipe.learned)
    rows = np.arange(len(run.labels.watched))
    plain, *changed = (run.outputs(rows, view) for view in range(_watched_views(run.recipe)))
    weights = dict(run.recipe.carried) or choose_weights(
        plain, changed, run.labels.watched, tolerance=run.recipe.tolerance
    )
    chosen = {label: weight for label, weight in weights.items() if weight}
    arrays = run.top.arrays()
    if chosen:
        arrays |= run.top.label_arrays()
        for label, weight in chosen.items():
            arrays[f"labels/{label}/kernel"] = run.top.directions[label].unit_kernel()
            arrays[f"labels/{label}/weight"] = np.array([weight], np.float32)
        arrays["turn/kernel"] = turn(
            fuse(plain, chosen), [fuse(each, chosen) for each in changed], run.recipe.dimensions
        )
    return arrays, chosen
