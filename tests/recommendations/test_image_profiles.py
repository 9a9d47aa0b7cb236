"""Colour profiles: a phone's colours come out as a screen shows them, and no profile does harm."""

from __future__ import annotations

import random
import struct
import zlib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageCms

from recommendations.image_profiles import MAX_BYTES, convert_to_srgb, read_profile, to_lab
from recommendations.images import decode_image, decode_product_photo, decode_query_photo
from tests.pictures import encoded, photo

Point = tuple[float, float, float]
#: Red, green and blue, adapted to D50, as the profiles of these names have them.
DISPLAY_P3 = ((0.5151, 0.2412, -0.0011), (0.2919, 0.6922, 0.0419), (0.1571, 0.0666, 0.7841))
ADOBE_RGB = ((0.6097, 0.3111, 0.0195), (0.2053, 0.6257, 0.0609), (0.1492, 0.0632, 0.7446))
SRGB = ((0.4361, 0.2225, 0.0139), (0.3851, 0.7169, 0.0971), (0.1431, 0.0606, 0.7139))


def fixed(*numbers: float) -> bytes:
    return struct.pack(f">{len(numbers)}i", *(round(number * 65536) for number in numbers))


def parametric(kind: int, *numbers: float) -> bytes:
    return b"para" + struct.pack(">IHH", 0, kind, 0) + fixed(*numbers)


#: What sRGB and Display P3 use, and what Adobe RGB does.
SRGB_CURVE = parametric(3, 2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)
GAMMA_2_2 = b"curv" + struct.pack(">IIH", 0, 1, round(2.2 * 256))


def profile(primaries: Sequence[Point], curve: bytes = SRGB_CURVE, *, space: bytes = b"RGB ") -> bytes:
    """Return a profile as a phone writes it: its three curves are one, shared."""
    tags = {
        name: b"XYZ \0\0\0\0" + fixed(*point)
        for name, point in zip((b"rXYZ", b"gXYZ", b"bXYZ"), primaries, strict=True)
    }
    body, entries = b"", b""
    for name, tag in tags.items():
        entries += struct.pack(">4sII", name, 132 + 72 + len(body), len(tag))
        body += tag
    for name in (b"rTRC", b"gTRC", b"bTRC"):
        entries += struct.pack(">4sII", name, 132 + 72 + len(body), len(curve))
    rest = struct.pack(">I", 6) + entries + body + curve
    head = struct.pack(">I4xI4s4s4s12x4s", 128 + len(rest), 0x04000000, b"mntr", space, b"XYZ ", b"acsp")
    return head.ljust(128, b"\0") + rest


