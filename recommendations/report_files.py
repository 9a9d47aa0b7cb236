"""Reports of evaluations, as the admin shows them: read from one folder, by names that cannot lead out of it."""

from __future__ import annotations

import re
from pathlib import Path

from recommendations import conf

PAGE = "index.html"
#: A file of a report → what it is.
_FILES = (
    (re.compile(r"index\.html"), "text/html; charset=utf-8"),
    (re.compile(r"style\.css"), "text/css; charset=utf-8"),
    (re.compile(r"results\.json"), "application/json"),
    (re.compile(r"pictures/[0-9]{1,6}\.webp"), "image/webp"),
)
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")


def latest_report() -> str | None:
    """Return the name of the newest report, or None."""
    try:
        names = [folder.name for folder in conf.report_dir().iterdir() if _NAME.fullmatch(folder.name)]
    except OSError:
        return None
    return max((name for name in names if (conf.report_dir() / name / PAGE).is_file()), default=None)


def find_file(report: str, file: str) -> tuple[Path, str] | None:
    """Return a file of a report and its content type; None for what is no such file."""
    kind = next((kind for pattern, kind in _FILES if pattern.fullmatch(file)), None)
    if kind is None or not _NAME.fullmatch(report):
        return None
    path = conf.report_dir() / report / file
    return (path, kind) if path.is_file() else None
