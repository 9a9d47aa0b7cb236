"""How close a match is, in a word: same, close, similar or none. NumPy only.

The least cosines are a preset's, or calibrated from the shop's own photos (docs/match-levels.md). Calibrated ones come
with a direction: photos of no product lie on its far side, whatever product they happen to be nearest to.
"""

from __future__ import annotations

import base64
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

NAMES = ("same", "close", "similar")
NONE = "none"
FORMAT = 1


class Steps(NamedTuple):
    """The least cosine of each level; for ``similar`` with the query's lean added to the cosine."""

    same: float
    close: float
    similar: float


@dataclass(frozen=True)
class MatchLevels:
    """What a cosine means.

    Attributes:
        steps: for products of a group that has none of its own.
        groups: group of products → its steps.
        direction: float32 (dimensions,), and ``offset``: the query's ``lean`` is its product with this, less that, so
            that a typical shopper's photo has none. None where nothing is calibrated.
        facts: what they were calibrated from, for people to read; empty for a preset's.
    """

    steps: Steps
    groups: Mapping[str, Steps] = field(default_factory=dict)
    direction: NDArray[np.float32] | None = None
    offset: float = 0.0
    facts: Mapping[str, Any] = field(default_factory=dict)

    def lean(self, vector: NDArray[np.float32]) -> float:
        """Return how much the query's vector speaks for a photo of a product; below 0 it speaks against."""
        if self.direction is None or self.direction.shape != vector.shape:
            return 0.0
        return float(self.direction @ vector) - self.offset

    def level(self, cosine: float, lean: float = 0.0, group: str = "") -> str:
        """Return the level of a match with a product of ``group``."""
        steps = self.groups.get(group, self.steps)
        if cosine + lean < steps.similar:
            return NONE
        return "same" if cosine >= steps.same else "close" if cosine >= steps.close else "similar"

    @property
    def origin(self) -> str:
        """Say what they come from."""
        facts = self.facts
        if not facts:
            return "the preset's, nothing is calibrated"
        return (
            f"calibrated from {facts.get('photos', 0):,} simulated photos among {facts.get('products', 0):,} products "
            f"and {facts.get('pictures', 0):,} pictures of no product: refused {facts.get('refused', 0):.0%} of these, "
            f"{facts.get('lost', 0):.1%} of those"
        )

    def as_record(self) -> dict[str, Any]:
        """Return them as JSON-ready values."""
        direction = "" if self.direction is None else base64.b64encode(self.direction.astype("<f4").tobytes()).decode()
        return {
            "format": FORMAT,
            "steps": list(self.steps),
            "groups": {name: list(steps) for name, steps in self.groups.items()},
            "direction": direction,
            "offset": self.offset,
            "facts": dict(self.facts),
        }


def from_record(record: Any) -> MatchLevels | None:
    """Return the levels of ``as_record``, or None where it is empty, damaged, or of another version."""
    try:
        if record["format"] != FORMAT:
            return None
        direction = np.frombuffer(base64.b64decode(record["direction"], validate=True), "<f4").astype(np.float32)
        groups = {str(name): _steps(steps) for name, steps in record["groups"].items()}
        offset = float(record["offset"])
        steps = _steps(record["steps"])
        found = MatchLevels(steps, groups, direction if len(direction) else None, offset, dict(record["facts"]))
    except (KeyError, TypeError, ValueError, AttributeError):
        return None
    return found if bool(np.isfinite(direction).all()) and math.isfinite(offset) else None


def _steps(values: Any) -> Steps:
    steps = Steps(*(float(value) for value in values))
    if not all(math.isfinite(value) for value in steps):
        raise ValueError("not finite")
    return steps
