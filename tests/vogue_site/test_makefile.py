"""What make does where a machine lacks something. Real make, real pip, a virtual environment of its own."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import re
import socket
import subprocess
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]


def make(*arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    return subprocess.run(
        ["make", *arguments], cwd=ROOT, env={**clean, **env}, capture_output=True, text=True, check=False, timeout=300
    )


def test_without_a_compiler_make_says_so_in_one_line_and_goes_on(tmp_path: Path) -> None:
    # Without pip's cache, which may hold the wheel of an earlier build.
    broken = {"CC": "/bin/false", "CXX": "/bin/false", "PIP_NO_CACHE_DIR": "1"}
    first = make(f"VENV={tmp_path / 'venv'}", "annoy", **broken)
    assert first.returncode == 0, first.stderr
    assert first.stderr == ""
    said = [line for line in first.stdout.splitlines() if "Annoy" in line and "building" not in line]
    assert len(said) == 1
    assert "apt-get install g++ python3-dev" in said[0]
    assert "/bin/false" in (tmp_path / "venv" / "annoy.log").read_text()

    # Nothing has changed: it is said again, without another try.
    second = make(f"VENV={tmp_path / 'venv'}", "annoy", CXX="no-such-compiler")
    assert second.stdout.splitlines() == said


def test_plain_make_explains_itself() -> None:
    result = make()
    assert result.returncode == 0
    for target in ("make demo", "make test", "make lint", "make bench", "make clean"):
        assert target in result.stdout


def test_make_demo_refuses_a_port_in_use_before_it_installs_anything(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = make("demo", f"PORT={port}", f"VENV={tmp_path / 'venv'}")
    assert result.returncode != 0
    assert f"Port {port} is in use by another program." in result.stderr
    assert not (tmp_path / "venv").exists()


@pytest.mark.parametrize("value", ["$$(touch x)", "; touch x", "it's.zip", "no such file.zip"])
def test_make_demo_takes_an_odd_path_for_what_it_is(tmp_path: Path, value: str) -> None:
    result = make("demo", f"INVENTORY={value}", f"VENV={tmp_path / 'venv'}")
    assert f"INVENTORY={value.replace('$$', '$')}: there is no such file." in result.stderr
    assert not (ROOT / "x").exists()


def brought_along(requirements: list[str]) -> dict[str, str]:
    """Return name and version of every installed package these requirements need, directly or not."""
    found: dict[str, str] = {}
    waiting = [Requirement(line) for line in requirements]
    while waiting:
        wanted = waiting.pop()
        name = canonicalize_name(wanted.name)
        extras = sorted(wanted.extras) or [""]
        if name in found or (wanted.marker and not wanted.marker.evaluate({"extra": ""})):
            continue
        distribution = importlib.metadata.distribution(name)
        found[name] = distribution.version
        for line in distribution.requires or []:
            needed = Requirement(line)
            if not needed.marker or any(needed.marker.evaluate({"extra": extra}) for extra in extras):
                needed.marker = None
                waiting.append(needed)
    return found


def lines_of(file: str) -> list[str]:
    """Return the requirements of a file without comments and options."""
    lines = (line.partition("#")[0].strip() for line in (ROOT / file).read_text().splitlines())
    return [line for line in lines if line and not line.startswith("-")]


def test_every_package_is_pinned_at_the_version_the_tests_run_with() -> None:
    pinned = {}
    for line in lines_of("constraints.txt"):
        name, version = line.partition(";")[0].strip().split("==")
        pinned[canonicalize_name(name)] = version
    wanted = lines_of("requirements.txt") + lines_of("requirements-dev.txt")
    # Where there is no compiler, Annoy is missing; nothing else may be.
    if not importlib.util.find_spec("annoy"):
        wanted = [line for line in wanted if not line.startswith("annoy")]
    needed = brought_along(wanted)
    needed.pop("setuptools", None)  # the virtual environment's own
    assert len(needed) > len(wanted)
    assert {name: pinned.get(canonicalize_name(name)) for name in needed} == needed


def test_what_the_requirements_ask_for_is_what_the_constraints_pin() -> None:
    pinned = (ROOT / "constraints.txt").read_text().lower().replace("_", "-").splitlines()
    for file in ("requirements.txt", "requirements-dev.txt"):
        for name, version in re.findall(
            r"^([\w\-]+)(?:\[\w+\])?==(\S+?)[;\s]", (ROOT / file).read_text(), re.MULTILINE
        ):
            if name != "tensorflow":  # for other systems than this one
                assert f"{name.lower()}=={version}" in pinned, f"{file}: {name}"
