"""Sandals: strapped, on a wedge, slides."""

from __future__ import annotations

from catalog.sample.canvas import Canvas
from catalog.sample.cloth import Cloth
from catalog.sample.drawings.footwear import as_pair, leather
from catalog.sample.geometry import beside, ellipse, ribbon, smooth
from catalog.sample.look import Look
from catalog.sample.palette import GOLD, darker, mixed, thread


def draw_sandals(canvas: Canvas, look: Look) -> None:
    """Draw sandals: flat with straps, a slide, or on a cork wedge."""
    as_pair(canvas, lambda: _sandal(canvas, look))


def _sandal(canvas: Canvas, look: Look) -> None:
    style = look.get("style", "straps")
    cloth = leather(look, look.get("stuff", "leather"))
    rise = 74.0 if style == "wedge" else 0.0
    cork = Cloth(
        (196, 156, 108) if style != "slide" else darker(look.rgb, 0.2),
        texture="wool" if style != "slide" else "",
        contrast=0.5,
    )
    top: list[tuple[float, ...]] = [
        (92, 514 - rise, 1),
        (180, 516 - rise),
        (300, 528 - rise * 0.25),
        (420, 530),
        (500, 520),
        (526, 514, 1),
    ]
    far = [(120, 506 - rise), (300, 512 - rise * 0.25), (470, 512)]
    canvas.part(
        smooth(
            [(96, 514 - rise, 1), *far, (524, 514, 1), (420, 530), (300, 530 - rise * 0.25), (180, 518 - rise)],
            closed=True,
        ),
        Cloth(mixed((214, 176, 130), look.rgb, 0.12), texture="suede"),
        volume=6,
    )

    def strap(points: list[tuple[float, ...]], width: float, far_side: bool = False) -> None:
        line = smooth(points)
        canvas.part(
            ribbon(line, width),
            cloth.dim(0.7) if far_side else cloth.plain() if style != "slide" else cloth,
            volume=width * 0.4,
            depth=1.1,
            crumple=0.3,
            drop=0.3,
        )
        if not far_side:
            for side in (-1, 1):
                canvas.stitch(beside(line, side * (width / 2 - 3)), colour=thread(cloth.colour), width=0.8, opacity=0.5)

    if style == "slide":
        canvas.part(
            smooth([(300, 530, 1), (318, 470), (372, 430), (430, 440), (478, 490), (484, 530, 1)], closed=True),
            cloth,
            volume=36,
            drop=0.3,
            crumple=0.6,
        )
        canvas.seam(smooth([(310, 524), (326, 474), (374, 438), (426, 447), (470, 492), (476, 524)]), strength=0.2)
    else:
        strap([(110, 436 - rise), (150, 402 - rise), (214, 394 - rise * 0.8), (252, 418 - rise * 0.7)], 15, True)
        counter = smooth(
            [
                (92, 522 - rise, 1),
                (94, 470 - rise),
                (104, 434 - rise, 1),
                (134, 430 - rise, 1),
                (146, 470 - rise),
                (176, 524 - rise, 1),
            ],
            closed=True,
        )
        canvas.part(counter, cloth.plain(), volume=14, drop=0.2, crumple=0.4)
        strap([(106, 444 - rise), (150, 434 - rise), (206, 420 - rise * 0.9), (254, 424 - rise * 0.7)], 19)
        for x, lean in ((452, 30), (352, 34)):
            behind = smooth(
                [(x - 8 + lean, 448, 1), (x + 26 + lean, 446, 1), (x + 56 + lean, 516, 1), (x + 24 + lean, 520, 1)],
                closed=True,
            )
            canvas.part(behind, cloth.dim(0.62), volume=8, crumple=0.2)
            arch = smooth(
                [
                    (x - 26, 534, 1),
                    (x - 16, 480),
                    (x - 2 + lean * 0.5, 442),
                    (x + 10 + lean, 436),
                    (x + 34 + lean, 444, 1),
                    (x + 22 + lean * 0.4, 470),
                    (x + 18, 534, 1),
                ],
                closed=True,
            )
            canvas.part(arch, cloth.plain(), volume=16, drop=0.3, crumple=0.3)
            rims = [
                smooth([(x - 21, 526), (x - 11, 482), (x + 2 + lean * 0.5, 447), (x + 10 + lean, 441)]),
                smooth([(x + 13, 526), (x + 17 + lean * 0.4, 472), (x + 26 + lean, 449)]),
            ]
            canvas.stitch(*rims, colour=thread(cloth.colour), width=0.8, opacity=0.5)
        canvas.part(
            ellipse(196, 422 - rise * 0.92, 12, 13),
            Cloth(GOLD, texture="", gloss=0.8),
            holes=[ellipse(196, 422 - rise * 0.92, 7, 8)],
            volume=3,
            crumple=0,
            drop=0.3,
        )
    sole = smooth(
        [
            *top,
            (534, 528),
            (526, 546),
            (480, 558),
            (400, 560),
            (300, 558 if rise else 556),
            (180, 560),
            (96, 560, 1),
            (88, 536 - rise * 0.6),
        ],
        closed=True,
    )
    mask = canvas.part(sole, cork, volume=9, crumple=0, drop=0.2)
    canvas.ink(
        smooth([(80, 556), (300, 555), (480, 553), (530, 540)]),
        colour=(84, 62, 48) if style != "slide" else darker(look.rgb, 0.45),
        width=9,
        clip=mask,
    )
    if look.get("sole") == "rope":
        for i in range(4):
            canvas.seam(
                smooth([(p[0], p[1] + 8 + i * (8 + rise * 0.18)) for p in top]), width=2, strength=0.3, clip=mask
            )
