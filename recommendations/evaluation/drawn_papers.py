"""Off-catalogue pictures of what is written and printed: documents, charts, screens, maps, handwriting, code."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw

from recommendations.evaluation.drawing import Size, between, blended, colour, fractal, gradient, text_line


def document(size: Size, draw: np.random.Generator) -> Image.Image:
    """A page of print: head, paragraphs, perhaps a table or a stamp; flat or photographed on a desk."""
    width, height = size
    paper = between((255, 255, 255), (235, 220, 190), draw.random() ** 2)
    page = Image.new("RGB", size, paper)
    pen = ImageDraw.Draw(page)
    line = height / draw.uniform(18, 45)
    margin, y = width * draw.uniform(0.06, 0.14), height * 0.08
    columns = 1 if draw.random() < 0.7 else 2
    wide = (width - 2 * margin - (columns - 1) * margin / 2) / columns
    text_line(pen, draw, margin, y, wide * 0.8, line * 1.3, (20, 20, 20))
    for column in range(columns):
        x, at = margin + column * (wide + margin / 2), y + 2.6 * line
        while at < height - 0.08 * height - line:
            short = draw.random() < 0.2
            text_line(pen, draw, x, at, wide * (draw.uniform(0.3, 0.9) if short else 1), line * 0.72, (45, 45, 50))
            at += line * (2 if short else 1.15)
            if draw.random() < 0.05:
                rows, cells = int(draw.integers(2, 6)), int(draw.integers(2, 5))
                for row in range(rows + 1):
                    pen.line((x, at + row * line, x + wide, at + row * line), fill=(110, 110, 110))
                for cell in range(cells + 1):
                    pen.line(
                        (x + wide * cell / cells, at, x + wide * cell / cells, at + rows * line), fill=(110, 110, 110)
                    )
                at += (rows + 1) * line
    if draw.random() < 0.35:
        return page
    desk = blended(fractal(draw, size, coarsest=6), colour(draw, 30, 120), colour(draw, 80, 200))
    turned = page.convert("RGBA").rotate(draw.uniform(-20, 20), Image.Resampling.BICUBIC)
    turned = turned.resize((round(width * 0.9), round(height * 0.9)), Image.Resampling.BICUBIC)
    desk.paste(turned, (round(width * 0.05), round(height * 0.05)), turned)
    light = 0.7 + 0.35 * gradient(size, draw.uniform(0, 6))
    return Image.fromarray((np.asarray(desk, float) * light[..., None]).clip(0, 255).astype(np.uint8))


def chart(size: Size, draw: np.random.Generator) -> Image.Image:
    """Bars, lines, a pie or points, with axes and print."""
    width, height = size
    paper, ink = ((255, 255, 255), (60, 60, 60)) if draw.random() < 0.75 else ((28, 30, 38), (200, 200, 205))
    image = Image.new("RGB", size, paper)
    pen = ImageDraw.Draw(image)
    left, right, top, low = 0.14 * width, 0.95 * width, 0.16 * height, 0.86 * height
    text_line(pen, draw, left, 0.05 * height, 0.6 * width, 0.05 * height, ink)
    colours = [colour(draw, 30, 230, grey=0.1) for _ in range(6)]
    kind = draw.integers(4)
    if kind == 3:
        start, radius = 0.0, min(width, height) * 0.33
        shares = draw.dirichlet(np.ones(int(draw.integers(3, 7))))
        for share, paint in zip(shares, colours, strict=False):
            box = (width / 2 - radius, height / 2 - radius, width / 2 + radius, height / 2 + radius)
            pen.pieslice(box, start, start + 360 * share, fill=paint, outline=paper)
            start += 360 * share
        return image
    for step in range(6):
        y = low - (low - top) * step / 5
        pen.line((left, y, right, y), fill=between(paper, ink, 0.25))
        text_line(pen, draw, 0.03 * width, y - 0.02 * height, 0.1 * width, 0.035 * height, ink)
    pen.line((left, top, left, low, right, low), fill=ink, width=2)
    count = int(draw.integers(5, 14))
    xs = np.linspace(left, right, count + 2)[1:-1]
    if kind == 0:
        for x, value in zip(xs, draw.uniform(0.1, 1, count), strict=True):
            half = (right - left) / count * 0.35
            pen.rectangle((x - half, low - (low - top) * value, x + half, low), fill=colours[draw.integers(2)])
    for series in range(draw.integers(1, 5)):
        values = np.clip(0.5 + np.cumsum(draw.normal(0, 0.15, count)), 0.02, 1)
        points = [(x, low - (low - top) * v) for x, v in zip(xs, values, strict=True)]
        if kind == 1:
            pen.line(points, fill=colours[series], width=3)
        elif kind == 2:
            for x, y in points:
                pen.ellipse((x - 4, y - 4, x + 4, y + 4), fill=colours[series])
    return image


def screen(size: Size, draw: np.random.Generator) -> Image.Image:
    """A program's window or a conversation on a telephone."""
    width, height = size
    dark = draw.random() < 0.4
    paper, ink = ((30, 31, 36), (215, 215, 220)) if dark else ((247, 247, 249), (45, 45, 50))
    accent = colour(draw, 20, 230, grey=0.1)
    image = Image.new("RGB", size, paper)
    pen = ImageDraw.Draw(image)
    line = height * 0.045
    pen.rectangle((0, 0, width, 2 * line), fill=accent)
    text_line(pen, draw, 0.05 * width, 0.6 * line, 0.5 * width, line * 0.8, (255, 255, 255))
    y = 3 * line
    chat = draw.random() < 0.5
    side = 0.0 if chat else width * draw.uniform(0.15, 0.3)
    if side:
        pen.rectangle((0, 2 * line, side, height), fill=between(paper, ink, 0.1))
    while y < height - 2 * line:
        tall = line * draw.integers(2, 5)
        if chat:
            mine = draw.random() < 0.5
            wide = width * draw.uniform(0.35, 0.75)
            x = width * 0.96 - wide if mine else width * 0.04
            fill = between(paper, accent, 0.6) if mine else between(paper, ink, 0.12)
            pen.rounded_rectangle((x, y, x + wide, y + tall), radius=line / 2, fill=fill)
        else:
            x, wide = side + 0.04 * width, width - side - 0.08 * width
            pen.rectangle((x, y, x + wide, y + tall), outline=between(paper, ink, 0.3))
            if draw.random() < 0.4:
                pen.rectangle((x + 4, y + 4, x + tall - 4, y + tall - 4), fill=colour(draw, grey=0.2))
                x, wide = x + tall, wide - tall
            text_line(pen, draw, 4, y, max(side - 8, 1), line * 0.6, ink)
        for row in range(max(1, int(tall / line) - 1)):
            text_line(pen, draw, x + 6, y + 4 + row * line, wide - 12, line * 0.65, ink)
        y += tall + line * 0.6
    return image


