"""The one door for image bytes: untrusted bytes → an upright RGB picture, or InvalidImageError. See docs/decisions.

Everything that can be refused is refused from the header, before a single pixel is decoded.
"""

from __future__ import annotations

import io
import math
from decimal import Decimal
from typing import IO

import numpy as np
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from PIL import Image

from recommendations import conf
from recommendations.exceptions import InvalidImageError
from recommendations.image_kinds import describe_unsupported
from recommendations.image_parts import DamagedError, Parts, read_parts
from recommendations.image_profiles import convert_to_srgb

#: Longest side and most uneven sides of any photo, shortest side that still shows something; in pixels.
MAX_SIDE = 12_000
MAX_RATIO = 20
MIN_SIDE = 8
#: Largest product photo, in bytes. Shopkeepers send camera originals; shoppers have UPLOAD_MAX_BYTES.
PRODUCT_MAX_BYTES = 30 * 1024 * 1024
#: Short side, in pixels, a photo is decoded to for the network: more than twice what it looks at, so a box is sharp.
LOOK_SIDE = 512

_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


#: Modes a profile of red, green and blue can speak of.
_COLOURED = frozenset({"RGB", "RGBA", "RGBX", "P", "PA"})


def decode_query_photo(file: IO[bytes] | bytes, *, target: int = LOOK_SIDE) -> Image.Image:
    """Return a shopper's photo, upright RGB, its short side at least ``target`` px where the photo has as many.

    Raises:
        InvalidImageError: with the code and the words for the shopper.
    """
    limit = conf.get("UPLOAD_MAX_BYTES")
    data = file if isinstance(file, bytes) else file.read(limit + 1)
    return decode_image(data, max_bytes=limit, max_pixels=conf.get("QUERY_MAX_PIXELS"), target=target)


def decode_product_photo(data: bytes, *, target: int | None = None) -> Image.Image:
    """Return a product's photo, upright RGB: at full size, or as small as ``target`` allows (see ``decode_image``).

    Raises:
        InvalidImageError: with the code and the words for the shopkeeper.
    """
    return decode_image(data, max_bytes=PRODUCT_MAX_BYTES, max_pixels=conf.get("PRODUCT_MAX_PIXELS"), target=target)


