"""The ASGI entry point."""

import os

from recommendations.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vogue_site.settings")

application = get_asgi_application()
