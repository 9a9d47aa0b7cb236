"""What both engines share: the network loads at the first photo, once, behind a lock, and never across a fork."""

from __future__ import annotations

import ctypes
import os
import threading
import time
import weakref
from abc import abstractmethod
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from recommendations.embedders import weights as weight_files
from recommendations.embedders.base import Embedder
from recommendations.embedders.preprocessing import joined, prepare_views
from recommendations.embedders.presets import EmbedderSpec
from recommendations.exceptions import EngineError, VogueError

#: A load that failed is not tried again for this long: a damaged file would cost every request a conversion.
RETRY_SECONDS = 10.0
#: Engine → the process that started it. An engine's threads do not survive a fork: see ``_claim``.
_started: dict[str, int] = {}
_embedders: weakref.WeakSet[NetworkEmbedder] = weakref.WeakSet()


class NetworkEmbedder(Embedder):
    """An embedder whose network loads when the first photo comes."""

    engine: str
    #: Photos in one pass: larger ones gain nothing on a processor, and cost memory.
    batch = 8

    def __init__(self, spec: EmbedderSpec, *, cache_dir: Path) -> None:
        self.spec = spec
        self.name = spec.name
        self.dimensions = spec.dimensions
        self.cache_dir = cache_dir
        self._lock = threading.Lock()
        self._network: Any = None
        self._failure: tuple[float, VogueError] | None = None
        _embedders.add(self)

    def load(self) -> None:
        """Load the network now rather than at the first photo.

        Raises:
            WeightsError: the weights are missing, damaged, or not the ones expected.
            EngineError: the engine cannot run, or was loaded before this process was forked.
        """
        if self._network is None and self.spec.weights_path:
            weight_files.verify(self.spec.weights_path, self.spec.weights_sha256)
        # Before the lock: a fork copies a held lock, and nobody in the child would ever release it.
        self._claim()
        with self._lock:
            if self._network is not None:
                return
            if self._failure and time.monotonic() - self._failure[0] < RETRY_SECONDS:
                failure = self._failure[1]
                raise type(failure)(str(failure)) from failure
            try:
                self._network = self._load()
            except VogueError as error:
                self._failure = (time.monotonic(), error)
                raise

    def _embed(self, images: Sequence[Image.Image]) -> NDArray[np.floating]:
        self.load()
        if len(images) <= self.batch:
            return self._look(images, self._run)
        parts = [images[start : start + self.batch] for start in range(0, len(images), self.batch)]
        return np.concatenate(self._run_parts(parts))

    def _run_parts(self, parts: Sequence[Sequence[Image.Image]]) -> list[NDArray[np.floating]]:
        """Return the raw rows of each part of a long list."""
        return [self._look(part, self._run) for part in parts]

    def _look(
        self, images: Sequence[Image.Image], run: Callable[[NDArray[np.uint8]], NDArray[np.floating]]
    ) -> NDArray[np.floating]:
        """Return one row for each of a few images, however often the preset looks at each."""
        batch, owners = prepare_views(images, self.spec)
        return joined(run(batch), owners)

    def _claim(self) -> None:
        """Refuse to run in a child whose parent already runs this engine.

        The parent's worker threads do not exist in the child: TensorFlow waits for them for ever, OpenVINO aborts the
        process at the next network it compiles.
        """
        owner = _started.setdefault(self.engine, os.getpid())
        if owner != os.getpid():
            raise EngineError(
                f"{self.engine} was loaded in process {owner} before process {os.getpid()} was forked from it, and "
                "cannot run here. Load the network in the child only: no preload_app, nothing embedded at import time."
            )

    def _parts(self) -> list[Any]:
        """Return every object that belongs to the engine and has its threads to wait for."""
        return [] if self._network is None else [self._network]

    @abstractmethod
    def _load(self) -> Any:
        """Return the network, ready to run."""

    @abstractmethod
    def _run(self, batch: NDArray[np.uint8]) -> NDArray[np.floating]:
        """Return raw rows (n, dimensions) of ``prepare_views``' squares. Called from many threads at once."""


def _keep_inherited() -> None:
    """Make a forked child keep its parent's networks for ever: taking one down waits for threads it does not have."""
    for embedder in list(_embedders):
        for part in embedder._parts():
            ctypes.pythonapi.Py_IncRef(ctypes.py_object(part))


os.register_at_fork(after_in_child=_keep_inherited)
