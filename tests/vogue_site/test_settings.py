"""The settings page says what the code reads, and the settings hold what they promise."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from recommendations.conf import SETTINGS

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "settings.md").read_text()
#: Name and default of each row of each table.
ROWS = dict(re.findall(r"^\| `(\w+)` \| (.+?) \|", PAGE, re.MULTILINE))


def variables(file: str) -> set[str]:
    """Return the names of environment variables a module reads: env.…("X"), os.environ.get("X"), os.environ["X"]."""
    found = set()
    for node in ast.walk(ast.parse((ROOT / file).read_text())):
        if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
            reader = ast.unparse(node.func)
            if reader == "text" or reader.rpartition(".")[0] in {"env", "os.environ", "environ"}:
                found.add(str(node.args[0].value))
        elif isinstance(node, ast.Subscript) and ast.unparse(node.value) == "os.environ":
            found.add(ast.literal_eval(node.slice))
    return found


@pytest.mark.parametrize("key", SETTINGS)
def test_each_key_of_the_plugin_is_documented_with_its_default(key: str) -> None:
    default = str(SETTINGS[key].default)
    assert ROWS.get(key) == (f"`{default}`" if default else "(empty)")


@pytest.mark.parametrize("key", [key for key, setting in SETTINGS.items() if setting.choices])
def test_each_choice_is_documented(key: str) -> None:
    row = next(line for line in PAGE.splitlines() if line.startswith(f"| `{key}` |"))
    for choice in filter(None, SETTINGS[key].choices):
        assert f"`{choice}`" in row


def test_the_page_documents_no_key_that_is_none() -> None:
    plugin = PAGE.partition("## The plugin")[2].partition("## The shop of this project")[0]
    assert set(re.findall(r"^\| `(\w+)` \|", plugin, re.MULTILINE)) == set(SETTINGS)


def test_each_environment_variable_is_documented() -> None:
    read = set.union(*(variables(f"vogue_site/{name}.py") for name in ("settings", "env", "gunicorn", "preflight")))
    read |= variables("vogue_site/management/commands/demo.py") | variables("recommendations/metrics.py")
    read |= set(re.findall(r"\$\{(\w+)", (ROOT / "Procfile").read_text()))
    read |= {"DATABASE_URL"}  # dj_database_url reads it
    assert {"REDIS_URL", "DJANGO_SECRET_KEY", "PORT", "WEB_CONCURRENCY"} <= read, "the reader of modules is broken"
    assert read - {"PATH", "NO_COLOR", "DJANGO_SETTINGS_MODULE"} <= set(ROWS)


def test_the_page_documents_no_variable_that_nobody_reads() -> None:
    sources = [*ROOT.glob("vogue_site/**/*.py"), *ROOT.glob("recommendations/*.py"), ROOT / "Procfile"]
    code = "".join(path.read_text() for path in sources)
    documented = set(re.findall(r"^\| `(\w+)` \|", PAGE.partition("## The shop of this project")[2], re.MULTILINE))
    assert {name for name in documented if name not in code} <= {"DATABASE_URL"}


def settings(tmp_path: Path, expression: str, **env: str) -> str:
    """Return what ``expression`` of the settings is in a fresh process with this environment."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("DJANGO_", "VOGUE_"))}
    kept |= {"VOGUE_VAR_DIR": str(tmp_path), **env}
    for name in ("DATABASE_URL", "REDIS_URL"):
        if name not in env:
            kept.pop(name, None)
    program = f"from vogue_site import settings as s; print(({expression}))"
    result = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, env=kept, capture_output=True, text=True, check=False
    )
    return result.stdout.strip() or result.stderr.strip().splitlines()[-1]


def test_nothing_set_means_no_servers_and_no_debugging(tmp_path: Path) -> None:
    expression = "s.DEBUG, s.DATABASES['default']['ENGINE'], s.CELERY_BROKER_URL, s.CACHES['default']['BACKEND']"
    expected = (
        False,
        "django.db.backends.sqlite3",
        "filesystem://localhost//",
        "django.core.cache.backends.filebased.FileBasedCache",
    )
    assert settings(tmp_path, expression) == str(expected)
    assert settings(tmp_path, "s.DATABASES['default']['NAME']").startswith(str(tmp_path))


def test_redis_and_postgresql_are_switched_on_by_their_addresses(tmp_path: Path) -> None:
    url = "redis://127.0.0.1:6379/3"
    database = "postgresql://shop:secret@db.example/vogue"
    expression = (
        "s.CELERY_BROKER_URL, s.CACHES['default']['LOCATION'], s.DATABASES['default']['ENGINE'], "
        "s.DATABASES['default']['HOST'], 'init_command' in s.DATABASES['default'].get('OPTIONS', {})"
    )
    expected = (url, url, "django.db.backends.postgresql", "db.example", False)
    assert settings(tmp_path, expression, REDIS_URL=url, DATABASE_URL=database) == str(expected)


def test_https_turns_on_all_that_belongs_to_it(tmp_path: Path) -> None:
    expression = (
        "s.SECURE_SSL_REDIRECT, s.SECURE_HSTS_SECONDS > 0, s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE, "
        "s.SECURE_PROXY_SSL_HEADER is not None"
    )
    assert settings(tmp_path, expression, DJANGO_HTTPS="1") == str((True,) * 5)
    assert settings(tmp_path, expression) == str((False,) * 5)


def test_a_value_that_makes_no_sense_stops_the_start_with_its_name(tmp_path: Path) -> None:
    said = settings(tmp_path, "s.HTTPS", DJANGO_HTTPS="perhaps")
    assert said.endswith("DJANGO_HTTPS must be one of 1, 0, true, false, yes, no, on, off; it is 'perhaps'.")


def test_the_visibility_timeout_is_longer_than_any_task(tmp_path: Path) -> None:
    """Else Redis would hand a slow task to a second worker."""
    from recommendations import tasks

    visibility = int(
        settings(tmp_path, "s.CELERY_BROKER_TRANSPORT_OPTIONS['visibility_timeout']", REDIS_URL="redis://127.0.0.1/0")
    )
    limits = [task.time_limit for task in (tasks.embed_photos, tasks.sweep_pending, tasks.rebuild_index)]
    limits.append(int(settings(tmp_path, "s.CELERY_TASK_TIME_LIMIT")))
    assert visibility > max(limits)


def test_every_queue_that_is_written_to_is_read_by_the_procfiles_worker() -> None:
    from django.conf import settings as django_settings

    routes = django_settings.CELERY_TASK_ROUTES.values()
    written = {django_settings.CELERY_TASK_DEFAULT_QUEUE, *(route["queue"] for route in routes)}
    queues = re.search(r"--queues (\S+)", (ROOT / "Procfile").read_text())
    assert queues
    assert written == set(queues[1].split(","))
