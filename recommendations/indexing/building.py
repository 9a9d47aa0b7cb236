"""All ready rows → a new release, built beside the live one and published in one step."""

from __future__ import annotations

import logging
import os
import socket
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from django.db import DatabaseError, connection, transaction
from django.db.models import Max, Q
from django.utils import timezone
from numpy.typing import NDArray

from recommendations import conf, current, serving
from recommendations.exceptions import BuildError, BusyError, ReleaseError, StorageError
from recommendations.indexes import release as releases
from recommendations.indexes import travel
from recommendations.indexes.fresh import OwnIndex
from recommendations.indexes.travel import Storage
from recommendations.indexing.calibrating import calibrated_levels, calibration_wanted
from recommendations.levels import from_record
from recommendations.models import ImageEmbedding, IndexRelease, Lease

logger = logging.getLogger(__name__)

LEASE = "build"
#: A build that finds this much less than the live release does is not published.
WORST_RECALL_LOSS = 0.02
CHUNK = 2_000
#: How long a release that another one has taken over from stays, however many there are.
GRACE = timedelta(seconds=60)


def refresh_index(*, on_progress: Callable[[str], None] | None = None) -> str:
    """Bring the index up to date, by a new release or as the index itself asks; return in a sentence what was done.

    Raises:
        BusyError, BuildError: as ``build_release``.
    """
    if own := current.own_index():
        with _lease() as still_held:
            embedder = next_embedder()
            index = own(embedder)
            done = index.upkeep(on_progress)
            _calibrate(index, on_progress)
            with transaction.atomic():
                still_held()
                return f"{done} {_switched(embedder)}".rstrip()
    release = build_release(on_progress=on_progress)
    recall = "" if release.recall is None else f", recall@5 of the index {release.recall:.3f}"
    return (
        f"Release {release.name} is live: {release.count:,} photos, {release.bytes / 1e6:.1f} MB"
        f"{recall}, {release.build_seconds:.1f} s."
    )


def next_embedder() -> str:
    """Return the embedder that the next release is built for: the one that answers, or the one to switch to now.

    The settings' own takes over once its coverage reaches VOGUE["SWITCH_COVERAGE"].
    """
    wanted = current.embedder_name()
    found = serving.ask()
    if found is None or found.embedder == wanted:
        return wanted
    # At least something: an index of nothing answers nothing.
    least = max(conf.get("SWITCH_COVERAGE"), 1e-9)
    return wanted if serving.coverage(wanted, found.embedder) >= least else found.embedder


def switch_wanted() -> bool:
    """Return whether the settings' embedder may take over from the one that answers."""
    found = serving.ask()
    return found is not None and found.embedder != next_embedder()


def _switched(embedder: str) -> str:
    """Let this embedder answer; return that in a sentence where another one did. Runs in a transaction."""
    found = serving.ask()
    if found is not None and found.embedder == embedder:
        return ""
    serving.serve(embedder)
    if found is None:
        return ""
    logger.info("%s answers from now on", embedder)
    return f"{embedder} answers from now on."


