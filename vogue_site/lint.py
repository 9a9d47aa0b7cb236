"""Django's own checks, in an environment like production: `python -m vogue_site.lint`, part of `make lint`."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

CHECKS: Sequence[Sequence[str]] = (
    ("makemigrations", "--check", "--dry-run"),
    ("check", "--deploy", "--fail-level", "WARNING"),
    ("spectacular", "--validate", "--fail-on-warn", "--file", os.devnull),
)


def environment(folder: Path) -> dict[str, str]:
    """Return an environment such as docs/deployment.md asks for, on a folder of its own; no server is contacted."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("DJANGO_", "VOGUE_"))}
    return {
        **kept,
        "VOGUE_VAR_DIR": str(folder),
        "DJANGO_SECRET_KEY": secrets.token_urlsafe(50),
        "DJANGO_ALLOWED_HOSTS": "shop.example",
        "DJANGO_HTTPS": "1",
        "DATABASE_URL": f"sqlite:///{folder / 'db.sqlite3'}",
        "REDIS_URL": "redis://127.0.0.1:6379/0",
    }


def main() -> int:
    """Run all checks; return 1 where one fails."""
    failed = []
    with tempfile.TemporaryDirectory(prefix="vogue-lint-") as folder:
        env = environment(Path(folder))
        for check in CHECKS:
            command = [sys.executable, "manage.py", *check]
            if subprocess.run(command, env=env, check=False).returncode:  # noqa: S603 (the commands above)
                failed.append(check[0])
    if failed:
        sys.stderr.write(f"Failed: {', '.join(failed)}\n")
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main())
