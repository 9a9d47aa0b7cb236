"""Answers given, and what of them was seen and clicked. Nothing here tells who: no address, account, session or photo.

Times are a day and an hour of the shop's own clock, so that a row cannot be laid beside a server's log.
"""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Kind(models.TextChoices):
    """What asked for an answer."""

    STRIP = "strip", _("Similar items")
    SIMILAR = "similar", _("More like this one")
    PHOTO = "photo", _("Search by photo")
    FOR_YOU = "for_you", _("For you")
    API_SIMILAR = "api_similar", _("API: similar products")
    API_PHOTO = "api_photo", _("API: search by photo")


#: Answers to a photo: of the others none has to be close to anything.
TO_PHOTOS = (Kind.PHOTO, Kind.API_PHOTO)


class GivenAnswer(models.Model):
    """One answer: what kind, how good, how fast. ``key`` is random."""

    key = models.CharField(_("key"), max_length=16, primary_key=True)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices)
    level = models.CharField(_("match"), max_length=8)
    results = models.PositiveSmallIntegerField(_("results"))
    took_ms = models.FloatField(_("milliseconds"))
    #: The product's key as text, not a foreign key: deleting a product must not search a million events.
    origin = models.CharField(_("asked from"), max_length=64, blank=True)
    day = models.DateField(_("day"))
    hour = models.PositiveSmallIntegerField(_("hour"))

    class Meta:
        verbose_name = _("answer")
        verbose_name_plural = _("searches and clicks")
        default_permissions = ("view",)
        indexes = [
            models.Index(fields=["day", "kind", "level"], name="given_day_kind"),
            models.Index(fields=["day", "kind", "took_ms"], name="given_day_took"),
            models.Index(fields=["day", "kind", "origin"], name="given_day_origin"),
        ]

    def __str__(self) -> str:
        return self.key


class Event(models.Model):
    """One product of an answer was seen, or clicked: once each."""

    class Action(models.TextChoices):
        SEEN = "seen", _("seen")
        CLICKED = "clicked", _("clicked")

    answer = models.CharField(_("answer"), max_length=16)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices)
    position = models.PositiveSmallIntegerField(_("position"), help_text=_("1 is the first."))
    product = models.CharField(_("product"), max_length=64)
    action = models.CharField(_("action"), max_length=7, choices=Action.choices)
    day = models.DateField(_("day"))
    hour = models.PositiveSmallIntegerField(_("hour"))

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["answer", "position", "action"], name="event_once")]
        indexes = [
            # Each question of the report is answered from one of these alone.
            models.Index(fields=["day", "kind", "action", "position"], name="event_day_position"),
            models.Index(fields=["day", "kind", "action", "product"], name="event_day_product"),
        ]

    def __str__(self) -> str:
        return f"{self.answer}/{self.position} {self.action}"
