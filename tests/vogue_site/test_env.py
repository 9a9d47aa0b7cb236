"""Values from the environment: a bad one is named, never guessed at."""

from __future__ import annotations

import multiprocessing
import stat
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from vogue_site import env


@pytest.mark.parametrize("value", ["1", "true", "YES", " on "])
def test_a_yes_is_understood(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("A_FLAG", value)
    assert env.flag("A_FLAG", False) is True


@pytest.mark.parametrize("value", ["0", "False", "no", "off", ""])
def test_a_no_is_understood(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("A_FLAG", value)
    assert env.flag("A_FLAG", True) is False


@pytest.mark.parametrize("default", [True, False])
def test_an_unset_flag_takes_its_default(monkeypatch: pytest.MonkeyPatch, default: bool) -> None:
    monkeypatch.delenv("A_FLAG", raising=False)
    assert env.flag("A_FLAG", default) is default


def test_a_flag_that_is_neither_is_refused_with_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("A_FLAG", "maybe")
    with pytest.raises(ImproperlyConfigured, match=r"A_FLAG .*'maybe'"):
        env.flag("A_FLAG", True)


def test_text_that_is_unset_or_blank_takes_its_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("A_TEXT", raising=False)
    assert env.text("A_TEXT", "default") == "default"
    monkeypatch.setenv("A_TEXT", "  ")
    assert env.text("A_TEXT", "default") == "default"
    monkeypatch.setenv("A_TEXT", " value ")
    assert env.text("A_TEXT", "default") == "value"


def test_a_number_is_read_and_anything_else_refused_with_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("A_NUMBER", "-7")
    assert env.number("A_NUMBER", 3) == -7
    monkeypatch.delenv("A_NUMBER")
    assert env.number("A_NUMBER", 3) == 3
    monkeypatch.setenv("A_NUMBER", "3.5")
    with pytest.raises(ImproperlyConfigured, match=r"A_NUMBER .*'3\.5'"):
        env.number("A_NUMBER", 3)


def test_words_are_split_at_commas_and_empty_ones_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_WORDS", "a.example, b.example,,")
    assert env.words("SOME_WORDS") == ["a.example", "b.example"]


def test_a_secret_key_in_the_environment_is_taken_and_nothing_written(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DJANGO_SECRET_KEY", "given")
    assert env.secret_key(tmp_path / "key") == "given"
    assert not (tmp_path / "key").exists()


def test_a_secret_key_is_made_once_and_only_its_owner_reads_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("DJANGO_SECRET_KEY", raising=False)
    path = tmp_path / "var" / "key"
    first = env.secret_key(path)
    assert len(first) >= 50
    assert env.secret_key(path) == first
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_an_empty_key_file_is_refused_with_its_path(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("DJANGO_SECRET_KEY", raising=False)
    path = tmp_path / "key"
    path.write_text("\n")
    with pytest.raises(ImproperlyConfigured, match="key is empty"):
        env.secret_key(path)


def test_processes_that_start_at_once_agree_on_the_key(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("DJANGO_SECRET_KEY", raising=False)
    with multiprocessing.get_context("spawn").Pool(4) as pool:
        keys = pool.map(env.secret_key, [tmp_path / "key"] * 16, chunksize=1)
    assert len(set(keys)) == 1


def test_a_mapping_is_a_json_object(monkeypatch: pytest.MonkeyPatch) -> None:
    assert env.mapping("VOGUE_TEST") == {}
    monkeypatch.setenv("VOGUE_TEST", '{"location": "/mnt"}')
    assert env.mapping("VOGUE_TEST") == {"location": "/mnt"}
    for text in ("[1]", "{", "location=/mnt"):
        monkeypatch.setenv("VOGUE_TEST", text)
        with pytest.raises(ImproperlyConfigured, match="VOGUE_TEST must be a JSON object"):
            env.mapping("VOGUE_TEST")
