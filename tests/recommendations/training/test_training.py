"""A training from end to end, with a tiny network on drawn products; and what it leaves behind is served as trained."""

from __future__ import annotations

import json
import multiprocessing
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from recommendations.embedders import presets, weights
from tests.recommendations.training import actors
from tests.recommendations.training.drawn import drawn_zip

LIMIT = 300
ROOT = Path(__file__).resolve().parents[3]


def elsewhere(function: Callable[..., Any], *arguments: object) -> Any:
    """Return what the function gives in a fresh process: TensorFlow does not belong into this one."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply_async(function, arguments).get(LIMIT)


@pytest.mark.parametrize(("stages", "views"), [("conv5:1@0.02,conv3:1@0.02", 2), ("all:2@0.02", 0)])
def test_a_tiny_network_learns_and_resumes_to_the_number(tmp_path: Path, stages: str, views: int) -> None:
    found = elsewhere(actors.train_tiny, str(tmp_path), stages, views)
    start, *epochs = [figures["precision@5/all"] for figures in found["history"]]
    assert len(epochs) == 2
    assert max(epochs) > start, "it must find more neighbours of the same kind and colour than it did untrained"
    assert found["apart"] == 0.0, "going on after a break must give the very same network"
    assert found["resumed"] == found["history"]
    assert 0 < found["steps again"] < found["steps"], "it must go on, not begin anew"
    assert found["kept"] == bool(views)
    names = {name.split("/")[1] for name in found["history"][-1] if name.startswith("articleType/")}
    assert names == {"accuracy", "loss", "macro_f1"}


def test_learning_from_a_teacher_resumes_to_the_number(tmp_path: Path) -> None:
    found = elsewhere(actors.train_tiny, str(tmp_path), "conv3:2@0.02", 0, 5.0)
    assert found["apart"] == 0.0
    assert found["resumed"] == found["history"]
    assert 0 < found["steps again"] < found["steps"]


def test_labels_can_be_learned_without_moving_the_embedding(tmp_path: Path) -> None:
    found = elsewhere(actors.learn_labels, str(tmp_path))
    assert found["moved"] == 0.0
    start, *epochs = found["accuracy"]
    assert max(epochs) > start + 0.1
    assert found["best"][0] == found["best"][1], "labels are judged by precision, whatever they cost of recall"
    rows, best, (anew, last) = found["followed"]
    assert rows == 4, "at the start, after labels, before the head, after it"
    figures = [each["precision@5/all"] + each["recall@1"] for each in (anew, last)]
    assert best == max(figures), "what follows labels is judged by recall, too"
    assert found["kept"] == [200, 8 * 90], "of products that train the photo as it is alone"


def test_labels_can_be_told_from_a_projection_of_their_own(tmp_path: Path) -> None:
    found = elsewhere(actors.tell_labels_from_features, str(tmp_path))
    assert found["moved"] == 0.0, "the embedding, and all that is below it, stays"
    assert found["learned"] > 1e-3
    start, *epochs = found["accuracy"]
    assert max(epochs) > start + 0.1
    assert max(found["precision"][1:]) > found["precision"][0]
    assert found["kept"] == [3 * 200, 8 * 90], "changed views are learned from, too"
    assert found["apart"] == 0.0, "going on after a break must give the very same network"
    assert found["weights"]
    carried = ({"articleType": 0.3}, ["labels/articleType/kernel", "labels/articleType/weight"])
    assert found["carried"] == carried, "as it was told, and nothing else"
    assert found["none chosen"] == ({}, []), "what labels are told from is of no use without them"
    assert found["shapes"]["labels_projection/kernel"] == (40, 12)
    assert {shape[0] for name, shape in found["shapes"].items() if name.endswith("Type/kernel")} == {12}


def test_a_teacher_makes_a_view_tell_what_its_photo_does(tmp_path: Path) -> None:
    found = elsewhere(actors.learn_from_a_teacher, str(tmp_path))
    apart = 1 - found["alike before"]
    assert 1 - found["alike after"] < 0.8 * apart, "of products it has not learned from"
    assert found["moved"] < 0.5 * apart, "photos as they are stay about where they were"
    assert found["norms moved"] == 0.0
    assert found["labels"] == 0, "no label has been learned"
    assert found["learned"] > 1e-3
    assert found["off a quarter"] < 1e-6, "that share of what was learned is kept"


def test_distilling_makes_a_view_tell_what_its_photo_does(tmp_path: Path) -> None:
    found = elsewhere(actors.distil, str(tmp_path))
    assert 1 - found["alike 1"] < 0.7 * (1 - found["alike 0"]), "of products it was not fitted to"
    assert found["moved"] < 0.3 * (1 - found["alike 0"]), "photos as they are stay about where they were"


def test_losses_have_the_values_worked_out_by_hand() -> None:
    found = elsewhere(actors.losses)
    assert found["right"] == pytest.approx(1.1e-7, abs=1e-6)
    assert found["wrong"] == pytest.approx(16.0, abs=1e-3)
    assert found["undecided"] == pytest.approx(0.6931, abs=1e-3)
    assert found["unknown left out"] == pytest.approx(found["right"], abs=1e-6)
    assert found["found"] < 1e-3
    assert found["lost"] > 1.0
    assert found["taught"] == pytest.approx(0.0, abs=1e-4)
    assert found["untaught"] == pytest.approx(1 + 0.05 / 0.07, abs=1e-3), "nothing alike, and each nearest to another"


def test_an_epoch_is_judged_by_looks_and_labels_together() -> None:
    found = elsewhere(actors.fusion)
    assert found["without"]["recall@1"] == found["joined"]["recall@1"] == 1.0
    assert found["without"]["precision@5/all"] < 0.3
    assert found["joined"]["precision@5/all"] > 0.35
    assert found["as a rule"] == found["joined"]
    assert found["better"] > 0.15, "what decides which epoch is kept has to see what labels add"
    assert found["found again counts"] == [0.5, 0.0], "how much of it labels may cost is chosen afterwards"
    (first, across), (_across, second) = found["steadied"]
    assert second == pytest.approx(1.0)
    assert first == pytest.approx(0.5**0.5), "the variance of a change counts beside twice the mean of all"
    assert across == pytest.approx(0.0, abs=1e-6)
    assert found["second view"] > 1e-3, "every changed view has a say in what counts less"
    # Of labels that lose a photo its own product there is less.
    assert found["right"]["articleType"] > found["wrong"]["articleType"]


@pytest.mark.network
@pytest.mark.parametrize("label_dimensions", [0, 12])
def test_a_trained_network_is_served_as_it_was_trained(tmp_path: Path, label_dimensions: int) -> None:
    found = elsewhere(actors.served_as_trained, str(tmp_path), label_dimensions)
    assert ("labels_projection/bias" in found["refused"]) == bool(label_dimensions), "half a projection is none"
    assert found["cosine"] > 0.9995
    assert found["in parts"] < 1e-4
    # 6 blocks of three convolutions and 3 of three, and a shortcut for each group.
    assert found["open"] == (6 * 3 + 1 + 3 * 3 + 1, []), (
        "with a teacher the groups that are open learn, but no batch norm"
    )
    assert found["apart"] > 0.01, "vectors that are all alike prove nothing"


@pytest.mark.network
def test_the_command_leaves_weights_a_card_and_a_comparison(tmp_path: Path) -> None:
    run = manage(tmp_path, *SMALL)
    assert run.returncode == 0, run.stderr
    record = json.loads((tmp_path / "out" / "trained.json").read_text("utf-8"))
    assert record["sha256"] == weights.file_sha256(tmp_path / "out" / "trained.npz")
    assert (tmp_path / "out" / "trained.npz").stat().st_size < 50_000_000
    spec = presets.resolve(str(tmp_path / "out" / "trained.npz"))
    assert (spec.input_size, spec.dimensions, spec.taps) == (32, 16, presets.TAPS[:2])
    card = (tmp_path / "out" / "trained.md").read_text("utf-8")
    for part in ("## Data and split", "## Recipe", "## Against the weights in use", "## Limits", "## Licence"):
        assert part in card
    assert "all p@5" in card
    assert any((tmp_path / "out" / "logs").iterdir())
    again = manage(tmp_path, *SMALL)
    assert again.returncode == 1
    assert "--resume" in again.stderr, "what is there already is not trained over"


def test_the_command_says_what_is_wrong_before_it_loads_anything(tmp_path: Path) -> None:
    assert "labels, head, conv5" in manage(tmp_path, "--stages", "tail:1@0.1").stderr
    assert "NAME=0.5" in manage(tmp_path, "--label", "articleType").stderr
    assert "two trainings" in manage(tmp_path, "--teacher", "5", "--stages", "labels:1@0.5").stderr
    assert "they alone" in manage(tmp_path, "--label-dimensions", "64", "--stages", "head:1@0.1").stderr
    assert "label dimensions" in manage(tmp_path, "--label-dimensions", "-1", "--stages", "labels:1@0.1").stderr
    assert "cannot carry hue" in manage(tmp_path, *SMALL, "--carry", "hue=0.3").stderr
    assert "carried labels" in manage(tmp_path, *SMALL, "--carry", "gender=-1").stderr
    assert "kept views" in manage(tmp_path, *SMALL, "--distil", "0.3", "--views", "0").stderr


SMALL = ("--weights", "scratch", "--input-size", "32", "--batch", "8", "--stages", "head:1@0.05", "--dimensions", "16")


def manage(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run train_backbone on 200 drawn products in a process of its own."""
    path = folder / "drawn.zip"
    if not path.exists():
        drawn_zip(path, 200)
    environment = {**os.environ, "VOGUE_VAR_DIR": str(folder / "var"), "VOGUE_WEIGHTS": "fashion"}
    fixed = ["--dataset", str(path), "--out", str(folder / "out"), "--shopper-photos", "2"]
    return subprocess.run(
        [sys.executable, "manage.py", "train_backbone", *fixed, *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=LIMIT,
    )
