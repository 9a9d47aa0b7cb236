"""Import products and photos from a folder or a zip."""

from __future__ import annotations

import sys
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError
from tqdm import tqdm

from catalog.inventory.errors import InventoryError
from catalog.inventory.report import RefusedRows, describe
from catalog.inventory.source import READ_ERRORS, Source, open_source
from catalog.inventory.survey import survey
from catalog.inventory.table import Refusal, Row, read_rows
from catalog.inventory.upsert import Importer, Outcome
from catalog.progress import progress

#: Rows per transaction: few enough that a shop's own changes hardly wait.
BATCH = 200
#: Refused rows told in full; the report has them all.
SHOWN = 20


class Command(BaseCommand):
    """Read a published product list: ``styles.csv`` and ``images/<id>.jpg``, in a folder or a zip (read in place).

    A row that cannot be used is left out and named; it stops nothing. Running it again brings the shop up to date with
    the list and leaves what did not change alone. Price and stock are given to new products only.
    """

    help = "Import products and photos from a folder or a zip with styles.csv and images/<id>.jpg."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the path, how many, and where to write what was refused."""
        parser.add_argument("path", type=Path, help="the folder or the zip file")
        parser.add_argument("--limit", type=_positive, metavar="N", help="stop after N products")
        parser.add_argument(
            "--spread",
            action="store_true",
            help="with --limit: products from all over the list, always the same ones, not its first",
        )
        parser.add_argument("--report", type=Path, metavar="FILE", help="write the refused rows to this CSV file")

    def handle(self, *args: Any, **options: Any) -> None:
        """Look the whole over, then bring it in batch by batch."""
        started = time.monotonic()
        try:
            with open_source(options["path"]) as source, RefusedRows(options["report"]) as refused:
                total = self._import(source, refused, options["limit"], spread=options["spread"])
        except InventoryError as error:
            raise CommandError(str(error)) from error
        except READ_ERRORS as error:
            raise CommandError(f"{error}. What was imported before this stays; run the command again.") from error
        except DatabaseError as error:
            raise CommandError(f"The database refused: {error}. Run the command again.") from error
        except KeyboardInterrupt:
            raise CommandError(
                "Stopped. What was imported stays; run the command again to go on.", returncode=130
            ) from None
        self._summary(total, refused, time.monotonic() - started, options["report"])

    def _import(self, source: Source, refused: RefusedRows, limit: int | None, *, spread: bool) -> Outcome:
        found = survey(source, spread=spread and limit is not None)
        total = Outcome()
        wanted = found.rows if limit is None else min(limit, found.rows)
        # A bar draws over itself; Django's wrapper would put every drawing on a line of its own.
        stream = sys.stderr if self.stderr.isatty() else self.stderr
        with Importer(source, found.brands) as importer, progress(stream, wanted, "Importing") as bar:

            def save(rows: Iterator[Row]) -> None:
                while batch := list(islice(rows, BATCH if limit is None else min(BATCH, limit - total.products))):
                    outcome = importer.save(batch)
                    for refusal in sorted(outcome.refused):
                        self._refuse(refusal, refused)
                    total.add(outcome)
                    bar.update(len(batch) if limit is None else len(batch) - len(outcome.refused))

            if not found.spread or limit is None:
                with source.open_table() as table:
                    save(self._usable(read_rows(table), refused))
                return total
            order = iter(found.spread)
            # Rows that are refused are made up for by the next ones, in another pass.
            while lines := set(islice(order, limit - total.products)):
                with source.open_table() as table:
                    save(self._usable((row for row in read_rows(table) if row.line in lines), refused))
        return total

    def _usable(self, rows: Iterator[Row | Refusal], refused: RefusedRows) -> Iterator[Row]:
        for row in rows:
            if isinstance(row, Row):
                yield row
            else:
                self._refuse(row, refused)

    def _refuse(self, refusal: Refusal, refused: RefusedRows) -> None:
        refused.add(refusal)
        count = refused.reasons.total()
        if count <= SHOWN:
            self._say(describe(refusal))
        elif count == SHOWN + 1:
            self._say("More rows are left out; --report FILE writes all of them.")

    def _say(self, line: str) -> None:
        # The bar makes room for the line.
        with tqdm.external_write_mode():
            self.stderr.write(line)

    def _summary(self, total: Outcome, refused: RefusedRows, seconds: float, report: Path | None) -> None:
        self.stdout.write(
            f"{total.created:,} created, {total.updated:,} updated, {total.unchanged:,} unchanged, "
            f"{refused.reasons.total():,} left out, in {seconds:.0f} s."
        )
        for reason, count in refused.reasons.most_common():
            self.stdout.write(f"  {count:,} left out: {reason}")
        if report and refused.reasons:
            self.stdout.write(f"Rows left out are listed in {report}.")


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError(text)
    return number
