"""What a cosine means in this shop: its own photos, as shoppers might take them, against pictures of no product.

Part of a build, bounded by the number of photos in VOGUE["CALIBRATION_PRODUCTS"], and only where the embedder is new or
the gallery has changed much. A build does not fail for want of it: the preset's levels serve then.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from django.db import DatabaseError
from numpy.typing import NDArray
from PIL import Image

from recommendations import conf, current
from recommendations.evaluation import off_catalogue
from recommendations.evaluation.levels import Sample, calibrate
from recommendations.evaluation.shopper_photos import FAMILIES, simulate
from recommendations.exceptions import InvalidImageError, VogueError
from recommendations.gallery import get_gallery
from recommendations.images import decode_product_photo
from recommendations.levels import from_record
from recommendations.models import ImageEmbedding

logger = logging.getLogger(__name__)

#: A shop of fewer products says nothing of what a cosine means.
LEAST_PRODUCTS = 50
#: Pictures of no product.
PICTURES = 204
#: Levels are calibrated anew once the gallery has this many times the photos, or this part of them.
GROWN, SHRUNK = 1.2, 0.6
#: Most photos compared with; and the longer side of the photos that shoppers' are made of.
LARGEST = 100_000
SIDE = 400
SEED = 1
KEYS = 10_000

Vectors = NDArray[np.float32]


def calibration_wanted(record: Any, count: int) -> bool:
    """Return whether levels calibrated before do not fit a gallery of ``count`` photos, or there are none."""
    if not conf.get("CALIBRATION_PRODUCTS") or count < LEAST_PRODUCTS:
        return False
    # A calibration that failed stands there too, so that it is not tried without end.
    facts = record.get("facts") if isinstance(record, Mapping) else None
    gallery = facts.get("gallery") if isinstance(facts, Mapping) else None
    return not isinstance(gallery, int) or not SHRUNK * gallery <= count <= GROWN * gallery


def calibrated_levels(
    embedder: str,
    ids: NDArray[np.int64],
    vectors: Vectors,
    *,
    earlier: Any = None,
    on_progress: Callable[[str], None] | None = None,
) -> dict[str, Any]:
    """Return the record of this gallery's levels (``levels.from_record`` reads it); {} where the preset's serve.

    Args:
        ids: of the embeddings whose ``vectors`` (float32 (n, dimensions)) are searched.
        earlier: the record of the build before: returned where it still fits.
    """
    if not calibration_wanted(earlier, len(ids)):
        return dict(earlier) if from_record(earlier) else {}
    started = time.monotonic()
    if on_progress:
        on_progress("Calibrating the match levels")
    try:
        sample, products = _sample(embedder, ids, vectors)
        if sample is None:
            return {}
        facts = {"embedder": embedder, "gallery": len(ids), "products": products}
        levels = calibrate(sample, seed=SEED, facts=facts)
    except (VogueError, OSError, MemoryError, ValueError, DatabaseError, np.linalg.LinAlgError) as error:
        logger.warning("Match levels could not be calibrated, the preset's serve: %s", error)
        if on_progress:
            on_progress(f"Match levels could not be calibrated, the preset's serve: {error}")
        return {}
    record = levels.as_record()
    record["facts"]["seconds"] = round(time.monotonic() - started, 1)
    logger.info("Match levels calibrated: %s, %s", levels.steps, record["facts"])
    return record


def _sample(embedder: str, ids: NDArray[np.int64], vectors: Vectors) -> tuple[Sample | None, int]:
    """Return what to calibrate from, and of how many products; None where there are too few."""
    draw = np.random.default_rng(SEED)
    if len(ids) > LARGEST:
        rows = np.sort(draw.permutation(len(ids))[:LARGEST])
        ids, vectors = ids[rows], vectors[rows]
    owners = _owners(ids)
    present = np.array([pk in owners for pk in ids.tolist()])
    ids, vectors = ids[present], vectors[present]
    of_rows = [owners[pk] for pk in ids.tolist()]
    products = list(dict.fromkeys(of_rows))
    if len(products) < LEAST_PRODUCTS:
        return None, len(products)
    chosen = [products[n] for n in draw.permutation(len(products))[: conf.get("CALIBRATION_PRODUCTS")]]
    taken, photos = _shoppers_photos(chosen)
    if len(photos) < LEAST_PRODUCTS:
        raise ValueError(f"of {len(chosen)} product photos only {len(photos)} could be read.")
    pictures = off_catalogue.pictures(PICTURES, SEED, off_catalogue.CALIBRATION)
    gallery = get_gallery()
    styles = _by_keys(gallery.style_of, products)
    groups = _by_keys(_groups, products)
    return (
        Sample(
            vectors,
            [("style", styles[owner]) if owner in styles else owner for owner in of_rows],
            [groups.get(owner, "") for owner in of_rows],
            _embed(embedder, photos),
            taken,
            _embed(embedder, [picture for _, picture in pictures]),
            [kind for kind, _ in pictures],
        ),
        len(products),
    )


def _shoppers_photos(product_ids: Sequence[Any]) -> tuple[list[Any], list[Image.Image]]:
    """Return which of these products were photographed, and the photos; families in turn. Broken files are left out."""
    taken: list[Any] = []
    photos: list[Image.Image] = []
    for photo in get_gallery().photos(product_ids):
        if taken and taken[-1] == photo.product_id:
            continue  # its best photo is the first
        try:
            with photo.open() as file:
                image = decode_product_photo(file.read())
        except (OSError, InvalidImageError):
            continue
        image.thumbnail((SIDE, SIDE))
        photos.append(simulate(image, FAMILIES[len(photos) % len(FAMILIES)], SEED + len(photos)))
        taken.append(photo.product_id)
    return taken, photos


def _embed(embedder: str, images: Sequence[Image.Image]) -> Vectors:
    network, size = current.embedder_named(embedder), conf.get("BATCH_SIZE")
    return np.concatenate([network.embed(images[start : start + size]) for start in range(0, len(images), size)])


def _owners(ids: NDArray[np.int64]) -> dict[int, Any]:
    owners: dict[int, Any] = {}
    for start in range(0, len(ids), KEYS):
        rows = ImageEmbedding.objects.filter(pk__in=ids[start : start + KEYS].tolist()).order_by()
        owners |= dict(rows.values_list("pk", "product_id"))
    return owners


def _groups(product_ids: Sequence[Any]) -> dict[Any, str]:
    gallery = get_gallery()
    if not gallery.grouped:
        return {}
    return {pk: gallery.group_of(product) for pk, product in gallery.visible().in_bulk(product_ids).items()}


def _by_keys(ask: Callable[[Sequence[Any]], Mapping[Any, Any]], keys: Sequence[Any]) -> dict[Any, Any]:
    """Ask about so many keys at a time as databases take."""
    found: dict[Any, Any] = {}
    for start in range(0, len(keys), KEYS):
        found |= ask(keys[start : start + KEYS])
    return found
