from __future__ import annotations

import base64
import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError, connection
from django.test import Client
from PIL import Image

from recommendations import current, looking, photo_search, throttling
from recommendations.exceptions import EngineError, WeightsError
from recommendations.images import decode_query_photo
from recommendations.levels import MatchLevels, Steps
from tests.factories import make_category, make_product
from tests.pictures import encoded, photo, picture
from tests.recommendations.shop import embed_all

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("colours")]
URL = "/search/photo/"


def upload(data: bytes, name: str = "photo.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data)


def post(client: Client, data: bytes, **fields: Any) -> Any:
    return client.post(URL, {"image": upload(data), **fields})


def shown(response: Any) -> list[str]:
    """Return the names on the cards of the results."""
    _, _, cards = response.content.decode().partition('id="cards"')
    return re.findall(r'class="card-name"><a [^>]*>([^<]*)', cards)


@pytest.fixture
def shop() -> list[Any]:
    products = [make_product(colour) for colour in ("red", "blue", "green", "yellow", "purple", "teal", "pink")]
    embed_all()
    return products


def test_the_form_asks_for_jpeg_png_or_webp_and_forces_no_camera(client: Client) -> None:
    page = client.get(URL).content.decode()
    assert 'accept="image/jpeg,image/png,image/webp"' in page
    form = page[page.index('<form class="upload"') :]
    assert "capture" not in form[: form.index("</form>")]
    assert 'enctype="multipart/form-data"' in page
    assert "csrfmiddlewaretoken" in page


def test_the_page_has_no_inline_script_or_style(client: Client, shop: list[Any]) -> None:
    for response in (client.get(URL), post(client, photo("red"))):
        page = response.content.decode()
        assert " style=" not in page
        assert "<style" not in page
        assert not re.search(r"<script(?![^>]*\bsrc=)", page)
        assert not re.search(r"\son\w+=", page)


def test_a_red_photo_finds_the_red_product_first(client: Client, shop: list[Any]) -> None:
    response = post(client, photo("red"))
    assert response.status_code == 200
    assert shown(response)[0] == shop[0].name
    assert len(shown(response)) == 5
    assert "We have exactly this" in response.content.decode()


def test_k_says_how_many(client: Client, shop: list[Any]) -> None:
    assert len(shown(post(client, photo("red"), k="2"))) == 2
    assert len(shown(post(client, photo("red"), k="100"))) == len(shop)


def test_diversity_spreads_the_results(client: Client) -> None:
    reds = [make_product((200 - 2 * n, 30, 30), name=f"Red {n}") for n in range(4)]
    blue = make_product("blue", name="Blue")
    embed_all()
    assert shown(post(client, photo((200, 30, 30)), k="2")) == [reds[0].name, reds[1].name]
    assert shown(post(client, photo((200, 30, 30)), k="2", diversity="0.9")) == [reds[0].name, blue.name]


def test_a_link_may_ask_for_k_and_diversity_and_the_form_sends_them(client: Client) -> None:
    page = client.get(f"{URL}?k=8&diversity=0.3").content.decode()
    assert re.search(r'<input type="hidden" name="k" value="8"', page)
    assert re.search(r'<input type="hidden" name="diversity" value="0.3"', page)


@pytest.mark.parametrize("diversity", ["-1", "1.5", "nan", "much"])
def test_a_diversity_out_of_bounds_is_refused_in_words(client: Client, shop: list[Any], diversity: str) -> None:
    response = post(client, photo("red"), diversity=diversity)
    assert response.status_code == 400
    assert "diversity must be a number from 0" in response.content.decode()


@pytest.mark.parametrize("k", ["0", "-1", "101", "many", "1e3", "9" * 40])
def test_a_k_out_of_bounds_is_refused_in_words(client: Client, shop: list[Any], k: str) -> None:
    response = post(client, photo("red"), k=k)
    assert response.status_code == 400
    assert re.search(r'role="alert">\s*<p>[^<]*whole number', response.content.decode())


def test_a_box_searches_with_that_part_only(client: Client, shop: list[Any]) -> None:
    both = Image.new("RGB", (200, 100), "red")
    both.paste(picture("blue", (100, 100)), (100, 0))
    assert shown(post(client, encoded(both), box="0,0,0.5,1"))[0] == shop[0].name
    assert shown(post(client, encoded(both), box="0.5,0,0.5,1"))[0] == shop[1].name


def test_a_box_is_not_carried_over_to_the_next_photo(client: Client, shop: list[Any]) -> None:
    page = post(client, photo("red"), box="0,0,0.5,1").content.decode()
    assert '<input type="hidden" name="box" id="id_box">' in page


@pytest.mark.parametrize(
    "box", ["1,2", "a,b,c,d", "0,0,0,0", "-1,0,1,1", "0.6,0,0.6,1", "nan,0,1,1", "0,0,inf,1", "1,0,1,1"]
)
def test_a_box_outside_the_photo_is_refused_in_words(client: Client, shop: list[Any], box: str) -> None:
    response = post(client, photo("red"), box=box)
    assert response.status_code == 400
    assert "four numbers from 0 to 1" in response.content.decode()


def test_filters_narrow_the_results_and_stay_chosen(client: Client) -> None:
    make_product("red", category=make_category("Shirts"))
    shoe = make_product("blue", category=make_category("Shoes"))
    embed_all()
    response = post(client, photo("red"), category="shoes")
    assert shown(response) == [shoe.name]
    page = response.content.decode()
    assert 'class="chip" href="/search/photo/?photo=' in page
    chosen = re.search(r'<a href="([^"]*)"[^>]* aria-current="true"[^>]*><span>Shoes</span>', page)
    assert chosen
    assert "category" not in chosen[1]


def test_a_bad_filter_is_told_beside_its_field(client: Client, shop: list[Any]) -> None:
    response = post(client, photo("red"), price_min="cheap")
    assert response.status_code == 400
    page = response.content.decode()
    assert 'id="id_price_min_error" role="alert"' in page
    assert 'aria-describedby="id_price_min_error"' in page
    assert '<details class="filters" open>' in page


def test_no_photo_is_an_error_beside_the_field_that_a_screen_reader_finds(client: Client, shop: list[Any]) -> None:
    response = client.post(URL, {})
    assert response.status_code == 400
    page = response.content.decode()
    assert re.search(r'<p class="field-error" id="id_image_error" role="alert">Choose a photo first\.</p>', page)
    field = re.search(r'<input type="file"[^>]*>', page)
    assert field
    described = re.search(r'aria-describedby="([^"]*)"', field[0])
    assert described
    assert set(described[1].split()) == {"id_image_helptext", "id_image_error"}
    assert 'aria-invalid="true"' in field[0]
    assert "autofocus" in field[0]
    assert 'href="/products/"' in page.split("</form>", 2)[-1]


@pytest.mark.parametrize(
    ("data", "status", "words"),
    [
        (b"", 400, "This file is empty"),
        (b"GIF89a" + b"\0" * 50, 415, "GIF"),
        (b"just text", 415, "JPEG, PNG or WebP"),
        (photo("red", (600, 800))[:700], 400, "damaged or incomplete"),
        (photo("red", (4, 4)), 400, "Send a larger one"),
    ],
)
def test_what_is_no_usable_photo_is_refused_in_words(
    client: Client, shop: list[Any], data: bytes, status: int, words: str
) -> None:
    response = post(client, data)
    assert response.status_code == status
    error = re.search(r'id="id_image_error" role="alert">([^<]*)<', response.content.decode())
    assert error
    assert words in error[1]


def test_a_photo_over_the_cap_is_413_with_the_form_kept(client: Client, shop: list[Any], settings: Any) -> None:
    settings.VOGUE = {**settings.VOGUE, "UPLOAD_MAX_BYTES": 1024 * 1024}
    for size in (1024 * 1024 + 1, 3 * 1024 * 1024):
        response = post(client, b"\xff\xd8\xff" + b"\0" * size)
        assert response.status_code == 413
        page = response.content.decode()
        assert "The photo is larger than 1 MB" in page
        assert 'type="file"' in page


def test_before_anything_is_embedded_the_page_asks_to_come_back(client: Client) -> None:
    make_product("red")
    response = post(client, photo("red"))
    assert response.status_code == 503
    assert int(response["Retry-After"]) > 0
    assert "not ready yet" in response.content.decode()
    assert 'type="file"' in response.content.decode()


@pytest.mark.parametrize("error", [WeightsError("/secret/weights.npz is missing"), EngineError("/secret is broken")])
def test_a_network_that_cannot_run_is_503_and_says_no_more(
    client: Client, shop: list[Any], monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def broken() -> None:
        raise error

    monkeypatch.setattr(current, "embedder", broken)
    response = post(client, photo("red"))
    assert response.status_code == 503
    assert response["Retry-After"]
    assert "/secret" not in response.content.decode()


def test_a_database_that_is_gone_is_503_without_the_shop_around(
    client: Client, shop: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*args: Any, **kwargs: Any) -> None:
        raise OperationalError("gone")

    with connection.execute_wrapper(broken):
        response = post(client, photo("red"))
    assert response.status_code == 503
    assert response["Retry-After"]
    assert "Try again" in response.content.decode()


def test_too_many_searches_are_429_in_words(client: Client, shop: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throttling.PhotoSearchThrottle, "get_rate", lambda self: "2/min")
    assert [post(client, photo("red")).status_code for _ in range(2)] == [200, 200]
    response = post(client, photo("red"))
    assert response.status_code == 429
    assert 1 <= int(response["Retry-After"]) <= 61
    assert "Wait a moment" in response.content.decode()
    assert client.get(URL).status_code == 200


def test_page_and_api_are_counted_together(client: Client, shop: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throttling.PhotoSearchThrottle, "get_rate", lambda self: "1/min")
    assert post(client, photo("red")).status_code == 200
    assert client.post("/api/v1/search/photo/", {"image": upload(photo("red"))}).status_code == 429


@pytest.fixture
def busy(settings: Any) -> Iterator[None]:
    """Take the only place for a photo search until the test is over."""
    settings.VOGUE = {**settings.VOGUE, "CONCURRENT_SEARCHES": 1, "SEARCH_WAIT_SECONDS": 0.05}
    with throttling.search_turn():
        yield


@pytest.mark.usefixtures("busy")
def test_when_every_place_is_taken_the_excess_is_503(client: Client, shop: list[Any]) -> None:
    response = post(client, photo("red"))
    assert response.status_code == 503
    assert response["Retry-After"] == "5"
    assert "Many people are searching" in response.content.decode()
    answer = client.post("/api/v1/search/photo/", {"image": upload(photo("red"))})
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")


def test_a_place_is_free_again_after_a_refused_photo(client: Client, shop: list[Any], settings: Any) -> None:
    settings.VOGUE = {**settings.VOGUE, "CONCURRENT_SEARCHES": 1, "SEARCH_WAIT_SECONDS": 0.05}
    assert [post(client, b"no photo").status_code for _ in range(3)] == [415] * 3
    assert post(client, photo("red")).status_code == 200


def test_nothing_like_it_offers_ways_on(client: Client, shop: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(current, "match_levels", lambda view: MatchLevels(Steps(2.0, 2.0, 2.0)))
    page = post(client, photo("red")).content.decode()
    assert "We have nothing close to your photo." in page
    assert "Not matches for your photo" in page
    ways = page[page.index('class="ways-on"') :]
    assert 'href="/products/"' in ways
    assert 'href="/products/?category=shirts"' in ways


def test_no_product_fits_the_filters(client: Client, shop: list[Any]) -> None:
    response = post(client, photo("red"), price_min="9999")
    assert response.status_code == 200
    assert "Nothing in the shop fits" in response.content.decode()
    assert 'class="ways-on"' in response.content.decode()


def test_the_shopper_sees_the_photo_small_and_upright(client: Client, shop: list[Any]) -> None:
    lying = Image.new("RGB", (800, 400), "red")
    exif = Image.Exif()
    exif[0x0112] = 6
    response = post(client, encoded(lying, exif=exif), box="0,0,1,1")
    found = re.search(
        r'<img src="data:image/jpeg;base64,([^"]+)" width="(\d+)" height="(\d+)"', response.content.decode()
    )
    assert found
    small = Image.open(io.BytesIO(base64.b64decode(found[1])))
    assert small.size == (320, 640) == (int(found[2]), int(found[3]))
    assert not small.getexif()


def test_a_query_photo_is_never_stored(
    client: Client, shop: list[Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    # Whoever asks for a temporary file fails.
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "no such folder"))
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path / "no such folder")
    before = sorted(tmp_path.rglob("*"))
    big = encoded(picture("red", (1600, 1200)), "PNG", compress_level=0)
    assert len(big) > settings.FILE_UPLOAD_MAX_MEMORY_SIZE
    seen: list[type] = []

    def decode(file: Any) -> Image.Image:
        seen.append(type(file))
        return decode_query_photo(file)

    for module in (photo_search, looking):
        monkeypatch.setattr(module, "decode_query_photo", decode)
    for url in (URL, "/api/v1/search/photo/"):
        assert client.post(url, {"image": upload(big)}).status_code == 200
    assert seen == [SimpleUploadedFile] * 2
    new = [path for path in tmp_path.rglob("*") if path not in before and path.is_file()]
    assert [path for path in new if "thumbs" not in path.parts] == []


def test_a_post_without_the_token_is_refused(shop: list[Any]) -> None:
    response = Client(enforce_csrf_checks=True).post(URL, {"image": upload(photo("red"))})
    assert response.status_code == 403


def test_the_form_may_be_opened_with_filters_chosen(client: Client, shop: list[Any]) -> None:
    page = client.get(URL, {"category": "shirts"}).content.decode()
    assert '<option value="shirts" selected>' in page
    assert '<details class="filters" open>' in page


def test_an_answer_is_kept_by_no_cache(client: Client, shop: list[Any]) -> None:
    assert post(client, photo("red"))["Cache-Control"] == "no-store"


def test_other_methods_are_refused(client: Client) -> None:
    assert client.put(URL).status_code == 405
