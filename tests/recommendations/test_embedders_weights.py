"""Weights files: numbers only, and the right ones."""

from __future__ import annotations

import io
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from recommendations.embedders.weights import check_arrays, read_arrays
from recommendations.exceptions import WeightsError

EXPECTED = {"a/kernel": (2, 3), "a/bias": (3,)}


def arrays(**other: NDArray[Any]) -> dict[str, Any]:
    """Return arrays that fit ``EXPECTED``, some replaced."""
    right: dict[str, Any] = {"a/kernel": np.ones((2, 3), np.float16), "a/bias": np.zeros(3, np.float32)}
    return right | {name.replace("_", "/"): value for name, value in other.items()}


def test_arrays_come_back_as_they_were_saved(tmp_path: Path) -> None:
    path = tmp_path / "w.npz"
    np.savez(path, **arrays())
    read = read_arrays(path)
    check_arrays(path, read, EXPECTED)
    assert read["a/kernel"].dtype == np.float16
    assert read["a/kernel"].tolist() == [[1, 1, 1], [1, 1, 1]]


@pytest.mark.fault
def test_pickles_are_not_opened(tmp_path: Path) -> None:
    path = tmp_path / "w.npz"
    np.savez(path, evil=np.array([{"a": 1}], dtype=object), allow_pickle=True)
    with pytest.raises(WeightsError, match="readable"):
        read_arrays(path)


@pytest.mark.fault
@pytest.mark.parametrize("name", ["empty", "text", "pickle", "npy", "half"])
def test_what_is_no_npz_is_refused(tmp_path: Path, name: str) -> None:
    whole = io.BytesIO()
    np.savez(whole, **arrays())
    bare = io.BytesIO()
    np.save(bare, np.zeros(3))
    data = {
        "empty": b"",
        "text": b"weights",
        "pickle": pickle.dumps([1, 2]),
        "npy": bare.getvalue(),
        "half": whole.getvalue()[: len(whole.getvalue()) // 2],
    }
    path = tmp_path / "w.npz"
    path.write_bytes(data[name])
    with pytest.raises(WeightsError, match=r"w\.npz"):
        read_arrays(path)


@pytest.mark.parametrize(
    ("found", "told"),
    [
        ({"a/kernel": np.zeros((2, 3), np.float32)}, r"expected 2 arrays, received 1; missing a/bias"),
        (arrays(b_bias=np.zeros(1, np.float32)), r"unknown b/bias"),
        (arrays(a_kernel=np.zeros((3, 2), np.float32)), r"a/kernel: expected shape \(2, 3\).*received \(3, 2\)"),
        (arrays(a_bias=np.zeros(3, np.int64)), r"a/bias: .*received \(3,\) of int64"),
        (arrays(a_bias=np.array([0, np.nan, 0], np.float32)), r"a/bias: expected finite"),
    ],
)
def test_arrays_that_do_not_fit_are_told_expected_and_received(found: dict[str, Any], told: str) -> None:
    with pytest.raises(WeightsError, match=told):
        check_arrays(Path("w.npz"), found, EXPECTED)
