"""The project's settings as the environment says, for tests that run processes. The embedder alone is a cheap one."""

import os

from vogue_site.settings import *  # noqa: F403
from vogue_site.settings import CELERY_BROKER_TRANSPORT_OPTIONS, CELERY_BROKER_URL, INSTALLED_APPS, REDIS_URL

INSTALLED_APPS = [*INSTALLED_APPS, "tests.embedders.EmbedderOfSettings"]
TEST_EMBEDDER = os.environ.get("TEST_EMBEDDER", "tests.embedders.MeanColourEmbedder")
if not REDIS_URL:
    # Nobody would fetch what is sent.
    CELERY_BROKER_URL = "memory://"
    CELERY_BROKER_TRANSPORT_OPTIONS = {}
