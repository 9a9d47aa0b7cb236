"""What this process has loaded: its embedder and its live index. Lazily, after fork, once, behind a lock."""

from __future__ import annotations

import os
import threading
from dataclasses import replace
from typing import NamedTuple

from django.utils.module_loading import import_string

from recommendations import conf, embedders, serving
from recommendations.embedders.base import Embedder
from recommendations.embedders.presets import EmbedderSpec, as_record, from_record
from recommendations.embedders.weights import known_sha256
from recommendations.exceptions import SwitchPendingError, WeightsError
from recommendations.indexes.fresh import FreshIndex, OwnIndex, State, View
from recommendations.indexes.live import LiveIndex
from recommendations.indexes.travel import fetch_release
from recommendations.levels import MatchLevels, Steps
from recommendations.levels import from_record as from_levels_record
from recommendations.serving import Serving

#: Value of VOGUE["INDEX"] → the class of an index that a database keeps itself. All others are built as releases. By
#: name: the table it needs belongs to an app of its own.
OWN_INDEXES = {"pgvector": "recommendations.pgvector_backend.index.PgvectorIndex"}

_lock = threading.Lock()


class _Loaded(NamedTuple):
    pid: int
    key: tuple[object, ...]
    value: object


#: By the embedder's name.
_embedders: dict[str, _Loaded] = {}
_indexes: dict[str, _Loaded] = {}
_remembered: set[str] = set()


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
    """Return the name of the embedder the settings ask for: photos are embedded with it. Loads no network.

    ``answering`` tells which one answers: after a change of the settings another one, for a while.
    """
    # Without looking at the file: strips are served also while the weights are damaged or gone.
    return embedder_spec(check=False).name


def match_levels(view: View | None = None) -> MatchLevels:
    """Return what a cosine means: as calibrated for the gallery that answers, else as the preset says.

    Args:
        view: what a search sees; asked for where not given.
    """
    if view is None:
        index, state = answering_index()
        view = index.snapshot(state)
    return from_levels_record(view.levels_record()) or preset_levels()


def preset_levels() -> MatchLevels:
    """Return the fixed levels of the settings' preset: a guess, for galleries nothing was calibrated for."""
    return MatchLevels(Steps(*embedder_spec(check=False).levels))


def embedder() -> Embedder:
    """Return this process's embedder, the one the settings ask for. The network itself loads at its first photo.

    Raises:
        WeightsError: as ``embedder_spec``.
    """
    return _load(embedder_spec())


def embedder_named(name: str) -> Embedder:
    """Return the embedder of this name: the settings' own, or one that is recorded in the database.

    Raises:
        WeightsError: as ``embedder_spec``.
        SwitchPendingError: nothing is known of it, or its weights are gone.
    """
    return embedder() if name == embedder_name() else recorded_embedder(name)


def recorded_embedder(name: str) -> Embedder:
    """Return an embedder that the settings asked for before; SwitchPendingError where it cannot be loaded."""
    if (spec := _recorded_spec(name)) is None:
        raise SwitchPendingError(
            f"{name} answers until every photo is embedded by {embedder_name()}, but its weights are gone: similar "
            "items are shown, photos cannot be searched with. Put the weights back, or run manage.py embed_products, "
            "then manage.py rebuild_index."
        )
    return _load(spec)


def can_embed(name: str) -> bool:
    """Return whether this host has what it takes to embed photos with this embedder. Loads no network."""
    return name == embedder_name() or _recorded_spec(name) is not None


def embedders_in_use() -> list[str]:
    """Return the embedders that new photos are embedded with: the one that answers first, the settings' own last."""
    wanted = embedder_name()
    found = serving.ask()
    return [found.embedder, wanted] if found and found.embedder != wanted and can_embed(found.embedder) else [wanted]


def remember_embedder() -> None:
    """Record the settings' embedder in the database, once per process."""
    name = embedder_name()
    if name in _remembered:
        return
    spec = embedder_spec(check=False)
    serving.remember(name, as_record(spec) if spec.name == name else {})
    _remembered.add(name)


