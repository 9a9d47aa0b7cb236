"""`manage.py rollback_index`: an earlier release, now."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from recommendations import indexing
from recommendations.exceptions import VogueError


class Command(BaseCommand):
    """Make an earlier release live again."""

    help = "Make an earlier index release live again. What changed since is scanned exactly until the next build."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--to", default="", metavar="RELEASE", help="its name (default: the one before)")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            release = indexing.rollback_release(options["to"])
        except VogueError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(self.style.SUCCESS(f"Release {release.name} is live again."))
