"""Malformed images, ten families, the same ones for the same seed."""

from __future__ import annotations

import io
import random
import struct
import zlib
from collections.abc import Callable, Iterator

import numpy as np
from PIL import Image

from tests.pictures import encoded, photo

HTML = b"<html><script>alert(1)</script></html>"


KINDS: dict[str, tuple[str, dict[str, object]]] = {
    "jpeg": ("JPEG", {}),
    "progressive": ("JPEG", {"progressive": True}),
    "png": ("PNG", {}),
    "palette": ("PNG", {}),
    "webp": ("WEBP", {}),
    "lossless": ("WEBP", {"lossless": True}),
}


def good(rng: random.Random, *kinds: str) -> bytes:
    """Return a noisy picture that is all right, as one of these kinds; of any without."""
    kind = rng.choice(kinds or list(KINDS))
    image = Image.fromarray(np.frombuffer(rng.randbytes(48 * 64 * 3), np.uint8).reshape(64, 48, 3))
    name, options = KINDS[kind]
    return encoded(image.quantize(16) if kind == "palette" else image, name, **options)


def png_chunk(kind: bytes, body: bytes) -> bytes:
    """Return a chunk with a right checksum."""
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png_of(width: int, height: int, *, depth: int = 8, colour: int = 2, body: bytes = b"") -> bytes:
    """Return a PNG that says it is this large, whatever its body holds."""
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    parts = png_chunk(b"IHDR", header) + png_chunk(b"IDAT", zlib.compress(body)) + png_chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts


def text_bomb() -> bytes:
    """Return a good PNG of 60 by 80 with 100 notes of 60 MB each, packed small."""
    data = photo("red", format="PNG")
    note = png_chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(60_000_000)))
    return data[:33] + 100 * note + data[33:]


def jpeg_of(width: int, height: int) -> bytes:
    """Return a JPEG whose header says it is this large."""
    data = encoded(Image.new("RGB", (16, 16), "red"), "JPEG")
    at = data.index(b"\xff\xc0") + 5
    return data[:at] + struct.pack(">HH", height, width) + data[at + 4 :]


def webp_of(width: int, height: int) -> bytes:
    """Return a WebP whose canvas is this large."""
    body = b"VP8X" + struct.pack("<I", 10) + bytes(4) + (width - 1).to_bytes(3, "little")
    body += (height - 1).to_bytes(3, "little")
    frame = encoded(Image.new("RGB", (16, 16)), "WEBP")[12:]
    return b"RIFF" + struct.pack("<I", 4 + len(body + frame)) + b"WEBP" + body + frame


def with_exif(data: bytes, exif: bytes) -> bytes:
    """Return the JPEG with this EXIF block put in front."""
    return data[:2] + b"\xff\xe1" + struct.pack(">H", len(exif) + 8) + b"Exif\0\0" + exif + data[2:]


def cut(rng: random.Random) -> bytes:
    data = good(rng)
    return data[: rng.randrange(1, len(data))]


def flipped(rng: random.Random) -> bytes:
    data = bytearray(good(rng))
    for _ in range(rng.choice([1, 3, 30])):
        data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
    return bytes(data)


def png_games(rng: random.Random) -> bytes:
    data = good(rng, "png", "palette")
    kinds = [b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"iCCP", b"zTXt", b"eXIf", b"acTL", b"fdAT", b"gAMA", b"cHRM"]
    extra = png_chunk(rng.choice(kinds), rng.randbytes(rng.randrange(40)))
    if rng.random() < 0.3:
        extra = struct.pack(">I", rng.choice([0, 0x7FFFFFFF, 0xFFFFFFFF, 1])) + extra[4:]
    at = rng.choice([8, 33, data.index(b"IDAT") - 4, len(data) - 12, len(data)])
    return data[:at] + extra * rng.choice([1, 2, 50]) + data[at:]


def jpeg_games(rng: random.Random) -> bytes:
    data = good(rng, "jpeg", "progressive")
    segment = bytes([0xFF, rng.randrange(256)]) + rng.randbytes(rng.randrange(20))
    if rng.random() < 0.5:
        length = rng.choice([0, 1, 2, 5, 0xFFFF])
        segment = (
            bytes([0xFF, rng.randrange(0xC0, 0xFF)]) + struct.pack(">H", length) + rng.randbytes(rng.randrange(30))
        )
    at = rng.choice([2, data.index(b"\xff\xdb"), data.index(b"\xff\xda"), rng.randrange(len(data))])
    return data[:at] + segment * rng.choice([1, 2, 200]) + data[at:]


def webp_games(rng: random.Random) -> bytes:
    data = bytearray(good(rng, "webp", "lossless"))
    at = rng.choice([4, 12, 16, 20, 23, 26])
    data[at : at + rng.randrange(1, 5)] = rng.randbytes(rng.randrange(5))
    return bytes(data)


def exif_games(rng: random.Random) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = rng.choice([0, 1, 6, 9, 65535])
    block = bytearray(exif.tobytes()[6:])
    for _ in range(rng.randrange(4)):
        block[rng.randrange(len(block))] = rng.randrange(256)
    block = block[: rng.randrange(len(block) + 1)] if rng.random() < 0.3 else block
    return with_exif(good(rng, "jpeg"), bytes(block))


def dimensions(rng: random.Random) -> bytes:
    make: Callable[[int, int], bytes] = rng.choice([png_of, jpeg_of, webp_of])
    sides = [1, 2, 7, 8, 17, 300, 11_999, 12_001, 16_000, 16_383]
    return make(rng.choice(sides), rng.choice(sides))


def modes(rng: random.Random) -> bytes:
    body = rng.randbytes(rng.randrange(3000))
    return png_of(20, 30, depth=rng.choice([0, 1, 2, 4, 8, 16, 32]), colour=rng.randrange(8), body=body)


def disguises(rng: random.Random) -> bytes:
    heads = [
        b"GIF89a",
        b"BM",
        b"II*\0",
        b"MM\0*",
        b"8BPS",
        b"%PDF-1.7",
        b"%!PS",
        b"\xff\xd8\xff",
        b"\x89PNG\r\n\x1a\n",
        b"",
    ]
    heads += [b"RIFF\x20\0\0\0WEBP", b"RIFF\x20\0\0\0WEBPVP8X", b"\0\0\0\x18ftypheic", HTML, b"<svg/>", b"PK\x03\x04"]
    return rng.choice(heads) + rng.randbytes(rng.randrange(200))


def polyglots(rng: random.Random) -> bytes:
    data = good(rng)
    other = rng.choice([HTML, b"PK\x03\x04" + rng.randbytes(30), b"%PDF-1.4", good(rng)])
    return rng.choice([data + other, other + data, data[:30] + other + data[30:]])


FAMILIES: tuple[Callable[[random.Random], bytes], ...] = (
    cut,
    flipped,
    png_games,
    jpeg_games,
    webp_games,
    exif_games,
    dimensions,
    modes,
    disguises,
    polyglots,
)


def malformed(family: Callable[[random.Random], bytes], count: int, seed: int = 20) -> Iterator[bytes]:
    """Yield this many images of one family."""
    rng = random.Random(f"{family.__name__}-{seed}")
    for _ in range(count):
        yield family(rng)


def animation(kind: str) -> bytes:
    """Return two frames as GIF, APNG ("PNG") or WebP."""
    frames = [Image.new("RGB", (20, 20), colour) for colour in ("red", "blue")]
    buffer = io.BytesIO()
    frames[0].save(buffer, kind, save_all=True, append_images=frames[1:], duration=100)
    return buffer.getvalue()
