"""The strict Content-Security-Policy on every page a visitor or an admin can reach, and what pages weigh."""

from __future__ import annotations

import re
from collections import deque
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urldefrag, urljoin, urlsplit

import pytest
from django.contrib.auth.models import User
from django.test import Client

from recommendations import indexing
from recommendations.models import ImageEmbedding
from tests.embedders import MeanColourEmbedder
from tests.factories import make_product

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS_MOST = 40_000
#: A handler in an attribute: onclick and the like.
HANDLER = re.compile(r"on[a-z]+$")


class Reader(HTMLParser):
    """Collects the links of a page, and what a strict policy forbids."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.forbidden: list[str] = []
        self._script = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag == "a" and values.get("href"):
            self.links.append(values["href"] or "")
        if tag == "style" or (tag == "script" and not values.get("src") and values.get("type") != "application/json"):
            self.forbidden.append(f"<{tag}> with its text in the page")
        for name, value in attrs:
            if name == "style" or HANDLER.match(name) or (value or "").lower().startswith("javascript:"):
                self.forbidden.append(f"<{tag} {name}={value!r}>")
            if (
                name in {"src", "href"}
                and tag in {"script", "link", "img"}
                and (value or "").startswith(("http", "//"))
            ):
                self.forbidden.append(f"<{tag} {name}={value!r}> from elsewhere")


def crawl(client: Client, *starts: str, most: int = 120) -> dict[str, Reader]:
    """Follow the links of these pages, one address of each kind with a query; return what each page holds."""
    waiting, kinds = deque(starts), set[str]()
    seen: dict[str, Reader] = {}
    while waiting and len(seen) < most:
        path = waiting.popleft()
        # One page of each kind: products differ by their words, filters by what is left out.
        kind = re.sub(r"\d+", "N", re.sub(r"(=)[^&]*", r"\1", path))
        if kind in kinds:
            continue
        kinds.add(kind)
        response = client.get(path, follow=True)
        if not response.headers.get("Content-Type", "").startswith("text/html"):
            response.close()  # a photo: the client leaves what is streamed open
            continue
        assert response.status_code in {200, 404}, (path, response.status_code)
        policy = response.headers.get("Content-Security-Policy", "")
        assert "default-src 'self'" in policy, path
        assert "unsafe" not in policy, path
        reader = seen[path] = Reader()
        reader.feed(response.content.decode())
        for link in reader.links:
            found = urldefrag(urljoin(f"http://testserver{path}", link)).url
            parts = urlsplit(found)
            if parts.netloc == "testserver" and "/logout/" not in parts.path:
                waiting.append(parts.path + (f"?{parts.query}" if parts.query else ""))
    return seen


@pytest.fixture
def stocked(db: None, colours: MeanColourEmbedder) -> None:
    for colour in ("red", (210, 40, 35), "blue", "green", "yellow", "purple"):
        make_product(colour, colour="Red", gender="Women")
    indexing.embed_photos(list(ImageEmbedding.objects.values_list("pk", flat=True)))


def test_no_page_of_the_shop_has_anything_inline(client: Client, stocked: None) -> None:
    pages = crawl(client, "/", "/products/", "/search/photo/", "/no-such-page/", "/api/v1/docs/")
    assert {path: reader.forbidden for path, reader in pages.items() if reader.forbidden} == {}
    # It went everywhere: each kind of page is among them.
    for kind in (r"/$", r"/products/$", r"/products/[^/]+/$", r"/products/\?", r"/search/photo/$", r"/api/v1/docs/$"):
        assert any(re.fullmatch(kind + ".*" if kind.endswith("?") else kind, path) for path in pages), kind


def test_no_page_of_the_admin_has_anything_inline(client: Client, stocked: None) -> None:
    client.force_login(User.objects.create_superuser("owner", "owner@shop.example", "a long enough password"))
    pages = crawl(client, "/admin/", "/admin/recommendations/indexrelease/", "/admin/recommendations/imageembedding/")
    inside = {path: reader.forbidden for path, reader in pages.items() if path.startswith("/admin/")}
    assert {path: forbidden for path, forbidden in inside.items() if forbidden} == {}
    assert len(inside) > 15
    assert any(re.fullmatch(r"/admin/catalog/product/\d+/change/", path) for path in inside)


def test_error_pages_that_stand_alone_have_nothing_inline() -> None:
    for name in ("400", "403_csrf", "500"):
        reader = Reader()
        reader.feed((ROOT / "templates" / f"{name}.html").read_text())
        assert reader.forbidden == [], name


def test_our_own_scripts_stay_small() -> None:
    scripts = [
        *(ROOT / "static").rglob("*.js"),
        *(ROOT / "recommendations" / "static").rglob("*.js"),
        *(ROOT / "catalog").rglob("static/**/*.js"),
    ]
    weights = {str(path.relative_to(ROOT)): path.stat().st_size for path in scripts}
    assert len(weights) >= 6
    assert sum(weights.values()) < SCRIPTS_MOST, weights


def test_our_styles_name_sides_by_the_direction_of_reading() -> None:
    physical = re.compile(
        r"(?<![\w-])(?:(?:margin|padding|border)-(?:left|right)(?:-\w+)?|(?:left|right)|text-align)\s*:\s*(left|right|[^;]+)"
    )
    for path in [*(ROOT / "static").rglob("*.css"), *(ROOT / "recommendations" / "static").rglob("*.css")]:
        for match in physical.finditer(re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.S)):
            name, value = match.group(0).split(":")[0].strip(), match.group(1).strip()
            assert name == "text-align" and value not in {"left", "right"}, f"{path.name}: {match.group(0)}"  # noqa: PT018
