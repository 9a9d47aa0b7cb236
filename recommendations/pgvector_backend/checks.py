"""System checks: what VOGUE_INDEX=pgvector needs. Loaded whether the app is installed or not; it imports no model."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.apps import AppConfig, apps
from django.core.checks import CheckMessage, Error, Tags, register
from django.core.exceptions import ImproperlyConfigured
from django.db import DEFAULT_DB_ALIAS, DatabaseError, connections

from recommendations import conf

APP = "recommendations.pgvector_backend"
#: The first pgvector with halfvec.
LEAST_VERSION = (0, 7)

_VERSION = """
SELECT e.extversion, a.default_version
FROM pg_available_extensions a LEFT JOIN pg_extension e ON e.extname = a.name
WHERE a.name = 'vector'
"""


@register()
def check_database(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> Iterable[CheckMessage]:  # noqa: ARG001
    """E010: the app is not installed. E011: the database is not PostgreSQL."""
    if not _wanted():
        return []
    found = []
    if not apps.is_installed(APP):
        message = f"VOGUE_INDEX is pgvector, but {APP} is not in INSTALLED_APPS."
        found.append(Error(message, hint="Add it, then run manage.py migrate.", id="vogue.E010"))
    vendor = connections[DEFAULT_DB_ALIAS].vendor
    if vendor != "postgresql":
        message = f"VOGUE_INDEX is pgvector, but the database is {vendor}."
        hint = "Set DATABASE_URL to a PostgreSQL that has pgvector, or VOGUE_INDEX to annoy or exact."
        found.append(Error(message, hint=hint, id="vogue.E011"))
    return found


@register(Tags.database)
def check_extension(
    app_configs: Sequence[AppConfig] | None,  # noqa: ARG001 (Django's signature)
    databases: Sequence[str] | None = None,
    **kwargs: Any,  # noqa: ARG001
) -> Iterable[CheckMessage]:
    """E012: pgvector is missing, or has no halfvec yet. Asked before every migrate."""
    if not _wanted() or DEFAULT_DB_ALIAS not in (databases or ()):
        return []
    connection = connections[DEFAULT_DB_ALIAS]
    if connection.vendor != "postgresql":
        return []  # E011 says so
    try:
        with connection.cursor() as cursor:
            cursor.execute(_VERSION)
            row: tuple[str | None, str] | None = cursor.fetchone()
    except DatabaseError:
        return []  # not this check's to report
    least = ".".join(map(str, LEAST_VERSION))
    if row is None:
        message = "This PostgreSQL has no pgvector."
        hint = f"Install pgvector {least} or newer on the database's machine (Debian: postgresql-<version>-pgvector)."
        return [Error(message, hint=hint, id="vogue.E012")]
    # Not created yet: migrate creates what is available.
    version = row[0] or row[1]
    if parse_version(version) >= LEAST_VERSION:
        return []
    message = f"This PostgreSQL has pgvector {version}; Vogue needs {least} or newer."
    hint = "Install a newer one on the database's machine, then run ALTER EXTENSION vector UPDATE."
    return [Error(message, hint=hint, id="vogue.E012")]


def parse_version(text: str) -> tuple[int, ...]:
    """Return ``0.8.1`` as numbers; what follows a part that is none is left out."""
    numbers = []
    for part in text.split("."):
        if not part.isdecimal():
            break
        numbers.append(int(part))
    return tuple(numbers)


def _wanted() -> bool:
    try:
        return bool(conf.get("INDEX") == "pgvector")
    except ImproperlyConfigured:
        return False  # E001 says so
