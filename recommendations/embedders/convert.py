"""Convert one network for OpenVINO: ``python -m recommendations.embedders.convert SPEC_JSON FOLDER``.

A program of its own, run by ``converted.find_or_convert``: TensorFlow enters this process and no other. Writes
``network.xml`` and ``network.bin``. On a fault: exit status 3 and one line of JSON, the error's class and message.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from recommendations.embedders import openvino_embedder, resnet50
from recommendations.embedders.presets import EmbedderSpec
from recommendations.exceptions import VogueError

FAULT = 3


def main(arguments: list[str]) -> int:
    """Build the network, convert it, write it; return the exit status."""
    fields = json.loads(arguments[0])
    path = fields.pop("weights_path")
    spec = EmbedderSpec(weights_path=Path(path) if path else None, **fields)
    try:
        graph = resnet50.compile_graph(resnet50.build(spec), spec)
        openvino_embedder.save_network(graph.get_concrete_function(), Path(arguments[1]) / "network.xml")
    except VogueError as error:
        sys.stdout.write(json.dumps({"error": type(error).__name__, "message": str(error)}) + "\n")
        return FAULT
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
