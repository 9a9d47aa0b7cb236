"""Who may know whom: the rules of the house, read off the source, and what Django's start must not load."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
#: Room of ``recommendations`` → its floor. Imports go down or stay; what is not named here is an edge, on top.
IMAGES = ("images", "image_kinds", "image_parts", "image_profiles")
GROUND = ("models", "levels", "ranking", "gallery", *IMAGES, "embedders", "indexes", "signatures")
FLOORS = {
    "conf": 0,
    "exceptions": 0,
    "serving": 2,
    "current": 2,
    "matching": 2,
    "search": 3,
    "evaluation": 3,
    "training": 3,
    "indexing": 3,
    "status": 3,
} | dict.fromkeys((*GROUND, "pgvector_backend"), 1)
EDGE = 4
#: Library → the only files that may import it, by how their path starts.
HOMES = {
    "tensorflow": ("recommendations/embedders/resnet50.py", "recommendations/training/"),
    "keras": ("recommendations/embedders/resnet50.py", "recommendations/training/"),
    "openvino": ("recommendations/embedders/openvino_embedder.py",),
    "annoy": ("recommendations/indexes/annoy_index.py",),
    "pgvector": ("recommendations/pgvector_backend/",),
}


def imports() -> Iterator[tuple[str, str]]:
    """Yield (file, imported module) for every import of the project, those inside functions included."""
    for package in ("catalog", "recommendations", "vogue_site"):
        for path in sorted((ROOT / package).rglob("*.py")):
            file = path.relative_to(ROOT).as_posix()
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.Import):
                    yield from ((file, alias.name) for alias in node.names)
                elif isinstance(node, ast.ImportFrom):
                    above = file.split("/")[: -node.level] if node.level else []
                    module = ".".join([*above, *filter(None, [node.module])])
                    yield from ((file, f"{module}.{alias.name}") for alias in node.names)


def floor(module: str) -> int:
    """Return the floor of a module of ``recommendations``, given with dots or slashes."""
    return FLOORS.get(module.replace("/", ".").removesuffix(".py").split(".")[1], EDGE)


IMPORTS = list(imports())


def test_the_source_is_really_read() -> None:
    assert ("recommendations/embedders/base.py", "recommendations.exceptions.EngineError") in IMPORTS
    assert {file.split("/")[0] for file, _ in IMPORTS} == {"catalog", "recommendations", "vogue_site"}


def test_imports_of_the_plugin_go_down_only() -> None:
    up = [
        (file, module)
        for file, module in IMPORTS
        if file.startswith("recommendations/")
        and module.startswith("recommendations.")
        and "/migrations/" not in file
        and floor(file) < floor(module)
    ]
    assert up == []


def test_the_shop_and_the_plugin_do_not_know_each_other() -> None:
    rooms = [(file, file.split("/")[0], module.split(".")[0]) for file, module in IMPORTS]
    assert [
        room for room in rooms if room[1:] in (("catalog", "recommendations"), ("recommendations", "catalog"))
    ] == []


def test_what_both_need_they_have_each_and_it_is_the_same() -> None:
    assert (ROOT / "catalog/progress.py").read_bytes() == (ROOT / "recommendations/management/progress.py").read_bytes()


def test_embedders_and_indexes_know_no_django_and_no_settings() -> None:
    wrong = [
        (file, module)
        for file, module in IMPORTS
        if file.startswith(("recommendations/embedders/", "recommendations/indexes/"))
        and file != "recommendations/indexes/live.py"
        and module.startswith(("django", "celery", "rest_framework", "recommendations."))
        and not module.startswith(
            ("recommendations.embedders", "recommendations.indexes", "recommendations.exceptions")
        )
    ]
    assert wrong == []


@pytest.mark.parametrize("library", HOMES)
def test_every_large_library_has_one_home(library: str) -> None:
    users = {file for file, module in IMPORTS if module.split(".")[0] == library}
    assert [file for file in users if not file.startswith(HOMES[library])] == []


@pytest.mark.parametrize(
    "program", ["django.setup()", "from django.core.management import call_command as run; run('check')"]
)
def test_django_starts_without_any_large_library(tmp_path: Path, program: str) -> None:
    shown = f"sorted({set(HOMES)!r} & {{name.partition('.')[0] for name in sys.modules}})"
    code = f"import sys, django; django.setup(); {program}; print('loaded:', {shown})"
    env = {**os.environ, "DJANGO_SETTINGS_MODULE": "vogue_site.settings", "VOGUE_VAR_DIR": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.rstrip().endswith("loaded: []")
