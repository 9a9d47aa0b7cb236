"""The drawing board: parts of cloth laid over each other, seams and stitches, and the shadow they cast on white."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw

from catalog.sample.board import FINE, RGB, Board, Box, Mask, View
from catalog.sample.cloth import Cloth, paint
from catalog.sample.geometry import Outline, ellipse, ribbon, spaced
from catalog.sample.shading import Plane, blur, dome, lit, noise, resized, slopes


@dataclass(frozen=True)
class Fold:
    """A crease of cloth along ``line``: ``height`` units up (down where negative), fading out at both ends."""

    line: Outline
    width: float
    height: float


class Canvas(Board):
    """Lays parts of cloth over each other and sews on them."""

    def part(
        self,
        outline: Outline | Sequence[Outline],
        cloth: Cloth,
        *,
        holes: Sequence[Outline] = (),
        angle: float = 0,
        origin: tuple[float, float] = (300, 400),
        volume: float = 26,
        depth: float = 1.0,
        folds: Sequence[Fold] = (),
        crumple: float = 1.0,
        drop: float = 0.0,
        edge: float = 0.10,
        light: float = 0.0,
        clip: Mask | None = None,
        opacity: float = 1.0,
    ) -> Mask | None:
        """Lay a part on what is there already; None where it is out of the picture.

        ``angle``/``origin``: the thread's direction and the pattern's zero. ``volume``: over how many units the edge
        rounds off, ``depth`` how much. ``crumple``: unevenness. ``drop``: shadow on the parts below. ``light``: lifts
        or dims the whole part. ``clip``: only within another part.
        """
        shapes = [self._pixels(shape) for shape in ([outline] if isinstance(outline, np.ndarray) else outline)]
        box = self._box(shapes, 3)
        if box is None:
            return None
        plane = self._fill(shapes, [self._pixels(hole) for hole in holes], box)
        if clip is not None:
            plane = plane * self._crop(clip, box)
        if drop:
            self._cast(Mask(box, plane), drop)
        height, inner, warp = self._relief(plane, box, volume=volume, depth=depth, folds=folds, crumple=crumple)
        size = box[2] - box[0], box[3] - box[1]
        shine = slopes(height) * cloth.contrast - (1 - inner) * edge * depth + light
        colours = paint(cloth, self._threads(box, angle, origin), resized(warp, *size), self._scale)
        colours = lit(colours, resized(np.asarray(shine, np.float32), *size), cloth.gloss)
        rows, columns = slice(box[1], box[3]), slice(box[0], box[2])
        cover = plane * opacity
        keep = 1 - cover
        self.rgb[rows, columns] = self.rgb[rows, columns] * keep[..., None] + colours * cover[..., None]
        self.alpha[rows, columns] = self.alpha[rows, columns] * keep + cover
        return Mask(box, plane)

    def _threads(self, box: Box, angle: float, origin: tuple[float, float]) -> tuple[Plane, Plane]:
        """Return for each pixel how far it is along and down the cloth, in units from ``origin``."""
        left, top, _, _ = self._window(box)
        x = (np.arange(box[2] - box[0], dtype=np.float32) + 0.5) / self.view.zoom + left
        y = (np.arange(box[3] - box[1], dtype=np.float32) + 0.5) / self.view.zoom + top
        back = np.linalg.inv(self._turn)
        c, s = np.cos(np.radians(angle)), np.sin(np.radians(angle))
        rows = np.array([[c, s], [-s, c]]) @ back
        offset = -rows @ self._move - np.array([[c, s], [-s, c]]) @ np.array(origin)
        planes = [
            (np.float32(a) * x)[None, :] + (np.float32(b) * y)[:, None] + np.float32(o)
            for (a, b), o in zip(rows, offset, strict=True)
        ]
        return planes[0], planes[1]

    def _relief(
        self, plane: Plane, box: Box, *, volume: float, depth: float, folds: Sequence[Fold], crumple: float
    ) -> tuple[Plane, Plane, Plane]:
        """Return, at half size: the heights, the way in from the edge (0…1), how far folds pull the pattern."""
        width, height = max(2, (box[2] - box[0]) // 2), max(2, (box[3] - box[1]) // 2)
        small = resized(plane, width, height)
        unit = self._scale / 2
        relief, inner = dome(small, volume * unit)
        relief = relief * np.float32(depth)
        waves = np.zeros_like(relief)
        if folds:
            waves += self._creases(folds, box, (width, height), unit)
        if crumple:
            window = self._window(box)
            waves += noise(self.seed, 74, window, (width, height), stretch=1.5) * np.float32(2.6 * crumple * unit)
            waves += noise(self.seed + 1, 27, window, (width, height), stretch=1.3) * np.float32(0.55 * crumple * unit)
        return relief + waves, inner, waves / np.float32(unit)

    def _creases(self, folds: Sequence[Fold], box: Box, size: tuple[int, int], unit: float) -> Plane:
        whole = np.zeros((size[1], size[0]), np.float32)
        for fine in (False, True):
            chosen = [fold for fold in folds if (fold.width < 16) == fine]
            if not chosen:
                continue
            picture = Image.new("F", size)
            draw = ImageDraw.Draw(picture)
            for fold in chosen:
                tapered = ribbon(
                    fold.line, [0.15 * fold.width, 0.8 * fold.width, fold.width, 0.6 * fold.width, 0.1 * fold.width]
                )
                draw.polygon(((self._pixels(tapered) - box[:2]) / 2).ravel().tolist(), fill=fold.height * unit * 1.6)
            spread = float(np.mean([fold.width for fold in chosen])) * 0.34 * unit
            whole += blur(np.asarray(picture, np.float32), max(spread, 1.0))
        return whole

    def _cast(self, mask: Mask, strength: float, reach: float = 5, shift: tuple[float, float] = (1.5, 4)) -> None:
        """Darken what lies below and beside a part."""
        reach, dx, dy = reach * self._scale, round(shift[0] * self._scale), round(shift[1] * self._scale)
        margin = int(reach * 2.5) + 2
        box = (
            max(mask.box[0] + dx - margin, 0),
            max(mask.box[1] + dy - margin, 0),
            min(mask.box[2] + dx + margin, self.width),
            min(mask.box[3] + dy + margin, self.height),
        )
        if box[2] - box[0] < 4 or box[3] - box[1] < 4:
            return
        moved = Mask((mask.box[0] + dx, mask.box[1] + dy, mask.box[2] + dx, mask.box[3] + dy), mask.plane)
        self._darken(box, self._soft(self._crop(moved, box), reach), strength)

    def shade(
        self, outline: Outline, strength: float, reach: float = 8, clip: Mask | None = None, *, bright: bool = False
    ) -> None:
        """Darken (or brighten) a soft-edged area of what is drawn, within ``clip`` where given."""
        pixels = self._pixels(outline)
        reach *= self._scale
        box = self._box([pixels], reach * 2.5)
        if box is None:
            return
        plane = self._soft(self._fill([pixels], [], box), reach)
        if clip is not None:
            plane = plane * self._crop(clip, box)
        if bright:
            rows, columns = slice(box[1], box[3]), slice(box[0], box[2])
            room = self.alpha[rows, columns][..., None] - self.rgb[rows, columns]
            self.rgb[rows, columns] += room * (plane * strength)[..., None]
        else:
            self._darken(box, plane, strength)

    def _strokes(self, lines: Sequence[Outline], width: float) -> tuple[Box, Plane] | None:
        pixels = [self._pixels(line) for line in lines]
        if not pixels:
            return None
        across = max(width * self._scale, 0.7)
        box = self._box(pixels, across + 3)
        if box is None:
            return None
        picture = Image.new("L", ((box[2] - box[0]) * FINE, (box[3] - box[1]) * FINE))
        draw = ImageDraw.Draw(picture)
        for line in pixels:
            draw.line(
                ((line - box[:2]) * FINE).ravel().tolist(), fill=255, width=max(1, round(across * FINE)), joint="curve"
            )
        return box, np.asarray(picture.reduce(FINE), np.float32) / np.float32(255)

    def seam(self, *lines: Outline, width: float = 1.3, strength: float = 0.34, clip: Mask | None = None) -> None:
        """Press lines into the cloth: a dark groove with a light edge below it."""
        drawn = self._strokes(lines, width)
        if drawn is None:
            return
        box, plane = drawn
        plane = plane * (self._crop(clip, box) if clip is not None else 1)
        rows, columns = slice(box[1], box[3]), slice(box[0], box[2])
        step = max(1, round(width * 0.8 * self._scale))
        edge = np.zeros_like(plane)
        edge[step:, step:] = plane[:-step, :-step]
        edge *= 1 - plane
        room = self.alpha[rows, columns][..., None] - self.rgb[rows, columns]
        self.rgb[rows, columns] += room * (edge * strength * 0.35)[..., None]
        self._darken(box, plane, strength)

    def ink(
        self,
        *lines: Outline,
        colour: RGB,
        width: float = 1.3,
        opacity: float = 1.0,
        clip: Mask | None = None,
        solid: bool = False,
    ) -> None:
        """Draw lines of a colour. ``solid``: they are part of the product where nothing is below."""
        drawn = self._strokes(lines, width)
        if drawn is None:
            return
        box, plane = drawn
        rows, columns = slice(box[1], box[3]), slice(box[0], box[2])
        plane = plane * opacity * (self._crop(clip, box) if clip is not None else 1)
        if not solid:
            plane = plane * self.alpha[rows, columns]
        tint = np.array(colour, np.float32) / 255
        self.rgb[rows, columns] += (tint - self.rgb[rows, columns]) * plane[..., None]
        self.alpha[rows, columns] += (1 - self.alpha[rows, columns]) * plane

    def stitch(
        self,
        *lines: Outline,
        colour: RGB,
        dash: float = 4.2,
        gap: float = 2.2,
        width: float = 1.1,
        opacity: float = 0.8,
    ) -> None:
        """Sew along lines: short threads, each with its little shadow."""
        threads = []
        for line in lines:
            points = spaced(line, 0.7)
            step, run = max(2, round((dash + gap) / 0.7)), max(2, round(dash / 0.7))
            threads += [points[i : i + run] for i in range(0, len(points) - run, step)]
        if not threads:
            return
        self.seam(*[thread + 0.5 for thread in threads], width=width * 1.3, strength=0.22)
        self.ink(*threads, colour=colour, width=width, opacity=opacity)

    def button(
        self, x: float, y: float, radius: float, colour: RGB, *, holes: bool = True, gloss: float = 0.35
    ) -> None:
        """Sew a button on."""
        disc = Cloth(colour, texture="", gloss=gloss)
        self.part(ellipse(x, y, radius, radius), disc, volume=radius * 0.5, crumple=0, drop=0.4, edge=0.25)
        self.seam(ellipse(x, y, radius * 0.66, radius * 0.66), width=radius * 0.16, strength=0.22)
        if holes:
            r = radius * 0.24
            dots = [ellipse(x + i * r, y + j * r, 0.5, 0.5) for i in (-1, 1) for j in (-1, 1)]
            self.ink(*dots, colour=(40, 36, 34), width=radius * 0.2, opacity=0.7)


__all__ = ["RGB", "Canvas", "Fold", "Mask", "View"]
