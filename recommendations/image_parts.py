"""What a photo's bytes say before anything is decoded: which format, how large, which parts make the picture.

Only the parts that make the picture go on to the decoder. Text, second pictures and whatever is glued to the end stay
behind: bombs and most decoder faults live there, and none of it is needed to look at a photo. The colour profile goes a
way of its own, see ``image_profiles``.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterator
from typing import NamedTuple

from recommendations.image_profiles import MAX_BYTES as MAX_PROFILE

#: More parts than any camera or editor writes; decoders walk them one by one, slowly.
MAX_PARTS = 50_000
#: Progressive JPEGs have about 10 scans. Each one is a pass over the whole picture, so thousands are hours of work.
MAX_SCANS = 64

_MARKER = re.compile(rb"\xff+([^\x00\xff])")
# Inside a scan FF00 is a plain FF and FFD0 to FFD7 are restart marks: neither ends it.
_SCAN_END = re.compile(rb"\xff[\x01-\xcf\xd8-\xfe]")
_SIZES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_STANDALONE = frozenset({0x01, 0xD8, *range(0xD0, 0xD8)})
# APP0 and APP14 say how colours are stored. The other APPn and the comment are not the picture.
_JPEG_DROPPED = (frozenset(range(0xE0, 0xF0)) - {0xE0, 0xEE}) | {0xFE}
_JPEG_PROFILE = b"ICC_PROFILE\0"
_PNG_KEPT = frozenset({b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"})


class Parts(NamedTuple):
    """A picture before decoding.

    ``format`` is Pillow's name; ``width`` and ``height`` are pixels as stored; ``data`` is what to decode;
    ``orientation`` is EXIF's number for which way is up, 1 to 8, 1 upright; ``profile`` is the colour profile, or b"".
    """

    format: str
    width: int
    height: int
    data: bytes
    animated: bool = False
    orientation: int = 1
    profile: bytes = b""


class DamagedError(ValueError):
    """The bytes begin like a picture and do not go on like one."""


def read_parts(data: bytes) -> Parts | None:
    """Return the parts that make the picture, or None where the bytes are not a JPEG, PNG or WebP.

    Raises:
        DamagedError: the header ends early, or no encoder writes such a file.
    """
    try:
        if data.startswith(b"\xff\xd8\xff"):
            return _jpeg(data)
        if data.startswith(b"\x89PNG\r\n\x1a\n"):
            return _png(data)
        if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
            return _webp(data)
    except struct.error as error:
        raise DamagedError("the header ends early") from error
    return None


def _jpeg(data: bytes) -> Parts:
    kept = [b"\xff\xd8"]
    size = None
    orientation, scans = 1, 0
    profile: dict[int, bytes] = {}
    for marker, start, end in _segments(data):
        if marker in _SIZES:
            if size is not None:
                raise DamagedError("two pictures in one")
            height, width = struct.unpack_from(">HH", data, start + 3)
            size = (width, height)
        elif marker == 0xDA:
            scans += 1
            if scans > MAX_SCANS:
                raise DamagedError("too many scans")
        elif marker == 0xE1 and data.startswith(b"Exif\0\0", start + 2):
            orientation = read_orientation(data[start + 8 : end])
        elif marker == 0xE2 and data.startswith(_JPEG_PROFILE, start + 2) and end - start > 16:
            # A profile longer than a segment is cut in pieces, numbered from 1.
            profile.setdefault(data[start + 14], data[start + 16 : end])
        if marker not in _JPEG_DROPPED:
            kept.append(b"\xff%c%b" % (marker, data[start:end]))
    if size is None or not scans:
        raise DamagedError("no picture inside")
    pieces = b"".join(profile[number] for number in sorted(profile))
    return Parts("JPEG", *size, b"".join(kept), orientation=orientation, profile=pieces)


def _segments(data: bytes) -> Iterator[tuple[int, int, int]]:
    """Yield each segment's marker, where its length begins and where it ends; a scan ends after its pixels."""
    position = 2
    for _ in range(MAX_PARTS):
        found = _MARKER.search(data, position)
        if found is None:
            return
        marker, position = found[1][0], found.end()
        if marker == 0xD9:
            yield marker, position, position
            return
        if marker in _STANDALONE:
            continue
        (length,) = struct.unpack_from(">H", data, position)
        end = position + length
        if length < 2 or end > len(data):
            return
        if marker == 0xDA:
            after = _SCAN_END.search(data, end)
            end = after.start() if after else len(data)
        yield marker, position, end
        position = end
    raise DamagedError("too many parts")


