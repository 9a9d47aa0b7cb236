"""A process of its own for what may crash."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path


def run_python(arguments: list[str], *, timeout: float, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
    """Run this Python with this import path in a process of its own, and wait.

    Raises:
        OSError: it cannot be started.
        subprocess.TimeoutExpired: it took longer than ``timeout`` seconds, and was killed.
    """
    # Under an embedding server (uWSGI, mod_wsgi) sys.executable is that server.
    named = Path(sys.executable or "").name.startswith("python")
    executable = sys.executable if named else str(Path(sys.prefix) / "bin" / "python3")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(part or str(Path.cwd()) for part in sys.path)}
    return subprocess.run(  # noqa: S603 (our own arguments)
        [executable, *arguments],
        input=stdin,
        stdin=subprocess.DEVNULL if stdin is None else None,
        capture_output=True,
        text=True,
        timeout=timeout,
        env=environment,
        check=False,
    )