def decode_image(data: bytes, *, max_bytes: int, max_pixels: int, target: int | None = None) -> Image.Image:
    """Turn untrusted bytes into an upright RGB picture in sRGB colours; transparent parts become white.

    Args:
        max_pixels: width times height of the largest picture, as stored. A WebP may have half as many: its decoder
            keeps the whole picture in memory four times.
        target: decode to a smaller size with no less than this many px on the short side. Faster, and far less memory.

    Raises:
        InvalidImageError: for every fault, whatever the bytes; codes in ``exceptions.py``.
    """
    if not data:
        raise InvalidImageError(_("The file is empty. Choose a photo and send it again."), code="empty")
    if len(data) > max_bytes:
        raise _too_large(max_bytes)
    try:
        parts = read_parts(data)
    except DamagedError as error:
        raise _damaged() from error
    if parts is None:
        raise InvalidImageError(describe_unsupported(data), code="unsupported_type")
    if parts.animated:
        raise InvalidImageError(_("This picture moves. Send a still photo."), code="animated")
    _check_size(parts.width, parts.height, max_pixels // 2 if parts.format == "WEBP" else max_pixels)
    try:
        return _decode(parts, target)
    except InvalidImageError:
        raise
    except Exception as error:
        # Hostile bytes raise anything in a decoder: OSError, SyntaxError, struct.error, zlib.error, MemoryError, …
        raise _damaged() from error


def crop_to_box(image: Image.Image, box: tuple[float, float, float, float]) -> Image.Image:
    """Return the part of the picture inside ``box``: x, y, width, height, as parts of 1 from the upper left.

    What reaches over the edge is left out.

    Raises:
        InvalidImageError: ``bad_dimensions`` for a box that is none, ``too_small`` where almost nothing is left.
    """
    x, y, w, h = box
    if not all(map(math.isfinite, box)) or min(x, y) < 0 or min(w, h) <= 0 or max(x, y) >= 1:
        raise InvalidImageError(_("The box must lie inside the photo."), code="bad_dimensions")
    left, upper = round(x * image.width), round(y * image.height)
    right, lower = round(min(x + w, 1) * image.width), round(min(y + h, 1) * image.height)
    if min(right - left, lower - upper) < MIN_SIDE:
        raise InvalidImageError(_("The chosen part is too small. Choose a larger one."), code="too_small")
    return image.crop((left, upper, right, lower))


def _decode(parts: Parts, target: int | None) -> Image.Image:
    with Image.open(io.BytesIO(parts.data), formats=(parts.format,)) as image:
        if image.size != (parts.width, parts.height):
            raise _damaged()
        if target:
            image.draft(image.mode, (target, target))
        image.load()
        coloured = image.mode in _COLOURED
        flat = _flatten(image, max(1, min(image.size) // target) if target else 1)
    if coloured and parts.profile:
        convert_to_srgb(flat, parts.profile)
    turn = _UPRIGHT.get(parts.orientation)
    return flat if turn is None else flat.transpose(turn)


def _flatten(image: Image.Image, factor: int) -> Image.Image:
    """Return the picture as RGB on white, ``factor`` times smaller; by strips, so that no second full copy exists."""
    clear = image.has_transparency_data
    if image.mode == "RGB" and not clear:
        # Itself, not a copy: 240 MB at 60 million pixels. Nothing but the pixels stays with it.
        image.info.clear()
        return image.reduce(factor) if factor > 1 else image
    flatten = _on_white if clear else _sixteen_bit if image.mode.startswith("I") else _plain
    width, height = image.size
    result = Image.new("RGB", (-(-width // factor), -(-height // factor)))
    rows = factor * max(1, 256 // factor)
    for top in range(0, height, rows):
        strip = flatten(image.crop((0, top, width, min(top + rows, height))))
        result.paste(strip.reduce(factor) if factor > 1 else strip, (0, top // factor))
    return result


def _on_white(strip: Image.Image) -> Image.Image:
    strip = strip.convert("RGBA")
    white = Image.new("RGB", strip.size, "white")
    white.paste(strip, mask=strip.getchannel("A"))
    return white


def _sixteen_bit(strip: Image.Image) -> Image.Image:
    # Pillow's own conversion clips at 255 and gives a white picture.
    return Image.fromarray((np.asarray(strip).astype(np.uint32) >> 8).clip(0, 255).astype(np.uint8)).convert("RGB")


def _plain(strip: Image.Image) -> Image.Image:
    return strip.convert("RGB")


def _check_size(width: int, height: int, max_pixels: int) -> None:
    if width < 1 or height < 1:
        raise _damaged()
    if max(width, height) > MAX_SIDE:
        code, message = "bad_dimensions", _("The photo is %(width)d × %(height)d pixels. No side may exceed %(side)d.")
    elif width * height > max_pixels:
        code, message = "too_many_pixels", _("The photo has %(pixels)d million pixels. Send one of at most %(most)d.")
    elif min(width, height) < MIN_SIDE:
        code, message = "too_small", _("The photo is only %(width)d × %(height)d pixels. Send a larger one.")
    elif max(width, height) > MAX_RATIO * min(width, height):
        code, message = "bad_dimensions", _("The photo is too long and narrow. Send one that is closer to a square.")
    else:
        return
    numbers = {"width": width, "height": height, "side": MAX_SIDE}
    numbers |= {"pixels": math.ceil(width * height / 1e6), "most": max_pixels // 1_000_000}
    raise InvalidImageError(message % numbers, code=code)


def _too_large(max_bytes: int) -> InvalidImageError:
    megabytes = number_format(Decimal(f"{max_bytes / (1024 * 1024):.3g}"))
    message = _("The photo is larger than %(limit)s MB. Send a smaller one.") % {"limit": megabytes}
    return InvalidImageError(message, code="too_large")


def _damaged() -> InvalidImageError:
    return InvalidImageError(_("The photo is damaged or incomplete. Send it again, or another one."), code="truncated")
