"""What must not be loaded just because Django is."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("command", ["check", "help", "makemigrations --check --dry-run"])
def test_a_light_command_loads_no_tensorflow_and_no_engine(tmp_path: Path, command: str) -> None:
    program = (
        "import sys; from django.core.management import execute_from_command_line as run; "
        f"run(['manage.py', *{command.split()!r}]); "
        "print('loaded:', sorted({name.partition('.')[0] for name in sys.modules} & "
        "{'tensorflow', 'keras', 'openvino', 'sklearn'}))"
    )
    env = {**os.environ, "DJANGO_SETTINGS_MODULE": "vogue_site.settings", "VOGUE_VAR_DIR": str(tmp_path)}
    result = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, env=env, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr
    assert result.stdout.rstrip().endswith("loaded: []")


def test_the_web_servers_own_modules_load_no_tensorflow_and_no_engine(tmp_path: Path) -> None:
    """What gunicorn imports before the first request, urls and views included."""
    program = (
        "import sys, vogue_site.wsgi, vogue_site.gunicorn; from django.urls import get_resolver; "
        "get_resolver().url_patterns; "
        "print('loaded:', sorted({name.partition('.')[0] for name in sys.modules} & "
        "{'tensorflow', 'keras', 'openvino', 'sklearn'}))"
    )
    env = {**os.environ, "DJANGO_SETTINGS_MODULE": "vogue_site.settings", "VOGUE_VAR_DIR": str(tmp_path)}
    result = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, env=env, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr
    assert result.stdout.rstrip().endswith("loaded: []")


@pytest.mark.parametrize(("asked", "given"), [("", "1"), ("3", "3")])
def test_a_scan_in_the_web_server_takes_one_thread_unless_told_otherwise(
    tmp_path: Path, asked: str, given: str
) -> None:
    """Where numpy were loaded before gunicorn sets the variable, it would come too late."""
    program = "import sys, vogue_site.gunicorn as server; print(server.raw_env, 'numpy' in sys.modules)"
    env = {**os.environ, "OPENBLAS_NUM_THREADS": asked, "VOGUE_VAR_DIR": str(tmp_path)}
    result = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, env=env, capture_output=True, text=True, check=False
    )
    assert result.stdout.strip() == f"['OPENBLAS_NUM_THREADS={given}'] False", result.stderr


def test_the_web_server_forks_before_it_loads_the_shop() -> None:
    from vogue_site import gunicorn

    assert gunicorn.preload_app is False
