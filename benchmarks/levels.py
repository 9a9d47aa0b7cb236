"""How often "nothing close" is said rightly: ``python -m benchmarks.levels --dataset ZIP [--products 3000 6000]``.

A gallery of real products is calibrated as a build does it, from products and kinds of pictures that are then put
aside: what is measured are simulated photos of other products in it, and pictures of no product, of kinds the
calibration has seen and of kinds it has not. Beside it: the preset's fixed levels, and levels calibrated on the cosine
alone. The network is the one ``--weights`` names. Vectors are kept in ``--cache`` for the next run.
"""

from __future__ import annotations

import argparse
import io
import json
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from recommendations import embedders
from recommendations.evaluation import off_catalogue
from recommendations.evaluation.levels import LOST, Sample, Vectors, calibrate, measure, nearest
from recommendations.evaluation.shopper_photos import FAMILIES, simulate
from recommendations.levels import MatchLevels, Steps

#: As a build does: products photographed, in each family in turn, and pictures of no product.
CALIBRATION = (300, 204)


def main(arguments: list[str] | None = None) -> int:
    """Measure, print a table for each size; fail where a target is missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.levels", description=__doc__)
    parser.add_argument("--dataset", type=Path, required=True, help="a zip with images/<id>.jpg")
    parser.add_argument("--weights", default="fashion")
    parser.add_argument("--products", type=int, nargs="+", default=[3000, 6000])
    parser.add_argument("--photos", type=int, default=60, help="of products outside the calibration, in each family")
    parser.add_argument("--pictures", type=int, default=170, help="of no product, of all kinds")
    parser.add_argument("--cache", type=Path, default=Path(tempfile.gettempdir()) / "vogue-levels")
    parser.add_argument("--json", type=Path, help="write the figures here, too")
    options = parser.parse_args(arguments)
    bench = _Bench(options.dataset, options.weights, options.cache)
    figures = [bench.figures(products, options.photos, options.pictures) for products in options.products]
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1))
    return 0 if all(_met(part["calibrated"]) for part in figures) else 1


class _Bench:
    """One network, one set of photos."""

    def __init__(self, dataset: Path, weights: str, cache: Path) -> None:
        self._archive = zipfile.ZipFile(dataset)
        names = sorted(name for name in self._archive.namelist() if name.endswith(".jpg"))
        self._names = [names[n] for n in np.random.default_rng(0).permutation(len(names))]
        spec = embedders.resolve(weights)
        self._levels = MatchLevels(Steps(*spec.levels))
        self._embedder = embedders.load_embedder(spec, engine="openvino", cache_dir=cache)
        self._cache = cache / spec.name

    def figures(self, products: int, photos: int, pictures: int) -> dict[str, Any]:
        """Return the figures of a gallery of so many products, printing them."""
        gallery = self._gallery(products)
        names = self._names[:products]
        sampled, drawn = CALIBRATION
        families = [FAMILIES[n % len(FAMILIES)] for n in range(sampled)]
        shoppers = self._embed(
            "calibration-photos",
            (self._photo(*photo) for photo in zip(names[:sampled], families, range(sampled), strict=True)),
        )
        made = off_catalogue.pictures(drawn, 1, off_catalogue.CALIBRATION)
        foreign = self._embed("calibration-pictures", (picture for _, picture in made))
        kinds = [kind for kind, _ in made]
        started = time.perf_counter()
        none = [""] * products
        sample = Sample(gallery, names, none, shoppers, names[:sampled], foreign, kinds)
        levels = calibrate(sample)
        took = time.perf_counter() - started
        cosines, _ = nearest(shoppers, gallery)
        plain = MatchLevels(levels.steps._replace(similar=float(np.quantile(cosines, LOST))))
        asked = names[sampled : sampled + photos]
        queries = {
            family: self._embed(
                f"photos-{family}-{photos}", (self._photo(name, family, s) for s, name in enumerate(asked, 1000))
            )
            for family in FAMILIES
        }
        other = off_catalogue.pictures(pictures, 2)
        vectors = self._embed(f"pictures-{pictures}", (picture for _, picture in other))
        found = np.array([kind for kind, _ in other])
        strange = {kind: vectors[found == kind] for kind in off_catalogue.KINDS}
        result = {"products": products, "steps": levels.steps._asdict(), "facts": dict(levels.facts), "seconds": took}
        for title, tried in (("preset", self._levels), ("cosine alone", plain), ("calibrated", levels)):
            result[title] = _with_held_out(measure(tried, gallery, queries, strange))
        _show(result)
        return result

    def _gallery(self, products: int) -> Vectors:
        step = 1000
        parts = [
            self._embed(f"gallery-{start}", (self._open(name) for name in self._names[start : start + step]))
            for start in range(0, products, step)
        ]
        return np.concatenate(parts)[:products]

    def _open(self, name: str) -> Image.Image:
        return Image.open(io.BytesIO(self._archive.read(name))).convert("RGB")

    def _photo(self, name: str, family: str, seed: int) -> Image.Image:
        return simulate(self._open(name), family, seed)

    def _embed(self, title: str, images: Iterable[Image.Image]) -> Vectors:
        path = self._cache / f"{title}.npy"
        if path.is_file():
            kept: Vectors = np.load(path)
            return kept
        batch, parts = [], []
        for image in images:
            batch.append(image)
            if len(batch) == 32:
                parts.append(self._embedder.embed(batch))
                batch = []
        parts += [self._embedder.embed(batch)] if batch else []
        path.parent.mkdir(parents=True, exist_ok=True)
        np.save(path, np.concatenate(parts))
        return np.concatenate(parts)


def _with_held_out(figures: dict[str, Any]) -> dict[str, Any]:
    for title, kinds in (("refused_held_out", off_catalogue.HELD_OUT), ("refused_seen", off_catalogue.CALIBRATION)):
        figures[title] = round(float(np.mean([figures["refused"][kind] for kind in kinds])), 4)
    return figures


def _met(figures: dict[str, Any]) -> bool:
    return bool(figures["refused_held_out"] >= 0.9 and figures["lost_worst"] <= 0.05)


def _show(result: dict[str, Any]) -> None:
    steps = ", ".join(f"{name} {least:.3f}" for name, least in result["steps"].items())
    print(f"\n{result['products']:,} products; {steps}; fitted in {result['seconds']:.1f} s")
    titles = ("preset", "cosine alone", "calibrated")
    print(f"{'answered with none':30}" + "".join(f"{title:>14}" for title in titles))
    for key, label in (("refused_seen", "no product, kinds seen"), ("refused_held_out", "no product, kinds held out")):
        print(f"{label:30}" + "".join(f"{result[title][key]:14.1%}" for title in titles))
    for kind in off_catalogue.HELD_OUT:
        print(f"{'  ' + kind:30}" + "".join(f"{result[title]['refused'][kind]:14.1%}" for title in titles))
    print(f"{'in stock, mean of families':30}" + "".join(f"{result[title]['lost_mean']:14.1%}" for title in titles))
    for family in FAMILIES:
        print(f"{'  ' + family:30}" + "".join(f"{result[title]['lost'][family]:14.1%}" for title in titles))


if __name__ == "__main__":
    sys.exit(main())
