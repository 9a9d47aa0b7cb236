"""Fixtures all tests share."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from django.core.cache import cache
from numpy.typing import NDArray
from PIL import Image

from recommendations import current
from recommendations.embedders.base import Embedder
from tests.services import _postgres, _shared_redis, chromium, postgres_url, redis_server, redis_url

#: Fixtures that live in a module of their own.
__all__ = ["_postgres", "_shared_redis", "chromium", "postgres_url", "redis_server", "redis_url"]


class MeanColourEmbedder(Embedder):
    """A photo's vector is its mean colour, so red finds red."""

    name = "mean-colour-3"
    dimensions = 3

    def _embed(self, images: Sequence[Image.Image]) -> NDArray[np.floating]:
        # Centred, so that opposite colours point apart; black is not the zero vector.
        return np.stack([np.asarray(image, np.float64).mean(axis=(0, 1)) - 127.3 for image in images])


@pytest.fixture
def colours(monkeypatch: pytest.MonkeyPatch) -> MeanColourEmbedder:
    """Put the mean-colour embedder in place of the ResNet50."""
    embedder = MeanColourEmbedder()
    monkeypatch.setattr(current, "embedder", lambda: embedder)
    monkeypatch.setattr(current, "embedder_name", lambda: embedder.name)
    return embedder


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, settings: pytest.FixtureRequest) -> Iterator[None]:
    """Give every test its own media and index folders, and nothing in the cache or loaded."""
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.VOGUE = {**settings.VOGUE, "DATA_DIR": tmp_path / "vogue"}
    cache.clear()
    current.forget()
    yield
    current.forget()
