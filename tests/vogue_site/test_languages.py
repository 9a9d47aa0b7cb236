"""The shop in the visitor's language: words, numbers, direction; by preference or by choice."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, override_settings

from catalog.templatetags.shop import money
from catalog.vocabulary import said
from tests.factories import make_category, make_product
from tests.recommendations.shop import embed_all
from vogue_site import env

pytestmark = pytest.mark.django_db
GERMAN = {"Accept-Language": "de-AT,de;q=0.9,en;q=0.5"}


@pytest.fixture
def german() -> Client:
    return Client(headers=GERMAN)


def text(response: Any) -> str:
    return str(response.content.decode())


def test_a_browser_that_prefers_german_gets_german(german: Client) -> None:
    make_product("red")
    page = german.get("/")
    assert page["Content-Language"] == "de"
    assert "Accept-Language" in page["Vary"]
    assert '<html lang="de" dir="ltr">' in text(page)
    assert "Neu eingetroffen" in text(page)
    assert "New arrivals" not in text(page)


def test_any_other_browser_gets_english(client: Client) -> None:
    for accepted in ("", "fr", "x" * 300, "*"):
        page = client.get("/", headers={"Accept-Language": accepted})
        assert '<html lang="en" dir="ltr">' in text(page)


def test_prices_are_written_as_the_language_writes_them(client: Client, german: Client) -> None:
    product = make_product("red", price="1234.50")
    assert "€1,234.50" in text(client.get(product.get_absolute_url()))
    assert "1.234,50\u00a0€" in text(german.get(product.get_absolute_url()))


def test_a_currency_without_a_sign_follows_its_number() -> None:
    assert money(env.number("NO_SUCH_VARIABLE", 5), "SEK") == "5.00\u00a0SEK"  # type: ignore[arg-type]


def test_german_counts_one_and_many(german: Client) -> None:
    make_product("red")
    assert ">1 Produkt</p>" in text(german.get("/products/"))
    make_product("blue")
    assert ">2 Produkte</p>" in text(german.get("/products/"))


def test_words_of_the_inventory_are_said_in_german_and_asked_for_as_they_are(german: Client) -> None:
    make_product("red", colour="Light Blue", gender="Women", season="Fall", category=make_category("Dresses"))
    page = text(german.get("/products/", {"colour": "Light Blue"}))
    assert 'value="Light Blue"' in page
    assert "Hellblau" in page
    assert "Damen" in page
    assert "Kleider" in page
    assert "Dresses" not in page


def test_words_nobody_knows_stay_as_they_are(german: Client) -> None:
    make_product("red", colour="Heather dawn", category=make_category("Zorbs"))
    page = text(german.get("/products/"))
    assert "Heather dawn" in page
    assert "Zorbs" in page


def test_an_empty_word_stays_empty() -> None:
    assert said("colour", "") == ""


@pytest.mark.usefixtures("colours")
def test_what_is_wrong_with_a_photo_is_said_in_german(german: Client) -> None:
    make_product("red")
    embed_all()
    sent = {"image": SimpleUploadedFile("photo.jpg", b"no photo at all")}
    page = german.post("/search/photo/", sent)
    assert page.status_code == 415
    assert "Das ist kein Foto, das wir lesen können." in text(page)


@pytest.mark.usefixtures("colours")
def test_the_api_says_its_errors_in_german(german: Client) -> None:
    product = make_product("red")
    embed_all()
    refused = german.post("/api/v1/search/photo/", {"image": SimpleUploadedFile("photo.jpg", b"no photo at all")})
    assert refused.json()["image"][0].startswith("Das ist kein Foto")
    assert german.post("/api/v1/search/photo/", {}).json() == {"image": ["Wähle zuerst ein Foto."]}
    asked = german.get(f"/api/v1/products/{product.pk}/similar/", {"k": "0"})
    assert asked.json()["k"] == ["k muss eine ganze Zahl von 1 bis 100 sein."]
    # Django REST framework brings its own words.
    assert german.get("/api/v1/products/999999/").json()["detail"] != "No Product matches the given query."


def test_the_menu_at_the_foot_changes_the_language_and_leads_back(client: Client) -> None:
    make_product("red")
    page = text(client.get("/products/", {"sort": "price"}))
    menu = page[page.index('class="languages"') :]
    assert re.findall(r'name="language" value="(\w+)" lang="(\w+)"', menu) == [("en", "en"), ("de", "de")]
    back = "http://testserver/products/?sort=price"
    answer = client.post("/language/", {"language": "de"}, headers={"Referer": back})
    assert (answer.status_code, answer["Location"]) == (302, back)
    assert 'lang="de"' in text(client.get("/products/"))
    assert ">English</button>" in text(client.get("/products/"))
    # The choice beats the browser's preference.
    client.post("/language/", {"language": "en"})
    assert '<html lang="en"' in text(client.get("/products/", headers=GERMAN))


def test_the_menu_needs_no_cookie_before_it_is_used() -> None:
    make_product("red")
    client = Client(enforce_csrf_checks=True)
    assert not client.get("/").cookies
    assert client.post("/language/", {"language": "de"}).cookies["django_language"].value == "de"


def test_the_menu_leads_nowhere_else(client: Client) -> None:
    answer = client.post("/language/", {"language": "de"}, headers={"Referer": "https://evil.example/"})
    assert answer["Location"] == "/"
    answer = client.post("/language/", {"language": "de", "next": "//evil.example/"})
    assert answer["Location"] == "/"
    assert "django_language" not in Client().post("/language/", {"language": "../x"}).cookies


def test_a_shop_of_one_language_has_no_menu(client: Client, settings: Any) -> None:
    settings.LANGUAGES = [("en", "English")]
    assert 'class="languages"' not in text(client.get("/"))


@override_settings(LANGUAGES=[("en", "English"), ("ar", "العربيّة")])
def test_a_language_from_right_to_left_turns_the_page_round(client: Client) -> None:
    make_product("red")
    for path in ("/", "/products/", "/search/photo/", "/nowhere/"):
        assert '<html lang="ar" dir="rtl">' in text(client.get(path, headers={"Accept-Language": "ar"}))


def test_pages_that_stand_alone_speak_german_too(german: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "Diese Seite gibt es hier nicht" in text(german.get("/nowhere/"))
    refused = Client(enforce_csrf_checks=True, headers=GERMAN).post("/search/photo/forget/")
    assert refused.status_code == 403
    assert '<html lang="de" dir="ltr">' in text(refused)
    assert "Bitte versuch es noch einmal" in text(refused)
    german.raise_request_exception = False
    monkeypatch.setattr("catalog.views.featured", lambda tree: 1 / 0)
    broken = german.get("/")
    assert broken.status_code == 500
    assert "Etwas ist schiefgegangen" in text(broken)


def test_languages_from_the_environment_carry_their_own_names(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_LANGUAGES", "de, EN,de")
    assert env.languages("SOME_LANGUAGES", "en") == [("de", "Deutsch"), ("en", "English")]
    for wrong in ("klingon", "en,xx", ","):
        monkeypatch.setenv("SOME_LANGUAGES", wrong)
        with pytest.raises(ImproperlyConfigured, match="SOME_LANGUAGES must name languages"):
            env.languages("SOME_LANGUAGES", "en")
