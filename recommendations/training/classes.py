"""Labels as class numbers: one numbering for a training, its validation and its report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recommendations.exceptions import TrainingError
from recommendations.training.recipe import JOINT

#: The class of an item whose label nobody gave.
UNKNOWN = -1


@dataclass(frozen=True)
class Classes:
    """The classes of one label, in alphabetical order."""

    label: str
    names: tuple[str, ...]

    def number(self, items: Sequence[Mapping[str, str]]) -> NDArray[np.int32]:
        """Return the class of each item's labels: int32 (n,), ``UNKNOWN`` where it has none of these."""
        places = {name: place for place, name in enumerate(self.names)}
        return np.array([places.get(value_of(labels, self.label), UNKNOWN) for labels in items], np.int32)


def find_classes(
    items: Sequence[Mapping[str, str]], labels: Sequence[str], *, smallest_joint: int
) -> dict[str, Classes]:
    """Return the classes of each label that has at least two; of joined labels those with enough items.

    Args:
        items: label → value, of the products that train.

    Raises:
        TrainingError: no label tells products apart.
    """
    found = {}
    for label in labels:
        counts = Counter(value_of(labels, label) for labels in items)
        counts.pop("", None)
        least = smallest_joint if JOINT in label else 1
        names = tuple(sorted(name for name, count in counts.items() if count >= least))
        if len(names) >= 2:
            found[label] = Classes(label, names)
    if not found:
        raise TrainingError(f"None of the labels {', '.join(labels)} tells the products of this set apart.")
    return found


def value_of(labels: Mapping[str, str], label: str) -> str:
    """Return an item's value of a label, or of joined labels; empty where one is missing."""
    values = [labels.get(part, "") for part in label.split(JOINT)]
    return " / ".join(values) if all(values) else ""
