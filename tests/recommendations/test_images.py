"""The door for image bytes: what comes in upright, what stays out and with which words."""

from __future__ import annotations

import io
import random
import struct
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from recommendations.exceptions import InvalidImageError
from recommendations.images import (
    LOOK_SIDE,
    PRODUCT_MAX_BYTES,
    crop_to_box,
    decode_image,
    decode_product_photo,
    decode_query_photo,
)
from tests.pictures import encoded, photo, picture
from tests.recommendations import malformed

ROOT = Path(__file__).resolve().parents[2]


def refused(data: bytes, **limits: int) -> InvalidImageError:
    """Return the refusal of these bytes."""
    limits = {"max_bytes": 10_000_000, "max_pixels": 40_000_000, **limits}
    with pytest.raises(InvalidImageError) as caught:
        decode_image(data, **limits)
    assert str(caught.value).endswith("."), "a sentence for people"
    return caught.value


def decoded(data: bytes) -> Image.Image:
    image = decode_image(data, max_bytes=10_000_000, max_pixels=40_000_000)
    assert image.mode == "RGB"
    return image


def corner_colours(image: Image.Image) -> list[str]:
    """Name the dominant channel of the four corners: upper left, upper right, lower left, lower right."""
    w, h = image.size
    points = [(2, 2), (w - 3, 2), (2, h - 3), (w - 3, h - 3)]
    names = []
    for point in points:
        pixel = np.array(image.getpixel(point))
        names.append("white" if pixel.min() > 128 else ("red", "green", "blue")[int(pixel.argmax())])
    return names


def four_corners() -> Image.Image:
    """Return red, green over blue, white."""
    image = Image.new("RGB", (64, 48), "white")
    image.paste((255, 0, 0), (0, 0, 32, 24))
    image.paste((0, 255, 0), (32, 0, 64, 24))
    image.paste((0, 0, 255), (0, 24, 32, 48))
    return image


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_the_three_formats_are_read(kind: str) -> None:
    image = decoded(photo("teal", format=kind))
    assert image.size == (60, 80)
    assert np.abs(np.array(image.getpixel((30, 40))) - (20, 140, 150)).max() <= 6


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_rotated_phone_photo_comes_out_upright(orientation: int) -> None:
    undo = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    image = four_corners()
    turned = image.transpose(undo[orientation]) if orientation in undo else image
    exif = Image.Exif()
    exif[0x0112] = orientation
    for kind in ("JPEG", "PNG", "WEBP"):
        result = decoded(encoded(turned, kind, exif=exif.tobytes()))
        assert result.size == (64, 48), kind
        assert corner_colours(result) == ["red", "green", "blue", "white"], kind


def test_a_broken_note_about_the_right_way_up_does_not_refuse_the_photo() -> None:
    image = decoded(malformed.with_exif(photo("red"), b"II*\0\x08\0\0\0\xff\xff\x12\x01"))
    assert image.size == (60, 80)


def test_transparent_parts_become_white() -> None:
    clear = Image.new("RGBA", (40, 600), (255, 0, 0, 0))
    clear.paste((0, 0, 255, 255), (0, 0, 20, 600))
    clear.paste((0, 0, 0, 128), (0, 0, 20, 20))
    for data in (encoded(clear, "PNG"), encoded(clear, "WEBP", lossless=True)):
        image = decoded(data)
        assert image.getpixel((30, 599)) == (255, 255, 255)
        assert image.getpixel((10, 599)) == (0, 0, 255)
        assert image.getpixel((10, 10)) == (127, 127, 127)


@pytest.mark.parametrize("mode", ["LA", "P", "RGB", "L"])
def test_transparency_is_understood_in_every_way_a_png_says_it(mode: str) -> None:
    if mode == "LA":
        data = encoded(Image.new("LA", (20, 20), (0, 0)), "PNG")
    else:
        black = 0 if mode in "LP" else (0, 0, 0)
        data = encoded(Image.new(mode, (20, 20), black), "PNG", transparency=black)
    assert decoded(data).getpixel((10, 10)) == (255, 255, 255)


