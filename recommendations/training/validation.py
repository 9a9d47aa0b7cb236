"""How a network in training does on products it does not learn from: the labels it tells, the neighbours it finds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from recommendations.embedders.resnet50 import LABEL_SCALE
from recommendations.evaluation.geometry import nearest_others
from recommendations.evaluation.metrics import accuracy, agreement, combine, encode, macro_f1, precision
from recommendations.training.classes import Classes

#: What precision@5 asks neighbours to agree in.
AGREE = ("articleType", "baseColour", "gender")
K = 5


def validate(
    outputs: Mapping[str, NDArray[np.floating]], items: Sequence[Mapping[str, str]], classes: Mapping[str, Classes]
) -> dict[str, float]:
    """Return how well each label is told, by name: loss, accuracy, macro-F1.

    Args:
        outputs: the cosines (n, classes) of each label that is told.
        items: the labels of each row.
    """
    figures: dict[str, float] = {}
    for label, known in classes.items():
        truth = known.number(items).astype(np.int64)
        has = truth >= 0
        if not has.any() or label not in outputs:
            continue
        logits = outputs[label][has].astype(np.float64) * LABEL_SCALE
        logits -= logits.max(axis=1, keepdims=True)
        log_share = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
        said = logits.argmax(axis=1).astype(np.int64)
        figures[f"{label}/loss"] = float(-log_share[np.arange(len(said)), truth[has]].mean())
        figures[f"{label}/accuracy"] = accuracy(truth[has], said)
        figures[f"{label}/macro_f1"] = macro_f1(truth[has], said)
    return figures


def watched(figures: Mapping[str, float], *, depth: str) -> float:
    """Return what decides which epoch is kept: right neighbours and a photo found again count alike.

    Where labels alone are learned, right neighbours do: how much recall they may cost is chosen afterwards.
    """
    found_again = 0.0 if depth == "labels" else figures.get("recall@1", 0.0)
    return figures.get("precision@5/all", 0.0) + found_again


def retrieval(embedding: NDArray[np.floating], items: Sequence[Mapping[str, str]]) -> dict[str, float]:
    """Return precision@5, leave one out, by each label the items have and by all at once."""
    codes = {label: encode([labels.get(label) for labels in items])[0] for label in AGREE}
    codes = {label: each for label, each in codes.items() if (each >= 0).any()}
    if not codes or len(items) <= K:
        return {}
    rows = nearest_others(embedding.astype(np.float32), K).rows
    figures = {f"precision@5/{label}": float(precision(agreement(each, rows)).mean()) for label, each in codes.items()}
    figures["precision@5/all"] = float(precision(agreement(combine(*codes.values()), rows)).mean())
    return figures
