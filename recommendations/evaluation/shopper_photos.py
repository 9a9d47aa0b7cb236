"""A product's photo as a shopper might have taken it: the same from the same seed, whatever the machine.

Families are ways a photo goes wrong, one at a time; ``everything`` is all of them together, each in a sensible
strength. NumPy and Pillow only.
"""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable, Mapping

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from recommendations.evaluation.clutter import GENTLE, clutter
from recommendations.evaluation.cut_out import cut_out, ground_colour
from recommendations.evaluation.drawing import between, colour, fractal, gradient, grainy, text_line

#: Longer side of what is worked on: a thumbnail is enlarged, a large photo is not needed in full.
SMALLEST, LARGEST = 160, 640
TURN = 25.0
QUALITY = 40
EVERYTHING = "everything"


def simulate(image: Image.Image, family: str, seed: int) -> Image.Image:
    """Return the product's photo as a shopper's: RGB, its longer side 160 to 640 pixels.

    Args:
        image: a product photo of any size; a plain background is told from the product by itself.
        family: one of ``FAMILIES``.
        seed: not negative. The same picture, family and seed give the same photo.

    Raises:
        ValueError: an unknown family.
    """
    if family not in _FAMILIES:
        raise ValueError(f"A family is one of {', '.join(FAMILIES)}; got {family!r}.")
    draw = np.random.default_rng((seed, zlib.crc32(family.encode())))
    return _FAMILIES[family](_working_copy(image), draw)


def _working_copy(image: Image.Image) -> Image.Image:
    if image.mode in ("RGBA", "LA", "P"):
        image = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
    image = image.convert("RGB")
    scale = min(max(*image.size, SMALLEST), LARGEST) / max(image.size)
    size = (max(8, round(image.width * scale)), max(8, round(image.height * scale)))
    return image if size == image.size else image.resize(size, Image.Resampling.BICUBIC)


def _background(image: Image.Image, draw: np.random.Generator) -> Image.Image:
    """Before clutter, a little smaller or larger than in the shop."""
    product = cut_out(image)
    return _laid_on(clutter(image.size, draw), _warped(product, draw, scale=(0.85, 1.05), shift=0.05))


def _crop(image: Image.Image, draw: np.random.Generator) -> Image.Image:
    """What somebody cuts out by hand: near the product's middle, too close or not close enough."""
    box = cut_out(image).getchannel("A").point(lambda value: 255 * (value > 127)).getbbox() or (0, 0, *image.size)
    middle = ((box[0] + box[2]) / 2, (box[1] + box[3]) / 2)
    longer = max(box[2] - box[0], box[3] - box[1])
    reach = [max(box[i + 2] - box[i], 0.5 * longer) * draw.uniform(0.75, 1.15) / 2 for i in range(2)]
    at = [middle[i] + (box[i + 2] - box[i]) * draw.uniform(-0.1, 0.1) for i in range(2)]
    left, top = max(0, at[0] - reach[0]), max(0, at[1] - reach[1])
    right, low = min(image.width, at[0] + reach[0]), min(image.height, at[1] + reach[1])
    cut = image.crop((int(left), int(top), max(int(left) + 8, round(right)), max(int(top) + 8, round(low))))
    return _working_copy(cut)


def _rotation(image: Image.Image, draw: np.random.Generator) -> Image.Image:
    turned = _warped(image.convert("RGBA"), draw, turn=TURN, scale=(0.9, 0.9))
    return _laid_on(Image.new("RGB", image.size, ground_colour(image)), turned)


def _perspective(image: Image.Image, draw: np.random.Generator) -> Image.Image:
    tilted = _warped(image.convert("RGBA"), draw, tilt=0.18, scale=(0.92, 0.92))
    return _laid_on(Image.new("RGB", image.size, ground_colour(image)), tilted)


def _light(image: Image.Image, draw: np.random.Generator) -> Image.Image:
    return _lit(image, draw, 1.0)


def _blur(image: Image.Image, draw: np.random.Generator) -> Image.Image:
    return _blurred(image, draw, 1.0)


def _noise(image: Image.Image, draw: np.random.Generator) -> Image.Image:
    return _noisy(image, draw, 1.0)


def _jpeg(image: Image.Image, draw: np.random.Generator) -> Image.Image:
    del draw  # the same for every seed
    return _compressed(image)


def _occlusion(image: Image.Image, draw: np.random.Generator) -> Image.Image:
    return _covered(image, draw, (0.1, 0.25))


