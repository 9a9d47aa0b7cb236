"""The real data set, through the HTTP API of a running shop."""

from __future__ import annotations

import csv
import io
import random
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.e2e.shop import Shop

LIMIT = 3000
SAMPLE = 200


@pytest.mark.network
def test_each_of_200_gallery_photos_finds_its_own_product_first(
    new_shop: Callable[..., Shop], real_inventory: Path
) -> None:
    """The photo is the file as published, not the shop's own copy of it.

    The set holds true duplicates: one photo under two ids, sold as two products. Nobody can tell those apart by photo,
    so "first" means: none scores higher (beyond rounding), and at most a handful score the same.
    """
    shop = new_shop()
    shop.manage("migrate")
    shop.manage("collectstatic", "--noinput")
    shop.manage("import_inventory", str(real_inventory), "--limit", str(LIMIT))
    shop.manage("embed_products")
    shop.manage("rebuild_index")
    shop.start("web")

    with zipfile.ZipFile(real_inventory) as archive:
        members = {Path(name).stem: name for name in archive.namelist() if name.endswith(".jpg")}
        styles = next(name for name in archive.namelist() if name.endswith("styles.csv"))
        rows = csv.DictReader(io.StringIO(archive.read(styles).decode()))
        skus = [row["id"] for row, _ in zip(rows, range(LIMIT), strict=False) if row["id"] in members]
        assert len(skus) > LIMIT * 0.95
        alone = 0
        for sku in random.Random(5).sample(skus, SAMPLE):
            results = shop.search_by_photo(archive.read(members[sku]), k="10")
            top = results[0]["score"]
            tied = [result["product"]["sku"] for result in results if result["score"] > top - 1e-4]
            assert sku in tied, f"{sku} is not first: {[(r['product']['sku'], r['score']) for r in results]}"
            assert top > 0.99, f"{sku} scores {top}"
            alone += len(tied) == 1
    # Ties are the exception: an index that gave everything the same score would not pass.
    assert alone > SAMPLE * 0.8
