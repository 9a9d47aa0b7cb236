"""`manage.py rebuild_index`: a new release, now. Where the database keeps the index itself: what is left to do."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from recommendations import indexing
from recommendations.exceptions import VogueError


class Command(BaseCommand):
    """Build an index release and make it live."""

    help = "Build an index release from every embedding and make it live. Searching goes on meanwhile."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            done = indexing.refresh_index(on_progress=self.stdout.write)
        except VogueError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(self.style.SUCCESS(done))
