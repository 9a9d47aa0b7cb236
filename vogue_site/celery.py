"""The Celery application: `celery -A vogue_site worker` and `celery -A vogue_site beat`."""

from __future__ import annotations

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vogue_site.settings")

app = Celery("vogue")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@app.on_after_finalize.connect
def schedule(sender: Celery, **_: object) -> None:
    """Let the beat sweep and rebuild."""
    from recommendations.tasks import add_periodic_tasks  # noqa: PLC0415 (apps must be loaded)

    add_periodic_tasks(sender)
