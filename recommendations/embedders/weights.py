"""Weights files: which one it is, whether it is whole, what is in it. NumPy and the standard library only."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommendations.exceptions import WeightsError


def file_sha256(path: Path) -> str:
    """Return the file's sha256 in hex; the whole file is read, now."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def known_sha256(path: Path) -> str:
    """Return the file's sha256, computed again only when its size or time of change did.

    Raises:
        OSError: it cannot be read.
    """
    stat = path.stat()
    return _sha256_at(path, stat.st_size, stat.st_mtime_ns)


@lru_cache(maxsize=16)
def _sha256_at(path: Path, _size: int, _mtime_ns: int) -> str:
    return file_sha256(path)


def read_record(path: Path) -> Mapping[str, Any]:
    """Return what is recorded beside a weights file (``name.npz`` → ``name.json``); empty where there is nothing.

    Raises:
        WeightsError: the record is there and is not a JSON object.
    """
    record = path.with_suffix(".json")
    try:
        stat = record.stat()
        return _record_at(record, stat.st_size, stat.st_mtime_ns)
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise WeightsError(f"{record} describes the weights beside it and cannot be read: {error}.") from error


@lru_cache(maxsize=16)
def _record_at(record: Path, _size: int, _mtime_ns: int) -> Mapping[str, Any]:
    found = json.loads(record.read_text("utf-8"))
    if not isinstance(found, dict):
        raise ValueError(f"expected a JSON object, got {type(found).__name__}")  # noqa: TRY004 (JSON's own family)
    return found


def verify(path: Path, expected_sha256: str) -> None:
    """Read the whole file and compare.

    Raises:
        WeightsError: missing, unreadable, or another file than expected; names the expected sha256.
    """
    try:
        actual = file_sha256(path)
    except OSError as error:
        raise WeightsError(
            f"Weights file {path} cannot be read ({error.strerror}). Expected a file with sha256 {expected_sha256}."
        ) from error
    if actual != expected_sha256:
        raise WeightsError(
            f"Weights file {path} ({path.stat().st_size} bytes) has sha256 {actual}, expected {expected_sha256}. "
            "Put the original file back."
        )


def read_arrays(path: Path) -> dict[str, NDArray[Any]]:
    """Return every array of an ``.npz`` file by name. Pickles are refused: a pickle is code.

    Raises:
        WeightsError: it is not such a file, or a part of it is damaged.
    """
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            return {name: arrays[name] for name in arrays.files}
    # np.load gives a bare array, without context manager, for a plain .npy: AttributeError or TypeError.
    except (OSError, ValueError, EOFError, zipfile.BadZipFile, AttributeError, TypeError) as error:
        raise WeightsError(f"Weights file {path} is not a readable .npz of plain arrays: {error}.") from error


def check_arrays(path: Path, arrays: Mapping[str, NDArray[Any]], expected: Mapping[str, tuple[int, ...]]) -> None:
    """Compare the names, shapes and dtypes of a file's arrays with what the network takes.

    Raises:
        WeightsError: says what was expected and what was received.
    """
    missing, extra = sorted(expected.keys() - arrays.keys()), sorted(arrays.keys() - expected.keys())
    if missing or extra:
        raise WeightsError(
            f"{path}: expected {len(expected)} arrays, received {len(arrays)}; "
            f"missing {', '.join(missing[:3]) or 'none'}; unknown {', '.join(extra[:3]) or 'none'}."
        )
    for name, shape in expected.items():
        array = arrays[name]
        if array.shape != shape or array.dtype not in (np.float16, np.float32):
            raise WeightsError(
                f"{path}: {name}: expected shape {shape} of float16 or float32, "
                f"received {array.shape} of {array.dtype}."
            )
        if not np.isfinite(array).all():
            raise WeightsError(f"{path}: {name}: expected finite numbers, received NaN or infinity.")
