"""The searchable copy of the vectors."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from recommendations import conf
from recommendations.models import ImageEmbedding
from recommendations.pgvector_backend.fields import HalfVectorField


class MatchCalibration(models.Model):
    """What an embedder's cosines mean in this shop (``recommendations.levels``): no release keeps it here."""

    embedder = models.CharField(_("embedder"), max_length=120, primary_key=True)
    record = models.JSONField(_("record"), default=dict)
    updated = models.DateTimeField(_("updated"), auto_now=True)

    objects: ClassVar[models.Manager[MatchCalibration]] = models.Manager()

    class Meta:
        verbose_name = _("calibration of match levels")
        verbose_name_plural = _("calibrations of match levels")

    def __str__(self) -> str:
        return self.embedder


class PhotoVector(models.Model):
    """A ready embedding's vector, in half precision, where pgvector finds it.

    Written by a trigger on ImageEmbedding and by nobody else (docs/decisions/0009); deleted with the embedding by the
    database. The product stands here too, so that a filtered search looks at no wide row before its last step.
    """

    embedding = models.OneToOneField(
        ImageEmbedding,
        # The migration makes the foreign key, with ON DELETE CASCADE: raw SQL and Django alike leave nothing behind.
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        primary_key=True,
        related_name="+",
        verbose_name=_("photo embedding"),
    )
    product = models.ForeignKey(
        conf.product_model(),
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        related_name="+",
        verbose_name=_("product"),
    )
    embedder = models.CharField(_("embedder"), max_length=120)
    revision = models.PositiveBigIntegerField(_("revision"))
    vector = HalfVectorField(_("vector"))

    objects: ClassVar[models.Manager[PhotoVector]] = models.Manager()

    class Meta:
        verbose_name = _("photo vector")
        verbose_name_plural = _("photo vectors")

    def __str__(self) -> str:
        return f"{self.pk} ({self.embedder})"
