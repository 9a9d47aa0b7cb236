"""Rows are written beside the page, together, once each; a fault costs them and nothing else."""

from __future__ import annotations

import logging
import os
import threading
from datetime import date
from typing import Any

import pytest
from django.db import OperationalError

from recommendations.events import buffer
from recommendations.events.models import Event, GivenAnswer

pytestmark = pytest.mark.django_db


def event(position: int = 1, action: str = "seen") -> Event:
    return Event(answer="a", kind="strip", position=position, product="1", action=action, day=date(2026, 1, 1), hour=1)


@pytest.fixture
def waiting(settings: Any) -> None:
    settings.VOGUE = {**settings.VOGUE, "EVENT_SECONDS": 600}


@pytest.mark.usefixtures("waiting")
def test_rows_wait_and_are_written_together(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        for position in range(1, 6):
            buffer.put([event(position)])
    # A savepoint, one insert, its release.
    with django_assert_num_queries(3):
        buffer.flush()
    assert Event.objects.count() == 5
    with django_assert_num_queries(0):
        buffer.flush()


@pytest.mark.django_db(transaction=True)
def test_a_thread_writes_them_after_a_moment(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.VOGUE = {**settings.VOGUE, "EVENT_SECONDS": 0.05}
    written: list[tuple[str, int]] = []
    # Another thread would see another, empty database where the tests' is in memory; the browser tests have a real one.
    monkeypatch.setattr(buffer, "write", lambda rows: written.append((threading.current_thread().name, len(rows))))
    buffer.put([event()])
    timer = buffer._timer
    buffer.put([event(2)])
    assert timer is not None
    assert timer.daemon
    timer.join(10)
    assert written == [(timer.name, 2)]
    assert buffer._timer is None


@pytest.mark.usefixtures("waiting")
def test_what_is_told_twice_is_written_once() -> None:
    buffer.put([event(), event(), event(action="clicked")])
    buffer.flush()
    buffer.put([event()])
    buffer.flush()
    assert sorted(Event.objects.values_list("action", flat=True)) == ["clicked", "seen"]


def test_a_database_that_fails_is_logged_and_nothing_else(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*args: Any, **kwargs: Any) -> None:
        raise OperationalError("no such table")

    monkeypatch.setattr(Event.objects.__class__, "bulk_create", fail)
    with caplog.at_level(logging.ERROR):
        buffer.write([event(), event(2)])
    assert "2 events are lost" in caplog.text
    assert Event.objects.count() == 0


def test_a_fault_of_one_table_spares_the_other_and_the_transaction_around(caplog: pytest.LogCaptureFixture) -> None:
    broken = event()
    broken.day = "no day at all"
    answer = GivenAnswer(key="k", kind="strip", level="same", results=1, took_ms=1.5, day=date(2026, 1, 1), hour=0)
    buffer.write([broken, answer])
    assert "1 events are lost" in caplog.text
    assert GivenAnswer.objects.get().key == "k"


@pytest.mark.usefixtures("waiting")
def test_no_more_rows_wait_than_there_is_room_for(monkeypatch: pytest.MonkeyPatch) -> None:
    for n in range(buffer.MOST // 100 + 5):
        buffer.put([event(100 * n + m) for m in range(100)])
    assert len(buffer._rows) == buffer.MOST
    buffer._forget()


@pytest.mark.usefixtures("waiting")
@pytest.mark.filterwarnings("ignore:.*use of fork.*:DeprecationWarning")
def test_a_fork_does_not_write_what_its_parent_has() -> None:
    buffer.put([event()])
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(write, f"{len(buffer._rows)} {buffer._timer}".encode())
        os._exit(0)
    os.waitpid(child, 0)
    assert os.read(read, 100) == b"0 None"
    assert len(buffer._rows) == 1
    buffer.flush()
