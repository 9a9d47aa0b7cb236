"""Closer in colour, closer in shape: what a photo's signature tells, and what search makes of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from django.core.files.base import ContentFile
from django.test import Client
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from catalog.models import Product, ProductImage
from recommendations import current, indexing, search, tasks
from recommendations.embedders.base import Embedder
from recommendations.models import ImageEmbedding
from recommendations.signatures import COLOURS, LENGTH, alike, signature
from tests.factories import make_product
from tests.pictures import COLOURS as PAINTS
from tests.pictures import encoded, picture, shirt
from tests.recommendations.shop import embed_all


def blob(colour: str, kind: str, size: tuple[int, int] = (60, 80)) -> Image.Image:
    """Return a tall or a wide thing of one colour on white."""
    image = Image.new("RGB", size, "white")
    w, h = size
    tall, wide = (0.35 * w, 0.05 * h, 0.65 * w, 0.95 * h), (0.05 * w, 0.4 * h, 0.95 * w, 0.6 * h)
    ImageDraw.Draw(image).rectangle(tall if kind == "tall" else wide, fill=PAINTS[colour])
    return image


class Muddled(Embedder):
    """To this one all things look nearly alike, and the more so the earlier they were embedded."""

    name = "muddled-8"
    dimensions = 8

    def __init__(self) -> None:
        self.seen = 0

    def _embed(self, images: Sequence[Image.Image]) -> NDArray[np.floating]:
        rows = np.zeros((len(images), 8))
        for row in rows:
            row[0], row[1] = 1, 0.02 * self.seen
            self.seen += 1
        return rows


@pytest.fixture
def muddled(monkeypatch: pytest.MonkeyPatch) -> None:
    embedder = Muddled()
    monkeypatch.setattr(current, "embedder", lambda *args: embedder)
    monkeypatch.setattr(current, "embedder_name", lambda: embedder.name)


@pytest.fixture
def shop(muddled: None, db: None) -> list[Product]:
    """A red tall thing, and four more: the plain answer is in order of arrival."""
    products = []
    for colour, kind in (("red", "tall"), ("blue", "wide"), ("blue", "tall"), ("red", "wide"), ("orange", "tall")):
        product = make_product(None, name=f"{colour} {kind}")
        image = ContentFile(encoded(blob(colour, kind)), name="photo.jpg")
        ProductImage.objects.create(product=product, image=image)
        products.append(product)
    embed_all()
    return products


def order(product: Product, steer: str | None, **more: Any) -> list[str]:
    return [match.product.name for match in search.similar_products(product, 4, steer=steer, **more)]


def test_a_signature_is_short_and_the_same_for_the_same_picture() -> None:
    image = shirt("teal")
    assert len(signature(image)) == LENGTH == 550
    assert signature(image) == signature(image.copy())


def test_colours_and_outlines_are_told_apart() -> None:
    red_tall = signature(blob("red", "tall"))
    others = [blob("red", "wide"), blob("orange", "tall"), blob("blue", "tall"), blob("red", "tall", (300, 400))]
    colours, outlines = alike(red_tall, [signature(image) for image in others])
    assert colours[3] > 0.9
    assert outlines[3] > 0.9
    assert colours[0] > 0.9 > colours[1] > colours[2]
    assert min(outlines[1], outlines[2]) > 0.9 > outlines[0]


@pytest.mark.parametrize("paint", [*PAINTS, "whole"])
def test_every_picture_has_a_signature_like_itself_and_like_nothing_more(paint: str) -> None:
    own = signature(picture("red") if paint == "whole" else shirt(paint))
    colours, outlines = alike(own, [own, *(signature(shirt(other)) for other in PAINTS if other != paint)])
    assert colours[0] == pytest.approx(1, abs=1e-5)
    assert outlines[0] == pytest.approx(1, abs=1e-5)
    assert colours[1:].max() < colours[0]


@pytest.mark.parametrize("size", [(1, 1), (33, 7), (2000, 3)])
def test_a_picture_of_any_size_has_a_signature(size: tuple[int, int]) -> None:
    whole = signature(Image.new("RGB", size, (10, 200, 90)))
    assert np.frombuffer(whole[:COLOURS], np.uint8).max() > 100
    assert set(whole[COLOURS:]) == {255}


def test_where_none_is_known_none_moves() -> None:
    one = signature(shirt("red"))
    colours, outlines = alike(one, [None, b"", b"too short", signature(shirt("blue")), one])
    assert colours[0] == colours[1] == colours[2] == pytest.approx((colours[3] + colours[4]) / 2)
    assert outlines[4] == pytest.approx(1, abs=1e-5)
    assert all(not part.any() for part in alike(one, [None, None]))


def test_steering_moves_what_it_says(shop: list[Product]) -> None:
    assert order(shop[0], None) == ["blue wide", "blue tall", "red wide", "orange tall"]
    assert order(shop[0], "") == order(shop[0], None)
    assert order(shop[0], "colour")[:2] == ["red wide", "orange tall"]
    assert order(shop[0], "shape")[:2] == ["blue tall", "orange tall"]


def test_scores_stay_what_they_are(shop: list[Product]) -> None:
    plain = {match.product.pk: match.score for match in search.similar_products(shop[0], 4)}
    assert {match.product.pk: match.score for match in search.similar_products(shop[0], 4, steer="colour")} == plain


def test_steering_filters_and_diversity_go_together(shop: list[Product]) -> None:
    Product.objects.filter(name="red wide").update(stock=0)
    assert order(shop[0], "colour", filters={"in_stock": True})[0] == "orange tall"
    assert set(order(shop[0], "colour", diversity=0.5)) == set(order(shop[0], None))


def test_an_unknown_way_is_refused(shop: list[Product]) -> None:
    with pytest.raises(ValueError, match="colour or shape"):
        search.similar_products(shop[0], steer="price")


def test_a_photo_without_a_signature_is_not_steered_by(shop: list[Product]) -> None:
    for lacking in (None, b""):
        ImageEmbedding.objects.filter(product=shop[0]).update(signature=lacking)
        assert order(shop[0], "colour") == order(shop[0], None)


def test_page_and_api_steer(client: Client, shop: list[Product]) -> None:
    for address, steer, first in (
        (f"/products/{shop[0].slug}/similar/", "colour", "red wide"),
        (f"/products/{shop[0].slug}/similar/", "shape", "blue tall"),
    ):
        page = client.get(address, {"steer": steer}).content.decode()
        cards = page[page.index('id="cards"') :]
        assert cards.index(first) == min(cards.index(each.name) for each in shop[1:])
        assert f'<a href="{address}?k=24&amp;steer={steer}" rel="nofollow" aria-current="true">' in page
    found = client.get(f"/api/v1/products/{shop[0].pk}/similar/?k=4&steer=colour").json()["results"]
    assert found[0]["product"]["name"] == "red wide"
    refused = client.get(f"/api/v1/products/{shop[0].pk}/similar/?steer=price")
    assert refused.status_code == 400
    assert "colour or shape" in refused.json()["steer"][0]
    told = client.get(f"/products/{shop[0].slug}/similar/?steer=price")
    assert told.status_code == 200
    assert "colour or shape" in told.content.decode()


def test_photos_embedded_before_are_read_by_the_sweep_without_the_network(
    shop: list[Product], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = dict(ImageEmbedding.objects.values_list("pk", "signature"))
    ImageEmbedding.objects.update(signature=None)

    def no_network() -> None:
        raise AssertionError("The network was asked.")

    monkeypatch.setattr(current, "embedder", no_network)
    assert indexing.fill_signatures(2) == 2
    tasks.sweep_pending()
    assert dict(ImageEmbedding.objects.values_list("pk", "signature")) == before
    assert indexing.fill_signatures(9) == 0


def test_a_photo_that_cannot_be_read_stops_no_other(shop: list[Product]) -> None:
    ImageEmbedding.objects.update(signature=None)
    missing, damaged = (ProductImage.objects.get(product=product).image for product in shop[:2])
    missing.storage.delete(str(missing.name))
    with damaged.storage.open(str(damaged.name), "wb") as file:
        file.write(b"no picture")
    assert indexing.fill_signatures(9) == 4
    left = ImageEmbedding.objects.order_by("pk").values_list("signature", flat=True)
    assert left[0] is None
    assert left[1] is not None
    assert bytes(left[1]) == b""
    assert {len(bytes(data or b"")) for data in left[2:]} == {LENGTH}
