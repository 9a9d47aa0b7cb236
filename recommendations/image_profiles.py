"""A photo's colour profile: what its numbers mean where they are not sRGB, as in the photos of most phones.

Understood are the profiles cameras and phones write: three primaries and a curve each (Display P3, Adobe RGB). They are
read here, and a new profile with nothing but those numbers is what the colour library sees, never a byte that
came with the photo. Whatever else a profile is, it is passed over: the photo is then taken for sRGB, as without one.
"""

from __future__ import annotations

import io
import struct
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms

#: Largest profile looked at, in bytes. Cameras write 3 kB; what is larger describes a printing press.
MAX_BYTES = 128 * 1024
#: More tags and longer curves than any such profile has.
MAX_TAGS = 100
MAX_CURVE = 4_096
#: Differences up to here, of 255, are rounding: the photo is sRGB already.
ROUNDING = 2
#: What the primaries of an RGB profile add up to: white under D50, CIE XYZ. Others are broken, or no photo's.
WHITE = (0.9642, 1.0, 0.8249)
NEAR_WHITE = 0.05

Curve = NDArray[np.float64]
_PRIMARIES, _CURVES = (b"rXYZ", b"gXYZ", b"bXYZ"), (b"rTRC", b"gTRC", b"bTRC")
#: Which of g, a, b, c, d, e, f a parametric curve gives, by its number: ICC.1:2022, 10.18.
_GIVEN = ("g", "gab", "gabc", "gabcd", "gabcdef")


def convert_to_srgb(image: Image.Image, profile: bytes) -> None:
    """Change an RGB picture from its profile's colours to sRGB, in place; leave it alone where there is no need."""
    plain = read_profile(profile)
    if plain is None:
        return
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(plain))
        transform = ImageCms.buildTransform(source, _srgb(), "RGB", "RGB", ImageCms.Intent.RELATIVE_COLORIMETRIC)
        sample = _sample()
        there = np.asarray(ImageCms.applyTransform(sample, transform), np.int16)
        if np.abs(there - np.asarray(sample, np.int16)).max() > ROUNDING:
            ImageCms.applyTransform(image, transform, inPlace=True)
    except (ImageCms.PyCMSError, OSError, ValueError):
        return


def to_lab(image: Image.Image) -> Image.Image:
    """Return an RGB picture in CIELAB, as ``convert("LAB")`` does, which spends 6 ms on making the way there anew."""
    lab: Image.Image = _srgb_to_lab().apply(image)
    return lab


def read_profile(data: bytes) -> bytes | None:
    """Return a new profile with the primaries and curves of this one, or None where it is not of that kind."""
    if not 128 < len(data) <= MAX_BYTES or (data[16:24], data[36:40]) != (b"RGB XYZ ", b"acsp"):
        return None
    try:
        tags = _tags(data)
        primaries = [_primary(tags[name]) for name in _PRIMARIES]
        curves = [_curve(tags[name]) for name in _CURVES]
    except (KeyError, struct.error, ValueError, FloatingPointError, OverflowError):
        return None
    if np.abs(np.sum(primaries, axis=0) - WHITE).max() > NEAR_WHITE:
        return None
    return _written(primaries, curves)


def _tags(data: bytes) -> dict[bytes, bytes]:
    (count,) = struct.unpack_from(">I", data, 128)
    entries = (struct.unpack_from(">4sII", data, 132 + 12 * number) for number in range(min(count, MAX_TAGS)))
    return {name: data[start : start + size] for name, start, size in entries}


def _primary(tag: bytes) -> tuple[float, float, float]:
    if tag[:4] != b"XYZ ":
        raise ValueError("no XYZ")
    x, y, z = struct.unpack_from(">iii", tag, 8)
    return x / 65536, y / 65536, z / 65536


def _curve(tag: bytes) -> Curve:
    """Return the light of each of the 256 values a photo's pixel may have, float64 (256,) from 0 to 1."""
    values = np.linspace(0, 1, 256)
    if tag[:4] == b"curv":
        (count,) = struct.unpack_from(">I", tag, 8)
        if count == 0:
            light = values
        elif count == 1:
            light = values ** (struct.unpack_from(">H", tag, 12)[0] / 256)
        elif count <= MAX_CURVE:
            table = np.frombuffer(tag, ">u2", count, 12) / 65535
            light = np.interp(values, np.linspace(0, 1, count), table)
        else:
            raise ValueError("too long a curve")
    elif tag[:4] == b"para":
        light = _parametric(tag, values)
    else:
        raise ValueError("no curve")
    if not (np.isfinite(light).all() and (np.diff(light) >= -1e-4).all() and light[0] < 0.1 and 0.9 < light[-1] < 1.1):
        raise ValueError("no curve from black to white")
    return light.clip(0, 1)


def _parametric(tag: bytes, values: Curve) -> Curve:
    (kind,) = struct.unpack_from(">H", tag, 8)
    if kind >= len(_GIVEN):
        raise ValueError("no such curve")
    numbers = struct.unpack_from(f">{len(_GIVEN[kind])}i", tag, 12)
    p = dict.fromkeys("abcdefg", 0.0) | {"a": 1.0}
    p |= {name: number / 65536 for name, number in zip(_GIVEN[kind], numbers, strict=True)}
    if kind in (1, 2):
        # Level below the point where the power begins.
        if not p["a"]:
            raise ValueError("no slope")
        bend, below, above = -p["b"] / p["a"], np.full_like(values, p["c"]), p["c"]
    else:
        bend, below, above = p["d"], p["c"] * values + p["f"], p["e"]
    with np.errstate(all="ignore"):  # what is not finite is refused by the caller
        power = (p["a"] * values + p["b"]).clip(0, None) ** p["g"] + above
    return power if kind == 0 else np.where(values >= bend, power, below)


def _written(primaries: list[tuple[float, float, float]], curves: list[Curve]) -> bytes:
    """Return a profile, ICC version 2, of these primaries and curves."""
    tags = [(b"wtpt", _xyz(WHITE))]
    tags += [(name, _xyz(primary)) for name, primary in zip(_PRIMARIES, primaries, strict=True)]
    for name, curve in zip(_CURVES, curves, strict=True):
        table = np.round(curve * 65535).astype(">u2").tobytes()
        tags.append((name, b"curv" + struct.pack(">II", 0, len(curve)) + table))
    start = 132 + 12 * len(tags)
    entries, body = b"", b""
    for name, tag in tags:
        entries += struct.pack(">4sII", name, start + len(body), len(tag))
        body += tag
    rest = struct.pack(">I", len(tags)) + entries + body
    head = struct.pack(">I4xI4s4s4s12x4s", 128 + len(rest), 0x02100000, b"mntr", b"RGB ", b"XYZ ", b"acsp")
    illuminant = _xyz(WHITE)[8:]
    return head.ljust(68, b"\0") + illuminant.ljust(60, b"\0") + rest


def _xyz(numbers: tuple[float, float, float]) -> bytes:
    return b"XYZ \0\0\0\0" + struct.pack(">iii", *(round(number * 65536) for number in numbers))


def _sample() -> Image.Image:
    """Return a picture with colours from all over the cube."""
    steps = np.arange(0, 256, 51, dtype=np.uint8)
    return Image.fromarray(np.stack(np.meshgrid(steps, steps, steps), axis=-1).reshape(6, 36, 3))


@cache
def _srgb() -> Any:
    return ImageCms.createProfile("sRGB")


@cache
def _srgb_to_lab() -> Any:
    return ImageCms.buildTransform(_srgb(), ImageCms.createProfile("LAB"), "RGB", "LAB")
