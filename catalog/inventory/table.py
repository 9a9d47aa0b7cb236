"""styles.csv, row by row: whatever its encoding and however its commas, one bad row never takes another along."""

from __future__ import annotations

import csv
import io
import re
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import AnyStr, NamedTuple

from django.db.models import Model

from catalog.inventory.errors import InventoryError
from catalog.models import Category, Product

#: An id that is safe as part of a file's name.
SKU = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
#: Longest line, in bytes; the longest published one has 250.
MAX_LINE = 64 * 1024
#: Most lines a quoted value may run over.
MAX_JOINED = 10

#: The published column → the name of ours, in the published order.
COLUMNS = {
    "id": "sku",
    "gender": "gender",
    "mastercategory": "master_category",
    "subcategory": "sub_category",
    "articletype": "article_type",
    "basecolour": "colour",
    "season": "season",
    "usage": "usage",
    "productdisplayname": "name",
}
_REQUIRED = ("sku", "master_category", "sub_category", "article_type", "name")
#: NUL and its like, and what stands for bytes that are no text.
_UNREADABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffd]")
#: How the published file writes "nothing".
_NOTHING = frozenset({"na", "n/a", "nan", "null", "none"})


@dataclass(frozen=True)
class Row:
    """One product as the file has it; ``line`` counts from 1, the header included."""

    line: int
    sku: str
    gender: str
    master_category: str
    sub_category: str
    article_type: str
    colour: str
    season: str
    usage: str
    name: str


class Refusal(NamedTuple):
    """A row that is left out: ``reason`` is one of a few, ``detail`` is about this row."""

    line: int
    sku: str
    reason: str
    detail: str = ""


class _Line(NamedTuple):
    number: int
    #: None for a line too long to look at.
    text: str | None


def read_rows(file: io.BufferedReader) -> Iterator[Row | Refusal]:
    """Yield a row, or the reason it is refused, for every line with something on it. Constant memory but for the ids.

    Raises:
        InventoryError: the header is missing or lacks columns.
    """
    lines = _Lines(file)
    names = _read_header(lines)
    limits = _limits()
    seen: set[str] = set()
    for line in lines:
        if line.text is None:
            yield Refusal(line.number, "", "the line is too long", f"more than {MAX_LINE:,} bytes")
            continue
        if not line.text.strip():
            continue
        values = _split(line.text, lines, len(names))
        if isinstance(values, str):
            yield Refusal(line.number, _id_of(line.text), values)
            continue
        row = _check(line.number, values, names, limits)
        if isinstance(row, Row):
            if row.sku in seen:
                row = Refusal(row.line, row.sku, "its id was there before")
            else:
                seen.add(row.sku)
        yield row


class _Lines(Iterator[_Line]):
    """The file's lines as text, numbered; ``peek`` looks ahead without taking."""

    def __init__(self, file: io.BufferedReader) -> None:
        self._lines = _decoded(file)
        self._ahead: deque[_Line] = deque()

    def __next__(self) -> _Line:
        return self._ahead.popleft() if self._ahead else next(self._lines)

    def peek(self, index: int) -> _Line | None:
        while len(self._ahead) <= index:
            line = next(self._lines, None)
            if line is None:
                return None
            self._ahead.append(line)
        return self._ahead[index]

    def skip(self, count: int) -> None:
        for _ in range(count):
            next(self)


def _decoded(file: io.BufferedReader) -> Iterator[_Line]:
    """Yield the lines as text: UTF-16 where the file begins like it, else UTF-8, else, line by line, Windows-1252."""
    head = file.peek(4)[:4]
    wide = ""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        wide = "utf-16"
    elif len(head) == 4 and head[1::2] == b"\0\0":
        wide = "utf-16-le"
    elif len(head) == 4 and head[::2] == b"\0\0":
        wide = "utf-16-be"
    if wide:
        text = io.TextIOWrapper(file, encoding=wide, errors="replace", newline="\n")
        for number, line in enumerate(_bounded(text.readline, "\n"), 1):
            yield _Line(number, None if line is None else line.rstrip("\r\n"))
        return
    for number, raw in enumerate(_bounded(file.readline, b"\n"), 1):
        if raw is None:
            yield _Line(number, None)
            continue
        try:
            line = raw.decode("utf-8-sig" if number == 1 else "utf-8")
        except UnicodeDecodeError:
            line = raw.decode("cp1252", errors="replace")
        yield _Line(number, line.rstrip("\r\n"))


