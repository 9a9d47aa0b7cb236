"""Networks converted for OpenVINO, kept between processes: made once, checked at every load, remade when damaged."""

from __future__ import annotations

import fcntl
import importlib.metadata
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from recommendations.embedders.presets import EmbedderSpec
from recommendations.embedders.weights import file_sha256
from recommendations.exceptions import EngineError, WeightsError

#: Raise it when the network of a spec is built differently: what was converted before is then made again.
FORMAT = 1
#: Seconds one conversion may take, a download of 94 MB included. It takes about ten.
TIME_LIMIT = 480
FILES = ("network.xml", "network.bin")
_ROOT = Path(__file__).resolve().parent.parent.parent


def find_or_convert(spec: EmbedderSpec, cache_dir: Path) -> Path:
    """Return the path of the converted network (.xml), converting it in a process of its own where it is not there.

    Two processes may come at once: one converts, the other waits and takes what it made.

    Raises:
        WeightsError: the weights are missing, damaged, or do not fit.
        EngineError: the conversion failed, or the folder cannot be written.
    """
    folder = cache_dir / _folder_name(spec)
    if not _is_whole(folder, spec):
        try:
            cache_dir.mkdir(parents=True, exist_ok=True)
            with _only_one(cache_dir):
                if not _is_whole(folder, spec):
                    _convert_into(folder, spec)
        except OSError as error:
            raise EngineError(f"The converted network cannot be kept in {cache_dir}: {error}.") from error
    return folder / FILES[0]


def _folder_name(spec: EmbedderSpec) -> str:
    return f"{spec.name}-openvino{importlib.metadata.version('openvino')}-{FORMAT}"


def _is_whole(folder: Path, spec: EmbedderSpec) -> bool:
    """Return whether the folder holds this spec's network, byte for byte as it was written."""
    try:
        manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
        return bool(manifest == _manifest(folder, spec))
    except (OSError, ValueError):
        return False


def _manifest(folder: Path, spec: EmbedderSpec) -> dict[str, object]:
    files = {name: file_sha256(folder / name) for name in FILES}
    # Not the path: the same weights may lie elsewhere next time.
    return {"format": FORMAT, "weights_sha256": spec.weights_sha256, "embedder": spec.name, "files": files}


def _convert_into(folder: Path, spec: EmbedderSpec) -> None:
    """Convert into a new folder and rename it into place. Called by one process at a time."""
    # Whoever was here before and died left its work behind; nobody else is at it now.
    for leftover in folder.parent.glob(".making-*"):
        shutil.rmtree(leftover, ignore_errors=True)
    making = Path(tempfile.mkdtemp(prefix=".making-", dir=folder.parent))
    try:
        _run_conversion(spec, making)
        (making / "manifest.json").write_text(json.dumps(_manifest(making, spec), indent=1), "utf-8")
        for path in making.iterdir():
            with path.open("rb") as file:
                os.fsync(file.fileno())
        making.chmod(0o755)
        if folder.exists():
            # Damaged. Moved, not overwritten: a process that maps the file keeps its own copy alive.
            folder.rename(making / "damaged")
            shutil.rmtree(making / "damaged", ignore_errors=True)
        making.rename(folder)
    finally:
        shutil.rmtree(making, ignore_errors=True)


def _run_conversion(spec: EmbedderSpec, target: Path) -> None:
    fields = {**asdict(spec), "weights_path": str(spec.weights_path) if spec.weights_path else None}
    paths = [str(_ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    # No graphics card: constants are computed on the way, and a card's memory belongs to whoever trains.
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths), "CUDA_VISIBLE_DEVICES": "-1"}
    environment["KERAS_BACKEND"] = "tensorflow"  # whatever a training runs on
    command = [sys.executable, "-m", "recommendations.embedders.convert", json.dumps(fields), str(target)]
    try:
        done = subprocess.run(  # noqa: S603 (our own module, our own arguments)
            command, env=environment, capture_output=True, text=True, timeout=TIME_LIMIT, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise EngineError(f"Converting {spec.name} took longer than {TIME_LIMIT} s and was stopped.") from error
    if done.returncode:
        _raise_fault(spec, done)


def _raise_fault(spec: EmbedderSpec, done: subprocess.CompletedProcess[str]) -> None:
    last = (done.stdout.strip().splitlines() or [""])[-1]
    try:
        fault = json.loads(last)
        kind = WeightsError if fault["error"] == "WeightsError" else EngineError
        message = str(fault["message"])
    except (ValueError, KeyError, TypeError):
        kind = EngineError
        told = " ".join(done.stderr.split())[-800:] or "nothing was said"
        message = f"Converting {spec.name} failed with status {done.returncode}: {told}"
    raise kind(message)


@contextmanager
def _only_one(cache_dir: Path) -> Iterator[None]:
    """Hold the folder's lock; the system releases it when its holder dies."""
    with (cache_dir / ".lock").open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
