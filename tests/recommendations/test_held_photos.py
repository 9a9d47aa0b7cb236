from __future__ import annotations

import io
import time
from typing import Any

import pytest
import redis
from django.core.signing import TimestampSigner
from PIL import Image

from recommendations import checks, held_photos
from tests.pictures import encoded, picture
from tests.services import RedisServer

REDIS = "django.core.cache.backends.redis.RedisCache"
LOCAL = "django.core.cache.backends.locmem.LocMemCache"
FILES = "django.core.cache.backends.filebased.FileBasedCache"


def test_a_held_photo_is_found_again_small_and_without_its_metadata() -> None:
    exif = Image.Exif()
    exif[0x010F] = "a phone"
    with Image.open(io.BytesIO(encoded(picture("red", (3000, 1500)), exif=exif))) as image:
        held = held_photos.hold(image.convert("RGB"), ((0.1, 0.2, 0.3, 0.4),))
    assert held
    found = held_photos.find(held.token)
    assert found
    assert found.boxes == ((0.1, 0.2, 0.3, 0.4),)
    with Image.open(io.BytesIO(found.data)) as small:
        assert small.size == (1024, 512)
        assert not small.getexif()
    assert 890 < found.seconds <= 900


def test_a_photo_is_forgotten_after_its_time_and_never_later_than_15_minutes(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.VOGUE = {**settings.VOGUE, "HOLD_SECONDS": 10**6}
    held = held_photos.hold(picture())
    assert held
    assert held.seconds == 900
    now = time.time
    monkeypatch.setattr("time.time", lambda: now() + 890)
    assert held_photos.find(held.token)
    monkeypatch.setattr("time.time", lambda: now() + 901)
    assert held_photos.find(held.token) is None


def test_a_token_of_somebody_elses_making_finds_nothing() -> None:
    held = held_photos.hold(picture())
    assert held
    key = held.token.split(":")[0]
    for token in ("", "x", held.token[:-1], f"{key}:1:x", TimestampSigner(salt="other").sign(key)):
        assert held_photos.find(token) is None
        held_photos.forget(token)
    assert held_photos.find(held.token)


def test_forgetting_is_at_once() -> None:
    held = held_photos.hold(picture())
    assert held
    held_photos.forget(held.token)
    assert held_photos.find(held.token) is None


@pytest.mark.parametrize("backend", [FILES, "django.core.cache.backends.db.DatabaseCache"])
def test_a_cache_on_a_disk_is_never_used(settings: Any, tmp_path: Any, backend: str) -> None:
    settings.CACHES = {**settings.CACHES, "photos": {"BACKEND": backend, "LOCATION": str(tmp_path / "cache")}}
    assert held_photos.hold(picture()) is None
    assert not list(tmp_path.rglob("*.djcache"))
    assert [message.id for message in checks.check_photo_cache(None)] == ["vogue.W007"]


@pytest.mark.parametrize("alias", ["nowhere", "photos"])
def test_without_a_cache_or_with_no_time_nothing_is_held(settings: Any, alias: str) -> None:
    seconds = 0 if alias == "photos" else 900
    settings.VOGUE = {**settings.VOGUE, "PHOTO_CACHE": alias, "HOLD_SECONDS": seconds}
    assert held_photos.hold(picture()) is None
    assert held_photos.find("x") is None
    assert bool(list(checks.check_photo_cache(None))) is (alias == "nowhere")


def test_several_processes_with_a_memory_each_are_told(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WEB_CONCURRENCY", raising=False)
    assert list(checks.check_photo_cache(None)) == []
    monkeypatch.setenv("WEB_CONCURRENCY", "3")
    (message,) = checks.check_photo_cache(None)
    assert message.id == "vogue.W007"
    assert "3 web processes" in message.msg
    settings.CACHES = {**settings.CACHES, "photos": {"BACKEND": REDIS, "LOCATION": "redis://127.0.0.1:1/0"}}
    assert list(checks.check_photo_cache(None)) == []


@pytest.mark.redis
def test_redis_holds_photos_for_all_processes_and_a_broken_one_costs_only_the_comfort(
    redis_server: RedisServer, settings: Any
) -> None:
    options = {"socket_timeout": 0.5, "socket_connect_timeout": 0.5}
    settings.CACHES = {
        **settings.CACHES,
        "photos": {"BACKEND": REDIS, "LOCATION": redis_server.url, "OPTIONS": options},
    }
    held = held_photos.hold(picture())
    assert held
    assert held_photos.find(held.token)
    held_photos.keep(held, "vector", b"123")
    assert held_photos.recall(held, "vector") == b"123"
    with redis.from_url(redis_server.url) as client:
        assert all(0 < client.ttl(key) <= 900 for key in client.scan_iter())
    redis_server.stop()
    assert held_photos.hold(picture()) is None
    assert held_photos.find(held.token) is None
    assert held_photos.recall(held, "vector") is None