def street_map(size: Size, draw: np.random.Generator) -> Image.Image:
    """Blocks, streets, a river, a park, names."""
    width, height = size
    image = Image.new("RGB", size, (238, 234, 226))
    pen = ImageDraw.Draw(image)
    side = max(size)
    for paint in ((200, 225, 180), (200, 225, 180), (165, 205, 230)):
        x, y = draw.uniform(0, width), draw.uniform(0, height)
        turns = np.sort(draw.uniform(0, 2 * np.pi, 8))
        reach = draw.uniform(0.08, 0.25) * side
        pen.polygon([(x + reach * np.cos(t), y + reach * np.sin(t)) for t in turns], fill=paint)
    river = [(x * width / 6, draw.uniform(0.3, 0.7) * height) for x in range(-1, 8)]
    pen.line(river, fill=(165, 205, 230), width=max(3, side // 25), joint="curve")
    base = draw.uniform(0, np.pi)
    for n in range(int(draw.integers(20, 40))):
        angle = base + (n % 2) * np.pi / 2 + draw.normal(0, 0.12)
        x, y = draw.uniform(0, width), draw.uniform(0, height)
        dx, dy = np.cos(angle) * side, np.sin(angle) * side
        large = n % 7 == 0
        pen.line((x - dx, y - dy, x + dx, y + dy), fill=(205, 200, 190), width=side // (40 if large else 90) + 3)
        street = (250, 215, 130) if large else (255, 255, 255)
        pen.line((x - dx, y - dy, x + dx, y + dy), fill=street, width=max(1, side // (40 if large else 90)))
    for _ in range(9):
        text_line(
            pen, draw, draw.uniform(0, 0.8 * width), draw.uniform(0, height), 0.2 * width, side * 0.028, (80, 80, 80)
        )
    return image


def handwriting(size: Size, draw: np.random.Generator) -> Image.Image:
    """Notes by hand: on ruled paper, squared paper or a board."""
    width, height = size
    board = draw.random() < 0.3
    paper, ink = ((35, 70, 55), (230, 235, 225)) if board else ((250, 248, 240), colour(draw, 0, 130, grey=0.4))
    image = blended(fractal(draw, size), paper, between(paper, (128, 128, 128), 0.12))
    pen = ImageDraw.Draw(image)
    step = height / draw.uniform(9, 20)
    rule = between(paper, (90, 140, 210), 0.4)
    squared = draw.random() < 0.4
    for n in range(int(height / step) + 1):
        pen.line((0, n * step, width, n * step), fill=rule)
    for n in range(int(width / step) + 1) if squared else ():
        pen.line((n * step, 0, n * step, height), fill=rule)
    for row in range(1, int(height / step)):
        x = width * draw.uniform(0.04, 0.1)
        while x < width * draw.uniform(0.6, 0.98):
            count = int(draw.integers(8, 30))
            along = np.arange(count) * step * 0.09
            heights = np.cumsum(draw.normal(0, 0.16, count))
            heights = (heights - heights.mean()) * step * 0.45
            at = [
                (x + a + step * 0.12 * np.sin(1.9 * i), row * step - step * 0.3 + h)
                for i, (a, h) in enumerate(zip(along, heights, strict=True))
            ]
            pen.line(at, fill=ink, width=max(1, round(step / 12)), joint="curve")
            x += along[-1] + step * 0.5
    return image


def code(size: Size, draw: np.random.Generator) -> Image.Image:
    """A square code, a bar code, or a page of source on a dark screen."""
    width, height = size
    kind = draw.integers(3)
    image = Image.new("RGB", size, (255, 255, 255) if kind < 2 else (24, 26, 34))
    pen = ImageDraw.Draw(image)
    if kind == 0:
        cells, side = int(draw.integers(21, 45)), min(size) * 0.8
        left, top, cell = (width - side) / 2, (height - side) / 2, side / cells
        on = draw.random((cells, cells)) < 0.5
        for y, x in np.argwhere(on):
            pen.rectangle((left + x * cell, top + y * cell, left + (x + 1) * cell, top + (y + 1) * cell), fill=0)
        for x, y in ((0, 0), (cells - 7, 0), (0, cells - 7)):
            for inset, paint in ((0, 0), (1, 0xFFFFFF), (2, 0)):
                box = (left + (x + inset) * cell, top + (y + inset) * cell)
                pen.rectangle((*box, box[0] + (7 - 2 * inset) * cell, box[1] + (7 - 2 * inset) * cell), fill=paint)
    elif kind == 1:
        x = width * 0.1
        while x < width * 0.9:
            bar = draw.integers(1, 5) * width / 260
            if draw.random() < 0.5:
                pen.rectangle((x, height * 0.25, x + bar, height * 0.7), fill=0)
            x += bar
        text_line(pen, draw, width * 0.15, height * 0.73, width * 0.7, height * 0.06, (0, 0, 0))
    else:
        line, colours = height / draw.uniform(16, 32), [colour(draw, 110, 255, grey=0.2) for _ in range(4)]
        for row in range(int(height / line)):
            x = width * (0.03 + 0.05 * draw.integers(0, 5))
            for _ in range(draw.integers(0, 5)):
                part = width * draw.uniform(0.05, 0.25)
                text_line(pen, draw, x, row * line, part, line * 0.7, colours[draw.integers(4)])
                x += part + width * 0.01
    return image