def _screenshot(image: Image.Image, draw: np.random.Generator) -> Image.Image:
    """A telephone's screen: the photo between bars, with the clock above and perhaps print or a button below."""
    dark = draw.random() < 0.3
    paper = (18, 18, 20) if dark else (250, 250, 250)
    ink = (225, 225, 225) if dark else (40, 40, 40)
    width, height = image.size
    side = round(width * draw.uniform(0, 0.03))
    top, low = round(height * draw.uniform(0.04, 0.07)), round(height * draw.uniform(0.03, 0.12))
    screen = Image.new("RGB", (width + 2 * side, top + height + low), paper)
    screen.paste(image, (side, top))
    pen = ImageDraw.Draw(screen)
    full, size = screen.width, max(5.0, height * 0.03)
    text_line(pen, draw, full * 0.04, top * 0.2, full * 0.2, size, ink)
    pen.rectangle((full * 0.88, top * 0.3, full * 0.95, top * 0.3 + size * 0.6), outline=ink)
    row = top + height + size * 0.4
    if low > 2 * size and draw.random() < 0.5:
        text_line(pen, draw, full * 0.05, row, full * draw.uniform(0.4, 0.85), size, ink)
    elif low > 2 * size:
        button = (full * 0.05, row, full * 0.95, row + 1.4 * size)
        pen.rounded_rectangle(button, radius=size / 3, fill=colour(draw, 20, 230, grey=0.1))
    return _working_copy(screen)


def _everything(image: Image.Image, draw: np.random.Generator) -> Image.Image:
    """All at once, each about a third as strong: a photo as people send them, not the worst there could be."""
    placed = _warped(cut_out(image), draw, turn=TURN / 3, tilt=0.03, scale=(0.95, 1.1), shift=0.03)
    photo = _laid_on(clutter(image.size, draw, GENTLE), placed)
    if draw.random() < 0.25:
        photo = _covered(photo, draw, (0.01, 0.03))
    photo = _noisy(_blurred(_lit(photo, draw, 0.3), draw, 0.25), draw, 0.12)
    if draw.random() < 0.15:
        photo = _framed(photo, draw)
    return _compressed(photo)


_FAMILIES: Mapping[str, Callable[[Image.Image, np.random.Generator], Image.Image]] = {
    "background": _background,
    "crop": _crop,
    "rotation": _rotation,
    "perspective": _perspective,
    "light": _light,
    "blur": _blur,
    "noise": _noise,
    "jpeg": _jpeg,
    "occlusion": _occlusion,
    "screenshot": _screenshot,
    EVERYTHING: _everything,
}
FAMILIES: tuple[str, ...] = tuple(_FAMILIES)


def _warped(
    image: Image.Image,
    draw: np.random.Generator,
    *,
    turn: float = 0.0,
    tilt: float = 0.0,
    scale: tuple[float, float] = (1.0, 1.0),
    shift: float = 0.0,
) -> Image.Image:
    """Return an RGBA picture turned by up to ±``turn`` degrees, its corners moved, on a transparent ground.

    Args:
        tilt: how far a corner may move inwards, as part of a side.
        shift: how far the whole may move, as part of a side.
    """
    width, height = image.size
    angle, size = np.radians(draw.uniform(-turn, turn)), draw.uniform(*scale)
    moved = draw.uniform(-shift, shift, 2) * (width, height) + (width / 2, height / 2)
    corners = np.array([(0, 0), (width, 0), (width, height), (0, height)], float)
    inwards = draw.uniform(0, tilt, (4, 2)) * (width, height) * [(1, 1), (-1, 1), (-1, -1), (1, -1)]
    c, s = np.cos(angle), np.sin(angle)
    targets = size * (corners + inwards - (width / 2, height / 2)) @ np.array([(c, s), (-s, c)]) + moved
    return image.transform(
        image.size, Image.Transform.PERSPECTIVE, _homography(targets, corners), Image.Resampling.BICUBIC
    )


