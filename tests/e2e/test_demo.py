"""`manage.py demo` as `make demo` runs it: from an empty folder to a running shop, and back to nothing running."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.e2e.shop import ROOT, Shop
from tests.services import needs_proc, read_proc, wait_for

pytestmark = [pytest.mark.network, needs_proc]


class Demo:
    """The command, its output, and every process it started."""

    def __init__(self, shop: Shop, **env: str) -> None:
        self.shop = shop
        self.log = shop.folder / f"demo-{time.monotonic_ns()}.log"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "demo"],
                cwd=ROOT,
                env={**shop.env, **env},
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def output(self) -> str:
        return self.log.read_text()

    def wait_until_open(self, seconds: float = 240) -> None:
        def is_open() -> bool:
            assert self.process.poll() is None, f"the demo ended:\n{self.output}"
            return f"The shop is open: {self.shop.address}/" in self.output

        wait_for(is_open, "the demo opening", seconds=seconds)
        assert self.shop.get("/").status == 200

    def wait_until_said(self, words: str) -> None:
        wait_for(lambda: words in self.output, f"the demo saying {words!r}")

    def family(self) -> list[int]:
        """Return the processes of this shop, whoever started them: all carry its folder in their environment."""
        mark = f"VOGUE_VAR_DIR={self.shop.folder}\0".encode()
        found = []
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit() and int(entry.name) != os.getpid():
                try:
                    if mark in (entry / "environ").read_bytes():
                        found.append(int(entry.name))
                except OSError:
                    continue  # it ended, or is another user's
        return found

    def ask_to_stop(self, number: int) -> int:
        self.process.send_signal(number)
        return self.process.wait(timeout=60)


@pytest.fixture
def demo(new_shop: Callable[..., Shop]) -> Iterator[Callable[..., Demo]]:
    demos: list[Demo] = []

    def start(shop: Shop | None = None, **env: str) -> Demo:
        demos.append(Demo(shop or new_shop(), **{"COUNT": "12", **env}))
        return demos[-1]

    yield start
    for one in demos:
        if one.process.poll() is None:
            one.ask_to_stop(signal.SIGTERM)
        for pid in one.family():
            os.kill(pid, signal.SIGKILL)


def prefixes(output: str) -> set[str]:
    return set(re.findall(r"^(\w+) +\| ", output, re.MULTILINE))


def products(shop: Shop) -> list[int]:
    return [row["id"] for row in shop.get("/api/v1/products/?page_size=100").json()["results"]]


def test_it_opens_a_shop_from_nothing_closes_it_on_ctrl_c_and_opens_it_again_quickly(
    demo: Callable[..., Demo],
) -> None:
    first = demo()
    first.wait_until_open()
    steps = re.findall(r"^\[\d/6\] .*$", first.output, re.MULTILINE)
    assert [step[1] for step in steps] == ["2", "3", "4", "5", "6"]
    ids = products(first.shop)
    assert len(ids) == 12
    similar = first.shop.get(f"/api/v1/products/{ids[0]}/similar/").json()["results"]
    assert len(similar) == 5
    wait_for(lambda: prefixes(first.output) >= {"web", "worker", "beat"}, "a line of each program")
    wait_for(lambda: "celery@" in first.output and "ready" in first.output, "the worker being ready")
    assert len(first.family()) >= 6  # the demo, web and two children, worker and its own, beat
    assert first.ask_to_stop(signal.SIGINT) == 0, first.output
    assert first.family() == []
    assert first.output.rstrip().endswith("The shop is closed. The next start keeps everything.")
    assert "Traceback" not in first.output
    # Celery warns whoever runs a worker as root, and is right.
    assert "Warning" not in first.output.replace("SecurityWarning", "")

    begun = time.monotonic()
    second = demo(first.shop)
    second.wait_until_open(seconds=60)
    took = time.monotonic() - begun
    assert products(second.shop) == ids
    assert second.output.count("up to date") == 2
    assert took < 30, f"the second start took {took:.0f} seconds"
    assert second.ask_to_stop(signal.SIGTERM) == 0, second.output
    assert second.family() == []


def test_a_program_that_dies_takes_the_rest_along_and_is_named(demo: Callable[..., Demo]) -> None:
    one = demo()
    one.wait_until_open()
    beat = next(pid for pid in one.family() if "beat" in read_proc(f"/proc/{pid}/cmdline"))
    os.kill(beat, signal.SIGKILL)
    assert one.process.wait(timeout=60) == 1
    assert "beat was killed by SIGKILL, so everything stops." in one.output
    assert one.family() == []


def test_a_stop_while_the_shop_is_being_made_leaves_nothing_and_the_next_start_goes_on(
    demo: Callable[..., Demo],
) -> None:
    shop: Shop | None = None
    for number in (signal.SIGINT, signal.SIGTERM):
        one = demo(shop, COUNT="24")
        one.wait_until_said("[4/6]")
        time.sleep(0.5)
        assert one.ask_to_stop(number) == 130, one.output
        assert one.family() == []
        assert "Stopped. The next start goes on from here." in one.output
        assert "Warning" not in one.output
        shop = one.shop
    last = demo(shop, COUNT="24")
    last.wait_until_open()
    assert len(products(last.shop)) == 24


def test_a_port_in_use_is_said_before_all_else(demo: Callable[..., Demo], new_shop: Callable[..., Shop]) -> None:
    shop = new_shop()
    with socket.create_server(("127.0.0.1", shop.port)):
        one = demo(shop)
        assert one.process.wait(timeout=60) == 1
    assert f"Port {shop.port} is in use by another program." in one.output
    assert "[2/6]" not in one.output
    assert not (shop.folder / "db.sqlite3").exists()


@pytest.mark.parametrize(
    ("env", "words"),
    [
        ({"LIMIT": "ten"}, "LIMIT must be a whole number"),
        ({"INVENTORY": "/no/such.zip"}, "there is no such file"),
        ({"REDIS_URL": "redis://127.0.0.1:1/0"}, "Redis cannot be reached"),
        ({"DATABASE_URL": "postgresql://127.0.0.1:1/none"}, "The database cannot be reached"),
    ],
)
def test_what_cannot_work_is_said_in_plain_words(demo: Callable[..., Demo], env: dict[str, str], words: str) -> None:
    one = demo(**env)
    assert one.process.wait(timeout=60) == 1
    assert words in one.output
    assert "Traceback" not in one.output


def test_an_inventory_is_imported_once_and_another_limit_is_another_inventory(
    demo: Callable[..., Demo], real_inventory: Path
) -> None:
    first = demo(INVENTORY=str(real_inventory), LIMIT="20")
    first.wait_until_open()
    assert len(products(first.shop)) == 20
    first.ask_to_stop(signal.SIGINT)

    same = demo(first.shop, INVENTORY=str(real_inventory), LIMIT="20")
    same.wait_until_open()
    assert "20 products are there" in same.output
    same.ask_to_stop(signal.SIGINT)

    more = demo(first.shop, INVENTORY=str(real_inventory), LIMIT="25")
    more.wait_until_open()
    assert len(products(more.shop)) == 25
    photos = more.shop.get("/health/ready/").json()["index"]["photos"]
    assert (photos["pending"], photos["ready"]) == (0, 25), "what was added is embedded before the shop opens"


@pytest.mark.redis
@pytest.mark.postgres
def test_with_redis_and_postgresql_the_same_command_runs_on_them(
    demo: Callable[..., Demo], new_shop: Callable[..., Shop], redis_url: str, postgres_url: str
) -> None:
    shop = new_shop(database=postgres_url, redis=redis_url)
    one = demo(shop)
    one.wait_until_open()
    assert len(products(shop)) == 12
    assert not (shop.folder / "db.sqlite3").exists()
    assert json.loads((shop.folder / "demo.json").read_text()) == {"inventory": {}}
    wait_for(lambda: redis_url.rpartition(":")[2].split("/")[0] in one.output, "the worker naming its broker")
    assert one.ask_to_stop(signal.SIGINT) == 0
    assert one.family() == []
