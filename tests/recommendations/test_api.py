from __future__ import annotations

import io
import uuid
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import OperationalError, connection
from django.test import Client

from catalog.models import Product
from recommendations import current, throttling
from recommendations.exceptions import EngineError
from tests.factories import make_category, make_product
from tests.pictures import photo, picture
from tests.recommendations.shop import embed_all

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("colours")]
SEARCH = "/api/v1/search/photo/"


def search(client: Client, data: bytes, query: str = "", **fields: Any) -> Any:
    return client.post(SEARCH + query, {"image": SimpleUploadedFile("photo.jpg", data), **fields})


@pytest.fixture
def shop() -> list[Any]:
    products = [make_product(colour) for colour in ("red", "blue", "green", "yellow", "purple", "teal", "pink")]
    embed_all()
    return products


def test_a_photo_search_answers_in_the_promised_shape(client: Client, shop: list[Any]) -> None:
    response = search(client, photo("red"))
    assert response.status_code == 200
    assert response["Content-Type"] == "application/json"
    answer = response.json()
    assert set(answer) == {"results", "embedder", "release", "match", "took_ms", "query", "events"}
    assert (answer["embedder"], answer["release"], answer["match"]) == ("mean-colour-3", None, "same")
    assert set(answer["took_ms"]) == {"decode", "embed", "search"}
    assert all(value >= 0 for value in answer["took_ms"].values())
    first = answer["results"][0]
    assert first["score"] > 0.99
    assert first["product"]["id"] == shop[0].pk
    assert {"id", "sku", "name", "url", "image", "price"} <= set(first["product"])
    assert first["product"]["url"] == shop[0].get_absolute_url()
    assert first["product"]["image"].startswith("/media/")
    scores = [result["score"] for result in answer["results"]]
    assert scores == sorted(scores, reverse=True)
    assert len(scores) == 5


def test_a_photo_search_needs_no_token_and_no_session(shop: list[Any]) -> None:
    client = Client(enforce_csrf_checks=True)
    response = search(client, photo("red"))
    assert response.status_code == 200
    assert not response.cookies


def test_filters_may_come_in_the_body_or_in_the_address(client: Client, shop: list[Any]) -> None:
    shoe = make_product("blue", category=make_category("Shoes"))
    embed_all()
    for answer in (search(client, photo("red"), category="shoes"), search(client, photo("red"), "?category=shoes")):
        assert [result["product"]["id"] for result in answer.json()["results"]] == [shoe.pk]


def test_a_box_and_k_are_taken(client: Client, shop: list[Any]) -> None:
    both = picture("red", (200, 100))
    both.paste(picture("blue", (100, 100)), (100, 0))
    buffer = io.BytesIO()
    both.save(buffer, "PNG")
    answer = search(client, buffer.getvalue(), box="0.5,0,0.5,1", k=1).json()
    assert [result["product"]["id"] for result in answer["results"]] == [shop[1].pk]


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"k": "0"}, "k"),
        ({"k": "101"}, "k"),
        ({"k": "five"}, "k"),
        ({"diversity": "-0.1"}, "diversity"),
        ({"diversity": "1.01"}, "diversity"),
        ({"diversity": "nan"}, "diversity"),
        ({"diversity": "very"}, "diversity"),
        ({"box": "0,0,2,2"}, "box"),
        ({"price_min": "cheap"}, "price_min"),
        ({"colour": "no such colour"}, "colour"),
    ],
)
def test_what_is_not_understood_is_400_by_field(
    client: Client, shop: list[Any], fields: dict[str, str], field: str
) -> None:
    response = search(client, photo("red"), **fields)
    assert response.status_code == 400
    errors = response.json()
    assert list(errors) == [field]
    assert all(isinstance(error, str) and error for error in errors[field])


def test_all_errors_are_told_at_once(client: Client) -> None:
    response = client.post(SEARCH, {"k": "0", "box": "x", "price_min": "cheap"})
    assert response.status_code == 400
    assert set(response.json()) == {"image", "k", "box", "price_min"}


@pytest.mark.parametrize(
    ("data", "status"),
    [(b"", 400), (b"text", 415), (b"GIF89a" + b"\0" * 60, 415), (photo("red", (600, 800))[:700], 400)],
)
def test_a_bad_photo_is_told_by_its_field(client: Client, shop: list[Any], data: bytes, status: int) -> None:
    response = search(client, data)
    assert response.status_code == status
    assert list(response.json()) == ["image"]


