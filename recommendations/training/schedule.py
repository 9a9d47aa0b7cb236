"""Stages of a training and the rate of learning within each."""

from __future__ import annotations

import math
from dataclasses import dataclass

from recommendations.exceptions import TrainingError

#: What may learn in a stage, from the last layers down; each includes those before it.
DEPTHS = ("labels", "head", "conv5", "conv4", "conv3", "all")
WARM_UP = 0.12


@dataclass(frozen=True)
class Stage:
    """One stretch of training: what learns, for how many epochs, at which peak rate."""

    depth: str
    epochs: float
    rate: float

    def __str__(self) -> str:
        return f"{self.depth}:{self.epochs:g}@{self.rate:g}"


def parse_stages(text: str) -> tuple[Stage, ...]:
    """Return the stages of a text such as ``head:2@0.1,conv5:2@0.02,all:4@0.01``.

    Raises:
        TrainingError: it is not such a text.
    """
    stages = []
    for part in text.split(","):
        depth, _, rest = part.strip().partition(":")
        epochs, _, rate = rest.partition("@")
        try:
            stage = Stage(depth, float(epochs), float(rate))
        except ValueError as error:
            raise TrainingError(f"A stage is DEPTH:EPOCHS@RATE, such as conv5:2@0.02; got {part!r}.") from error
        if depth not in DEPTHS:
            raise TrainingError(f"What learns is one of {', '.join(DEPTHS)}; got {depth!r}.")
        if not (0 < stage.epochs < 10_000 and 0 < stage.rate < 10):
            raise TrainingError(f"Epochs and rate are positive numbers; got {part!r}.")
        stages.append(stage)
    depths = [DEPTHS.index(stage.depth) for stage in stages]
    if depths != sorted(depths):
        raise TrainingError(f"Each stage learns at least as deep as the one before; got {text!r}.")
    return tuple(stages)


def one_cycle(step: int, steps: int, peak: float) -> float:
    """Return the rate of a step: up in a line, then down half a cosine (after arXiv 1708.07120)."""
    warm = max(1, round(WARM_UP * steps))
    if step < warm:
        return peak * (step + 1) / warm
    done = (step - warm) / max(1, steps - warm)
    return peak * max(0.5 * (1 + math.cos(math.pi * done)), 1e-3)
