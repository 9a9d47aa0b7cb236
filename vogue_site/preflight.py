"""What must be right before `make demo` starts anything: Python, port, inventory, numbers. Standard library only.

Run as a file by the Makefile with the system's Python, before there is a virtual environment; imported by
`manage.py demo`, which checks the same.
"""

from __future__ import annotations

import errno
import os
import socket
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path

OLDEST_PYTHON = (3, 11)
#: The first Python that TensorFlow publishes no wheels for.
TOO_NEW_PYTHON = (3, 14)


class PreflightError(Exception):
    """Something that must be put right first; the message says what."""


def check_python(version: tuple[int, int]) -> None:
    """Raise PreflightError unless the pinned packages have wheels for this Python."""
    if not OLDEST_PYTHON <= version < TOO_NEW_PYTHON:
        raise PreflightError(
            f"Vogue needs Python 3.11, 3.12 or 3.13; this is {version[0]}.{version[1]}. "
            "Name another one with: make PYTHON=python3.12"
        )


def whole_number(name: str, value: str, *, least: int, most: int) -> int:
    """Return the value as a number; raise PreflightError naming the variable where it is none in this range."""
    # isdecimal() alone takes digits of every script, and int() takes "1_000" and " 5 ".
    if value.isascii() and value.isdecimal() and least <= int(value) <= most:
        return int(value)
    raise PreflightError(f"{name} must be a whole number from {least} to {most}; it is {value!r}.")


def check_port_is_free(host: str, port: int) -> None:
    """Raise PreflightError where something listens on the port already, or where we may not listen."""
    try:
        # As the web server will: with SO_REUSEADDR, so that a port left a second ago counts as free.
        with socket.create_server((host, port)):
            pass
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            other = port + 1 if port < 65535 else 8000
            reason = (
                f"Port {port} is in use by another program. Stop it, or choose another port: make demo PORT={other}"
            )
        elif error.errno == errno.EACCES:
            reason = (
                f"Port {port} is reserved for the system's administrator. Choose one above 1023: make demo PORT=8000"
            )
        else:
            reason = f"HOST must be an IPv4 address of this machine; it is {host!r}."
        raise PreflightError(reason) from error


def check_inventory(value: str) -> Path:
    """Return the inventory's absolute path; raise PreflightError where it is no zip and no folder with styles.csv."""
    path = Path(value).expanduser().resolve()
    if path.is_dir():
        if (path / "styles.csv").is_file():
            return path
        raise PreflightError(f"INVENTORY={value} is a folder without styles.csv.")
    if not path.is_file():
        raise PreflightError(f"INVENTORY={value}: there is no such file.")
    if not zipfile.is_zipfile(path):
        raise PreflightError(f"INVENTORY={value} is not a zip file.")
    return path


def check(environ: Mapping[str, str]) -> None:
    """Check everything `make demo` is given.

    Raises:
        PreflightError: the first thing that is not right.
    """
    check_python(sys.version_info[:2])
    port = whole_number("PORT", environ.get("PORT") or "8000", least=1, most=65535)
    for name in ("LIMIT", "COUNT"):
        if value := environ.get(name):
            whole_number(name, value, least=1, most=10_000_000)
    if inventory := environ.get("INVENTORY"):
        check_inventory(inventory)
    check_port_is_free(environ.get("HOST") or "127.0.0.1", port)


if __name__ == "__main__":
    try:
        check(os.environ)
    except PreflightError as error:
        sys.exit(str(error))