def _png(data: bytes) -> Parts:
    if data[12:16] != b"IHDR":
        raise DamagedError("no header")
    width, height = struct.unpack_from(">II", data, 16)
    kept = [data[:8]]
    frames = orientation = 1
    profile = b""
    position = 8
    for _ in range(MAX_PARTS):
        if position + 8 > len(data):
            break
        length, kind = struct.unpack_from(">I4s", data, position)
        end = position + 12 + length
        if kind == b"acTL" and length >= 4:
            (frames,) = struct.unpack_from(">I", data, position + 8)
        if kind == b"eXIf":
            orientation = read_orientation(data[position + 8 : end - 4])
        if kind == b"iCCP":
            profile = _inflated(data[position + 8 : end - 4])
        if kind in _PNG_KEPT:
            kept.append(data[position:end])
        position = end
        if kind == b"IEND":
            break
    else:
        raise DamagedError("too many parts")
    return Parts("PNG", width, height, b"".join(kept), frames > 1, orientation, profile)


def _inflated(chunk: bytes) -> bytes:
    """Return the profile of a PNG's chunk: a name, a zero, the method, and what zlib made of it."""
    _, _, packed = chunk.partition(b"\0")
    try:
        return zlib.decompressobj().decompress(packed[1:], MAX_PROFILE + 1)
    except zlib.error:
        return b""


def _webp(data: bytes) -> Parts:
    (length,) = struct.unpack_from("<I", data, 4)
    data = data[: length + 8]
    kind = data[12:16]
    if kind == b"VP8X":
        flags, wide, wider, high, higher = struct.unpack_from("<B3xHBHB", data, 20)
        width, height = (wide | wider << 16) + 1, (high | higher << 16) + 1
        # A moving WebP of one frame is a still picture.
        animated = bool(flags & 0x02) and data.count(b"ANMF") != 1
        chunks = _webp_chunks(data)
        exif = chunks.get(b"EXIF", b"").removeprefix(b"Exif\0\0")
        return Parts("WEBP", width, height, data, animated, read_orientation(exif), chunks.get(b"ICCP", b""))
    if kind == b"VP8L":
        (bits,) = struct.unpack_from("<I", data, 21)
        return Parts("WEBP", (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1, data)
    if kind == b"VP8 ":
        width, height = struct.unpack_from("<HH", data, 26)
        return Parts("WEBP", width & 0x3FFF, height & 0x3FFF, data)
    raise DamagedError("no picture inside")


def _webp_chunks(data: bytes) -> dict[bytes, bytes]:
    """Return what stands beside the picture in an extended WebP: the first chunk of each kind."""
    found: dict[bytes, bytes] = {}
    position = 12
    for _ in range(MAX_PARTS):
        if position + 8 > len(data):
            return found
        kind, length = struct.unpack_from("<4sI", data, position)
        start, end = position + 8, position + 8 + length
        if kind in {b"EXIF", b"ICCP"}:
            found.setdefault(kind, data[start:end])
        position = end + length % 2
    raise DamagedError("too many parts")


def read_orientation(exif: bytes) -> int:
    """Return EXIF's number for which way is up, 1 to 8; 1, upright, where there is none or the block is broken.

    Read here and not by Pillow: a phone's EXIF has hundreds of entries, and only this one matters.
    """
    order = {b"II": "<", b"MM": ">"}.get(exif[:2])
    if order is None:
        return 1
    try:
        (first,) = struct.unpack_from(f"{order}I", exif, 4)
        (count,) = struct.unpack_from(f"{order}H", exif, first)
        for number in range(count):
            tag, kind, _values, value = struct.unpack_from(f"{order}HHIH", exif, first + 2 + 12 * number)
            if tag == 0x0112:
                return int(value) if kind == 3 and 1 <= value <= 8 else 1
    except struct.error:
        pass
    return 1
