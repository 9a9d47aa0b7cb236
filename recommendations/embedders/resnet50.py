"""The network, built in code: ResNet50 of ``keras.applications``, pooling, projection. Weights files hold numbers only.

The one home of TensorFlow and Keras in serving. Importing this takes seconds and 400 MB.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

# Read once, when TensorFlow starts: without them it fills every log with notes on its build and on missing GPUs.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ.setdefault("KERAS_BACKEND", "tensorflow")

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from recommendations.embedders import weights as weight_files
from recommendations.embedders.presets import FEATURES, KERAS_MD5, EmbedderSpec
from recommendations.exceptions import EngineError, WeightsError

#: Subtracted from blue, green, red: the mean of ImageNet, as the "caffe" mode of keras.applications does.
CAFFE_MEANS = (103.939, 116.779, 123.68)
#: Where keras.applications takes its ImageNet weights from.
KERAS_URL = (
    "https://storage.googleapis.com/tensorflow/keras-applications/resnet/"
    "resnet50_weights_tf_dim_ordering_tf_kernels_notop.h5"
)
#: What a running graph raises.
RunError = tf.errors.OpError
#: Exponent of the generalised mean where no trained one is at hand (arXiv 1711.02512).
GEM_P = 3.0
BATCH_NORM_EPSILON = 1e-5
#: Cosines with the directions of a label's classes are multiplied by this before the softmax, as in training.
LABEL_SCALE = 16.0
#: What labels are told from, where not from the embedding: a projection of their own, of the same features.
LABEL_PROJECTION = ("labels_projection/kernel", "labels_projection/bias")
HEAD = (
    "gem/p",
    "projection/kernel",
    *(f"projection_bn/{n}" for n in ("gamma", "beta", "moving_mean", "moving_variance")),
)


def build_backbone(input_size: int | None = None) -> Any:
    """Return the bare ResNet50: float32 (n, h, w, 3) in "caffe" scale → (n, h/32, w/32, 2048)."""
    return keras.applications.ResNet50(include_top=False, weights=None, input_shape=(input_size, input_size, 3))


def build(spec: EmbedderSpec) -> Any:
    """Return the whole network with its weights: uint8 (n, size, size, 3) RGB → float32 (n, dimensions), not yet unit.

    Raises:
        WeightsError: the weights are missing, damaged, or do not fit the network.
        EngineError: Keras runs on something else; only training does.
    """
    if keras.backend.backend() != "tensorflow":
        raise EngineError(f"Keras runs on {keras.backend.backend()}; set KERAS_BACKEND=tensorflow.")
    backbone = build_backbone(spec.input_size)
    head: TrainedHead | None = None
    if spec.projection:
        head = _load_trained(backbone, spec)
    elif spec.preset == "random":
        draw_weights(backbone, int(spec.weights_sha256[:8], 16))
    else:
        load_plain(backbone, spec)
    photos = keras.Input((spec.input_size, spec.input_size, 3), dtype="uint8", name="photos")
    # Blue first, means off, as the backbone learned it.
    x = keras.ops.flip(keras.ops.cast(photos, "float32"), axis=-1) - np.array(CAFFE_MEANS, np.float32)
    last, *taps = tapped(backbone, spec.taps, x)
    x = _pool(last, spec.pooling, head.gem_p if head else GEM_P)
    if head:
        projection = keras.layers.Dense(head.kernel.shape[1], name="projection")
        features = keras.ops.concatenate([x, means(taps)], axis=-1) if taps else x
        x = projection(features)
        projection.set_weights([head.kernel, head.bias])
        x = _with_labels(x, features, head) if head.labels else x
    return keras.Model(photos, x, name="embedder")


def tapped(backbone: Any, taps: Sequence[str], photos: Any) -> list[Any]:
    """Return the last feature maps of photos in "caffe" scale, and those of earlier layers, by name."""
    if not taps:
        return [backbone(photos)]
    outputs = [backbone.output, *(backbone.get_layer(name).output for name in taps)]
    return list(keras.Model(backbone.input, outputs)(photos))


def means(maps: Sequence[Any]) -> Any:
    """Return the means of the channels of feature maps, side by side: float32 (n, all channels)."""
    return keras.ops.concatenate([keras.ops.mean(keras.ops.cast(m, "float32"), axis=(1, 2)) for m in maps], axis=-1)


def compile_graph(model: Any, spec: EmbedderSpec) -> Any:
    """Return the network as a ``tf.function`` of any number of photos, traced once."""
    signature = tf.TensorSpec((None, spec.input_size, spec.input_size, 3), tf.uint8, name="photos")
    graph = tf.function(lambda photos: model(photos, training=False), input_signature=[signature])
    graph.get_concrete_function()
    return graph


def bound_threads() -> None:
    """Use the processors this process may use, not all the machine has; once TensorFlow runs it is too late."""
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    try:
        tf.config.threading.set_intra_op_parallelism_threads(usable)
        tf.config.threading.set_inter_op_parallelism_threads(min(2, usable))
    except RuntimeError:
        return  # Somebody in this process was first, and chose.


def _pool(features: Any, pooling: str, p: float) -> Any:
    """Return (n, 2048) of (n, h, w, 2048)."""
    if pooling == "max":
        return keras.ops.max(features, axis=(1, 2))
    if pooling == "avg":
        return keras.ops.mean(features, axis=(1, 2))
    # mean(x^p)^(1/p), with the largest value of each channel taken out first: x^7 leaves the range of 16-bit numbers.
    x = keras.ops.maximum(features, 1e-6)
    top = keras.ops.max(x, axis=(1, 2), keepdims=True)
    mean = keras.ops.mean(keras.ops.power(x / top, p), axis=(1, 2), keepdims=True)
    return keras.ops.squeeze(top * keras.ops.power(mean, 1.0 / p), axis=(1, 2))


def array_names(backbone: Any) -> dict[str, tuple[int, ...]]:
    """Return the name and shape of every weight of the backbone, as they are called in a ``.npz`` of weights."""
    return {f"{layer.name}/{w.name}": tuple(w.shape) for layer in backbone.layers for w in layer.weights}


class TrainedHead(NamedTuple):
    """What turns feature maps into an embedding: exponent, kernel (features, d) and bias (d,), batch norm folded in.

    ``labels`` are (weight, unit directions (m, classes)) of each label the embedding carries; ``told_from`` is the
    projection they are told from, kernel (features, m) and bias (m,), None where that is the embedding. ``turn`` brings
    all of it back to the dimensions of the embedding.
    """

    gem_p: float
    kernel: NDArray[np.float32]
    bias: NDArray[np.float32]
    labels: list[tuple[float, NDArray[np.float32]]]
    told_from: tuple[NDArray[np.float32], NDArray[np.float32]] | None
    turn: NDArray[np.float32] | None


def _load_trained(backbone: Any, spec: EmbedderSpec) -> TrainedHead:
    """Fill the backbone from a ``.npz``; return the head that belongs to it."""
    path = verified(spec)
    arrays = weight_files.read_arrays(path)
    fill_backbone(backbone, arrays, spec)
    p, kernel, gamma, beta, mean, variance = (arrays[name].astype(np.float64) for name in HEAD)
    scale = gamma / np.sqrt(variance + BATCH_NORM_EPSILON)
    labels = [
        (float(arrays[f"labels/{label}/weight"][0]), arrays[f"labels/{label}/kernel"].astype(np.float32))
        for label in spec.labels
    ]
    told_from = None
    if LABEL_PROJECTION[0] in arrays:
        own_kernel, own_bias = (arrays[name].astype(np.float32) for name in LABEL_PROJECTION)
        told_from = own_kernel, own_bias
    return TrainedHead(
        float(p[0]),
        (kernel * scale).astype(np.float32),
        (beta - mean * scale).astype(np.float32),
        labels,
        told_from,
        arrays["turn/kernel"].astype(np.float32) if labels else None,
    )


def _with_labels(x: Any, features: Any, head: TrainedHead) -> Any:
    """Return the embedding with what is told of its labels: see ``recommendations.training.fusion``."""
    unit = keras.ops.normalize(x, axis=-1)
    told_from = unit
    if head.told_from:
        kernel, bias = head.told_from
        told_from = keras.ops.normalize(keras.ops.matmul(features, kernel) + bias, axis=-1)
    parts = [unit]
    for weight, directions in head.labels:
        half = keras.ops.matmul(told_from, directions * (LABEL_SCALE / 2))
        roots = keras.ops.exp(half - keras.ops.max(half, axis=-1, keepdims=True))
        parts.append(weight * keras.ops.normalize(roots, axis=-1))
    return keras.ops.matmul(keras.ops.concatenate(parts, axis=-1), head.turn)


def fill_backbone(backbone: Any, arrays: Mapping[str, NDArray[Any]], spec: EmbedderSpec) -> None:
    """Fill the backbone from the arrays of a trained file, after checking all of them, the head's too.

    Raises:
        WeightsError: an array is missing, unknown, or of another shape than expected.
    """
    d = int(spec.projection or 0)
    features = FEATURES + sum(int(backbone.get_layer(name).output.shape[-1]) for name in spec.taps)
    head: dict[str, tuple[int, ...]] = dict(zip(HEAD, [(1,), (features, d), (d,), (d,), (d,), (d,)], strict=True))
    width = told_from = d
    if spec.labels and any(name in arrays for name in LABEL_PROJECTION):
        bias = arrays.get(LABEL_PROJECTION[1])
        told_from = bias.size if bias is not None else 0
        head |= dict(zip(LABEL_PROJECTION, [(features, told_from), (told_from,)], strict=True))
    for label in spec.labels:
        name = f"labels/{label}/kernel"
        classes = int(arrays[name].shape[-1]) if name in arrays and arrays[name].ndim else 0
        head |= {name: (told_from, classes), f"labels/{label}/weight": (1,)}
        width += classes
    if spec.labels:
        head["turn/kernel"] = (width, d)
    weight_files.check_arrays(spec.weights_path or Path(), arrays, array_names(backbone) | head)
    for layer in backbone.layers:
        if layer.weights:
            layer.set_weights([arrays[f"{layer.name}/{w.name}"].astype(np.float32) for w in layer.weights])


def load_plain(backbone: Any, spec: EmbedderSpec) -> None:
    """Fill the backbone with ImageNet weights: a local file, or Keras' own download."""
    path = verified(spec) if spec.weights_path else _download()
    try:
        backbone.load_weights(str(path))
    except (ValueError, KeyError, OSError) as error:
        raise WeightsError(
            f"Weights file {path} does not fit: expected the ResNet50 of keras.applications without top; {error}"
        ) from error


