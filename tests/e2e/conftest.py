"""Shops the end-to-end tests walk through."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.e2e.shop import ROOT, Shop, copy_engines

#: The real data set, where this machine has it: the published zip of the Kaggle fashion product images (small).
INVENTORY = Path(
    os.environ.get("VOGUE_TEST_INVENTORY") or ROOT / "../shared/data/fashion-product-images-small.zip"
).resolve()
PRODUCTS = 36


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a shop with drawn products, embedded by the real network from nothing. To be copied."""
    shop = Shop(tmp_path_factory.mktemp("prepared"))
    shop.manage("migrate")
    shop.manage("collectstatic", "--noinput")
    shop.manage("create_sample_inventory", "--count", str(PRODUCTS))
    shop.manage("embed_products")
    shop.manage("rebuild_index")
    return shop.folder


@pytest.fixture
def open_shop(prepared: Path, tmp_path: Path) -> Iterator[Callable[..., Shop]]:
    """Open copies of the prepared shop; ``redis`` names the broker. Nothing is started yet."""
    shops: list[Shop] = []

    def open_one(*, redis: str = "") -> Shop:
        folder = tmp_path / f"shop-{len(shops)}"
        shutil.copytree(prepared, folder)
        shops.append(Shop(folder, redis=redis))
        return shops[-1]

    yield open_one
    for shop in shops:
        shop.stop()


@pytest.fixture
def new_shop(prepared: Path, tmp_path: Path) -> Iterator[Callable[..., Shop]]:
    """Open empty shops that have the converted network and nothing else."""
    shops: list[Shop] = []

    def open_one(*, database: str = "", redis: str = "") -> Shop:
        folder = tmp_path / f"new-{len(shops)}"
        folder.mkdir()
        copy_engines(prepared, folder)
        shops.append(Shop(folder, database=database, redis=redis))
        return shops[-1]

    yield open_one
    for shop in shops:
        shop.stop()


@pytest.fixture(scope="session")
def real_inventory() -> Path:
    """The real data set. It is no part of the project, so a machine without it skips, with CI=true, too."""
    if not INVENTORY.is_file():
        pytest.skip(f"The real data set is not at {INVENTORY} (set VOGUE_TEST_INVENTORY).")
    return INVENTORY