def build_release(*, on_progress: Callable[[str], None] | None = None) -> IndexRelease:
    """Build a release from every ready embedding of the embedder whose turn it is, and make it live.

    Args:
        on_progress: called with a line of text at each step.

    Raises:
        BusyError: another process is building.
        BuildError: nothing to index, no room, or the result is worse than what is live; the live release stays. Also
            where the database keeps the index itself.
    """
    if current.own_index():
        raise BuildError(f"VOGUE_INDEX is {conf.get('INDEX')}: the database keeps that index, nothing is released.")
    with _lease() as still_held:
        started = time.monotonic()
        embedder = next_embedder()
        revision, ids, revisions, vectors = _read_vectors(embedder)
        if not len(ids):
            raise BuildError("There is nothing to index yet. Run manage.py embed_products first.")
        root = conf.release_dir()
        root.mkdir(parents=True, exist_ok=True)
        releases.clean_leftovers(root)
        name = f"{timezone.now():%Y%m%d-%H%M%S}-{uuid.uuid4().hex[:6]}"
        levels = calibrated_levels(embedder, ids, vectors, earlier=_earlier_levels(embedder), on_progress=on_progress)
        manifest = releases.write_release(
            root,
            name,
            levels=levels,
            ids=ids,
            revisions=revisions,
            vectors=vectors,
            embedder=embedder,
            revision=revision,
            backend=conf.get("INDEX"),
            trees=conf.get("TREES"),
            recall_target=conf.get("RECALL_TARGET"),
            on_progress=on_progress,
        )
        release = IndexRelease(
            name=name,
            status=IndexRelease.Status.PUBLISHED,
            embedder=embedder,
            backend=manifest.backend,
            revision=revision,
            count=manifest.count,
            dimensions=manifest.dimensions,
            recall=manifest.recall,
            parameters=dict(manifest.parameters),
            bytes=sum(file["bytes"] for file in manifest.files.values()),
            build_seconds=round(time.monotonic() - started, 3),
        )
        try:
            _refuse_a_worse_one(release)
            _store(release, on_progress)
            _publish(release, still_held)
        except BaseException:
            _discard(name)
            raise
        logger.info("Release %s is live: %d photos, recall@5 %s", name, release.count, release.recall)
        _prune()
    return release


def build_wanted() -> bool:
    """Return whether the live release differs from what a build would hold, or another embedder may take over."""
    if switch_wanted():
        return True
    embedder = serving.serving_name(current.embedder_name())
    if own := current.own_index():
        index = own(embedder)
        count = ImageEmbedding.objects.ready(embedder).count()
        return index.upkeep_wanted() or calibration_wanted(index.snapshot().levels_record(), count)
    live = IndexRelease.objects.filter(live=True).first()
    ready = ImageEmbedding.objects.ready(embedder)
    # Where Annoy does not work here, a build would hold an exact index, and the live one may be just that.
    if live is None or live.embedder != embedder or live.backend != releases.usable_backend(conf.get("INDEX")):
        return ready.exists()
    # A deletion leaves no revision behind: the count tells.
    if newest_revision(embedder) > live.revision or ready.count() != live.count:
        return True
    storage = conf.release_storage()
    try:
        # Other hosts cannot fetch it, say because the storage is new.
        return storage is not None and not travel.is_stored(storage, live.name)
    except StorageError as error:
        logger.warning("%s", error)
        return False


def _earlier_levels(embedder: str) -> Any:
    """Return the record of the levels of this embedder's newest release."""
    releases_ = IndexRelease.objects.filter(embedder=embedder, status=IndexRelease.Status.PUBLISHED)
    parameters = releases_.values_list("parameters", flat=True).first()
    return parameters.get("levels") if parameters else None


def _calibrate(index: OwnIndex, on_progress: Callable[[str], None] | None) -> None:
    """Calibrate the levels of an index that the database keeps, where they are wanted."""
    earlier = index.snapshot().levels_record()
    count = ImageEmbedding.objects.ready(index.embedder).count()
    if calibration_wanted(earlier if from_record(earlier) else None, count):
        _, ids, _, vectors = _read_vectors(index.embedder)
        record = calibrated_levels(index.embedder, ids, vectors, on_progress=on_progress)
        # Where it failed, that too: the sweep does not try without end, rebuild_index does.
        index.keep_levels(record or {"facts": {"gallery": count}})


def newest_revision(embedder: str) -> int:
    """Return the newest revision of this embedder's rows, 0 where there are none. One look in an index."""
    newest: int | None = ImageEmbedding.objects.filter(embedder=embedder).aggregate(newest=Max("revision"))["newest"]
    return newest or 0


