"""What a step of training sees: two views of each of its products, drawn from the seed and the step alone.

Where only the top learns, the frozen trunk's answer to a fixed number of views is computed once and kept on disk; an
interrupted computation goes on where it was.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from recommendations.evaluation.evaluate import Progress
from recommendations.exceptions import InvalidImageError, TrainingError
from recommendations.training.recipe import Recipe

CHUNK = 16
#: So often a fresh view is the photo as it is.
PLAIN = 0.25
#: So often the second view that labels are learned from is a changed one.
CHANGED = 0.6
Arrays = list[NDArray[Any]]
T = TypeVar("T")
R = TypeVar("R")


class Labelled(Protocol):
    """A product of a labelled set."""

    @property
    def id(self) -> str: ...

    @property
    def labels(self) -> Mapping[str, str]: ...

    def image(self) -> Image.Image: ...


class Views(Protocol):
    """Inputs of the network that learns."""

    def fixed(self, rows: NDArray[np.intp], number: int) -> Arrays:
        """Return the inputs of the photos' views of this number; 0 is the photo as it is."""

    def pairs(self, rows: NDArray[np.intp], draw: np.random.Generator) -> Arrays:
        """Return the inputs of two views of each product, first all first ones, then all second ones."""


class FreshViews:
    """Views drawn anew at every step, as uint8 squares."""

    def __init__(self, items: Sequence[Labelled], recipe: Recipe, square: Callable[[Image.Image], Image.Image]) -> None:
        self.items, self.recipe, self.square = items, recipe, square

    def fixed(self, rows: NDArray[np.intp], number: int) -> Arrays:
        return [np.stack([fixed_view(self.items, row, number, self.recipe, self.square) for row in rows])]

    def pairs(self, rows: NDArray[np.intp], draw: np.random.Generator) -> Arrays:
        return [np.stack([self._view(row, draw) for _ in range(2) for row in rows])]

    def _view(self, row: int, draw: np.random.Generator) -> NDArray[np.uint8]:
        if draw.random() < PLAIN:
            return np.asarray(self.square(self.items[row].image()))
        other = self.items[int(draw.integers(len(self.items)))].image()
        return self.recipe.augmentation.view(self.items[row].image(), self.recipe.input_size, draw, other)


class KeptViews:
    """What the trunk says of a number of fixed views of every photo, memory-mapped: float16, row = item, view."""

    def __init__(self, arrays: Sequence[NDArray[np.float16]], views: int) -> None:
        self.arrays, self.views = arrays, views

    def only(self, *places: int) -> KeptViews:
        """Return the views with these of the trunk's outputs."""
        return KeptViews([self.arrays[place] for place in places], self.views)

    def fixed(self, rows: NDArray[np.intp], number: int) -> Arrays:
        return [array[rows * self.views + number].astype(np.float32) for array in self.arrays]

    def pairs(self, rows: NDArray[np.intp], draw: np.random.Generator) -> Arrays:
        # Two different ones of each, in any order.
        first = draw.integers(0, self.views, len(rows))
        second = (first + draw.integers(1, self.views, len(rows))) % self.views
        places = np.concatenate([rows * self.views + first, rows * self.views + second])
        return [array[places].astype(np.float32) for array in self.arrays]


class PlainViews:
    """The photos as they are, both times: what labels are told from where nothing else learns."""

    def __init__(self, views: Views) -> None:
        self.views = views

    def fixed(self, rows: NDArray[np.intp], number: int) -> Arrays:
        return self.views.fixed(rows, number)

    def pairs(self, rows: NDArray[np.intp], draw: np.random.Generator) -> Arrays:
        del draw  # there is nothing to choose
        return [np.concatenate([array, array]) for array in self.views.fixed(rows, 0)]


class MostlyPlainViews:
    """Photos as they are; the second of a pair is now and then a changed view.

    Args:
        number: of views there are of each photo, the plain one included.
    """

    def __init__(self, views: Views, number: int) -> None:
        self.views, self.number = views, number

    def fixed(self, rows: NDArray[np.intp], number: int) -> Arrays:
        return self.views.fixed(rows, number)

    def pairs(self, rows: NDArray[np.intp], draw: np.random.Generator) -> Arrays:
        plain, changed = self.views.fixed(rows, 0), self.views.fixed(rows, int(draw.integers(1, self.number)))
        seen = draw.random(len(rows)) < CHANGED
        second = [np.where(seen.reshape(-1, *[1] * (a.ndim - 1)), b, a) for a, b in zip(plain, changed, strict=True)]
        return [np.concatenate(pair) for pair in zip(plain, second, strict=True)]


