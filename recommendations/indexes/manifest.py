"""What a release says of itself, and the proof that it is so."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from recommendations.exceptions import ReleaseError

FORMAT = 1
MANIFEST = "manifest.json"
VECTORS = "vectors.npy"
IDS = "ids.npy"
REVISIONS = "revisions.npy"
ANNOY = "index.ann"
AXES = "index.axes.npy"

#: The files of a release by backend; these and no others.
FILES: Mapping[str, frozenset[str]] = {
    "annoy": frozenset({VECTORS, IDS, REVISIONS, ANNOY, AXES}),
    "exact": frozenset({VECTORS, IDS, REVISIONS}),
}

#: Releases from before Annoy saw vectors along axes hold an Annoy file of whole vectors, and can still be read.
_FORMER_FILES = FILES["annoy"] - {AXES}

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}")


@dataclass(frozen=True)
class ReleaseManifest:
    """A release's own account.

    Attributes:
        revision: everything up to here is in it.
        created: UTC, ISO 8601.
        parameters: what it was built and is searched with: for annoy ``trees``, ``seed``, ``search_k``;
            ``levels``, what its cosines mean, where that was calibrated.
        recall: recall@5 against exact search, for vectors of the gallery; None where nothing was measured.
        recall_perturbed: the same for vectors that are near the gallery but not in it.
        warning: what a person should know of it, or "".
        files: by name, ``bytes`` and ``sha256``.
        annoy_version: of the Annoy that wrote ``index.ann``, or "".
    """

    name: str
    backend: str
    embedder: str
    dimensions: int
    count: int
    revision: int
    created: str
    metric: str = "angular"
    parameters: dict[str, Any] = field(default_factory=dict)
    recall: float | None = None
    recall_perturbed: float | None = None
    warning: str = ""
    files: dict[str, dict[str, Any]] = field(default_factory=dict)
    annoy_version: str = ""
    format: int = FORMAT

    @property
    def bytes(self) -> int:
        """Size of all files together."""
        return sum(int(entry["bytes"]) for entry in self.files.values())


def is_release_name(name: str) -> bool:
    """Tell whether a release may be called this: a plain file name, never a path or a hidden file."""
    return _NAME.fullmatch(name) is not None


def describe_file(path: Path) -> dict[str, Any]:
    """Return ``{"bytes": …, "sha256": …}`` of a file; raises OSError."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        return {"bytes": file.tell(), "sha256": digest}


def render_manifest(manifest: ReleaseManifest) -> bytes:
    """Return the manifest file's content. Its last key is a sha256 of the rest."""
    body = asdict(manifest)
    return (json.dumps({**body, "sha256": _digest(body)}, indent=1) + "\n").encode()


def verify_release(directory: Path, name: str) -> ReleaseManifest:
    """Check a release's manifest, and size and sha256 of every file; return the manifest. Maps nothing.

    ``directory`` need not be called ``name``: a release under way from another host lies elsewhere.

    Raises:
        ReleaseError: anything missing, added, damaged, or not of this format.
    """
    manifest = read_manifest(directory, name)
    for filename, expected in manifest.files.items():
        path = directory / filename
        try:
            size = path.stat().st_size
            # Sizes first: no need to read a gigabyte to learn that a download broke off.
            found = {"bytes": size} if size != expected["bytes"] else describe_file(path)
        except OSError as error:
            raise ReleaseError(f"Release {name}: {filename} cannot be read ({error.strerror}).") from error
        if found != expected:
            raise ReleaseError(f"Release {name}: {filename} is {found}, the manifest says {expected}.")
    return manifest


def read_manifest(directory: Path, name: str) -> ReleaseManifest:
    """Read and check a release's manifest alone; ReleaseError where it is missing, damaged or not of this format."""
    path = directory / MANIFEST
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise ReleaseError(f"Release {name}: {MANIFEST} cannot be read ({error.strerror}).") from error
    try:
        body = json.loads(raw)
        digest = body.pop("sha256")
        manifest = ReleaseManifest(**body)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise ReleaseError(f"Release {name}: {MANIFEST} is not one: {error}") from error
    # To the byte: what parses alike but was not written so has been touched.
    if digest != _digest(body) or render_manifest(manifest) != raw:
        raise ReleaseError(f"Release {name}: {MANIFEST} is damaged, its own sha256 does not match.")
    if (problem := next(_problems(manifest, name), None)) is not None:
        raise ReleaseError(f"Release {name}: {problem}")
    return manifest


def _problems(manifest: ReleaseManifest, name: str) -> Iterator[str]:
    """Yield what is wrong with a manifest that is intact. Later checks rely on earlier ones: ask for the first."""
    for key, expected in _TYPES.items():
        value = getattr(manifest, key)
        if not isinstance(value, expected) or isinstance(value, bool):
            yield f"{key} is {value!r}."
    if manifest.format != FORMAT:
        yield f"format {manifest.format}, this version of Vogue reads {FORMAT}. Run manage.py rebuild_index."
    if manifest.name != name or not is_release_name(name):
        yield f"it calls itself {manifest.name!r}."
    if manifest.backend not in FILES or manifest.metric != "angular":
        yield f"unknown backend {manifest.backend!r} or metric {manifest.metric!r}."
    # This also keeps path separators out: the names of the files are known beforehand.
    former = manifest.backend == "annoy" and set(manifest.files) == _FORMER_FILES
    if set(manifest.files) != FILES[manifest.backend] and not former:
        yield f"it lists the files {sorted(manifest.files)}, expected {sorted(FILES[manifest.backend])}."
    if manifest.dimensions < 1 or manifest.count < 0 or manifest.revision < 0:
        yield f"dimensions {manifest.dimensions}, count {manifest.count}, revision {manifest.revision}."
    for filename, entry in manifest.files.items():
        types = {key: type(value) for key, value in entry.items()} if isinstance(entry, dict) else {}
        if types != {"bytes": int, "sha256": str}:
            yield f"it describes {filename} as {entry!r}."
    for key in ("trees", "search_k") if manifest.backend == "annoy" else ():
        value = manifest.parameters.get(key)
        if type(value) is not int or value < 1:
            yield f"parameter {key} is {value!r}."


_TYPES: Mapping[str, type | tuple[type, ...]] = {
    "name": str,
    "backend": str,
    "embedder": str,
    "dimensions": int,
    "count": int,
    "revision": int,
    "created": str,
    "parameters": dict,
    "recall": (float, int, type(None)),
    "recall_perturbed": (float, int, type(None)),
    "metric": str,
    "files": dict,
    "warning": str,
    "annoy_version": str,
    "format": int,
}


def _digest(body: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(body, indent=1).encode()).hexdigest()
