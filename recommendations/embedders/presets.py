"""Presets: which weights, and everything that belongs to them, as data. Resolving one loads no network."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

from recommendations.embedders import weights as weight_files
from recommendations.exceptions import WeightsError

POOLINGS = ("max", "avg", "gem")
#: Channels of the last feature map.
FEATURES = 2048
#: Layers an embedding may also look at: the last of each group but the top one.
TAPS = ("conv2_block3_out", "conv3_block4_out", "conv4_block6_out")
GROUNDS = ("", "white")
BUNDLED = Path(__file__).resolve().parent.parent / "weights" / "resnet50-fashion.npz"
#: What keras.applications checks its own download against.
KERAS_MD5 = "4d473c1dd8becc155b73f8504c6f6626"
_HEX = frozenset("0123456789abcdef")


@dataclass(frozen=True)
class EmbedderSpec:
    """All that decides a vector. Equal specs give vectors that may meet.

    Attributes:
        preset: ``fashion``, ``imagenet``, ``random``, or the name recorded beside a weights file.
        weights_path: the file; None for Keras' own download (``imagenet``) and for drawn numbers (``random``).
        weights_sha256: of that file, in hex; empty for Keras' download, which Keras checks by md5.
        pooling: feature map → vector: ``max``, ``avg``, or ``gem`` (generalised mean, arXiv 1711.02512).
        input_size: side of the square the network sees, in pixels.
        resize: ``pad`` keeps the shape and fills up with white; ``stretch`` does not.
        interpolation: ``bicubic`` (antialiased) or ``nearest``.
        projection: dimensions after the trained projection, or None where there is none.
        taps: earlier layers whose channel means join the pooled features before the projection.
        labels: those whose probabilities are part of the embedding.
        ground: ``white`` looks twice at photos of a plain ground that is not white, the second time on white; empty
            looks once.
        levels: least cosine of a match that is the ``same``, ``close``, ``similar``. Not part of the name: they say how
            vectors are read, not what they are.
    """

    preset: str
    weights_path: Path | None
    weights_sha256: str
    pooling: str
    input_size: int
    resize: str
    interpolation: str
    projection: int | None
    levels: tuple[float, float, float]
    taps: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    ground: str = ""

    @property
    def dimensions(self) -> int:
        """Length of a vector."""
        return self.projection or FEATURES

    @property
    def name(self) -> str:
        """The name embeddings carry, such as ``resnet50-fashion-e0a1edf3-gem-p128w-256``."""
        weights = (self.weights_sha256 or KERAS_MD5)[:8]
        size = f"{self.resize[0]}{self.input_size}{self.ground[:1]}"
        return f"resnet50-{self.preset}-{weights}-{self.pooling}-{size}-{self.dimensions}"


#: 224, stretched, nearest neighbour: what keras.utils.load_img(path, target_size=(224, 224)) does, and with it the
#: scripts this kind of search is usually started from.
#: The maxima of 2,048 channels are never negative, so even strangers have a high cosine. The levels are a first guess.
IMAGENET = EmbedderSpec("imagenet", None, "", "max", 224, "stretch", "nearest", None, (0.97, 0.88, 0.75))
#: No knowledge at all, always the same: the baseline of evaluations, and the size of ``imagenet`` for timing.
RANDOM = replace(IMAGENET, preset="random", weights_sha256=hashlib.sha256(b"vogue random 0").hexdigest())
#: What a trained file is taken for where nothing is recorded beside it.
#: Its levels lie between what other products of a shop reach and what pictures of no product do.
FASHION = EmbedderSpec("fashion", None, "", "gem", 128, "pad", "bicubic", 256, (0.97, 0.85, 0.80))


def as_record(spec: EmbedderSpec) -> dict[str, Any]:
    """Return the spec as JSON-ready values, for ``from_record``. Where the bundled file lies is each host's own."""
    path = spec.weights_path
    return {**asdict(spec), "weights_path": "bundled" if path == BUNDLED else path and str(path)}


def from_record(record: Mapping[str, Any]) -> EmbedderSpec:
    """Return the spec that ``as_record`` wrote down, whether or not its weights are still there.

    Raises:
        WeightsError: it is no such record.
    """
    path = record.get("weights_path")
    base = FASHION if record.get("projection") else IMAGENET
    known = {field.name: record[field.name] for field in fields(EmbedderSpec) if field.name in record}
    known["weights_path"] = BUNDLED if path == "bundled" else Path(str(path)) if path else None
    try:
        # JSON knows no tuples.
        for name in ("levels", "taps", "labels"):
            known[name] = tuple(known.get(name, getattr(base, name)))
        spec = replace(base, **known)
        return _checked(spec, "The record of an embedder", projected=spec.projection is not None)
    except TypeError as error:
        raise WeightsError(f"The record of an embedder is none: {error}.") from error


