from __future__ import annotations

import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.core.cache.backends.locmem import LocMemCache
from django.test import RequestFactory
from rest_framework.settings import api_settings

from recommendations import throttling
from recommendations.throttling import PhotoSearchThrottle, TooBusyError, search_turn


class BrokenCache(LocMemCache):
    """A cache server that is down; it remembers how often it was asked."""

    def __init__(self) -> None:
        super().__init__("broken", {})
        self.asked = 0

    def get(self, *args: Any, **kwargs: Any) -> Any:
        self.asked += 1
        raise ConnectionRefusedError("cache")

    def set(self, *args: Any, **kwargs: Any) -> None:
        raise ConnectionRefusedError("cache")


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    """Begin with a whole circuit, nothing counted, and three searches a minute."""
    monkeypatch.setattr(throttling, "_broken_until", 0.0)
    monkeypatch.setattr(PhotoSearchThrottle, "get_rate", lambda self: "3/min")
    throttling._local.clear()


def ask(address: str = "192.0.2.1", **headers: str) -> bool:
    request = RequestFactory().post("/search/photo/", REMOTE_ADDR=address, headers=headers)
    return PhotoSearchThrottle().allow_request(request)


def test_so_many_a_minute_from_one_address() -> None:
    assert [ask() for _ in range(5)] == [True, True, True, False, False]
    assert ask("192.0.2.2")


def test_a_client_cannot_name_its_own_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api_settings, "NUM_PROXIES", 0)
    allowed = [ask(**{"X-Forwarded-For": f"10.0.0.{n}"}) for n in range(5)]
    assert allowed == [True, True, True, False, False]


def test_behind_a_proxy_the_address_it_tells_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api_settings, "NUM_PROXIES", 1)
    assert [ask(**{"X-Forwarded-For": f"forged {n}, 203.0.113.7"}) for n in range(4)] == [True, True, True, False]
    assert ask(**{"X-Forwarded-For": "203.0.113.8"})


def test_without_a_rate_there_is_no_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    monkeypatch.setattr(api_settings, "DEFAULT_THROTTLE_RATES", {})
    assert all(ask() for _ in range(500))


@pytest.mark.fault
def test_a_cache_that_is_down_is_replaced_by_the_process_own_count(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    broken = BrokenCache()
    monkeypatch.setattr(throttling, "default_cache", broken)
    assert [ask() for _ in range(5)] == [True, True, True, False, False]
    # Asked once, then left alone: a frozen server would cost its timeout each time.
    assert broken.asked == 1
    assert caplog.text.count("The cache cannot be reached") == 1


@pytest.mark.fault
def test_a_cache_that_is_back_is_used_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throttling, "default_cache", BrokenCache())
    assert ask()
    whole = LocMemCache("whole", {})
    monkeypatch.setattr(throttling, "default_cache", whole)
    monkeypatch.setattr(throttling, "_broken_until", time.monotonic() - 1)
    assert [ask() for _ in range(4)] == [True, True, True, False]


def test_no_more_search_at_once_than_there_are_places(settings: Any) -> None:
    settings.VOGUE = {**settings.VOGUE, "CONCURRENT_SEARCHES": 2, "SEARCH_WAIT_SECONDS": 10}
    running, most = 0, 0
    lock = threading.Lock()

    def search(_: int) -> None:
        nonlocal running, most
        with search_turn():
            with lock:
                running += 1
                most = max(most, running)
            time.sleep(0.02)
            with lock:
                running -= 1

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(search, range(20)))
    assert most == 2


def test_who_waited_in_vain_is_sent_away_in_time(settings: Any) -> None:
    settings.VOGUE = {**settings.VOGUE, "CONCURRENT_SEARCHES": 1, "SEARCH_WAIT_SECONDS": 0.2}
    with search_turn():
        started = time.monotonic()
        with pytest.raises(TooBusyError), search_turn():
            pass
        assert 0.15 < time.monotonic() - started < 2
    with search_turn():
        pass


def test_a_forked_process_has_places_of_its_own(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.VOGUE = {**settings.VOGUE, "CONCURRENT_SEARCHES": 1, "SEARCH_WAIT_SECONDS": 0.05}
    with search_turn():
        monkeypatch.setattr(os, "getpid", lambda: -1)
        with search_turn():
            pass
