"""OpenVINO runs the network: the default engine, and the one home of OpenVINO."""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

# OpenVINO reports its use to its makers at import, unless that package is not there. A shop's server keeps to itself.
sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]

import openvino as ov  # noqa: E402 (after the line above)

from recommendations.embedders import converted  # noqa: E402
from recommendations.embedders.network import NetworkEmbedder  # noqa: E402
from recommendations.embedders.preprocessing import prepare  # noqa: E402
from recommendations.embedders.presets import EmbedderSpec  # noqa: E402
from recommendations.exceptions import EngineError  # noqa: E402


class Runner:
    """The network compiled for one purpose, and its infer requests. Safe to run from many threads at once."""

    def __init__(self, core: Any, model: Any, hint: str) -> None:
        self.network = core.compile_model(model, "CPU", {"PERFORMANCE_HINT": hint, **_precision(core)})
        self.streams = int(self.network.get_property("OPTIMAL_NUMBER_OF_INFER_REQUESTS"))
        self.requests: list[Any] = []
        self._idle: deque[Any] = deque()

    def run(self, batch: NDArray[np.uint8]) -> NDArray[np.floating]:
        """Return raw rows (n, dimensions)."""
        # A request serves one caller at a time; it is kept for the next.
        try:
            request = self._idle.pop()
        except IndexError:
            request = self.network.create_infer_request()
            self.requests.append(request)
        try:
            # Copied: the request's own memory is written again by its next caller.
            return np.array(request.infer([batch])[0])
        except RuntimeError as error:
            raise EngineError(f"OpenVINO failed on a batch of shape {batch.shape}: {error}") from error
        finally:
            self._idle.append(request)


class OpenVINOEmbedder(NetworkEmbedder):
    """Runs the network converted from Keras, kept in ``cache_dir``; converts it there once when it is missing."""

    engine = "openvino"

    def __init__(self, spec: EmbedderSpec, *, cache_dir: Path) -> None:
        super().__init__(spec, cache_dir=cache_dir)
        self._runners: dict[str, Runner] = {}

    def _load(self) -> Any:
        path = converted.find_or_convert(self.spec, self.cache_dir)
        try:
            core = ov.Core()
            return core, core.read_model(path)
        except RuntimeError as error:
            raise EngineError(f"OpenVINO cannot read {path}: {error}") from error

    def _runner(self, hint: str) -> Runner:
        """Return the network compiled for this purpose: a web process never needs the other, a worker rarely."""
        with self._lock:
            if hint not in self._runners:
                core, model = self._network
                try:
                    runner = Runner(core, model, hint)
                except RuntimeError as error:
                    raise EngineError(f"OpenVINO cannot run {self.name}: {error}") from error
                # Once alone: two threads that meet numpy for the first time inside OpenVINO's binding wait for each
                # other for ever, one holding Python's lock, the other that of a C++ static.
                runner.run(prepare([Image.new("RGB", (8, 8))], self.spec))
                self._runners[hint] = runner
            return self._runners[hint]

    def _run(self, batch: NDArray[np.uint8]) -> NDArray[np.floating]:
        return self._runner("LATENCY").run(batch)

    def _run_parts(self, parts: Sequence[Sequence[Image.Image]]) -> list[NDArray[np.floating]]:
        # A part to each processor, rather than all processors to each part: a fifth less work, and nobody waits for
        # the slowest of them at every layer.
        runner = self._runner("THROUGHPUT")
        with ThreadPoolExecutor(runner.streams, thread_name_prefix="vogue-embed") as pool:
            return list(pool.map(lambda part: self._look(part, runner.run), parts))

    def _parts(self) -> list[Any]:
        runners = list(self._runners.values())
        return [*super()._parts(), *(part for runner in runners for part in (runner.network, *runner.requests))]


def _precision(core: Any) -> dict[str, str]:
    """Return bfloat16 where the processor computes in it: twice as fast, cosine to float32 above 0.999 (tested)."""
    fast = "BF16" in core.get_property("CPU", "OPTIMIZATION_CAPABILITIES")
    return {"INFERENCE_PRECISION_HINT": "bf16" if fast else "f32"}


def save_network(graph: Any, path: Path) -> None:
    """Convert a traced TensorFlow function and write it as ``path`` (.xml) and ``.bin`` beside it.

    Constants are kept as float16, as the bundled weights are: half the file, cosine to float32 above 0.99999.
    """
    ov.save_model(ov.convert_model(graph), path, compress_to_fp16=True)
