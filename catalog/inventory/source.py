"""Where an inventory comes from: a folder or a zip with ``styles.csv`` and ``images/<id>.jpg``, read in place."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from catalog.inventory.errors import InventoryError
from catalog.inventory.zip_checks import (
    MAX_PHOTO_BYTES,
    MAX_TABLE_BYTES,
    PHOTO_SUFFIXES,
    check_directory,
    check_members,
)

TABLE = "styles.csv"
#: The table may lie this many folders down: fashion-dataset/fashion-dataset/styles.csv.
MAX_DEPTH = 2

#: What a zip raises where its bytes are not what it says.
READ_ERRORS = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, struct.error)


class PhotoReadError(ValueError):
    """One photo cannot be got out of the source."""


class SourcePhoto(NamedTuple):
    """A photo in the source: what it is called there, and how to get it as ``(bytes, fingerprint)``.

    ``known_fingerprint`` is its fingerprint where that is known without reading it, else an empty text.
    """

    name: str
    known_fingerprint: str
    read: Callable[[], tuple[bytes, str]]


class Source(ABC):
    """A folder or a zip."""

    def __enter__(self) -> Source:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:  # noqa: B027 (a folder holds nothing open)
        """Let go of the files."""

    @abstractmethod
    def open_table(self) -> io.BufferedReader:
        """Open styles.csv, from its beginning."""

    @abstractmethod
    def photo(self, sku: str) -> SourcePhoto | None:
        """Return the product's photo, or None. ``sku`` must be a plain name, see ``table.SKU``."""


def open_source(path: Path) -> Source:
    """Open a folder or zip after looking it over.

    Raises:
        InventoryError: it is neither, lacks styles.csv, or its contents could do harm.
    """
    try:
        if path.is_dir():
            return FolderSource(path)
        if path.is_file():
            return ZipSource(path)
    except OSError as error:
        raise InventoryError(f"{path} cannot be read: {error.strerror or error}.") from error
    raise InventoryError(f"There is no folder or zip file {path}.")


def fingerprint(crc: int, size: int) -> str:
    """Return what tells one photo from another: checksum and size, which a zip's table of contents already holds."""
    return f"{crc:08x}{size:x}"


class FolderSource(Source):
    """An unpacked set."""

    def __init__(self, path: Path) -> None:
        tables = (table for depth in range(MAX_DEPTH + 1) for table in sorted(path.glob("*/" * depth + TABLE)))
        table = next(tables, None)
        if table is None:
            raise InventoryError(f"There is no {TABLE} in {path}. Give the folder that holds it, beside images/.")
        if table.stat().st_size > MAX_TABLE_BYTES:
            raise InventoryError(f"{table} is larger than {MAX_TABLE_BYTES >> 20} MB.")
        self._table = table
        self._images = table.parent / "images"

    def open_table(self) -> io.BufferedReader:
        return self._table.open("rb")

    def photo(self, sku: str) -> SourcePhoto | None:
        for suffix in (*PHOTO_SUFFIXES, *map(str.upper, PHOTO_SUFFIXES)):
            path = self._images / f"{sku}{suffix}"
            if path.is_file():
                return SourcePhoto(f"images/{path.name}", "", partial(_read_file, path))
        return None


def _read_file(path: Path) -> tuple[bytes, str]:
    try:
        with path.open("rb") as file:
            data = file.read(MAX_PHOTO_BYTES + 1)
    except OSError as error:
        raise PhotoReadError(error.strerror or str(error)) from error
    return data, fingerprint(zlib.crc32(data), len(data))


class ZipSource(Source):
    """A zipped set. Nothing is extracted; photos are read one by one, by several threads if they like."""

    def __init__(self, path: Path) -> None:
        with ExitStack() as stack:
            file = stack.enter_context(path.open("rb"))
            check_directory(file, path)
            try:
                self._zip = stack.enter_context(zipfile.ZipFile(file))
            except (zipfile.BadZipFile, NotImplementedError, ValueError, struct.error) as error:
                raise InventoryError(f"{path} is not a zip file we can read: {error}.") from error
            check_members(self._zip.infolist(), path.stat().st_size)
            self._table = self._find_table(path)
            self._photos = self._find_photos()
            self._stack = stack.pop_all()

    def close(self) -> None:
        self._stack.close()

    def open_table(self) -> io.BufferedReader:
        # Buffered: a line at a time straight from the zip is ten times slower.
        return io.BufferedReader(self._zip.open(self._table), 1 << 16)  # type: ignore[arg-type]

    def photo(self, sku: str) -> SourcePhoto | None:
        member = self._photos.get(sku)
        if member is None:
            return None
        known = fingerprint(member.CRC, member.file_size)
        return SourcePhoto(member.filename, known, lambda: (self._read(member), known))

    def _read(self, member: zipfile.ZipInfo) -> bytes:
        try:
            return self._zip.read(member)
        except READ_ERRORS as error:
            raise PhotoReadError("damaged in the zip") from error

    def _find_table(self, path: Path) -> zipfile.ZipInfo:
        tables = [
            (len(parts), member.filename, member)
            for member in self._zip.infolist()
            if (parts := PurePosixPath(member.filename).parts)[-1:] == (TABLE,)
            and len(parts) <= MAX_DEPTH + 1
            and "__MACOSX" not in parts
        ]
        if not tables:
            raise InventoryError(f"There is no {TABLE} in {path}. The zip must hold {TABLE} and images/.")
        return min(tables)[2]

    def _find_photos(self) -> dict[str, zipfile.ZipInfo]:
        folder = self._table.filename.removesuffix(TABLE) + "images/"
        found: dict[str, zipfile.ZipInfo] = {}
        for member in self._zip.infolist():
            name = PurePosixPath(member.filename)
            if f"{name.parent}/" == folder and name.suffix.lower() in PHOTO_SUFFIXES:
                known = found.get(name.stem)
                if known is None or _rank(member) <= _rank(known):
                    found[name.stem] = member
        return found


def _rank(member: zipfile.ZipInfo) -> int:
    return PHOTO_SUFFIXES.index(PurePosixPath(member.filename).suffix.lower())
