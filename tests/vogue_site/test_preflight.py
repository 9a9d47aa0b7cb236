"""What is checked before anything is installed or started."""

from __future__ import annotations

import socket
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from vogue_site import preflight
from vogue_site.preflight import PreflightError


@pytest.mark.parametrize("version", [(3, 10), (3, 14), (2, 7)])
def test_a_python_without_wheels_is_refused(version: tuple[int, int]) -> None:
    with pytest.raises(PreflightError, match=f"this is {version[0]}.{version[1]}"):
        preflight.check_python(version)


@pytest.mark.parametrize("version", [(3, 11), (3, 12), (3, 13)])
def test_a_python_with_wheels_is_accepted(version: tuple[int, int]) -> None:
    preflight.check_python(version)


@pytest.mark.parametrize("value", ["", "0", "-1", "65536", "80x", "8000.0", "1_000", " 80", "８０"])
def test_a_bad_port_is_refused_with_its_name_and_value(value: str) -> None:
    with pytest.raises(PreflightError, match="PORT must be a whole number from 1 to 65535"):
        preflight.whole_number("PORT", value, least=1, most=65535)


@pytest.mark.parametrize(("value", "number"), [("1", 1), ("8000", 8000), ("65535", 65535)])
def test_a_good_port_is_accepted(value: str, number: int) -> None:
    assert preflight.whole_number("PORT", value, least=1, most=65535) == number


def test_a_port_in_use_is_said_in_plain_words() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(PreflightError, match=f"Port {port} is in use by another program"):
            preflight.check_port_is_free("127.0.0.1", port)
    preflight.check_port_is_free("127.0.0.1", port)


@pytest.mark.parametrize("host", ["203.0.113.7", "no-such-host.invalid"])
def test_an_address_of_another_machine_is_refused(host: str) -> None:
    with pytest.raises(PreflightError, match="HOST must be an IPv4 address of this machine"):
        preflight.check_port_is_free(host, 8000)


def test_an_inventory_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PreflightError, match="there is no such file"):
        preflight.check_inventory(str(tmp_path / "shop.zip"))


def test_an_inventory_that_is_no_zip_is_refused(tmp_path: Path) -> None:
    (tmp_path / "shop.zip").write_text("no zip")
    with pytest.raises(PreflightError, match="is not a zip file"):
        preflight.check_inventory(str(tmp_path / "shop.zip"))


def test_a_folder_without_a_list_of_products_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PreflightError, match=r"without styles\.csv"):
        preflight.check_inventory(str(tmp_path))
    (tmp_path / "styles.csv").touch()
    assert preflight.check_inventory(str(tmp_path)) == tmp_path.resolve()


def test_a_zip_is_accepted_and_its_path_made_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with zipfile.ZipFile(tmp_path / "shop.zip", "w") as archive:
        archive.writestr("styles.csv", "id\n")
    monkeypatch.chdir(tmp_path)
    assert preflight.check_inventory("shop.zip") == (tmp_path / "shop.zip").resolve()


def test_it_runs_as_a_file_without_any_package_and_says_one_line() -> None:
    command = [sys.executable, "-I", "-S", preflight.__file__]
    result = subprocess.run(command, env={"PORT": "eighty"}, capture_output=True, text=True, check=False)
    assert result.returncode == 1
    assert result.stderr == "PORT must be a whole number from 1 to 65535; it is 'eighty'.\n"


@pytest.mark.parametrize("name", ["LIMIT", "COUNT"])
def test_limit_and_count_are_checked(name: str) -> None:
    with pytest.raises(PreflightError, match=f"{name} must be a whole number"):
        preflight.check({name: "many"})
