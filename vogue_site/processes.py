"""Several programs as one: started together, their lines prefixed, stopped together."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import IO

#: Signals that ask for a stop. SIGHUP is a terminal that was closed.
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
COLOURS = (36, 33, 35, 32, 34)


def read_procfile(path: Path) -> dict[str, str]:
    """Return the commands of a Procfile by name.

    Raises:
        ValueError: a line is no ``name: command``.
    """
    commands = {}
    for number, line in enumerate(path.read_text().splitlines(), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        name, colon, command = line.partition(":")
        if not (colon and name.strip() and command.strip()):
            raise ValueError(f"{path.name}, line {number}: expected 'name: command', got {line!r}.")
        commands[name.strip()] = command.strip()
    return commands


class Supervisor:
    """Runs commands until one ends or a signal asks for a stop; leaves no process behind.

    Each command gets a process group of its own, so that Ctrl-C reaches only us, and whatever it started is found
    again when it has to be killed. The leader alone is asked to stop: Celery's children die of SIGTERM in the middle of
    a task, its parent waits for them.

    Args:
        commands: shell commands by name.
        write: takes each finished line. Called from several threads, one at a time.
        env: the commands' environment.
        cwd: the folder they run in.
        colour: whether ``write`` leads to a terminal.
        patience: seconds between asking and killing.
    """

    def __init__(
        self,
        commands: Mapping[str, str],
        write: Callable[[str], object],
        *,
        env: Mapping[str, str],
        cwd: Path,
        colour: bool = False,
        patience: float = 20.0,
    ) -> None:
        self._commands = commands
        self._write = write
        self._env = env
        self._cwd = cwd
        self._colour = colour
        self._patience = patience
        self._width = max(map(len, commands))
        self._lock = threading.Lock()
        self._asked = 0
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._copiers: list[threading.Thread] = []

    def run(self, *, ready: Callable[[], bool] | None = None, when_ready: Callable[[], object] | None = None) -> int:
        """Start all, wait, stop all; return 0 after a signal and 1 where a command ended by itself.

        Call it from the main thread. ``when_ready`` is called once, when ``ready`` first returns True; both run beside
        the commands, in a thread.
        """
        before = {number: signal.signal(number, self._ask) for number in STOP_SIGNALS}
        try:
            for name, command in self._commands.items():
                self._start(name, command)
            if ready and when_ready:
                threading.Thread(target=self._watch, args=(ready, when_ready), daemon=True).start()
            return self._wait()
        finally:
            self._stop()
            for number, handler in before.items():
                signal.signal(number, handler)

    def _ask(self, *_: object) -> None:
        # Nothing but this: a handler that prints may interrupt a print, which Python forbids.
        self._asked += 1

    def _start(self, name: str, command: str) -> None:
        process = subprocess.Popen(  # noqa: S603 (our own Procfile)
            ["/bin/sh", "-c", f"exec {command}"],
            env=dict(self._env),
            cwd=self._cwd,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        self._running[name] = process
        assert process.stdout is not None  # noqa: S101 (for the type checker)
        colour = COLOURS[(len(self._running) - 1) % len(COLOURS)]
        copier = threading.Thread(target=self._copy, args=(name, colour, process.stdout), daemon=True)
        copier.start()
        self._copiers.append(copier)

    def _copy(self, name: str, colour: int, stream: IO[bytes]) -> None:
        with stream:
            for line in stream:
                self._say(name, line.decode(errors="replace").rstrip("\r\n"), colour)

    def _say(self, name: str, text: str, colour: int = 0) -> None:
        prefix = f"{name:<{self._width}} | "
        if self._colour and colour:
            prefix = f"\033[{colour}m{prefix}\033[0m"
        with self._lock:
            try:
                self._write(prefix + text)
            except OSError:
                # Nobody reads us any more (a closed pipe or terminal); go on reading, or the command would hang.
                self._asked = self._asked or 1

    def _watch(self, ready: Callable[[], bool], when_ready: Callable[[], object]) -> None:
        while not self._asked:
            if ready():
                with self._lock:
                    if not self._asked:
                        when_ready()
                return
            time.sleep(0.2)

    def _wait(self) -> int:
        while not self._asked:
            for name, process in self._running.items():
                status = process.poll()
                if status is not None:
                    how = f"was killed by {signal.Signals(-status).name}" if status < 0 else f"ended (exit {status})"
                    self._say(name, f"{name} {how}, so everything stops. The reason is in the lines above.")
                    return 1
            time.sleep(0.1)
        return 0

    def _stop(self) -> None:
        asked = self._asked
        for process in self._running.values():
            if process.poll() is None:
                process.terminate()
        until = time.monotonic() + self._patience
        # A second Ctrl-C ends the patience.
        while any(process.poll() is None for process in self._running.values()):
            if time.monotonic() > until or self._asked > max(asked, 1):
                break
            time.sleep(0.05)
        for process in self._running.values():
            # Also where the leader is gone: it may have left children.
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        for copier in self._copiers:
            copier.join(timeout=2)
