"""What the shop has, written down: one row per photo, pending until it is embedded."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby, islice, product
from typing import Any

from django.db import transaction
from django.utils import timezone

from recommendations import current
from recommendations.gallery import Photo, get_gallery
from recommendations.models import ImageEmbedding, next_revisions

CHUNK = 500
Status = ImageEmbedding.Status


def mark_pending(product_ids: Sequence[Any], *, touched: bool = False) -> list[int]:
    """Make the rows of these products say what their photos are now; return the ids of rows to compute.

    A new photo gets a pending row; a replaced one is pending again and out of every answer from this commit on; a
    row whose photo is gone goes. Runs in the caller's transaction, where there is one.

    Args:
        product_ids: keys of the products to look at.
        touched: the photos themselves were saved: rows still waiting are taken from whoever computes them now, and
            ready ones are returned too, for the checksum to tell whether the file changed under its old name.

    Raises:
        WeightsError: the embedder has no name, because its weights are missing.
    """
    embedders = current.embedders_in_use()
    photos = {
        product_id: list(group)
        for product_id, group in groupby(get_gallery().photos(product_ids), key=lambda photo: photo.product_id)
    }
    with transaction.atomic():
        known: dict[Any, list[ImageEmbedding]] = {product_id: [] for product_id in product_ids}
        for row in ImageEmbedding.objects.filter(product__in=product_ids).defer("vector"):
            known.setdefault(row.product_id, []).append(row)
        wanted: list[int] = []
        new: list[ImageEmbedding] = []
        for product_id, rows in known.items():
            wanted += _reconcile(product_id, photos.get(product_id, []), rows, embedders, new, touched=touched)
        # Two saves at once may both find a photo without a row: the constraint lets one in, both may compute it.
        ImageEmbedding.objects.bulk_create(new, ignore_conflicts=True)
    if new:
        wanted += (
            ImageEmbedding.objects.filter(embedder__in=embedders, status=Status.PENDING)
            .filter(product__in={row.product_id for row in new})
            .values_list("pk", flat=True)
        )
    return sorted(set(wanted))


def _reconcile(
    product_id: Any,
    photos: Sequence[Photo],
    rows: Sequence[ImageEmbedding],
    embedders: Sequence[str],
    new: list[ImageEmbedding],
    *,
    touched: bool,
) -> list[int]:
    """Update one product's rows, collect those to create in ``new``; return ids of rows to compute."""
    by_key = {photo.key: (position, photo) for position, photo in enumerate(photos)}
    own = {(row.embedder, row.photo_key): row for row in rows}
    # A vector of an embedder out of use is kept only while its photo is what it was.
    gone = [
        row.pk
        for row in rows
        if row.photo_key not in by_key
        or (row.embedder not in embedders and row.photo_name != by_key[row.photo_key][1].name)
    ]
    if gone:
        ImageEmbedding.objects.filter(pk__in=gone).delete()
    wanted = []
    for embedder, (key, (position, photo)) in product(embedders, by_key.items()):
        row = own.get((embedder, key))
        if row is None:
            new.append(
                ImageEmbedding(
                    product_id=product_id,
                    photo_key=key,
                    photo_name=photo.name,
                    position=position,
                    embedder=embedder,
                )
            )
            continue
        if row.photo_name != photo.name:
            _restart(row, photo.name)
            wanted.append(row.pk)
        elif row.status == Status.PENDING or touched:
            if touched:
                # Whoever computes it now may have read the old file.
                ImageEmbedding.objects.filter(pk=row.pk).update(claim="", claimed=None)
            if row.status == Status.FAILED:
                _restart(row, photo.name)
            wanted.append(row.pk)
        if row.position != position:
            ImageEmbedding.objects.filter(pk=row.pk).update(position=position)
    return wanted


def _restart(row: ImageEmbedding, photo_name: str) -> None:
    """Make a row pending for another file; readers hear of it where they knew its old vector."""
    ImageEmbedding.objects.filter(pk=row.pk).update(
        photo_name=photo_name,
        status=Status.PENDING,
        attempts=0,
        reason="",
        checksum="",
        vector=None,
        claim="",
        claimed=None,
        queued=None,
        revision=next_revisions(1) if row.revision else 0,
        updated=timezone.now(),
    )


def mark_all_pending(*, progress: Callable[[int], Any] | None = None) -> int:
    """Look at every product as ``mark_pending`` does; return how many were looked at.

    This finds what no signal told: bulk_create, update(), rows written past Django. Memory is constant.

    Args:
        progress: called with the number of products after each chunk.
    """
    seen = 0
    embedders = current.embedders_in_use()
    for product_ids in _chunks(get_gallery().products().order_by("pk").values_list("pk", flat=True).iterator()):
        if _differs(product_ids, embedders):
            mark_pending(product_ids)
        seen += len(product_ids)
        if progress:
            progress(len(product_ids))
    return seen


def _differs(product_ids: Sequence[Any], embedders: Sequence[str]) -> bool:
    """Return whether the rows of these products are not what their photos say. Reads, takes no lock."""
    photos = {(photo.product_id, photo.key): photo.name for photo in get_gallery().photos(product_ids)}
    rows = ImageEmbedding.objects.filter(product__in=product_ids)
    own: dict[str, dict[tuple[Any, str], str]] = {embedder: {} for embedder in embedders}
    for product_id, key, name, by in rows.values_list("product_id", "photo_key", "photo_name", "embedder"):
        if photos.get((product_id, key)) != name:
            return True
        if by in own:
            own[by][product_id, key] = name
    return any(known != photos for known in own.values())


def mark_queued(ids: Sequence[int]) -> None:
    """Remember that a task was sent for these rows, so that the sweep leaves them alone for a while."""
    ImageEmbedding.objects.filter(pk__in=ids).update(queued=timezone.now())


def reset_failed(ids: Iterable[int] | None = None) -> int:
    """Give failed rows (these, or all) a fresh start; return how many."""
    rows = ImageEmbedding.objects.filter(embedder__in=current.embedders_in_use(), status=Status.FAILED)
    if ids is not None:
        rows = rows.filter(pk__in=list(ids))
    return rows.update(
        status=Status.PENDING, attempts=0, reason="", claim="", claimed=None, queued=None, updated=timezone.now()
    )


def _chunks(items: Iterator[Any], size: int = CHUNK) -> Iterator[list[Any]]:
    while chunk := list(islice(items, size)):
        yield chunk
