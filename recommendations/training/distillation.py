"""The projection fitted once more, so that a changed view's embedding is that of its photo as it is.

Self-distillation in closed form: what the weights say of the photo as it is, is what they shall say of every other view
of it. Least squares, so neither a rate nor epochs; the embedding of photos as they are hardly moves.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.floating]
#: Keeps directions few views have from moving, as part of the mean square of a feature.
RIDGE = 1e-4


def distil(views: Iterable[tuple[Rows, Rows]], projection: NDArray[np.float64], part: float) -> NDArray[np.float64]:
    """Return what to add to a projection: float64 (d + 1, dimensions), the last row to its bias.

    Args:
        views: chunks of (features of photos as they are (n, d), features of their changed views (m, n, d)).
        projection: kernel and, as its last row, bias: (d + 1, dimensions).
        part: how much the changed views of a photo count together, the photo itself counting 1.
    """
    width = len(projection)
    plain_squares, changed_squares = np.zeros((width, width)), np.zeros((width, width))
    wanted = np.zeros(projection.shape)
    for plain, changed in views:
        photos = _with_one(plain)
        plain_squares += photos.T @ photos
        for view in changed:
            seen = _with_one(view)
            changed_squares += seen.T @ seen / len(changed)
            wanted += seen.T @ ((photos - seen) @ projection) / len(changed)
    ridge = RIDGE * np.trace(plain_squares) / width
    found: NDArray[np.float64] = np.linalg.solve(
        plain_squares + part * changed_squares + ridge * np.eye(width), part * wanted
    )
    return found


def _with_one(features: Rows) -> NDArray[np.float64]:
    return np.concatenate([features, np.ones((len(features), 1))], axis=1, dtype=np.float64)
