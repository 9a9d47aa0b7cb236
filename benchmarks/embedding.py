"""Photos per second from JPEG bytes to vectors: ``python -m benchmarks.embedding [--photos N] [--rounds N] [--check]``.

Beside Vogue's engines runs the loop most scripts of this kind use: ``load_img``, ``preprocess_input`` and one
``model.predict`` per photo at 224 x 224. All take turns in short rounds, and the best round of each counts: what else
the machine does only makes a round slower. It slows engines that use every processor most, so ratios mean something on
an idle machine only; the load is printed with them. Photos: ``VOGUE_TEST_INVENTORY`` (a zip with ``images/*.jpg``), or
drawn ones of 600 x 800.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import os
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from PIL import Image, ImageDraw

from recommendations import embedders
from recommendations.embedders import Embedder
from recommendations.evaluation.dataset import spread
from recommendations.images import LOOK_SIDE, decode_image
from recommendations.signatures import signature

#: Contender → how many times the loop it is expected to reach.
GOALS = {"OpenVINO, 224 x 224, batches": 6.0, "OpenVINO, fashion, batches": 20.0}
LOOP = "the loop: one predict per photo, 224 x 224"


class Contender(NamedTuple):
    """One way from photos to vectors, and how many photos a round gives it."""

    name: str
    run: Callable[[Sequence[bytes]], object]
    share: int


def main(arguments: list[str] | None = None) -> int:
    """Measure, print the table; with ``--check`` return 1 where a goal is missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.embedding", description=__doc__)
    parser.add_argument("--photos", type=int, default=32, help="photos each fast contender embeds in a round")
    parser.add_argument("--rounds", type=int, default=9, help="rounds; the best counts")
    parser.add_argument("--check", action="store_true", help="fail where a goal is missed")
    options = parser.parse_args(arguments)
    before = os.getloadavg()[0]
    photos, source = read_photos(options.photos)
    with tempfile.TemporaryDirectory(prefix="vogue-bench-") as folder:
        rows = measure(contenders(Path(folder), options.photos), photos, options.rounds)
    print(f"JPEG bytes to vectors, decoding included; {len(photos)} {source}; {os.cpu_count()} processors")
    print(f"load before: {before:.1f} (on an idle machine near 0)")
    print_table(rows)
    print(f"beside it a task makes checksum and signature: {1e3 * seconds_beside(photos):.2f} ms of a core a photo")
    missed = [name for name, goal in GOALS.items() if rows[name] / rows[LOOP] < goal]
    for name, goal in GOALS.items():
        print(f"{'missed' if name in missed else 'reached'}: {name}: at least {goal:.0f} x the loop")
    return 1 if missed and options.check else 0


