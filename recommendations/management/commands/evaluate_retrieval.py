"""`manage.py evaluate_retrieval`: how good the eye is, measured on labelled products."""

from __future__ import annotations

import json
import sys
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from pathlib import Path
from typing import Any, TextIO

from django.core.management.base import BaseCommand, CommandError, CommandParser
from PIL import Image

from recommendations import conf
from recommendations.embedders.presets import POOLINGS
from recommendations.evaluation.contenders import Contender, choose_contenders
from recommendations.evaluation.dataset import LabelledSet, open_dataset, shop_dataset
from recommendations.evaluation.evaluate import ALL, Plan, evaluate
from recommendations.evaluation.report import new_report_name, write_report
from recommendations.evaluation.results import as_json
from recommendations.evaluation.split import SIDES
from recommendations.evaluation.terminal import as_text
from recommendations.exceptions import InvalidImageError, VogueError
from recommendations.gallery import get_gallery
from recommendations.images import decode_query_photo
from recommendations.management.progress import progress

PHOTO_SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp"})
#: ``--report`` without a folder.
IN_THE_ADMIN = Path()
REPORT_HELP = "write a report with pictures into this folder; without a folder to where the admin shows it"
#: Photos from elsewhere that are shown.
MOST_PHOTOS = 60


class Command(BaseCommand):
    """Measure retrieval on labelled products."""

    help = (
        "Measure retrieval on labelled products: precision by label, nDCG, recall of the same product for simulated "
        "shoppers' photos, each beside what needs no training. See docs/quality.md."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        add = parser.add_argument
        add("--dataset", type=Path, help="a folder or zip with styles.csv and images/; default: the shop's catalogue")
        add("--split", choices=[*SIDES, ALL], help="products to look at (default: test, of the shop's catalogue: all)")
        add("--limit", type=_count, help="look at this many products, spread over the set")
        add("--weights", nargs="+", metavar="W", help="fashion, imagenet, random or files; default: what the shop uses")
        add("--pooling", nargs="+", choices=POOLINGS, default=[], help="for weights without a projection; default: all")
        add("--no-baselines", action="store_true", help="leave out colour histogram, gradients and random ResNet50")
        add("--shopper-photos", type=_count, default=200, metavar="N", help="simulated photos in each family")
        add("--off-catalogue", type=_count, default=300, metavar="N", help="pictures of no product")
        add("--photos", type=Path, metavar="DIR", help="photos to show in the report, with what is found for them")
        add("--seed", type=_count, default=0, help="of everything that is drawn")
        add("--fresh", action="store_true", help="embed everything anew, also what was embedded before")
        add("--report", type=Path, nargs="?", const=IN_THE_ADMIN, metavar="DIR", help=REPORT_HELP)
        add("--json", type=Path, metavar="FILE", help="write all figures as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        # Django's wrapper has no say over what it wraps: the bar wants the terminal itself.
        stream: TextIO = getattr(self.stderr, "_out", sys.stderr)
        try:
            contenders = self._contenders(options)
            photos = self._photos(options["photos"]) if options["photos"] else {}
            with self._dataset(options["dataset"]) as labelled:
                results, shown = evaluate(
                    labelled,
                    contenders,
                    self._plan(options, photos),
                    cache_dir=conf.evaluation_dir(),
                    fresh=options["fresh"],
                    progress=partial(progress, stream),
                )
                self.stdout.write(as_text(results))
                if options["report"]:
                    own = options["report"] == IN_THE_ADMIN
                    folder = conf.report_dir() / new_report_name() if own else options["report"]
                    write_report(results, shown, folder, photos=list(photos.values()))
                    self.stdout.write(f"The report is in {folder / 'index.html'}")
            if options["json"]:
                options["json"].write_text(json.dumps(as_json(results), indent=1, ensure_ascii=False) + "\n", "utf-8")
        except VogueError as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(f"{error.filename or 'A file'}: {error.strerror or error}.") from error

    def _contenders(self, options: dict[str, Any]) -> list[Contender]:
        own, pooling = conf.get("WEIGHTS"), conf.get("POOLING")
        return choose_contenders(
            options["weights"] or [own],
            # What the shop uses, unless something else is asked for.
            poolings=options["pooling"] or ([pooling] if pooling and not options["weights"] else []),
            expected_sha256={own: conf.get("WEIGHTS_SHA256")},
            engine=conf.get("ENGINE"),
            cache_dir=conf.engine_dir(),
            baselines=not options["no_baselines"],
        )

    def _plan(self, options: dict[str, Any], photos: dict[str, Image.Image]) -> Plan:
        return Plan(
            side=options["split"] or ("test" if options["dataset"] else ALL),
            limit=options["limit"],
            shoppers=options["shopper_photos"],
            foreign=options["off_catalogue"],
            photos=photos,
            seed=options["seed"],
        )

    def _dataset(self, path: Path | None) -> AbstractContextManager[LabelledSet]:
        return open_dataset(path) if path else nullcontext(shop_dataset(get_gallery()))

    def _photos(self, folder: Path) -> dict[str, Image.Image]:
        """Return the photos of a folder by their file's name; what is none is told and left out."""
        found = {}
        files = sorted(file for file in folder.iterdir() if file.suffix.lower() in PHOTO_SUFFIXES)
        for file in files[:MOST_PHOTOS]:
            try:
                with file.open("rb") as data:
                    found[file.stem] = decode_query_photo(data)
            except (InvalidImageError, OSError) as error:
                self.stderr.write(f"{file}: {error}")
        if len(files) > MOST_PHOTOS:
            self.stderr.write(f"{folder} holds {len(files)} photos; the first {MOST_PHOTOS} are shown.")
        return found


def _count(text: str) -> int:
    value = int(text)
    if value < 0:
        raise ValueError
    return value
