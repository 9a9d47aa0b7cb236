"""Where static files lie in production: named by their content, so that browsers may keep them for ever."""

from __future__ import annotations

from whitenoise.storage import CompressedManifestStaticFilesStorage


class StaticStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """Also renames what our JavaScript modules import: an old module never meets a new one."""

    support_js_module_import_aggregation = True
