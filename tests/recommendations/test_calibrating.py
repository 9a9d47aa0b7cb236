"""A build finds out what a cosine means in its shop, keeps it with the release, and search goes by it."""

from __future__ import annotations

import json
import logging
from typing import Any

import numpy as np
import pytest
from django.core.management import call_command
from django.test import Client

from catalog.models import Product
from recommendations import current, indexing, search
from recommendations.conf import release_dir
from recommendations.exceptions import EngineError
from recommendations.gallery import get_gallery
from recommendations.indexing import calibrating
from recommendations.levels import from_record
from recommendations.models import IndexRelease
from recommendations.status import index_status
from tests.factories import make_category, make_product
from tests.pictures import picture
from tests.recommendations.shop import embed_all

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("colours"), pytest.mark.releases]


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    """Calibrate a shop of eight, with a handful of pictures."""
    monkeypatch.setattr(calibrating, "LEAST_PRODUCTS", 8)
    monkeypatch.setattr(calibrating, "PICTURES", 12)
    settings.VOGUE = {**settings.VOGUE, "CALIBRATION_PRODUCTS": 11}


@pytest.fixture
def shop() -> list[Product]:
    """Return a shop of warm colours, embedded."""
    made = [make_product((250, 40 + 12 * n, 10)) for n in range(12)]
    embed_all()
    return made


def test_levels_are_calibrated_once_and_kept_with_each_release(shop: list[Product]) -> None:
    first = indexing.build_release()
    levels = from_record(first.parameters["levels"])
    assert levels is not None
    assert levels.facts["gallery"] == levels.facts["products"] == 12
    assert levels.facts["photos"] == 11
    assert levels.facts["embedder"] == first.embedder
    manifest = json.loads((release_dir() / first.name / "manifest.json").read_text())
    assert manifest["parameters"]["levels"] == first.parameters["levels"]
    # The same embedder, a gallery that has hardly grown.
    make_product((250, 60, 60))
    embed_all()
    assert indexing.build_release().parameters["levels"] == first.parameters["levels"]
    for n in range(4):
        make_product((200, 50 * n, 10))
    embed_all()
    third = from_record(indexing.build_release().parameters["levels"])
    assert third is not None
    assert third.facts["gallery"] == 17


def test_pages_api_and_strip_go_by_the_releases_levels(shop: list[Product], monkeypatch: pytest.MonkeyPatch) -> None:
    release = indexing.build_release()
    levels = from_record(release.parameters["levels"])
    assert levels is not None
    assert current.match_levels().as_record() == levels.as_record()
    vector = current.embedder().embed([picture((250, 64, 10))])[0]
    answer = search.search_by_image(picture((250, 64, 10)), 3)
    assert [match.level for match in answer] == [levels.level(m.cosine, levels.lean(vector)) for m in answer]
    assert answer.level == "same"
    # Blue is on the far side of everything this shop sells.
    assert search.search_by_image(picture((5, 20, 250))).level == "none"
    assert search.similar_products(shop[0]).level != "none"


def test_another_release_brings_its_own_levels(shop: list[Product]) -> None:
    release = indexing.build_release()
    record = {**release.parameters["levels"], "steps": [2.0, 2.0, -3.0]}
    index, state = current.answering_index()
    view = index.snapshot(state)
    view.release.manifest.parameters["levels"] = record  # type: ignore[attr-defined]
    assert search.search_by_image(picture((250, 64, 10))).level == "similar"


def test_a_small_shop_and_one_that_does_not_want_it_have_the_presets_levels(shop: list[Product], settings: Any) -> None:
    settings.VOGUE = {**settings.VOGUE, "CALIBRATION_PRODUCTS": 0}
    assert "levels" not in indexing.build_release().parameters
    assert current.match_levels() == current.preset_levels()
    settings.VOGUE = {**settings.VOGUE, "CALIBRATION_PRODUCTS": 11}
    Product.objects.filter(pk__in=[product.pk for product in shop[:6]]).delete()
    assert "levels" not in indexing.build_release().parameters


def test_a_build_whose_network_cannot_run_is_published_with_the_presets_levels(
    shop: list[Product], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken() -> Any:
        raise EngineError("no engine here")

    monkeypatch.setattr(current, "embedder", broken)
    with caplog.at_level(logging.WARNING):
        release = indexing.build_release()
    assert release.live
    assert "levels" not in release.parameters
    assert "no engine here" in caplog.text
    assert current.match_levels() == current.preset_levels()


def test_broken_and_missing_photos_are_left_out(shop: list[Product]) -> None:
    image = shop[0].main_image.image  # type: ignore[union-attr]
    with image.storage.open(str(image.name), "wb") as file:
        file.write(b"not a photo")
    other = shop[1].main_image.image  # type: ignore[union-attr]
    other.storage.delete(str(other.name))
    levels = from_record(indexing.build_release().parameters["levels"])
    assert levels is not None
    assert 8 <= levels.facts["photos"] < 11


def test_groups_are_the_gallerys_own(shop: list[Product], monkeypatch: pytest.MonkeyPatch) -> None:
    parent = make_category("Footwear")
    child = make_category("Boots", parent)
    product = make_product("brown", category=child)
    gallery = get_gallery()
    assert gallery.grouped
    assert gallery.group_of(gallery.visible().get(pk=product.pk)) == "footwear"
    monkeypatch.setattr("recommendations.evaluation.levels.ENOUGH", 5)
    levels = from_record(indexing.build_release().parameters["levels"])
    assert levels is not None
    assert set(levels.groups) == {"shirts"}


def test_the_command_and_the_admin_tell_the_levels_and_what_they_come_from(
    shop: list[Product], admin_client: Client, capsys: pytest.CaptureFixture[str]
) -> None:
    release = indexing.build_release()
    levels = index_status().levels
    assert levels is not None
    call_command("index_status")
    told = capsys.readouterr().out
    assert f"same {levels.steps.same:.3f}" in told
    assert "calibrated from 11 simulated photos among 12 products and 12 pictures of no product" in told
    page = admin_client.get("/admin/recommendations/indexrelease/").content.decode()
    assert "Calibrated from 11 simulated photos of products and 12 pictures of none." in page
    IndexRelease.objects.filter(pk=release.pk).update(parameters={})
    call_command("index_status")
    assert "the preset's, nothing is calibrated" in capsys.readouterr().out
    page = admin_client.get("/admin/recommendations/indexrelease/").content.decode()
    assert "nothing is calibrated yet" in page


def test_levels_are_wanted_for_a_new_gallery_and_one_that_grew_or_shrank(settings: Any) -> None:
    record = {"facts": {"gallery": 100}}
    assert calibrating.calibration_wanted(None, 100)
    assert not calibrating.calibration_wanted(record, 119)
    assert calibrating.calibration_wanted(record, 121)
    assert calibrating.calibration_wanted(record, 50)
    assert not calibrating.calibration_wanted(None, 7)
    settings.VOGUE = {**settings.VOGUE, "CALIBRATION_PRODUCTS": 0}
    assert not calibrating.calibration_wanted(None, 100)


def test_the_sample_is_the_same_for_the_same_shop(shop: list[Product]) -> None:
    first = indexing.build_release().parameters["levels"]
    IndexRelease.objects.all().update(parameters={})
    again = indexing.build_release().parameters["levels"]
    assert np.array_equal(first["steps"], again["steps"])
    assert first["direction"] == again["direction"]
