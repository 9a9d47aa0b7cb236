"""The app that holds the tables of events."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class EventsConfig(AppConfig):
    """Answers, impressions and clicks, counted without personal data. Install it to have them counted."""

    name = "recommendations.events"
    label = "vogue_events"
    verbose_name = _("Visual discovery: what it is worth")
    default_auto_field = "django.db.models.BigAutoField"
