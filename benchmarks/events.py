"""How long the page of searches and clicks takes, by how many events there are: ``python -m benchmarks.events``.

A SQLite shop is given answers of 90 days with eight impressions each and the clicks people make, then the page and its
tables are asked for as an admin would. Times are processor time, which other work on the machine changes least.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

SHOWN = 8
PRODUCTS = 40_000
DAYS = 90
KINDS = ("strip", "strip", "strip", "photo", "similar", "for_you")
LEVELS = ("same", "close", "close", "similar", "similar", "similar", "similar", "none")


def main(arguments: list[str] | None = None) -> int:
    """Make events, ask for the page, print a table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.events", description=__doc__)
    parser.add_argument("--events", type=int, default=1_000_000)
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="vogue-events-") as folder:
        os.environ |= {
            "DJANGO_SETTINGS_MODULE": "vogue_site.settings",
            "VOGUE_VAR_DIR": folder,
            "DJANGO_DEBUG": "1",
            "DJANGO_LOG_LEVEL": "WARNING",
        }
        os.environ.pop("DATABASE_URL", None)
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        fill(options.events)
        measure(Path(folder) / "db.sqlite3")
    return 0


def fill(count: int, days: int = DAYS, products: int = PRODUCTS) -> None:
    """Write about ``count`` events of the last ``days`` days, with products whose keys are 1 to ``products``."""
    from django.utils import timezone

    from recommendations.events.models import Event, GivenAnswer

    draw = random.Random(1)
    today = timezone.localdate()
    given: list[GivenAnswer] = []
    events: list[Event] = []
    written = n = 0
    while written + len(events) < count:
        n += 1
        when: dict[str, Any] = {"day": today - timedelta(draw.randrange(days)), "hour": draw.randrange(24)}
        key, kind = f"{n:012x}", draw.choice(KINDS)
        took = round(draw.lognormvariate(2, 1), 2)
        origin = "" if kind == "photo" else popular(draw, products)
        level = draw.choice(LEVELS)
        given.append(GivenAnswer(key=key, kind=kind, level=level, results=SHOWN, took_ms=took, origin=origin, **when))
        for position in range(1, SHOWN + 1):
            shown: dict[str, Any] = {
                "answer": key,
                "kind": kind,
                "position": position,
                "product": popular(draw, products),
                **when,
            }
            events.append(Event(action="seen", **shown))
            if draw.random() < 0.09 / position**0.5:
                events.append(Event(action="clicked", **shown))
        if len(events) > 20_000:
            written += len(events)
            GivenAnswer.objects.bulk_create(given, batch_size=2_000)
            Event.objects.bulk_create(events, batch_size=2_000)
            given, events = [], []
    GivenAnswer.objects.bulk_create(given, batch_size=2_000)
    Event.objects.bulk_create(events, batch_size=2_000)


def popular(draw: random.Random, products: int) -> str:
    """Return a product's key, some far more often than others."""
    return str(1 + int(draw.random() ** 2 * products))


def measure(database: Path) -> None:
    """Print what the page and its tables cost."""
    from django.contrib.auth.models import User
    from django.test import Client
    from django.utils import timezone

    from recommendations.events.models import Event, GivenAnswer

    print(f"{Event.objects.count():,} events, {GivenAnswer.objects.count():,} answers, {_megabytes(database):,.0f} MB")
    client = Client(headers={"Host": "localhost"})
    client.force_login(User.objects.create_superuser("owner"))
    first = (timezone.localdate() - timedelta(DAYS - 1)).isoformat()
    page = "/admin/vogue_events/givenanswer/"
    print("| | seconds of processor time |\n|---|---|")
    for name, path, asked in (
        ("page, 30 days", page, {}),
        ("page, 90 days", page, {"first": first}),
        ("page, 90 days, photos", page, {"first": first, "kind": "photo"}),
        *((f"{name}.csv", f"{page}{name}.csv", {"first": first}) for name in ("days", "positions", "products")),
    ):

        def ask(path: str = path, asked: dict[str, str] = asked) -> None:
            response = client.get(path, asked)
            assert response.status_code == 200
            assert response.getvalue()

        print(f"| {name} | {_seconds(ask):.2f} |")


def _seconds(run: Callable[[], None]) -> float:
    started = time.process_time()
    run()
    return time.process_time() - started


def _megabytes(path: Path) -> float:
    return path.stat().st_size / 1e6


if __name__ == "__main__":
    sys.exit(main())