def _homography(sources: np.ndarray, targets: np.ndarray) -> list[float]:
    """Return the eight numbers that take each of four source points to its target: what Pillow asks for."""
    rows, right = [], []
    for (x, y), (u, v) in zip(sources, targets, strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        right += [u, v]
    solved: list[float] = np.linalg.solve(np.array(rows), np.array(right)).tolist()
    return solved


def _laid_on(ground: Image.Image, product: Image.Image) -> Image.Image:
    ground.paste(product, (0, 0), product)
    return ground


def _lit(image: Image.Image, draw: np.random.Generator, strength: float) -> Image.Image:
    """Another white balance, exposure and contrast, and light from a side."""
    pixels = np.asarray(image, np.float64) / 255
    warmth, tint = draw.normal(0, 0.12 * strength), draw.normal(0, 0.05 * strength)
    pixels = pixels * np.exp([warmth, tint, -warmth])
    pixels = pixels * 2 ** draw.uniform(-0.9 * strength, 0.6 * strength)
    pixels = pixels.clip(0, None) ** 2 ** draw.uniform(-0.4 * strength, 0.4 * strength)
    side = gradient(image.size, draw.uniform(0, 2 * np.pi)) - 0.5
    pixels = pixels * (1 + draw.uniform(0, 0.5 * strength) * side)[..., None]
    return Image.fromarray((pixels * 255).clip(0, 255).astype(np.uint8))


def _blurred(image: Image.Image, draw: np.random.Generator, strength: float) -> Image.Image:
    """Out of focus, or moved while it was taken."""
    reach = max(image.size) * draw.uniform(0.004, 0.016) * strength
    if draw.random() < 0.6:
        return image.filter(ImageFilter.GaussianBlur(reach))
    angle = draw.uniform(0, np.pi)
    steps = np.linspace(-1.5 * reach, 1.5 * reach, 9)
    copies = [
        np.asarray(
            image.transform(
                image.size,
                Image.Transform.AFFINE,
                (1, 0, step * np.cos(angle), 0, 1, step * np.sin(angle)),
                Image.Resampling.BILINEAR,
                fillcolor=ground_colour(image),
            ),
            np.float64,
        )
        for step in steps
    ]
    return Image.fromarray(np.mean(copies, axis=0).round().astype(np.uint8))


def _noisy(image: Image.Image, draw: np.random.Generator, strength: float) -> Image.Image:
    """A sensor's noise: fine, and in blotches of colour."""
    fine = grainy(image, draw, strength * draw.uniform(6, 20))
    blotches = np.stack([fractal(draw, image.size, coarsest=30, octaves=2) - 0.5 for _ in range(3)], axis=2)
    pixels = np.asarray(fine, np.float64) + strength * draw.uniform(5, 22) * blotches
    return Image.fromarray(pixels.clip(0, 255).astype(np.uint8))


def _compressed(image: Image.Image) -> Image.Image:
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=QUALITY)
    return Image.open(buffer).convert("RGB")


def _covered(image: Image.Image, draw: np.random.Generator, share: tuple[float, float]) -> Image.Image:
    """A hand, a strap or another thing before a part of the product: ``share`` of the photo's middle."""
    width, height = image.size
    mask = Image.new("L", image.size)
    pen = ImageDraw.Draw(mask)
    area = draw.uniform(*share) * width * height * 0.7
    x, y = draw.uniform(0.25, 0.75, 2) * (width, height)
    kind = draw.integers(3)
    if kind == 0:  # fingers
        skin = between((250, 215, 185), (95, 60, 40), draw.random())
        length, thick = np.sqrt(area * 1.4), np.sqrt(area / 1.4) / 3.2
        for finger in range(3):
            at = y + (finger - 1) * thick * 1.1
            pen.rounded_rectangle((x - length / 2, at, x + length / 2, at + thick), radius=thick / 2, fill=255)
    elif kind == 1:  # a strap or a railing, from edge to edge
        skin, half = colour(draw, 10, 240, grey=0.4), area / height / 2
        pen.rectangle((x - half, -height, x + half, 2 * height), fill=255)
    else:
        skin, reach = colour(draw, 10, 240, grey=0.3), np.sqrt(area / np.pi)
        turns = np.sort(draw.uniform(0, 2 * np.pi, 9))
        pen.polygon([(x + reach * 1.15 * np.cos(t), y + reach * 1.15 * np.sin(t)) for t in turns], fill=255)
    mask = mask.rotate(draw.uniform(-60, 60), Image.Resampling.BILINEAR, center=(x, y))
    shade = 0.75 + 0.4 * gradient(image.size, draw.uniform(0, 2 * np.pi))
    thing = Image.fromarray((np.array(skin) * shade[..., None]).clip(0, 255).astype(np.uint8))
    return Image.composite(thing, image, mask.filter(ImageFilter.GaussianBlur(max(image.size) / 300)))


def _framed(image: Image.Image, draw: np.random.Generator) -> Image.Image:
    """With the bars of a screen that has another shape."""
    bars = round(image.height * draw.uniform(0.04, 0.1))
    framed = Image.new("RGB", (image.width, image.height + 2 * bars), (0, 0, 0) if draw.random() < 0.5 else "white")
    framed.paste(image, (0, bars))
    return framed
