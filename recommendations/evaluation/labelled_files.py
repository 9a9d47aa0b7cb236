"""The files of a labelled set in the published layout: ``styles.csv`` and ``images/<id>.jpg``, in a folder or a zip.

Nothing is extracted. Sizes are bounded by what is really read, not by what a zip says of itself.
"""

from __future__ import annotations

import csv
import re
import struct
import zipfile
import zlib
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO, NamedTuple

from recommendations.exceptions import DatasetError

TABLE = "styles.csv"
PHOTO_SUFFIXES = (".jpg", ".jpeg", ".png", ".webp")
#: The table may lie this many folders down.
MAX_DEPTH = 2
MAX_ROWS = 1_000_000
MAX_MEMBERS = 2_000_000
MAX_TABLE_BYTES = 256 * 1024 * 1024
MAX_PHOTO_BYTES = 30 * 1024 * 1024
#: Longest line and value, in characters; longer ones are no product's.
MAX_LINE = 64 * 1024
MAX_VALUE = 300
#: Columns that are not labels.
ID, NAME = "id", "productDisplayName"
#: An id that is safe as part of a file's name.
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_NOTHING = frozenset({"", "na", "n/a", "nan", "null", "none"})
_READ_ERRORS = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, struct.error)


class Row(NamedTuple):
    """One product as the table has it; ``labels`` holds every other column that says something."""

    id: str
    name: str
    labels: Mapping[str, str]


class Table(NamedTuple):
    """The rows of use, and how many were not, by reason."""

    rows: Sequence[Row]
    skipped: Mapping[str, int]


class Files(ABC):
    """A folder or a zip. Photos may be read by several threads at once."""

    @abstractmethod
    def read_table(self) -> bytes:
        """Return the table's bytes, MAX_TABLE_BYTES + 1 at most."""

    @abstractmethod
    def has_photo(self, name: str) -> bool:
        """Return whether there is a photo of this id."""

    @abstractmethod
    def read_photo(self, name: str) -> bytes:
        """Return the photo's bytes; raises OSError where it cannot be read."""


@contextmanager
def open_files(path: Path) -> Iterator[Files]:
    """Open a folder or zip.

    Raises:
        DatasetError: it is neither, cannot be read, or holds no table.
    """
    try:
        if path.is_dir():
            yield _Folder(path)
            return
        with path.open("rb") as file:
            _check_directory(file, path)
            with zipfile.ZipFile(file) as archive:
                yield _Zip(archive, path)
    except OSError as error:
        raise DatasetError(f"{path} cannot be read: {error.strerror or error}.") from error
    except _READ_ERRORS as error:
        raise DatasetError(f"{path} is not a zip file we can read: {error}.") from error


class _Folder(Files):
    def __init__(self, path: Path) -> None:
        tables = (table for depth in range(MAX_DEPTH + 1) for table in sorted(path.glob("*/" * depth + TABLE)))
        table = next(tables, None)
        if table is None:
            raise DatasetError(f"There is no {TABLE} in {path}. Name the folder that holds it, beside images/.")
        self._table = table
        images = table.parent / "images"
        found = sorted(images.iterdir(), key=lambda file: _rank(file.name)) if images.is_dir() else []
        self._photos: dict[str, Path] = {}
        for file in found:
            if file.suffix.lower() in PHOTO_SUFFIXES:
                self._photos.setdefault(file.stem, file)

    def read_table(self) -> bytes:
        with self._table.open("rb") as file:
            return file.read(MAX_TABLE_BYTES + 1)

    def has_photo(self, name: str) -> bool:
        return name in self._photos

    def read_photo(self, name: str) -> bytes:
        with self._photos[name].open("rb") as file:
            return file.read(MAX_PHOTO_BYTES + 1)


class _Zip(Files):
    def __init__(self, archive: zipfile.ZipFile, path: Path) -> None:
        self._archive = archive
        tables = [
            (len(parts), member.filename, member)
            for member in archive.infolist()
            if (parts := PurePosixPath(member.filename).parts)[-1:] == (TABLE,)
            and len(parts) <= MAX_DEPTH + 1
            and "__MACOSX" not in parts
        ]
        if not tables:
            raise DatasetError(f"There is no {TABLE} in {path}. The zip must hold {TABLE} and images/.")
        self._table = min(tables)[2]
        folder = self._table.filename.removesuffix(TABLE) + "images"
        members = [
            (name.stem, member)
            for member in archive.infolist()
            if str((name := PurePosixPath(member.filename)).parent) == folder and name.suffix.lower() in PHOTO_SUFFIXES
        ]
        self._photos: dict[str, zipfile.ZipInfo] = {}
        for stem, member in sorted(members, key=lambda pair: _rank(pair[1].filename)):
            self._photos.setdefault(stem, member)

    def read_table(self) -> bytes:
        return self._read(self._table, MAX_TABLE_BYTES)

    def has_photo(self, name: str) -> bool:
        return name in self._photos

    def read_photo(self, name: str) -> bytes:
        try:
            return self._read(self._photos[name], MAX_PHOTO_BYTES)
        except _READ_ERRORS as error:
            raise OSError(f"{name} is damaged in the zip") from error

    def _read(self, member: zipfile.ZipInfo, most: int) -> bytes:
        # Not read(): a member that unpacks to a thousand times its size stops here.
        with self._archive.open(member) as file:
            return file.read(most + 1)


