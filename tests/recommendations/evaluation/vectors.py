"""Vectors and labels for tests of geometry."""

from __future__ import annotations

import numpy as np

from recommendations.evaluation.geometry import Codes, Vectors


def on_circle(*degrees: float) -> Vectors:
    """Return unit vectors in the plane: the smaller the angle between two, the closer."""
    angles = np.radians(degrees)
    return np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)


def drawn(n: int, d: int = 16, seed: int = 0) -> Vectors:
    """Return unit vectors at random."""
    rows = np.random.default_rng(seed).normal(size=(n, d)).astype(np.float32)
    unit: Vectors = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return unit


def codes(*values: int) -> Codes:
    """Return labels."""
    return np.array(values, np.int64)
