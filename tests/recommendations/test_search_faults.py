"""What must not shake a search: products and photos that go while it knows them, and galleries that are hardly any."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from django.core.files.base import ContentFile
from numpy.typing import NDArray
from PIL import Image

from catalog.models import Product
from recommendations import current, indexing, search
from recommendations.exceptions import IndexUnavailableError
from recommendations.indexes.live import Snapshot
from recommendations.models import ImageEmbedding
from tests.embedders import MeanColourEmbedder
from tests.factories import make_product
from tests.pictures import photo, picture
from tests.recommendations.shop import embed_all

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.fault,
    pytest.mark.timeout(60),
    pytest.mark.usefixtures("colours"),
]


@pytest.fixture(params=["annoy", "exact"], autouse=True)
def backend(request: pytest.FixtureRequest, settings: Any) -> None:
    """Run each test over both indexes."""
    settings.VOGUE = {**settings.VOGUE, "INDEX": request.param}


def found(answer: search.Answer) -> list[Product]:
    return [match.product for match in answer]


@pytest.mark.parametrize("how", ["deleted", "deleted in bulk", "hidden"])
def test_a_product_that_goes_while_the_live_index_holds_it_is_gone_and_k_stay(how: str) -> None:
    """F9."""
    products = [make_product((100 + 5 * n, 40, 40)) for n in range(12)]
    embed_all()
    indexing.build_release()
    query = picture((150, 40, 40))
    gone = found(search.search_by_image(query, k=5))[:3]
    keys = {product.pk for product in gone}
    held = set(ImageEmbedding.objects.filter(product__in=gone).values_list("pk", flat=True))
    if how == "deleted":
        for product in gone:
            product.delete()
    elif how == "deleted in bulk":
        Product.objects.filter(pk__in=keys).delete()
    else:
        Product.objects.filter(pk__in=keys).update(active=False)

    after = search.search_by_image(query, k=5)
    snapshot = current.live_index().snapshot()
    assert isinstance(snapshot, Snapshot)
    assert snapshot.release is not None
    assert held <= set(snapshot.release.ids.tolist()), "the index no longer holds them: the test shows nothing"
    assert len(after) == 5
    assert not keys & {product.pk for product in found(after)}
    rest = next(product for product in products if product.pk not in keys)
    similar = found(search.similar_products(rest, k=20))
    assert len(similar) == len(products) - len(keys) - 1
    assert not keys & {product.pk for product in similar}


def test_a_photo_replaced_while_it_is_embedded_answers_as_the_new_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """F10."""
    others = [make_product(colour) for colour in ("green", "yellow", "teal")]
    embed_all()
    indexing.build_release()
    product = make_product("red")

    class Interrupted(MeanColourEmbedder):
        def _embed(self, images: Sequence[Image.Image]) -> NDArray[np.floating]:
            image = product.images.get()
            if "new" not in image.alt:
                image.alt = "new"
                image.image = ContentFile(photo("blue"), name="photo.jpg")
                image.save()
            return super()._embed(images)

    monkeypatch.setattr(current, "embedder", Interrupted)
    indexing.embed_photos([product.image_embeddings.get().pk])
    # The old photo's vector never counts, whether or not the new one is there yet.
    assert found(search.search_by_image(picture("red"), k=1)) != [product]
    embed_all()
    answer = search.search_by_image(picture("blue"), k=1)
    assert found(answer) == [product]
    assert answer.matches[0].cosine > 0.999
    assert found(search.search_by_image(picture("red"), k=1)) != [product]
    assert len(search.similar_products(product, k=9)) == len(others)


def test_an_index_of_nothing_says_so_before_and_after_there_was_something() -> None:
    """F38."""
    with pytest.raises(IndexUnavailableError):
        search.search_by_image(picture("red"))
    product = make_product("red")
    assert len(search.similar_products(product)) == 0
    embed_all()
    indexing.build_release()
    assert found(search.search_by_image(picture("red"))) == [product]
    Product.objects.all().delete()
    with pytest.raises(IndexUnavailableError):
        search.search_by_image(picture("red"))
    # The release is live still; what it holds nobody may see.
    make_product("blue")
    embed_all()
    assert len(search.search_by_image(picture("red"))) == 1


@pytest.mark.parametrize("diversity", [0, 0.5, 1])
def test_an_index_of_one_finds_it_and_nothing_like_it(diversity: float) -> None:
    """F38."""
    product = make_product("red")
    embed_all()
    indexing.build_release()
    assert found(search.search_by_image(picture("blue"), k=5, diversity=diversity)) == [product]
    assert found(search.search_by_image(picture("blue"), k=5, filters={"in_stock": True})) == [product]
    assert found(search.search_by_image(picture("blue"), k=5, filters={"price_min": 1_000})) == []
    assert len(search.similar_products(product, k=5, diversity=diversity)) == 0


@pytest.mark.parametrize("newer", [0, 20], ids=["released", "some newer"])
def test_where_all_are_duplicates_k_different_products_are_found(newer: int) -> None:
    """F38."""
    products = [make_product("red") for _ in range(40 - newer)]
    embed_all()
    indexing.build_release()
    products += [make_product("red") for _ in range(newer)]
    embed_all()
    for diversity in (0, 0.5, 1):
        for answer in (
            search.search_by_image(picture("red"), k=7, diversity=diversity),
            search.similar_products(products[3], k=7, diversity=diversity),
            search.similar_products(products[3], k=7, diversity=diversity, filters={"in_stock": True}),
        ):
            assert len({product.pk for product in found(answer)}) == 7
            assert all(match.cosine > 0.999 for match in answer)
    assert len(search.similar_products(products[3], k=100)) == 39
