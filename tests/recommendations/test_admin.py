from __future__ import annotations

from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission, User
from django.test import Client

from catalog.models import Product
from recommendations import conf, current, indexing, tasks
from recommendations.admin import EmbeddingStateMixin, extend_product_admin
from recommendations.models import ImageEmbedding, IndexRelease
from tests.factories import make_product
from tests.recommendations.shop import embed_all

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("colours")]
EMBEDDINGS = "/admin/recommendations/imageembedding/"
RELEASES = "/admin/recommendations/indexrelease/"


@pytest.fixture
def queued(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """Collect what is sent to the queue."""
    sent: list[tuple[Any, ...]] = []

    def publish(task: Any, *args: Any) -> bool:
        sent.append((task, *args))
        return True

    monkeypatch.setattr(tasks, "publish", publish)
    return sent


def fail(product: Product) -> ImageEmbedding:
    row = ImageEmbedding.objects.get(product=product)
    ImageEmbedding.objects.filter(pk=row.pk).update(
        status="failed", attempts=3, reason="The photo is damaged", vector=None
    )
    return row


def test_the_list_of_photos_tells_status_attempts_and_reason(admin_client: Client) -> None:
    good, bad = make_product("red"), make_product("blue")
    embed_all()
    fail(bad)
    page = admin_client.get(EMBEDDINGS).content.decode()
    assert "The photo is damaged" in page
    assert f'src="{good.main_image.image.url}"' in page  # type: ignore[union-attr]
    page = admin_client.get(f"{EMBEDDINGS}?status__exact=failed").content.decode()
    assert bad.name in page
    assert good.name not in page


@pytest.mark.releases
def test_nobody_writes_embeddings_or_releases_by_hand(admin_client: Client) -> None:
    product = make_product("red")
    embed_all()
    indexing.build_release()
    row, release = ImageEmbedding.objects.get(product=product), IndexRelease.objects.get()
    for url, key in ((EMBEDDINGS, row.pk), (RELEASES, release.pk)):
        assert admin_client.get(f"{url}add/").status_code == 403
        page = admin_client.get(f"{url}{key}/change/").content.decode()
        assert 'name="_save"' not in page
        assert "deletelink" not in page
        assert admin_client.post(f"{url}{key}/change/", {"status": "pending"}).status_code == 403
    assert "delete_selected" not in admin_client.get(EMBEDDINGS).content.decode()


def test_try_again_gives_failed_photos_a_fresh_start_and_queues_them(
    admin_client: Client, queued: list[tuple[Any, ...]]
) -> None:
    good, bad = make_product("red"), make_product("blue")
    embed_all()
    row = fail(bad)
    chosen = [row.pk, ImageEmbedding.objects.get(product=good).pk]
    response = admin_client.post(EMBEDDINGS, {"action": "try_again", "_selected_action": chosen}, follow=True)
    assert "1 photo is tried again." in response.content.decode()
    row.refresh_from_db()
    assert (row.status, row.attempts, row.reason) == ("pending", 0, "")
    assert queued == [(tasks.embed_photos, [row.pk])]
    assert ImageEmbedding.objects.get(product=good).status == "ready"


def test_who_may_only_look_cannot_try_again(client: Client, queued: list[tuple[Any, ...]]) -> None:
    row = fail(_embedded("red"))
    release = IndexRelease.objects.create(
        name="first",
        status="published",
        embedder="mean-colour-3",
        revision=1,
        count=1,
        dimensions=3,
        bytes=1,
        build_seconds=1,
    )
    user = User.objects.create_user("looker", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__startswith="view_"))
    client.force_login(user)
    assert "try_again" not in client.get(EMBEDDINGS).content.decode()
    client.post(EMBEDDINGS, {"action": "try_again", "_selected_action": [row.pk]})
    row.refresh_from_db()
    assert row.status == "failed"
    assert "Rebuild now" not in client.get(RELEASES).content.decode()
    assert "rollback/" not in client.get(RELEASES).content.decode()
    for address in ("rebuild/", f"{release.pk}/rollback/"):
        assert client.get(f"{RELEASES}{address}").status_code == 403
        assert client.post(f"{RELEASES}{address}").status_code == 403
    assert queued == []
    release.refresh_from_db()
    assert not release.live


@pytest.mark.releases
def test_the_list_of_releases_tells_which_is_live_and_how_good(admin_client: Client) -> None:
    for colour in ("red", "blue", "green"):
        make_product(colour)
    embed_all()
    release = indexing.build_release()
    make_product("yellow")
    embed_all()
    page = admin_client.get(RELEASES).content.decode()
    assert f"{release.name} is live" in page
    assert "1 newer photo is scanned exactly" in page
    assert admin_client.get(f"{RELEASES}{release.pk}/change/").status_code == 200


