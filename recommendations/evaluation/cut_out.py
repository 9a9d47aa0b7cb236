"""The product without the plain ground it was photographed on."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from recommendations.embedders.grounds import reached_from_the_edge

#: The ground is traced at this size: it is one piece or a few, and no finer than this.
CELLS = 128
#: A colour this far from the ground's (largest of three channels) is another.
NEAR = 8
#: At an edge, a colour this much further away has no ground mixed in.
MIXED = 48
#: Less ground than this, and the photo has none that is plain.
LEAST = 0.04


def ground_colour(image: Image.Image) -> tuple[int, int, int]:
    """Return the colour the photo's edge has most of the time."""
    pixels = np.asarray(image.convert("RGB"))
    edge = np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])
    r, g, b = np.median(edge, axis=0).astype(int).tolist()
    return r, g, b


def cut_out(image: Image.Image) -> Image.Image:
    """Return the photo as RGBA, its plain ground transparent; all opaque where the ground is not plain.

    Ground is what is of the edge's colour and reached from the edge: white inside a white shirt's outline stays.
    """
    rgb = image.convert("RGB")
    pixels = np.asarray(rgb, np.float32)
    ground = np.array(ground_colour(rgb), np.float32)
    away = np.abs(pixels - ground).max(axis=2)
    scale = min(1.0, CELLS / max(rgb.size))
    cells = (max(1, round(rgb.width * scale)), max(1, round(rgb.height * scale)))
    # Grown by a cell: what is white on white leaks into its ground through the thinnest gap of its outline.
    other = _picture(away > NEAR).resize(cells, Image.Resampling.BOX).filter(ImageFilter.MaxFilter(3))
    reached = reached_from_the_edge(np.asarray(other) < 128)
    cut = rgb.convert("RGBA")
    if LEAST <= reached.mean() < 0.98:
        # Where ground and product meet, a pixel is a mixture of both: the ground's part is taken out of it.
        grown = _picture(reached).filter(ImageFilter.MaxFilter(5)).resize(rgb.size, Image.Resampling.BILINEAR)
        opaque = np.where(np.asarray(grown) >= 64, np.clip((away - NEAR) / MIXED, 0, 1), 1.0)
        pure = ground + (pixels - ground) / np.maximum(opaque, 0.2)[..., None]
        cut = Image.fromarray(np.dstack([pure, 255 * opaque]).round().clip(0, 255).astype(np.uint8))
    return cut


def _picture(mask: NDArray[np.bool_]) -> Image.Image:
    return Image.fromarray(mask.astype(np.uint8) * 255)
