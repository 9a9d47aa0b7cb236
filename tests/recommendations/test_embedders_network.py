"""The real ResNet50 with the bundled weights, on both engines.

TensorFlow, and whatever forks, runs in processes of its own: neither belongs into the one that runs the tests.
"""

from __future__ import annotations

import gc
import io
import multiprocessing
import os
import select
import signal
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from recommendations import embedders
from recommendations.embedders import converted, presets, weights
from recommendations.exceptions import EngineError, WeightsError
from tests.pictures import COLOURS, encoded, shirt

pytestmark = pytest.mark.network

ROOT = Path(__file__).resolve().parents[2]
INVENTORY = Path(
    os.environ.get("VOGUE_TEST_INVENTORY") or ROOT / "../shared/data/fashion-product-images-small.zip"
).resolve()
FASHION = embedders.resolve("fashion")
LIMIT = 240


def read_photos(count: int) -> list[Image.Image]:
    """Return real photos where this machine has them, drawn ones elsewhere."""
    if not INVENTORY.is_file():
        return [shirt(colour, (200 + 9 * n, 300)) for n, colour in zip(range(count), list(COLOURS) * 99, strict=False)]
    with zipfile.ZipFile(INVENTORY) as archive:
        names = sorted(name for name in archive.namelist() if name.endswith(".jpg"))[:: 37_000 // count][:count]
        return [Image.open(io.BytesIO(archive.read(name))).convert("RGB") for name in names]


def elsewhere(function: Callable[..., Any], *arguments: object) -> Any:
    """Return what the function gives in a fresh process."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:  # Leaving kills a worker that hangs.
        return pool.apply_async(function, arguments).get(LIMIT)


def embed(engine: str, images: Sequence[Image.Image], cache_dir: Path, weights: str = "fashion") -> NDArray[np.float32]:
    return embedders.load_embedder(embedders.resolve(weights), engine=engine, cache_dir=cache_dir).embed(images)


def test_a_plain_ground_is_looked_past(tmp_path: Path) -> None:
    white, green = shirt("blue"), shirt("blue")
    ImageDraw.floodfill(green, (0, 0), (96, 150, 104))
    with_ground = embedders.load_embedder(FASHION, engine="openvino", cache_dir=tmp_path)
    without = embedders.load_embedder(replace(FASHION, ground=""), engine="openvino", cache_dir=tmp_path)
    # Ten go in parts, one goes alone.
    for images in ([white, green], [white] * 9 + [green]):
        first, last = with_ground.embed(images)[[0, -1]]
        plain_first, plain_last = without.embed(images)[[0, -1]]
        assert first @ plain_first > 0.999
        assert first @ last > plain_first @ plain_last + 0.05


@pytest.fixture(scope="module")
def engines(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the converted network."""
    folder = tmp_path_factory.mktemp("engines")
    converted.find_or_convert(FASHION, folder)
    return folder


@pytest.fixture(scope="module")
def photos() -> list[Image.Image]:
    return read_photos(64)


@pytest.fixture(scope="module")
def vectors(engines: Path, photos: list[Image.Image]) -> NDArray[np.float32]:
    """The photos' vectors by OpenVINO."""
    return embed("openvino", photos, engines)


def test_both_engines_give_the_same_vectors(
    engines: Path, photos: list[Image.Image], vectors: NDArray[np.float32]
) -> None:
    other = elsewhere(embed, "tensorflow", photos, engines)
    assert vectors.shape == other.shape == (64, 256)
    assert (vectors * other).sum(axis=1).min() >= 0.999


def test_a_photos_vector_does_not_depend_on_its_company(
    engines: Path, photos: list[Image.Image], vectors: NDArray[np.float32]
) -> None:
    alone = np.concatenate([embed("openvino", [photo], engines) for photo in photos[:9]])
    assert (alone * vectors[:9]).sum(axis=1).min() > 0.9999


def test_a_garment_is_nearer_to_itself_smaller_than_to_any_other(
    engines: Path, photos: list[Image.Image], vectors: NDArray[np.float32]
) -> None:
    again = [Image.open(io.BytesIO(encoded(photo.resize((54, 72)), quality=70))) for photo in photos]
    nearest = (embed("openvino", again, engines) @ vectors.T).argmax(axis=1)
    assert (nearest == np.arange(64)).mean() > 0.9


def test_the_colour_of_a_garment_counts(engines: Path) -> None:
    red, crimson, blue = embed("openvino", [shirt("red"), shirt("red", (330, 400)), shirt("blue")], engines)
    assert red @ crimson > red @ blue


def by_hand(images: Sequence[Image.Image]) -> tuple[NDArray[np.floating], NDArray[np.floating]]:
    """Return vectors as training computes them, step by step, and as the whole network gives them. Not unit length."""
    import keras

    from recommendations.embedders import preprocessing, resnet50

    squares = preprocessing.prepare(images, FASHION)
    whole = resnet50.build(FASHION)
    arrays = weights.read_arrays(presets.BUNDLED)
    head = {name: arrays[name].astype(np.float64) for name in resnet50.HEAD}
    ready = keras.applications.resnet50.preprocess_input(squares.astype(np.float32))
    backbone = resnet50.build_backbone(FASHION.input_size)
    resnet50.fill_backbone(backbone, arrays, FASHION)
    layers = [backbone.output, *(backbone.get_layer(name).output for name in FASHION.taps)]
    features, *taps = (np.asarray(maps, np.float64) for maps in keras.Model(backbone.input, layers)(ready))
    p = head["gem/p"]
    pooled = (np.maximum(features, 1e-6) ** p).mean(axis=(1, 2)) ** (1 / p)
    pooled = np.concatenate([pooled, *(maps.mean(axis=(1, 2)) for maps in taps)], axis=1)
    centred = pooled @ head["projection/kernel"] - head["projection_bn/moving_mean"]
    normed = centred / np.sqrt(head["projection_bn/moving_variance"] + 1e-5)
    embedding = normed * head["projection_bn/gamma"] + head["projection_bn/beta"]
    parts = [embedding / np.linalg.norm(embedding, axis=1, keepdims=True)]
    kernel, bias = (arrays[name].astype(np.float64) for name in resnet50.LABEL_PROJECTION)
    told_from = pooled @ kernel + bias
    told_from /= np.linalg.norm(told_from, axis=1, keepdims=True)
    for label in FASHION.labels:
        shares = np.exp(16 * told_from @ arrays[f"labels/{label}/kernel"].astype(np.float64))
        shares /= shares.sum(axis=1, keepdims=True)
        parts.append(arrays[f"labels/{label}/weight"] * np.sqrt(shares))
    turned = np.concatenate(parts, axis=1) @ arrays["turn/kernel"].astype(np.float64)
    return turned, whole.predict(squares, verbose=0)


def test_the_network_computes_what_training_did(photos: list[Image.Image]) -> None:
    expected, given = elsewhere(by_hand, photos[:8])
    assert given == pytest.approx(expected, rel=1e-3, abs=1e-3)


def test_no_tensorflow_enters_a_process_that_embeds(tmp_path: Path) -> None:
    """Not even the one that finds no converted network and has it made."""
    code = f"""
import sys; from pathlib import Path; from PIL import Image; from recommendations import embedders
spec = embedders.resolve("fashion")
network = embedders.load_embedder(spec, engine="openvino", cache_dir=Path({str(tmp_path)!r}))
assert "openvino" in sys.modules and network.embed([Image.new("RGB", (60, 80))]).shape == (1, 256)
print(sorted({{name.partition(".")[0] for name in sys.modules if sys.modules[name]}}
             & {{"tensorflow", "keras", "django", "openvino_telemetry"}}))
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.stdout, done.returncode) == ("[]\n", 0), done.stderr


@pytest.mark.fault
@pytest.mark.parametrize("damage", ["flipped", "cut", "manifest"])
def test_a_damaged_network_is_not_taken_for_whole(engines: Path, damage: str, tmp_path: Path) -> None:
    folder = tmp_path / converted._folder_name(FASHION)
    subprocess.run(["cp", "-r", engines / folder.name, folder], check=True)
    assert converted._is_whole(folder, FASHION)
    data = bytearray((folder / "network.bin").read_bytes())
    if damage == "manifest":
        (folder / "manifest.json").unlink()
    else:
        data[len(data) // 2] ^= 1
        (folder / "network.bin").write_bytes(data if damage == "flipped" else data[:-4096])
    assert not converted._is_whole(folder, FASHION)


@pytest.mark.fault
def test_two_processes_that_find_a_damaged_network_remake_it_once(tmp_path: Path) -> None:
    folder = tmp_path / converted._folder_name(FASHION)
    folder.mkdir()
    (folder / "network.xml").write_text("<net/>")
    (tmp_path / ".making-by-one-who-died").mkdir()
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        stamps = pool.map_async(find_and_stamp, [tmp_path, tmp_path], chunksize=1).get(LIMIT)
    assert stamps[0] == stamps[1]
    assert converted._is_whole(folder, FASHION)
    assert sorted(path.name for path in tmp_path.iterdir()) == [".lock", folder.name]


def find_and_stamp(cache_dir: Path) -> tuple[str, int]:
    path = converted.find_or_convert(FASHION, cache_dir)
    return str(path), path.stat().st_mtime_ns


@pytest.mark.fault
def test_weights_that_do_not_fit_are_told_by_the_one_who_asked(tmp_path: Path) -> None:
    path = tmp_path / "own.npz"
    arrays: dict[str, Any] = {"conv1_conv/kernel": np.zeros((7, 7, 3, 64), np.float16)}
    np.savez(path, **arrays)
    embedder = embedders.load_embedder(embedders.resolve(str(path)), engine="openvino", cache_dir=tmp_path / "engines")
    with pytest.raises(WeightsError, match=r"own\.npz: expected 324 arrays, received 1; missing conv1_bn/beta"):
        embedder.embed([shirt("red")])
    started = time.monotonic()
    with pytest.raises(WeightsError, match="expected 324 arrays"):
        embedder.embed([shirt("red")])
    assert time.monotonic() - started < 1  # Remembered: importing TensorFlow alone takes longer.
    assert [path.name for path in (tmp_path / "engines").iterdir()] == [".lock"]


@pytest.mark.fault
def test_a_cache_that_cannot_be_written_is_an_engine_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(EngineError, match="cannot be kept in"):
        embed("openvino", [shirt("red")], tmp_path / "file" / "engines")


def test_threads_that_come_at_once_load_one_network_and_agree(
    engines: Path, photos: list[Image.Image], vectors: NDArray[np.float32]
) -> None:
    embedder = embedders.load_embedder(FASHION, engine="openvino", cache_dir=engines)
    rows: dict[int, NDArray[np.float32]] = {}
    together = threading.Barrier(8)

    def work(n: int) -> None:
        together.wait()
        for _ in range(5):
            rows[n] = embedder.embed([photos[n]])[0]

    threads = [threading.Thread(target=work, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(LIMIT)
    assert min(float(rows[n] @ vectors[n]) for n in range(8)) > 0.9999


def runs_before_a_network_is_shared(cache_dir: Path) -> list[bool]:
    """Embed a long list in a fresh process; return for each pass, in order, whether nobody else could run one."""
    from recommendations.embedders import openvino_embedder

    embedder = embedders.load_embedder(embedders.resolve("fashion"), engine="openvino", cache_dir=cache_dir)
    alone: list[bool] = []
    run = openvino_embedder.Runner.run

    def watched(runner: openvino_embedder.Runner, batch: NDArray[np.uint8]) -> NDArray[np.floating]:
        alone.append(embedder._lock.locked())  # type: ignore[attr-defined]
        return run(runner, batch)

    openvino_embedder.Runner.run = watched  # type: ignore[assignment, method-assign]
    embedder.embed([Image.new("RGB", (60, 80))] * 32)
    return alone


def test_the_first_pass_runs_alone_because_two_at_once_could_wait_for_each_other_for_ever(engines: Path) -> None:
    """OpenVINO's binding sets numpy up in C++ statics at its first use; two threads there at once hang (1 in 12)."""
    alone = elsewhere(runs_before_a_network_is_shared, engines)
    assert alone[0] is True
    assert alone[1:] == [False] * 4


def fork_after_loading(engine: str, cache_dir: Path, again: bool) -> str:
    """Load in this process, fork, embed in the child with the same embedder or a new one; return what it said."""
    photo = shirt("red")
    embedder = embedders.load_embedder(FASHION, engine=engine, cache_dir=cache_dir)
    embedder.embed([photo])
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        try:
            if again:
                embedder = embedders.load_embedder(FASHION, engine=engine, cache_dir=cache_dir)
            said = str(embedder.embed([photo]).shape)
        except EngineError as error:
            said = f"EngineError: {error}"
        del embedder  # Taking the parent's network down would wait for threads the child does not have.
        gc.collect()
        os.write(writer, said.encode())
        os._exit(0)
    os.close(writer)
    ended, _, _ = select.select([reader], [], [], 60)
    if not ended:
        os.kill(child, signal.SIGKILL)
    with os.fdopen(reader, "rb") as file:
        said = file.read().decode()
    os.waitpid(child, 0)
    assert embedder.embed([photo]).shape == (1, 256)  # The parent goes on as before.
    return said


@pytest.mark.fault
@pytest.mark.parametrize("again", [False, True], ids=["the same embedder", "a new embedder"])
@pytest.mark.parametrize("engine", ["openvino", "tensorflow"])
def test_a_network_loaded_before_a_fork_is_refused_in_the_child(engines: Path, engine: str, again: bool) -> None:
    assert f"EngineError: {engine} was loaded in process" in elsewhere(fork_after_loading, engine, engines, again)
