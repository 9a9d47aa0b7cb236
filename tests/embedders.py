"""A network for tests that means something, and the app that puts it in place of the ResNet50 in real processes."""

from __future__ import annotations

import logging
from collections.abc import Sequence

import numpy as np
from django.apps import AppConfig
from django.conf import settings
from django.utils.module_loading import import_string
from numpy.typing import NDArray
from PIL import Image

from recommendations.embedders.base import Embedder
from recommendations.exceptions import SwitchPendingError

logger = logging.getLogger(__name__)


class MeanColourEmbedder(Embedder):
    """A photo's vector is its mean colour, so red finds red."""

    name = "mean-colour-3"
    dimensions = 3

    def _embed(self, images: Sequence[Image.Image]) -> NDArray[np.floating]:
        logger.info("computed %d photos", len(images))
        # Centred, so that opposite colours point apart; black is not the zero vector.
        return np.stack([np.asarray(image, np.float64).mean(axis=(0, 1)) - 127.3 for image in images])


class BlueFirstEmbedder(Embedder):
    """The same numbers in another order: where its vectors met those of ``MeanColourEmbedder``, red would find blue."""

    name = "blue-first-3"
    dimensions = 3

    def _embed(self, images: Sequence[Image.Image]) -> NDArray[np.floating]:
        logger.info("computed %d photos", len(images))
        return MeanColourEmbedder()._embed(images)[:, ::-1]


def earlier_embedder(name: str) -> Embedder:
    """Return the embedder of this name, as one that is recorded in the database."""
    for kind in (MeanColourEmbedder, BlueFirstEmbedder):
        if kind.name == name:
            return kind()
    raise SwitchPendingError(f"The weights of {name} are gone.")


class EmbedderOfSettings(AppConfig):
    """Installed by ``tests.settings_processes``: the class ``settings.TEST_EMBEDDER`` names embeds in this process."""

    name = "tests"
    label = "test_embedder"

    def ready(self) -> None:
        from recommendations import current

        embedder: Embedder = import_string(settings.TEST_EMBEDDER)()  # type: ignore[misc]
        current.embedder = lambda: embedder
        current.embedder_name = lambda: embedder.name
        current.recorded_embedder = earlier_embedder
        current.can_embed = lambda name: True
