"""The shop's app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CatalogConfig(AppConfig):
    """A small real shop: categories, products, photos."""

    name = "catalog"
    verbose_name = _("Catalogue")

    def ready(self) -> None:
        """Connect the receiver."""
        from catalog import receivers  # noqa: PLC0415 (models must be loaded first)

        receivers.connect()
