"""What a search finds is what comparing everything finds, whatever happened since the release was built."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given
from hypothesis import settings as settings_of_hypothesis
from hypothesis import strategies as st
from numpy.typing import NDArray

from catalog.models import Category, Product
from recommendations import current, matching, ranking, search
from recommendations.gallery import get_gallery
from recommendations.indexes import live
from recommendations.indexes.annoy_index import AnnoyIndex, build_annoy
from recommendations.indexes.exact_index import ExactIndex
from recommendations.indexes.manifest import ReleaseManifest
from recommendations.indexes.release import Release
from recommendations.indexing import building
from recommendations.models import ImageEmbedding, IndexRelease, next_revisions
from tests.recommendations.test_indexes_contract import clustered
from vogue_site.gallery import ShopGallery

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("colours")]

EMBEDDER = "mean-colour-3"
Vector = NDArray[np.float32]


class StyleGallery(ShopGallery):
    """A shop whose products are variants: what has one brand is one style."""

    style_field = "brand"


def unit(vectors: NDArray[Any]) -> Vector:
    rows: Vector = (vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)).astype(np.float32)
    return rows


#: Few, so that photos are often exactly alike, and some nearly.
DIRECTIONS = unit(np.random.default_rng(5).normal(size=(12, 4)))
DIRECTIONS[6:9] = unit(DIRECTIONS[:3] + np.float32(0.05) * DIRECTIONS[3:6])


def embed(product_id: int, key: str, vector: Vector, position: int = 0) -> None:
    with transaction.atomic():
        ImageEmbedding.objects.create(
            product_id=product_id,
            photo_key=key,
            photo_name=key,
            position=position,
            embedder=EMBEDDER,
            status=ImageEmbedding.Status.READY,
            vector=vector.tobytes(),
            revision=next_revisions(1),
        )


class Releases:
    """Releases of the rows there are, kept in memory: building one takes milliseconds, not a trial in a process."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers = count()
        self._built: dict[str, Release] = {}

    def open(self, root: Path, name: str, *, embedder: str) -> Release:
        assert embedder == EMBEDDER
        return self._built[name]

    def build(self, backend: str, *, trees: int = 50, search_k: int = 1_000) -> str:
        revision, ids, revisions, vectors = building._read_vectors(EMBEDDER)
        name = f"release-{next(self._numbers)}"
        exact = ExactIndex(ids, vectors, embedder=EMBEDDER)
        index: ExactIndex | AnnoyIndex = exact
        if backend == "annoy":
            path = self._folder / f"{name}.ann"
            build_annoy(path, vectors, trees=trees, seed=1)
            index = AnnoyIndex(path, exact, trees=trees, search_k=search_k)
        created = datetime.now(UTC).isoformat()
        manifest = ReleaseManifest(name, backend, EMBEDDER, vectors.shape[1], len(ids), revision, created)
        self._built[name] = Release(manifest, index, exact, revisions)
        IndexRelease.objects.create(
            name=name,
            status=IndexRelease.Status.PUBLISHED,
            embedder=EMBEDDER,
            backend=backend,
            revision=revision,
            count=len(ids),
            dimensions=vectors.shape[1],
            bytes=0,
            build_seconds=0,
        )
        return name

    def go_live(self, name: str) -> None:
        IndexRelease.objects.filter(live=True).update(live=False)
        IndexRelease.objects.filter(name=name).update(live=True)
        index = current.live_index()
        assert isinstance(index, live.LiveIndex)
        index.snapshot()
        if index._opening is not None:
            index._opening.join()
        # With no row left there is nothing to answer, and nothing is asked of a release.
        assert index.release_name == name or not ImageEmbedding.objects.exists()


