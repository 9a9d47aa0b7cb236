"""How a release reaches other hosts: through a storage all of them share. See docs/decisions/0015.

One host builds and stores; each of the others fetches to its own folder, verifies, tries out, and only then opens.
The manifest is stored last and fetched first: what has none is not a release yet.
"""

from __future__ import annotations

import fcntl
import hashlib
import logging
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any, Protocol

import numpy as np

from recommendations.exceptions import BuildError, BusyError, ReleaseError, StorageError
from recommendations.indexes.annoy_index import annoy_fault
from recommendations.indexes.canary import Trial, try_release
from recommendations.indexes.files import map_arrays, sync
from recommendations.indexes.manifest import (
    MANIFEST,
    ReleaseManifest,
    describe_file,
    is_release_name,
    read_manifest,
    verify_release,
)
from recommendations.indexes.release_writer import is_here, newest_here, remove_release

logger = logging.getLogger(__name__)

#: Where releases lie in the storage.
FOLDER = "releases"
#: A manifest is a few kilobytes; what is larger is none.
MANIFEST_BYTES = 1_000_000
CHUNK = 1 << 20
#: Embeddings a fetched release must find by their own vectors.
KNOWN = 32
TRIAL_SECONDS = 900.0


class Storage(Protocol):
    """What is asked of a storage: five of the methods every storage of Django has."""

    def open(self, name: str, mode: str = "rb") -> Any: ...
    def save(self, name: str, content: Any) -> str: ...
    def delete(self, name: str) -> None: ...
    def exists(self, name: str) -> bool: ...
    def listdir(self, path: str) -> tuple[list[str], list[str]]: ...


def store_release(storage: Storage, root: Path, name: str, *, on_progress: Callable[[str], None] | None = None) -> None:
    """Put a release of this folder where other hosts find it, its manifest last. May be broken off and done again.

    Raises:
        StorageError: the storage does not take it.
        ReleaseError: it is not whole here.
    """
    manifest = verify_release(root / name, name)
    for filename in (*sorted(manifest.files), MANIFEST):
        path, key = root / name / filename, f"{FOLDER}/{name}/{filename}"
        if on_progress:
            on_progress(f"Storing {filename}, {path.stat().st_size / 1e6:.1f} MB")
        with _told(f"{key} cannot be stored"), path.open("rb") as file:
            # Left by a process that died: a storage would otherwise put ours under another name.
            if storage.exists(key):
                storage.delete(key)
            stored = storage.save(key, file)
            if stored != key:
                storage.delete(stored)
                raise StorageError(f"The storage put {key} under {stored!r}: another process stores it, too.")


def is_stored(storage: Storage, name: str) -> bool:
    """Return whether other hosts find this release; StorageError where the storage cannot be asked."""
    with _told("The storage cannot be asked"):
        return bool(storage.exists(f"{FOLDER}/{name}/{MANIFEST}"))


def stored_releases(storage: Storage) -> list[str]:
    """Return the names of what lies in the storage, complete or not; StorageError where it cannot be asked."""
    return sorted(name for name in _listed(storage, FOLDER)[0] if is_release_name(name))


def remove_stored(storage: Storage, name: str) -> None:
    """Remove a release, or what there is of it, from the storage, its manifest first: nobody begins to fetch it.

    Raises:
        StorageError: it cannot be removed.
    """
    filenames = sorted(_listed(storage, f"{FOLDER}/{name}")[1], key=lambda filename: filename != MANIFEST)
    with _told(f"Release {name} cannot be removed from the storage"):
        for filename in filenames:
            storage.delete(f"{FOLDER}/{name}/{filename}")
        # A folder of its own, where the storage has folders.
        storage.delete(f"{FOLDER}/{name}")


def _listed(storage: Storage, folder: str) -> tuple[list[str], list[str]]:
    with _told("The storage cannot be listed"):
        try:
            return storage.listdir(folder)
        except FileNotFoundError:
            return [], []


