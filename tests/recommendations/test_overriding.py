"""A shop replaces the plugin's pages block by block, with templates of the same name of its own."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db

OWN = """{% extends "recommendations/photo_search.html" %}
{% block photo_intro %}<h1>Show us what you saw</h1>{% endblock %}
{% block photo_tips %}{% endblock %}"""


@pytest.fixture
def own_templates(tmp_path: Path, settings: Any) -> Path:
    templates = copy.deepcopy(settings.TEMPLATES)
    templates[0]["DIRS"] = [tmp_path, *templates[0]["DIRS"]]
    settings.TEMPLATES = templates
    folder = tmp_path / "recommendations"
    folder.mkdir()
    return folder


def test_blocks_of_the_photo_page_are_replaced_one_by_one(client: Client, own_templates: Path) -> None:
    (own_templates / "photo_search.html").write_text(OWN)
    page = client.get("/search/photo/").content.decode()
    assert "<h1>Show us what you saw</h1>" in page
    assert 'id="photo-tips"' not in page
    # What was not replaced is there.
    assert "data-photo-form" in page
    assert page.count("<h1") == 1


def test_a_part_that_other_templates_include_is_replaced_by_its_name(client: Client, own_templates: Path) -> None:
    (own_templates / "photo_kept.html").write_text("We keep nothing.")
    assert client.get("/search/photo/").content.decode().count("We keep nothing.") == 2
