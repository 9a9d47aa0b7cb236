"""Photo → vector → ready row. Idempotent; safe when several workers are given the same ids."""

from __future__ import annotations

import hashlib
import logging
import uuid
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any, NamedTuple

import numpy as np
from django.db import connection, transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone
from numpy.typing import NDArray
from PIL import Image

from recommendations import conf, current
from recommendations.exceptions import EngineError, InvalidImageError, WeightsError
from recommendations.gallery import Photo, get_gallery
from recommendations.images import LOOK_SIDE, decode_product_photo
from recommendations.models import ImageEmbedding, next_revisions
from recommendations.signatures import signature

logger = logging.getLogger(__name__)

Status = ImageEmbedding.Status
#: A claim older than this belongs to a worker that died: longer than the tasks' hard time limit.
CLAIM_SECONDS = 180


class _Loaded(NamedTuple):
    row: ImageEmbedding
    checksum: str
    image: Image.Image
    signature: bytes


def claimable(rows: QuerySet[ImageEmbedding]) -> QuerySet[ImageEmbedding]:
    """Narrow ``rows`` to those nobody is computing."""
    dead = timezone.now() - timedelta(seconds=CLAIM_SECONDS)
    return rows.filter(Q(claim="") | Q(claimed__lt=dead))


def embed_photos(ids: Sequence[int], *, claim: str = "") -> int:
    """Embed the photos of these rows, each by its row's embedder; return how many became ready.

    Ready rows are computed again only where the file's checksum changed. A photo that cannot be read fails with its
    reason; one that killed its worker is tried alone, last, and fails after VOGUE["MAX_ATTEMPTS"].

    Args:
        ids: keys of ImageEmbedding rows. Those that are gone, done, or somebody else's are passed over.
        claim: a name for this run; a run of the same name (a task delivered again) may go on with its rows.

    Raises:
        EngineError, WeightsError: the network cannot run; the rows stay pending and lose no attempt.
    """
    claim = claim or uuid.uuid4().hex
    current.remember_embedder()
    done = 0
    *earlier, wanted = current.embedders_in_use()
    for embedder in earlier:
        try:
            done += _embed_by(embedder, ids, claim)
        except (EngineError, WeightsError) as error:
            # It answers for a while yet, but the other one must not wait for it.
            logger.warning("%s cannot embed new photos any more: %s", embedder, error)
    return done + _embed_by(wanted, ids, claim)


def _embed_by(embedder: str, ids: Sequence[int], claim: str) -> int:
    """Embed those of these rows that are this embedder's; return how many became ready."""
    _recheck_ready(ids, embedder)
    return sum(_embed_batch(batch, embedder, claim) for batch in _claimed_batches(ids, embedder, claim))


def _recheck_ready(ids: Sequence[int], embedder: str) -> None:
    """Make ready rows pending again where their file is not the one that was embedded."""
    rows = list(ImageEmbedding.objects.ready(embedder).filter(pk__in=ids).defer("vector"))
    photos = _photos(rows)
    for row in rows:
        photo = photos.get((row.product_id, row.photo_key))
        if photo is None or photo.name != row.photo_name:
            continue  # mark_pending's to see to
        try:
            checksum = hashlib.sha256(_read(photo)).hexdigest()
        except OSError:
            continue  # an old vector beats none; a search never needs the file
        if checksum != row.checksum:
            with transaction.atomic():
                ImageEmbedding.objects.filter(pk=row.pk, checksum=row.checksum).update(
                    status=Status.PENDING, vector=None, attempts=0, claim="", revision=next_revisions(1)
                )


def _claimed_batches(ids: Sequence[int], embedder: str, claim: str) -> Iterator[list[ImageEmbedding]]:
    """Yield claimed rows: fresh ones in batches, then those tried before one by one, least tried first.

    Attempts are counted as a row is claimed, before its photo is opened: a photo that kills the process has been
    counted, and only that one where it was alone.
    """
    pending = ImageEmbedding.objects.pending(embedder).filter(pk__in=ids)
    tried = list(pending.filter(attempts__gt=0).order_by("attempts", "pk").values_list("pk", flat=True))
    while batch := _claim(pending.filter(attempts=0).order_by("pk")[: conf.get("BATCH_SIZE")], claim):
        yield batch
    for pk in tried:
        if batch := _claim(ImageEmbedding.objects.filter(pk=pk, status=Status.PENDING), claim):
            yield batch


def _claim(rows: QuerySet[ImageEmbedding], claim: str) -> list[ImageEmbedding]:
    """Take those of ``rows`` that are free (or already this run's), and count the attempt."""
    dead = timezone.now() - timedelta(seconds=CLAIM_SECONDS)
    with transaction.atomic():
        keys = list(rows.values_list("pk", flat=True))
        free = ImageEmbedding.objects.filter(pk__in=keys, status=Status.PENDING)
        free = free.filter(Q(claim="") | Q(claim=claim) | Q(claimed__lt=dead)).defer("vector").order_by("pk")
        if connection.features.has_select_for_update_skip_locked:
            free = free.select_for_update(skip_locked=True)
        taken = list(free)
        spent = [row.pk for row in taken if row.attempts >= conf.get("MAX_ATTEMPTS")]
        if spent:
            ImageEmbedding.objects.filter(pk__in=spent).update(
                status=Status.FAILED,
                reason=f"Gave up after {conf.get('MAX_ATTEMPTS')} tries that did not come to an end.",
                claim="",
                updated=timezone.now(),
            )
        taken = [row for row in taken if row.pk not in spent]
        ImageEmbedding.objects.filter(pk__in=[row.pk for row in taken]).update(
            attempts=F("attempts") + 1, claim=claim, claimed=timezone.now()
        )
    return taken


