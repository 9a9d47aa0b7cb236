"""The plain ResNet50 of Keras: ImageNet's weights, from wherever they come. In processes of their own."""

from __future__ import annotations

import hashlib
import io
import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from recommendations import embedders
from recommendations.exceptions import WeightsError
from tests.pictures import encoded, shirt
from tests.recommendations.test_embedders_network import elsewhere, embed, read_photos

pytestmark = pytest.mark.network


def as_scripts_do(file: bytes, folder: Path) -> float:
    """Return the cosine of the random preset's vector to that of a plain Keras script with the same weights."""
    import keras

    from recommendations.embedders import resnet50

    image = Image.open(io.BytesIO(file))
    (ours,) = embed("tensorflow", [image], folder, "random")
    model = keras.applications.ResNet50(include_top=False, weights=None, pooling="max", input_shape=(224, 224, 3))
    resnet50.draw_weights(model, int(embedders.resolve("random").weights_sha256[:8], 16))
    pixels = keras.utils.img_to_array(keras.utils.load_img(io.BytesIO(file), target_size=(224, 224)))
    theirs = model.predict(keras.applications.resnet50.preprocess_input(pixels[None]), verbose=0).flatten()
    return float(ours @ theirs / np.linalg.norm(theirs))


def test_the_plain_network_sees_what_a_keras_script_would(tmp_path: Path) -> None:
    (photo,) = read_photos(1)
    assert elsewhere(as_scripts_do, encoded(photo), tmp_path) > 0.99999


def through_files(folder: Path) -> dict[str, float | str]:
    """Write the random preset's numbers the ways Keras knows; return each file's cosine to the preset, or its fault."""
    import h5py  # type: ignore[import-untyped]
    from keras.src.legacy.saving.legacy_h5_format import save_weights_to_hdf5_group

    from recommendations.embedders import resnet50

    backbone = resnet50.build_backbone()
    resnet50.draw_weights(backbone, int(embedders.resolve("random").weights_sha256[:8], 16))
    backbone.save_weights(folder / "new.weights.h5")
    with h5py.File(folder / "old.h5", "w") as file:
        save_weights_to_hdf5_group(file, backbone)
    (folder / "other.h5").write_bytes(b"no weights at all")
    resnet50.KERAS_URL = (folder / "old.h5").as_uri()
    vars(resnet50)["KERAS_MD5"] = hashlib.md5((folder / "old.h5").read_bytes()).hexdigest()
    os.environ["KERAS_HOME"] = str(folder / "keras")
    (expected,) = embed("tensorflow", [shirt("red")], folder, "random")
    found: dict[str, float | str] = {}
    for name in (str(folder / "new.weights.h5"), str(folder / "old.h5"), "imagenet", str(folder / "other.h5")):
        try:
            found[Path(name).name] = float(embed("tensorflow", [shirt("red")], folder, name)[0] @ expected)
        except WeightsError as error:
            found[Path(name).name] = str(error)
    return found


def test_plain_weights_come_from_files_of_keras_and_from_its_loader(tmp_path: Path) -> None:
    found = elsewhere(through_files, tmp_path)
    fault = found.pop("other.h5")
    assert found == dict.fromkeys(("new.weights.h5", "old.h5", "imagenet"), pytest.approx(1, abs=1e-5))
    assert "other.h5 does not fit: expected the ResNet50 of keras.applications without top" in fault
