"""The board all is drawn on: where things are, their masks, shade, and the finished photo."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw

from catalog.sample.geometry import HEIGHT, WIDTH, Outline
from catalog.sample.shading import Plane, blur, resized

#: Shapes are drawn this many times finer than the photo, then averaged.
FINE = 3
#: Pixels drawn beyond each side of a close-up, and cut off at the end.
BORDER = 64
#: How white the sheet is: even, so that a page may show it on any ground of its own.
PAPER = np.float32(254 / 255)
RGB = tuple[int, int, int]
Box = tuple[int, int, int, int]


@dataclass(frozen=True)
class View:
    """What part of the product the photo shows: ``zoom`` photo pixels per unit, from ``left``, ``top``."""

    zoom: float = 1.0
    left: float = 0.0
    top: float = 0.0

    @classmethod
    def around(cls, x: float, y: float, zoom: float) -> View:
        """Return a close-up centred on a point."""
        return cls(zoom, x - WIDTH / 2 / zoom, y - HEIGHT / 2 / zoom)


@dataclass(frozen=True)
class Mask:
    """Where a part is: its coverage (0…1) within ``box`` (left, top, right, bottom in photo pixels)."""

    box: Box
    plane: Plane


class Board:
    """A photo being made. ``seed`` moves everything a little, as no two pieces of cloth lie alike."""

    def __init__(self, view: View, seed: int, *, wobble: float = 1.0) -> None:
        self.view = view
        self.seed = seed
        self.rng = np.random.default_rng(seed)
        self._phases = self.rng.uniform(0, 6.28, 4)
        self._wobble = wobble
        self._turn = np.eye(2)
        self._move = np.zeros(2)
        # Around a close-up, the roundness of a part must not begin where the photo ends.
        self.border = 0 if view.zoom == 1 else BORDER
        self.width, self.height = WIDTH + 2 * self.border, HEIGHT + 2 * self.border
        self.rgb = np.zeros((self.height, self.width, 3), np.float32)
        self.alpha = np.zeros((self.height, self.width), np.float32)
        self._feet: list[tuple[float, float, float]] = []

    @contextmanager
    def placed(self, *, dx: float = 0, dy: float = 0, scale: float = 1, tall: float = 1) -> Iterator[None]:
        """Draw what follows moved, scaled and stretched upwards about the photo's middle."""
        before = self._turn, self._move
        turn = np.diag([scale, scale * tall])
        middle = np.array([WIDTH / 2, HEIGHT / 2])
        self._move = self._turn @ (middle - turn @ middle + np.array([dx, dy])) + self._move
        self._turn = self._turn @ turn
        try:
            yield
        finally:
            self._turn, self._move = before

    @property
    def _scale(self) -> float:
        return float(np.sqrt(abs(np.linalg.det(self._turn)))) * self.view.zoom

    def _pixels(self, outline: Outline) -> Outline:
        """Return where the points of an outline lie in the photo."""
        a, b, c, d = self._phases
        x, y = outline[:, 0], outline[:, 1]
        swing = np.column_stack(
            [
                np.sin(y * 0.013 + a) + 0.6 * np.sin(y * 0.031 + x * 0.01 + b),
                np.sin(x * 0.012 + c) + 0.6 * np.sin(x * 0.03 + d),
            ]
        )
        placed = (outline + swing * self._wobble) @ self._turn.T + self._move
        return (placed - (self.view.left, self.view.top)) * self.view.zoom + self.border

    def _box(self, outlines: Sequence[Outline], margin: float) -> Box | None:
        """Return the pixels the outlines reach; None where that is off the board."""
        points = np.vstack(outlines)
        left, top = np.floor(points.min(axis=0) - margin).astype(int)
        right, bottom = np.ceil(points.max(axis=0) + margin).astype(int)
        box = max(left, 0), max(top, 0), min(right, self.width), min(bottom, self.height)
        return (
            (int(box[0]), int(box[1]), int(box[2]), int(box[3]))
            if box[2] - box[0] > 1 and box[3] - box[1] > 1
            else None
        )

    def _fill(self, outlines: Sequence[Outline], holes: Sequence[Outline], box: Box) -> Plane:
        picture = Image.new("L", ((box[2] - box[0]) * FINE, (box[3] - box[1]) * FINE))
        draw = ImageDraw.Draw(picture)
        for shapes, value in ((outlines, 255), (holes, 0)):
            for shape in shapes:
                draw.polygon(((shape - box[:2]) * FINE).ravel().tolist(), fill=value)
        return np.asarray(picture.reduce(FINE), np.float32) / np.float32(255)

    def _crop(self, mask: Mask, box: Box) -> Plane:
        """Return the part of a mask within another box; nothing where it does not reach."""
        whole = np.zeros((box[3] - box[1], box[2] - box[0]), np.float32)
        left, top = max(box[0], mask.box[0]), max(box[1], mask.box[1])
        right, bottom = min(box[2], mask.box[2]), min(box[3], mask.box[3])
        if left < right and top < bottom:
            inner = mask.plane[top - mask.box[1] : bottom - mask.box[1], left - mask.box[0] : right - mask.box[0]]
            whole[top - box[1] : bottom - box[1], left - box[0] : right - box[0]] = inner
        return whole

    def _window(self, box: Box) -> tuple[float, float, float, float]:
        zoom, left, top = self.view.zoom, self.view.left, self.view.top
        left, top = left - self.border / zoom, top - self.border / zoom
        return left + box[0] / zoom, top + box[1] / zoom, left + box[2] / zoom, top + box[3] / zoom

    def _soft(self, plane: Plane, reach: float) -> Plane:
        """Blur, at a half size where nobody sees the difference."""
        height, width = plane.shape
        if reach < 3 or min(height, width) < 8:
            return blur(plane, reach)
        return resized(blur(resized(plane, width // 2, height // 2), reach / 2), width, height)

    def _darken(self, box: Box, plane: Plane, strength: float) -> None:
        self.rgb[box[1] : box[3], box[0] : box[2]] *= (1 - plane * strength)[..., None]

    def stand(self, left: float, right: float, ground: float) -> None:
        """Say where the product touches the ground: it then stands there instead of lying flat."""
        ends = (
            np.array([[left, ground], [right, ground]]) @ self._turn.T + self._move - (self.view.left, self.view.top)
        ) * self.view.zoom
        self._feet.append((float(ends[:, 0].min()), float(ends[:, 0].max()), float(ends[:, 1].mean())))

    def centre(self) -> None:
        """Move what is drawn to the middle of the photo's height."""
        rows = np.flatnonzero(self.alpha.max(axis=1) > 0.2)
        if len(rows) == 0:
            return
        up = (int(rows[0]) + int(rows[-1]) + 1 - HEIGHT) // 2
        self.rgb, self.alpha = np.roll(self.rgb, -up, axis=0), np.roll(self.alpha, -up, axis=0)
        self._feet = [(left, right, ground - up) for left, right, ground in self._feet]

    def finished(self) -> Image.Image:
        """Return the photo on white, with the product's shadow."""
        inside = slice(self.border, self.border + HEIGHT), slice(self.border, self.border + WIDTH)
        rgb, alpha = self.rgb[inside], self.alpha[inside]
        small = alpha[::4, ::4]
        unit = self.view.zoom / 4
        dark = np.zeros_like(small)
        if self._feet:
            dark = self._pools(small.shape, unit)
        else:
            for dx, dy, reach, strength in ((7, 15, 15, 0.20), (2, 5, 4.5, 0.22)):
                moved = np.zeros_like(small)
                right, down = max(0, round(dx * unit)), max(1, round(dy * unit))
                moved[down:, right:] = small[: small.shape[0] - down, : small.shape[1] - right]
                dark = np.maximum(dark, blur(moved, reach * unit) * strength)
        sheet = (1 - resized(dark, WIDTH, HEIGHT)) * PAPER * (1 - alpha)
        picture = rgb + sheet[..., None]
        picture *= 255
        picture += 0.5
        return Image.fromarray(np.clip(picture, 0, 255, out=picture).astype(np.uint8))

    def _pools(self, shape: tuple[int, ...], unit: float) -> Plane:
        """Return the shadow on the ground: a wide faint pool and a narrow dark one under each foot."""
        rows = np.arange(shape[0], dtype=np.float32)[:, None]
        columns = np.arange(shape[1], dtype=np.float32)[None, :]
        dark = np.zeros(shape, np.float32)
        for left, right, ground in self._feet:
            for reach, soft, strength in ((15, 26, 0.20), (5, 9, 0.34)):
                low, high = left / 4 + soft * unit * 0.6, right / 4 - soft * unit * 0.2
                away = np.maximum(np.maximum(low - columns, columns - high), 0) / (soft * unit)
                fall = np.exp(-(((rows - ground / 4) / (reach * unit)) ** 2) - away**2)
                dark = np.maximum(dark, fall * strength)
        return dark
