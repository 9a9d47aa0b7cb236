"""What the page and the API share: a sent photo becomes an answer, or a refusal in words with a status code."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import IO, Any

from django.db import DatabaseError
from django.utils.translation import gettext as _
from PIL import Image

from recommendations import metrics
from recommendations.exceptions import IndexUnavailableError, InvalidImageError, SwitchPendingError, VogueError
from recommendations.images import crop_to_box, decode_query_photo
from recommendations.search import Answer, search_by_image
from recommendations.throttling import TooBusyError, search_turn

logger = logging.getLogger(__name__)

Box = tuple[float, float, float, float]
#: What can go wrong beneath a search that is not the visitor's doing.
FAULTS = (VogueError, DatabaseError, OSError)


@dataclass(frozen=True)
class PhotoAnswer:
    """What was found, and the picture that was searched with: upright, cropped to the box."""

    answer: Answer
    image: Image.Image


@dataclass(frozen=True)
class Refusal:
    """Why there is no answer. ``about_photo`` tells the visitor's photo from the shop's own trouble."""

    status: int
    message: str
    about_photo: bool = False
    retry_after: int | None = None


def answer_photo(
    photo: IO[bytes],
    *,
    box: Box | None,
    k: int | None,
    filters: Mapping[str, Any],
    diversity: float | None = None,
) -> PhotoAnswer:
    """Decode, crop and search, when it is this search's turn. The photo is not kept.

    Raises:
        InvalidImageError: the photo, or what the box leaves of it, cannot be used.
        TooBusyError: too many others are searching.
        IndexUnavailableError, EngineError, WeightsError, DatabaseError: as ``search.search_by_image``.
    """
    with metrics.measured("photo"):
        asked = time.perf_counter()
        with search_turn():
            started = time.perf_counter()
            image = decode_query_photo(photo)
            if box:
                image = crop_to_box(image, box)
            decoded = time.perf_counter()
            answer = search_by_image(image, k, filters=filters, diversity=diversity)
    answer = replace(answer, took_ms={"decode": round((decoded - started) * 1000, 2), **answer.took_ms})
    metrics.observe_stages("photo", {"wait": (started - asked) * 1000, **answer.took_ms})
    return PhotoAnswer(answer, image)


def refusal(error: Exception) -> Refusal:
    """Return what to tell a visitor of one of ``FAULTS``; the shop's own trouble goes to the log instead."""
    if isinstance(error, InvalidImageError):
        status = {"too_large": 413, "unsupported_type": 415}.get(error.code, 400)
        return Refusal(status, str(error), about_photo=True)
    if isinstance(error, TooBusyError):
        return Refusal(503, _("Many people are searching right now. Try again in a few seconds."), retry_after=5)
    if isinstance(error, IndexUnavailableError):
        logger.warning("Photo search: %s", error)
        message = _("Photo search is not ready yet: the shop's photos are still being read. Try again in a minute.")
        return Refusal(503, message, retry_after=60)
    if isinstance(error, SwitchPendingError):
        logger.warning("Photo search: %s", error)
        message = _("Photo search is being renewed and will be back soon. Similar products are shown as always.")
        return Refusal(503, message, retry_after=60)
    logger.error("Photo search cannot run", exc_info=error)
    return Refusal(503, _("Photo search is not working at the moment. Try again later."), retry_after=30)