def test_palette_grey_and_bilevel_pictures_keep_their_colours() -> None:
    assert decoded(encoded(picture("purple").quantize(8), "PNG")).getpixel((9, 9)) == (120, 40, 160)
    assert decoded(encoded(Image.new("L", (20, 20), 77), "PNG")).getpixel((9, 9)) == (77, 77, 77)
    assert decoded(encoded(Image.new("L", (20, 20), 77), "JPEG")).getpixel((9, 9)) == (77, 77, 77)
    assert decoded(encoded(Image.new("1", (20, 20), 1), "PNG")).getpixel((9, 9)) == (255, 255, 255)


def test_a_16_bit_picture_is_not_white() -> None:
    ramp = np.full((20, 30), 0x8040, np.uint16)
    assert decoded(encoded(Image.fromarray(ramp), "PNG")).getpixel((9, 9)) == (128, 128, 128)
    body = b"".join(b"\0" + struct.pack(">HHH", 0xFF00, 0x8000, 0x0000) * 10 for _ in range(10))
    assert decoded(malformed.png_of(10, 10, depth=16, colour=2, body=body)).getpixel((5, 5)) == (255, 128, 0)


def test_a_print_shops_cmyk_jpeg_keeps_its_colours() -> None:
    data = encoded(picture("green").convert("CMYK"), "JPEG", quality=95)
    assert np.abs(np.array(decoded(data).getpixel((30, 30))) - (30, 150, 60)).max() < 8


def test_a_phones_two_pictures_in_one_file_count_as_its_first() -> None:
    buffer = io.BytesIO()
    picture("red").save(buffer, "MPO", save_all=True, append_images=[picture("blue")])
    with Image.open(io.BytesIO(buffer.getvalue())) as opened:
        assert opened.format == "MPO"
    image = decoded(buffer.getvalue())
    assert image.size == (60, 80)
    assert corner_colours(image) == ["red"] * 4


def test_a_large_jpeg_is_decoded_small_for_the_network_and_whole_for_the_shop() -> None:
    data = encoded(Image.new("RGB", (4000, 3000), "navy"), "JPEG")
    assert min(decode_query_photo(data).size) in range(LOOK_SIDE, 2 * LOOK_SIDE)
    assert min(decode_product_photo(data, target=LOOK_SIDE).size) in range(LOOK_SIDE, 2 * LOOK_SIDE)
    assert decode_product_photo(data).size == (4000, 3000)


def test_a_large_png_is_made_smaller_the_same_way_its_colours_kept() -> None:
    image = four_corners().resize((3001, 2003), Image.Resampling.NEAREST)
    small = decode_query_photo(encoded(image, "PNG", compress_level=1))
    assert min(small.size) in range(LOOK_SIDE, 2 * LOOK_SIDE)
    assert corner_colours(small) == ["red", "green", "blue", "white"]
    clear = decode_query_photo(encoded(image.convert("RGBA"), "PNG", compress_level=1))
    assert np.abs(np.asarray(clear, int) - np.asarray(small, int)).max() <= 1


def test_a_query_photo_may_be_a_file() -> None:
    assert decode_query_photo(io.BytesIO(photo("red"))).size == (60, 80)


def test_a_file_is_read_no_further_than_the_limit(settings: pytest.FixtureRequest) -> None:
    settings.VOGUE = {**settings.VOGUE, "UPLOAD_MAX_BYTES": 1000}  # type: ignore[attr-defined]
    file = io.BytesIO(photo("red") + bytes(50_000))
    with pytest.raises(InvalidImageError) as caught:
        decode_query_photo(file)
    assert caught.value.code == "too_large"
    assert file.tell() == 1001


