"""`manage.py rebuild_index`: a new release, now."""

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
            release = indexing.build_release(on_progress=self.stdout.write)
        except VogueError as error:
            raise CommandError(str(error)) from error
        recall = "" if release.recall is None else f", recall@5 of the index {release.recall:.3f}"
        self.stdout.write(
            self.style.SUCCESS(
                f"Release {release.name} is live: {release.count:,} photos, {release.bytes / 1e6:.1f} MB"
                f"{recall}, {release.build_seconds:.1f} s."
            )
        )
