"""What a training leaves behind: a weights file that can be served, its record, and a model card."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommendations.embedders import weights as weight_files
from recommendations.training.recipe import Recipe
from recommendations.training.validation import watched

#: Arrays of more numbers than this are stored as float16: half the file, cosine to float32 above 0.9999.
SMALL = 4096


@dataclass(frozen=True)
class Facts:
    """What a model card tells besides figures: the set and how it was split, and what was learned from it."""

    dataset: str
    products: Mapping[str, int]
    families: Mapping[str, int]
    classes: Mapping[str, int]
    history: Sequence[Mapping[str, float]]
    licence: str


def write_weights(
    path: Path,
    arrays: Mapping[str, NDArray[np.floating]],
    recipe: Recipe,
    *,
    preset: str,
    label_weights: Mapping[str, float],
    facts: Facts,
) -> None:
    """Write ``path`` (.npz) and the record beside it (.json), each renamed into place when it is whole.

    Args:
        arrays: as ``resnet50`` reads them, float32.
        label_weights: labels the embedding carries, with their parts.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    stored = {name: array.astype(np.float16 if array.size > SMALL else np.float32) for name, array in arrays.items()}
    beside = path.with_suffix(".new.npz")
    with beside.open("wb") as file:
        np.savez(file, **stored)  # type: ignore[arg-type]
        file.flush()
        os.fsync(file.fileno())
    record = {
        "preset": preset,
        "file": path.name,
        "bytes": beside.stat().st_size,
        "sha256": weight_files.file_sha256(beside),
        "architecture": "ResNet50 (keras.applications, without its top) → generalised mean pooling → projection",
        "pooling": "gem",
        "input_size": recipe.input_size,
        "resize": "pad",
        "interpolation": "bicubic",
        "projection": recipe.dimensions,
        "taps": list(recipe.taps),
        "ground": "white",
        "labels": [label for label, weight in label_weights.items() if weight],
        "provenance": f"Trained by train_backbone from {recipe.weights} on {facts.dataset}; see {path.stem}.md.",
        "licence": facts.licence,
    }
    beside.replace(path)
    note = path.with_suffix(".new.json")
    note.write_text(json.dumps(record, indent=2, ensure_ascii=False) + "\n", "utf-8")
    note.replace(path.with_suffix(".json"))


def model_card(recipe: Recipe, facts: Facts, label_weights: Mapping[str, float], comparison: str) -> str:
    """Return the model card in Markdown: data, split, recipe, figures, limits, licence."""
    last = recipe.stages[-1].depth
    first, best = facts.history[0], max(facts.history, key=lambda figures: watched(figures, depth=last))
    plain = recipe.as_dict()
    rows = "\n".join(
        f"| {name} | {first.get(name, float('nan')):.3f} | {value:.3f} |" for name, value in sorted(best.items())
    )
    settings = "\n".join(f"| {name} | `{json.dumps(value)}` |" for name, value in plain.items())
    parts = ", ".join(f"{label} {weight:g}" for label, weight in label_weights.items() if weight) or "none"
    return f"""# {recipe.weights}, trained on {facts.dataset}

## Data and split
{facts.dataset}: {_counts(facts.products)} products of {_counts(facts.families)} families. A family (same brand
and name up to colours, sizes and numbers) is on one side only, fixed by a hash. Classes: {_counts(facts.classes)}.

## Recipe
| | |
|---|---|
{settings}

Labels in the embedding, with their weight: {parts}.

## While it trained
On the validation side, before a share of what was learned was taken back (`learned`). Labels are told by the trained
directions; precision@5 (leave-one-out) and recall@1 (of a changed view) are those of an embedding that all labels,
where any are learned, joined at a middling weight, among {facts.products.get("validation", 0):,} products.

| | at the start | at its best |
|---|---|---|
{rows}

## Against the weights in use
```
{comparison}
```

## Limits
Measured on products of the same set: another shop's photos differ more. Labels are as the set has them, mistakes
included. Not for recognising people.

## Licence
{facts.licence}
"""


def _counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count:,} {name}" for name, count in counts.items())


def as_tensorboard(folder: Path) -> Any:
    """Return a writer of TensorBoard's event files."""
    from tensorboardX import SummaryWriter  # noqa: PLC0415 (only a training needs it)

    return SummaryWriter(str(folder), flush_secs=30)
