"""The project's settings, on throw-away folders and databases."""

import os
import tempfile

os.environ["VOGUE_VAR_DIR"] = tempfile.mkdtemp(prefix="vogue-tests-")
os.environ.setdefault("DJANGO_SECRET_KEY", "tests-only-" + "x" * 50)

from vogue_site.settings import *  # noqa: F403
from vogue_site.settings import STATIC_ROOT, STORAGES

# WhiteNoise warns where it is missing.
STATIC_ROOT.mkdir(exist_ok=True)

STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
CELERY_BROKER_URL = "memory://"
CELERY_BROKER_TRANSPORT_OPTIONS = {}
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
    "photos": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "photos"},
}
# Counted in tests of counting; elsewhere pages are as a visitor sees them who asks not to be followed.
VOGUE["EVENTS"] = False  # noqa: F405
