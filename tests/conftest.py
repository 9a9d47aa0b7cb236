"""Fixtures all tests share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache, caches
from django.utils import translation

from recommendations import current
from tests.embedders import MeanColourEmbedder
from tests.services import _postgres, _shared_redis, chromium, postgres_url, redis_server, redis_url

#: Fixtures that live in a module of their own.
__all__ = ["_postgres", "_shared_redis", "chromium", "postgres_url", "redis_server", "redis_url"]

#: Seconds for a test that breaks a part on purpose and names no limit of its own: where what breaks hangs, that shows.
FAULT_SECONDS = 120


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give every such test a time limit."""
    for item in items:
        if item.get_closest_marker("fault") and not item.get_closest_marker("timeout"):
            item.add_marker(pytest.mark.timeout(FAULT_SECONDS))


@pytest.fixture
def colours(monkeypatch: pytest.MonkeyPatch) -> MeanColourEmbedder:
    """Put the mean-colour embedder in place of the ResNet50."""
    embedder = MeanColourEmbedder()
    monkeypatch.setattr(current, "embedder", lambda: embedder)
    monkeypatch.setattr(current, "embedder_name", lambda: embedder.name)
    return embedder


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, settings: Any) -> Iterator[None]:
    """Give every test its own media and index folders, and nothing in the cache or loaded."""
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.VOGUE = {**settings.VOGUE, "DATA_DIR": tmp_path / "vogue"}
    cache.clear()
    caches["photos"].clear()
    current.forget()
    yield
    current.forget()
    # A request in another language leaves it behind in its thread.
    translation.deactivate()