def _bounded(readline: Callable[[int], AnyStr], newline: AnyStr) -> Iterator[AnyStr | None]:
    """Yield lines, None for each that is too long; never holds more than MAX_LINE."""
    while piece := readline(MAX_LINE):
        if piece.endswith(newline) or len(piece) < MAX_LINE:
            yield piece
            continue
        while (piece := readline(MAX_LINE)) and not piece.endswith(newline):
            pass
        yield None


def _read_header(lines: _Lines) -> list[str]:
    """Return our name for each column, "" for one of no use."""
    first = next((line for line in lines if line.text is None or line.text.strip()), None)
    if first is None:
        raise InventoryError("The table is empty.")
    titles = next(csv.reader([first.text])) if first.text else []
    names = [COLUMNS.get(title.strip().strip("\ufeff").lower(), "") for title in titles]
    missing = [title for title, name in COLUMNS.items() if name not in names]
    if missing:
        expected = "id, gender, masterCategory, subCategory, articleType, baseColour, season, usage, productDisplayName"
        raise InventoryError(f"The table's first line lacks {', '.join(missing)}. It must name {expected}.")
    return names


def _split(text: str, lines: _Lines, columns: int) -> list[str] | str:
    """Return the line's values, or why it has none; takes the lines a quoted value runs over."""
    # A lone carriage return would end the row for the csv module.
    text = text.replace("\r", " ")
    for joined in range(MAX_JOINED):
        try:
            values = next(csv.reader([text], strict=True))
        except csv.Error as error:
            if "unexpected end" not in str(error):
                # Quotation marks nobody doubled: read as they stand.
                return next(csv.reader([text], quoting=csv.QUOTE_NONE))
        else:
            lines.skip(joined)
            return values
        following = lines.peek(joined)
        # A line that is a product by itself is not the rest of this one: this one's quotation mark is a slip.
        if following is None or following.text is None or following.text.count(",") >= columns - 1:
            break
        text = f"{text} {following.text}".replace("\r", " ")
        if len(text) > MAX_LINE:
            break
    return "a quotation mark opens and never closes"


def _check(line: int, values: list[str], names: Sequence[str], limits: dict[str, int]) -> Row | Refusal:
    """Return the row these values make, or why they make none."""
    sku = " ".join(values[names.index("sku")].split()) if len(values) > names.index("sku") else ""
    if len(values) > len(names) and names[-1] == "name":
        # The published file does not quote commas in a product's name.
        values = [*values[: len(names) - 1], ",".join(values[len(names) - 1 :])]
    if len(values) != len(names):
        many = "few" if len(values) < len(names) else "many"
        return Refusal(line, sku, f"too {many} values", f"{len(values)} of {len(names)}")
    fields = {name: value for name, value in zip(names, values, strict=True) if name}
    if unreadable := [name for name, value in fields.items() if _UNREADABLE.search(value)]:
        return Refusal(line, sku, "unreadable characters", ", ".join(unreadable))
    fields = {name: " ".join(value.split()) for name, value in fields.items()}
    for name in fields.keys() - _REQUIRED:
        if fields[name].lower() in _NOTHING:
            fields[name] = ""
    if empty := [name for name in _REQUIRED if not fields[name]]:
        return Refusal(line, sku, "a value is missing", ", ".join(empty))
    if not SKU.fullmatch(sku):
        return Refusal(line, sku, "the id is no plain name")
    if long := [f"{name}: {len(fields[name])} of {most}" for name, most in limits.items() if len(fields[name]) > most]:
        return Refusal(line, sku, "a value is too long", ", ".join(long))
    return Row(line, **fields)


def _limits() -> dict[str, int]:
    """Return how long each value may be, in characters, as the database has it."""
    limits = dict.fromkeys(("master_category", "sub_category", "article_type"), _max_length(Category, "name"))
    return limits | {
        name: _max_length(Product, name) for name in ("sku", "gender", "colour", "season", "usage", "name")
    }


def _max_length(model: type[Model], field: str) -> int:
    length: int | None = model._meta.get_field(field).max_length  # type: ignore[union-attr]
    assert length is not None  # noqa: S101 (for the type checker)
    return length


def _id_of(text: str) -> str:
    """Return what looks like the id at the start of a line that cannot be split."""
    found = SKU.match(text)
    return found[0] if found else ""
