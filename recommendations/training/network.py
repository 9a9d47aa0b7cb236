"""The network as it is trained: a frozen trunk, a top that learns, an embedding, and a direction for every class.

The trunk is cut where learning begins, so that what does not learn need not be computed twice (see ``views``). All of
it is Keras 3; ``KERAS_BACKEND`` decides what runs it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import keras
import numpy as np
from keras import layers, ops
from numpy.typing import NDArray

from recommendations.embedders.resnet50 import BATCH_NORM_EPSILON, CAFFE_MEANS, LABEL_PROJECTION, means, tapped
from recommendations.training.losses import instance_loss, normalised_softmax, teacher_loss

#: The layer the pooling sees.
LAST = "conv5_block3_out"
#: How deep a stage learns → the last layer that does not.
CUTS = {
    "labels": LAST,
    "head": LAST,
    "conv5": "conv4_block6_out",
    "conv4": "conv3_block4_out",
    "conv3": "conv2_block3_out",
}


class GeneralisedMean(layers.Layer):  # type: ignore[misc]
    """Generalised mean pooling with a learned exponent (arXiv 1711.02512): (n, h, w, c) → (n, c)."""

    def __init__(self, p: float = 3.0, **named: Any) -> None:
        super().__init__(dtype="float32", **named)
        self.first = p

    def build(self, shape: Any) -> None:
        self.p = self.add_weight(shape=(1,), initializer=keras.initializers.Constant(self.first), name="p")

    def call(self, features: Any) -> Any:
        x = ops.maximum(ops.cast(features, "float32"), 1e-6)
        # The largest value of each channel taken out first: x^7 leaves the range of numbers.
        top = ops.stop_gradient(ops.max(x, axis=(1, 2), keepdims=True))
        mean = ops.mean(ops.power(x / top, self.p), axis=(1, 2), keepdims=True)
        return ops.squeeze(top * ops.power(mean, 1.0 / self.p), axis=(1, 2))


class Directions(layers.Layer):  # type: ignore[misc]
    """The cosine of a unit embedding with a learned direction for each class: (n, d) → (n, classes)."""

    def __init__(self, classes: int, **named: Any) -> None:
        super().__init__(dtype="float32", **named)
        self.classes = classes

    def build(self, shape: Any) -> None:
        self.kernel = self.add_weight(
            shape=(shape[-1], self.classes), initializer=keras.initializers.RandomNormal(stddev=0.05), name="kernel"
        )

    def call(self, embedding: Any) -> Any:
        return ops.matmul(embedding, self.kernel / ops.norm(self.kernel, axis=0, keepdims=True))

    def unit_kernel(self) -> NDArray[np.float32]:
        """Return the directions, unit columns (d, classes)."""
        kernel = np.asarray(self.kernel, np.float32)
        unit: NDArray[np.float32] = kernel / np.linalg.norm(kernel, axis=0, keepdims=True)
        return unit


class LabelProjection(layers.Layer):  # type: ignore[misc]
    """What labels are told from besides the embedding: features, evened out → unit rows (n, d)."""

    def __init__(self, dimensions: int, **named: Any) -> None:
        super().__init__(dtype="float32", name="labels_projection", **named)
        self.norm = layers.BatchNormalization(
            center=False, scale=False, epsilon=BATCH_NORM_EPSILON, momentum=0.95, dtype="float32"
        )
        self.projection = layers.Dense(dimensions, dtype="float32")
        self.unit = layers.UnitNormalization(dtype="float32")

    def build(self, shape: Any) -> None:
        self.norm.build(shape)
        self.projection.build(shape)
        super().build(shape)

    def call(self, features: Any, training: bool | None = None) -> Any:
        return self.unit(self.projection(self.norm(features, training=training)))

    def folded(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return kernel (features, d) and bias (d,), the evening out folded in."""
        mean, variance = (np.asarray(w) for w in self.norm.weights)
        kernel, bias = (np.asarray(w) for w in self.projection.weights)
        even = (kernel / np.sqrt(variance + BATCH_NORM_EPSILON)[:, None]).astype(np.float32)
        return even, (bias - mean @ even).astype(np.float32)


class Trainable(keras.Model):  # type: ignore[misc]
    """What one stage trains. Outputs: ``embedding`` and the cosines of each label's classes.

    ``compute_loss`` is all that is special, so every backend's own step trains it.
    """

    def __init__(self, inputs: Any, outputs: Any, weights: Mapping[str, float], instance: float) -> None:
        super().__init__(inputs, outputs)
        self.label_weights = dict(weights)
        self.instance_weight = instance

    def compute_loss(self, x: Any, y: Any, y_pred: Any, sample_weight: Any = None, training: bool = True) -> Any:
        loss = self.instance_weight * instance_loss(y_pred["embedding"])
        for label, weight in self.label_weights.items():
            loss += weight * normalised_softmax(y_pred[label], y[label])
        return loss