def resolve(weights: str, *, pooling: str = "", expected_sha256: str = "", check: bool = True) -> EmbedderSpec:
    """Return the spec of ``fashion``, ``imagenet``, ``random`` or a weights file. Cheap: called for every request.

    The bundled file's sha256 is taken from its record here, and verified when the network loads.

    Args:
        weights: a preset's name, or the path of a ``.npz`` (a trained network, its projection inside) or ``.h5`` /
            ``.weights.h5`` (the plain ResNet50 of ``keras.applications`` without top).
        pooling: ``max``, ``avg`` or ``gem``; empty takes the preset's own. A trained projection knows only its own.
        expected_sha256: what a file given by path must be.
        check: False trusts a recorded or expected sha256 without looking at the file: enough to know the name.

    Raises:
        WeightsError: an unknown name; a file that is missing, damaged or not the one expected; a pooling that does not
            go with the weights.
    """
    if weights == "imagenet":
        spec = IMAGENET
    elif weights == "random":
        spec = RANDOM
    elif weights == "fashion":
        spec = _resolve_bundled(check)
    elif weights.endswith((".npz", ".h5")):
        spec = _resolve_file(Path(weights), expected_sha256.lower(), check)
    else:
        raise WeightsError(f"Weights are 'fashion', 'imagenet', or a file ending in .npz or .h5; got {weights!r}.")
    if pooling and pooling not in POOLINGS:
        raise WeightsError(f"Pooling is one of {', '.join(POOLINGS)}; got {pooling!r}.")
    if pooling and spec.projection and pooling != spec.pooling:
        raise WeightsError(
            f"The projection of {weights!r} was trained on {spec.pooling} pooling and takes no other; got {pooling!r}. "
            "Leave the pooling empty, or use the imagenet weights."
        )
    return replace(spec, pooling=pooling) if pooling else spec


def _resolve_bundled(check: bool) -> EmbedderSpec:
    record = weight_files.read_record(BUNDLED)
    if not record:
        raise WeightsError(f"{BUNDLED.with_suffix('.json')} is missing. Install Vogue again.")
    spec = _from_record(FASHION, record, BUNDLED)
    if check:
        # The whole file is read once per process, when the network loads; its size is known for nothing.
        size = BUNDLED.stat().st_size if BUNDLED.is_file() else None
        if size != record["bytes"]:
            found = "missing" if size is None else f"{size} bytes long"
            raise WeightsError(
                f"Weights file {BUNDLED} is {found}; expected {record['bytes']} bytes with sha256 "
                f"{spec.weights_sha256}. Put the original file back."
            )
    return spec


def _resolve_file(path: Path, expected: str, check: bool) -> EmbedderSpec:
    path = path.absolute()
    trained = path.suffix == ".npz"
    record = weight_files.read_record(path) if trained else {}
    known = expected or str(record.get("sha256", ""))
    if not check and known:
        actual = known
    else:
        try:
            actual = weight_files.known_sha256(path)
        except OSError as error:
            wanted = f" Expected sha256 {known}." if known else ""
            raise WeightsError(f"Weights file {path} cannot be read ({error.strerror}).{wanted}") from error
    if known and actual != known:
        raise WeightsError(f"Weights file {path} has sha256 {actual}, expected {known}.")
    if trained and not record and actual == weight_files.read_record(BUNDLED).get("sha256"):
        record = weight_files.read_record(BUNDLED)
    base = replace(FASHION if trained else IMAGENET, weights_path=path, weights_sha256=actual)
    return _from_record(base, {**record, "sha256": actual}, path) if trained else base


def _from_record(base: EmbedderSpec, record: Mapping[str, Any], path: Path) -> EmbedderSpec:
    """Return the spec a record beside a trained file describes, its gaps filled from ``base``."""
    spec = replace(
        base,
        preset=record.get("preset", base.preset),
        weights_path=path,
        weights_sha256=record.get("sha256", base.weights_sha256),
        pooling=record.get("pooling", base.pooling),
        input_size=record.get("input_size", base.input_size),
        resize=record.get("resize", base.resize),
        interpolation=record.get("interpolation", base.interpolation),
        projection=record.get("projection", base.projection),
        levels=tuple(record.get("levels", base.levels)),
        taps=tuple(record.get("taps", base.taps)),
        labels=tuple(record.get("labels", base.labels)),
        ground=record.get("ground", base.ground),
    )
    return _checked(spec, str(path.with_suffix(".json")))


def _checked(spec: EmbedderSpec, where: str, *, projected: bool = True) -> EmbedderSpec:
    """Return the spec; WeightsError where a value of it is none we can use."""
    downloaded = not projected and not spec.weights_sha256  # by Keras, which checks it
    rules = {
        "preset": isinstance(spec.preset, str) and spec.preset.replace("_", "").isalnum(),
        "sha256": downloaded
        or (
            isinstance(spec.weights_sha256, str) and len(spec.weights_sha256) == 64 and set(spec.weights_sha256) <= _HEX
        ),
        "pooling": spec.pooling in POOLINGS,
        "input_size": isinstance(spec.input_size, int) and 32 <= spec.input_size <= 1024,
        "resize": spec.resize in ("pad", "stretch"),
        "interpolation": spec.interpolation in ("bicubic", "nearest"),
        "projection": not projected or (isinstance(spec.projection, int) and 2 <= spec.projection <= 4096),
        "taps": all(tap in TAPS for tap in spec.taps),
        "labels": all(isinstance(label, str) and label.isidentifier() for label in spec.labels),
        "ground": spec.ground in GROUNDS,
        "levels": len(spec.levels) == 3 and all(isinstance(least, float) for least in spec.levels),
    }
    if wrong := [key for key, right in rules.items() if not right]:
        raise WeightsError(f"{where}: {wrong[0]} has a value we cannot use. See docs/weights.md.")
    return spec