def fetch_release(storage: Storage, root: Path, name: str, *, keep: int = 3, seconds: float = TRIAL_SECONDS) -> None:
    """Bring a release from the storage to this folder, verified and tried out; nothing where it is here already.

    One process of a host at a time. Files that arrived whole before an interruption are not fetched again; what is
    half here lies under another name and is never opened.

    Args:
        keep: releases of the same embedder that stay in the folder.

    Raises:
        BusyError: another process of this host fetches.
        StorageError: it is not in the storage, or the storage cannot be read.
        ReleaseError: what came is damaged, or does not work here.
        OSError: it cannot be written.
    """
    root.mkdir(parents=True, exist_ok=True)
    with _only_one(root):
        if is_here(root, name):
            return
        part = root / f".{name}.part"
        for leftover in root.glob(".*.part"):
            if leftover != part:
                shutil.rmtree(leftover, ignore_errors=True)
        part.mkdir(exist_ok=True)
        manifest = _fetch_manifest(storage, part, name)
        missing = {
            filename: entry for filename, entry in manifest.files.items() if not _is_whole(part, filename, entry)
        }
        _check_space(root, missing)
        for filename, entry in sorted(missing.items()):
            _fetch_file(storage, part, name, filename, entry)
        _try_out(part, manifest, seconds)
        for path in part.iterdir():
            sync(path)
        sync(part)
        part.rename(root / name)
        sync(root)
        logger.info("Release %s is here: %.1f MB", name, manifest.bytes / 1e6)
        for old in newest_here(root, manifest.embedder)[max(1, keep) :]:
            if old != name:
                with suppress(OSError):
                    remove_release(root, old)


def _fetch_manifest(storage: Storage, part: Path, name: str) -> ReleaseManifest:
    key = f"{FOLDER}/{name}/{MANIFEST}"
    with _told(f"{key} cannot be read from the storage"), storage.open(key) as file:
        raw = file.read(MANIFEST_BYTES)
    (part / MANIFEST).write_bytes(raw)
    return read_manifest(part, name)


def _is_whole(part: Path, filename: str, entry: dict[str, Any]) -> bool:
    try:
        return describe_file(part / filename) == entry
    except OSError:
        return False


def _fetch_file(storage: Storage, part: Path, name: str, filename: str, entry: dict[str, Any]) -> None:
    """Fetch one file; only what is whole gets its name."""
    key, arriving = f"{FOLDER}/{name}/{filename}", part / f"{filename}.arriving"
    digest, size = hashlib.sha256(), 0
    with _told(f"{key} cannot be read from the storage"), storage.open(key) as source, arriving.open("wb") as target:
        for chunk in _chunks(source):
            size += len(chunk)
            digest.update(chunk)
            # Not a byte more than announced: a disk is not filled by a file that is another.
            if size > entry["bytes"]:
                break
            target.write(chunk)
    if {"bytes": size, "sha256": digest.hexdigest()} != entry:
        arriving.unlink()
        raise ReleaseError(f"Release {name}: {filename} came with {size} bytes and is not what the manifest says.")
    arriving.rename(part / filename)


def _chunks(source: IO[bytes]) -> Iterator[bytes]:
    while chunk := source.read(CHUNK):
        yield chunk


def _try_out(part: Path, manifest: ReleaseManifest, seconds: float) -> None:
    """Have a process of its own search it, as after a build: what works there may kill its reader here."""
    arrays = map_arrays(part, count=manifest.count, dimensions=manifest.dimensions)
    rows = np.unique(np.linspace(0, manifest.count - 1, min(manifest.count, KNOWN)).astype(np.int64)).tolist()
    annoy = manifest.backend == "annoy" and annoy_fault() is None
    trial = Trial(
        backend="annoy" if annoy else "exact",
        embedder=manifest.embedder,
        count=manifest.count,
        dimensions=manifest.dimensions,
        trees=manifest.parameters["trees"] if annoy else 0,
        recall_target=0.0,
        known=[(int(arrays.ids[row]), arrays.vectors[row].tolist()) for row in rows],
    )
    try:
        try_release(part, trial, timeout=seconds)
    except BuildError as error:
        raise ReleaseError(f"Release {manifest.name} does not work on this host: {error}") from error


def _check_space(root: Path, missing: dict[str, dict[str, Any]]) -> None:
    needed, free = sum(entry["bytes"] for entry in missing.values()), shutil.disk_usage(root).free
    if free < 1.1 * needed:
        raise ReleaseError(f"{root} has {free / 1e6:,.0f} MB free; the release needs {needed / 1e6:,.0f} MB.")


@contextmanager
def _only_one(root: Path) -> Iterator[None]:
    """Hold the folder's lock; the system releases it when its holder dies."""
    handle = os.open(root / ".fetching.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise BusyError("Another process of this host fetches a release.") from error
        yield
    finally:
        os.close(handle)


@contextmanager
def _told(what: str) -> Iterator[None]:
    """Turn whatever a storage raises into a StorageError: each kind has a family of errors of its own."""
    try:
        yield
    except StorageError:
        raise
    except Exception as error:
        raise StorageError(f"{what}: {error or type(error).__name__}") from error
