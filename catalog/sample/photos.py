"""From a look to the bytes of a photo. No Django here: this runs in worker processes."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from itertools import islice
from multiprocessing import get_context
from typing import NamedTuple

from PIL import Image

from catalog.sample.canvas import Canvas, View
from catalog.sample.kinds import KINDS
from catalog.sample.look import Look

QUALITY = 82
#: Takes half as long as the usual 4, for files hardly larger.
EFFORT = 2
#: With fewer photos than this, starting processes takes longer than drawing.
WORTH_A_POOL = 12


class Order(NamedTuple):
    """One photo to draw: ``view`` is "front" or "detail"."""

    look: Look
    view: str


def draw(order: Order) -> Image.Image:
    """Return the photo, RGB, 600 by 800. The same order gives the same pixels."""
    kind = KINDS[order.look.kind]
    front = order.view == "front"
    x, y, zoom = kind.focus
    canvas = Canvas(View() if front else View.around(x, y, zoom), order.look.seed, wobble=kind.wobble)
    if front:
        with canvas.placed(scale=kind.scale):
            kind.draw(canvas, order.look)
        canvas.centre()
    else:
        kind.draw(canvas, order.look)
    return canvas.finished()


def draw_photo(order: Order) -> bytes:
    """Return the photo as WebP."""
    buffer = io.BytesIO()
    draw(order).save(buffer, "WEBP", quality=QUALITY, method=EFFORT)
    return buffer.getvalue()


def draw_all(orders: Sequence[Order], workers: int) -> Iterator[bytes]:
    """Yield the photos in order, drawn by ``workers`` processes, or by this one where others cannot or need not be."""
    done = 0
    if workers > 1 and len(orders) >= WORTH_A_POOL:
        try:
            # Spawned, not forked: the parent may hold threads and database connections.
            with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
                for photo in pool.map(draw_photo, orders, chunksize=4):
                    yield photo
                    done += 1
                return
        except (BrokenProcessPool, OSError, PermissionError):
            pass
    yield from map(draw_photo, islice(orders, done, None))
