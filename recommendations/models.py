"""The truth: one row per photo, and one per index release. See docs/decisions."""

from __future__ import annotations

from django.db import models, transaction
from django.db.models.expressions import Combinable
from django.utils.translation import gettext_lazy as _

from recommendations import conf


class ImageEmbeddingQuerySet(models.QuerySet["ImageEmbedding"]):
    def ready(self, embedder: str | Combinable) -> ImageEmbeddingQuerySet:
        """Return what ``embedder`` has computed and is searchable."""
        return self.filter(embedder=embedder, status=ImageEmbedding.Status.READY)

    def pending(self, embedder: str) -> ImageEmbeddingQuerySet:
        """Return what waits for ``embedder``."""
        return self.filter(embedder=embedder, status=ImageEmbedding.Status.PENDING)


class ImageEmbedding(models.Model):
    """One photo's vector by one embedder, and how far it has come.

    ``revision`` is a number that grows with every change a reader must hear of; its order is commit order (see
    ``next_revisions``). 0 until the row first becomes searchable.
    """

    class Status(models.TextChoices):
        PENDING = "pending", _("pending")
        READY = "ready", _("ready")
        FAILED = "failed", _("failed")

    product = models.ForeignKey(
        conf.product_model(), on_delete=models.CASCADE, related_name="image_embeddings", verbose_name=_("product")
    )
    photo_key = models.CharField(_("photo key"), max_length=64, help_text=_("The photo's name within the gallery."))
    photo_name = models.CharField(_("photo file"), max_length=255, help_text=_("The stored file last asked for."))
    checksum = models.CharField(_("checksum"), max_length=64, blank=True, help_text=_("sha256 of the embedded file."))
    position = models.PositiveIntegerField(_("position"), default=0, help_text=_("0 is the product's best photo."))
    embedder = models.CharField(_("embedder"), max_length=120)
    status = models.CharField(_("status"), max_length=8, choices=Status.choices, default=Status.PENDING)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    vector = models.BinaryField(_("vector"), null=True, help_text=_("float32, little-endian, unit length."))
    #: None: not read yet. Empty: the photo could not be read.
    signature = models.BinaryField(_("colours and outline"), null=True, help_text=_("What likeness is steered by."))
    revision = models.PositiveBigIntegerField(_("revision"), default=0)
    queued = models.DateTimeField(_("queued"), null=True, blank=True, help_text=_("When a task was last sent for it."))
    claim = models.CharField(max_length=64, blank=True, help_text=_("Who is computing it; empty when nobody is."))
    claimed = models.DateTimeField(null=True, blank=True)
    created = models.DateTimeField(_("created"), auto_now_add=True)
    updated = models.DateTimeField(_("updated"), auto_now=True)

    objects = ImageEmbeddingQuerySet.as_manager()

    class Meta:
        verbose_name = _("photo embedding")
        verbose_name_plural = _("photo embeddings")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["embedder", "product", "photo_key"], name="embedding_once_per_photo"),
            models.CheckConstraint(
                condition=~models.Q(status="ready") | models.Q(vector__isnull=False), name="embedding_ready_has_vector"
            ),
        ]
        indexes = [
            models.Index(fields=["embedder", "revision"], name="embedding_revision"),
            models.Index(fields=["embedder", "status", "updated"], name="embedding_status"),
            # Empty once all are read: nothing to search through.
            models.Index(
                fields=["embedder"],
                condition=models.Q(status="ready", signature__isnull=True),
                name="embedding_without_signature",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.photo_name} ({self.get_status_display()})"


class IndexRelease(models.Model):
    """What was built, from what, how good it is, and which one is live."""

    class Status(models.TextChoices):
        PUBLISHED = "published", _("published")
        REJECTED = "rejected", _("rejected")

    name = models.CharField(_("name"), max_length=80, unique=True)
    status = models.CharField(_("status"), max_length=9, choices=Status.choices)
    live = models.BooleanField(_("live"), default=False)
    embedder = models.CharField(_("embedder"), max_length=120)
    backend = models.CharField(_("index"), max_length=20)
    revision = models.PositiveBigIntegerField(_("revision"), help_text=_("Everything up to here is in it."))
    count = models.PositiveIntegerField(_("photos"))
    dimensions = models.PositiveIntegerField(_("dimensions"))
    recall = models.FloatField(_("recall@5"), null=True, help_text=_("Against exact search on a sample."))
    parameters = models.JSONField(_("parameters"), default=dict)
    bytes = models.PositiveBigIntegerField(_("size in bytes"))
    build_seconds = models.FloatField(_("seconds to build"))
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    stored = models.BooleanField(_("stored"), default=False, help_text=_("Other hosts can fetch it."))
    retired = models.DateTimeField(_("retired"), null=True, blank=True, help_text=_("When another one took over."))
    created = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        verbose_name = _("index release")
        verbose_name_plural = _("index releases")
        ordering = ["-created", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["live"], condition=models.Q(live=True), name="release_one_live"),
        ]

    def __str__(self) -> str:
        return self.name


class EmbedderRecord(models.Model):
    """An embedder whose vectors are stored: how to load it again, and whether it is the one that answers now."""

    name = models.CharField(_("name"), max_length=120, unique=True)
    spec = models.JSONField(_("specification"), default=dict, blank=True, help_text=_("Empty where it is not known."))
    serving = models.BooleanField(_("serving"), default=False)
    since = models.DateTimeField(_("serving since"), null=True, blank=True)
    created = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        verbose_name = _("embedder")
        verbose_name_plural = _("embedders")
        ordering = ["created", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["serving"], condition=models.Q(serving=True), name="embedder_one_serving"),
        ]

    def __str__(self) -> str:
        return self.name


class RevisionCounter(models.Model):
    """The single row revisions are drawn from."""

    value = models.PositiveBigIntegerField(default=0)

    def __str__(self) -> str:
        return str(self.value)


class Lease(models.Model):
    """Who may do what only one process may do at a time. A heartbeat that stopped frees it."""

    name = models.CharField(max_length=40, primary_key=True)
    holder = models.CharField(max_length=120)
    expires = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name}: {self.holder}"


def next_revisions(count: int) -> int:
    """Draw ``count`` revisions; return the first. Must be called inside a transaction.

    The counter's row stays locked until the caller commits, so revisions become visible in their own order: a reader
    that has seen revision n has seen every smaller one. A database sequence would not promise that.
    """
    if not transaction.get_connection().in_atomic_block:
        raise transaction.TransactionManagementError("next_revisions() must run inside transaction.atomic().")
    if not RevisionCounter.objects.filter(pk=1).update(value=models.F("value") + count):
        RevisionCounter.objects.get_or_create(pk=1)
        RevisionCounter.objects.filter(pk=1).update(value=models.F("value") + count)
    return RevisionCounter.objects.values_list("value", flat=True).get(pk=1) - count + 1
