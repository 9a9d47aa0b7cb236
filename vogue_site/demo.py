"""The steps of `manage.py demo` before anything is started; each does nothing where nothing is to be done."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import redis
from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from catalog.models import Product
from recommendations import conf, current
from recommendations.models import ImageEmbedding, IndexRelease

Say = Callable[[str], object]


def check_servers() -> None:
    """Raise CommandError where the database or the broker that the environment names does not answer."""
    try:
        connection.ensure_connection()
    except DatabaseError as error:
        raise CommandError(f"The database cannot be reached. Is DATABASE_URL right?\n{error}") from error
    if settings.REDIS_URL:
        try:
            with redis.from_url(settings.REDIS_URL, socket_connect_timeout=3, socket_timeout=3) as client:
                client.ping()
        except (redis.RedisError, ValueError) as error:
            raise CommandError(f"Redis cannot be reached. Is REDIS_URL right?\n{error}") from error


def migrate(say: Say) -> None:
    """Bring the database's tables up to date."""
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if not plan:
        say("up to date")
        return
    say(f"{len(plan)} migrations")
    call_command("migrate", interactive=False, verbosity=0)


def collect_static(say: Say) -> None:
    """Collect and compress the static files, where any has changed since the last time."""
    listing = hashlib.sha256(str(settings.STORAGES["staticfiles"]).encode())
    for finder in get_finders():
        for name, storage in finder.list(None):
            stat = Path(storage.path(name)).stat()
            listing.update(f"{name}:{stat.st_size}:{stat.st_mtime_ns}\n".encode())
    stamp = Path(settings.STATIC_ROOT) / ".collected"
    if stamp.is_file() and stamp.read_text() == listing.hexdigest():
        say("up to date")
        return
    stamp.unlink(missing_ok=True)
    say("collecting and compressing")
    call_command("collectstatic", interactive=False, verbosity=0)
    stamp.write_text(listing.hexdigest())


def fill(say: Say, *, inventory: Path | None, limit: int | None, count: int | None) -> bool:
    """Draw an inventory into an empty shop, or import the one given; return whether there was anything to do."""
    stamp = Path(settings.VAR_DIR) / "demo.json"
    done: dict[str, Any] = json.loads(stamp.read_text()) if stamp.is_file() else {}
    products = Product.objects.count()
    if inventory:
        stat = inventory.stat()
        wanted = {"path": str(inventory), "bytes": stat.st_size, "modified": stat.st_mtime_ns, "limit": limit}
        command = ["import_inventory", str(inventory), *(["--limit", str(limit), "--spread"] if limit else [])]
    else:
        wanted = {}
        command = ["create_sample_inventory", *(["--count", str(count)] if count else [])]
    # An inventory that was broken off is gone on with: both commands pass over what they find.
    unfinished = done.get("unfinished") == wanted
    if products and not unfinished and wanted in ({}, done.get("inventory")):
        say(f"{products:,} products are there")
        return False
    stamp.write_text(json.dumps({**done, "unfinished": wanted}))
    run(*command)
    stamp.write_text(json.dumps({"inventory": wanted}))
    return True


def index(say: Say, *, filled: bool) -> None:
    """Embed what is not embedded and build a release, where one is missing; ``filled`` a moment ago, it surely is."""
    embedder = current.embedder_name()
    rows = ImageEmbedding.objects
    ready = rows.ready(embedder).count()
    # Products that came in bulk have no rows yet.
    if ready and not filled and not rows.pending(embedder).exists():
        say(f"{ready:,} photos are embedded")
    else:
        if not any(conf.engine_dir().glob("*")):
            say("first the network is made ready, about half a minute, only this once")
        # A process of its own: converting the network takes TensorFlow, and its memory goes with the process.
        run("embed_products")
    if not IndexRelease.objects.filter(live=True, embedder=embedder).exists():
        run("rebuild_index")


def run(*arguments: str) -> None:
    """Run one of our commands in a process of its own, on our terminal.

    Raises:
        CommandError: it failed; what it said stands above.
    """
    warnings = os.environ.get("PYTHONWARNINGS", "")
    # A process group of its own, so that what it starts is stopped with it.
    process = subprocess.Popen(  # noqa: S603 (our own command)
        manage(arguments),
        cwd=settings.BASE_DIR,
        # Stopped half way, a process pool is cleaned up after; no need to say so.
        env={**os.environ, "PYTHONWARNINGS": f"{warnings},ignore:resource_tracker".strip(",")},
        stdin=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        status = process.wait()
    except BaseException:
        for number, seconds in ((signal.SIGTERM, 10), (signal.SIGKILL, 10)):
            with suppress(ProcessLookupError):
                os.killpg(process.pid, number)
            with suppress(subprocess.TimeoutExpired):
                process.wait(timeout=seconds)
        raise
    if status:
        raise CommandError(f"manage.py {arguments[0]} failed (exit {status}). The reason is in the lines above.")


def manage(arguments: Sequence[str]) -> list[str]:
    """Return the command line of ``manage.py`` with these arguments."""
    return [sys.executable, str(settings.BASE_DIR / "manage.py"), *arguments]
