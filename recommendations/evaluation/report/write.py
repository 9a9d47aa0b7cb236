"""Writes a report: ``index.html``, ``style.css``, ``results.json``, ``pictures/``; whole or not at all."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

from django.template.loader import render_to_string
from django.utils import timezone
from PIL import Image

from recommendations.evaluation.dataset import LABELS
from recommendations.evaluation.figures import RELEVANCE, TYPE
from recommendations.evaluation.report import tables
from recommendations.evaluation.report.charts import histogram_chart
from recommendations.evaluation.report.sheets import Album, Sheets
from recommendations.evaluation.results import Results, Shown, as_json
from recommendations.exceptions import DatasetError

PAGE, STYLE, FIGURES = "index.html", "style.css", "results.json"
#: What pairs are called in the chart of cosines.
PAIRS = {
    "another_type": "two products of different types",
    "all_three": "two products of the same type, colour and gender",
    "nearest": "a product and its nearest",
    "shopper": "a shopper's photo and its nearest product",
    "foreign": "a picture of no product and its nearest product",
}


def new_report_name() -> str:
    """Return a name for a report of now; later ones come later in the alphabet."""
    return timezone.now().strftime("%Y%m%d-%H%M%S")


def write_report(results: Results, shown: Shown, folder: Path, *, photos: Sequence[Image.Image] = ()) -> None:
    """Write the report; one that is there already is replaced.

    Args:
        photos: from elsewhere, as they were evaluated.

    Raises:
        DatasetError: the folder holds something that is no report.
        OSError: it cannot be written.
    """
    if folder.exists() and any(folder.iterdir()) and not (folder / FIGURES).is_file():
        raise DatasetError(f"{folder} holds something that is no report. Name a new folder.")
    folder.parent.mkdir(parents=True, exist_ok=True)
    making = Path(tempfile.mkdtemp(prefix=".making-", dir=folder.parent))
    try:
        _fill(making, results, shown, photos)
        making.chmod(0o755)
        if folder.exists():
            # Moved away first: a folder does not replace another that holds something.
            folder.rename(making / "before")
            shutil.rmtree(making / "before")
        making.rename(folder)
    finally:
        shutil.rmtree(making, ignore_errors=True)


def _fill(folder: Path, results: Results, shown: Shown, photos: Sequence[Image.Image]) -> None:
    sheets = Sheets(results, shown, Album(folder))
    first = results.contenders[0]
    context = {
        "results": results,
        "first": first,
        "evaluated": f"{results.evaluated:,}",
        "created": results.created.replace("T", " "),
        "sides": [
            (side, f"{count:,}", f"{results.split.families[side]:,}") for side, count in results.split.products.items()
        ],
        "relevance": RELEVANCE.items(),
        "overview": tables.overview(results),
        "votes": tables.votes(results),
        "shoppers": tables.shoppers(results),
        "types": tables.types(results),
        "classes": [
            (label, table)
            for label in LABELS
            if label != TYPE and (table := tables.classes(results, label)) is not None
        ],
        "confusions": [
            (label, table) for label in RELEVANCE if (table := tables.confusion(results, label)) is not None
        ],
        "changes": tables.changes(results),
        "charts": [
            (one.title, histogram_chart(one.similarities, PAIRS)) for one in results.contenders if one.similarities
        ],
        "by_chance": sheets.by_chance(),
        "worst": sheets.worst(),
        "shopper_sheets": list(sheets.shoppers()),
        "foreign": sheets.foreign(),
        "photos": sheets.photos(photos),
    }
    (folder / PAGE).write_text(render_to_string("recommendations/evaluation/report.html", context), "utf-8")
    shutil.copyfile(Path(__file__).with_name(STYLE), folder / STYLE)
    (folder / FIGURES).write_text(json.dumps(as_json(results), indent=1, ensure_ascii=False) + "\n", "utf-8")
