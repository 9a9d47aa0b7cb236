"""The app that holds the table of vectors."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PgvectorBackendConfig(AppConfig):
    """Photo vectors in PostgreSQL, kept by a trigger, searched by pgvector."""

    name = "recommendations.pgvector_backend"
    label = "vogue_pgvector"
    verbose_name = _("Visual discovery in PostgreSQL")
    default_auto_field = "django.db.models.BigAutoField"
