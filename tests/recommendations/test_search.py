from __future__ import annotations

import numpy as np
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.models import Product, ProductImage
from recommendations import indexing, matching, search
from recommendations.exceptions import IndexUnavailableError
from recommendations.models import ImageEmbedding
from tests.factories import add_photo, make_category, make_product
from tests.pictures import picture

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("colours")]


def embed_all() -> None:
    indexing.mark_all_pending()
    indexing.embed_photos(list(ImageEmbedding.objects.values_list("pk", flat=True)))


def names(answer: search.Answer) -> list[str]:
    return [match.product.name for match in answer]


@pytest.fixture(params=["release", "delta", "both"])
def searchable(request: pytest.FixtureRequest):
    """Run a test over products in a release, products newer than any release, and some of each."""

    def make(products: list[Product]) -> list[Product]:
        if request.param == "both":
            half = products[::2]
            indexing.mark_pending([product.pk for product in half])
            rows = ImageEmbedding.objects.filter(product__in=half)
            indexing.embed_photos(list(rows.values_list("pk", flat=True)))
            indexing.refresh_index()
        embed_all()
        if request.param == "release":
            indexing.refresh_index()
        return products

    return make


def test_red_finds_red(searchable) -> None:
    searchable([make_product(colour) for colour in ("red", "green", "blue", (210, 40, 35), "yellow")])
    answer = search.search_by_image(picture("red"), k=2)
    assert [match.product.image_embeddings.count() for match in answer] == [1, 1]
    assert names(answer)[0].startswith("Red")
    assert answer.matches[0].score > 0.999
    assert answer.matches[0].score >= answer.matches[1].score
    assert answer.level == "same"


def test_similar_products_are_never_the_product_itself(searchable) -> None:
    red, blue, navy = searchable([make_product("red"), make_product("blue"), make_product((25, 50, 190))])
    answer = search.similar_products(blue)
    assert answer.matches[0].product == navy
    assert {match.product for match in answer} == {red, navy}


def test_k_defaults_to_five_and_is_filled_where_so_many_exist(searchable) -> None:
    products = searchable([make_product((shade, 40, 40)) for shade in range(100, 180, 10)])
    assert len(search.similar_products(products[0])) == 5
    assert len(search.similar_products(products[0], k=7)) == 7
    assert len(search.similar_products(products[0], k=50)) == 7


def test_hidden_and_deleted_products_leave_every_answer_at_once(searchable) -> None:
    products = searchable([make_product((shade, 40, 40)) for shade in range(100, 180, 10)])
    assert len(search.similar_products(products[0], k=7)) == 7
    Product.objects.filter(pk=products[1].pk).update(active=False)
    products[2].delete()
    found = {match.product.pk for match in search.similar_products(products[0], k=7)}
    assert found == {product.pk for product in products[3:]}
    by_photo = {match.product.pk for match in search.search_by_image(picture((110, 40, 40)), k=8)}
    assert by_photo == {products[0].pk, *found}


def test_a_product_with_many_photos_stands_once_with_its_best_photo(searchable) -> None:
    red = make_product("red")
    for shade in range(12):
        add_photo(red, (200 - 8 * shade, 30, 30), position=shade + 1)
    searchable([red, make_product("orange"), make_product("blue")])
    answer = search.search_by_image(picture((160, 30, 30)), k=3)
    assert [match.product.pk for match in answer].count(red.pk) == 1
    assert len(answer) == 3
    best = ImageEmbedding.objects.get(pk=answer.matches[0].embedding_id)
    assert best.position == 6


def test_many_hidden_products_do_not_empty_the_answer(searchable) -> None:
    products = searchable([make_product((100 + shade % 60, 40, 40)) for shade in range(60)])
    Product.objects.filter(pk__in=[product.pk for product in products[:50]]).update(active=False)
    assert len(search.search_by_image(picture((101, 40, 40)), k=5)) == 5


def test_filters_fill_and_equal_brute_force(searchable) -> None:
    shirts, bags = make_category("Shirts"), make_category("Bags")
    products = [
        make_product((100 + n, 40, 40 + n % 7), category=bags if n % 10 == 0 else shirts, stock=n % 3)
        for n in range(60)
    ]
    searchable(products)
    query = picture((104, 40, 44))
    everything = search.search_by_image(query, k=60)
    for filters in ({"category": "bags"}, {"in_stock": True}, {"category": "bags", "in_stock": True}):
        answer = search.search_by_image(query, k=5, filters=filters)
        expected = [
            match.product.pk
            for match in everything
            if ("category" not in filters or match.product.category == bags)
            and ("in_stock" not in filters or match.product.stock)
        ][:5]
        assert [match.product.pk for match in answer] == expected