@pytest.mark.parametrize(
    ("data", "code", "words"),
    [
        (b"", "empty", "empty"),
        (b"\0\0\0\x18ftypheic" + bytes(20), "unsupported_type", "HEIC"),
        (b"\0\0\0\x18ftypavif" + bytes(20), "unsupported_type", "AVIF"),
        (b"\0\0\0\x18ftypisom" + bytes(20), "unsupported_type", "video"),
        (b"GIF89a" + bytes(20), "unsupported_type", "GIF"),
        (b"%PDF-1.7", "unsupported_type", "PDF"),
        (b"<?xml version='1.0'?>\n<svg xmlns='x'/>", "unsupported_type", "SVG"),
        (b"<!DOCTYPE html><p>", "unsupported_type", "web page"),
        (b"BM" + bytes(50), "unsupported_type", "BMP"),
        (b"II*\0" + bytes(50), "unsupported_type", "TIFF"),
        (b"%!PS-Adobe-3.0 EPSF-3.0", "unsupported_type", "PostScript"),
        (b"\0\0\1\0" + bytes(50), "unsupported_type", "not a photo"),
        (b"hello", "unsupported_type", "not a photo"),
        (malformed.animation("GIF"), "unsupported_type", "GIF"),
        (malformed.animation("PNG"), "animated", "moves"),
        (malformed.animation("WEBP"), "animated", "moves"),
        (photo("red")[:-40], "truncated", "damaged"),
        (photo("red", format="PNG")[:-30], "truncated", "damaged"),
        (photo("red", format="WEBP")[:-30], "truncated", "damaged"),
        (encoded(Image.effect_noise((900, 900), 90).convert("RGB"))[:700], "truncated", "damaged"),
        (malformed.png_of(12_001, 700), "bad_dimensions", "12001"),
        (malformed.jpeg_of(700, 12_001), "bad_dimensions", "12001"),
        (malformed.webp_of(16_000, 800), "bad_dimensions", "16000"),
        (malformed.png_of(8000, 5001), "too_many_pixels", "41 million"),
        (malformed.jpeg_of(8000, 5001), "too_many_pixels", "41 million"),
        (malformed.webp_of(8000, 2501), "too_many_pixels", "at most 20"),
        (malformed.png_of(0, 50), "truncated", "damaged"),
        (malformed.png_of(7, 50), "too_small", "7"),
        (malformed.png_of(10, 201), "bad_dimensions", "narrow"),
    ],
)
def test_what_is_refused_says_why(data: bytes, code: str, words: str) -> None:
    error = refused(data)
    assert error.code == code
    assert words in str(error)


def test_exactly_as_many_bytes_as_allowed_pass_and_one_more_does_not() -> None:
    data = photo("red")
    assert decode_image(data, max_bytes=len(data), max_pixels=10_000).size == (60, 80)
    assert refused(data, max_bytes=len(data) - 1).code == "too_large"


def test_limits_of_pixels_and_shape_are_inclusive() -> None:
    assert decode_image(photo("red", (60, 80)), max_bytes=10_000, max_pixels=4800).size == (60, 80)
    assert refused(photo("red", (60, 80)), max_pixels=4799).code == "too_many_pixels"
    assert decoded(photo("red", (10, 200))).size == (10, 200)
    assert decoded(photo("red", (8, 8))).size == (8, 8)


def test_a_product_photo_may_be_larger_than_a_shoppers(settings: pytest.FixtureRequest) -> None:
    data = malformed.png_of(8000, 5001)
    with pytest.raises(InvalidImageError) as caught:
        decode_product_photo(data)
    assert caught.value.code == "truncated", "its size was accepted, its missing pixels were not"
    with pytest.raises(InvalidImageError) as caught:
        decode_product_photo(bytes(PRODUCT_MAX_BYTES + 1))
    assert caught.value.code == "too_large"


def test_a_png_that_unpacks_to_gigabytes_of_text_is_read_without_it() -> None:
    assert decoded(malformed.text_bomb()).size == (60, 80)


def test_a_jpeg_of_thousands_of_scans_is_refused_at_once() -> None:
    data = encoded(Image.new("RGB", (2000, 2000), "red"), "JPEG", progressive=True)
    scan = data[data.rindex(b"\xff\xc4") : -2]
    started = time.perf_counter()
    assert refused(data[:-2] + scan * 5000 + data[-2:]).code == "truncated"
    assert time.perf_counter() - started < 0.5


def test_endless_tiny_parts_are_refused_at_once() -> None:
    started = time.perf_counter()
    png = photo("red", format="PNG")
    assert refused(png[:33] + malformed.png_chunk(b"IDAT", b"") * 600_000 + png[33:]).code == "truncated"
    jpeg = photo("red")
    assert refused(jpeg[:2] + b"\xff\xfe\0\2" * 2_000_000 + jpeg[2:]).code == "truncated"
    assert time.perf_counter() - started < 2