@pytest.fixture
def releases(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Releases:
    made = Releases(tmp_path)
    monkeypatch.setattr(live, "open_release", made.open)
    return made


# Galleries, what happens to them, and questions


@dataclass(frozen=True)
class Made:
    """A product to make."""

    photos: list[int]
    colour: str
    category: int
    price: int
    stock: int
    style: str
    shown: bool


NUMBERS = count()
DIRECTION = st.integers(0, len(DIRECTIONS) - 1)
PRODUCTS = st.builds(
    Made,
    photos=st.lists(DIRECTION, max_size=4),
    colour=st.sampled_from(["Black", "Red"]),
    category=st.integers(0, 2),
    price=st.integers(1, 4),
    stock=st.integers(0, 1),
    style=st.sampled_from(["", "", "one", "two"]),
    shown=st.sampled_from([True, True, True, False]),
)
EVENTS = st.tuples(
    st.sampled_from(["delete", "hide", "replace", "take away", "add", "search", "publish", "publish", "roll back"]),
    st.integers(0, 40),
    DIRECTION,
)
FILTERS = st.fixed_dictionaries(
    {},
    optional={
        "category": st.sampled_from(["all", "all/some", "other"]),
        "colour": st.sampled_from(["Black", "Red", "Blue"]),
        "price_min": st.integers(1, 5),
        "price_max": st.integers(1, 5),
        "in_stock": st.just(True),
    },
)


def make_gallery(products: list[Made]) -> None:
    top = Category.objects.create(name="All", slug="all")
    categories = [top, Category.objects.create(name="Some", slug="some", parent=top)]
    categories.append(Category.objects.create(name="Other", slug="other"))
    for n, made in enumerate(products):
        product = Product.objects.create(
            sku=str(n),
            slug=str(n),
            name=str(n),
            category=categories[made.category],
            colour=made.colour,
            price=made.price,
            stock=made.stock,
            brand=made.style,
            active=made.shown,
        )
        for position, direction in enumerate(made.photos):
            embed(product.pk, str(position), DIRECTIONS[direction], position)


def happen(releases: Releases, backend: str, event: tuple[str, int, int]) -> None:
    what, which, direction = event
    products = list(Product.objects.order_by("pk"))
    rows = list(ImageEmbedding.objects.order_by("pk"))
    if what == "publish" and any(row.vector for row in rows):
        releases.go_live(releases.build(backend))
    elif what == "roll back":
        if earlier := IndexRelease.objects.filter(live=False).order_by("pk").first():
            releases.go_live(earlier.name)
    elif what == "search":
        current.live_index().snapshot()
    elif products and what == "delete":
        products[which % len(products)].delete()
    elif products and what == "hide":
        Product.objects.filter(pk=products[which % len(products)].pk).update(active=False)
    elif products and what == "add":
        embed(products[which % len(products)].pk, f"new {next(NUMBERS)}", DIRECTIONS[direction], 9)
    elif rows and what in {"replace", "take away"}:
        vector = DIRECTIONS[direction].tobytes() if what == "replace" else None
        status = ImageEmbedding.Status.READY if vector else ImageEmbedding.Status.PENDING
        with transaction.atomic():
            ImageEmbedding.objects.filter(pk=rows[which % len(rows)].pk).update(
                vector=vector, status=status, revision=next_revisions(1)
            )


def vector_of(row: ImageEmbedding) -> Vector:
    assert row.vector is not None
    return np.frombuffer(row.vector, "<f4").astype(np.float32)


def matches(product: Product, filters: Mapping[str, Any]) -> bool:
    """Tell, in plain words, whether a product is what the filters ask for."""
    path = f"{product.category.path}/"
    return (
        product.active
        and path.startswith(f"{filters.get('category', '') or path.rstrip('/')}/")
        and filters.get("colour", product.colour) == product.colour
        and filters.get("price_min", 0) <= product.price <= filters.get("price_max", 99)
        and (product.stock > 0 or not filters.get("in_stock"))
    )


def by_brute_force(
    vector: Vector, filters: Mapping[str, Any], *, styles: bool, without: Product | None = None
) -> dict[int, float]:
    """Return product → its best score, one product of each style, best first."""
    scored = []
    ready = ImageEmbedding.objects.filter(status=ImageEmbedding.Status.READY).select_related("product__category")
    for row in ready:
        product: Any = row.product
        own = without is not None and (
            product == without or (styles and product.brand != "" and product.brand == without.brand)
        )
        if matches(product, filters) and not own:
            pairs = zip(vector_of(row).tolist(), vector.tolist(), strict=True)
            scored.append((math.fsum(a * b for a, b in pairs), row.pk, product))
    best: dict[Any, tuple[int, float]] = {}
    for score, _, product in sorted(scored, key=lambda item: (-item[0], item[1])):
        best.setdefault(("style", product.brand) if styles and product.brand else product.pk, (product.pk, score))
    return dict(best.values())


def same_scores(found: list[float], truth: Mapping[int, float], k: int) -> None:
    assert found == pytest.approx(list(truth.values())[:k], abs=1e-6)


@pytest.mark.parametrize("styles", [False, True], ids=["products", "styles"])
@pytest.mark.parametrize("backend", ["exact", "annoy"])
def test_every_answer_is_what_comparing_everything_gives(
    releases: Releases, settings: Any, monkeypatch: pytest.MonkeyPatch, backend: str, styles: bool
) -> None:
    if styles:
        settings.VOGUE = {**settings.VOGUE, "GALLERY": f"{__name__}.StyleGallery"}
    # Small pools, so that a small gallery takes several.
    monkeypatch.setattr(ranking, "SMALLEST_POOL", 2)
    monkeypatch.setattr(ranking, "POOL", 1)

    @given(
        st.lists(PRODUCTS, max_size=14),
        st.lists(EVENTS, max_size=12),
        st.sampled_from([0, 1, 10**6]),
        st.lists(
            st.tuples(FILTERS, DIRECTION, st.integers(1, 9), st.sampled_from([0, 0, 0.5])), min_size=1, max_size=3
        ),
    )
    @settings_of_hypothesis(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
    def answers(
        products: list[Made],
        events: list[tuple[str, int, int]],
        rows_per_neighbor: int,
        questions: list[tuple[dict[str, Any], int, int, float]],
    ) -> None:
        current.forget()
        matching.ROWS_PER_NEIGHBOR = rows_per_neighbor
        with transaction.atomic():
            make_gallery(products)
            for event in events:
                happen(releases, backend, event)
            for filters, direction, k, diversity in questions:
                check_any_vector(DIRECTIONS[direction], k, filters, diversity, styles=styles)
                for product in Product.objects.all()[:2]:
                    check_similar(product, k, filters, styles=styles)
            transaction.set_rollback(True)

    monkeypatch.setattr(matching, "ROWS_PER_NEIGHBOR", matching.ROWS_PER_NEIGHBOR)
    answers()


def check_any_vector(vector: Vector, k: int, filters: dict[str, Any], diversity: float, *, styles: bool) -> None:
    truth = by_brute_force(vector, filters, styles=styles)
    shown = get_gallery().filter(get_gallery().visible(), filters)
    snapshot = current.live_index().snapshot()
    if not len(snapshot):
        assert truth == {}
        return
    found = matching.best_products(snapshot, vector, shown, k, diversity=diversity)
    if diversity:
        # From the best ten times as many, the best first.
        assert len(found) == min(k, len(truth))
        worst = list(truth.values())[: 10 * k][-1] if truth else 0
        assert all(neighbor.score >= worst - 1e-6 for neighbor in found.values())
        same_scores([neighbor.score for neighbor in found.values()][:1], truth, 1)
        return
    same_scores([neighbor.score for neighbor in found.values()], truth, k)
    for product_id, neighbor in found.items():
        row = ImageEmbedding.objects.get(pk=neighbor.embedding_id)
        assert row.product_id == product_id
        assert float(vector_of(row) @ vector) == pytest.approx(neighbor.score, abs=1e-6)


def check_similar(product: Product, k: int, filters: dict[str, Any], *, styles: bool) -> None:
    answer = search.similar_products(product, k, filters=filters)
    row = product.image_embeddings.filter(status="ready").order_by("position", "pk").first()
    if row is None:
        assert len(answer) == 0
        return
    vector = vector_of(row)
    same_scores([match.cosine for match in answer], by_brute_force(vector, filters, styles=styles, without=product), k)
    assert product not in [match.product for match in answer]


# Larger than Annoy reads whole


@pytest.fixture
def large(releases: Releases) -> Vector:
    """6,000 products of clustered vectors in an Annoy release; the price of each is its number."""
    vectors = clustered(6_000, 32, clusters=60)
    category = Category.objects.create(name="All", slug="all")
    numbers = range(len(vectors))
    Product.objects.bulk_create(
        [Product(pk=n + 1, sku=str(n), slug=str(n), name=str(n), price=n, category=category) for n in numbers]
    )
    ImageEmbedding.objects.bulk_create(
        [
            ImageEmbedding(
                pk=n + 1,
                product_id=n + 1,
                photo_key="a",
                photo_name="a",
                embedder=EMBEDDER,
                status=ImageEmbedding.Status.READY,
                vector=vectors[n].tobytes(),
                revision=n + 1,
            )
            for n in numbers
        ]
    )
    releases.go_live(releases.build("annoy"))
    return vectors


@pytest.mark.parametrize("rows_per_neighbor", [0, matching.ROWS_PER_NEIGHBOR])
def test_filters_over_annoy_find_what_comparing_everything_finds(
    large: Vector, monkeypatch: pytest.MonkeyPatch, rows_per_neighbor: int
) -> None:
    monkeypatch.setattr(matching, "ROWS_PER_NEIGHBOR", rows_per_neighbor)
    gallery, snapshot = get_gallery(), current.live_index().snapshot()
    assert snapshot.reliable(32) < 32, "the gallery is read whole: Annoy is not asked"
    hits = wanted = 0
    for share in (0.001, 0.01, 0.1, 0.3, 1):
        matching_rows = round(share * len(large))
        products = gallery.filter(gallery.visible(), {"price_max": matching_rows - 1})
        for query in clustered(20, 32, clusters=60, seed=3):
            found = matching.best_products(snapshot, query, products, 5)
            truth = np.sort(large[:matching_rows] @ query)[::-1][:5]
            assert len(found) == 5
            hits += sum(neighbor.score >= truth[-1] - 1e-5 for neighbor in found.values())
            wanted += 5
    assert hits / wanted >= 0.995


def test_a_filter_reads_no_more_rows_than_it_must(large: Vector) -> None:
    gallery, snapshot = get_gallery(), current.live_index().snapshot()

    def queries(filters: dict[str, Any]) -> int:
        products = gallery.filter(gallery.visible(), filters)
        with CaptureQueriesContext(connection) as captured:
            assert len(matching.best_products(snapshot, large[0], products, 5)) == 5
        return len(captured)

    # All of it matches: the first pool is enough. Ten match: the pool, then the ten.
    assert queries({"price_max": 6_000}) == 1
    assert queries({"price_max": 9}) == 2


@pytest.mark.parametrize("question", ["_owners", "_all_owners"])
def test_no_question_reads_every_row(large: Vector, question: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """On SQLite without statistics, as most small shops run: by key, and by product, never by status."""
    gallery, snapshot = get_gallery(), current.live_index().snapshot()
    products = gallery.filter(gallery.visible(), {"price_max": 9})
    with CaptureQueriesContext(connection) as captured:
        getattr(matching, question)(snapshot, products, [1, 2, 3] if question == "_owners" else 100)
    (asked,) = captured
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {asked['sql']}")
        plan = "\n".join(str(row[-1]) for row in cursor.fetchall())
    first = plan.splitlines()[0]
    assert "recommendations_imageembedding" in first
    assert ("PRIMARY KEY" if question == "_owners" else "embedder=? AND product_id=?") in first, plan


# Styles and diversity, by example


@pytest.fixture
def compass() -> Callable[..., Product]:
    """Make products whose photo looks so many degrees away from east."""
    category = Category.objects.create(name="All", slug="all")

    def make(degrees: float, **fields: Any) -> Product:
        name = str(Product.objects.count())
        product = Product.objects.create(sku=name, slug=name, name=name, price=1, stock=1, category=category, **fields)
        angle = math.radians(degrees)
        embed(product.pk, "a", np.array([math.cos(angle), math.sin(angle), 0, 0], np.float32))
        return product

    return make


def test_variants_of_a_style_stand_once_and_never_beside_their_own(
    compass: Callable[..., Product], settings: Any
) -> None:
    settings.VOGUE = {**settings.VOGUE, "GALLERY": f"{__name__}.StyleGallery"}
    asked = compass(0, brand="anorak")
    compass(1, brand="anorak")
    coats = [compass(degrees, brand="coat") for degrees in (10, 12, 14)]
    plain = [compass(degrees) for degrees in (20, 30)]
    assert [match.product for match in search.similar_products(asked, 3)] == [coats[0], *plain]
    # Hidden, its place is the next variant's.
    Product.objects.filter(pk=coats[0].pk).update(active=False)
    assert [match.product for match in search.similar_products(asked, 3)] == [coats[1], *plain]


def test_a_shop_that_names_no_style_shows_every_variant(compass: Callable[..., Product]) -> None:
    asked = compass(0, brand="anorak")
    others = [compass(degrees, brand="anorak") for degrees in (10, 12, 14)]
    assert [match.product for match in search.similar_products(asked, 5)] == others
    assert get_gallery().style_of([asked.pk]) == {}


def test_diversity_keeps_the_best_and_spreads_the_rest(compass: Callable[..., Product]) -> None:
    asked = compass(0)
    near = [compass(degrees) for degrees in (5, 6, 7, 8)]
    far = compass(60)
    assert [match.product for match in search.similar_products(asked, 2)] == near[:2]
    assert [match.product for match in search.similar_products(asked, 2, diversity=0)] == near[:2]
    for diversity in (0.6, 1):
        assert [match.product for match in search.similar_products(asked, 2, diversity=diversity)] == [near[0], far]
    assert len(search.similar_products(asked, 9, diversity=1)) == 5


@pytest.mark.parametrize("diversity", [-0.1, 1.1, math.nan])
def test_a_diversity_out_of_bounds_is_refused(compass: Callable[..., Product], diversity: float) -> None:
    with pytest.raises(ValueError, match="diversity must be 0 to 1"):
        search.similar_products(compass(0), diversity=diversity)


def test_a_product_hidden_between_two_queries_makes_room_for_the_next(
    compass: Callable[..., Product], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, *others = (compass(degrees) for degrees in (0, 10, 20, 30, 40))
    find = matching.best_products
    hidden: list[Product] = []

    def find_and_hide(*args: Any, **kwargs: Any) -> Any:
        found = find(*args, **kwargs)
        if not hidden:
            hidden.append(others[0])
            Product.objects.filter(pk=others[0].pk).update(active=False)
        return found

    monkeypatch.setattr(search, "best_products", find_and_hide)
    assert [match.product for match in search.similar_products(asked, 3)] == others[1:]
