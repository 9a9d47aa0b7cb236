from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from recommendations import current, indexing
from recommendations.exceptions import WeightsError
from recommendations.models import ImageEmbedding
from tests.factories import make_product
from tests.pictures import photo
from tests.recommendations.shop import embed_all

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("colours")]


def run(command: str, *args: str) -> str:
    out = io.StringIO()
    call_command(command, *args, stdout=out, no_color=True)
    return out.getvalue()


@pytest.fixture
def shop() -> list[Any]:
    products = [make_product(colour) for colour in ("red", "blue", "green", "yellow", "purple", "teal", "pink")]
    embed_all()
    return products


@pytest.fixture
def red(tmp_path: Path) -> str:
    path = tmp_path / "red.jpg"
    path.write_bytes(photo("red"))
    return str(path)


def test_a_photo_on_disk_finds_its_product_first(shop: list[Any], red: str) -> None:
    lines = run("search_by_image", red).splitlines()
    assert lines[0].split()[0] == "1"
    assert lines[0].endswith(shop[0].name)
    assert len(lines) == 6
    without = "the database's own index" if current.own_index() else "no release, all photos scanned"
    assert lines[-1].startswith(f"Match: same. mean-colour-3; {without}; decode ")
    assert len(run("search_by_image", red, "-k", "2").splitlines()) == 3


def test_json_is_what_the_api_answers(shop: list[Any], red: str, client: Any) -> None:
    answer = json.loads(run("search_by_image", red, "--json", "-k", "3"))
    with Path(red).open("rb") as file:
        expected = client.post("/api/v1/search/photo/", {"image": file, "k": 3}).json()
    assert set(answer.pop("took_ms")) == set(expected.pop("took_ms"))
    assert answer == expected


def test_a_file_that_is_missing_or_a_folder_is_named(shop: list[Any], tmp_path: Path) -> None:
    for path in (tmp_path / "missing.jpg", tmp_path):
        with pytest.raises(CommandError, match=r"cannot be read: \w+") as raised:
            run("search_by_image", str(path))
        assert str(path) in str(raised.value)


def test_a_file_that_is_no_picture_is_refused_in_words(shop: list[Any], tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("no picture")
    with pytest.raises(CommandError, match="not a photo we can read"):
        run("search_by_image", str(path))


def test_before_anything_is_embedded_it_says_what_to_do(red: str) -> None:
    make_product("red")
    with pytest.raises(CommandError, match="embed_products"):
        run("search_by_image", red)


def test_a_k_out_of_bounds_is_refused_in_words(shop: list[Any], red: str) -> None:
    with pytest.raises(CommandError, match="k must be 1 to 100; it is 0"):
        run("search_by_image", red, "-k", "0")


@pytest.mark.releases
def test_index_status_of_an_empty_shop_says_what_to_do() -> None:
    out = run("index_status")
    assert "No release is live" in out
    assert "Run manage.py embed_products" in out


@pytest.mark.releases
def test_index_status_tells_the_live_release_coverage_and_failures(shop: list[Any]) -> None:
    first = indexing.build_release()
    make_product((120, 10, 10))
    embed_all()
    second = indexing.build_release()
    make_product((10, 120, 10))
    embed_all()
    broken = make_product("brown")
    indexing.mark_all_pending()
    ImageEmbedding.objects.filter(product=broken).update(status="failed", attempts=3, reason="The photo is damaged.")
    out = run("index_status")
    assert f"Live: {second.name}" in out
    assert "8 of 3 dimensions" in out
    assert "1 newer, scanned exactly" in out
    assert f"kept      {first.name}" in out
    assert "recall@5 against exact search 1.000" in out
    assert "mean-colour-3  (in use)" in out
    assert "ready             9   90.0%" in out
    assert "1 failed: The photo is damaged." in out
    assert f"product {broken.pk}, {broken.main_image.image.name}, after 3 tries" in out  # type: ignore[union-attr]


def test_index_status_tells_which_embedder_answers_and_which_comes(
    shop: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(current, "embedder_name", lambda: "another")
    out = run("index_status")
    assert "mean-colour-3  (in use)" in out
    assert "mean-colour-3 answers. another takes over once it has 100.0%" in out
    assert "it has 0.0%" in out


def test_index_status_survives_missing_weights(shop: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> str:
        raise WeightsError("weights.npz is missing.")

    monkeypatch.setattr(current, "embedder_name", missing)
    out = run("index_status")
    assert "weights.npz is missing." in out
    assert "mean-colour-3" in out