def _download() -> Path:
    """Return Keras' own copy of the ImageNet weights, downloaded where it is not there yet; Keras checks its md5."""
    keras.utils.disable_interactive_logging()  # Its progress bar would land in logs.
    name = KERAS_URL.rpartition("/")[2]
    try:
        return Path(keras.utils.get_file(name, KERAS_URL, cache_subdir="models", file_hash=KERAS_MD5))
    except Exception as error:  # Keras raises a bare Exception when a download fails.
        raise WeightsError(
            f"The ImageNet weights could not be downloaded ({error}). On a machine without internet set VOGUE_WEIGHTS "
            f"to the path of a copy of {name}."
        ) from error


def verified(spec: EmbedderSpec) -> Path:
    """Return the path of the spec's weights file, read whole and compared.

    Raises:
        WeightsError: it is missing, or another file than expected.
    """
    assert spec.weights_path is not None  # noqa: S101 (for the type checker)
    weight_files.verify(spec.weights_path, spec.weights_sha256)
    return spec.weights_path


def draw_weights(backbone: Any, seed: int) -> None:
    """Fill the backbone with the numbers of this seed: kernels as Keras draws them, batch norms that do nothing."""
    numbers = np.random.default_rng(seed)
    for layer in backbone.layers:
        drawn = []
        for w in layer.weights:
            shape = tuple(w.shape)
            if w.name == "kernel":
                limit = np.sqrt(6 / (shape[0] * shape[1] * (shape[2] + shape[3])))
                drawn.append(numbers.uniform(-limit, limit, shape).astype(np.float32))
            else:
                drawn.append((np.ones if w.name in ("gamma", "moving_variance") else np.zeros)(shape, np.float32))
        if drawn:
            layer.set_weights(drawn)
