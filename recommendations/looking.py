"""The page's own way from a photo to results: proposes the part that counts, holds the photo for the next look.

photo → upright picture → proposed boxes → the box or the whole, whichever finds something closer → results
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from recommendations import conf, current, held_photos, metrics
from recommendations.held_photos import HeldPhoto
from recommendations.images import MIN_SIDE, crop_to_box, decode_query_photo
from recommendations.saliency import Box, propose_boxes
from recommendations.search import Answer, embed_query, nearest_products, search_by_vector
from recommendations.throttling import search_turn

WHOLE: Box = (0.0, 0.0, 1.0, 1.0)
#: A proposed box is taken unasked where its nearest product is closer than the whole photo's by this cosine.
CLOSER = 0.02

Vector = NDArray[np.float32]


@dataclass(frozen=True)
class Look:
    """One look at a photo: what was found with which part of it, and what else could be looked at.

    ``near`` are the keys of the products nearest to that part, whatever the filters; ``held`` is None where the photo
    has to be sent again.
    """

    answer: Answer
    image: Image.Image
    box: Box
    boxes: tuple[Box, ...]
    near: list[Any]
    held: HeldPhoto | None


def look(
    photo: IO[bytes] | HeldPhoto,
    *,
    box: Box | None,
    k: int,
    filters: Mapping[str, Any],
    diversity: float | None = None,
) -> Look:
    """Search with a photo just sent, or with one that is held; without a ``box`` with the better of proposal and whole.

    Raises:
        InvalidImageError, TooBusyError, IndexUnavailableError, EngineError, WeightsError, DatabaseError: as
            ``photo_search.answer_photo``.
    """
    with metrics.measured("photo"):
        asked = time.perf_counter()
        with search_turn():
            started = time.perf_counter()
            held = photo if isinstance(photo, HeldPhoto) else None
            image = decode_query_photo(photo.data if isinstance(photo, HeldPhoto) else photo)
            image.thumbnail((held_photos.SIDE, held_photos.SIDE))
            boxes = held.boxes if held else tuple(propose_boxes(image, least_side=MIN_SIDE))
            if held is None:
                held = held_photos.hold(image, boxes)
            decoded = time.perf_counter()
            # The same from here on, whatever is switched meanwhile.
            embedder = current.answering()
            if box is None:
                box, vector = _better(image, boxes[:1], held, embedder)
            else:
                vector = _vectors(image, [box], held, embedder)[0]
            embedded = time.perf_counter()
            answer = search_by_vector(vector, k, embedder=embedder, filters=filters, diversity=diversity)
            near = nearest_products(vector, conf.get("FACET_POOL"), embedder=embedder)
    took = {"decode": _ms(decoded - started), "embed": _ms(embedded - decoded), **answer.took_ms}
    metrics.observe_stages("photo", {"wait": _ms(started - asked), **took})
    return Look(replace(answer, took_ms=took), image, box, boxes, near, held)


def _better(image: Image.Image, proposed: tuple[Box, ...], held: HeldPhoto | None, embedder: str) -> tuple[Box, Vector]:
    """Return the box whose nearest product is closest, and its vector; the whole photo unless a part is clearly closer.

    A shop's own picture is closest as a whole; a thing in a room, or one of two, is closest alone.
    """
    boxes = [WHOLE, *proposed]
    vectors = _vectors(image, boxes, held, embedder)
    closest = [_closest(vector, embedder) for vector in vectors]
    best = max(range(len(boxes)), key=lambda n: closest[n] - (CLOSER if n else 0))
    return boxes[best], vectors[best]


def _closest(vector: Vector, embedder: str) -> float:
    matches = search_by_vector(vector, 1, embedder=embedder).matches
    return matches[0].cosine if matches else -1.0


def _vectors(image: Image.Image, boxes: list[Box], held: HeldPhoto | None, embedder: str) -> list[Vector]:
    """Return a vector for each box; one that was made of this photo before is not made again."""
    names = [f"{embedder}:{','.join(f'{part:.4f}' for part in box)}" for box in boxes]
    known: dict[str, Vector] = {}
    if held:
        found = {name: held_photos.recall(held, name) for name in names}
        known = {name: np.frombuffer(data, np.float32) for name, data in found.items() if data is not None}
    missing = [(name, box) for name, box in zip(names, boxes, strict=True) if name not in known]
    if missing:
        rows = embed_query([image if box == WHOLE else crop_to_box(image, box) for _, box in missing], embedder)
        for (name, _), row in zip(missing, rows, strict=True):
            known[name] = row
            if held:
                held_photos.keep(held, name, row.tobytes())
    return [known[name] for name in names]


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 2)
