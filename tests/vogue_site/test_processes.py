"""Programs started together, stopped together. Real processes, real signals."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from tests.services import needs_proc, read_proc, wait_for
from vogue_site.processes import read_procfile

pytestmark = needs_proc

ROOT = Path(__file__).resolve().parents[2]


def start(folder: Path, commands: dict[str, str], *, patience: float = 5.0) -> subprocess.Popen[str]:
    """Run a supervisor over these commands in a process of its own (signal handlers need a main thread)."""
    program = f"""
        import os, sys
        from pathlib import Path
        from vogue_site.processes import Supervisor
        def write(line):
            print(line, flush=True)
        supervisor = Supervisor({commands!r}, write, env=os.environ, cwd=Path({str(folder)!r}), patience={patience})
        sys.exit(supervisor.run(ready=Path({str(folder / "ready")!r}).exists, when_ready=lambda: write("READY")))
    """
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(program)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def is_running(pid: int) -> bool:
    state = read_proc(f"/proc/{pid}/stat").rpartition(")")[2].split()[:1]
    return state not in ([], ["Z"])


def pids(folder: Path, count: int) -> list[int]:
    """Return the process ids the commands wrote down, once there are this many."""
    files = folder / "pids"
    wait_for(lambda: files.exists() and len(files.read_text().split()) >= count, "the commands starting", every=0.02)
    return [int(pid) for pid in files.read_text().split()]


SLEEPER = "sh -c 'echo $$ >> pids; exec sleep 300'"
#: Starts a child that ignores being asked, as a hung pool process would.
STUBBORN = """sh -c 'trap "" TERM; echo $$ >> pids; sh -c "echo \\$\\$ >> pids; sleep 300; sleep 300"; sleep 300'"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_stops_everything_and_ends_well(tmp_path: Path, number: signal.Signals) -> None:
    process = start(tmp_path, {"one": SLEEPER, "two": SLEEPER})
    children = pids(tmp_path, 2)
    assert all(map(is_running, children))
    process.send_signal(number)
    output, _ = process.communicate(timeout=10)
    assert process.returncode == 0, output
    assert not any(map(is_running, children))


def test_a_signal_right_after_the_start_leaves_nothing_behind(tmp_path: Path) -> None:
    for attempt in range(4):
        process = start(tmp_path, {"one": SLEEPER, "two": SLEEPER, "three": SLEEPER})
        time.sleep(0.1 + attempt * 0.05)
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=10)
    children = [int(pid) for pid in (tmp_path / "pids").read_text().split()] if (tmp_path / "pids").exists() else []
    assert not any(map(is_running, children))


def test_one_that_ends_ends_the_rest_and_is_named(tmp_path: Path) -> None:
    process = start(tmp_path, {"web": SLEEPER, "worker": "sh -c 'echo no broker; sleep 0.3; exit 3'"})
    children = pids(tmp_path, 1)
    output, _ = process.communicate(timeout=10)
    assert process.returncode == 1
    assert "worker | no broker\n" in output
    assert "worker | worker ended (exit 3), so everything stops." in output
    assert not any(map(is_running, children))


def test_one_that_is_killed_is_named_with_the_signal_and_its_children_go_too(tmp_path: Path) -> None:
    process = start(tmp_path, {"web": SLEEPER, "worker": STUBBORN}, patience=0.5)
    children = pids(tmp_path, 3)
    leader = next(pid for pid in children if read_proc(f"/proc/{pid}/task/{pid}/children").strip())
    os.kill(leader, signal.SIGKILL)
    output, _ = process.communicate(timeout=10)
    assert process.returncode == 1
    assert "worker was killed by SIGKILL" in output
    wait_for(lambda: not any(map(is_running, children)), "the end of all processes", seconds=10)


def test_one_that_does_not_stop_is_killed_with_its_children_when_patience_ends(tmp_path: Path) -> None:
    process = start(tmp_path, {"worker": STUBBORN}, patience=0.5)
    children = pids(tmp_path, 2)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=10)
    assert process.returncode == 0
    wait_for(lambda: not any(map(is_running, children)), "the end of all processes", seconds=10)


def test_a_second_signal_ends_the_patience(tmp_path: Path) -> None:
    process = start(tmp_path, {"worker": STUBBORN}, patience=300)
    children = pids(tmp_path, 2)
    process.send_signal(signal.SIGINT)
    time.sleep(0.5)
    assert process.poll() is None
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=10)
    wait_for(lambda: not any(map(is_running, children)), "the end of all processes", seconds=10)


def test_only_the_leader_is_asked_so_that_it_can_let_its_children_finish(tmp_path: Path) -> None:
    leader = tmp_path / "leader.sh"
    leader.write_text(
        "trap 'wait $child; echo leader done; exit 0' TERM\n"
        "(trap 'echo child was asked' TERM; sleep 1; echo child done) & child=$!\n"
        "echo $$ >> pids\nwait $child\n"
    )
    process = start(tmp_path, {"worker": f"sh {leader}"})
    pids(tmp_path, 1)
    process.send_signal(signal.SIGTERM)
    output, _ = process.communicate(timeout=10)
    assert "worker | child done\nworker | leader done\n" in output
    assert "child was asked" not in output


def test_lines_are_prefixed_with_an_aligned_name_and_never_mixed(tmp_path: Path) -> None:
    chatter = "sh -c 'i=0; while [ $i -lt 200 ]; do echo {0}{0}{0}{0}; i=$((i+1)); done; sleep 1'"
    process = start(tmp_path, {"web": chatter.format("w"), "worker": chatter.format("k")})
    output, _ = process.communicate(timeout=20)
    lines = output.splitlines()
    assert lines.count("web    | wwww") == 200
    assert lines.count("worker | kkkk") == 200


def test_it_says_once_when_all_is_ready(tmp_path: Path) -> None:
    process = start(tmp_path, {"web": SLEEPER})
    pids(tmp_path, 1)
    (tmp_path / "ready").touch()
    time.sleep(1)
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=10)
    assert output.count("READY") == 1


def test_a_reader_that_goes_away_stops_everything(tmp_path: Path) -> None:
    process = start(tmp_path, {"web": "sh -c 'echo $$ >> pids; while true; do echo line; sleep 0.05; done'"})
    children = pids(tmp_path, 1)
    assert process.stdout is not None
    process.stdout.close()
    process.wait(timeout=10)
    assert not any(map(is_running, children))


def test_a_procfile_is_read_and_a_bad_line_named(tmp_path: Path) -> None:
    path = tmp_path / "Procfile"
    path.write_text("# programs\nweb: serve --port 1:2\n\nworker:   work\n")
    assert read_procfile(path) == {"web": "serve --port 1:2", "worker": "work"}
    path.write_text("web: serve\nnonsense\n")
    with pytest.raises(ValueError, match="Procfile, line 2"):
        read_procfile(path)


def test_the_projects_own_procfile_has_the_three_programs() -> None:
    assert list(read_procfile(ROOT / "Procfile")) == ["web", "worker", "beat"]
