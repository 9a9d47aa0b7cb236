"""The clean-up: events older than the settings keep them are deleted, a day at a time."""

from __future__ import annotations

import logging
from datetime import timedelta

from celery import shared_task
from django.db import OperationalError
from django.utils import timezone

from recommendations import conf
from recommendations.events.models import Event, GivenAnswer

logger = logging.getLogger(__name__)


@shared_task(soft_time_limit=540, time_limit=600, autoretry_for=(OperationalError,), retry_backoff=True, max_retries=3)
def forget_old_events() -> None:
    """Delete what is older than VOGUE["EVENT_DAYS"] days."""
    first = timezone.localdate() - timedelta(days=conf.get("EVENT_DAYS") - 1)
    deleted = 0
    for model in (Event, GivenAnswer):
        # A day in one short transaction: shoppers' pages write, too.
        for day in (
            model._default_manager.filter(day__lt=first).order_by("day").values_list("day", flat=True).distinct()
        ):
            deleted += model._default_manager.filter(day=day).delete()[0]
    if deleted:
        logger.info("Forgot %d events of before %s", deleted, first)
