"""Vogue's settings: one dict ``VOGUE``, read when asked; ``VOGUE_<KEY>`` in the environment overrides each key.

``SETTINGS`` is the one list of keys. docs/settings.md is checked against it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.files.storage import Storage, storages


@dataclass(frozen=True)
class Setting:
    """One key: its default, how text from the environment becomes a value, what it means."""

    default: Any
    parse: Callable[[str], Any]
    help: str
    choices: tuple[str, ...] = ()


def flag(text: str) -> bool:
    """Return a yes or no from the environment; raise KeyError on anything else."""
    return {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}[
        text.strip().lower()
    ]


SETTINGS: Mapping[str, Setting] = {
    "PRODUCT_MODEL": Setting("catalog.Product", str, "The shop's product model, as app_label.Model."),
    "GALLERY": Setting("", str, "Dotted path of the gallery class: which products and photos exist."),
    "DATA_DIR": Setting("vogue-data", Path, "Folder for index releases and converted networks."),
    "WEIGHTS": Setting("fashion", str, "fashion, imagenet, or the path of a weights file (.npz, .weights.h5, .h5)."),
    "WEIGHTS_SHA256": Setting("", str, "Expected sha256 of a weights file given by path."),
    "POOLING": Setting("", str, "max, avg or gem; empty takes the preset's own.", ("", "max", "avg", "gem")),
    "ENGINE": Setting("openvino", str, "What runs the network.", ("openvino", "tensorflow")),
    "INDEX": Setting("annoy", str, "What a release holds; or pgvector.", ("annoy", "exact", "pgvector")),
    "METRIC": Setting("cosine", str, "The scale of the score.", ("cosine", "euclidean")),
    "K": Setting(5, int, "Results per answer when nobody says how many."),
    "MAX_K": Setting(100, int, "Most results one request may ask for."),
    "BATCH_SIZE": Setting(32, int, "Photos per pass through the network in tasks and commands."),
    "MAX_ATTEMPTS": Setting(3, int, "Tries before a photo counts as failed."),
    "UPLOAD_MAX_BYTES": Setting(10 * 1024 * 1024, int, "Largest photo a shopper may send, in bytes."),
    "QUERY_MAX_PIXELS": Setting(40_000_000, int, "Most pixels in a shopper's photo."),
    "PRODUCT_MAX_PIXELS": Setting(60_000_000, int, "Most pixels in a product photo."),
    "CONCURRENT_SEARCHES": Setting(2, int, "Photo searches one process computes at a time; the rest wait their turn."),
    "SEARCH_WAIT_SECONDS": Setting(10, float, "How long a photo search waits for its turn before it is sent away."),
    "PAGE_K": Setting(24, int, "Results the page of photo search shows first, and adds with each 'Show more'."),
    "FACET_POOL": Setting(200, int, "Nearest products the numbers beside the filters count among."),
    "HOLD_SECONDS": Setting(900, int, "How long a shopper's photo is held in memory; 900 at most, 0 for not at all."),
    "PHOTO_CACHE": Setting("photos", str, "The cache, in CACHES, that holds shoppers' photos. In memory only."),
    "EVENTS": Setting(True, flag, "Whether answers, impressions and clicks are counted."),
    "EVENT_DAYS": Setting(90, int, "How many days events are kept, today included."),
    "EVENT_SECONDS": Setting(2, float, "How long events wait to be written together; 0: no wait, in the request."),
    "SWEEP_SECONDS": Setting(60, float, "How often what stayed pending is queued again."),
    "REBUILD_SECONDS": Setting(900, float, "How often the index is rebuilt."),
    "REBUILD_DELTA": Setting(2_000, int, "New embeddings that start a rebuild before its time."),
    "REBUILD_SHARE": Setting(0.05, float, "The same as a part of the live release; whichever is reached first."),
    "SWITCH_COVERAGE": Setting(1.0, float, "Part of the photos another embedder must have computed to take over."),
    "LEASE_SECONDS": Setting(60, float, "A build whose heartbeat is older than this is taken for dead."),
    "TREES": Setting(50, int, "Annoy trees: more is a larger file and a better recall."),
    "RECALL_TARGET": Setting(0.99, float, "recall@5 of the index against exact search that a build aims at."),
    "CALIBRATION_PRODUCTS": Setting(300, int, "Products whose photos match levels are calibrated with; 0: not at all."),
    "KEEP_RELEASES": Setting(3, int, "Releases kept, the live one included."),
}


def get(key: str) -> Any:
    """Return one setting: environment, then ``settings.VOGUE``, then its default.

    Raises:
        ImproperlyConfigured: unknown key, or a value that does not parse or is not among the choices.
    """
    setting = SETTINGS[key]
    name = f"VOGUE_{key}"
    text = os.environ.get(name)
    if text is not None:
        try:
            value = setting.parse(text)
        except (ValueError, KeyError) as error:
            raise ImproperlyConfigured(f"{name} is {text!r}, which is not a {setting.parse.__name__}.") from error
    else:
        configured: Mapping[str, Any] = getattr(settings, "VOGUE", {})
        if unknown := set(configured) - set(SETTINGS):
            raise ImproperlyConfigured(
                f"VOGUE has unknown keys: {', '.join(sorted(unknown))}. Known: {', '.join(sorted(SETTINGS))}."
            )
        value = configured.get(key, setting.default)
        if setting.parse is Path:
            value = Path(value)
    if setting.choices and value not in setting.choices:
        raise ImproperlyConfigured(f"{name} is {value!r}; it must be one of {', '.join(map(repr, setting.choices))}.")
    return value


def product_model() -> str:
    """Return the product model's label; read when models and migrations load."""
    return str(get("PRODUCT_MODEL"))


def release_dir() -> Path:
    """Return the folder index releases live in."""
    return Path(get("DATA_DIR")) / "releases"


def release_storage() -> Storage | None:
    """Return the storage releases travel through to other hosts, STORAGES["vogue"]; None where there is none.

    Raises:
        InvalidStorageError: it cannot be made as it is configured.
    """
    return storages["vogue"] if "vogue" in getattr(settings, "STORAGES", {}) else None


def engine_dir() -> Path:
    """Return the folder converted networks are cached in."""
    return Path(get("DATA_DIR")) / "engines"


def evaluation_dir() -> Path:
    """Return the folder vectors of evaluations are cached in."""
    return Path(get("DATA_DIR")) / "evaluation"


def report_dir() -> Path:
    """Return the folder the admin shows reports from."""
    return Path(get("DATA_DIR")) / "reports"