def pixel(data: bytes) -> tuple[int, ...]:
    image = decode_image(data, max_bytes=1_000_000, max_pixels=1_000_000)
    found = image.getpixel((image.width // 2, image.height // 2))
    assert isinstance(found, tuple)
    return found


def near(found: tuple[int, ...], wanted: tuple[int, int, int], most: int = 4) -> bool:
    return max(abs(a - b) for a, b in zip(found, wanted, strict=True)) <= most


# What a screen of sRGB shows as pure red is (234, 51, 35) in Display P3; pure green is (144, 255, 60) in Adobe RGB.
@pytest.mark.parametrize(
    ("primaries", "curve", "stored", "shown"),
    [
        (DISPLAY_P3, SRGB_CURVE, (234, 51, 35), (255, 0, 0)),
        (ADOBE_RGB, GAMMA_2_2, (144, 255, 60), (0, 255, 0)),
    ],
)
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_phones_colours_come_out_as_srgb(
    primaries: Sequence[Point], curve: bytes, stored: tuple[int, int, int], shown: tuple[int, int, int], kind: str
) -> None:
    image = Image.new("RGB", (32, 32), stored)
    exact: dict[str, dict[str, Any]] = {"JPEG": {"quality": 100, "subsampling": 0}, "WEBP": {"lossless": True}}
    options = exact.get(kind, {})
    assert near(pixel(encoded(image, kind, **options)), stored), "without a profile it is what it is"
    assert near(pixel(encoded(image, kind, icc_profile=profile(primaries, curve), **options)), shown)


def test_shoppers_and_shopkeepers_photos_are_treated_alike() -> None:
    data = encoded(Image.new("RGB", (32, 32), (234, 51, 35)), "PNG", icc_profile=profile(DISPLAY_P3))
    for image in (decode_query_photo(data), decode_product_photo(data), decode_product_photo(data, target=16)):
        colour = image.getpixel((1, 1))
        assert isinstance(colour, tuple)
        assert near(colour, (255, 0, 0))


def test_transparent_and_palette_pictures_have_profiles_too() -> None:
    clear = Image.new("RGBA", (32, 32), (234, 51, 35, 255))
    clear.putpixel((0, 0), (0, 0, 0, 0))
    data = encoded(clear, "PNG", icc_profile=profile(DISPLAY_P3))
    assert near(pixel(data), (255, 0, 0))
    image = decode_image(data, max_bytes=1_000_000, max_pixels=1_000_000)
    assert image.getpixel((0, 0)) == (255, 255, 255)
    few = Image.new("RGB", (32, 32), (234, 51, 35)).quantize(4)
    assert near(pixel(encoded(few, "PNG", icc_profile=profile(DISPLAY_P3))), (255, 0, 0))


def test_a_photo_that_is_srgb_already_keeps_every_pixel() -> None:
    numbers = np.random.default_rng(1).integers(0, 256, (40, 40, 3), np.uint8)
    image = Image.fromarray(numbers)
    own = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for data in (own, profile(SRGB)):
        assert read_profile(data), "it is understood"
        assert (
            np.asarray(decode_image(encoded(image, "PNG", icc_profile=data), max_bytes=1 << 20, max_pixels=1 << 20))
            == numbers
        ).all()


def test_white_stays_white_and_grey_stays_grey() -> None:
    for level in (255, 128, 20):
        image = Image.new("RGB", (8, 8), (level, level, level))
        convert_to_srgb(image, profile(DISPLAY_P3))
        colour = image.getpixel((4, 4))
        assert isinstance(colour, tuple)
        assert near(colour, (level, level, level), 1)


@pytest.mark.parametrize(
    "curve",
    [
        b"curv" + struct.pack(">II", 0, 0),
        b"curv" + struct.pack(">II", 0, 1024) + (np.linspace(0, 1, 1024) ** 2.2 * 65535).astype(">u2").tobytes(),
        parametric(0, 2.2),
        parametric(1, 2.4, 1 / 1.055, 0.055 / 1.055),
        parametric(4, 2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045, 0.0, 0.0),
    ],
)
def test_every_kind_of_curve_is_read(curve: bytes) -> None:
    assert read_profile(profile(DISPLAY_P3, curve))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"x" * 500,
        profile(DISPLAY_P3, space=b"CMYK"),
        profile(DISPLAY_P3, space=b"GRAY"),
        profile(DISPLAY_P3)[:200],
        profile(DISPLAY_P3) + bytes(MAX_BYTES),
        profile([(9.0, 9.0, 9.0)] * 3),
        profile([(0.0, 0.0, 0.0)] * 3),
        profile(DISPLAY_P3, b"curv" + struct.pack(">II", 0, 0xFFFFFFFF)),
        profile(DISPLAY_P3, b"curv" + struct.pack(">II", 0, 4096) + b"\0\0"),
        profile(DISPLAY_P3, b"curv" + struct.pack(">II3H", 0, 3, 65535, 9, 0)),
        profile(DISPLAY_P3, parametric(0, -30_000.0)),
        profile(DISPLAY_P3, parametric(1, 2.4, 0.0, 1.0)),
        profile(DISPLAY_P3, parametric(9, 1.0)),
        profile(DISPLAY_P3, b"mft2" + bytes(60)),
    ],
)
def test_other_and_broken_profiles_are_passed_over(data: bytes) -> None:
    assert read_profile(data) is None
    image = Image.new("RGB", (8, 8), (234, 51, 35))
    convert_to_srgb(image, data)
    assert image.getpixel((0, 0)) == (234, 51, 35)
    assert near(pixel(encoded(image, "PNG", icc_profile=data or None)), (234, 51, 35))


def test_a_thousand_damaged_profiles_harm_nobody() -> None:
    draw = random.Random(1)
    good = profile(DISPLAY_P3)
    image = Image.new("RGB", (4, 4), (10, 200, 90))
    read = 0
    for _ in range(1_000):
        data = bytearray(good)
        for _ in range(draw.randint(1, 8)):
            data[draw.randrange(len(data))] = draw.randrange(256)
        read += read_profile(bytes(data)) is not None
        convert_to_srgb(image, bytes(data))
    assert 0 < read < 1_000


def test_a_profile_that_unpacks_to_gigabytes_is_not_unpacked() -> None:
    packer = zlib.compressobj(9)
    bomb = b"".join([packer.compress(bytes(1 << 20)) for _ in range(200)] + [packer.flush()])
    plain = photo("red", (32, 32), "PNG")
    chunk = b"iCCPbomb\0\0" + bomb
    whole = struct.pack(">I", len(chunk) - 4) + chunk + struct.pack(">I", zlib.crc32(chunk))
    head = 8 + 25
    assert pixel(plain[:head] + whole + plain[head:]) == (200, 30, 30)


def test_a_profile_in_many_pieces_is_put_together() -> None:
    data = profile(DISPLAY_P3)
    image = encoded(Image.new("RGB", (32, 32), (234, 51, 35)), quality=100, subsampling=0)
    pieces = [data[start : start + 100] for start in range(0, len(data), 100)]
    segments = b""
    for number, piece in reversed(list(enumerate(pieces, 1))):
        body = b"ICC_PROFILE\0" + bytes([number, len(pieces)]) + piece
        segments += b"\xff\xe2" + struct.pack(">H", len(body) + 2) + body
    assert near(pixel(image[:2] + segments + image[2:]), (255, 0, 0))


def test_cielab_is_what_pillow_makes_of_it_from_many_threads_too() -> None:
    noise = [np.random.default_rng(seed).integers(0, 256, (48, 64, 3), np.uint8) for seed in range(40)]
    pictures = [Image.fromarray(pixels) for pixels in noise]
    expected = [picture.convert("LAB").tobytes() for picture in pictures]
    with ThreadPoolExecutor(8) as pool:
        assert [picture.tobytes() for picture in pool.map(to_lab, pictures)] == expected
