"""The back room: lists that stay quick, photos that come in through the door."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from catalog.models import Category, Product, ProductImage
from tests.factories import add_photo, make_category, make_product
from tests.pictures import encoded, photo, picture

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("colours")]

LIST = "/admin/catalog/product/"


def page(product: Product) -> str:
    return f"{LIST}{product.pk}/change/"


def save(client: Client, product: Product, **changes: Any) -> Any:
    """Send the product's form back as the browser would, with changes."""
    form: dict[str, Any] = {}
    response = client.get(page(product))
    context = response.context
    for bound in context["adminform"].form:
        form[bound.html_name] = bound.value()
    for inline in context["inline_admin_formsets"]:
        for one in [inline.formset.management_form, *inline.formset.forms]:
            form |= {bound.html_name: bound.value() for bound in one if bound.field.widget.input_type != "file"}
    form = {key: value for key, value in form.items() if value is not None and value is not False}
    return client.post(page(product), {**form, **changes})


def test_the_list_shows_small_pictures(admin_client: Client) -> None:
    image = make_product("red", name="Red shirt").images.get()
    html = admin_client.get(LIST).content.decode()
    assert f'src="/media/thumbs/{image.image.name}-60.webp" width="45" height="60"' in html


def test_the_list_asks_no_more_for_many(admin_client: Client, django_assert_max_num_queries: Any) -> None:
    def queries() -> int:
        with django_assert_max_num_queries(20) as asked:
            admin_client.get(LIST)
        return len(asked)

    add_photo(make_product("red"), "blue")
    few = queries()
    for n in range(20):
        add_photo(make_product("red", category=make_category(f"Kind {n}", make_category("All"))), "blue")
    assert queries() <= few


@pytest.mark.parametrize("query", ["linen", "L-77", "acme", "trousers"])
def test_products_are_found_by_name_sku_brand_and_category(admin_client: Client, query: str) -> None:
    make_product(None, name="Linen pair", sku="L-77", brand="Acme", category=make_category("Trousers"))
    make_product(None, name="Other")
    response = admin_client.get(LIST, {"q": query})
    assert [product.sku for product in response.context["cl"].result_list] == ["L-77"]


@pytest.mark.parametrize(
    "query",
    ["active__exact=0", "stock=none", "gender=Men", "colour=Red", "season=Fall", "category__id__exact={category}"],
)
def test_the_list_can_be_narrowed(admin_client: Client, query: str) -> None:
    hat = make_product(
        None, active=False, stock=0, gender="Men", colour="Red", season="Fall", category=make_category("Hats")
    )
    make_product(None, gender="Women", colour="Blue", season="Summer")
    response = admin_client.get(f"{LIST}?{query.format(category=hat.category_id)}")
    assert list(response.context["cl"].result_list) == [hat]


def test_selected_products_are_hidden_and_shown(admin_client: Client) -> None:
    one, other = make_product(None), make_product(None)
    admin_client.post(LIST, {"action": "hide", "_selected_action": [one.pk]})
    assert set(Product.objects.visible()) == {other}
    response = admin_client.post(LIST, {"action": "activate", "_selected_action": [one.pk, other.pk]}, follow=True)
    assert set(Product.objects.visible()) == {one, other}
    # One was visible before.
    assert "1 product is in the shop now." in response.content.decode()


def test_who_may_only_look_may_not_hide(client: Client, django_user_model: Any) -> None:
    viewer = django_user_model.objects.create_user("viewer", is_staff=True)
    viewer.user_permissions.add(*viewer.user_permissions.model.objects.filter(codename="view_product"))
    client.force_login(viewer)
    product = make_product(None)
    client.post(LIST, {"action": "hide", "_selected_action": [product.pk]})
    product.refresh_from_db()
    assert product.active


def test_a_photo_comes_in_through_the_door(admin_client: Client) -> None:
    product = make_product(None)
    exif = Image.Exif()
    exif[0x010F] = "A camera that tells"
    exif[0x0112] = 6
    data = encoded(picture("red", (300, 200)), "JPEG", exif=exif) + b"<script>alert(1)</script>"
    response = save(admin_client, product, **{"images-0-image": SimpleUploadedFile("evil.php.jpg", data, "image/jpeg")})
    assert response.status_code == 302, response.context["errors"]
    image = product.images.get()
    with image.image.open() as file:
        stored = file.read()
    assert b"script" not in stored
    assert "evil" not in str(image.image.name)
    with Image.open(io.BytesIO(stored)) as kept:
        assert not kept.getexif()
        # Turned as the camera says.
        assert kept.size == (image.width, image.height) == (200, 300)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("page.jpg", b"<html>not a picture</html>"),
        ("cut.jpg", photo("red", (400, 400))[:700]),
        ("old.bmp", encoded(picture("red"), "BMP")),
        ("big.jpg", encoded(picture("red"), "TIFF")),
    ],
)
def test_a_bad_photo_is_refused_beside_its_field(admin_client: Client, name: str, data: bytes) -> None:
    product = make_product(None, name="Kept")
    response = save(admin_client, product, **{"images-0-image": SimpleUploadedFile(name, data, "image/jpeg")})
    assert response.status_code == 200
    errors = response.context["inline_admin_formsets"][0].formset.forms[0].errors
    assert list(errors) == ["image"]
    assert not ProductImage.objects.exists()


def test_saving_without_a_new_photo_keeps_the_old(admin_client: Client) -> None:
    product = make_product("red")
    name = str(product.images.get().image.name)
    response = save(admin_client, product, **{"images-0-position": "4", "name": "New name"})
    assert response.status_code == 302, response.context["errors"]
    image = product.images.get()
    assert (image.image.name, image.position) == (name, 4)
    assert image.image.storage.exists(name)


def test_photos_are_listed_in_their_order_with_previews(admin_client: Client) -> None:
    product = make_product("red")
    add_photo(product, "blue", position=2)
    add_photo(product, "green", position=1)
    formsets = admin_client.get(page(product)).context["inline_admin_formsets"]
    photos = next(inline.formset for inline in formsets if inline.formset.model is ProductImage)
    assert [form.instance.position for form in photos.initial_forms] == [0, 1, 2]


def test_a_second_category_at_one_place_is_a_message(admin_client: Client) -> None:
    make_category("Shirts")
    response = admin_client.post("/admin/catalog/category/add/", {"name": "Shirts", "slug": "shirts", "parent": ""})
    assert response.status_code == 200
    assert Category.objects.count() == 1
    assert "already a category" in response.content.decode()


def test_the_category_list_shows_the_tree(admin_client: Client) -> None:
    make_category("Shirts", make_category("Apparel"))
    response = admin_client.get("/admin/catalog/category/", {"q": "shirt"})
    assert [category.path for category in response.context["cl"].result_list] == ["apparel/shirts"]