def rollback_release(to: str = "") -> IndexRelease:
    """Make an earlier release live: the one named, or the one before the live one.

    Raises:
        ReleaseError: there is none, it is not whole on this disk, or another embedder's.
    """
    if current.own_index():
        raise ReleaseError(f"VOGUE_INDEX is {conf.get('INDEX')}: there are no releases to go back to.")
    answering = serving.serving_name(current.embedder_name())
    live = IndexRelease.objects.filter(live=True).first()
    kept = IndexRelease.objects.filter(status=IndexRelease.Status.PUBLISHED, live=False)
    if to:
        target = kept.filter(name=to).first()
    else:
        earlier = kept.filter(embedder=answering)
        target = earlier.filter(created__lt=live.created).first() if live else earlier.first()
    if target is not None and target.embedder != answering:
        raise ReleaseError(
            f"Release {target.name} was built by {target.embedder}, and {answering} answers. Set the weights back: the "
            "earlier embedder takes over again once all photos are embedded by it."
        )
    if target is None:
        names = ", ".join(kept.values_list("name", flat=True)) or "none"
        raise ReleaseError(f"There is no {to or 'earlier'} release to go back to. Kept: {names}.")
    storage = conf.release_storage()
    if storage is None or releases.is_here(conf.release_dir(), target.name):
        releases.open_release(conf.release_dir(), target.name, embedder=answering)
    if storage is not None and not travel.is_stored(storage, target.name):
        _store(target)
    _publish(target)
    return target


def _read_vectors(embedder: str) -> tuple[int, NDArray[np.int64], NDArray[np.int64], NDArray[np.float32]]:
    """Return the newest revision, then ids, revisions (int64 (n,)) and vectors (float32 (n, d)) up to it, by id.

    A row that changes while this reads gets a newer revision and is left to the next release; readers scan it.
    """
    revision = newest_revision(embedder)
    rows = ImageEmbedding.objects.ready(embedder).filter(revision__lte=revision).order_by("pk")
    ids: list[int] = []
    revisions: list[int] = []
    parts: list[NDArray[np.float32]] = []
    chunk: list[bytes] = []

    def flush() -> None:
        if chunk:
            parts.append(np.frombuffer(b"".join(chunk), "<f4").reshape(len(chunk), -1))
            chunk.clear()

    for pk, row_revision, vector in rows.values_list("pk", "revision", "vector").iterator(chunk_size=CHUNK):
        ids.append(pk)
        revisions.append(row_revision)
        chunk.append(bytes(vector or b""))
        if len(chunk) == CHUNK:
            flush()
    flush()
    vectors = np.concatenate(parts) if parts else np.empty((0, 0), np.float32)
    return revision, np.array(ids, np.int64), np.array(revisions, np.int64), vectors.astype(np.float32, copy=False)


def _refuse_a_worse_one(release: IndexRelease) -> None:
    """Keep the live release where the new one finds clearly less; the new one's row says why."""
    live = IndexRelease.objects.filter(live=True, embedder=release.embedder, backend=release.backend).first()
    if live is None or live.recall is None or release.recall is None:
        return
    if release.recall < live.recall - WORST_RECALL_LOSS:
        release.status = IndexRelease.Status.REJECTED
        release.reason = f"recall@5 {release.recall:.3f}, the live release has {live.recall:.3f}."
        release.save()
        raise BuildError(f"Release {release.name} was not published: {release.reason} {live.name} stays live.")


def _store(release: IndexRelease, on_progress: Callable[[str], None] | None = None) -> None:
    """Put the release where other hosts find it, where there is such a place; BuildError where that fails."""
    storage = conf.release_storage()
    if storage is None:
        return
    try:
        travel.store_release(storage, conf.release_dir(), release.name, on_progress=on_progress)
    except ReleaseError as error:
        raise BuildError(f"Release {release.name} is not published, other hosts could not fetch it: {error}") from error
    release.stored = True


def _discard(name: str) -> None:
    """Remove what there is of a release that was not published."""
    try:
        releases.remove_release(conf.release_dir(), name)
        if storage := conf.release_storage():
            travel.remove_stored(storage, name)
    except (OSError, ReleaseError) as error:
        # Why it was not published matters more; the next build removes what is left.
        logger.warning("Release %s, which is not published, could not be removed: %s", name, error)


