"""The project's settings with the pages, static files and gallery of another shop."""

from pathlib import Path

from vogue_site.settings import *  # noqa: F403
from vogue_site.settings import TEMPLATES, VAR_DIR, VOGUE

ROOT_URLCONF = "tests.other_shop.urls"
# None of the shop's templates and static files: only what the apps bring.
TEMPLATES[0]["DIRS"] = [Path(__file__).parent / "templates"]
TEMPLATES[0]["OPTIONS"]["context_processors"] = ["django.template.context_processors.request"]
STATICFILES_DIRS = []
STATIC_ROOT = VAR_DIR / "other-static"
VOGUE = {**VOGUE, "GALLERY": "tests.other_shop.gallery.OtherGallery"}
# Their address there is this shop's.
ABSOLUTE_URL_OVERRIDES = {"catalog.product": lambda product: f"/item/{product.pk}/"}
