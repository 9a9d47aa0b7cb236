"""`manage.py embed_products`: what the workers do, here and now."""

from __future__ import annotations

import sys
from typing import Any, TextIO

from django.core.management.base import BaseCommand, CommandError, CommandParser

from recommendations import conf, current, indexing, serving
from recommendations.exceptions import VogueError
from recommendations.gallery import get_gallery
from recommendations.management.progress import progress
from recommendations.models import ImageEmbedding


class Command(BaseCommand):
    """Embed every photo that is not embedded yet."""

    help = "Embed every photo that is not embedded yet. May be stopped and started again at any time."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--all", action="store_true", help="also read every embedded photo again, and try those that failed"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        # Django's wrapper has no say over what it wraps: the bar wants the terminal itself.
        stream: TextIO = getattr(self.stderr, "_out", sys.stderr)
        try:
            embedder = current.embedder_name()
            with progress(stream, get_gallery().products().count(), "Looking at products") as bar:
                indexing.mark_all_pending(progress=bar.update)
            rows = ImageEmbedding.objects.filter(embedder__in=current.embedders_in_use())
            if options["all"]:
                indexing.reset_failed()
            else:
                rows = rows.filter(status=ImageEmbedding.Status.PENDING)
            ids = list(rows.order_by("pk").values_list("pk", flat=True))
            done = 0
            size = conf.get("BATCH_SIZE")
            with progress(stream, len(ids), "Embedding photos") as bar:
                for start in range(0, len(ids), size):
                    batch = ids[start : start + size]
                    done += indexing.embed_photos(batch)
                    bar.update(len(batch))
            indexing.fill_signatures(rows.model.objects.count())
        except VogueError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(self.style.SUCCESS(f"{done:,} photos embedded by {embedder}."))
        if (answering := serving.serving_name(current.embedder_name())) != embedder:
            text = f"{answering} answers until {embedder} takes over: manage.py rebuild_index does it once it may."
            self.stdout.write(self.style.WARNING(text))
        waiting = ImageEmbedding.objects.pending(embedder).count()
        if waiting:
            text = f"{waiting:,} photos wait: another process has them, or had them as it died. Run this again soon."
            self.stdout.write(self.style.WARNING(text))
        failed = ImageEmbedding.objects.filter(embedder=embedder, status=ImageEmbedding.Status.FAILED).count()
        if failed:
            self.stdout.write(self.style.WARNING(f"{failed:,} photos failed: manage.py index_status says why."))