@pytest.mark.parametrize("family", malformed.FAMILIES, ids=lambda family: family.__name__)
def test_malformed_images_are_refused_in_words_or_read_and_nothing_else(family) -> None:
    outcomes: dict[str, int] = {}
    slowest = 0.0
    for data in malformed.malformed(family, 100):
        started = time.perf_counter()
        try:
            image = decode_image(data, max_bytes=10_000_000, max_pixels=40_000_000, target=LOOK_SIDE)
            image.resize((8, 8)).tobytes()
            outcome = "read"
        except InvalidImageError as error:
            outcome = error.code
        slowest = max(slowest, time.perf_counter() - started)
        outcomes[outcome] = outcomes.get(outcome, 0) + 1
    assert slowest < 2, f"{slowest:.1f} s for one image"
    if family is malformed.exif_games:
        assert outcomes == {"read": 100}, "a broken note is no reason to refuse a good picture"
    else:
        assert set(outcomes) - {"read"}, "none was refused: the family is not malformed"


BOMBS = {
    "malformed.png_of(11_900, 11_900, body=bytes(40_000_000))": "too_many_pixels",
    "malformed.png_of(2**31 - 1, 2**31 - 1, body=bytes(40_000_000))": "bad_dimensions",
    "malformed.jpeg_of(11_900, 11_900)": "too_many_pixels",
    "malformed.jpeg_of(65_535, 65_535)": "bad_dimensions",
    "malformed.webp_of(11_900, 11_900)": "too_many_pixels",
    "malformed.webp_of(16_777_216, 16_777_216)": "bad_dimensions",
    # Read, as the text is no part of the picture.
    "malformed.text_bomb()": "read",
}


@pytest.mark.parametrize(("bomb", "expected"), BOMBS.items())
def test_a_bomb_is_dealt_with_from_its_header_in_little_memory(bomb: str, expected: str) -> None:
    # Built in one process, read in a fresh one: only what reading takes is measured.
    build = f"import sys\nfrom tests.recommendations import malformed\nsys.stdout.buffer.write({bomb})"
    data = subprocess.run([sys.executable, "-c", build], cwd=ROOT, capture_output=True, check=True).stdout
    read = """
import resource, sys
from django.conf import settings
settings.configure(USE_I18N=False)
from recommendations.exceptions import InvalidImageError
from recommendations.images import decode_image
from tests.pictures import photo
decode_image(photo("red"), max_bytes=10**7, max_pixels=4 * 10**7)
data = sys.stdin.buffer.read()
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    decode_image(data, max_bytes=10**8, max_pixels=4 * 10**7, target=512)
    code = "read"
except InvalidImageError as error:
    code = error.code
print(code, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""
    ran = subprocess.run([sys.executable, "-c", read], cwd=ROOT, input=data, capture_output=True, check=True)
    code, grown = ran.stdout.decode().split()
    assert code == expected
    assert int(grown) < 50 * 1024, f"{int(grown) // 1024} MB"


def test_decoding_does_not_touch_pillows_settings() -> None:
    before = Image.MAX_IMAGE_PIXELS
    rng = random.Random(1)
    for kind in malformed.KINDS:
        decoded(malformed.good(rng, kind))
    assert before == Image.MAX_IMAGE_PIXELS


def test_a_box_cuts_out_what_it_frames() -> None:
    image = four_corners()
    assert corner_colours(crop_to_box(image, (0.5, 0.0, 0.5, 0.5))) == ["green"] * 4
    assert crop_to_box(image, (0.5, 0.0, 0.5, 0.5)).size == (32, 24)
    assert crop_to_box(image, (0, 0, 1, 1)).size == image.size
    assert crop_to_box(image, (0.5, 0.5, 0.9, 0.9)).size == (32, 24), "what reaches over the edge is left out"


@pytest.mark.parametrize(
    "box", [(-0.1, 0, 1, 1), (0, 0, 0, 1), (1.0, 0, 1, 1), (float("nan"), 0, 1, 1), (0, 0, float("inf"), 1)]
)
def test_a_box_outside_the_photo_is_refused(box: tuple[float, float, float, float]) -> None:
    with pytest.raises(InvalidImageError) as caught:
        crop_to_box(four_corners(), box)
    assert caught.value.code == "bad_dimensions"


def test_a_box_with_almost_nothing_in_it_is_refused() -> None:
    with pytest.raises(InvalidImageError) as caught:
        crop_to_box(four_corners(), (0.5, 0.5, 0.05, 0.05))
    assert caught.value.code == "too_small"
