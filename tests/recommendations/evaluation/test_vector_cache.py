"""Embedding pictures once."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from recommendations.evaluation import vector_cache
from recommendations.evaluation.geometry import Vectors
from recommendations.evaluation.vector_cache import Picture, VectorCache, embed_pictures
from recommendations.exceptions import InvalidImageError
from tests.embedders import MeanColourEmbedder
from tests.pictures import COLOURS, picture


class CountingEmbedder(MeanColourEmbedder):
    """Counts the pictures it sees, and may break."""

    def __init__(self, breaks_after: int = 10**9) -> None:
        self.seen = 0
        self.breaks_after = breaks_after

    def _embed(self, images: Sequence[Image.Image]) -> np.ndarray:
        if self.seen >= self.breaks_after:
            raise KeyboardInterrupt
        self.seen += len(images)
        return super()._embed(images)


def key(name: str) -> bytes:
    return name.encode().ljust(16, b"\0")


def pictures(*colours: str) -> list[Picture]:
    return [Picture(key(colour), partial(picture, colour)) for colour in colours]


def run(folder: Path, embedder: CountingEmbedder, wanted: list[Picture]) -> np.ndarray:
    cache = VectorCache(folder, embedder.name, embedder.dimensions)
    return embed_pictures(embedder, wanted, cache, progress=lambda n: None)


def test_a_second_run_embeds_only_what_is_new(tmp_path: Path) -> None:
    first = run(tmp_path, CountingEmbedder(), pictures("red", "blue"))
    again = CountingEmbedder()
    second = run(tmp_path, again, pictures("green", "blue", "red"))
    assert again.seen == 1
    assert (second[[2, 1]] == first).all()
    assert (run(tmp_path, CountingEmbedder(breaks_after=0), pictures("green", "red")) == second[[0, 2]]).all()


def test_pictures_that_cannot_be_read_are_nan_and_take_no_other_along(tmp_path: Path) -> None:
    def broken() -> Image.Image:
        raise InvalidImageError("no", code="truncated")

    def gone() -> Image.Image:
        raise FileNotFoundError

    wanted = [*pictures("red"), Picture(key("a"), broken), Picture(key("b"), gone), *pictures("blue")]
    for _ in range(2):
        rows = run(tmp_path, CountingEmbedder(), wanted)
        assert np.isfinite(rows).all(axis=1).tolist() == [True, False, False, True]


def test_progress_is_told_for_every_picture(tmp_path: Path) -> None:
    for _ in range(2):
        told: list[int] = []
        cache = VectorCache(tmp_path, "mean-colour-3", 3)
        embed_pictures(CountingEmbedder(), pictures("red", "blue"), cache, progress=told.append)
        assert sum(told) == 2


def test_what_was_computed_before_a_stop_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vector_cache, "BATCH", 2)
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path, CountingEmbedder(breaks_after=4), pictures(*COLOURS))
    again = CountingEmbedder()
    assert np.isfinite(run(tmp_path, again, pictures(*COLOURS))).all()
    assert again.seen == len(COLOURS) - 4


def test_vectors_are_written_once_in_a_while(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vector_cache, "BATCH", 2)
    monkeypatch.setattr(vector_cache, "KEEP_SECONDS", -1)
    sizes: list[int] = []
    keep = VectorCache.keep

    def counted(self: VectorCache, keys: Sequence[bytes], vectors: Vectors) -> None:
        sizes.append(len(keys))
        keep(self, keys, vectors)

    monkeypatch.setattr(VectorCache, "keep", counted)
    run(tmp_path, CountingEmbedder(), pictures("red", "blue", "green", "teal"))
    assert sizes == [2, 4, 4]


@pytest.mark.parametrize("damage", [b"", b"rubbish" * 50, "cut", "other dimensions"])
def test_a_damaged_or_foreign_file_counts_as_none(tmp_path: Path, damage: bytes | str) -> None:
    expected = run(tmp_path, CountingEmbedder(), pictures("red", "blue"))
    (path,) = tmp_path.iterdir()
    if damage == "cut":
        path.write_bytes(path.read_bytes()[:-5])
    elif isinstance(damage, bytes):
        path.write_bytes(damage)
    else:
        np.save(path, np.zeros((2, 7)))
    again = CountingEmbedder()
    assert (run(tmp_path, again, pictures("red", "blue")) == expected).all()
    assert again.seen == 2


def test_a_full_cache_keeps_the_last_evaluation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vector_cache, "MOST_BYTES", 2 * 28)
    run(tmp_path, CountingEmbedder(), pictures("red", "blue"))
    run(tmp_path, CountingEmbedder(), pictures("green"))
    again = CountingEmbedder()
    run(tmp_path, again, pictures("green", "red"))
    assert again.seen == 1
