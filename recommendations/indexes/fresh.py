"""What search asks of an index that is always up to date, whoever keeps it: releases and a delta, or a database."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from recommendations.indexes.base import Neighbor, VectorIndex


class State(NamedTuple):
    """What the database says is current: the newest revision, and the live release's name ("" for none)."""

    revision: int
    release: str


class View(ABC):
    """Everything searchable, as one search sees it.

    Attributes:
        embedder: the name of the embedder that made the vectors.
        release_name: the release that answers, "" for none.
    """

    embedder: str
    release_name: str

    @abstractmethod
    def __len__(self) -> int:
        """Return how many photos it holds."""

    @abstractmethod
    def query(self, vector: NDArray[np.float32], k: int) -> list[Neighbor]:
        """Return the ``min(k, len(self))`` nearest to a unit vector, best first; ties by id."""

    @abstractmethod
    def query_among(self, vector: NDArray[np.float32], ids: NDArray[np.int64], k: int) -> list[Neighbor]:
        """Return the nearest of these embeddings, by exact scan; ids this view does not hold are passed over."""

    @abstractmethod
    def reliable(self, k: int) -> int:
        """Return how many of the first neighbours of ``query(…, k)`` nothing nearer is missing among."""

    @abstractmethod
    def holds(self, ids: NDArray[np.int64], revisions: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Return for each embedding whether this view holds it, in just this version: bool (n,)."""

    @abstractmethod
    def vectors_of(self, ids: Sequence[int]) -> NDArray[np.float32]:
        """Return these embeddings' vectors in this order: float32 (n, dimensions); KeyError for one not held."""

    def levels_record(self) -> Mapping[str, Any]:
        """Return what match levels were calibrated for this gallery (``levels.from_record``), {} where none were."""
        return {}

    def within(self, products: Any) -> View:  # noqa: ARG002 (for those who can)
        """Return the view narrowed to the photos of these products (a queryset), where this index can do so.

        Where it cannot, the view is returned as it is: callers check the neighbours' products in any case.
        """
        return self


class FreshIndex(VectorIndex):
    """An index that answers with everything committed. One per process; see ``recommendations.current``."""

    @abstractmethod
    def state(self) -> State:
        """Ask the database what is current: one query."""

    @abstractmethod
    def snapshot(self, state: State | None = None) -> View:
        """Return a view that holds everything committed up to ``state`` (asked for where not given)."""

    @property
    def opened(self) -> bool:
        """Whether it holds something in this process that would have to be opened again."""
        return False

    def prepared(self, state: State) -> bool:  # noqa: ARG002 (for those who need to prepare)
        """Return whether it can answer at once; where not, begin to make it ready, without waiting."""
        return True


class OwnIndex(FreshIndex):
    """An index that the database keeps itself, row by row, in the transaction of the embedding: no releases."""

    def __init__(self, embedder: str) -> None:
        self.embedder = embedder

    @abstractmethod
    def upkeep_wanted(self) -> bool:
        """Return whether ``upkeep`` has something to do. Cheap."""

    @abstractmethod
    def upkeep(self, on_progress: Callable[[str], None] | None = None) -> str:
        """Do what the database does not do by itself; return in a sentence what was done."""

    @abstractmethod
    def keep_levels(self, record: Mapping[str, Any]) -> None:
        """Store the match levels calibrated for this embedder's vectors; snapshots tell of them from then on."""

    @classmethod
    @abstractmethod
    def describe(cls, embedders: Iterable[str]) -> OwnIndexStatus:
        """Return how it stands for these embedders. Cheap."""


@dataclass(frozen=True)
class OwnIndexStatus:
    """What an ``OwnIndex`` is, and embedder → its bytes on disk, where it is complete."""

    name: str
    bytes: Mapping[str, int]
