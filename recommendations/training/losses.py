"""What training minimises, in ``keras.ops`` alone: any backend of Keras computes it."""

from __future__ import annotations

from typing import Any

from keras import ops

from recommendations.embedders.resnet50 import LABEL_SCALE as SCALE

SMOOTHING = 0.05
TEMPERATURE = 0.1
#: What sharpens likeness to a teacher's answers, and how much being nearer to one's own than to another counts.
TEACHING_TEMPERATURE = 0.07
CONTRAST = 0.05


def normalised_softmax(cosines: Any, classes: Any, *, scale: float = SCALE, smoothing: float = SMOOTHING) -> Any:
    """Return the mean cross entropy of the classes, those that are unknown left out (arXiv 1811.12649).

    Args:
        cosines: float (n, classes), of unit embeddings with unit class directions.
        classes: int (n,), -1 where there is none.
    """
    known = ops.cast(classes >= 0, "float32")
    count = ops.shape(cosines)[-1]
    target = ops.one_hot(ops.maximum(classes, 0), count, dtype="float32")
    target = target * (1 - smoothing) + smoothing / count
    logits = ops.cast(cosines, "float32") * scale
    each = -ops.sum(target * ops.log_softmax(logits, axis=-1), axis=-1)
    return ops.sum(each * known) / ops.maximum(ops.sum(known), 1.0)


def instance_loss(embeddings: Any, *, temperature: float = TEMPERATURE) -> Any:
    """Return NT-Xent (arXiv 2002.05709): of all others in the batch, a view finds the other view of its own photo.

    Args:
        embeddings: float (2 n, d), unit rows: n first views, then their n second views in the same order.
    """
    n = ops.shape(embeddings)[0] // 2
    embeddings = ops.cast(embeddings, "float32")
    similarity = ops.matmul(embeddings, ops.transpose(embeddings)) / temperature
    itself = ops.eye(2 * n, dtype="float32")
    log_share = ops.log_softmax(similarity - 1e9 * itself, axis=-1)
    partner = ops.roll(itself, n, axis=1)
    return -ops.sum(log_share * partner) / ops.cast(2 * n, "float32")


def teacher_loss(embeddings: Any, taught: Any) -> Any:
    """Return how far views are from what a teacher says of their photos as they are, and from finding it.

    Cosine distance, plus the contrast of each view's own photo with all others in the batch, as in contrastive
    representation distillation (arXiv 1910.10699).

    Args:
        embeddings: float (2 n, d), unit rows: n first views, then their n second views in the same order.
        taught: float (2 n, d), unit rows, the teacher's; both halves alike.
    """
    n = ops.shape(embeddings)[0] // 2
    embeddings, taught = ops.cast(embeddings, "float32"), ops.cast(taught, "float32")
    apart = 1.0 - ops.mean(ops.sum(embeddings * taught, axis=-1))
    logits = ops.matmul(embeddings, ops.transpose(taught[:n])) / TEACHING_TEMPERATURE
    own = ops.tile(ops.eye(n, dtype="float32"), (2, 1))
    return apart - CONTRAST * ops.mean(ops.sum(ops.log_softmax(logits, axis=-1) * own, axis=-1))