def _recorded_spec(name: str) -> EmbedderSpec | None:
    """Return a recorded embedder's spec where its weights, or the network converted from them, are on this host."""
    try:
        spec = from_record(serving.spec_of(name))
    except WeightsError:
        return None
    if spec.name != name:
        return None
    if spec.weights_path is None:
        return spec
    try:
        if known_sha256(spec.weights_path) == spec.weights_sha256:
            return spec
    except OSError:
        pass
    # The network as it was converted needs them no more.
    kept = conf.get("ENGINE") == "openvino" and any(conf.engine_dir().glob(f"{name}-openvino*/manifest.json"))
    return replace(spec, weights_path=None) if kept else None


def _load(spec: EmbedderSpec) -> Embedder:
    key = (spec, conf.get("ENGINE"), conf.engine_dir())
    with _lock:
        found = _embedders.get(spec.name)
        if found is None or (found.pid, found.key) != (os.getpid(), key):
            loaded = embedders.load_embedder(spec, engine=conf.get("ENGINE"), cache_dir=conf.engine_dir())
            found = _embedders[spec.name] = _Loaded(os.getpid(), key, loaded)
    assert isinstance(found.value, Embedder)  # noqa: S101 (for the type checker)
    return found.value


def own_index() -> type[OwnIndex] | None:
    """Return the class of the index that the database keeps itself, or None where releases are built."""
    path = OWN_INDEXES.get(conf.get("INDEX"))
    found: type[OwnIndex] | None = import_string(path) if path else None
    return found


def answering() -> str:
    """Return the name of the embedder that answers in this process now. One cheap query.

    A search keeps to it from beginning to end: its vectors, its index.
    """
    return answering_index()[0].embedder


def answering_index(found: Serving | None = None) -> tuple[FreshIndex, State]:
    """Return the index that answers in this process now, and what is current of it.

    After a switch that is the earlier embedder's until this process has opened the new one's, beside it.

    Args:
        found: what the database says, where the caller has asked already.
    """
    found = found or serving.ask()
    if found is None:
        index = live_index(embedder_name())
        return index, index.state()
    index, earlier = live_index(found.embedder), _earlier(found.embedder)
    if earlier is None:
        return index, found.state
    if index.prepared(found.state):
        _drop_all_but(found.embedder)
        return index, found.state
    return earlier, earlier.state()


def live_index(embedder: str = "") -> FreshIndex:
    """Return this process's view of everything searchable that this embedder made; by default the one that answers."""
    name, own, storage = embedder or answering(), own_index(), conf.release_storage()
    key = (name, own, conf.release_dir(), storage)
    with _lock:
        found = _indexes.get(name)
        if found is None or (found.pid, found.key) != (os.getpid(), key):
            index = own(name) if own else LiveIndex(name, conf.release_dir(), _fetch if storage else None)
            found = _indexes[name] = _Loaded(os.getpid(), key, index)
    assert isinstance(found.value, FreshIndex)  # noqa: S101
    return found.value


def _fetch(name: str) -> None:
    """Bring a release here from the storage all hosts share."""
    storage = conf.release_storage()
    assert storage is not None  # noqa: S101 (for the type checker)
    fetch_release(storage, conf.release_dir(), name, keep=conf.get("KEEP_RELEASES"))


def _earlier(name: str) -> FreshIndex | None:
    """Return another embedder's index that this process has answered with."""
    with _lock:
        for found in _indexes.values():
            index = found.value
            if isinstance(index, FreshIndex) and index.embedder != name and found.pid == os.getpid() and index.opened:
                return index
    return None


def _drop_all_but(name: str) -> None:
    """Forget the other embedders' indexes and networks; who is answering with one keeps it to the end."""
    kept = {name, embedder_name()}
    with _lock:
        for loaded in (_indexes, _embedders):
            for other in loaded.keys() - kept:
                del loaded[other]


def forget() -> None:
    """Drop what is loaded; the next use loads anew."""
    with _lock:
        for loaded in (_embedders, _indexes):
            loaded.clear()
        _remembered.clear()
