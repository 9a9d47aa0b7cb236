"""`manage.py search_by_image PATH`: what looks like this photo."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.serializers.json import DjangoJSONEncoder

from recommendations import current
from recommendations.exceptions import VogueError
from recommendations.gallery import get_gallery
from recommendations.images import decode_query_photo
from recommendations.search import Answer, search_by_image
from recommendations.serializers import present


class Command(BaseCommand):
    """Find the products that look most like a photo."""

    help = "Find the products that look most like a photo."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("path", type=Path, help="a JPEG, PNG or WebP file")
        parser.add_argument("-k", type=int, default=None, help='how many products (default: VOGUE["K"])')
        parser.add_argument("--json", action="store_true", help="print what the API would answer")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["path"]
        try:
            with path.open("rb") as file:
                started = time.perf_counter()
                image = decode_query_photo(file)
            decoded = round((time.perf_counter() - started) * 1000, 2)
            answer = search_by_image(image, options["k"])
        except OSError as error:
            raise CommandError(f"{path} cannot be read: {error.strerror or error}.") from error
        except VogueError as error:
            raise CommandError(f"{path}: {error}") from error
        except ValueError as error:
            raise CommandError(str(error)) from error
        answer = replace(answer, took_ms={"decode": decoded, **answer.took_ms})
        if options["json"]:
            text = json.dumps(present(answer), indent=2, ensure_ascii=False, cls=DjangoJSONEncoder)
            self.stdout.write(text)
        else:
            self._show(answer)

    def _show(self, answer: Answer) -> None:
        gallery = get_gallery()
        for place, match in enumerate(answer.matches, 1):
            facts = gallery.describe(match.product)
            self.stdout.write(f"{place:>3}  {match.score:6.4f}  {match.level:<7}  {facts['id']!s:>8}  {facts['name']}")
        if not answer.matches:
            self.stdout.write("No product is visible.")
        took = ", ".join(f"{stage} {milliseconds:.1f} ms" for stage, milliseconds in answer.took_ms.items())
        without = "the database's own index" if current.own_index() else "no release, all photos scanned"
        source = f"release {answer.release}" if answer.release else without
        self.stdout.write(f"Match: {answer.level}. {answer.embedder}; {source}; {took}.")
