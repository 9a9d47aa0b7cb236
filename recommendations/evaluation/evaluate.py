"""One evaluation: a labelled set and some contenders become figures, and what a report shows pictures of."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import numpy as np
from django.utils import timezone
from PIL import Image

from recommendations.evaluation import figures, split
from recommendations.evaluation.contenders import Contender, measure_speed
from recommendations.evaluation.dataset import Item, LabelledSet, spread
from recommendations.evaluation.pictures import Collection, collect, read_keys
from recommendations.evaluation.results import Comparison, ContenderResult, Results, Shown, SplitFacts
from recommendations.evaluation.vector_cache import VectorCache, embed_pictures
from recommendations.exceptions import DatasetError, InvalidImageError

ALL = "all"
#: Photos of the catalogue that speed is measured with.
SPEED_PHOTOS = 64


class Progress(Protocol):
    """Call ``update`` with how many more are done."""

    def update(self, n: int) -> object: ...


#: Called with how many there are and what is done with them.
ShowProgress = Callable[[int, str], AbstractContextManager[Progress]]


@dataclass(frozen=True)
class Plan:
    """What to look at, and how closely.

    Attributes:
        side: of the split, or "all".
        limit: most products, spread over the side.
        k, ndcg_k: results that count for precision, and for nDCG.
        shoppers: simulated photos in each family.
        foreign: pictures of no product.
        photos: photos from elsewhere, to be shown with what is found; by title.
        seed: of everything drawn.
    """

    side: str = "test"
    limit: int | None = None
    k: int = 5
    ndcg_k: int = 10
    shoppers: int = 200
    foreign: int = 300
    photos: Mapping[str, Image.Image] = field(default_factory=dict)
    seed: int = 0


def evaluate(
    labelled: LabelledSet,
    contenders: list[Contender],
    plan: Plan,
    *,
    cache_dir: Path,
    fresh: bool = False,
    progress: ShowProgress,
) -> tuple[Results, Shown]:
    """Measure every contender on the same pictures; return the figures, and what the first one found.

    Args:
        cache_dir: where vectors are kept for the next time.
        fresh: use none that were kept.

    Raises:
        DatasetError: too few products on that side.
        VogueError: a network that cannot run.
    """
    chosen = [item for item in labelled.items if plan.side in (ALL, item.side)]
    others = [item for item in labelled.items if item.side == "train"] if plan.side not in (ALL, "train") else []
    chosen = list(spread(chosen, plan.limit))
    with progress(len(chosen) + len(others), "Reading photos") as bar:
        found = read_keys(chosen, progress=bar.update)
        trained_on = set(read_keys(others, progress=bar.update))
    pairs = [(item, key) for item, key in zip(chosen, found, strict=True) if key is not None]
    items, keys = [item for item, _ in pairs], [key for _, key in pairs]
    photos = _sample(items)
    if len(items) < 2 or not photos:
        raise DatasetError(
            f"There are {len(items)} products with a readable photo on the side {plan.side!r}; at least two are "
            "needed. Try another side (--split all)."
        )
    with tempfile.TemporaryDirectory(prefix="vogue-spool-") as spool:
        collection = collect(
            items,
            keys,
            shoppers=plan.shoppers,
            foreign=plan.foreign,
            photos=plan.photos,
            seed=plan.seed,
            spool=Path(spool),
        )
        measured = [
            _measure(contender, collection, photos, plan, cache_dir=cache_dir, fresh=fresh, progress=progress)
            for contender in contenders
        ]
    # Only of the first: pictures of all would be a report nobody reads.
    shown = measured[0][1]
    comparisons = [
        Comparison(result.title, figures.changes(shown, seen, seed=plan.seed))
        for result, seen in measured[1:]
        if result.trained
    ]
    return (
        Results(
            created=timezone.now().isoformat(timespec="seconds"),
            dataset=labelled.name,
            split=_split_facts(labelled, plan.side, sum(key in trained_on for key in keys) if others else None),
            evaluated=len(shown.products),
            unreadable=len(chosen) - len(shown.products),
            skipped=labelled.skipped,
            k=plan.k,
            ndcg_k=plan.ndcg_k,
            seed=plan.seed,
            contenders=tuple(result for result, _ in measured),
            comparisons=tuple(comparisons),
        ),
        shown,
    )


def _measure(
    contender: Contender,
    collection: Collection,
    photos: list[Image.Image],
    plan: Plan,
    *,
    cache_dir: Path,
    fresh: bool,
    progress: ShowProgress,
) -> tuple[ContenderResult, Shown]:
    embedder = contender.make()
    speed = measure_speed(embedder, photos)
    cache = VectorCache(cache_dir, f"{contender.name}-{contender.engine}", embedder.dimensions, fresh=fresh)
    with progress(len(collection.pictures), f"Embedding with {contender.title}") as bar:
        vectors = embed_pictures(embedder, collection.pictures, cache, progress=bar.update)
    if np.isfinite(vectors[: len(collection.items)]).all(axis=1).sum() < 2:
        raise DatasetError("Fewer than two photos of the set can be decoded.")
    return figures.compute(contender, speed, collection, vectors, k=plan.k, ndcg_k=plan.ndcg_k, seed=plan.seed)


def _sample(items: list[Item]) -> list[Image.Image]:
    """Return some decoded photos to measure speed with."""
    photos = []
    for item in spread(items, SPEED_PHOTOS):
        try:
            photos.append(item.image())
        except (InvalidImageError, OSError):
            continue
    return photos


def _split_facts(labelled: LabelledSet, side: str, identical: int | None) -> SplitFacts:
    return SplitFacts(
        side=side,
        products={part: len(labelled.on(part)) for part in split.SIDES},
        families={part: len({item.family for item in labelled.on(part)}) for part in split.SIDES},
        test_share=split.TEST_SHARE,
        validation_share=split.VALIDATION_SHARE,
        identical_photos=identical,
    )
