"""The shop's door for photos: what is stored is the picture and nothing else."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from catalog.models import Product, ProductImage
from catalog.photos import SMALL, PhotoError, PhotoField, clean_photo, store_photo
from tests.factories import make_product
from tests.pictures import encoded, photo, picture

HTML = b"<html><script>alert(1)</script></html>"


def opened(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


def garment(size: tuple[int, int]) -> Image.Image:
    """Return a photo-like picture: soft shapes, a checked pattern, some grain."""
    rng = np.random.default_rng(7)
    y, x = np.mgrid[0 : size[1], 0 : size[0]]
    body = 128 + 90 * np.sin(x / 9)[..., None] * np.cos(y / 11)[..., None] * np.array([1.0, -0.6, 0.3])
    return Image.fromarray((body + rng.normal(0, 6, body.shape)).clip(0, 255).astype(np.uint8))


def difference(a: Image.Image, b: Image.Image) -> float:
    """Return the root of the mean squared difference, in steps of 0 to 255."""
    return float(np.sqrt(((np.asarray(a, float) - np.asarray(b.convert("RGB"), float)) ** 2).mean()))


def test_where_and_when_it_was_taken_is_not_stored() -> None:
    exif = Image.Exif()
    exif[0x010F] = "SecretPhone"
    exif.get_ifd(0x8825)[1] = "N"
    exif.get_ifd(0x8825)[2] = (52.0, 31.0, 12.0)
    for kind in ("JPEG", "PNG", "WEBP"):
        data = encoded(picture("red"), kind, exif=exif.tobytes())
        assert b"SecretPhone" in data
        stored = store_photo(data, "shirt").read()
        assert b"SecretPhone" not in stored
        assert b"Exif" not in stored
        assert not opened(stored).getexif()


def test_a_photo_taken_with_the_phone_turned_is_stored_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    stored = store_photo(encoded(picture("red", (80, 60)), exif=exif.tobytes()), "shirt")
    assert (stored.width, stored.height) == (60, 80)
    assert opened(stored.read()).size == (60, 80)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_web_page_glued_to_a_photo_is_left_behind(kind: str) -> None:
    stored = store_photo(photo("red", format=kind) + HTML, "shirt").read()
    assert b"script" not in stored
    assert opened(stored).size == (60, 80)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_small_photo_is_stored_exactly_as_it_looked(kind: str) -> None:
    sent = encoded(garment((60, 80)), kind)
    stored = store_photo(sent, "shirt")
    assert stored.name == "shirt.webp"
    assert difference(opened(sent), opened(stored.read())) == 0


def test_large_photos_take_little_room_and_still_look_good() -> None:
    image = garment((600, 800))
    assert image.width * image.height > SMALL
    for kind, name in (("JPEG", "shirt.jpg"), ("PNG", "shirt.webp"), ("WEBP", "shirt.webp")):
        sent = encoded(image, kind)
        stored = store_photo(sent, "shirt")
        data = stored.read()
        assert stored.name == name
        assert len(data) < len(encoded(image, "PNG")) / 4
        assert difference(image, opened(data)) < 7, kind


def test_the_name_has_nothing_of_a_path_in_it() -> None:
    assert store_photo(photo("red"), "../../etc/passwd").name == "etcpasswd.webp"
    assert store_photo(photo("red"), "../..").name == "photo.webp"
    assert len(store_photo(photo("red"), "x" * 500).name or "") < 80


@pytest.mark.django_db
def test_what_is_stored_goes_into_the_shop_under_a_name_of_its_own() -> None:
    product: Product = make_product(None)
    image = ProductImage.objects.create(product=product, image=store_photo(photo("red"), "holiday-me-1986"))
    assert "holiday" not in (image.image.name or "")
    assert (image.width, image.height) == (60, 80)


def test_what_is_no_photo_is_refused_in_words() -> None:
    with pytest.raises(PhotoError, match="HEIC") as caught:
        store_photo(b"\0\0\0\x18ftypheic" + bytes(20), "shirt")
    assert caught.value.code == "unsupported_type"
    assert isinstance(caught.value, ValueError)
    with pytest.raises(PhotoError, match="damaged"):
        store_photo(photo("red")[:-100], "shirt")


def test_a_form_says_what_is_wrong_beside_the_field() -> None:
    with pytest.raises(ValidationError) as caught:
        clean_photo(io.BytesIO(b"hello"))
    assert caught.value.code == "unsupported_type"
    with pytest.raises(ValidationError) as caught:
        PhotoField().clean(SimpleUploadedFile("shirt.jpg", HTML, "image/jpeg"))
    assert "web page" in caught.value.messages[0]


def test_a_form_gives_what_is_ready_to_be_stored() -> None:
    field = PhotoField()
    stored = field.clean(SimpleUploadedFile("shirt.jpg", photo("red") + HTML, "image/jpeg"))
    assert b"script" not in stored.read()
    assert field.widget.attrs["accept"] == "image/jpeg,image/png,image/webp"
    with pytest.raises(ValidationError):
        field.clean(None)
    assert PhotoField(required=False).clean(None, "old.jpg") == "old.jpg"


@pytest.mark.parametrize("configured", [{}, {"PHOTO_DECODER": ""}, {"PHOTO_DECODER": "nowhere.at_all"}])
def test_a_missing_decoder_is_named(settings: Any, configured: dict[str, str]) -> None:
    settings.CATALOG = configured
    with pytest.raises(ImproperlyConfigured, match="PHOTO_DECODER"):
        store_photo(photo("red"), "shirt")


def failing_decoder(data: bytes) -> Image.Image:
    raise RuntimeError("a fault of the program, not of the photo")


def test_a_fault_of_the_decoder_is_not_blamed_on_the_photo(settings: Any) -> None:
    settings.CATALOG = {"PHOTO_DECODER": f"{__name__}.failing_decoder"}
    with pytest.raises(RuntimeError):
        store_photo(photo("red"), "shirt")
