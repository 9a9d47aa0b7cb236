from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from recommendations.events.models import Event, GivenAnswer
from recommendations.events.tasks import forget_old_events
from recommendations.tasks import add_periodic_tasks

pytestmark = pytest.mark.django_db


def make(days_ago: int) -> None:
    day = timezone.localdate() - timedelta(days_ago)
    GivenAnswer.objects.create(key=f"key-{days_ago}", kind="photo", level="none", results=0, took_ms=1, day=day, hour=0)
    Event.objects.create(
        answer=f"key-{days_ago}", kind="photo", position=1, product="1", action="seen", day=day, hour=0
    )


def test_what_is_older_than_the_setting_is_deleted_and_nothing_else(settings: Any) -> None:
    settings.VOGUE = {**settings.VOGUE, "EVENT_DAYS": 7}
    for days_ago in (0, 6, 7, 8, 400):
        make(days_ago)
    forget_old_events()
    assert set(GivenAnswer.objects.values_list("key", flat=True)) == {"key-0", "key-6"}
    assert set(Event.objects.values_list("answer", flat=True)) == {"key-0", "key-6"}
    forget_old_events()


def test_the_beat_cleans_up() -> None:
    class App:
        def __init__(self) -> None:
            self.names: list[str] = []

        def add_periodic_task(self, seconds: float, task: Any, name: str) -> None:
            assert seconds > 0
            self.names.append(str(task.task))

    app = App()
    add_periodic_tasks(app)
    assert "recommendations.events.tasks.forget_old_events" in app.names