@pytest.mark.parametrize("rows_per_neighbor", [0, 10**6], ids=["over-fetching", "exact scan"])
def test_where_everything_near_is_of_the_wrong_kind_the_right_kind_is_found(
    monkeypatch: pytest.MonkeyPatch, rows_per_neighbor: int
) -> None:
    bags = make_category("Bags")
    for n in range(50):
        make_product((100 + n, 40, 40))
    bag = make_product("blue", category=bags)
    embed_all()
    indexing.refresh_index()
    monkeypatch.setattr(matching, "ROWS_PER_NEIGHBOR", rows_per_neighbor)
    answer = search.search_by_image(picture((100, 40, 40)), k=3, filters={"category": "bags"})
    assert [match.product for match in answer] == [bag]


def test_a_deleted_photo_no_longer_speaks_for_its_product(searchable) -> None:
    both = make_product("red")
    blue = add_photo(both, "blue", position=1)
    searchable([both, make_product((40, 70, 190))])
    assert search.search_by_image(picture("blue"), k=1).matches[0].product == both
    blue.delete()
    assert search.search_by_image(picture("blue"), k=1).matches[0].product != both


def test_a_replaced_photo_answers_with_its_new_vector_only(searchable) -> None:
    product = make_product("red")
    searchable([product, make_product("orange"), make_product("green")])
    image = product.images.get()
    image.delete()
    add_photo(product, "blue")
    assert product not in [match.product for match in search.search_by_image(picture("red"), k=1)]
    embed_all()
    assert search.search_by_image(picture("blue"), k=1).matches[0].product == product
    assert search.search_by_image(picture("red"), k=1).matches[0].product != product


def test_nothing_embedded_is_said_so() -> None:
    with pytest.raises(IndexUnavailableError, match="embed_products"):
        search.search_by_image(picture("red"))


def test_a_product_without_an_embedding_has_no_similar_ones() -> None:
    assert len(search.similar_products(make_product(None))) == 0


def test_one_product_alone_finds_nothing_similar(searchable) -> None:
    (product,) = searchable([make_product("red")])
    assert len(search.similar_products(product)) == 0
    assert len(search.search_by_image(picture("blue"))) == 1


def test_all_duplicates_still_give_k_products(searchable) -> None:
    products = searchable([make_product("red") for _ in range(12)])
    answer = search.similar_products(products[0], k=5)
    assert len({match.product.pk for match in answer}) == 5
    assert all(match.score == pytest.approx(1, abs=1e-5) for match in answer)


@pytest.mark.parametrize("k", [0, -1, 101])
def test_a_k_out_of_bounds_is_refused(k: int) -> None:
    with pytest.raises(ValueError, match="k must be"):
        search.similar_products(make_product("red"), k=k)


def test_the_euclidean_scale_ranks_alike(settings) -> None:
    products = [make_product(colour) for colour in ("red", "orange", "green", "blue")]
    embed_all()
    cosine = search.similar_products(products[0], k=3)
    settings.VOGUE = {**settings.VOGUE, "METRIC": "euclidean"}
    euclidean = search.similar_products(products[0], k=3)
    assert names(cosine) == names(euclidean)
    for match in euclidean:
        distance = np.sqrt(2 - 2 * match.cosine)
        assert match.score == pytest.approx(1 / (1 + distance), abs=1e-6)


@pytest.mark.releases
def test_similar_products_ask_one_query_before_the_products_are_loaded() -> None:
    products = [make_product((shade, 40, 40)) for shade in range(100, 180, 10)]
    embed_all()
    indexing.refresh_index()
    search.similar_products(products[0])
    with CaptureQueriesContext(connection) as queries:
        answer = search.similar_products(products[0])
    assert len(answer) == 5
    # The vector with what is new; the neighbours' rows by key; the products; their photos.
    assert len(queries) == 4
    rows = ImageEmbedding.objects.ready("mean-colour-3").filter(product=products[0]).order_by("position", "pk")
    # SQLite: "SEARCH … USING INDEX", PostgreSQL: "Index Scan using …".
    assert "USING" in rows.explain().upper()


def test_the_main_photo_speaks_for_a_product(colours) -> None:
    product = make_product("red")
    add_photo(product, "blue", position=1)
    red, blue = make_product((190, 40, 30)), make_product((40, 70, 190))
    embed_all()
    assert search.similar_products(product, k=1).matches[0].product == red
    first, second = ProductImage.objects.filter(product=product)
    first.position, second.position = 1, 0
    first.save()
    second.save()
    assert search.similar_products(product, k=1).matches[0].product == blue
