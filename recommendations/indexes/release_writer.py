"""How a release comes to be and goes: a folder of its own, tried out, renamed into place last."""

from __future__ import annotations

import os
import re
import shutil
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommendations.exceptions import BuildError, ReleaseError
from recommendations.indexes.annoy_index import annoy_fault, annoy_version, build_annoy
from recommendations.indexes.canary import Trial, try_release
from recommendations.indexes.files import Arrays, not_unit, sync, write_arrays
from recommendations.indexes.manifest import (
    ANNOY,
    FILES,
    MANIFEST,
    ReleaseManifest,
    describe_file,
    is_release_name,
    read_manifest,
    render_manifest,
    verify_release,
)

#: A build's own folder, untouched for this long, was left by a process that died …
LEFTOVER_SECONDS = 3_600
#: … unless a process of that number still runs here; but numbers are used again.
LEFTOVER_SECONDS_OF_THE_LIVING = 86_400

#: Embeddings the trial must find by their own vectors.
KNOWN = 32


@dataclass(frozen=True)
class _Recipe:
    """How to build; 0 trees for exact search."""

    trees: int
    seed: int
    recall_target: float
    trial_seconds: float


_TEMPORARY = re.compile(r"\..+\.(\d+)\.tmp")


def write_release(
    root: Path,
    name: str,
    *,
    ids: NDArray[np.int64],
    revisions: NDArray[np.int64],
    vectors: NDArray[np.float32],
    embedder: str,
    revision: int,
    backend: str,
    trees: int = 50,
    recall_target: float = 0.99,
    seed: int = 0,
    levels: Mapping[str, Any] | None = None,
    on_progress: Callable[[str], None] | None = None,
    trial_seconds: float = 900.0,
) -> ReleaseManifest:
    """Build a release, try it out in a process of its own, and publish it as ``root / name``.

    Args:
        ids: int64 (n,), unique, ascending.
        revisions: int64 (n,).
        vectors: float32 (n, dimensions), unit rows.
        revision: everything up to here is in it.
        backend: "annoy" or "exact"; where Annoy does not work, "exact" is built, with a warning in the manifest.
        trees: more is a larger file (about 12 bytes per vector and tree) and a better recall.
        recall_target: recall@5 against exact search; ``search_k`` is raised until it is met. A release that cannot
            meet it is published with a warning in its manifest.
        levels: what its cosines mean (``recommendations.levels``), to be kept with it.
        on_progress: called with a line of text at each step.

    Raises:
        BuildError: the input or the outcome is not fit to be published, or it cannot be written. Nothing is left
            behind.
    """
    if not is_release_name(name):
        raise BuildError(f"{name!r} cannot name a release: letters, digits, dot, dash and underscore only.")
    if backend not in FILES or trees < 1:
        raise BuildError(f"Cannot build {backend!r} with {trees} trees; there is {', '.join(sorted(FILES))}.")
    usable = usable_backend(backend)
    arrays = Arrays(ids, revisions, vectors)
    recipe = _Recipe(trees if usable == "annoy" else 0, seed, recall_target, trial_seconds)
    final = root / name
    mine: Path | None = None
    try:
        root.mkdir(parents=True, exist_ok=True)
        _check_space(root, arrays, recipe.trees)
        _check_arrays(arrays)
        if final.exists():
            raise BuildError(f"Release {name} exists already; releases are never changed.")
        temporary = root / f".{name}.{os.getpid()}.tmp"
        temporary.mkdir()
        mine = temporary
        manifest = ReleaseManifest(
            parameters={"levels": dict(levels)} if levels else {},
            name=name,
            backend=usable,
            embedder=embedder,
            dimensions=vectors.shape[1],
            count=len(ids),
            revision=revision,
            created=datetime.now(UTC).isoformat(timespec="seconds"),
            warning=f"Search is exact: {annoy_fault()}" if usable != backend else "",
        )
        _seal(temporary, _fill(temporary, manifest, arrays, recipe, on_progress or _say_nothing))
        temporary.rename(final)
        mine = final
        sync(root)
        manifest = verify_release(final, name)
        mine = None
    except (OSError, MemoryError) as error:
        raise BuildError(f"Release {name} could not be written to {root}: {error or 'out of memory'}") from error
    except ReleaseError as error:
        raise BuildError(f"Release {name} is not read back as it was written: {error}") from error
    finally:
        # Also when interrupted.
        if mine is not None:
            shutil.rmtree(mine, ignore_errors=True)
    return manifest


def usable_backend(backend: str) -> str:
    """Return the index that will be built where this one is asked for: "exact" where Annoy does not work here."""
    return "exact" if backend == "annoy" and annoy_fault() is not None else backend


def remove_release(root: Path, name: str) -> None:
    """Remove a release, if it is there. A process that has it open keeps what it mapped until it moves on.

    Raises:
        ReleaseError: ``name`` is not a release's name.
        OSError: it cannot be removed.
    """
    if not is_release_name(name):
        raise ReleaseError(f"{name!r} is not a release's name.")
    # Out of the way in one step first: nobody meets half a release.
    doomed = root / f".{name}.{os.getpid()}.tmp"
    try:
        (root / name).rename(doomed)
    except FileNotFoundError:
        return
    shutil.rmtree(doomed)


