"""Fill the shop with products the project draws itself."""

from __future__ import annotations

import os
import sys
import time
from argparse import ArgumentParser, ArgumentTypeError
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from catalog.progress import progress
from catalog.sample.inventory import LARGEST, plan
from catalog.sample.stocking import Outcome, stock

#: At least 360 products over all kinds; four rounds of every design.
DEFAULT_COUNT = 384
#: More processes than this are hardly faster: the photos are stored one after another.
MOST_WORKERS = 8


class Command(BaseCommand):
    """Draw products and put them on sale: every kind of garment, shoe and accessory, in many colours and patterns.

    The same seed gives the same products and the same photos. Running it again changes nothing; photos that are there
    are kept. Another seed replaces the drawn products and leaves all others alone.
    """

    help = "Fill the shop with products the project draws itself: nothing to download."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take how many, and which."""
        parser.add_argument(
            "--count",
            type=_count,
            default=DEFAULT_COUNT,
            metavar="N",
            help=f"how many products, 1 to {LARGEST} (default: {DEFAULT_COUNT})",
        )
        parser.add_argument(
            "--seed", type=_seed, default=1, metavar="S", help="another number, another inventory (default: 1)"
        )
        parser.add_argument(
            "--workers",
            type=_workers,
            default=_cores(),
            metavar="W",
            help="processes that draw (default: one per core)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Draw and save, batch by batch."""
        started = time.monotonic()
        products = plan(options["count"], options["seed"])
        total = Outcome()
        # A bar draws over itself; Django's wrapper would put every drawing on a line of its own.
        stream = sys.stderr if self.stderr.isatty() else self.stderr
        try:
            with progress(stream, len(products), "Drawing products") as bar:
                for outcome in stock(products, options["seed"], options["workers"]):
                    total.add(outcome)
                    bar.update(outcome.products)
        except OSError as error:
            raise CommandError(f"{error}. What was drawn before this stays; run the command again.") from error
        except DatabaseError as error:
            raise CommandError(f"The database refused: {error}. Run the command again.") from error
        except KeyboardInterrupt:
            raise CommandError(
                "Stopped. What was drawn stays; run the command again to go on.", returncode=130
            ) from None
        self.stdout.write(
            f"{total.created:,} created, {total.updated:,} updated, {total.unchanged:,} unchanged, "
            f"{total.drawn:,} photos drawn, in {time.monotonic() - started:.0f} s."
        )


def _cores() -> int:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(cores, MOST_WORKERS)


def _whole(text: str, low: int, high: int) -> int:
    if not text.isdecimal() or not low <= int(text) <= high:
        raise ArgumentTypeError(f"expected a whole number from {low} to {high}, got {text!r}")
    return int(text)


def _count(text: str) -> int:
    return _whole(text, 1, LARGEST)


def _seed(text: str) -> int:
    return _whole(text, 0, 999_999_999)


def _workers(text: str) -> int:
    return _whole(text, 1, 64)
