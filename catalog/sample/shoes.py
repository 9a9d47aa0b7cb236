"""Sneakers, boots, heels, sandals and flats: seen from the side, toe to the right, the other one behind."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from catalog.sample.canvas import RGB, Canvas, Fold, Mask
from catalog.sample.cloth import Cloth
from catalog.sample.geometry import Outline, beside, between, ellipse, ribbon, smooth
from catalog.sample.look import Look
from catalog.sample.palette import GOLD, SILVER, brightness, darker, lighter, mixed, thread

GROUND = 560.0
RUBBER: RGB = (240, 239, 234)


def as_pair(canvas: Canvas, shoe: Callable[[], None], *, ground: float = GROUND, tall: float = 1, gap: float = 78) -> None:
    """Draw a shoe twice: the other one stands behind, a little higher in the picture."""
    with canvas.placed(dx=34, dy=-gap, scale=0.94, tall=tall):
        canvas.stand(92, 505, ground - 4)
        shoe()
    canvas.shade(np.array([[60.0, 380], [560, 380], [560, 600], [60, 600]]), 0.10, 10)
    with canvas.placed(dx=-14, dy=18, tall=tall):
        canvas.stand(92, 505, ground - 2)
        canvas.shade(ellipse(300, ground - 8, 220, 20), 0.30, 14)
        shoe()


def _leather(look: Look, stuff: str = "leather") -> Cloth:
    gloss = {"leather": 0.42, "suede": 0.0, "patent": 1.0, "canvas": 0.0}.get(stuff, 0.2)
    texture = {"patent": "", "leather": "leather"}.get(stuff, stuff)
    cloth = look.cloth(texture, scale=0.7, gloss=gloss, contrast=0.85)
    return cloth


def draw_sneakers(canvas: Canvas, look: Look) -> None:
    """Draw sneakers: low, high, runner or slip-on."""
    tall = {"high": 0.94, "slip-on": 0.74}.get(look.get("style"), 0.82)
    as_pair(canvas, lambda: _sneaker(canvas, look), tall=tall, gap=90)


def _sneaker(canvas: Canvas, look: Look) -> None:
    style = look.get("style", "low")
    high = 92.0 if style == "high" else 0.0
    cloth = _leather(look, look.get("stuff", "leather"))
    contrast = cloth.plain(look.accent)
    top = 338 - high
    inside = smooth([(112, top + 6, 1), (150, top - 2), (206, top - 8), (250, top - 34, 1), (258, top + 20), (200, top + 40), (130, top + 40)], closed=True)
    canvas.part(inside, cloth.dim(0.5), volume=10, depth=0.5, edge=0.1)
    if style != "slip-on":
        tongue = smooth([(206, top + 20, 1), (222, top - 34), (244, top - 46, 1), (272, top - 30, 1), (292, top + 22), (330, 404, 1), (250, 404)], closed=True)
        canvas.part(tongue, contrast if look.get("trim") == "contrast" else cloth.plain(), volume=12, drop=0.2)
    collar: list[tuple[float, ...]] = [(106, top + 2, 1), (150, top + 26), (198, top + 24), (236, top - 12, 1)]
    upper = smooth(
        [(98, 516, 1), (92, 470), (99, 412), (104, 380 - high * 0.6), *collar, (282, 362 - high * 0.3), (336, 410), (400, 438), (462, 450), (500, 468), (520, 512, 1)], closed=True
    )
    folds = [Fold(smooth([(352 + i * 26, 424 + i * 7), (344 + i * 26, 462), (350 + i * 24, 496)]), 12, (-1) ** i * 2.2) for i in range(3)]
    mask = canvas.part(upper, cloth, volume=44, folds=folds, crumple=0.6, drop=0.2)
    _sneaker_panels(canvas, look, cloth, contrast, mask, high)
    _sneaker_sole(canvas, look, style)


def _sneaker_panels(canvas: Canvas, look: Look, cloth: Cloth, contrast: Cloth, mask: Mask | None, high: float) -> None:
    trim = contrast if look.get("trim") == "contrast" or look.pattern == "colour block" else cloth.plain()
    sewn, style, top = thread(cloth.colour), look.get("style", "low"), 338 - high
    cap = smooth([(414, 430, 1), (398, 470), (402, 530, 1), (540, 530, 1), (540, 440, 1), (470, 436)], closed=True)
    heel = smooth([(80, top - 10, 1), (132, top + 14, 1), (150, 400), (140, 460), (160, 530, 1), (80, 530, 1)], closed=True)
    for shape, stuff in ((cap, trim if style != "runner" else cloth.plain()), (heel, trim)):
        canvas.part(shape, stuff, volume=26, clip=mask, drop=0.16, crumple=0.4)
        canvas.stitch((shape - shape.mean(axis=0)) * 0.93 + shape.mean(axis=0), colour=thread(stuff.colour), width=0.8, opacity=0.45)
    pad = smooth([(108, top + 8), (150, top + 34), (198, top + 32), (236, top - 4)])
    canvas.shade(ribbon(pad, 9), 0.25, 4, mask, bright=True)
    canvas.seam(beside(pad, 12), strength=0.26, clip=mask)
    if style == "slip-on":
        gore = smooth([(226, top + 2, 1), (262, top + 28, 1), (250, 436, 1), (214, 430, 1)], closed=True)
        canvas.part(gore, Cloth(darker(look.rgb, 0.4), texture="rib"), volume=6, clip=mask, drop=0.1)
        return
    stay = smooth([(228, top - 10, 1), (250, top - 22), (286, 360 - high * 0.3), (352, 416, 1), (340, 446), (300, 424), (252, 398 - high * 0.25), (224, top + 24, 1)], closed=True)
    canvas.part(stay, trim, volume=12, clip=mask, drop=0.2, crumple=0.3)
    canvas.stitch((stay - stay.mean(axis=0)) * 0.9 + stay.mean(axis=0), colour=sewn, width=0.8, opacity=0.45)
    flash = smooth([(160, 508, 1), (214, 470), (268, 420), (300, 424, 1), (280, 452), (240, 508, 1)], closed=True)
    if style in {"runner", "low"}:
        canvas.part(flash, contrast, volume=8, clip=mask, drop=0.1, crumple=0.2)
    if style == "runner":
        for i in range(3):
            line = smooth([(320 + i * 22, 500), (330 + i * 24, 462 + i * 5), (350 + i * 22, 440 + i * 6)])
            canvas.seam(line, strength=0.3, clip=mask)
    if style == "high":
        canvas.part(ellipse(186, 392, 24, 24), contrast, volume=8, drop=0.2, crumple=0)
        canvas.stitch(ellipse(186, 392, 19, 19), colour=thread(contrast.colour), width=0.8)
    laces = Cloth(RUBBER if brightness(look.rgb) < 0.8 or look.get("trim") == "contrast" else (250, 250, 248), texture="canvas")
    inner, outer = smooth([(238, top - 14), (286, 370 - high * 0.3), (344, 424)]), smooth([(262, top - 30), (306, 356 - high * 0.3), (366, 412)])
    count = 6 if not high else 8
    for i in range(count):
        share = (i + 0.4) / count
        a, b = between(inner, inner, 0)[int(share * 39)], between(outer, outer, 0)[int(share * 39)]
        canvas.part(ribbon(np.array([a - (3, -5), a * 0.4 + b * 0.6 + (0, -2), b + (6, 2)]), 8), laces, volume=5, drop=0.4, crumple=0, depth=1.3)
    bow = np.array([262.0, top - 26])
    for dx, dy in ((-40, 26), (26, 34)):
        loop = smooth([tuple(bow), (bow[0] + dx * 0.6, bow[1] - 8), (bow[0] + dx, bow[1] + dy * 0.5), (bow[0] + dx * 0.5, bow[1] + dy * 0.5), tuple(bow)])
        canvas.part(ribbon(loop, 5.5), laces, volume=4, drop=0.4, crumple=0)


def _sneaker_sole(canvas: Canvas, look: Look, style: str) -> None:
    rubber = Cloth(RUBBER if look.get("sole") != "gum" else (186, 134, 84), texture="", gloss=0.1, contrast=0.6)
    if style == "runner":
        sole = smooth([(84, 484, 1), (96, 500), (200, 504), (330, 510), (440, 506), (520, 488, 1), (540, 506), (530, 534), (500, 546), (420, 554), (300, 556), (150, 558), (100, 556), (78, 530)], closed=True)
    else:
        sole = smooth([(90, 500, 1), (200, 508), (340, 512), (440, 508), (516, 496, 1), (532, 510), (528, 540), (508, 556, 1), (112, 558, 1), (92, 548), (86, 520)], closed=True)
    mask = canvas.part(sole, rubber, volume=14, drop=0.3, crumple=0, depth=0.8)
    line = smooth([(88, 522), (200, 528), (340, 532), (440, 528), (532, 516)])
    canvas.ink(line, colour=look.accent if look.get("trim") == "contrast" else darker(rubber.colour, 0.18), width=3.4, opacity=0.85, clip=mask)
    canvas.stitch(smooth([(90, 511), (200, 517), (340, 521), (440, 517), (526, 505)]), colour=darker(rubber.colour, 0.25), width=1)
    low = np.array([[70.0, 549], [560, 549], [560, 566], [70, 566]])
    canvas.part(low, Cloth(darker(rubber.colour, 0.3) if look.get("sole") != "gum" else rubber.colour, texture=""), clip=mask, volume=3, crumple=0)
    if style == "runner":
        canvas.shade(smooth([(84, 506, 1), (180, 516), (250, 548, 1), (90, 548, 1)], closed=True), 0.14, 4, mask)


def draw_boots(canvas: Canvas, look: Look) -> None:
    """Draw boots: Chelsea, laced or tall."""
    as_pair(canvas, lambda: _boot(canvas, look))


def _boot(canvas: Canvas, look: Look) -> None:
    style = look.get("style", "chelsea")
    top = {"chelsea": 262.0, "laced": 238.0, "tall": 116.0}[style]
    cloth = _leather(look, look.get("stuff", "leather"))
    wide = 0.0 if style != "tall" else 10.0
    canvas.part(smooth([(108 - wide, top + 2, 1), (170, top - 9), (240 + wide, top - 2, 1), (230, top + 26), (120, top + 26)], closed=True), cloth.dim(0.42), volume=8, depth=0.4)
    upper = smooth(
        [(98, 530, 1), (94, 480), (112, 410), (110, 340), (108 - wide, top, 1), (170, top + 9), (240 + wide, top - 4, 1), (240, 330), (250, 392), (300, 430), (380, 446), (460, 462), (508, 490), (520, 530, 1)],
        closed=True,
    )
    rng = canvas.rng
    folds = [Fold(smooth([(116, 396 + i * 13), (180, 404 + i * 12), (250, 384 + i * 15)]), 13, (-1) ** i * 3.0) for i in range(4)]
    if style == "tall":
        folds += [Fold(smooth([(114, 200 + i * 48), (170, 212 + i * 50 + rng.uniform(-8, 8)), (236, 190 + i * 48)]), 16, (-1) ** i * 2.0) for i in range(4)]
    folds += [Fold(smooth([(352 + i * 24, 446 + i * 5), (344 + i * 24, 476), (350 + i * 22, 506)]), 10, (-1) ** i * 1.8) for i in range(3)]
    mask = canvas.part(upper, cloth, volume=48, folds=folds, crumple=0.6, drop=0.2)
    canvas.shade(smooth([(452, 470), (490, 478), (504, 502), (466, 496)], closed=True), 0.35 if cloth.gloss else 0.1, 7, mask, bright=True)
    canvas.shade(ribbon(smooth([(142, top + 30), (142, 360), (128, 450)]), [8, 16, 10]), 0.16 if cloth.gloss else 0.06, 8, mask, bright=True)
    if style == "laced":
        _boot_laces(canvas, cloth, mask, top)
    elif style == "chelsea":
        gore = smooth([(150, top - 6, 1), (212, top - 6, 1), (204, 350), (184, 404, 1), (160, 350)], closed=True)
        canvas.part(gore, Cloth(darker(look.rgb, 0.45), texture="rib"), clip=mask, volume=8, drop=0.1, crumple=0.2)
        canvas.stitch(smooth([(143, top + 8), (153, 350), (182, 414), (212, 350), (219, top + 8)]), colour=thread(cloth.colour), width=0.8)
        tab = smooth([(104, top + 16), (100, top - 26), (116, top - 28), (122, top + 12)])
        canvas.ink(tab, colour=darker(look.rgb, 0.2), width=7, solid=True)
    else:
        canvas.seam(np.array([[232.0, top + 4], [226, 392]]), strength=0.3, clip=mask)
        strap = smooth([(100, top + 40, 1), (170, top + 50), (256, top + 38, 1), (256, top + 56, 1), (170, top + 68), (100, top + 58, 1)], closed=True)
        canvas.part(strap, cloth.plain(), clip=mask, volume=5, drop=0.25, crumple=0)
        canvas.part(ellipse(200, top + 58, 13, 15), Cloth(GOLD, texture="", gloss=0.8), holes=[ellipse(200, top + 58, 8, 10)], volume=3, crumple=0, drop=0.3)
    canvas.seam(smooth([(250, 398), (300, 470), (330, 536)]), smooth([(112, 400), (160, 440), (180, 536)]), strength=0.22, clip=mask)
    _boot_sole(canvas, look, style)


def _boot_laces(canvas: Canvas, cloth: Cloth, mask: Mask | None, top: float) -> None:
    stay = smooth([(196, top - 10, 1), (250, top - 10, 1), (252, 392), (310, 440, 1), (290, 466), (226, 420), (200, 350)], closed=True)
    canvas.part(stay, cloth.plain(), clip=mask, volume=8, drop=0.25, crumple=0.3)
    canvas.part(smooth([(84, top + 12, 1), (128, top + 14), (250, top + 2, 1), (250, top - 30, 1), (84, top - 30, 1)], closed=True), cloth.dim(0.8), clip=mask, volume=10, crumple=0.4)
    inner, outer = smooth([(212, top + 26), (222, 380), (280, 440)]), smooth([(242, top + 22), (248, 372), (308, 426)])
    for i in range(7):
        k = int((i + 0.3) / 7 * 39)
        a, b = between(inner, inner, 0)[k], between(outer, outer, 0)[k]
        canvas.button(float(a[0]), float(a[1]), 4, GOLD, holes=False)
        canvas.part(ribbon(np.array([a, (a + b) / 2 - (0, 3), b + (3, 1)]), 6), Cloth((206, 170, 108), texture="canvas"), volume=4, drop=0.45, crumple=0)
        canvas.part(ribbon(np.array([a + (0, 4), b + (2, 18)]), 5), Cloth((190, 152, 94), texture="canvas"), volume=4, drop=0.3, crumple=0)


def _boot_sole(canvas: Canvas, look: Look, style: str) -> None:
    rubber = Cloth((66, 50, 40) if look.get("sole") != "black" else (36, 35, 37), texture="", gloss=0.15)
    chunky = style == "laced"
    heel = smooth([(94, 530, 1), (196, 532, 1), (190, 562, 1), (98, 562, 1)], closed=True)
    sole = smooth([(92, 522, 1), (220, 534), (340, 534), (440, 532), (520, 522, 1), (530, 536), (520, 552 if chunky else 545), (440, 562 if chunky else 553), (340, 562 if chunky else 551), (230, 548, 1), (92, 542, 1)], closed=True)
    canvas.part(heel, rubber, volume=6, crumple=0)
    mask = canvas.part(sole, rubber, volume=7, crumple=0, drop=0.25)
    canvas.stitch(smooth([(94, 529), (220, 540), (340, 540), (440, 538), (524, 528)]), colour=(206, 176, 120), width=1.2)
    if chunky:
        for x in range(110, 520, 18):
            canvas.seam(np.array([[x, 548.0], [x, 566]]), width=4, strength=0.5)
    del mask


def draw_heels(canvas: Canvas, look: Look) -> None:
    """Draw heels: pumps, with a strap or open; stiletto or block, high or low."""
    as_pair(canvas, lambda: _heel(canvas, look))


def _heel(canvas: Canvas, look: Look) -> None:
    high = {"low": 64.0, "mid": 108.0, "high": 156.0}[look.get("height", "mid")]
    block = look.get("heel") == "block"
    cloth = _leather(look, look.get("stuff", "patent"))
    seat = 552 - high
    lining = Cloth(mixed((214, 178, 150), look.rgb, 0.15), texture="silk")
    arch: Outline = smooth([(118, seat), (170, seat + 8), (250, seat + high * 0.42), (330, 530), (400, 548), (500, 548)])
    foot = "block" if block else "stiletto"
    shape = {
        "block": [(104, seat - 8, 1), (188, seat + 6, 1), (182, seat + high * 0.5), (180, 556, 1), (120, 556, 1), (112, seat + high * 0.5)],
        "stiletto": [(103, seat - 10, 1), (184, seat + 8, 1), (146, seat + high * 0.34), (130, 520), (127, 556, 1), (113, 556, 1), (113, seat + high * 0.55)],
    }[foot]
    canvas.part(smooth(shape, closed=True), cloth.plain(darker(cloth.colour, 0.06)), volume=18 if block else 10, crumple=0, drop=0.1)
    canvas.part(np.array([[112.0, 550], [182 if block else 128, 550], [182 if block else 128, 558], [112, 558]]), Cloth((40, 38, 40), texture=""), volume=2, crumple=0)
    canvas.part(ribbon(arch + (0, 5), [5, 6, 6, 7, 6, 3]), Cloth(darker(mixed((190, 150, 116), cloth.colour, 0.3), 0.1), texture=""), volume=3, crumple=0)
    rim: list[tuple[float, ...]] = [(124, seat - 56), (176, seat - 30), (252, seat + high * 0.30 - 12), (330, 494 - 8), (392, 482, 1)]
    inside = smooth([(110, seat - 66, 1), (150, seat - 66), (230, seat + high * 0.2 - 34), (320, 474), (392, 480, 1), (330, 506), (240, seat + high * 0.4), (130, seat - 20)], closed=True)
    canvas.part(inside, lining, volume=10, depth=0.5)
    upper = smooth([(102, seat + 2, 1), (97, seat - 36), (108, seat - 68, 1), *rim, (440, 496), (500, 524), (534, 546, 1), (480, 553), (400, 550), (330, 534), (250, seat + high * 0.42 + 2), (170, seat + 10)], closed=True)
    mask = canvas.part(upper, cloth, volume=30, crumple=0.25, drop=0.25)
    canvas.seam(beside(smooth([(110, seat - 64), *[p[:2] for p in rim]]), 5), strength=0.2, clip=mask)
    canvas.shade(smooth([(430, 506), (470, 516), (500, 534), (450, 528)], closed=True), 0.55 if cloth.gloss > 0.3 else 0.15, 5, mask, bright=True)
    canvas.shade(ribbon(smooth([(110, seat - 40), (124, seat - 18), (180, seat - 2)]), [4, 8, 3]), 0.4 if cloth.gloss > 0.3 else 0.1, 5, mask, bright=True)
    detail = look.get("detail")
    if detail == "strap":
        y = seat - 122
        link = smooth([(106, seat - 60), (100, seat - 92), (106, y + 2)])
        canvas.part(ribbon(link, 13), cloth.plain(), volume=5, crumple=0, drop=0.2)
        for start, stop, tone in ((180, 360, cloth.dim(0.7)), (0, 180, cloth.plain())):
            canvas.part(ribbon(ellipse(166, y, 64, 15, start, stop), 11), tone, volume=5, crumple=0, drop=0.2)
        canvas.button(192, y + 14, 6, GOLD, holes=False, gloss=0.8)
    elif detail == "bow":
        for dx, dy in ((-34, -20), (30, -16)):
            canvas.part(smooth([(404, 486, 1), (404 + dx, 486 + dy), (404 + dx * 1.1, 492 + dy * 0.1), (404 + dx * 0.8, 504)], closed=True), cloth.plain(), volume=8, drop=0.35)
        canvas.button(404, 489, 7, cloth.colour, holes=False)


def draw_sandals(canvas: Canvas, look: Look) -> None:
    """Draw sandals: flat with straps, a slide, or on a cork wedge."""
    as_pair(canvas, lambda: _sandal(canvas, look))


def _sandal(canvas: Canvas, look: Look) -> None:
    style = look.get("style", "straps")
    cloth = _leather(look, look.get("stuff", "leather"))
    rise = 74.0 if style == "wedge" else 0.0
    cork = Cloth((196, 156, 108) if style != "slide" else darker(look.rgb, 0.2), texture="wool" if style != "slide" else "", contrast=0.5)
    top: list[tuple[float, ...]] = [(92, 514 - rise, 1), (180, 516 - rise), (300, 528 - rise * 0.25), (420, 530), (500, 520), (526, 514, 1)]
    far = [(120, 506 - rise), (300, 512 - rise * 0.25), (470, 512)]
    canvas.part(smooth([(96, 514 - rise, 1), *far, (524, 514, 1), (420, 530), (300, 530 - rise * 0.25), (180, 518 - rise)], closed=True), Cloth(mixed((214, 176, 130), look.rgb, 0.12), texture="suede"), volume=6)

    def strap(points: list[tuple[float, ...]], width: float, far_side: bool = False) -> None:
        line = smooth(points)
        canvas.part(ribbon(line, width), cloth.dim(0.7) if far_side else cloth.plain() if style != "slide" else cloth, volume=width * 0.4, depth=1.1, crumple=0.3, drop=0.3)
        if not far_side:
            for side in (-1, 1):
                canvas.stitch(beside(line, side * (width / 2 - 3)), colour=thread(cloth.colour), width=0.8, opacity=0.5)

    if style == "slide":
        canvas.part(smooth([(300, 530, 1), (318, 470), (372, 430), (430, 440), (478, 490), (484, 530, 1)], closed=True), cloth, volume=36, drop=0.3, crumple=0.6)
        canvas.seam(smooth([(310, 524), (326, 474), (374, 438), (426, 447), (470, 492), (476, 524)]), strength=0.2)
    else:
        strap([(110, 436 - rise), (150, 402 - rise), (214, 394 - rise * 0.8), (252, 418 - rise * 0.7)], 15, True)
        counter = smooth([(92, 522 - rise, 1), (94, 470 - rise), (104, 434 - rise, 1), (134, 430 - rise, 1), (146, 470 - rise), (176, 524 - rise, 1)], closed=True)
        canvas.part(counter, cloth.plain(), volume=14, drop=0.2, crumple=0.4)
        strap([(106, 444 - rise), (150, 434 - rise), (206, 420 - rise * 0.9), (254, 424 - rise * 0.7)], 19)
        for points in ([(384, 530), (372, 470), (424, 448), (474, 470), (492, 524)], [(318, 528 - rise * 0.1), (326, 452), (384, 432), (440, 452), (466, 524)]):
            strap(points, 20)
        canvas.part(ellipse(196, 422 - rise * 0.92, 12, 13), Cloth(GOLD, texture="", gloss=0.8), holes=[ellipse(196, 422 - rise * 0.92, 7, 8)], volume=3, crumple=0, drop=0.3)
    sole = smooth([*top, (534, 528), (526, 546), (480, 558), (400, 560), (300, 558 if rise else 556), (180, 560), (96, 560, 1), (88, 536 - rise * 0.6)], closed=True)
    mask = canvas.part(sole, cork, volume=9, crumple=0, drop=0.2)
    canvas.ink(smooth([(80, 556), (300, 555), (480, 553), (530, 540)]), colour=(84, 62, 48) if style != "slide" else darker(look.rgb, 0.45), width=9, clip=mask)
    if look.get("sole") == "rope":
        for i in range(4):
            canvas.seam(smooth([(p[0], p[1] + 8 + i * (8 + rise * 0.18)) for p in top]), width=2, strength=0.3, clip=mask)


def draw_flats(canvas: Canvas, look: Look) -> None:
    """Draw loafers or ballet flats."""
    as_pair(canvas, lambda: _flat(canvas, look), tall=0.84, gap=96)


def _flat(canvas: Canvas, look: Look) -> None:
    loafer = look.get("style", "loafer") == "loafer"
    cloth = _leather(look, look.get("stuff", "leather"))
    top = 424.0 if loafer else 452.0
    opening: list[tuple[float, ...]] = [(104, top, 1), (160, top + 26), (230, top + 18), (276, top - 12, 1)] if loafer else [(104, top, 1), (180, 492), (300, 500), (370, 484), (404, 476, 1)]
    inside = smooth([(104, top, 1), (170, top - 10), (opening[-1][0] * 0.7 + 40, top - 14 if loafer else 462), (*opening[-1][:2], 1), (230, 500), (130, 490)], closed=True)
    canvas.part(inside, Cloth(mixed((206, 170, 132), look.rgb, 0.2), texture="suede").dim(0.75), volume=12, depth=0.5)
    toe = [(330, top + 8), (400, 452), (470, 476), (512, 506), (524, 540, 1)] if loafer else [(450, 482), (500, 506), (526, 544, 1)]
    upper = smooth([(100, 544, 1), (94, 500), (98, 450), *opening, *toe], closed=True)
    mask = canvas.part(upper, cloth, volume=38, crumple=0.5, drop=0.25)
    if loafer:
        apron = smooth([(300, 470), (350, 452), (420, 470), (478, 500), (452, 510), (380, 504), (308, 496)])
        canvas.shade(ribbon(apron, 6), 0.3, 3, mask)
        canvas.seam(apron, width=2, strength=0.4, clip=mask)
        band = smooth([(262, top - 20, 1), (318, top - 6, 1), (330, 480), (318, 550, 1), (262, 550, 1), (268, 480)], closed=True)
        canvas.part(band, cloth.plain(), clip=mask, volume=12, drop=0.28, crumple=0.3)
        if look.get("detail") == "tassel":
            for dx in (0, 16):
                canvas.part(smooth([(312 + dx, 452, 1), (320 + dx, 450, 1), (330 + dx, 496, 1), (310 + dx, 500, 1)], closed=True), cloth.plain(), volume=6, drop=0.35)
        else:
            bar = smooth([(276, 446), (300, 452), (322, 448)])
            canvas.part(ribbon(bar, 8), Cloth(GOLD if look.get("metal") != "silver" else SILVER, texture="", gloss=0.9), volume=4, drop=0.4, crumple=0)
        canvas.seam(smooth([(190, top + 26), (200, 490), (196, 540)]), strength=0.24, clip=mask)
    else:
        rim = smooth([(106, top + 4), *[p[:2] for p in opening[1:]]])
        canvas.part(ribbon(rim + (0, 2), 7), cloth.plain(darker(look.rgb, 0.12)), volume=4, clip=mask, crumple=0)
        for dx in (-24, 24):
            canvas.part(smooth([(406, 482, 1), (406 + dx, 468), (406 + dx * 1.15, 486), (406 + dx * 0.7, 494)], closed=True), cloth.plain(), volume=6, drop=0.35)
        canvas.button(406, 483, 5.5, lighter(look.rgb, 0.05), holes=False)
    canvas.shade(smooth([(470, 494), (496, 506), (508, 526), (474, 514)], closed=True), 0.45 if cloth.gloss else 0.12, 6, mask, bright=True)
    canvas.part(smooth([(94, 540, 1), (300, 546), (526, 540, 1), (524, 552), (470, 558), (240, 554), (196, 554, 1), (194, 562, 1), (96, 562, 1)], closed=True), Cloth((72, 52, 40), texture="", gloss=0.2), volume=4, crumple=0, drop=0.3)
