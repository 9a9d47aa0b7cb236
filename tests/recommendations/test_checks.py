from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.checks import CheckMessage, run_checks
from django.db import OperationalError, connection

from recommendations import checks, conf, current, indexing
from recommendations.gallery import ModelGallery
from recommendations.models import IndexRelease
from recommendations.pgvector_backend import checks as pgvector_checks
from tests.factories import make_product
from tests.recommendations.shop import embed_all

Configure = Callable[..., None]


class OtherGallery(ModelGallery):
    """A gallery of something that is not the product model."""

    model = "catalog.Category"


@pytest.fixture
def vogue(settings: Any) -> Configure:
    """Set keys of VOGUE."""

    def configure(**keys: Any) -> None:
        settings.VOGUE = {**settings.VOGUE, **keys}

    return configure


def ids(messages: Any) -> list[str]:
    return [str(message.id) for message in messages]


def only(messages: Any) -> CheckMessage:
    """Return the one message; every message has a hint."""
    (message,) = messages
    assert isinstance(message, CheckMessage)
    assert message.hint
    return message


def test_the_settings_as_they_are_pass() -> None:
    assert ids(checks.check_settings(None)) == []
    assert ids(checks.check_gallery(None)) == []
    assert ids(checks.check_engine(None)) == []
    assert ids(checks.check_data_dir(None)) == []
    assert ids(checks.check_annoy(None)) == []
    assert ids(checks.check_middleware(None)) == []


def test_every_number_has_a_range_and_its_default_is_in_it() -> None:
    numbers = {key for key, setting in conf.SETTINGS.items() if setting.parse in (int, float)}
    assert numbers == set(checks.RANGES)


def test_an_unknown_key_is_named_once(vogue: Configure) -> None:
    vogue(COLOUR="red")
    message = only(checks.check_settings(None))
    assert message.id == "vogue.E001"
    assert "COLOUR" in message.msg
    assert "GALLERY" in message.msg


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("K", 0),
        ("K", "5"),
        ("K", True),
        ("ENGINE", "magic"),
        ("RECALL_TARGET", 1.5),
        ("UPLOAD_MAX_BYTES", -1),
        ("POOLING", 1),
    ],
)
def test_a_value_that_makes_no_sense_is_named(vogue: Configure, key: str, value: Any) -> None:
    vogue(**{key: value})
    message = only(checks.check_settings(None))
    assert message.id == "vogue.E001"
    assert f"VOGUE_{key}" in message.msg
    assert repr(value) in message.msg


def test_a_word_where_a_number_belongs_in_the_environment_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VOGUE_K", "five")
    message = only(checks.check_settings(None))
    assert (message.id, "five" in message.msg) == ("vogue.E001", True)


def test_more_results_by_default_than_at_most_is_told(vogue: Configure) -> None:
    vogue(K=50, MAX_K=10)
    assert only(checks.check_settings(None)).id == "vogue.E001"


@pytest.mark.parametrize(
    "path",
    ["", "nowhere", "nowhere.Gallery", "vogue_site.gallery.Missing", "pathlib.Path", "recommendations.gallery.Gallery"],
)
def test_a_gallery_path_that_leads_to_no_gallery_is_told(vogue: Configure, path: str) -> None:
    vogue(GALLERY=path)
    message = only(checks.check_gallery(None))
    assert message.id == "vogue.E002"
    assert repr(path) in message.msg


def test_a_gallery_of_other_products_is_told(vogue: Configure) -> None:
    vogue(GALLERY=f"{__name__}.OtherGallery")
    message = only(checks.check_gallery(None))
    assert message.id == "vogue.E002"
    assert "catalog.Category" in message.msg


@pytest.mark.parametrize("engine", ["openvino", "tensorflow"])
def test_an_engine_that_is_not_installed_is_told(
    vogue: Configure, monkeypatch: pytest.MonkeyPatch, engine: str
) -> None:
    vogue(ENGINE=engine)
    monkeypatch.setattr(checks, "find_spec", lambda name: None if name == engine else object())
    message = only(checks.check_engine(None))
    assert message.id == "vogue.E003"
    assert f"pip install {engine}" in str(message.hint)


def test_missing_weights_are_told(vogue: Configure, tmp_path: Path) -> None:
    vogue(WEIGHTS=str(tmp_path / "missing.npz"))
    message = only(checks.check_weights(None))
    assert message.id == "vogue.E004"
    assert "missing.npz" in message.msg


def test_weights_with_another_sha_are_told_with_the_one_expected(vogue: Configure, tmp_path: Path) -> None:
    (tmp_path / "own.h5").write_bytes(b"weights")
    vogue(WEIGHTS=str(tmp_path / "own.h5"), WEIGHTS_SHA256="ab" * 32)
    message = only(checks.check_weights(None))
    assert message.id == "vogue.E004"
    assert "ab" * 32 in message.msg


