"""Photos to vectors: ``resolve`` says which network, ``load_embedder`` gives it. Importing this loads no engine."""

from __future__ import annotations

import importlib
from pathlib import Path

from recommendations.embedders.base import Embedder
from recommendations.embedders.presets import EmbedderSpec, resolve
from recommendations.exceptions import EngineError

__all__ = ["ENGINES", "Embedder", "EmbedderSpec", "load_embedder", "resolve"]

#: Engine → where it lives. Looked up when asked for: each of these modules brings a large library with it.
ENGINES = {
    "openvino": ("recommendations.embedders.openvino_embedder", "OpenVINOEmbedder"),
    "tensorflow": ("recommendations.embedders.tensorflow_embedder", "TensorFlowEmbedder"),
}


def load_embedder(spec: EmbedderSpec, *, engine: str, cache_dir: Path) -> Embedder:
    """Return the embedder of this spec. Its network loads at the first ``embed()``, once, whichever thread comes first.

    Args:
        spec: from ``resolve``.
        engine: ``openvino`` or ``tensorflow``.
        cache_dir: where converted networks are kept between processes; made when needed.

    Raises:
        EngineError: no such engine, or its library is not installed.
    """
    if engine not in ENGINES:
        raise EngineError(f"The engine is one of {', '.join(ENGINES)}; got {engine!r}.")
    module, name = ENGINES[engine]
    try:
        made: Embedder = getattr(importlib.import_module(module), name)(spec, cache_dir=cache_dir)
    except ImportError as error:
        raise EngineError(f"The engine {engine!r} cannot be imported ({error}). Run pip install {engine}.") from error
    return made