class Student(keras.Model):  # type: ignore[misc]
    """What a stage trains that has a teacher. Output: ``embedding``, to be what the teacher says of a view's photo."""

    def __init__(self, inputs: Any, outputs: Any, part: float) -> None:
        super().__init__(inputs, {"embedding": outputs["embedding"]})
        self.part = part

    def compute_loss(self, x: Any, y: Any, y_pred: Any, sample_weight: Any = None, training: bool = True) -> Any:
        return self.part * teacher_loss(y_pred["embedding"], y["embedding"])


class Top:
    """All layers that may learn, shared by all stages: backbone, pooling, projection, directions.

    Args:
        backbone: the whole ResNet50 of ``resnet50.build_backbone``, filled.
        taps: names of earlier layers whose mean is seen beside the last layer's features.
        dimensions: of the embedding.
        classes: label → number of classes.
        label_dimensions: of what labels are told from; 0: the embedding.
    """

    def __init__(
        self,
        backbone: Any,
        *,
        taps: Sequence[str],
        dimensions: int,
        classes: Mapping[str, int],
        label_dimensions: int = 0,
    ) -> None:
        self.backbone, self.taps = backbone, tuple(taps)
        self.pooling = GeneralisedMean(name="gem")
        self.tap_norm = layers.BatchNormalization(
            center=False, scale=False, epsilon=BATCH_NORM_EPSILON, momentum=0.95, dtype="float32", name="taps_bn"
        )
        self.projection = layers.Dense(dimensions, use_bias=False, dtype="float32", name="projection")
        self.norm = layers.BatchNormalization(
            epsilon=BATCH_NORM_EPSILON, momentum=0.95, dtype="float32", name="projection_bn"
        )
        self.unit = layers.UnitNormalization(dtype="float32", name="embedding")
        self.told_from = LabelProjection(label_dimensions) if label_dimensions else None
        self.directions = {label: Directions(count, name=_layer_name(label)) for label, count in classes.items()}
        self._outputs(keras.Input(backbone.output_shape[1:]), self._tap_input())  # Layers have weights once called.

    def trunk(self, cuts: Sequence[str]) -> Any:
        """Return what is frozen: uint8 photos → the features at each cut, then the means of the taps, if any."""
        photos = keras.Input((*self.backbone.input_shape[1:3], 3), dtype="uint8", name="photos")
        names = [*cuts, *self.taps]
        found = keras.Model(self.backbone.input, [self.backbone.get_layer(name).output for name in names])(
            to_caffe(photos)
        )
        maps = list(found) if isinstance(found, (list, tuple)) else [found]
        taps = maps[len(cuts) :]
        return keras.Model(photos, [*maps[: len(cuts)], *([means(taps)] if taps else [])])

    def from_features(self, cut: str) -> tuple[list[Any], dict[str, Any]]:
        """Return inputs and outputs of what learns above a cut, fed with what ``trunk`` gives there."""
        start = self.backbone.get_layer(cut).output
        features = keras.Input(start.shape[1:], name="features")
        last = features if start is self.backbone.output else keras.Model(start, self.backbone.output)(features)
        taps = self._tap_input()
        return [features, *([] if taps is None else [taps])], self._outputs(last, taps)

    def from_photos(self) -> tuple[list[Any], dict[str, Any]]:
        """Return inputs and outputs of the whole network, fed with uint8 photos."""
        photos = keras.Input((*self.backbone.input_shape[1:3], 3), dtype="uint8", name="photos")
        last, *taps = tapped(self.backbone, self.taps, to_caffe(photos))
        return [photos], self._outputs(last, means(taps) if taps else None)

    def learn(self, depth: str, *, norms: bool = True) -> None:
        """Let a stage's layers learn and freeze the rest; frozen batch norms keep their statistics.

        Args:
            depth: of the stage.
            norms: whether batch norms learn with the layers around them.
        """
        open_from = {"conv5": "conv5_", "conv4": "conv4_", "conv3": "conv3_", "all": ""}.get(depth, "never")
        learning = False
        for layer in self.backbone.layers:
            learning = learning or layer.name.startswith(open_from)
            layer.trainable = learning and (norms or not isinstance(layer, layers.BatchNormalization))
        for layer in (self.pooling, self.projection):
            layer.trainable = depth != "labels"
        for layer in (self.tap_norm, self.norm):
            layer.trainable = depth != "labels" and norms

    def _tap_input(self) -> Any:
        width = sum(int(self.backbone.get_layer(tap).output.shape[-1]) for tap in self.taps)
        return keras.Input((width,), name="taps") if width else None

    def features(self) -> Any:
        """Return what the projection sees: what ``trunk`` gives at the last cut → float (n, 2048 [+ taps])."""
        last, taps = keras.Input(self.backbone.output_shape[1:]), self._tap_input()
        return keras.Model([last, *([] if taps is None else [taps])], self._pooled(last, taps))

    def head(self) -> NDArray[np.float64]:
        """Return the projection with its batch norm folded in: (2048 [+ taps] + 1, d), the bias last."""
        _, beta, mean, _ = (np.asarray(w, np.float64) for w in self.norm.weights)
        scale = self._scale()
        kernel = np.asarray(self.projection.kernel, np.float64) * scale
        return np.concatenate([kernel, (beta - mean * scale)[None]])

    def move_head(self, change: NDArray[np.float64]) -> None:
        """Add to the projection as ``head`` gives it."""
        gamma, beta, *statistics = (np.asarray(w) for w in self.norm.weights)
        self.projection.set_weights([np.asarray(self.projection.kernel) + change[:-1] / self._scale()])
        self.norm.set_weights([gamma, beta + change[-1], *statistics])

    def _scale(self) -> NDArray[np.float64]:
        gamma, _, _, variance = (np.asarray(w, np.float64) for w in self.norm.weights)
        scale: NDArray[np.float64] = gamma / np.sqrt(variance + BATCH_NORM_EPSILON)
        return scale

    def _pooled(self, last: Any, taps: Any) -> Any:
        pooled = self.pooling(last)
        return pooled if taps is None else ops.concatenate([pooled, self.tap_norm(taps)], axis=-1)

    def _outputs(self, last: Any, taps: Any) -> dict[str, Any]:
        features = self._pooled(last, taps)
        embedding = self.unit(self.norm(self.projection(features)))
        told_from = self.told_from(features) if self.told_from else embedding
        return {"embedding": embedding} | {label: layer(told_from) for label, layer in self.directions.items()}

    def set_head(self, p: float, kernel: NDArray[np.floating], statistics: Sequence[NDArray[np.floating]]) -> None:
        """Start from a trained head: exponent, kernel (2048 [+ taps], d), gamma, beta, mean, variance (d,) each.

        Taps a kernel does not know yet start at zero.
        """
        self.pooling.set_weights([np.array([p], np.float32)])
        rows, columns = self.projection.kernel.shape
        whole = np.zeros((rows, columns), np.float32)
        whole[: len(kernel)] = kernel
        self.projection.set_weights([whole])
        self.norm.set_weights([np.asarray(array, np.float32) for array in statistics])

    @property
    def variables(self) -> list[Any]:
        """Return every weight but the directions of the classes, those that are frozen included."""
        owners = (self.backbone, self.pooling, self.tap_norm, self.projection, self.norm)
        return [variable for owner in owners for variable in owner.weights]

    def go_back(self, start: Sequence[NDArray[np.floating]], learned: float) -> None:
        """Keep this share of what was learned since ``variables`` had these values (arXiv 2109.01903)."""
        for variable, first in zip(self.variables, start, strict=True):
            variable.assign(first + np.float32(learned) * (np.asarray(variable) - first))

    def arrays(self) -> dict[str, NDArray[np.float32]]:
        """Return every weight by the names a weights file has; the taps' normalisation folded into the projection."""
        found = {f"{layer.name}/{w.name}": np.asarray(w) for layer in self.backbone.layers for w in layer.weights}
        kernel, shift = self._from_raw_taps(np.asarray(self.projection.kernel))
        gamma, beta, mean, variance = (np.asarray(w) for w in self.norm.weights)
        mean = mean + shift
        head = dict(
            zip(("gamma", "beta", "moving_mean", "moving_variance"), (gamma, beta, mean, variance), strict=True)
        )
        found |= {"gem/p": np.asarray(self.pooling.p), "projection/kernel": kernel}
        return found | {f"projection_bn/{name}": array for name, array in head.items()}

    def label_arrays(self) -> dict[str, NDArray[np.float32]]:
        """Return what labels are told from by the names a weights file has; nothing where that is the embedding."""
        if not self.told_from:
            return {}
        kernel, bias = self.told_from.folded()
        kernel, shift = self._from_raw_taps(kernel)
        return dict(zip(LABEL_PROJECTION, (kernel, bias - shift), strict=True))

    def _from_raw_taps(self, kernel: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return a kernel of features (n, d) for taps not normalised, and what its answers are then too large by."""
        kernel = kernel.copy()
        if not self.taps:
            return kernel, np.zeros(kernel.shape[1], np.float32)
        mean, variance = (np.asarray(w) for w in self.tap_norm.weights)
        kernel[-len(mean) :] /= np.sqrt(variance + BATCH_NORM_EPSILON)[:, None]
        return kernel, mean @ kernel[-len(mean) :]


def to_caffe(photos: Any) -> Any:
    """Return uint8 RGB as the backbone takes it: float, blue first, ImageNet's means off."""
    return ops.flip(ops.cast(photos, "float32"), axis=-1) - np.array(CAFFE_MEANS, np.float32)


def _layer_name(label: str) -> str:
    return "directions_" + "".join(c if c.isalnum() else "_" for c in label)
