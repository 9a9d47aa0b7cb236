"""Embeddings written past the network, for tests of where they are found."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommendations.models import ImageEmbedding
from tests.factories import make_product
from tests.recommendations.test_indexes_contract import EMBEDDER

_revisions = itertools.count(1)

__all__ = ["EMBEDDER", "put"]


def put(
    vectors: NDArray[np.float32],
    *,
    products: Iterable[Any] | None = None,
    ids: Iterable[int] | None = None,
    embedder: str = EMBEDDER,
) -> list[int]:
    """Write a ready embedding per vector, of these products in turn (one new product, where not given); return ids."""
    owners = itertools.cycle([make_product(None)] if products is None else products)
    keys: Iterable[int | None] = itertools.repeat(None) if ids is None else ids
    rows = [
        ImageEmbedding(
            pk=pk,
            product=product,
            photo_key=str(number),
            photo_name="photo.jpg",
            embedder=embedder,
            status=ImageEmbedding.Status.READY,
            vector=vector.astype("<f4").tobytes(),
            revision=next(_revisions),
        )
        for number, (vector, product, pk) in enumerate(zip(vectors, owners, keys, strict=False))
    ]
    return [row.pk for row in ImageEmbedding.objects.bulk_create(rows)]
