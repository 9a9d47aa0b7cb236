"""Celery tasks: each takes ids and calls one function. A queued task is a hint, the pending row is the truth."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from celery import Task, shared_task
from django.apps import apps
from django.core.cache import cache
from django.db import OperationalError
from django.db.models import Q
from django.utils import timezone

from recommendations import conf, current, indexing, serving
from recommendations.exceptions import BuildError, BusyError, VogueError
from recommendations.models import ImageEmbedding, IndexRelease

logger = logging.getLogger(__name__)

#: After a failed publish nothing is sent for this long: a broker that is down must not slow every save.
BREAK_SECONDS = 30.0
#: What was sent this long ago and is still pending was lost, or waits in a very long queue; sending twice is harmless.
REQUEUE_AFTER = timedelta(seconds=300)
#: Most rows one sweep sends.
SWEEP_LIMIT = 10_000

#: How often events that are too old are looked for.
CLEAN_SECONDS = 6 * 3600.0
#: Photos whose colours one sweep reads, where they were embedded before colours were: some ten milliseconds each.
SIGNATURES = 1_000

_broken_until = 0.0


@shared_task(
    bind=True, soft_time_limit=120, time_limit=150, autoretry_for=(OperationalError,), retry_backoff=True, max_retries=5
)
def embed_photos(self: Task, ids: Sequence[int]) -> None:
    """Embed these rows' photos; start a rebuild once enough is new, or another embedder may take over."""
    try:
        indexing.embed_photos(ids, claim=self.request.id or "")
    except VogueError:
        # The network cannot run here and now; the rows are pending still, and the sweep sends them again.
        logger.exception("%d photos stay pending", len(ids))
        return
    if (_enough_is_new() or _switch_wanted()) and cache.add("vogue-rebuild-queued", "1", timeout=60):
        publish(rebuild_index)


@shared_task(soft_time_limit=540, time_limit=600)
def sweep_pending() -> None:
    """Find photos no signal told of, and send again what stayed pending."""
    indexing.mark_all_pending()
    old = timezone.now() - REQUEUE_AFTER
    rows = ImageEmbedding.objects.filter(embedder__in=current.embedders_in_use(), status=ImageEmbedding.Status.PENDING)
    pending = indexing.claimable(rows)
    ids = list(
        pending.filter(Q(queued=None) | Q(queued__lt=old)).order_by("pk").values_list("pk", flat=True)[:SWEEP_LIMIT]
    )
    queue_photos(ids)
    indexing.fill_signatures(SIGNATURES)


@shared_task(soft_time_limit=840, time_limit=880)
def rebuild_index() -> None:
    """Bring the index up to date where it has fallen behind."""
    if not indexing.build_wanted():
        logger.info("The index is up to date")
        return
    try:
        logger.info("%s", indexing.refresh_index())
    except BusyError as error:
        logger.info("Not building: %s", error)
    except BuildError:
        logger.exception("The live release stays")


def queue_photos(ids: Sequence[int]) -> None:
    """Send tasks for these rows, a batch each; those that could not be sent are left to the sweep."""
    size = conf.get("BATCH_SIZE")
    for start in range(0, len(ids), size):
        batch = list(ids[start : start + size])
        if not publish(embed_photos, batch):
            return
        indexing.mark_queued(batch)


def publish(task: Task, *args: Any) -> bool:
    """Send a task; return whether the broker took it. Never raises, and never waits twice for a broker that is down."""
    global _broken_until  # noqa: PLW0603 (a circuit breaker is per process)
    if time.monotonic() < _broken_until:
        return False
    try:
        task.apply_async(args=args)
    except Exception:
        # Any transport has its own errors. Logged once, then the circuit stays open for a while.
        _broken_until = time.monotonic() + BREAK_SECONDS
        logger.exception("The task queue cannot be reached; nothing is lost, pending photos are sent again later")
        return False
    return True


def add_periodic_tasks(app: Any) -> None:
    """Put the sweep and the rebuild on the beat's schedule, as often as the settings say."""
    app.add_periodic_task(conf.get("SWEEP_SECONDS"), sweep_pending.s(), name="vogue: sweep pending photos")
    app.add_periodic_task(conf.get("REBUILD_SECONDS"), rebuild_index.s(), name="vogue: rebuild the index")
    if apps.is_installed("recommendations.events"):
        from recommendations.events.tasks import forget_old_events  # noqa: PLC0415 (its models need the app)

        app.add_periodic_task(CLEAN_SECONDS, forget_old_events.s(), name="vogue: forget old events")


def _enough_is_new() -> bool:
    """Return whether enough is newer than the live release; never where a database keeps the index itself."""
    if current.own_index():
        return False
    embedder = serving.serving_name(current.embedder_name())
    live = IndexRelease.objects.filter(live=True, embedder=embedder).first()
    enough = conf.get("REBUILD_DELTA")
    if live is not None:
        enough = min(enough, max(1.0, conf.get("REBUILD_SHARE") * live.count))
    newer = ImageEmbedding.objects.filter(embedder=embedder, revision__gt=live.revision if live else 0)
    return bool(newer.count() >= enough)


def _switch_wanted() -> bool:
    """Return whether the settings' embedder may take over; counted only where it may be so."""
    wanted = current.embedder_name()
    if serving.serving_name(wanted) == wanted:
        return False
    if conf.get("SWITCH_COVERAGE") == 1 and ImageEmbedding.objects.pending(wanted).exists():
        return False
    return indexing.switch_wanted()