def test_a_photo_over_the_cap_is_413(client: Client, shop: list[Any], settings: Any) -> None:
    settings.VOGUE = {**settings.VOGUE, "UPLOAD_MAX_BYTES": 100_000}
    for size in (100_001, 400_000):
        response = search(client, b"\xff\xd8\xff" + b"\0" * size)
        assert response.status_code == 413
        assert "larger than" in response.json()["image"][0]


def test_a_body_that_is_no_form_is_refused_as_json(client: Client, shop: list[Any]) -> None:
    response = client.post(SEARCH, data="{}", content_type="application/json")
    assert response.status_code == 415
    assert response.json()["detail"]
    response = client.post(SEARCH, data=b"no parts", content_type="multipart/form-data; boundary=x")
    assert response.status_code == 400
    assert response.json()
    response = client.post(SEARCH, data=b"no parts", content_type="multipart/form-data")
    assert response.status_code == 400
    assert response.json()


def test_too_many_or_too_long_fields_are_refused_as_json(client: Client, shop: list[Any], settings: Any) -> None:
    settings.DATA_UPLOAD_MAX_NUMBER_FIELDS = 10
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    response = client.post(SEARCH, {f"field{n}": "x" for n in range(50)})
    assert response.status_code == 400
    assert response.json()["detail"]
    response = client.post(SEARCH, {"k": "1" * 5000})
    assert response.status_code == 413
    assert response.json()["detail"]


def test_before_anything_is_embedded_it_is_503_with_a_time_to_come_back(client: Client) -> None:
    make_product("red")
    response = search(client, photo("red"))
    assert response.status_code == 503
    assert int(response["Retry-After"]) > 0
    assert "not ready yet" in response.json()["detail"]


