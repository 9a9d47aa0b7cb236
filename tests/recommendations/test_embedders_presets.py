"""Which weights, and all that belongs to them."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

import pytest
from PIL import Image

from recommendations import embedders
from recommendations.embedders import presets
from recommendations.embedders.weights import file_sha256
from recommendations.exceptions import EngineError, WeightsError

SHA = "e0a1edf35968418f7054ef51f3c0e2dd726f393a4684542018b4a7403447f6a7"


@pytest.fixture
def bundled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the bundled file and its record, in the original's place, to be broken."""
    copy = tmp_path / "weights" / presets.BUNDLED.name
    copy.parent.mkdir()
    shutil.copy(presets.BUNDLED, copy)
    shutil.copy(presets.BUNDLED.with_suffix(".json"), copy.with_suffix(".json"))
    monkeypatch.setattr(presets, "BUNDLED", copy)
    return copy


def flip_a_byte(path: Path) -> None:
    """Change one bit in the middle of the file; its size stays."""
    with path.open("r+b") as file:
        file.seek(path.stat().st_size // 2)
        byte = file.read(1)[0]
        file.seek(-1, 1)
        file.write(bytes([byte ^ 1]))


def test_the_bundled_weights_are_the_ones_recorded() -> None:
    record = json.loads(presets.BUNDLED.with_suffix(".json").read_text())
    assert file_sha256(presets.BUNDLED) == record["sha256"] == SHA
    assert presets.BUNDLED.stat().st_size == record["bytes"]


def test_names_say_weights_pooling_size_and_dimensions() -> None:
    assert embedders.resolve("fashion").name == "resnet50-fashion-e0a1edf3-gem-p128w-256"
    assert embedders.resolve("imagenet").name == "resnet50-imagenet-4d473c1d-max-s224-2048"
    assert embedders.resolve("imagenet", pooling="avg").name == "resnet50-imagenet-4d473c1d-avg-s224-2048"


def test_the_same_weights_elsewhere_are_the_same_embedder(tmp_path: Path) -> None:
    copy = shutil.copy(presets.BUNDLED, tmp_path / "mine.npz")
    found = embedders.resolve(str(copy))
    assert found.name == embedders.resolve("fashion").name
    assert (found.taps, found.labels) == (presets.TAPS[:2], ("articleType", "baseColour", "gender"))


def test_specs_of_the_same_settings_are_equal_and_serve_as_keys() -> None:
    assert {embedders.resolve("random"): 1}[embedders.resolve("random", pooling="max")] == 1
    assert embedders.resolve("random") != embedders.resolve("random", pooling="gem")


@pytest.mark.parametrize("weights", ["fashoin", "", "model.pt", "random.keras"])
def test_unknown_weights_are_named_with_what_there_is(weights: str) -> None:
    with pytest.raises(WeightsError, match=r"'fashion', 'imagenet'.*got '" + weights):
        embedders.resolve(weights)


def test_an_unknown_pooling_is_refused() -> None:
    with pytest.raises(WeightsError, match="max, avg, gem; got 'median'"):
        embedders.resolve("imagenet", pooling="median")


def test_a_trained_projection_takes_no_other_pooling() -> None:
    assert embedders.resolve("fashion", pooling="gem") == embedders.resolve("fashion")
    with pytest.raises(WeightsError, match="trained on gem pooling"):
        embedders.resolve("fashion", pooling="max")


def test_an_unknown_engine_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="openvino, tensorflow; got 'onnx'"):
        embedders.load_embedder(embedders.resolve("random"), engine="onnx", cache_dir=tmp_path)


@pytest.mark.fault
@pytest.mark.parametrize("damage", [Path.unlink, lambda path: path.write_bytes(b"")], ids=["missing", "empty"])
def test_bundled_weights_that_are_gone_are_named_with_the_expected_sha(bundled: Path, damage: object) -> None:
    damage(bundled)  # type: ignore[operator]
    with pytest.raises(WeightsError, match=SHA):
        embedders.resolve("fashion")
    assert embedders.resolve("fashion", check=False).name == "resnet50-fashion-e0a1edf3-gem-p128w-256"


@pytest.mark.fault
@pytest.mark.parametrize("damage", [Path.unlink, flip_a_byte, lambda path: path.write_bytes(b"")])
@pytest.mark.parametrize("how", ["bundled", "by path"])
def test_broken_weights_are_named_with_the_expected_sha_before_the_network_loads(
    bundled: Path, tmp_path: Path, how: str, damage: object
) -> None:
    weights, sha = ("fashion", "") if how == "bundled" else (str(bundled), SHA)
    spec = embedders.resolve(weights, expected_sha256=sha)
    damage(bundled)  # type: ignore[operator]
    embedder = embedders.load_embedder(spec, engine="openvino", cache_dir=tmp_path)
    with pytest.raises(WeightsError, match=SHA):
        embedder.embed([Image.new("RGB", (8, 8))])


@pytest.mark.fault
@pytest.mark.parametrize("damage", [Path.unlink, flip_a_byte, lambda path: path.write_bytes(b"")])
def test_a_broken_file_by_path_is_noticed_when_the_settings_are_read(bundled: Path, damage: object) -> None:
    assert embedders.resolve(str(bundled), expected_sha256=SHA.upper()).weights_sha256 == SHA
    damage(bundled)  # type: ignore[operator]
    with pytest.raises(WeightsError, match=SHA):
        embedders.resolve(str(bundled), expected_sha256=SHA)


def test_a_replaced_file_is_another_embedder(tmp_path: Path) -> None:
    path = tmp_path / "resnet50.weights.h5"
    path.write_bytes(b"one")
    first = embedders.resolve(str(path))
    path.write_bytes(b"another")
    second = embedders.resolve(str(path))
    assert second.weights_sha256 == hashlib.sha256(b"another").hexdigest()
    assert first.name != second.name
    assert (second.preset, second.dimensions, second.input_size) == ("imagenet", 2048, 224)


def test_the_record_beside_a_trained_file_describes_it(tmp_path: Path) -> None:
    path = tmp_path / "own.npz"
    path.write_bytes(b"weights")
    record = {"preset": "shoes", "pooling": "gem", "input_size": 160, "resize": "stretch", "projection": 128}
    path.with_suffix(".json").write_text(json.dumps(record))
    sha = hashlib.sha256(b"weights").hexdigest()
    assert embedders.resolve(str(path)).name == f"resnet50-shoes-{sha[:8]}-gem-s160-128"


@pytest.mark.parametrize(
    ("record", "told"),
    [
        ("[]", "expected a JSON object"),
        ("{", "cannot be read"),
        ('{"input_size": 7}', "input_size"),
        ('{"input_size": "112"}', "input_size"),
        ('{"preset": "../x"}', "preset"),
        ('{"resize": "crop"}', "resize"),
        ('{"projection": null}', "projection"),
        ('{"sha256": "00"}', "expected 00"),
    ],
)
def test_a_record_that_makes_no_sense_is_refused(tmp_path: Path, record: str, told: str) -> None:
    path = tmp_path / "own.npz"
    path.write_bytes(b"weights")
    path.with_suffix(".json").write_text(record)
    with pytest.raises(WeightsError, match=told):
        embedders.resolve(str(path))


@pytest.mark.parametrize("weights", ["fashion", "imagenet", "random"])
def test_a_spec_comes_back_from_its_record(weights: str) -> None:
    spec = embedders.resolve(weights)
    again = presets.from_record(json.loads(json.dumps(presets.as_record(spec))))
    assert again == spec
    assert hash(again) == hash(spec), "it serves as a key"
