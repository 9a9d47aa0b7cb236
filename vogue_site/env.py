"""Typed values from the environment: a bad value is named at start, never guessed at."""

from __future__ import annotations

import json
import os
import secrets
from pathlib import Path
from typing import Any

from django.conf.locale import LANG_INFO
from django.core.exceptions import ImproperlyConfigured

TRUE = {"1", "true", "yes", "on"}
FALSE = {"0", "false", "no", "off", ""}


def text(name: str, default: str = "") -> str:
    """Return the variable, or ``default`` where it is unset or empty."""
    return os.environ.get(name, "").strip() or default


def flag(name: str, default: bool) -> bool:
    """Return the variable as a yes or no; raise ImproperlyConfigured on anything else."""
    value = os.environ.get(name)
    if value is None:
        return default
    if value.strip().lower() in TRUE:
        return True
    if value.strip().lower() in FALSE:
        return False
    raise ImproperlyConfigured(f"{name} must be one of 1, 0, true, false, yes, no, on, off; it is {value!r}.")


def number(name: str, default: int) -> int:
    """Return the variable as a whole number; raise ImproperlyConfigured on anything else."""
    value = text(name, str(default))
    try:
        return int(value)
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} must be a whole number; it is {value!r}.") from error


def words(name: str, default: str = "") -> list[str]:
    """Return the variable's comma-separated parts."""
    return [part.strip() for part in text(name, default).split(",") if part.strip()]


def languages(name: str, default: str) -> list[tuple[str, str]]:
    """Return the variable's language codes, each with what the language calls itself; the first is the shop's own.

    Raises:
        ImproperlyConfigured: Django knows no such language, or none is left.
    """
    codes = [code.lower() for code in words(name, default)]
    unknown = [code for code in codes if "name_local" not in LANG_INFO.get(code, {})]
    if unknown or not codes:
        raise ImproperlyConfigured(f"{name} must name languages such as en,de; it is {text(name, default)!r}.")
    return [(code, LANG_INFO[code]["name_local"]) for code in dict.fromkeys(codes)]


def mapping(name: str) -> dict[str, Any]:
    """Return the variable as a JSON object; raise ImproperlyConfigured on anything else."""
    try:
        value = json.loads(text(name, "{}"))
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} must be a JSON object; it cannot be read: {error}.") from error
    if not isinstance(value, dict):
        raise ImproperlyConfigured(f"{name} must be a JSON object; it is a {type(value).__name__}.")
    return value


def secret_key(path: Path) -> str:
    """Return DJANGO_SECRET_KEY, or one made once and kept in ``path``, readable by its owner alone."""
    if key := text("DJANGO_SECRET_KEY"):
        return key
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        if key := path.read_text().strip():
            return key
        raise ImproperlyConfigured(f"{path} is empty. Delete it, or set DJANGO_SECRET_KEY.") from None
    key = secrets.token_urlsafe(50)
    with os.fdopen(descriptor, "w") as file:
        file.write(key)
    return key