def _publish(release: IndexRelease, still_held: Callable[[], None] | None = None) -> None:
    """Flip the pointer, and switch to the release's embedder: one transaction, the last step."""
    with transaction.atomic():
        if still_held:
            still_held()
        IndexRelease.objects.filter(live=True).update(live=False, retired=timezone.now())
        release.live, release.retired = True, None
        release.save()
        _switched(release.embedder)


def _prune() -> None:
    """Remove releases beyond VOGUE["KEEP_RELEASES"], here and from the storage. Called while the lease is held.

    Who reads one keeps its mapping until they move on: an unlinked file lives as long as somebody has it open. Who is
    about to open one, having just been told its name, gets ``GRACE`` to do so.
    """
    published = IndexRelease.objects.filter(status=IndexRelease.Status.PUBLISHED)
    kept = {release.name for release in published[: max(1, conf.get("KEEP_RELEASES"))]}
    kept |= set(published.filter(Q(live=True) | Q(retired__gt=timezone.now() - GRACE)).values_list("name", flat=True))
    storage = conf.release_storage()
    for release in published.exclude(name__in=kept):
        try:
            releases.remove_release(conf.release_dir(), release.name)
            if storage is not None and travel.is_stored(storage, release.name):
                travel.remove_stored(storage, release.name)
        except (OSError, StorageError) as error:
            logger.warning("Release %s could not be removed; the next build tries again: %s", release.name, error)
        else:
            release.delete()
    _prune_unknown(storage)


def _prune_unknown(storage: Storage | None) -> None:
    """Remove what builds that died left in the storage: at once what is not whole, after a day what is."""
    if storage is None:
        return
    known = set(IndexRelease.objects.values_list("name", flat=True))
    yesterday = f"{timezone.now() - timedelta(days=1):%Y%m%d-%H%M%S}"
    try:
        for name in travel.stored_releases(storage):
            if name not in known and (name < yesterday or not travel.is_stored(storage, name)):
                logger.info("Release %s in the storage was never published; it is removed", name)
                travel.remove_stored(storage, name)
    except StorageError as error:
        logger.warning("The storage could not be tidied up; the next build tries again: %s", error)


@contextmanager
def _lease() -> Iterator[Callable[[], None]]:
    """Hold the build lease, renewed by a heartbeat; a holder that dies loses it after VOGUE["LEASE_SECONDS"].

    What is yielded raises BusyError where another one has taken over meanwhile (this process slept, say); called in
    the transaction that publishes, it keeps others from taking over before that commits.

    Raises:
        BusyError: somebody else holds it.
    """
    holder = f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex[:8]}"
    seconds = conf.get("LEASE_SECONDS")

    def expiry() -> datetime:
        return timezone.now() + timedelta(seconds=seconds)

    with transaction.atomic():
        Lease.objects.get_or_create(name=LEASE, defaults={"holder": "", "expires": timezone.now()})
        if not Lease.objects.filter(name=LEASE, expires__lte=timezone.now()).update(holder=holder, expires=expiry()):
            other = Lease.objects.get(name=LEASE)
            raise BusyError(
                f"{other.holder} is building the index already; its lease runs to {other.expires:%H:%M:%S}."
            )
    stop = threading.Event()

    def beat() -> None:
        try:
            while not stop.wait(seconds / 3):
                try:
                    Lease.objects.filter(name=LEASE, holder=holder).update(expires=expiry())
                except DatabaseError:
                    logger.warning("The build lease could not be renewed", exc_info=True)
        finally:
            connection.close()  # this thread's own

    heart = threading.Thread(target=beat, name="vogue-build-lease", daemon=True)

    def still_held() -> None:
        if not Lease.objects.filter(name=LEASE, holder=holder).update(expires=expiry()):
            raise BusyError("The build lease was lost: this process was away for too long, and another one builds.")

    heart.start()
    try:
        yield still_held
    finally:
        stop.set()
        heart.join()
        Lease.objects.filter(name=LEASE, holder=holder).update(expires=timezone.now())
