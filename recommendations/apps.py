"""The plugin's app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RecommendationsConfig(AppConfig):
    """Visual discovery: similar products, search by photo."""

    name = "recommendations"
    verbose_name = _("Visual discovery")

    def ready(self) -> None:
        """Connect the receivers and register the checks. Loads no network and no index."""
        from recommendations import checks, receivers  # noqa: F401, PLC0415 (models must be loaded first)
        from recommendations.pgvector_backend import checks as pgvector_checks  # noqa: F401, PLC0415

        receivers.connect()
