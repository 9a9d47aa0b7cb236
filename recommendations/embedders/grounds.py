"""A product as if it stood on white: what a plain wall, table or studio behind it would add to a vector is taken out.

Pillow and NumPy only. Decision 21 says why, and what it is worth.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

Floats = NDArray[np.float32]
Mask = NDArray[np.bool_]

#: The ground is told by a margin this wide, as part of the longer side. A shorter side of fewer pixels tells nothing.
MARGIN, SMALLEST = 0.04, 16
#: A ground as light as this in every channel is white already.
WHITE = 240
#: This part of the margin must be ground, spread (robust standard deviation) no further than this around its colours.
LEAST, ROUGHEST = 0.4, 14.0
#: What is away from the ground's colours by this many spreads is product; by no less and no more than so many levels.
SPREADS, NEAREST, FURTHEST = 4.0, 7.0, 28.0
#: Ground is this part of the whole photo: with less there is none to take out, with more nothing stands on it.
PARTS = (0.04, 0.985)
#: A ground as smooth and light as this, and this little coloured, is white in some light; what stands on it is, too.
SMOOTH, LIGHT, COLOURED = 2.0, 110.0, 0.2
#: A bar of a screenshot ends where pixels differ by more than this. Together they take up less than half of the height.
BAR = 16


def on_white(photo: Image.Image, size: int) -> Image.Image | None:
    """Return the product on white, the longer side ``size`` pixels; None where the ground is white or not a plain one.

    A plain ground has one colour, or colours that change evenly from side to side, as walls, tables and studio papers
    in some light have. It is told from the photo's margin and is what can be reached from there.

    Args:
        photo: upright RGB of any size.
        size: in pixels, as the network sees it.
    """
    if _stands_on_white(photo):
        return None
    scale = size / max(photo.size)
    sides = (max(1, round(photo.width * scale)), max(1, round(photo.height * scale)))
    pixels = _without_bars(np.asarray(photo.resize(sides, Image.Resampling.BICUBIC), np.float32))
    if min(pixels.shape[:2]) < SMALLEST:
        return None
    margin = _margin(pixels, max(2, round(MARGIN * max(pixels.shape[:2]))))
    middle = np.median(pixels[margin], axis=0)
    if middle.min() >= WHITE:
        return None
    found = _ground(pixels, margin, middle)
    if found is None:
        return None
    ground, spread = found
    away = _largest(np.abs(pixels - ground))
    other = _picture(away > min(max(SPREADS * spread, NEAREST), FURTHEST)).filter(ImageFilter.MedianFilter(3))
    # Grown by a pixel, so that no thin outline leaks, and shrunk again.
    reached = reached_from_the_edge(np.asarray(other.filter(ImageFilter.MaxFilter(3))) == 0)
    if not PARTS[0] < reached.mean() < PARTS[1]:
        return None
    product = _picture(~reached).filter(ImageFilter.MinFilter(3)).filter(ImageFilter.GaussianBlur(0.6))
    light = ground.mean(axis=(0, 1))
    if spread < SMOOTH and light.min() > LIGHT and np.ptp(light) < COLOURED * light.max():
        pixels = (pixels * (255 / np.maximum(ground, 60))).clip(0, 255)
    opaque = np.asarray(product, np.float32)[..., None] / 255
    return Image.fromarray((pixels * opaque + 255 * (1 - opaque)).round().astype(np.uint8))


def _stands_on_white(photo: Image.Image) -> bool:
    """Return whether each of the photo's edges is white, as most of a shop's photos have them: told in no time."""
    width, height = photo.size
    boxes = ((0, 0, width, 1), (0, height - 1, width, height), (0, 0, 1, height), (width - 1, 0, width, height))
    edges = (np.asarray(photo.crop(box)).reshape(-1, 3) for box in boxes)
    return all(np.median(edge, axis=0).min() >= WHITE for edge in edges)


def reached_from_the_edge(open_: Mask) -> Mask:
    """Return the open cells (h, w) that a walk over open cells reaches from the edge."""
    reached = open_ & _margin(open_, 1)
    count = -1
    while count != (count := int(reached.sum())):
        for _ in range(8):
            reached[1:] |= reached[:-1]
            reached[:-1] |= reached[1:]
            reached[:, 1:] |= reached[:, :-1]
            reached[:, :-1] |= reached[:, 1:]
            reached &= open_
    return reached


def _without_bars(pixels: Floats) -> Floats:
    """Return the photo without bars of one colour above and below, where what is between them has another ground."""
    height = len(pixels)
    most = height // 4
    bar = _largest(np.abs(pixels - pixels[0, 0])).max(axis=1) <= BAR
    above, below = (int(np.argmin(rows)) if not rows.all() else most for rows in (bar[:most], bar[::-1][:most]))
    if not (1 < above < most and 1 < below < most):
        return pixels
    inner = pixels[above + 1 : height - below - 1]
    ground = np.median(inner[_margin(inner, max(2, round(MARGIN * max(inner.shape[:2]))))], axis=0)
    return inner if np.abs(ground - pixels[0, 0]).max() > BAR else pixels


def _ground(pixels: Floats, margin: Mask, middle: Floats) -> tuple[Floats, float] | None:
    """Return the colours the whole ground would have, a quadratic of the place, and how far they spread around it.

    Least squares on the margin, again and again without what lies far off: a product may reach the photo's edge.
    """
    height, width = pixels.shape[:2]
    y, x = np.meshgrid(np.linspace(-1, 1, height), np.linspace(-1, 1, width), indexing="ij")
    places = np.stack([np.ones_like(x), x, y, x * x, y * y, x * y], axis=2).astype(np.float32)
    known, colours = places[margin], pixels[margin]
    kept = _largest(np.abs(colours - middle)) < 60
    for _ in range(6):
        if kept.mean() < LEAST:
            return None
        factors = np.linalg.lstsq(known[kept], colours[kept], rcond=None)[0]
        off = _largest(np.abs(colours - known @ factors))
        # 1.4826 medians are a standard deviation.
        spread = max(1.5, 1.4826 * float(np.median(off[kept])))
        before, kept = kept, off < 3 * spread
        if (kept == before).all():
            break
    if kept.mean() < LEAST or spread > ROUGHEST:
        return None
    return (places @ factors).clip(0, 255), spread


def _margin(pixels: Floats | Mask, thick: int) -> Mask:
    mask = np.ones(pixels.shape[:2], np.bool_)
    mask[thick:-thick, thick:-thick] = False
    return mask


def _largest(values: Floats) -> Floats:
    """Return the largest of each pixel's three channels: several times faster than numpy's own maximum of three."""
    found: Floats = np.maximum(np.maximum(values[..., 0], values[..., 1]), values[..., 2])
    return found


def _picture(mask: Mask) -> Image.Image:
    return Image.fromarray(mask.astype(np.uint8) * 255)
