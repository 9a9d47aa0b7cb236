from __future__ import annotations

from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from recommendations import conf


def test_a_setting_has_its_default() -> None:
    assert conf.get("K") == 5


def test_the_dict_overrides_the_default_and_the_environment_overrides_both(settings, monkeypatch) -> None:
    settings.VOGUE = {**settings.VOGUE, "K": 6}
    assert conf.get("K") == 6
    monkeypatch.setenv("VOGUE_K", "7")
    assert conf.get("K") == 7


def test_a_value_that_does_not_parse_is_named(monkeypatch) -> None:
    monkeypatch.setenv("VOGUE_K", "many")
    with pytest.raises(ImproperlyConfigured, match="VOGUE_K is 'many'"):
        conf.get("K")


def test_a_value_that_is_no_choice_is_named_with_the_choices(settings) -> None:
    settings.VOGUE = {**settings.VOGUE, "ENGINE": "onnx"}
    with pytest.raises(ImproperlyConfigured, match="'openvino', 'tensorflow'"):
        conf.get("ENGINE")


def test_an_unknown_key_is_named(settings) -> None:
    settings.VOGUE = {**settings.VOGUE, "TRESS": 10}
    with pytest.raises(ImproperlyConfigured, match="TRESS"):
        conf.get("K")


def test_folders_are_paths(settings) -> None:
    settings.VOGUE = {**settings.VOGUE, "DATA_DIR": "/somewhere"}
    assert conf.release_dir() == Path("/somewhere/releases")
    assert conf.engine_dir() == Path("/somewhere/engines")
