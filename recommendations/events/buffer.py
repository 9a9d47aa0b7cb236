"""Rows wait here for a moment and are written together, beside the requests. See docs/decisions.

A page never waits for them and never fails because of them: what cannot be written is logged and lost.
"""

from __future__ import annotations

import atexit
import logging
import os
import threading
from collections import deque
from collections.abc import Sequence

from django.db import connections, models, router, transaction

from recommendations import conf

logger = logging.getLogger(__name__)

#: Most rows that wait; the oldest go when a database stays away.
MOST = 20_000
BATCH = 500

_rows: deque[models.Model] = deque(maxlen=MOST)
_lock = threading.Lock()
_timer: threading.Timer | None = None


def put(rows: Sequence[models.Model]) -> None:
    """Have these rows written within VOGUE["EVENT_SECONDS"]; at 0, now."""
    global _timer  # noqa: PLW0603 (one per process)
    seconds = float(conf.get("EVENT_SECONDS"))
    if seconds <= 0:
        write(rows)
        return
    with _lock:
        _rows.extend(rows)
        if _timer is None:
            _timer = threading.Timer(seconds, _flush_beside)
            _timer.daemon = True
            _timer.start()


def flush() -> None:
    """Write what waits."""
    global _timer  # noqa: PLW0603
    with _lock:
        rows = list(_rows)
        _rows.clear()
        _timer = None
    if rows:
        write(rows)


def write(rows: Sequence[models.Model]) -> None:
    """Write rows, each once, however often it is told of. A fault is logged."""
    by_model: dict[type[models.Model], list[models.Model]] = {}
    for row in rows:
        by_model.setdefault(type(row), []).append(row)
    for model, some in by_model.items():
        try:
            with transaction.atomic(using=router.db_for_write(model)):
                model._default_manager.bulk_create(some, batch_size=BATCH, ignore_conflicts=True)
        except Exception:
            # Whatever it is: statistics are not worth a page.
            logger.exception("%d events are lost", len(some))


def _flush_beside() -> None:
    try:
        flush()
    finally:
        # This thread's own; it ends here.
        connections.close_all()


def _forget() -> None:
    """Begin empty after a fork: the parent writes what it has."""
    global _lock, _timer
    _lock, _timer = threading.Lock(), None
    _rows.clear()


os.register_at_fork(after_in_child=_forget)
atexit.register(flush)
