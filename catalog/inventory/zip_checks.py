"""Whether a zip can do harm, told from its table of contents before anything in it is read."""

from __future__ import annotations

import io
import stat
import struct
import zipfile
from collections.abc import Iterable
from pathlib import Path, PurePosixPath
from typing import IO

from catalog.inventory.errors import InventoryError

PHOTO_SUFFIXES = (".jpg", ".jpeg", ".png", ".webp")
#: Most members of a zip. The largest published set, with a description file per product and a second copy, has 180,000.
MAX_MEMBERS = 1_000_000
#: Largest table of contents of a zip, photo, table; in bytes.
MAX_DIRECTORY_BYTES = 256 * 1024 * 1024
MAX_PHOTO_BYTES = 30 * 1024 * 1024
MAX_TABLE_BYTES = 500 * 1024 * 1024
#: Bytes unpacked per byte packed. Photos reach 1, a table of products 20, a bomb 1,000.
MAX_RATIO = 200


def check_directory(file: IO[bytes], path: Path) -> None:
    """Refuse a table of contents too large to load, by what the zip's last record says."""
    size = file.seek(0, io.SEEK_END)
    tail_start = max(0, size - 65_557 - 20)
    file.seek(tail_start)
    tail = file.read()
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) < at + 22:
        raise InventoryError(f"{path} is not a zip file, or not a complete one.")
    count, directory = struct.unpack_from("<HI", tail, at + 10)
    if tail[max(0, at - 20) : at].startswith(b"PK\x06\x07"):
        (position,) = struct.unpack_from("<Q", tail, at - 12)
        file.seek(min(position, size))
        record = file.read(56)
        if len(record) == 56 and record.startswith(b"PK\x06\x06"):
            count, directory = struct.unpack_from("<QQ", record, 32)
    file.seek(0)
    if count > MAX_MEMBERS or directory > MAX_DIRECTORY_BYTES:
        raise InventoryError(f"{path} says it holds {count:,} files; at most {MAX_MEMBERS:,} are read.")


def check_members(members: Iterable[zipfile.ZipInfo], packed: int) -> None:
    """Refuse a zip that hides where its files go, what they are or how large they get; name the member."""
    total = 0
    for number, member in enumerate(members, 1):
        if number > MAX_MEMBERS:
            raise InventoryError(f"The zip holds more than {MAX_MEMBERS:,} files.")
        name = member.orig_filename
        if fault := _fault(member, name):
            raise InventoryError(f"The zip is not imported: its member {name!r} {fault}.")
        total += member.file_size
    if total > 100 * 1024 * 1024 and total > MAX_RATIO * packed:
        raise InventoryError(f"The zip is not imported: its {packed:,} bytes would unpack to {total:,}.")


def _fault(member: zipfile.ZipInfo, name: str) -> str:
    """Return what is wrong with a member, "" for nothing."""
    parts = name.replace("\\", "/").split("/")
    suffix = PurePosixPath(name).suffix.lower()
    size, packed = member.file_size, member.compress_size
    faults = {
        "leads out of its folder": ".." in parts or not parts[0] or name[1:2] == ":" or "\0" in name,
        "is a link to another file": stat.S_ISLNK(member.external_attr >> 16),
        "is encrypted": bool(member.flag_bits & 0x1),
        f"says it is a photo of {size:,} bytes": suffix in PHOTO_SUFFIXES and size > MAX_PHOTO_BYTES,
        f"says it is a table of {size:,} bytes": suffix == ".csv" and size > MAX_TABLE_BYTES,
        f"would unpack from {packed:,} to {size:,} bytes": size > 1024 * 1024 and size > MAX_RATIO * packed,
    }
    return next((fault for fault, found in faults.items() if found), "")
