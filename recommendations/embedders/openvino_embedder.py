"""OpenVINO runs the network: the default engine, and the one home of OpenVINO."""

from __future__ import annotations

import sys
from collections import deque
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

# OpenVINO reports its use to its makers at import, unless that package is not there. A shop's server keeps to itself.
sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]

import openvino as ov  # noqa: E402 (after the line above)

from recommendations.embedders import converted  # noqa: E402
from recommendations.embedders.network import NetworkEmbedder  # noqa: E402
from recommendations.embedders.presets import EmbedderSpec  # noqa: E402
from recommendations.exceptions import EngineError  # noqa: E402


class OpenVINOEmbedder(NetworkEmbedder):
    """Runs the network converted from Keras, kept in ``cache_dir``; converts it there once when it is missing."""

    engine = "openvino"

    def __init__(self, spec: EmbedderSpec, *, cache_dir: Path) -> None:
        super().__init__(spec, cache_dir=cache_dir)
        self._idle: deque[Any] = deque()
        self._requests: list[Any] = []

    def _load(self) -> Any:
        path = converted.find_or_convert(self.spec, self.cache_dir)
        try:
            core = ov.Core()
            return core.compile_model(core.read_model(path), "CPU", {"PERFORMANCE_HINT": "LATENCY", **_precision(core)})
        except RuntimeError as error:
            raise EngineError(f"OpenVINO cannot run {path}: {error}") from error

    def _run(self, batch: NDArray[np.uint8]) -> NDArray[np.floating]:
        # An infer request serves one caller at a time; they are kept for the next.
        try:
            request = self._idle.pop()
        except IndexError:
            request = self._network.create_infer_request()
            self._requests.append(request)
        try:
            # Copied: the request's own memory is written again by its next caller.
            return np.array(request.infer([batch])[0])
        except RuntimeError as error:
            raise EngineError(f"OpenVINO failed on a batch of shape {batch.shape}: {error}") from error
        finally:
            self._idle.append(request)

    def _parts(self) -> list[Any]:
        return [*super()._parts(), *self._requests]


def _precision(core: Any) -> dict[str, str]:
    """Return bfloat16 where the processor computes in it: twice as fast, cosine to float32 above 0.999 (tested)."""
    fast = "BF16" in core.get_property("CPU", "OPTIMIZATION_CAPABILITIES")
    return {"INFERENCE_PRECISION_HINT": "bf16" if fast else "f32"}


def save_network(graph: Any, path: Path) -> None:
    """Convert a traced TensorFlow function and write it as ``path`` (.xml) and ``.bin`` beside it.

    Constants are kept as float16, as the bundled weights are: half the file, cosine to float32 above 0.99999.
    """
    ov.save_model(ov.convert_model(graph), path, compress_to_fp16=True)
