"""From a save in the shop to work to do. The only signals Vogue listens to."""

from __future__ import annotations

from typing import Any

from django.db import models, transaction
from django.db.models.signals import post_delete, post_save

from recommendations import indexing, tasks
from recommendations.exceptions import VogueError
from recommendations.gallery import get_gallery


def connect() -> None:
    """Listen to the models the gallery watches. A gallery that cannot be imported is the system check's to report."""
    try:
        watched = get_gallery().watched_models()
    except (ImportError, LookupError, TypeError):
        return
    for model in watched:
        uid = f"vogue-{model._meta.label_lower}"
        post_save.connect(remember_photos, sender=model, dispatch_uid=uid)
        post_delete.connect(remember_photos, sender=model, dispatch_uid=uid)


def remember_photos(sender: type[models.Model], instance: models.Model, **kwargs: Any) -> None:
    """Record in the shop's own transaction what has to be computed, and queue it once that has committed."""
    attribute = get_gallery().watched_models()[sender]
    product_id = getattr(instance, attribute)
    if product_id is None or kwargs.get("raw"):
        return
    try:
        pending = indexing.mark_pending([product_id], touched=attribute != "pk")
    except VogueError:
        # The weights are missing, say: the shop goes on, and the sweep finds the photo once they are back.
        tasks.logger.exception("Could not note the photos of product %s", product_id)
        return
    if pending:
        # robust: the product is saved whatever happens to the queue; the sweep sends again what was never sent.
        transaction.on_commit(lambda: tasks.queue_photos(pending), robust=True)
