"""What this process has loaded: its embedder and its live index. Lazily, after fork, once, behind a lock."""

from __future__ import annotations

import os
import threading
from typing import NamedTuple

from django.utils.module_loading import import_string

from recommendations import conf, embedders
from recommendations.embedders.base import Embedder
from recommendations.embedders.presets import EmbedderSpec
from recommendations.indexes.fresh import FreshIndex, OwnIndex
from recommendations.indexes.live import LiveIndex

#: Value of VOGUE["INDEX"] → the class of an index that a database keeps itself. All others are built as releases. By
#: name: the table it needs belongs to an app of its own.
OWN_INDEXES = {"pgvector": "recommendations.pgvector_backend.index.PgvectorIndex"}

_lock = threading.Lock()


class _Loaded(NamedTuple):
    pid: int
    key: tuple[object, ...]
    value: object


_embedder: _Loaded | None = None
_index: _Loaded | None = None


def embedder_spec(*, check: bool = True) -> EmbedderSpec:
    """Return what the settings ask for, without loading any network.

    Args:
        check: also look at the weights file.

    Raises:
        WeightsError: the weights file is missing or not the one expected.
    """
    return embedders.resolve(
        conf.get("WEIGHTS"),
        pooling=conf.get("POOLING"),
        expected_sha256=conf.get("WEIGHTS_SHA256"),
        check=check,
    )


def embedder_name() -> str:
    """Return the name embeddings and queries of this configuration carry. Loads no network."""
    # Without looking at the file: strips are served also while the weights are damaged or gone.
    return embedder_spec(check=False).name


def match_levels() -> tuple[tuple[str, float], ...]:
    """Return the levels a match can have, closest first, each with the least cosine it takes."""
    return tuple(zip(("same", "close", "similar"), embedder_spec(check=False).levels, strict=True))


def embedder() -> Embedder:
    """Return this process's embedder. The network itself loads at its first photo.

    Raises:
        WeightsError: as ``embedder_spec``.
    """
    global _embedder  # noqa: PLW0603 (one per process is the point)
    spec = embedder_spec()
    key = (spec, conf.get("ENGINE"), conf.engine_dir())
    with _lock:
        if _embedder is None or (_embedder.pid, _embedder.key) != (os.getpid(), key):
            loaded = embedders.load_embedder(spec, engine=conf.get("ENGINE"), cache_dir=conf.engine_dir())
            _embedder = _Loaded(os.getpid(), key, loaded)
        value = _embedder.value
    assert isinstance(value, Embedder)  # noqa: S101 (for the type checker)
    return value


def own_index() -> type[OwnIndex] | None:
    """Return the class of the index that the database keeps itself, or None where releases are built."""
    path = OWN_INDEXES.get(conf.get("INDEX"))
    found: type[OwnIndex] | None = import_string(path) if path else None
    return found


def live_index() -> FreshIndex:
    """Return this process's view of everything searchable."""
    global _index  # noqa: PLW0603
    name, own = embedder_name(), own_index()
    key = (name, own, conf.release_dir())
    with _lock:
        if _index is None or (_index.pid, _index.key) != (os.getpid(), key):
            _index = _Loaded(os.getpid(), key, own(name) if own else LiveIndex(name, conf.release_dir()))
        value = _index.value
    assert isinstance(value, FreshIndex)  # noqa: S101
    return value


def forget() -> None:
    """Drop what is loaded; the next use loads anew."""
    global _embedder, _index  # noqa: PLW0603
    with _lock:
        _embedder = _index = None
