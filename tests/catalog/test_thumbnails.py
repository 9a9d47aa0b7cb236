"""Small copies: made once, never larger than the photo, gone with it, and no page breaks for want of one."""

from __future__ import annotations

import threading
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import InMemoryStorage, default_storage
from django.core.management import CommandError, call_command
from django.template import Context, Template
from PIL import Image

from catalog import thumbnails
from catalog.models import Product, ProductImage
from tests.factories import make_product
from tests.pictures import encoded, photo, picture

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nothing_remembered() -> None:
    thumbnails._made.clear()
    thumbnails._unreadable.clear()


def make_image(data: bytes | None = None, size: tuple[int, int] = (600, 800)) -> ProductImage:
    product = make_product(None)
    file = ContentFile(data or photo("red", size), name="x.jpg")
    return ProductImage.objects.create(product=product, image=file, alt="Red, from the front")


def shown(image: ProductImage | None, **options: Any) -> str:
    template = Template('{% load shop %}{% photo image sizes="50vw" first=first %}')
    return template.render(Context({"image": image, "first": options.get("first", False)}))


@pytest.mark.parametrize(
    ("size", "widths"),
    [
        ((60, 80), [60]),
        ((160, 200), [160]),
        ((600, 800), [160, 320, 600]),
        ((640, 480), [160, 320, 640]),
        ((3000, 10), [160, 320, 640, 1280]),
    ],
)
def test_no_copy_is_wider_than_its_photo(size: tuple[int, int], widths: list[int]) -> None:
    copies = thumbnails.make_thumbnails(make_image(size=size))
    assert [copy.width for copy in copies] == widths
    for copy in copies:
        with default_storage.open(copy.name) as file, Image.open(file) as made:
            assert made.format == "WEBP"
            assert made.size == (copy.width, copy.height)


