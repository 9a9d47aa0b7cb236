"""Who may search by photo now: so many a minute from one address, so many at once in one process."""

from __future__ import annotations

import hashlib
import logging
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.cache import cache as default_cache
from django.core.cache.backends.base import BaseCache
from django.core.cache.backends.locmem import LocMemCache
from django.http import HttpRequest
from rest_framework.request import Request
from rest_framework.settings import api_settings
from rest_framework.throttling import SimpleRateThrottle

from recommendations import conf
from recommendations.exceptions import VogueError

logger = logging.getLogger(__name__)

#: After a failure the shared cache is left alone for this long: a frozen one costs its timeout at every request.
BREAK_SECONDS = 30.0

_local = LocMemCache("vogue-throttle", {})
_broken_until = 0.0


class TooBusyError(VogueError):
    """Every place for a photo search is taken, and none came free in time."""


class PhotoSearchThrottle(SimpleRateThrottle):
    """Count photo searches of page and API together, by address.

    Where the shared cache fails, this process counts for itself: a limit that is too generous for a while beats both
    an error and no limit.
    """

    scope = "photo_search"

    def get_rate(self) -> str | None:
        """Return REST_FRAMEWORK's rate for ``photo_search``; without one there is no limit."""
        rate = api_settings.DEFAULT_THROTTLE_RATES.get(self.scope)
        return None if rate is None else str(rate)

    def get_cache_key(self, request: HttpRequest | Request, view: Any) -> str:
        """Return a key for the visitor's address; hashed, because a forwarded address may be any text."""
        ident = hashlib.sha256(str(self.get_ident(request)).encode()).hexdigest()[:32]  # type: ignore[arg-type]
        return self.cache_format % {"scope": self.scope, "ident": ident}

    def allow_request(self, request: HttpRequest | Request, view: Any = None) -> bool:
        """Return whether this visitor may search now, and count the search if so."""
        global _broken_until  # noqa: PLW0603 (a circuit breaker is per process)
        if time.monotonic() >= _broken_until:
            self.cache: BaseCache = default_cache
            try:
                return bool(super().allow_request(request, view))  # type: ignore[arg-type]
            except Exception:
                # Each cache backend has its own family of errors.
                _broken_until = time.monotonic() + BREAK_SECONDS
                logger.exception("The cache cannot be reached; photo searches are counted per process for a while")
        self.cache = _local
        return bool(super().allow_request(request, view))  # type: ignore[arg-type]


_turns: tuple[int, int, threading.BoundedSemaphore] | None = None
_turns_lock = threading.Lock()


def _semaphore() -> threading.BoundedSemaphore:
    """Return this process's semaphore; a new one after a fork or when the setting changed."""
    global _turns  # noqa: PLW0603 (one per process is the point)
    size = max(1, conf.get("CONCURRENT_SEARCHES"))
    with _turns_lock:
        if _turns is None or _turns[:2] != (os.getpid(), size):
            _turns = (os.getpid(), size, threading.BoundedSemaphore(size))
        return _turns[2]


@contextmanager
def search_turn() -> Iterator[None]:
    """Wait for one of VOGUE["CONCURRENT_SEARCHES"] places, and hold it.

    A photo search keeps the processor busy: more at once makes each slower and none faster, and every one of them holds
    a decoded photo.

    Raises:
        TooBusyError: no place came free within VOGUE["SEARCH_WAIT_SECONDS"].
    """
    semaphore = _semaphore()
    if not semaphore.acquire(timeout=conf.get("SEARCH_WAIT_SECONDS")):
        raise TooBusyError("Every place for a photo search is taken. Try again in a few seconds.")
    try:
        yield
    finally:
        semaphore.release()
