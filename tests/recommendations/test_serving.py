"""From one embedder to another: the old one answers until the new one knows the photos, then all switch at once."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from catalog.models import Product
from recommendations import current, indexing, search, serving, tasks
from recommendations.embedders.base import Embedder
from recommendations.exceptions import ReleaseError, SwitchPendingError
from recommendations.models import EmbedderRecord, ImageEmbedding, IndexRelease
from tests.embedders import BlueFirstEmbedder, MeanColourEmbedder, earlier_embedder
from tests.factories import make_product
from tests.pictures import photo, picture

pytestmark = [pytest.mark.django_db]

OLD, NEW = MeanColourEmbedder.name, BlueFirstEmbedder.name
Status = ImageEmbedding.Status


@pytest.fixture
def backend(settings: Any) -> None:
    """Search exactly, quick to build, unless the database keeps the index itself: the switch is the same for all."""
    if not current.own_index():
        settings.VOGUE = {**settings.VOGUE, "INDEX": "exact"}


@pytest.fixture
def use(monkeypatch: pytest.MonkeyPatch, backend: None) -> Callable[[type[Embedder]], None]:
    """Return ``use(kind)``: from here on the settings name this embedder, in a process just started."""

    def used(kind: type[Embedder]) -> None:
        network = kind()
        monkeypatch.setattr(current, "embedder", lambda: network)
        monkeypatch.setattr(current, "embedder_name", lambda: network.name)
        monkeypatch.setattr(current, "recorded_embedder", earlier_embedder)
        monkeypatch.setattr(current, "can_embed", lambda name: True)
        current.forget()

    used(MeanColourEmbedder)
    return used


@pytest.fixture
def shop(use: Callable[[type[Embedder]], None]) -> dict[str, Product]:
    """Three products, embedded and released by the old embedder; the settings name the new one."""
    products = {colour: make_product(colour) for colour in ("red", "green", "blue")}
    embed()
    indexing.refresh_index()
    use(BlueFirstEmbedder)
    return products


def embed(**narrowed: Any) -> int:
    """Embed what waits, and is like this."""
    indexing.mark_all_pending()
    rows = ImageEmbedding.objects.filter(status=Status.PENDING, **narrowed)
    return indexing.embed_photos(list(rows.values_list("pk", flat=True)))


def found(colour: str) -> tuple[str, Product]:
    """Return who answered a photo of this colour, and what is most like it."""
    answer = search.search_by_image(picture(colour), k=1)
    return answer.embedder, answer.matches[0].product


def answers_right(shop: dict[str, Product], embedder: str) -> None:
    """Fail where this embedder does not answer photos and strips, or wrongly."""
    for colour, product in shop.items():
        assert found(colour) == (embedder, product)
        strip = search.similar_products(product, k=5)
        assert strip.embedder == embedder
        assert {match.product for match in strip} == set(shop.values()) - {product}


def test_the_old_embedder_answers_until_all_is_embedded_then_the_new_one(shop: dict[str, Product]) -> None:
    answers_right(shop, OLD)
    release = search.search_by_image(picture("red")).release
    assert not indexing.build_wanted()
    embed(product__in=[shop["red"], shop["green"]])
    assert serving.coverage(NEW, OLD) == pytest.approx(2 / 3)
    assert not indexing.switch_wanted()
    answers_right(shop, OLD)
    assert search.search_by_image(picture("red")).release == release

    embed()
    assert serving.coverage(NEW, OLD) == 1.0
    answers_right(shop, OLD)
    assert indexing.build_wanted()
    said = indexing.refresh_index()
    assert not indexing.build_wanted()
    until_answered_by(NEW)
    answers_right(shop, NEW)
    if current.own_index():
        assert f"{NEW} answers from now on" in said
    else:
        assert IndexRelease.objects.get(live=True).embedder == NEW
        assert search.search_by_image(picture("red")).release == IndexRelease.objects.get(live=True).name


def until_answered_by(embedder: str) -> None:
    """Wait until this process has moved on: the new index is opened beside the old one, which answers meanwhile."""
    end = time.monotonic() + 5
    while search.similar_products(ImageEmbedding.objects.ready(embedder)[0].product).embedder != embedder:
        assert time.monotonic() < end, f"{embedder} does not answer"
        time.sleep(0.01)


def test_a_product_saved_before_the_switch_is_found_before_and_after(shop: dict[str, Product]) -> None:
    shop["white"] = make_product((250, 250, 250))
    assert {row.embedder for row in shop["white"].image_embeddings.all()} == {OLD, NEW}
    embed(product=shop["white"])
    assert found("white") == (OLD, shop["white"])
    embed()
    indexing.refresh_index()
    until_answered_by(NEW)
    answers_right(shop, NEW)


def test_half_the_photos_may_be_enough(shop: dict[str, Product], settings: Any) -> None:
    embed(product__in=[shop["red"], shop["green"]])
    settings.VOGUE = {**settings.VOGUE, "SWITCH_COVERAGE": 0.5}
    indexing.refresh_index()
    until_answered_by(NEW)
    assert found("red") == (NEW, shop["red"])
    # What is not there yet is not compared with anything.
    assert len(search.similar_products(shop["blue"])) == 0
    embed()
    answers_right(shop, NEW)


def test_what_failed_and_what_is_hidden_does_not_count(shop: dict[str, Product]) -> None:
    embed(product=shop["red"])
    Path(shop["green"].images.get().image.path).write_bytes(b"no photo")
    Product.objects.filter(pk=shop["blue"].pk).update(active=False)
    assert serving.coverage(NEW, OLD) == pytest.approx(1 / 2)
    embed(product=shop["green"])
    assert ImageEmbedding.objects.get(embedder=NEW, product=shop["green"]).status == Status.FAILED
    assert serving.coverage(NEW, OLD) == 1.0
    assert indexing.switch_wanted()


def test_an_embedder_of_nothing_never_takes_over(shop: dict[str, Product], settings: Any) -> None:
    settings.VOGUE = {**settings.VOGUE, "SWITCH_COVERAGE": 0.0}
    assert not indexing.switch_wanted()
    for product in shop.values():
        Path(product.images.get().image.path).write_bytes(b"no photo")
    embed()
    assert not ImageEmbedding.objects.filter(embedder=NEW, status=Status.PENDING).exists()
    assert not indexing.switch_wanted()
    assert search.search_by_image(picture("red")).embedder == OLD


def test_an_embedder_that_has_embedded_nothing_gives_way_at_once(use: Callable[[type[Embedder]], None]) -> None:
    make_product("red")
    current.remember_embedder()
    assert EmbedderRecord.objects.get(serving=True).name == OLD
    use(BlueFirstEmbedder)
    embed()
    assert EmbedderRecord.objects.get(serving=True).name == NEW
    assert search.search_by_image(picture("red")).embedder == NEW


def test_embedding_may_be_broken_off_and_gone_on_with(
    shop: dict[str, Product], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], settings: Any
) -> None:
    settings.VOGUE = {**settings.VOGUE, "BATCH_SIZE": 1}
    network, real, calls = current.embedder(), BlueFirstEmbedder()._embed, []

    def stopped(images: Any) -> Any:
        calls.append(len(images))
        if len(calls) == 2:
            raise KeyboardInterrupt
        return real(images)

    monkeypatch.setattr(network, "_embed", stopped)
    with pytest.raises(KeyboardInterrupt):
        call_command("embed_products")
    assert ImageEmbedding.objects.ready(NEW).count() == 1
    answers_right(shop, OLD)
    call_command("embed_products")
    assert sum(calls) == 4
    assert ImageEmbedding.objects.ready(NEW).count() == 3
    assert f"{OLD} answers until {NEW} takes over" in capsys.readouterr().out


def test_where_the_old_weights_are_gone_strips_go_on_and_photo_search_says_so(
    shop: dict[str, Product], monkeypatch: pytest.MonkeyPatch, client: Client
) -> None:
    def gone(name: str) -> Embedder:
        raise SwitchPendingError(f"{name}: gone")

    monkeypatch.setattr(current, "recorded_embedder", gone)
    monkeypatch.setattr(current, "can_embed", lambda name: False)
    strip = search.similar_products(shop["red"], k=5)
    assert (strip.embedder, len(strip)) == (OLD, 2)
    with pytest.raises(SwitchPendingError):
        search.search_by_image(picture("red"))
    api = client.post("/api/v1/search/photo/", {"image": upload()})
    assert api.status_code == 503
    assert "being renewed" in api.json()["detail"]
    page = client.post("/search/photo/", {"image": upload()})
    assert page.status_code == 503
    assert "Photo search is being renewed" in page.content.decode()

    # New products are embedded by the new one alone, and the switch comes all the same.
    shop["white"] = make_product((250, 250, 250))
    assert [row.embedder for row in shop["white"].image_embeddings.all()] == [NEW]
    embed()
    indexing.refresh_index()
    until_answered_by(NEW)
    answers_right(shop, NEW)


def upload() -> Any:
    from django.core.files.uploadedfile import SimpleUploadedFile

    return SimpleUploadedFile("photo.jpg", photo("red"), "image/jpeg")


def test_a_photo_looked_at_during_the_switch_is_answered_by_one_embedder(
    shop: dict[str, Product], monkeypatch: pytest.MonkeyPatch
) -> None:
    embed()
    old = earlier_embedder(OLD)

    def switching(images: Any) -> Any:
        indexing.refresh_index()
        return MeanColourEmbedder()._embed(images)

    monkeypatch.setattr(old, "_embed", switching)
    monkeypatch.setattr(current, "recorded_embedder", lambda name: old)
    vector = search.embed_query([picture("red")], OLD)[0]
    assert EmbedderRecord.objects.get(serving=True).name == NEW
    answer = search.search_by_vector(vector, 1, embedder=OLD)
    assert (answer.embedder, answer.matches[0].product) == (OLD, shop["red"])
    assert search.nearest_products(vector, 1, embedder=OLD) == [shop["red"].pk]


def test_after_the_switch_nothing_waits_for_the_old_embedder_and_its_vectors_stay(shop: dict[str, Product]) -> None:
    late = make_product("black")
    embed(embedder=NEW)
    assert late.image_embeddings.get(embedder=OLD).status == Status.PENDING
    indexing.refresh_index()
    assert set(ImageEmbedding.objects.filter(embedder=OLD).values_list("status", flat=True)) == {Status.READY}
    assert ImageEmbedding.objects.filter(embedder=OLD).count() == 3
    make_product("white")
    assert not ImageEmbedding.objects.filter(embedder=OLD, status=Status.PENDING).exists()


def test_setting_the_weights_back_switches_back(
    shop: dict[str, Product], use: Callable[[type[Embedder]], None]
) -> None:
    embed()
    indexing.refresh_index()
    use(MeanColourEmbedder)
    answers_right(shop, NEW)
    assert indexing.switch_wanted()
    indexing.refresh_index()
    until_answered_by(OLD)
    answers_right(shop, OLD)


@pytest.mark.releases
def test_a_release_of_another_embedder_is_not_rolled_back_to(shop: dict[str, Product]) -> None:
    old = IndexRelease.objects.get(live=True)
    embed()
    indexing.refresh_index()
    with pytest.raises(ReleaseError, match=f"was built by {OLD}"):
        indexing.rollback_release(old.name)
    with pytest.raises(ReleaseError, match="no earlier release"):
        indexing.rollback_release()
    assert IndexRelease.objects.get(live=True).embedder == NEW


def test_the_worker_that_embeds_the_last_photo_asks_for_the_switch(
    shop: dict[str, Product], monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[Any] = []
    monkeypatch.setattr(tasks, "publish", lambda task, *args: sent.__iadd__([task]))
    indexing.mark_all_pending()
    keys = list(ImageEmbedding.objects.pending(NEW).values_list("pk", flat=True))
    tasks.embed_photos(keys[:2])
    assert sent == []
    tasks.embed_photos(keys[2:])
    assert sent == [tasks.rebuild_index]
    tasks.rebuild_index()
    assert EmbedderRecord.objects.get(serving=True).name == NEW


def test_a_shop_from_before_embedders_were_recorded_goes_on_with_the_settings_own(
    use: Callable[[type[Embedder]], None],
) -> None:
    make_product("red")
    embed()
    EmbedderRecord.objects.all().delete()
    assert search.search_by_image(picture("red")).embedder == OLD
    assert current.answering() == OLD


def test_the_health_page_names_who_answers_and_who_comes(shop: dict[str, Product], client: Client) -> None:
    report = client.get("/health/ready/").json()
    assert report["embedder"]["name"] == OLD
    assert report["embedder"]["next"] == NEW
    assert report["index"]["photos"]["ready"] == 3