def test_a_copy_looks_like_its_photo() -> None:
    for copy in thumbnails.make_thumbnails(make_image(photo("teal", (600, 800)))):
        with default_storage.open(copy.name) as file, Image.open(file) as made:
            middle = made.convert("RGB").getpixel((copy.width // 2, copy.height // 2))
            assert middle == pytest.approx((20, 140, 150), abs=6)


def test_what_is_transparent_becomes_white() -> None:
    clear = Image.new("RGBA", (200, 200), (0, 0, 0, 0))
    copy = thumbnails.make_thumbnails(make_image(encoded(clear, "PNG")))[0]
    with default_storage.open(copy.name) as file, Image.open(file) as made:
        assert made.convert("RGB").getpixel((50, 50)) == (255, 255, 255)


def test_copies_are_made_once() -> None:
    image = make_image()
    copies = thumbnails.make_thumbnails(image)
    before = [Path(default_storage.path(copy.name)).stat().st_mtime_ns for copy in copies]
    # Were it read a second time, this would show.
    Path(image.image.path).write_bytes(b"no picture any more")
    assert thumbnails.make_thumbnails(image) == copies
    assert [Path(default_storage.path(copy.name)).stat().st_mtime_ns for copy in copies] == before


def test_saving_a_photo_makes_its_copies(django_capture_on_commit_callbacks: Any) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        image = make_image()
    assert all(default_storage.exists(copy.name) for copy in thumbnails.planned(image))


def test_a_replaced_photo_gets_new_copies_and_loses_the_old(django_capture_on_commit_callbacks: Any) -> None:
    image = make_image()
    old = [str(image.image.name), *(copy.name for copy in thumbnails.make_thumbnails(image))]
    with django_capture_on_commit_callbacks(execute=True):
        image.image = ContentFile(photo("blue", (600, 800)), name="y.jpg")
        image.save()
    new = [str(image.image.name), *(copy.name for copy in thumbnails.planned(image))]
    assert not set(old) & set(new)
    assert all(default_storage.exists(name) for name in new)
    assert not any(default_storage.exists(name) for name in old)


def test_a_deleted_product_takes_photos_and_copies_along(django_capture_on_commit_callbacks: Any) -> None:
    image = make_image()
    names = [str(image.image.name), *(copy.name for copy in thumbnails.make_thumbnails(image))]
    with django_capture_on_commit_callbacks(execute=True):
        Product.objects.all().delete()
    assert not any(default_storage.exists(name) for name in names)


def test_a_delete_that_is_rolled_back_deletes_no_file(django_capture_on_commit_callbacks: Any) -> None:
    image = make_image()
    with django_capture_on_commit_callbacks(execute=False):
        image.delete()
    assert default_storage.exists(str(image.image.name))


def test_saving_other_fields_keeps_the_photo(django_capture_on_commit_callbacks: Any) -> None:
    image = make_image()
    with django_capture_on_commit_callbacks(execute=True):
        image.alt = "Red"
        image.save()
    assert default_storage.exists(str(image.image.name))


@pytest.mark.parametrize("damage", ["gone", "cut", "no picture"])
def test_a_photo_that_cannot_be_read_is_a_placeholder(damage: str) -> None:
    image = make_image(encoded(picture("red", (600, 800)), "JPEG"))
    path = Path(image.image.path)
    if damage == "gone":
        path.unlink()
    else:
        path.write_bytes(path.read_bytes()[:900] if damage == "cut" else b"<html>")
    html = shown(image)
    assert "photo-missing" in html
    assert "<img" not in html
    # The second time it is not even tried.
    path.write_bytes(photo("red", (600, 800)))
    assert "photo-missing" in shown(image)


def test_a_full_disk_is_a_placeholder_and_leaves_nothing_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    image = make_image()

    def full(self: Path, target: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    assert "photo-missing" in shown(image)
    folder = Path(default_storage.path("thumbs"))
    assert [path for path in folder.rglob("*") if path.is_file()] == []


def test_no_photo_is_a_placeholder() -> None:
    assert "photo-missing" in shown(None)


def test_an_image_says_its_size_and_its_copies() -> None:
    image = make_image()
    html = shown(image)
    name = f"/media/thumbs/{image.image.name}"
    assert f'srcset="{name}-160.webp 160w, {name}-320.webp 320w, {name}-600.webp 600w"' in html
    assert f'src="{name}-320.webp"' in html
    for part in ('width="600"', 'height="800"', 'loading="lazy"', 'decoding="async"', 'sizes="50vw"'):
        assert part in html
    assert 'alt="Red, from the front"' in html


def test_the_main_picture_is_not_lazy() -> None:
    html = shown(make_image(), first=True)
    assert 'fetchpriority="high"' in html
    assert "lazy" not in html


def test_many_at_once_make_one_whole_copy_each() -> None:
    image = make_image(size=(1400, 1400))
    errors: list[BaseException] = []

    def make() -> None:
        try:
            thumbnails.make_thumbnails(image)
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=make) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    files = [path for path in Path(default_storage.path("thumbs")).rglob("*") if path.is_file()]
    assert sorted(path.name.rsplit("-")[-1] for path in files) == ["1280.webp", "160.webp", "320.webp", "640.webp"]
    for path in files:
        with Image.open(path) as made:
            made.load()


def test_an_object_store_is_asked_once_per_photo(monkeypatch: pytest.MonkeyPatch) -> None:
    class Counting(InMemoryStorage):
        asked = 0

        def exists(self, name: str) -> bool:
            Counting.asked += 1
            return super().exists(name)

    store = Counting()
    image = make_image()
    monkeypatch.setattr(thumbnails, "default_storage", store)
    copies = thumbnails.make_thumbnails(image)
    assert all(store.exists(copy.name) for copy in copies)
    Counting.asked = 0
    assert thumbnails.thumbnails(image) == copies
    assert Counting.asked == 0


def test_the_command_makes_what_is_missing_and_names_what_it_cannot_read() -> None:
    good, bad = make_image(), make_image()
    Path(bad.image.path).unlink()
    err = StringIO()
    with pytest.raises(CommandError, match="1 of 2"):
        call_command("make_thumbnails", stderr=err)
    assert str(bad.image.name) in err.getvalue()
    assert all(default_storage.exists(copy.name) for copy in thumbnails.planned(good))
