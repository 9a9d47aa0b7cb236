"""A training's state on disk: plain arrays, written beside and renamed into place, so that it can go on to the step."""

from __future__ import annotations

import json
import os
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommendations.exceptions import TrainingError


@dataclass(frozen=True)
class Checkpoint:
    """Where a training is, and every number it needs to go on.

    Attributes:
        stage, step: the next step to take.
        weights, mean, best: of the network, of their running mean, of the best epoch; each in the network's order.
        optimizer: the optimizer's variables, in its order.
        notes: history, best figure and the like: JSON values.
    """

    stage: int
    step: int
    weights: Sequence[NDArray[Any]]
    mean: Sequence[NDArray[Any]]
    best: Sequence[NDArray[Any]]
    optimizer: Sequence[NDArray[Any]]
    notes: Mapping[str, Any]


GROUPS = ("weights", "mean", "best", "optimizer")


def save(path: Path, checkpoint: Checkpoint, *, recipe: str) -> None:
    """Write a checkpoint of the recipe with this digest; what was there before stays until the new one is whole."""
    told = {"recipe": recipe, "stage": checkpoint.stage, "step": checkpoint.step, "notes": dict(checkpoint.notes)}
    arrays = {f"{group}/{n}": array for group in GROUPS for n, array in enumerate(getattr(checkpoint, group))}
    beside = path.with_suffix(".new.npz")
    with beside.open("wb") as file:
        np.savez(file, state=np.frombuffer(json.dumps(told).encode(), np.uint8), **arrays)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)


def load(path: Path, *, recipe: str) -> Checkpoint | None:
    """Return the checkpoint, or None where there is none.

    Raises:
        TrainingError: it is damaged, or of another recipe.
    """
    if not path.exists():
        return None
    try:
        with path.open("rb") as source, np.load(source, allow_pickle=False) as file:
            told = json.loads(file["state"].tobytes())
            groups: dict[str, list[NDArray[Any]]] = {group: [] for group in GROUPS}
            for group, found in groups.items():
                while f"{group}/{len(found)}" in file.files:
                    found.append(file[f"{group}/{len(found)}"])
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise TrainingError(f"{path} cannot be read ({error}). Remove it to begin anew.") from error
    if told["recipe"] != recipe:
        raise TrainingError(f"{path} belongs to another recipe. Resume with the same options, or name another folder.")
    return Checkpoint(told["stage"], told["step"], **groups, notes=told["notes"])