@pytest.mark.releases
def test_rebuild_now_queues_a_build(admin_client: Client, queued: list[tuple[Any, ...]]) -> None:
    page = admin_client.get(RELEASES).content.decode()
    assert "No release is live" in page
    assert f'href="{RELEASES}rebuild/"' in page
    asked = admin_client.get(f"{RELEASES}rebuild/").content.decode()
    assert "Build a new release of the index now?" in asked
    assert queued == []
    response = admin_client.post(f"{RELEASES}rebuild/", follow=True)
    assert "A rebuild is queued." in response.content.decode()
    assert queued == [(tasks.rebuild_index,)]


@pytest.mark.releases
def test_going_back_to_a_release_is_asked_first_and_then_done(admin_client: Client) -> None:
    make_product("red")
    embed_all()
    first, second = indexing.build_release(), indexing.build_release()
    page = admin_client.get(RELEASES).content.decode()
    assert f'href="{RELEASES}{first.pk}/rollback/"' in page
    assert f"{second.pk}/rollback/" not in page
    asked = admin_client.get(f"{RELEASES}{first.pk}/rollback/").content.decode()
    assert f"Make release {first.name} live again?" in asked
    assert IndexRelease.objects.get(live=True) == second
    response = admin_client.post(f"{RELEASES}{first.pk}/rollback/", follow=True)
    assert f"Release {first.name} is live again." in response.content.decode()
    assert IndexRelease.objects.get(live=True) == first
    assert admin_client.post(f"{RELEASES}404/rollback/").status_code == 404


@pytest.mark.releases
def test_a_release_that_cannot_be_gone_back_to_says_why(admin_client: Client) -> None:
    make_product("red")
    embed_all()
    first = indexing.build_release()
    indexing.build_release()
    (conf.release_dir() / first.name / "vectors.npy").unlink()
    response = admin_client.post(f"{RELEASES}{first.pk}/rollback/", follow=True)
    assert "vectors.npy cannot be read" in response.content.decode()
    assert not IndexRelease.objects.get(pk=first.pk).live


@pytest.mark.releases
def test_the_list_of_releases_tells_what_is_embedded_and_what_failed_and_why(
    admin_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    products = [make_product(colour) for colour in ("red", "blue")]
    embed_all()
    indexing.build_release()
    fail(products[1])
    monkeypatch.setattr(current, "embedder_name", lambda: "another")
    page = admin_client.get(RELEASES).content.decode()
    assert "mean-colour-3 (in use)" in page
    assert "1 × The photo is damaged" in page
    assert (
        "mean-colour-3 answers. another takes over once it has 100.0 % of what can be embedded; it has 0.0 %." in page
    )


def test_a_queue_that_is_down_is_told(admin_client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks, "publish", lambda task, *args: False)
    response = admin_client.post(f"{RELEASES}rebuild/", follow=True)
    assert "manage.py rebuild_index" in response.content.decode()


def test_a_products_page_tells_the_state_of_its_photos(admin_client: Client) -> None:
    product = _embedded("red")
    fail(product)
    page = admin_client.get(f"/admin/catalog/product/{product.pk}/change/").content.decode()
    assert "Visual search" in page
    assert "The photo is damaged" in page
    assert admin_client.get("/admin/catalog/product/add/").status_code == 200


def test_the_list_of_products_tells_the_worst_state_of_each(
    admin_client: Client, django_assert_max_num_queries: Any
) -> None:
    _embedded("red")
    fail(_embedded("blue"))
    make_product(None)
    page = admin_client.get("/admin/catalog/product/").content.decode()
    column = [part.split("<")[0] for part in page.split('class="field-embedding_state">')[1:]]
    assert sorted(column) == ["failed", "ready", "—"]
    with django_assert_max_num_queries(12) as few:
        admin_client.get("/admin/catalog/product/")
    for _ in range(5):
        make_product("green")
    with django_assert_max_num_queries(len(few)):
        admin_client.get("/admin/catalog/product/")


def test_who_may_delete_products_needs_no_other_right(client: Client) -> None:
    product = _embedded("red")
    user = User.objects.create_user("keeper", is_staff=True)
    rights = ["view_product", "delete_product", "delete_productimage", "view_productimage"]
    user.user_permissions.set(Permission.objects.filter(codename__in=rights))
    client.force_login(user)
    client.post(f"/admin/catalog/product/{product.pk}/delete/", {"post": "yes"})
    assert not Product.objects.filter(pk=product.pk).exists()
    assert not ImageEmbedding.objects.exists()


def test_a_site_without_the_products_admin_is_left_alone() -> None:
    site = admin.AdminSite(name="other")
    extend_product_admin(site)
    assert not site.is_registered(Product)


def test_a_products_admin_is_extended_once() -> None:
    site = admin.AdminSite(name="other")
    site.register(Product, admin.ModelAdmin)
    extend_product_admin(site)
    first = site.get_model_admin(Product)
    extend_product_admin(site)
    assert site.get_model_admin(Product) is first
    assert isinstance(first, EmbeddingStateMixin)


def _embedded(colour: str) -> Product:
    product = make_product(colour)
    embed_all()
    return product
