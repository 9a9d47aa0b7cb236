"""What an import says while it runs and at its end."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path
from typing import TextIO

from catalog.inventory.table import Refusal

#: A spreadsheet takes a cell that begins so for a formula, and would run it.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


class RefusedRows:
    """Collects refused rows: each to the report file as it comes, the first few in full, all by reason."""

    def __init__(self, path: Path | None) -> None:
        """Open the report file, where one is wanted; raises OSError."""
        self.reasons: Counter[str] = Counter()
        self._file: TextIO | None = None
        if path is not None:
            self._file = path.open("w", encoding="utf-8", newline="")
            self._writer = csv.writer(self._file)
            self._writer.writerow(["line", "id", "reason", "detail"])

    def __enter__(self) -> RefusedRows:
        return self

    def __exit__(self, *error: object) -> None:
        if self._file:
            self._file.close()

    def add(self, refusal: Refusal) -> None:
        """Take note of one row."""
        self.reasons[refusal.reason] += 1
        if self._file:
            self._writer.writerow([harmless(str(value)) for value in refusal])


def harmless(cell: str) -> str:
    """Return the cell as text no spreadsheet takes for a formula."""
    cell = cell.replace("\0", "\N{REPLACEMENT CHARACTER}")
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def describe(refusal: Refusal) -> str:
    """Return one row's fault as a line for people."""
    row = f"line {refusal.line}" + (f" (id {refusal.sku!r})" if refusal.sku else "")
    return f"{row}: {refusal.reason}" + (f": {refusal.detail}" if refusal.detail else "")