def test_bundled_weights_with_one_byte_flipped_are_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from recommendations.embedders import presets

    data = bytearray(presets.BUNDLED.read_bytes())
    data[len(data) // 2] ^= 1
    copy = tmp_path / presets.BUNDLED.name
    copy.write_bytes(data)
    copy.with_suffix(".json").write_text(presets.BUNDLED.with_suffix(".json").read_text())
    monkeypatch.setattr(presets, "BUNDLED", copy)
    message = only(checks.check_weights(None))
    assert message.id == "vogue.E004"
    assert str(copy) in message.msg
    copy.write_bytes(bytes(data[:-1]))
    assert only(checks.check_weights(None)).id == "vogue.E004"


def test_bundled_weights_as_they_are_pass() -> None:
    assert ids(checks.check_weights(None)) == []


def test_a_data_folder_that_cannot_be_made_is_told(vogue: Configure, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    vogue(DATA_DIR=tmp_path / "file" / "vogue")
    message = only(checks.check_data_dir(None))
    assert message.id == "vogue.E005"
    vogue(DATA_DIR=tmp_path / "not" / "there" / "yet")
    assert ids(checks.check_data_dir(None)) == []


def test_a_data_folder_that_cannot_be_written_is_told(
    vogue: Configure, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Tests may run as root, whom no mode stops.
    monkeypatch.setattr("os.access", lambda path, mode: Path(path) != tmp_path)
    vogue(DATA_DIR=tmp_path / "vogue")
    message = only(checks.check_data_dir(None))
    assert message.id == "vogue.E005"
    assert str(tmp_path) in message.msg


@pytest.mark.django_db
def test_a_live_release_of_another_embedder_is_told(colours: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    make_product("red")
    embed_all()
    indexing.build_release()
    assert ids(checks.check_live_release(None, databases=["default"])) == []
    monkeypatch.setattr(current, "embedder_name", lambda: "another-embedder")
    message = only(checks.check_live_release(None, databases=["default"]))
    assert message.id == "vogue.W001"
    assert "mean-colour-3 answers; another-embedder" in message.msg
    assert "rebuild_index" in str(message.hint)
    assert ids(checks.check_live_release(None, databases=None)) == []


@pytest.mark.django_db
def test_the_database_check_survives_missing_tables_and_a_database_that_is_gone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def gone(*args: Any) -> None:
        raise OperationalError("gone")

    with connection.execute_wrapper(gone):
        assert ids(checks.check_live_release(None, databases=["default"])) == []
    monkeypatch.setattr(IndexRelease._meta, "db_table", "not_made_yet")
    assert ids(checks.check_live_release(None, databases=["default"])) == []


def test_a_shop_without_annoy_is_told_that_it_scans(vogue: Configure, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "find_spec", lambda name: None if name == "annoy" else object())
    message = only(checks.check_annoy(None))
    assert (message.id, message.is_serious()) == ("vogue.W002", False)
    vogue(INDEX="exact")
    assert ids(checks.check_annoy(None)) == []


@pytest.mark.parametrize("backend", ["locmem.LocMemCache", "dummy.DummyCache"])
def test_a_cache_per_process_with_several_workers_is_told(
    settings: Any, monkeypatch: pytest.MonkeyPatch, backend: str
) -> None:
    settings.CACHES = {"default": {"BACKEND": f"django.core.cache.backends.{backend}"}}
    monkeypatch.delenv("WEB_CONCURRENCY", raising=False)
    assert ids(checks.check_cache(None)) == []
    assert ids(checks.check_cache_at_deploy(None)) == ["vogue.W003"]
    monkeypatch.setenv("WEB_CONCURRENCY", "2")
    assert only(checks.check_cache(None)).id == "vogue.W003"
    assert ids(checks.check_cache_at_deploy(None)) == []
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.filebased.FileBasedCache"}}
    assert ids(checks.check_cache(None)) == []


def test_a_missing_or_late_upload_limit_is_told(settings: Any) -> None:
    full = list(settings.MIDDLEWARE)
    settings.MIDDLEWARE = [name for name in full if name != checks.UPLOAD_LIMIT]
    assert only(checks.check_middleware(None)).id == "vogue.W004"
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, checks.UPLOAD_LIMIT]
    assert only(checks.check_middleware(None)).id == "vogue.W004"


@pytest.mark.django_db
def test_pgvector_without_its_app_or_on_another_database_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    assert ids(pgvector_checks.check_database(None)) == []
    monkeypatch.setenv("VOGUE_INDEX", "pgvector")
    if connection.vendor == "postgresql":
        pytest.skip("It is about every other database.")
    app, database = pgvector_checks.check_database(None)
    assert (app.id, database.id) == ("vogue.E010", "vogue.E011")
    assert "recommendations.pgvector_backend" in app.msg
    assert connection.vendor in database.msg
    assert app.hint
    assert "DATABASE_URL" in str(database.hint)
    assert ids(pgvector_checks.check_extension(None, databases=["default"])) == []
    monkeypatch.setenv("VOGUE_INDEX", "nonsense")
    assert ids(pgvector_checks.check_database(None)) == []


def test_all_checks_are_registered(vogue: Configure, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    vogue(K=0, GALLERY="nowhere", WEIGHTS="nothing", DATA_DIR=tmp_path / "file")
    monkeypatch.setenv("WEB_CONCURRENCY", "4")
    monkeypatch.setattr(checks, "find_spec", lambda name: None)
    found = {message.id for message in run_checks(include_deployment_checks=True)}
    assert {"vogue.E001", "vogue.E002", "vogue.E003", "vogue.E004", "vogue.E005", "vogue.W002", "vogue.W003"} <= found


def test_check_loads_neither_tensorflow_nor_openvino_nor_annoy() -> None:
    program = (
        "import sys; from django.core.management import execute_from_command_line as run; run(['manage.py', 'check']);"
        "loaded = {'tensorflow', 'keras', 'openvino', 'annoy'} & set(sys.modules); assert not loaded, loaded"
    )
    environment = {"DJANGO_SETTINGS_MODULE": "tests.settings", "PATH": "/usr/bin:/bin"}
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=environment,
        cwd=Path(__file__).resolve().parents[2],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