def _rank(name: str) -> int:
    suffix = PurePosixPath(name).suffix.lower()
    return PHOTO_SUFFIXES.index(suffix) if suffix in PHOTO_SUFFIXES else len(PHOTO_SUFFIXES)


def _check_directory(file: IO[bytes], path: Path) -> None:
    """Refuse a table of contents too long to load, by what the zip's last record says."""
    size = file.seek(0, 2)
    file.seek(max(0, size - 65_557 - 20))
    tail = file.read()
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) < at + 22:
        raise DatasetError(f"{path} is not a zip file, or not a complete one.")
    count = struct.unpack_from("<H", tail, at + 10)[0]
    if tail[max(0, at - 20) : at].startswith(b"PK\x06\x07"):
        file.seek(min(struct.unpack_from("<Q", tail, at - 12)[0], size))
        record = file.read(56)
        if len(record) == 56 and record.startswith(b"PK\x06\x06"):
            count = struct.unpack_from("<Q", record, 32)[0]
    file.seek(0)
    if count > MAX_MEMBERS:
        raise DatasetError(f"{path} says it holds {count:,} files; at most {MAX_MEMBERS:,} are read.")


def read_table(files: Files) -> Table:
    """Return the products of ``styles.csv``, one line each; a line that is no product is counted and left out.

    Raises:
        DatasetError: the table is too large, or its header lacks the id, the name, or every label.
    """
    data = files.read_table()
    if len(data) > MAX_TABLE_BYTES:
        raise DatasetError(f"{TABLE} is larger than {MAX_TABLE_BYTES >> 20} MB.")
    lines = _decode(data).split("\n")
    titles = [title.strip().strip("\ufeff") for title in _split(lines[0])]
    if ID not in titles or NAME not in titles or len(titles) < 3:
        raise DatasetError(f"The first line of {TABLE} must name {ID}, {NAME} and at least one label.")
    rows: dict[str, Row] = {}
    skipped: Counter[str] = Counter()
    for line in lines[1:]:
        if not line.strip():
            continue
        if len(rows) >= MAX_ROWS:
            raise DatasetError(f"{TABLE} has more than {MAX_ROWS:,} rows.")
        row = _row(line, titles)
        if isinstance(row, str):
            skipped[row] += 1
        elif row.id in rows:
            skipped["its id was there before"] += 1
        else:
            rows[row.id] = row
    return Table(list(rows.values()), skipped)


def _decode(data: bytes) -> str:
    wide = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    try:
        text = data.decode("utf-16" if wide else "utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("utf-16" if wide else "cp1252", errors="replace")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _split(line: str) -> list[str]:
    if len(line) > MAX_LINE:
        return []
    try:
        return next(csv.reader([line], strict=True), [])
    except csv.Error:
        # Quotation marks nobody doubled: read as they stand.
        return next(csv.reader([line], quoting=csv.QUOTE_NONE), [])


def _row(line: str, titles: Sequence[str]) -> Row | str:
    """Return the row a line makes, or why it makes none."""
    values = _split(line)
    if len(values) > len(titles) and titles[-1] == NAME:
        # The published file does not quote commas in a product's name.
        values = [*values[: len(titles) - 1], ",".join(values[len(titles) - 1 :])]
    if len(values) != len(titles):
        return "not as many values as columns"
    fields = {title: " ".join(value.split()) for title, value in zip(titles, values, strict=True)}
    if any(len(value) > MAX_VALUE or not value.isprintable() for value in fields.values()):
        return "a value is too long or unreadable"
    key, name = fields.pop(ID), fields.pop(NAME)
    if not _ID.fullmatch(key):
        return "the id is no plain name"
    if not name:
        return "no name"
    return Row(key, name, {title: v for title, v in fields.items() if title and v.casefold() not in _NOTHING})