def keep_views(
    folder: Path,
    items: Sequence[Labelled],
    recipe: Recipe,
    *,
    views: int,
    trunk: Callable[[NDArray[np.uint8]], Arrays],
    key: str,
    square: Callable[[Image.Image], Image.Image],
    progress: Progress,
) -> KeptViews:
    """Compute what is missing and return the kept views.

    Args:
        folder: where they are, or will be, kept.
        views: of each photo, the first the photo as it is.
        trunk: uint8 (n, size, size, 3) → its outputs, float (n, …).
        key: says which trunk this is. A folder of another trunk, recipe or set is refused.
        square: a photo as the network is served it.
        progress: told each photo that is done.

    Raises:
        TrainingError: the folder holds something else.
    """
    told = {
        "trunk": key,
        "views": views,
        "size": recipe.input_size,
        "seed": recipe.seed,
        "augmentation": recipe.as_dict()["augmentation"],
        "items": hashlib.sha256("\n".join(item.id for item in items).encode()).hexdigest(),
    }
    folder.mkdir(parents=True, exist_ok=True)
    note = folder / "views.json"
    if note.exists() and json.loads(note.read_text("utf-8")) != told:
        raise TrainingError(f"{folder} keeps views of another training. Name another folder, or remove it.")
    note.write_text(json.dumps(told, indent=1), "utf-8")
    rows = len(items) * views
    done = _open(folder / "done.npy", bool, (rows,))
    progress.update(int(done.reshape(-1, views).all(axis=1).sum()))
    arrays: list[NDArray[np.float16]] = []
    for places, photos in _missing(items, recipe, views, done, square):
        outputs = trunk(photos)
        if not arrays:
            arrays = _maps(folder, [output.shape[1:] for output in outputs], rows)
        for array, output in zip(arrays, outputs, strict=True):
            array[places] = output
        done[places] = True
        progress.update(len(places) // views)
    return KeptViews(arrays or _maps(folder, None, rows), views)


def fixed_view(
    items: Sequence[Labelled], row: int, number: int, recipe: Recipe, square: Callable[[Image.Image], Image.Image]
) -> NDArray[np.uint8]:
    """Return a photo's view of this number, 0 the photo as it is; the same whenever it is asked for."""
    if number == 0:
        return np.asarray(square(items[row].image()))
    name = int.from_bytes(hashlib.sha256(items[row].id.encode()).digest()[:4], "big")
    draw = np.random.default_rng([recipe.seed, number, name])
    other = items[int(draw.integers(len(items)))].image()
    return recipe.augmentation.view(items[row].image(), recipe.input_size, draw, other)


def readable(items: Sequence[Any]) -> list[Any]:
    """Return the items whose photo can be read; a training cannot stop for one that cannot."""
    found = []
    for item in items:
        try:
            item.image()
        except (InvalidImageError, OSError):
            continue
        found.append(item)
    return found


def _missing(
    items: Sequence[Labelled],
    recipe: Recipe,
    views: int,
    done: NDArray[np.bool_],
    square: Callable[[Image.Image], Image.Image],
) -> Iterator[tuple[NDArray[np.intp], NDArray[np.uint8]]]:
    """Yield places and squares of the photos whose views are not all kept, some photos at a time."""
    missing = np.nonzero(~done.reshape(-1, views).all(axis=1))[0]
    chunks = [missing[start : start + CHUNK] for start in range(0, len(missing), CHUNK)]

    def draw(rows: NDArray[np.intp]) -> tuple[NDArray[np.intp], NDArray[np.uint8]]:
        photos = [fixed_view(items, row, number, recipe, square) for row in rows for number in range(views)]
        return (rows[:, None] * views + np.arange(views)).reshape(-1), np.stack(photos)

    yield from one_ahead(draw, chunks)


def one_ahead(make: Callable[[T], R], things: Iterable[T]) -> Iterator[R]:
    """Yield what is made of each thing in turn; the next is made in a thread while one is worked with."""
    with ThreadPoolExecutor(1, thread_name_prefix="vogue-views") as pool:
        waiting: Future[R] | None = None
        for thing in things:
            ready, waiting = waiting, pool.submit(make, thing)
            if ready is not None:
                yield ready.result()
        if waiting is not None:
            yield waiting.result()


def _maps(folder: Path, shapes: Sequence[tuple[int, ...]] | None, rows: int) -> list[NDArray[np.float16]]:
    if shapes is None:
        paths = sorted(folder.glob("output-*.npy"))
        return [np.load(path, mmap_mode="r") for path in paths]
    return [_open(folder / f"output-{n}.npy", np.float16, (rows, *shape)) for n, shape in enumerate(shapes)]


def _open(path: Path, dtype: Any, shape: tuple[int, ...]) -> NDArray[Any]:
    if path.exists():
        found: NDArray[Any] = np.load(path, mmap_mode="r+")
        if found.shape == shape:
            return found
    made: NDArray[Any] = np.lib.format.open_memmap(path, "w+", dtype, shape)
    return made
