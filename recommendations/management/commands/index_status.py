"""`manage.py index_status`: what is embedded, what is live, what failed and why."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError
from django.utils.timesince import timesince

from recommendations import conf, current
from recommendations.exceptions import VogueError
from recommendations.levels import Steps
from recommendations.models import ImageEmbedding, IndexRelease
from recommendations.status import IndexStatus, failures, index_status

#: Failed photos named one by one.
EXAMPLES = 10


class Command(BaseCommand):
    """Show how the index stands."""

    help = "Show what is embedded, which release is live, and what failed and why."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--failed", type=int, default=EXAMPLES, help="most failed photos to name (default: 10)")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            status = index_status()
        except DatabaseError as error:
            raise CommandError(f"The database cannot be asked: {error}") from error
        try:
            current.embedder_name()
        except VogueError as error:
            self.stdout.write(self.style.ERROR(f"The settings' embedder cannot be used: {error}"))
        self._show_release(status)
        self._show_levels(status)
        self._show_coverage(status)
        self._show_next(status)
        self._show_failed(options["failed"])

    def _show_release(self, status: IndexStatus) -> None:
        release = status.release
        if status.own:
            self._show_own(status)
            return
        if release is None:
            self.stdout.write("No release is live: every search scans all photos exactly. Run manage.py rebuild_index.")
            return
        recall = "not measured" if release.recall is None else f"{release.recall:.3f}"
        self.stdout.write(self.style.SUCCESS(f"Live: {release.name}"))
        self.stdout.write(f"  made      {timesince(release.created)} ago, in {release.build_seconds:.1f} s")
        self.stdout.write(f"  index     {release.backend}, recall@5 against exact search {recall}")
        self.stdout.write(f"  photos    {release.count:,} of {release.dimensions} dimensions")
        self.stdout.write(f"  size      {release.bytes / 1e6:.1f} MB in {conf.release_dir() / release.name}")
        if conf.release_storage() is not None:
            told = "stored for other hosts" if release.stored else "not stored: other hosts cannot fetch it"
            self.stdout.write(f"  storage   {told}")
        self.stdout.write(f"  delta     {status.delta:,} newer, scanned exactly")
        kept = IndexRelease.objects.filter(status=IndexRelease.Status.PUBLISHED, live=False)
        names = ", ".join(kept.values_list("name", flat=True))
        self.stdout.write(f"  kept      {names or 'none'} (manage.py rollback_index)")

    def _show_levels(self, status: IndexStatus) -> None:
        levels = status.levels
        if levels is None:
            return
        self.stdout.write(f"  levels    {_said(levels.steps)}; {levels.origin}")
        for group, steps in levels.groups.items():
            self.stdout.write(f"            {group}: {_said(steps)}")

    def _show_own(self, status: IndexStatus) -> None:
        assert status.own  # noqa: S101 (for the type checker)
        self.stdout.write(self.style.SUCCESS(f"Live: {status.own.name}, kept by the database: there are no releases."))
        for name, size in status.own.bytes.items():
            self.stdout.write(f"  HNSW      {size / 1e6:.1f} MB for {name}")
        if status.answering and status.answering not in status.own.bytes:
            text = f"  No HNSW index for {status.answering}: all photos are compared. Run manage.py rebuild_index."
            self.stdout.write(self.style.WARNING(text))

    def _show_coverage(self, status: IndexStatus) -> None:
        for name, counts in status.coverage.items():
            mark = "  (in use)" if name == status.answering else "  (next)" if name == status.next else ""
            self.stdout.write(f"{name}{mark}")
            total = sum(counts.values())
            for state, count in counts.items():
                self.stdout.write(f"  {state:<8}  {count:>9,}  {count / total:6.1%}")
        if not status.coverage:
            self.stdout.write("No photo is known yet. Run manage.py embed_products.")

    def _show_next(self, status: IndexStatus) -> None:
        if status.next:
            least = conf.get("SWITCH_COVERAGE")
            self.stdout.write(
                f"{status.answering} answers. {status.next} takes over once it has {least:.1%} of what can be "
                f"embedded; it has {status.next_coverage():.1%}. Run manage.py embed_products, then "
                "manage.py rebuild_index."
            )

    def _show_failed(self, most: int) -> None:
        failed = ImageEmbedding.objects.filter(status=ImageEmbedding.Status.FAILED)
        for reason, count in failures(most):
            self.stdout.write(self.style.WARNING(f"{count:,} failed: {reason or 'no reason known'}"))
        rows = failed.order_by("-updated", "pk").values_list("product_id", "photo_name", "attempts")
        for product_id, name, attempts in rows[: max(0, most)]:
            self.stdout.write(f"  product {product_id}, {name}, after {attempts} tries")
        if failed.exists():
            self.stdout.write("Try them again with: manage.py embed_products --all")


def _said(steps: Steps) -> str:
    return ", ".join(f"{name} {least:.3f}" for name, least in steps._asdict().items())
