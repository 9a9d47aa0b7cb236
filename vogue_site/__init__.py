"""The Django project that joins the shop (catalog) and the plugin (recommendations)."""

from vogue_site.celery import app as celery_app

__all__ = ["celery_app"]