def test_a_broken_network_is_503(client: Client, shop: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> None:
        raise EngineError("/secret")

    monkeypatch.setattr(current, "embedder", broken)
    response = search(client, photo("red"))
    assert response.status_code == 503
    assert "/secret" not in response.json()["detail"]
    assert client.get(f"/api/v1/products/{shop[0].pk}/similar/").status_code == 200


@pytest.mark.parametrize("path", ["products/", "products/1/", "products/1/similar/"])
def test_a_database_that_is_gone_is_503_as_json(client: Client, path: str) -> None:
    def broken(*args: Any, **kwargs: Any) -> None:
        raise OperationalError("gone")

    with connection.execute_wrapper(broken):
        response = client.get(f"/api/v1/{path}")
    assert response.status_code == 503
    assert response["Retry-After"]
    assert set(response.json()) == {"detail"}


def test_too_many_searches_are_429_with_a_time_to_come_back(
    client: Client, shop: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(throttling.PhotoSearchThrottle, "get_rate", lambda self: "2/min")
    assert [search(client, photo("red")).status_code for _ in range(2)] == [200, 200]
    response = search(client, photo("red"))
    assert response.status_code == 429
    assert int(response["Retry-After"]) > 0
    assert response.json()["detail"]
    # Looking around is not counted.
    assert client.get("/api/v1/products/").status_code == 200


def test_products_are_listed_page_by_page(client: Client, shop: list[Any]) -> None:
    first = client.get("/api/v1/products/", {"page_size": 3}).json()
    assert first["count"] == 7
    assert len(first["results"]) == 3
    seen = [product["id"] for product in first["results"]]
    page = first
    while page["next"]:
        page = client.get(page["next"]).json()
        seen += [product["id"] for product in page["results"]]
    assert sorted(seen) == sorted(product.pk for product in shop)


def test_a_page_holds_at_most_a_hundred(client: Client) -> None:
    category = make_category()
    Product.objects.bulk_create(
        Product(sku=f"B{n}", slug=f"b{n}", name=f"B{n}", price=1, category=category) for n in range(120)
    )
    assert len(client.get("/api/v1/products/?page_size=1000").json()["results"]) == 100
    assert client.get("/api/v1/products/?page=99").status_code == 404
    assert client.get("/api/v1/products/?page=x").status_code == 404


def test_listing_costs_as_many_queries_for_many_products_as_for_few(
    client: Client, shop: list[Any], django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(3) as few:
        client.get("/api/v1/products/?page_size=2")
    with django_assert_num_queries(len(few)):
        client.get("/api/v1/products/?page_size=7")


def test_filters_narrow_the_list(client: Client, shop: list[Any]) -> None:
    dear = make_product("red", price="500.00")
    found = client.get("/api/v1/products/?price_min=100").json()["results"]
    assert [product["id"] for product in found] == [dear.pk]
    assert client.get("/api/v1/products/?price_min=cheap").status_code == 400
    assert list(client.get("/api/v1/products/?price_min=cheap").json()) == ["price_min"]


def test_one_product_is_described(client: Client, shop: list[Any]) -> None:
    product = client.get(f"/api/v1/products/{shop[0].pk}/").json()
    assert product["id"] == shop[0].pk
    assert product["sku"] == shop[0].sku


@pytest.mark.parametrize("suffix", ["", "similar/"])
def test_a_product_that_is_not_there_or_not_shown_is_404(client: Client, shop: list[Any], suffix: str) -> None:
    hidden = make_product("red", active=False)
    for key in (hidden.pk, 10**6, 10**30, "x", "-", uuid.uuid4(), "1%00"):
        response = client.get(f"/api/v1/products/{key}/{suffix}")
        assert response.status_code == 404, key
        assert "detail" in response.json()


def test_similar_products_are_found_filtered_and_never_the_product_itself(client: Client, shop: list[Any]) -> None:
    near = make_product((205, 35, 32))
    far = make_product("blue", price="500.00")
    embed_all()
    answer = client.get(f"/api/v1/products/{shop[0].pk}/similar/").json()
    found = [result["product"]["id"] for result in answer["results"]]
    assert found[0] == near.pk
    assert shop[0].pk not in found
    assert len(found) == 5
    assert set(answer) == {"results", "embedder", "release", "match", "took_ms", "query", "events"}
    answer = client.get(f"/api/v1/products/{shop[0].pk}/similar/?price_min=100").json()
    assert [result["product"]["id"] for result in answer["results"]] == [far.pk]
    assert len(client.get(f"/api/v1/products/{shop[0].pk}/similar/?k=2").json()["results"]) == 2


@pytest.mark.parametrize("k", ["0", "101", "-3", "x", "1.5"])
def test_a_k_out_of_bounds_is_400_in_words(client: Client, shop: list[Any], k: str) -> None:
    response = client.get(f"/api/v1/products/{shop[0].pk}/similar/?k={k}")
    assert response.status_code == 400
    assert "whole number" in response.json()["k"][0]


def test_diversity_spreads_the_answer_and_keeps_the_best(client: Client) -> None:
    reds = [make_product((200 - 2 * n, 30, 30)) for n in range(6)]
    blue = make_product("blue")
    embed_all()
    address = f"/api/v1/products/{reds[0].pk}/similar/?k=2"

    def found(response: Any) -> list[int]:
        return [result["product"]["id"] for result in response.json()["results"]]

    assert found(client.get(address)) == found(client.get(f"{address}&diversity=0")) == [reds[1].pk, reds[2].pk]
    assert found(client.get(f"{address}&diversity=1")) == [reds[1].pk, blue.pk]
    assert found(search(client, photo((200, 30, 30)), k=2, diversity="0.9")) == [reds[0].pk, blue.pk]


@pytest.mark.parametrize("diversity", ["-1", "2", "inf", "some"])
def test_a_diversity_out_of_bounds_is_400_in_words(client: Client, shop: list[Any], diversity: str) -> None:
    response = client.get(f"/api/v1/products/{shop[0].pk}/similar/?diversity={diversity}")
    assert response.status_code == 400
    assert "from 0 (what looks most alike) to 1" in response.json()["diversity"][0]


def test_the_schema_is_valid_and_knows_every_address_filter_and_error(client: Client, capsys: Any) -> None:
    call_command("spectacular", "--validate", "--fail-on-warn", "--format", "openapi-json")
    schema = client.get("/api/v1/schema/?format=json").json()
    assert set(schema["paths"]) == {
        "/api/v1/products/",
        "/api/v1/products/{id}/",
        "/api/v1/products/{id}/similar/",
        "/api/v1/search/photo/",
    }
    operation = schema["paths"]["/api/v1/search/photo/"]["post"]
    assert set(operation["responses"]) == {"200", "400", "413", "415", "429", "503"}
    assert {"category", "colour", "price_max", "in_stock"} <= {p["name"] for p in operation["parameters"]}
    similar = schema["paths"]["/api/v1/products/{id}/similar/"]["get"]
    assert {"id", "k", "diversity", "gender"} <= {parameter["name"] for parameter in similar["parameters"]}


def test_the_docs_page_has_no_inline_script(client: Client) -> None:
    page = client.get("/api/v1/docs/").content.decode()
    assert "<style" not in page
    assert page.count("<script") == page.count("<script src=") == 3
    script = client.get("/api/v1/docs/?script=")
    assert script["Content-Type"].startswith("application/javascript")
    assert "/api/v1/schema/" in script.content.decode()


def test_the_api_reads_and_nothing_else(client: Client, shop: list[Any]) -> None:
    assert client.delete(f"/api/v1/products/{shop[0].pk}/").status_code == 405
    assert client.post("/api/v1/products/", {}).status_code == 405
    assert client.get(SEARCH).status_code == 405
