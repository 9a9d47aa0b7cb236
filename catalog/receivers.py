"""The shop's one signal: a deleted photo takes its files along, however it was deleted."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.db import transaction
from django.db.models.signals import post_delete

from catalog import thumbnails
from catalog.models import ProductImage


def connect() -> None:
    """Connect the receiver. A signal, because a cascade calls no ``delete()``."""
    post_delete.connect(delete_files, sender=ProductImage, dispatch_uid="catalog.delete_files")


def delete_files(instance: ProductImage, **kwargs: Any) -> None:  # noqa: ARG001 (a receiver's signature)
    """Delete photo and thumbnails once the row is certainly gone."""
    if instance.image:
        transaction.on_commit(partial(thumbnails.delete_photo, instance), robust=True)
