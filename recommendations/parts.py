"""The shopper's photo on the page, and its parts to choose from: small pictures that travel inside the page."""

from __future__ import annotations

import base64
from typing import NamedTuple

from PIL import Image

from recommendations.held_photos import encode
from recommendations.images import crop_to_box
from recommendations.looking import WHOLE, Look
from recommendations.results import Address
from recommendations.saliency import Box

#: Longest side of the photo on the page, and of a part of it, in pixels.
PREVIEW_PIXELS = 640
PART_PIXELS = 112


class Preview(NamedTuple):
    """A picture as a data: URL: it is stored nowhere, so the page has to carry it."""

    url: str
    width: int
    height: int

    @classmethod
    def of(cls, image: Image.Image, side: int = PREVIEW_PIXELS) -> Preview:
        """Return the picture with no side longer than ``side``."""
        ratio = min(1, side / max(image.size))
        data = encode(image, side, quality=80)
        size = (max(1, round(image.width * ratio)), max(1, round(image.height * ratio)))
        return cls(f"data:image/jpeg;base64,{base64.b64encode(data).decode()}", *size)


class Part(NamedTuple):
    """A part of the photo to search with: where that leads, its picture, whether it is the one in use."""

    url: str
    picture: Preview
    whole: bool
    chosen: bool


def parts_of(seen: Look, address: Address) -> list[Part]:
    """Return the whole photo, every proposed part, and the part in use, each once; none where there is no choice."""
    boxes = [WHOLE, *seen.boxes]
    if seen.box not in boxes:
        boxes.append(seen.box)
    if len(boxes) < 2:
        return []
    return [
        Part(
            address.to({"box": written(box)}),
            Preview.of(seen.image if box == WHOLE else crop_to_box(seen.image, box), PART_PIXELS),
            whole=box == WHOLE,
            chosen=box == seen.box,
        )
        for box in boxes
    ]


def written(box: Box) -> str:
    """Return the box as an address says it: x,y,w,h."""
    return ",".join(f"{part:.4g}" for part in box)
