"""TensorFlow runs the network: the engine that defines the vectors. Slower than OpenVINO, thrice the memory."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommendations.embedders import resnet50
from recommendations.embedders.network import NetworkEmbedder
from recommendations.exceptions import EngineError


class TensorFlowEmbedder(NetworkEmbedder):
    """Runs the network as one compiled graph, traced once for any number of photos."""

    engine = "tensorflow"

    def _load(self) -> Any:
        resnet50.bound_threads()
        return resnet50.compile_graph(resnet50.build(self.spec), self.spec)

    def _run(self, batch: NDArray[np.uint8]) -> NDArray[np.floating]:
        try:
            rows: NDArray[np.floating] = self._network(batch).numpy()
        except resnet50.RunError as error:
            raise EngineError(f"TensorFlow failed on a batch of shape {batch.shape}: {error}") from error
        return rows
