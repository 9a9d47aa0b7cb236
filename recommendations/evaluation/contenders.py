"""What is compared: the weights asked for, each with every pooling that goes, and what needs no training."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from PIL import Image

from recommendations.embedders import EmbedderSpec, load_embedder, resolve
from recommendations.embedders.base import Embedder
from recommendations.embedders.presets import POOLINGS
from recommendations.evaluation.baselines import ColourHistogram, Gradients

#: Photos a speed is measured with: in a pass of many, and one alone; and how often each is tried.
MANY, TRIES, SINGLE_TRIES = 48, 4, 15


@dataclass(frozen=True)
class Contender:
    """One way of turning photos into vectors.

    Attributes:
        title: what the report calls it.
        name: of the embedder.
        engine: what runs it; "numpy" where no network is.
        trained: False for what the others are compared with.
        make: returns the embedder; its network loads at the first photo.
    """

    title: str
    name: str
    engine: str
    trained: bool
    make: Callable[[], Embedder]


@dataclass(frozen=True)
class Speed:
    """What serving costs, preparing included and decoding not: many photos at once, and one alone.

    Each is the best of some tries: the others tell what else the machine was doing.
    """

    photos_per_second: float
    milliseconds: float


def choose_contenders(
    weights: Sequence[str],
    *,
    poolings: Sequence[str] = (),
    expected_sha256: Mapping[str, str] = MappingProxyType({}),
    engine: str,
    cache_dir: Path,
    baselines: bool,
) -> list[Contender]:
    """Return the weights in the order given, then the baselines. Loads no network.

    Args:
        poolings: these only; none for all that go. A trained projection goes with its own whatever is asked for.
        expected_sha256: weights → what their file must be; the others may be anything.

    Raises:
        WeightsError: weights that are unknown, missing or not the ones expected.
    """
    found = []
    for one in weights:
        own = resolve(one, expected_sha256=expected_sha256.get(one, ""))
        specs = [own]
        if own.projection is None:
            wanted = poolings or POOLINGS
            specs = [resolve(one, pooling=pooling, expected_sha256=expected_sha256.get(one, "")) for pooling in wanted]
        for spec in specs:
            title = Path(one).stem if "." in one else one
            title = title if spec.projection else f"{title}, {spec.pooling} pooling"
            found.append(_network(title, spec, engine, cache_dir, trained=one != "random"))
    if baselines:
        random = resolve("random", pooling="max")
        if random.name not in [contender.name for contender in found]:
            found.append(_network("random ResNet50, max pooling", random, engine, cache_dir, trained=False))
        for title, kind in (("colour histogram", ColourHistogram), ("gradients (HOG)", Gradients)):
            found.append(Contender(title, kind.name, "numpy", False, kind))
    unique = {(contender.name, contender.engine): contender for contender in reversed(found)}
    return [contender for contender in found if unique[contender.name, contender.engine] is contender]


def measure_speed(embedder: Embedder, photos: Sequence[Image.Image]) -> Speed:
    """Return how fast it is on these photos, over and over where they are few. Loads the network first."""
    many = [photos[n % len(photos)] for n in range(MANY)]
    for warm_up in (many[:16], many[:1]):
        embedder.embed(warm_up)
    together = min(_seconds(embedder, many) for _ in range(TRIES))
    alone = min(_seconds(embedder, many[:1]) for _ in range(SINGLE_TRIES))
    return Speed(round(MANY / together, 1), round(alone * 1000, 2))


def _seconds(embedder: Embedder, photos: Sequence[Image.Image]) -> float:
    started = time.perf_counter()
    embedder.embed(photos)
    return time.perf_counter() - started


def _network(title: str, spec: EmbedderSpec, engine: str, cache_dir: Path, *, trained: bool) -> Contender:
    return Contender(
        title,
        spec.name,
        engine,
        trained,
        lambda: load_embedder(spec, engine=engine, cache_dir=cache_dir),
    )
