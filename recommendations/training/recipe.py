"""Everything that decides a training, as data: the same recipe on the same data gives the same network."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from recommendations.exceptions import TrainingError
from recommendations.training.augmentation import Augmentation
from recommendations.training.schedule import Stage, parse_stages

#: Joins labels that are learned as one: "articleType+baseColour" has a class for each pair there is.
JOINT = "+"
LABEL_WEIGHTS: Mapping[str, float] = {
    "articleType": 1.0,
    "baseColour": 0.6,
    "gender": 0.3,
    "usage": 0.15,
    "season": 0.1,
    "articleType+baseColour+gender": 0.5,
}
STAGES = "head:2@0.1,conv5:6@0.05"
TAPS = ("conv2_block3_out", "conv3_block4_out")
PRECISIONS = ("auto", "float32", "mixed_bfloat16")


@dataclass(frozen=True)
class Recipe:
    """How to train.

    Attributes:
        weights: to start from: ``fashion``, ``imagenet``, a path, or ``scratch``.
        input_size: side of the square, in pixels, in training and when served.
        dimensions: of the embedding.
        taps: earlier layers whose channel means join the last features: colour and texture lie there.
        distil: before the stages, fit the projection so that changed views say what their photo does: how much they
            count beside it. 0 leaves it as it is.
        teacher: not 0: stages deeper than ``labels`` learn to say of every view what the weights to start from say of
            the photo as it is, and nothing else; this many times the loss. Labels are then another training.
        learned: share of what the stages learned that is kept at the end; the rest is what there was before.
        label_dimensions: labels are told from a projection of the features of their own, of so many dimensions; 0: from
            the embedding. For trainings of labels alone.
        carried: label → its weight in the embedding, where it is not to be chosen on the validation side.
        stages: what learns, how long, how fast.
        views: fixed views of each photo, the plain one first, that what is frozen is computed for once and kept; 0
            draws new ones at every step.
        batch: products a step sees, two views of each.
        label_weights: label, or labels joined by +, → its part in the loss.
        smallest_class: a joint class of fewer products is no class.
        instance: part of the instance loss.
        weight_decay: per step and rate, matrices only.
        tolerance: by how much the share of changed views that find their own photo may fall for neighbours of the same
            labels.
        ema: share of the old in the running mean of the weights, which is what is kept.
        patience: epochs without a better validation before a training ends early.
        precision: ``auto`` takes mixed_bfloat16 where the processor computes in it.
    """

    weights: str = "fashion"
    input_size: int = 128
    dimensions: int = 256
    taps: tuple[str, ...] = TAPS
    distil: float = 0.0
    teacher: float = 0.0
    learned: float = 1.0
    label_dimensions: int = 0
    carried: Mapping[str, float] = field(default_factory=dict)
    stages: tuple[Stage, ...] = field(default_factory=lambda: parse_stages(STAGES))
    views: int = 2
    batch: int = 96
    label_weights: Mapping[str, float] = field(default_factory=lambda: dict(LABEL_WEIGHTS))
    smallest_class: int = 5
    instance: float = 0.4
    weight_decay: float = 5e-4
    tolerance: float = 0.005
    ema: float = 0.998
    patience: int = 3
    seed: int = 0
    precision: str = "auto"
    augmentation: Augmentation = field(default_factory=Augmentation)

    def __post_init__(self) -> None:
        """Raise TrainingError where a value makes no sense."""
        rules = {
            "input size": 32 <= self.input_size <= 512,
            "dimensions": 2 <= self.dimensions <= 4096,
            "stages": bool(self.stages),
            "learned": 0 < self.learned <= 1,
            "label dimensions": self.label_dimensions == 0 or 2 <= self.label_dimensions <= 4096,
            "carried labels": all(0 <= weight <= 10 for weight in self.carried.values()),
            "distil": 0 <= self.distil <= 100,
            "teacher": 0 <= self.teacher <= 1000,
            "views": self.views == 0 or self.views >= 2,
            "batch": self.batch >= 2,
            "labels": bool(self.label_weights),
            "tolerance": 0 <= self.tolerance <= 1,
            "precision": self.precision in PRECISIONS,
        }
        if wrong := [name for name, right in rules.items() if not right]:
            raise TrainingError(f"The recipe's {wrong[0]} cannot be used: {self.as_dict()}.")
        if self.teacher and not all(map(self.has_teacher, self.stages)):
            raise TrainingError(
                "Learning from a teacher and learning labels are two trainings: leave labels out of the stages, and "
                "start another training, of labels, from the weights this one leaves."
            )
        if self.label_dimensions and not self.labels_alone:
            raise TrainingError(
                "Labels are told from a projection of their own (--label-dimensions) where they alone are learned: "
                "--stages labels:…"
            )

    @property
    def labels_alone(self) -> bool:
        """Whether nothing but labels is learned."""
        return all(stage.depth == "labels" for stage in self.stages)

    def has_teacher(self, stage: Stage) -> bool:
        """Return whether a stage learns from the weights to start from instead of labels."""
        return self.teacher > 0 and stage.depth != "labels"

    def as_dict(self) -> dict[str, Any]:
        """Return the recipe as plain JSON values."""
        plain = asdict(self) | {"stages": [str(stage) for stage in self.stages]}
        return dict(json.loads(json.dumps(plain)))

    def digest(self) -> str:
        """Return a short hash of the whole recipe: a checkpoint of another one is not resumed."""
        return hashlib.sha256(json.dumps(self.as_dict(), sort_keys=True).encode()).hexdigest()[:16]


def bfloat16_processor() -> bool:
    """Return whether the processor multiplies bfloat16 in hardware; elsewhere it is emulated, slowly."""
    try:
        flags = Path("/proc/cpuinfo").read_text("utf-8")
    except OSError:
        return False
    return "avx512_bf16" in flags or "amx_bf16" in flags
