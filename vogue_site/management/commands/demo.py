"""`manage.py demo`: from an empty database to a running shop."""

from __future__ import annotations

import http.client
import os
import shutil
import signal
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any, NoReturn

from django.conf import settings
from django.core.management import BaseCommand, CommandError
from django.db import connections

from vogue_site import demo, gunicorn, preflight
from vogue_site.processes import STOP_SIGNALS, Supervisor, read_procfile

STEPS = 6


class Command(BaseCommand):
    """Make the shop ready and run it: web server, worker and beat, until Ctrl-C."""

    help = "Make the shop ready (database, static files, inventory, index) and run it until Ctrl-C."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default=os.environ.get("HOST") or "127.0.0.1", help="Address to listen on.")
        parser.add_argument("--port", default=os.environ.get("PORT") or "8000", help="Port to listen on.")
        parser.add_argument("--inventory", default=os.environ.get("INVENTORY"), help="Zip or folder to import.")
        parser.add_argument("--limit", default=os.environ.get("LIMIT"), help="Products to import at most.")
        parser.add_argument("--count", default=os.environ.get("COUNT"), help="Products to draw.")

    def handle(self, *, host: str, port: str, **options: Any) -> None:
        numbers: dict[str, int | None] = {"limit": None, "count": None}
        try:
            number = preflight.whole_number("PORT", port, least=1, most=65535)
            for name in numbers:
                if options[name]:
                    numbers[name] = preflight.whole_number(name.upper(), options[name], least=1, most=10_000_000)
            inventory = preflight.check_inventory(options["inventory"]) if options["inventory"] else None
            preflight.check_port_is_free(host, number)
        except preflight.PreflightError as error:
            raise CommandError(str(error)) from error
        # SIGINT, too: whoever starts us in the background of a script has it ignored.
        for stop in STOP_SIGNALS:
            signal.signal(stop, _interrupt)
        try:
            self._prepare(inventory, numbers["limit"], numbers["count"])
            self._run(host, number)
        except KeyboardInterrupt:
            self.stdout.write("\nStopped. The next start goes on from here.")
            sys.exit(130)

    def _prepare(self, inventory: Path | None, limit: int | None, count: int | None) -> None:
        demo.check_servers()
        self._step(2, "Database")
        demo.migrate(self._say)
        self._step(3, "Static files")
        demo.collect_static(self._say)
        self._step(4, "Inventory")
        filled = demo.fill(self._say, inventory=inventory, limit=limit, count=count)
        self._step(5, "Photos and index")
        demo.index(self._say, filled=filled)
        connections.close_all()

    def _run(self, host: str, port: int) -> None:
        self._step(6, "Web server, worker and beat")
        metrics = settings.VAR_DIR / "metrics"
        shutil.rmtree(metrics, ignore_errors=True)
        metrics.mkdir()
        reachable = "127.0.0.1" if host == "0.0.0.0" else host  # noqa: S104 (compared, not bound)
        supervisor = Supervisor(
            read_procfile(settings.BASE_DIR / "Procfile"),
            self.stdout.write,
            env={
                **os.environ,
                "HOST": host,
                "WEB_CONCURRENCY": os.environ.get("WEB_CONCURRENCY") or str(gunicorn.DEFAULT_WORKERS),
                "PORT": str(port),
                "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
                "PROMETHEUS_MULTIPROC_DIR": str(metrics),
                "PYTHONUNBUFFERED": "1",
            },
            cwd=settings.BASE_DIR,
            colour=self.stdout.isatty() and "NO_COLOR" not in os.environ,
        )
        status = supervisor.run(
            ready=lambda: _answers(reachable, port),
            when_ready=lambda: self._announce(f"http://{reachable}:{port}/"),
        )
        if status:
            sys.exit(status)
        self.stdout.write("The shop is closed. The next start keeps everything.")

    def _announce(self, address: str) -> None:
        self.stdout.write(self.style.SUCCESS(f"\nThe shop is open: {address}   (Ctrl-C closes it)\n"))
        self.stdout.flush()

    def _step(self, number: int, words: str) -> None:
        self.stdout.write(f"[{number}/{STEPS}] {words}")
        self.stdout.flush()

    def _say(self, words: str) -> None:
        self.stdout.write(f"      {words}")
        self.stdout.flush()


def _interrupt(*_: object) -> NoReturn:
    raise KeyboardInterrupt


def _answers(host: str, port: int) -> bool:
    """Return whether the home page answers."""
    client = http.client.HTTPConnection(host, port, timeout=10)
    try:
        client.request("GET", "/")
        # Also a redirect to HTTPS, or a name that DJANGO_ALLOWED_HOSTS does not list: it is there.
        return client.getresponse().status < http.client.INTERNAL_SERVER_ERROR
    except (OSError, http.client.HTTPException):
        return False
    finally:
        client.close()