def contenders(folder: Path, photos: int) -> list[Contender]:
    """Return everyone who takes part, the loop first. Random weights stand in for ImageNet's: as much to compute."""
    random, fashion = embedders.resolve("random"), embedders.resolve("fashion")
    made = [Contender(LOOP, naive_loop(), min(6, photos))]
    for engine, shown in (("tensorflow", "TensorFlow"), ("openvino", "OpenVINO")):
        for spec, what in ((random, "224 x 224"), (fashion, "fashion")):
            embedder = embedders.load_embedder(spec, engine=engine, cache_dir=folder)
            made.append(Contender(f"{shown}, {what}, batches", in_batches(embedder), photos))
            if engine == "openvino":
                made.append(Contender(f"{shown}, {what}, one by one", one_by_one(embedder), photos // 2 or 1))
    return made


def naive_loop() -> Callable[[Sequence[bytes]], object]:
    """Return the loop to compare with; its ResNet50 has random weights, which take as long as any."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    import keras

    model: Any = keras.applications.ResNet50(include_top=False, weights=None, pooling="max", input_shape=(224, 224, 3))

    def run(photos: Sequence[bytes]) -> object:
        vectors = []
        for data in photos:
            pixels = keras.utils.img_to_array(keras.utils.load_img(io.BytesIO(data), target_size=(224, 224)))
            ready = keras.applications.resnet50.preprocess_input(np.expand_dims(pixels, axis=0))
            vector = model.predict(ready, verbose=0).flatten()
            vectors.append(vector / np.linalg.norm(vector))
        return vectors

    return run


def decode(data: bytes) -> Image.Image:
    """Return the photo through the shop's own door, all its checks included."""
    return decode_image(data, max_bytes=30_000_000, max_pixels=60_000_000, target=LOOK_SIDE)


def in_batches(embedder: Embedder) -> Callable[[Sequence[bytes]], object]:
    """Return how tasks and commands turn a batch of files into vectors."""

    def run(photos: Sequence[bytes]) -> object:
        with ThreadPoolExecutor(2) as pool:
            return embedder.embed(list(pool.map(decode, photos)))

    return run


def seconds_beside(photos: Sequence[bytes]) -> float:
    """Return what a task spends on a photo beside its vector: seconds of a core for checksum and signature."""
    images = [decode(data) for data in photos]
    started = time.thread_time()
    for data, image in zip(photos, images, strict=True):
        hashlib.sha256(data).hexdigest()
        signature(image)
    return (time.thread_time() - started) / len(photos)


def one_by_one(embedder: Embedder) -> Callable[[Sequence[bytes]], object]:
    """Return what photo searches do."""
    return lambda photos: [embedder.embed([decode(data)]) for data in photos]


def measure(all_contenders: list[Contender], photos: Sequence[bytes], rounds: int) -> dict[str, float]:
    """Return photos per second by contender: the best of the rounds, a warm-up round left out."""
    speeds: dict[str, list[float]] = {contender.name: [] for contender in all_contenders}
    for turn in range(rounds + 1):
        for contender in all_contenders:
            part = photos[: contender.share]
            started = time.perf_counter()
            contender.run(part)
            if turn:
                speeds[contender.name].append(len(part) / (time.perf_counter() - started))
    return {name: max(values) for name, values in speeds.items()}


def print_table(rows: dict[str, float]) -> None:
    """Print photos per second, milliseconds per photo and the ratio to the loop."""
    width = max(map(len, rows))
    print(f"{'':{width}}  {'photos/s':>9}  {'ms each':>8}  {'x loop':>7}")
    for name, speed in rows.items():
        print(f"{name:{width}}  {speed:9.1f}  {1000 / speed:8.2f}  {speed / rows[LOOP]:7.1f}")


def read_photos(count: int) -> tuple[list[bytes], str]:
    """Return JPEG photos as file bytes, and what they are."""
    inventory = os.environ.get("VOGUE_TEST_INVENTORY")
    if not inventory:
        return [draw_photo(seed) for seed in range(count)], "drawn photos of 600 x 800"
    with zipfile.ZipFile(inventory) as archive:
        # From all over the set: neighbours in it are often from one shoot, on one ground.
        names = spread([name for name in archive.namelist() if name.endswith(".jpg")], count)
        return [archive.read(name) for name in names], f"photos of {Path(inventory).name}"


def draw_photo(seed: int) -> bytes:
    """Return a garment-like shape with noise, 600 x 800, as JPEG bytes: about as hard to decode as a photo."""
    numbers = np.random.default_rng(seed)
    image = Image.new("RGB", (600, 800), "white")
    colour = tuple(int(value) for value in numbers.integers(0, 220, 3))
    corners = [(150, 120), (450, 120), (560, 300), (450, 330), (440, 700), (160, 700), (150, 330), (40, 300)]
    ImageDraw.Draw(image).polygon([(x + int(numbers.integers(-20, 20)), y) for x, y in corners], fill=colour)
    pixels = np.asarray(image, np.int16) + numbers.integers(-9, 10, (800, 600, 3), np.int16)
    buffer = io.BytesIO()
    Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).save(buffer, "JPEG", quality=90)
    return buffer.getvalue()


if __name__ == "__main__":
    sys.exit(main())
