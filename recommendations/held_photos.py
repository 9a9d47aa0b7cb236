"""A shopper's photo, held for a few minutes so that another part of it, or other filters, need no new upload.

In memory only: re-encoded, small, under a random key, in the cache ``VOGUE["PHOTO_CACHE"]`` names. A cache that writes
to a disk is not used, and neither is one that is not there; then every search sends its photo again. What the browser
gets is the signed key with its time: whoever has that address sees the photo, until it is forgotten.
"""

from __future__ import annotations

import io
import logging
import secrets
import time
from dataclasses import dataclass
from typing import Any

from django.core.cache import caches
from django.core.cache.backends.base import BaseCache, InvalidCacheBackendError
from django.core.cache.backends.db import DatabaseCache
from django.core.cache.backends.dummy import DummyCache
from django.core.cache.backends.filebased import FileBasedCache
from django.core.signing import BadSignature, TimestampSigner
from PIL import Image

from recommendations import conf

logger = logging.getLogger(__name__)

#: Longest side of a held photo, in pixels.
SIDE = 1024
#: Never longer than this, whatever the settings say, in seconds.
LONGEST = 900
#: Caches that write to a disk, or keep nothing.
UNFIT = (FileBasedCache, DatabaseCache, DummyCache)
_signer = TimestampSigner(salt="vogue.held-photo")


@dataclass(frozen=True)
class HeldPhoto:
    """A photo that is held: its token, the seconds left, its bytes (JPEG), and the boxes proposed for it."""

    token: str
    seconds: int
    data: bytes
    boxes: tuple[tuple[float, float, float, float], ...] = ()


def hold(image: Image.Image, boxes: tuple[tuple[float, float, float, float], ...] = ()) -> HeldPhoto | None:
    """Hold an upright RGB picture, or return None where there is nowhere to hold it."""
    cache, seconds = _cache(), _seconds()
    if cache is None or not seconds:
        return None
    data = encode(image)
    key = secrets.token_urlsafe(16)
    if not _tried(lambda: cache.set(_name(key), (time.time() + seconds, data, boxes), seconds)):
        return None
    return HeldPhoto(_signer.sign(key), seconds, data, boxes)


def find(token: str) -> HeldPhoto | None:
    """Return the photo of a token, or None: never given, too old, forgotten, or held by a process that is gone."""
    cache = _cache()
    if cache is None:
        return None
    try:
        key = _signer.unsign(token, max_age=_seconds())
    except BadSignature:
        return None
    found: list[Any] = []
    _tried(lambda: found.append(cache.get(_name(key))))
    if not found or found[0] is None:
        return None
    until, data, boxes = found[0]
    seconds = int(until - time.time())
    return HeldPhoto(token, seconds, data, boxes) if seconds > 0 else None


def forget(token: str) -> None:
    """Forget the photo of a token now."""
    cache = _cache()
    try:
        key = _signer.unsign(token)
    except BadSignature:
        return
    if cache is not None:
        _tried(lambda: cache.delete(_name(key)))


def encode(image: Image.Image, side: int = SIDE, quality: int = 88) -> bytes:
    """Return the picture as JPEG, no side longer than ``side``, without metadata."""
    small = image.copy()
    small.thumbnail((side, side))
    buffer = io.BytesIO()
    small.save(buffer, "JPEG", quality=quality)
    return buffer.getvalue()


def _name(key: str) -> str:
    return f"vogue.photo.{key}"


def _seconds() -> int:
    return min(LONGEST, int(conf.get("HOLD_SECONDS")))


def _cache() -> BaseCache | None:
    """Return the cache photos may be held in, or None."""
    try:
        cache = caches[conf.get("PHOTO_CACHE")]
    except InvalidCacheBackendError:
        return None
    return None if isinstance(cache, UNFIT) else cache


def _tried(work: Any) -> bool:
    try:
        work()
    except Exception:
        # Each cache backend has its own family of errors. To hold a photo is a comfort: a search works without.
        logger.exception("The cache for photos cannot be reached; photos are sent again for a while")
        return False
    return True


def keep(held: HeldPhoto, what: str, value: Any) -> None:
    """Remember something made of a held photo, for as long as the photo itself."""
    cache = _cache()
    if cache is not None:
        _tried(lambda: cache.set(f"{_name(_key(held.token))}.{what}", value, max(1, held.seconds)))


def recall(held: HeldPhoto, what: str) -> Any:
    """Return what was kept under this name, or None."""
    cache = _cache()
    found: list[Any] = []
    if cache is not None:
        _tried(lambda: found.append(cache.get(f"{_name(_key(held.token))}.{what}")))
    return found[0] if found else None


def _key(token: str) -> str:
    return str(_signer.unsign(token))
