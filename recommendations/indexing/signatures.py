"""Signatures for photos that were embedded before there were any: read again, a few at a time, without the network."""

from __future__ import annotations

import logging

from recommendations.exceptions import InvalidImageError
from recommendations.gallery import get_gallery
from recommendations.images import LOOK_SIDE, decode_product_photo
from recommendations.models import ImageEmbedding
from recommendations.signatures import signature

logger = logging.getLogger(__name__)

#: Rows looked at in one go: their photos are listed together.
CHUNK = 200


def fill_signatures(most: int) -> int:
    """Read the colours and outlines of up to ``most`` embedded photos that lack them; return how many were read.

    A photo that is no picture any more is marked as such; a file that cannot be read now is left for the next time.
    """
    rows = ImageEmbedding.objects.filter(status=ImageEmbedding.Status.READY, signature=None).order_by("pk")
    ids = list(rows.values_list("pk", flat=True))
    done = 0
    for start in range(0, len(ids), CHUNK):
        done += _fill(ids[start : start + CHUNK], most - done)
        if done >= most:
            break
    if done:
        logger.info("Read the colours and outlines of %d photos", done)
    return done


def _fill(ids: list[int], most: int) -> int:
    rows = list(ImageEmbedding.objects.filter(pk__in=ids).only("pk", "product_id", "photo_key", "photo_name"))
    photos = {(p.product_id, p.key): p for p in get_gallery().photos({row.product_id for row in rows})}
    done = 0
    for row in rows:
        photo = photos.get((row.product_id, row.photo_key))
        if done >= most:
            break
        if photo is None or photo.name != row.photo_name:
            continue  # mark_pending's to see to
        try:
            with photo.open() as file:
                found = signature(decode_product_photo(file.read(), target=LOOK_SIDE))
        except InvalidImageError:
            found = b""
        except OSError:
            continue
        # Not where another file was embedded meanwhile: that came with its own.
        done += ImageEmbedding.objects.filter(pk=row.pk, photo_name=photo.name, signature=None).update(signature=found)
    return done