def _embed_batch(rows: Sequence[ImageEmbedding], embedder: str, claim: str) -> int:
    pairs = list(_with_photos(rows, claim))
    with ThreadPoolExecutor(2) as pool:  # decoding and reading leave the GIL
        outcomes = list(pool.map(_load, pairs))
    loaded = []
    for (row, _), outcome in zip(pairs, outcomes, strict=True):
        if isinstance(outcome, _Loaded):
            loaded.append(outcome)
        else:
            _settle(row, claim, outcome)
    if not loaded:
        return 0
    try:
        vectors = _embed(loaded, embedder, claim)
    except BaseException:
        # Not the photos' fault (Ctrl-C, too): they keep their attempt and wait for a network that runs.
        ImageEmbedding.objects.filter(pk__in=[item.row.pk for item in loaded], claim=claim).update(
            attempts=F("attempts") - 1, claim="", claimed=None, queued=None
        )
        raise
    return _store(vectors, claim)


def _embed(loaded: Sequence[_Loaded], embedder: str, claim: str) -> list[tuple[_Loaded, NDArray[np.float32]]]:
    """Run the network; a photo whose vector is no direction fails alone."""
    network = current.embedder_named(embedder)
    try:
        return list(zip(loaded, network.embed([item.image for item in loaded]), strict=True))
    except EngineError:
        if len(loaded) == 1:
            raise
    vectors = []
    failures: list[tuple[_Loaded, EngineError]] = []
    for item in loaded:
        try:
            vectors.append((item, network.embed([item.image])[0]))
        except EngineError as error:
            failures.append((item, error))
    if not vectors:
        raise failures[0][1]
    for item, failure in failures:
        _settle(item.row, claim, str(failure))
    return vectors


def _store(vectors: Sequence[tuple[_Loaded, NDArray[np.float32]]], claim: str) -> int:
    """Make rows ready, in one transaction; a row replaced meanwhile keeps its newer state."""
    stored = 0
    with transaction.atomic():
        first = next_revisions(len(vectors))
        for offset, (item, vector) in enumerate(vectors):
            stored += ImageEmbedding.objects.filter(pk=item.row.pk, claim=claim, photo_name=item.row.photo_name).update(
                status=Status.READY,
                reason="",
                checksum=item.checksum,
                vector=vector.astype("<f4").tobytes(),
                signature=item.signature,
                revision=first + offset,
                claim="",
                claimed=None,
                updated=timezone.now(),
            )
    if stored < len(vectors):
        logger.info("%d photos were replaced or deleted while being embedded", len(vectors) - stored)
    return stored


def _with_photos(rows: Sequence[ImageEmbedding], claim: str) -> Iterator[tuple[ImageEmbedding, Photo]]:
    """Yield each row with its photo as it is now; a row whose photo is gone goes."""
    photos = _photos(rows)
    for row in rows:
        photo = photos.get((row.product_id, row.photo_key))
        if photo is None:
            ImageEmbedding.objects.filter(pk=row.pk, claim=claim).delete()
            logger.info("Photo %s of product %s is gone", row.photo_name, row.product_id)
            continue
        if photo.name != row.photo_name:
            ImageEmbedding.objects.filter(pk=row.pk, claim=claim).update(photo_name=photo.name)
            row.photo_name = photo.name
        yield row, photo


def _load(pair: tuple[ImageEmbedding, Photo]) -> _Loaded | str | OSError:
    """Return the photo, decoded as a shopper's would be, the reason it never will be, or the error that may pass."""
    row, photo = pair
    try:
        data = _read(photo)
        image = decode_product_photo(data, target=LOOK_SIDE)
        return _Loaded(row, hashlib.sha256(data).hexdigest(), image, signature(image))
    except InvalidImageError as error:
        return str(error)
    except OSError as error:
        return error


def _settle(row: ImageEmbedding, claim: str, outcome: str | OSError) -> None:
    """Write down why a row did not become ready: for good, or until the next try."""
    last = isinstance(outcome, str) or row.attempts + 1 >= conf.get("MAX_ATTEMPTS")
    reason = outcome if isinstance(outcome, str) else f"The file could not be read: {outcome}"
    ImageEmbedding.objects.filter(pk=row.pk, claim=claim).update(
        status=Status.FAILED if last else Status.PENDING,
        reason=reason[:300],
        claim="",
        claimed=None,
        queued=None,
        updated=timezone.now(),
    )
    logger.warning("Photo %s of product %s: %s", row.photo_name, row.product_id, reason)


def _photos(rows: Sequence[ImageEmbedding]) -> dict[tuple[Any, str], Photo]:
    products = {row.product_id for row in rows}
    return {(photo.product_id, photo.key): photo for photo in get_gallery().photos(products)} if rows else {}


def _read(photo: Photo) -> bytes:
    with photo.open() as file:
        return file.read()