def list_releases(root: Path) -> list[str]:
    """Return the names of the complete releases, in order of name."""
    if not root.is_dir():
        return []
    return sorted(path.name for path in root.iterdir() if is_release_name(path.name) and (path / MANIFEST).is_file())


def is_here(root: Path, name: str) -> bool:
    """Return whether a release is in this folder, complete if not verified."""
    return is_release_name(name) and (root / name / MANIFEST).is_file()


def newest_here(root: Path, embedder: str) -> list[str]:
    """Return the names of this embedder's releases in this folder, by what their manifests say, newest first."""
    found = []
    for name in list_releases(root):
        with suppress(ReleaseError):
            manifest = read_manifest(root / name, name)
            if manifest.embedder == embedder:
                found.append((manifest.revision, manifest.created, name))
    return [name for *_, name in sorted(found, reverse=True)]


def clean_leftovers(root: Path) -> int:
    """Remove what builds that died have left; return how many."""
    removed = 0
    for path in root.iterdir() if root.is_dir() else ():
        match = _TEMPORARY.fullmatch(path.name)
        if match is None or not path.is_dir():
            continue
        age = time.time() - max((file.stat().st_mtime for file in (path, *path.iterdir())), default=0.0)
        if age > (LEFTOVER_SECONDS_OF_THE_LIVING if _runs(int(match[1])) else LEFTOVER_SECONDS):
            shutil.rmtree(path, ignore_errors=True)
            removed += 1
    return removed


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return True


def _check_space(root: Path, arrays: Arrays, trees: int) -> None:
    count, dimensions = arrays.vectors.shape if arrays.vectors.ndim == 2 else (0, 0)
    node = 4 * dimensions + 12
    needed = count * (4 * dimensions + 16) + (count * node + trees * (16 * count + node) if trees else 0)
    free = shutil.disk_usage(root).free
    if free < 1.2 * needed:
        raise BuildError(f"{root} has {free / 1e6:,.0f} MB free; the index needs about {1.2 * needed / 1e6:,.0f} MB.")


def _check_arrays(arrays: Arrays) -> None:
    ids, revisions, vectors = arrays
    if vectors.ndim != 2 or vectors.shape[1] < 1 or ids.shape != (len(vectors),) or revisions.shape != ids.shape:
        raise BuildError(
            f"Expected ids and revisions (n,) and vectors (n, dimensions), "
            f"got {ids.shape}, {revisions.shape} and {vectors.shape}."
        )
    if (ids[1:] <= ids[:-1]).any():
        raise BuildError("Ids must be unique and in ascending order.")
    if (problem := not_unit(vectors)) is not None:
        raise BuildError(f"Vectors must be finite and of unit length: {problem}")


def _fill(
    directory: Path, manifest: ReleaseManifest, arrays: Arrays, recipe: _Recipe, report: Callable[[str], None]
) -> ReleaseManifest:
    """Write and try out everything but the manifest; return it with what was learnt."""
    report(f"Writing {manifest.count:,} vectors")
    write_arrays(directory, arrays)
    if recipe.trees:
        report(f"Growing {recipe.trees} trees")
        build_annoy(directory / ANNOY, arrays.vectors, trees=recipe.trees, seed=recipe.seed)
    report("Trying the index out")
    verdict = try_release(directory, _trial(manifest, arrays, recipe), timeout=recipe.trial_seconds)
    report(verdict.summary)
    return replace(
        manifest,
        parameters={
            **({"trees": recipe.trees, "seed": recipe.seed, "search_k": verdict.search_k} if recipe.trees else {}),
            **manifest.parameters,
        },
        recall=verdict.recall,
        recall_perturbed=verdict.recall_perturbed,
        warning=manifest.warning or verdict.warning(recipe.recall_target),
        files={filename: describe_file(directory / filename) for filename in sorted(FILES[manifest.backend])},
        annoy_version=annoy_version() if recipe.trees else "",
    )


def _trial(manifest: ReleaseManifest, arrays: Arrays, recipe: _Recipe) -> Trial:
    # From the arrays that were handed in, not from the files that were made of them.
    rows = np.unique(np.linspace(0, manifest.count - 1, min(manifest.count, KNOWN)).astype(np.int64)).tolist()
    return Trial(
        backend=manifest.backend,
        embedder=manifest.embedder,
        count=manifest.count,
        dimensions=manifest.dimensions,
        trees=recipe.trees,
        recall_target=recipe.recall_target,
        known=[(int(arrays.ids[row]), arrays.vectors[row].tolist()) for row in rows],
    )


def _seal(directory: Path, manifest: ReleaseManifest) -> None:
    """Write the manifest last, and have the disk hold everything."""
    (directory / MANIFEST).write_bytes(render_manifest(manifest))
    for path in directory.iterdir():
        sync(path)
    sync(directory)


def _say_nothing(line: str) -> None:
    """Be the progress report nobody asked for."""
    del line
