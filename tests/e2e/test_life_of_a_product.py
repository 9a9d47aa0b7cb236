"""A product's whole life: real network, real worker, real Redis, the admin over HTTP."""

from __future__ import annotations

import glob
import io
import sqlite3
from collections.abc import Callable
from contextlib import closing

import pytest
from PIL import Image, ImageEnhance

from tests.e2e.shop import Shop, links_to_products
from tests.services import needs_proc, read_proc, wait_for

pytestmark = [pytest.mark.network, pytest.mark.redis]


def ask(shop: Shop, question: str, *values: object) -> list[tuple[object, ...]]:
    """Return rows of the shop's database, past all of our own code."""
    with closing(sqlite3.connect(shop.folder / "db.sqlite3", timeout=20)) as connection:
        return connection.execute(question, values).fetchall()


def states(shop: Shop, name: str) -> list[str]:
    question = (
        "SELECT status FROM recommendations_imageembedding WHERE product_id IN "
        "(SELECT id FROM catalog_product WHERE name = ?)"
    )
    return [str(row[0]) for row in ask(shop, question, name)]


def a_product_with_a_photo(shop: Shop) -> tuple[str, Image.Image]:
    """Return the page and the photo of a product in the prepared shop."""
    slug, file = ask(
        shop,
        "SELECT p.slug, i.image FROM catalog_product p JOIN catalog_productimage i ON i.product_id = p.id "
        "WHERE i.position = 0 ORDER BY p.id LIMIT 1",
    )[0]
    with Image.open(shop.folder / "media" / str(file)) as image:
        return f"/products/{slug}/", image.convert("RGB")


def jpeg(image: Image.Image) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=92)
    return buffer.getvalue()


def test_a_product_saved_in_the_admin_is_found_by_its_photo_and_in_strips_until_it_is_deleted(
    open_shop: Callable[..., Shop], redis_url: str
) -> None:
    shop = open_shop(redis=redis_url)
    shop.start("web")
    shop.log_in()
    sibling_page, original = a_product_with_a_photo(shop)
    # The sibling's photo, a little darker and closer: another product of the same kind.
    width, height = original.size
    closer = original.crop((width // 20, height // 20, width - width // 20, height - height // 20))
    photo = jpeg(ImageEnhance.Brightness(closer).enhance(0.9))
    category = str(ask(shop, "SELECT category_id FROM catalog_product ORDER BY id LIMIT 1")[0][0])

    saved = shop.submit(
        "/admin/catalog/product/add/",
        {
            "sku": "E2E-1",
            "slug": "the-new-one",
            "name": "The new one",
            "category": category,
            "price": "49.90",
            "stock": "3",
            "active": "on",
            "images-TOTAL_FORMS": "1",
        },
        {"images-0-image": photo},
    )
    assert saved.url.endswith("/admin/catalog/product/"), saved.text[:4000]
    assert states(shop, "The new one") == ["pending"]
    assert shop.get("/products/the-new-one/").status == 200
    assert "The new one" not in names(shop, photo)

    shop.start("worker")
    wait_for(lambda: states(shop, "The new one") == ["ready"], "embedding the new photo")
    results = shop.search_by_photo(photo, k="5")
    assert results[0]["product"]["name"] == "The new one"
    assert results[0]["score"] > 0.99
    assert "/products/the-new-one/" in links_to_products(shop.get(sibling_page).text)
    assert sibling_page in links_to_products(shop.get("/products/the-new-one/").text)

    number = str(ask(shop, "SELECT id FROM catalog_product WHERE slug = 'the-new-one'")[0][0])
    deleted = shop.post(f"/admin/catalog/product/{number}/delete/", {"post": "yes"})
    assert deleted.url.endswith("/admin/catalog/product/"), deleted.text[:4000]
    # At once: nothing waits for a rebuild.
    after = shop.search_by_photo(photo, k="5")
    assert "The new one" not in [result["product"]["name"] for result in after]
    assert len(after) == 5
    assert "/products/the-new-one/" not in links_to_products(shop.get(sibling_page).text)
    assert states(shop, "The new one") == []
    assert shop.get("/products/the-new-one/").status == 404


def test_a_product_hidden_in_the_admin_is_gone_at_once_and_back_when_shown(
    open_shop: Callable[..., Shop], redis_url: str
) -> None:
    shop = open_shop(redis=redis_url)
    shop.start("web")
    shop.log_in()
    page, original = a_product_with_a_photo(shop)
    photo = jpeg(original)
    number, name = ask(shop, "SELECT id, name FROM catalog_product WHERE slug = ?", page.split("/")[2])[0]
    change = f"/admin/catalog/product/{number}/change/"
    first = shop.search_by_photo(photo, k="5")[0]["product"]
    assert first["id"] == number

    hidden = shop.submit(change, {}, without=["active"])
    assert hidden.url.endswith("/admin/catalog/product/"), hidden.text[:4000]
    results = shop.search_by_photo(photo, k="5")
    assert number not in [result["product"]["id"] for result in results]
    assert len(results) == 5
    assert shop.get(page).status == 404

    shop.submit(change, {"active": "on"})
    assert shop.search_by_photo(photo, k="5")[0]["product"]["id"] == number, name


def names(shop: Shop, photo: bytes) -> list[str]:
    return [result["product"]["name"] for result in shop.search_by_photo(photo, k="20")]


@needs_proc
def test_tensorflow_is_in_no_running_process_once_the_network_is_converted(
    open_shop: Callable[..., Shop], redis_url: str
) -> None:
    shop = open_shop(redis=redis_url)
    shop.manage("embed_products")
    shop.start("web", "worker")
    page, original = a_product_with_a_photo(shop)
    for _ in range(8):  # both web processes get their turn
        shop.search_by_photo(jpeg(original))
    shop.get(page)
    ask_again(shop)
    wait_for(lambda: not pending(shop), "embedding again")

    loaded = {name: libraries(shop.running[name].pid) for name in ("web", "worker")}
    for name, files in loaded.items():
        assert any("/site-packages/openvino/" in file for file in files), (
            f"{name} did not run the network: the test shows nothing"
        )
        assert not [file for file in files if "/site-packages/tensorflow/" in file], name


def ask_again(shop: Shop) -> None:
    """Make some rows pending and tell the worker, as the sweep does."""
    with closing(sqlite3.connect(shop.folder / "db.sqlite3", timeout=20)) as connection, connection:
        connection.execute(
            "UPDATE recommendations_imageembedding SET status = 'pending', claim = '', queued = NULL WHERE id IN "
            "(SELECT id FROM recommendations_imageembedding LIMIT 20)"
        )
    shop.manage("shell", "-c", "from recommendations.tasks import sweep_pending; sweep_pending.delay()")


def pending(shop: Shop) -> object:
    return ask(shop, "SELECT COUNT(*) FROM recommendations_imageembedding WHERE status = 'pending'")[0][0]


def libraries(pid: int) -> set[str]:
    """Return the files mapped into a process and its children (Linux); a child that has just ended has none."""
    found = {line.split(maxsplit=5)[5] for line in read_proc(f"/proc/{pid}/maps").splitlines() if "/" in line}
    for children in glob.glob(f"/proc/{pid}/task/*/children"):  # noqa: PTH207 (it passes over threads that end)
        for child in read_proc(children).split():
            found |= libraries(int(child))
    return found
