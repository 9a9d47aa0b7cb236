"""Small inventories in the published layout, as folder or zip."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path

from tests.pictures import COLOURS, photo

HEADER = "id,gender,masterCategory,subCategory,articleType,baseColour,season,year,usage,productDisplayName"


def line(sku: object, name: str = "Puma Men Blue Shirt", **fields: str) -> str:
    """Return one line of styles.csv."""
    kind = fields.get("kind", "Apparel,Topwear,Shirts")
    colour, season, usage = fields.get("colour", "Blue"), fields.get("season", "Fall"), fields.get("usage", "Casual")
    return f"{sku},{fields.get('gender', 'Men')},{kind},{colour},{season},2012,{usage},{name}"


def table(lines: Iterable[str], header: str = HEADER, encoding: str = "utf-8") -> bytes:
    """Return styles.csv."""
    return "\n".join([header, *lines, ""]).encode(encoding)


def photos(*skus: object) -> dict[str, bytes]:
    """Return a photo for each, of different colours."""
    names = list(COLOURS)
    return {f"images/{sku}.jpg": photo(names[n % len(names)]) for n, sku in enumerate(skus)}


def make_zip(path: Path, csv: bytes | None, files: Mapping[str, bytes], root: str = "") -> Path:
    """Write a zip and return its path."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        if csv is not None:
            archive.writestr(f"{root}styles.csv", csv)
        for name, data in files.items():
            archive.writestr(f"{root}{name}", data)
    return path


def make_folder(path: Path, csv: bytes, files: Mapping[str, bytes]) -> Path:
    """Write a folder and return its path."""
    (path / "images").mkdir(parents=True)
    (path / "styles.csv").write_bytes(csv)
    for name, data in files.items():
        (path / name).write_bytes(data)
    return path
