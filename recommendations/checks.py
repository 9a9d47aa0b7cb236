"""System checks: each fault of the configuration has an id and a hint. They load neither network nor index.

E errors: visual search cannot work. W warnings: it works, but not as it should. docs/settings.md lists them.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from django.apps import AppConfig, apps
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register  # noqa: A004 (Django's name)
from django.core.exceptions import ImproperlyConfigured
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage
from django.db import DatabaseError, connections, router

from recommendations import conf, current
from recommendations.embedders.weights import known_sha256
from recommendations.exceptions import WeightsError
from recommendations.gallery import Gallery, get_gallery
from recommendations.models import IndexRelease

Apps = Sequence[AppConfig] | None

#: Key → least and most sensible value.
RANGES: dict[str, tuple[float, float]] = {
    "K": (1, 10_000),
    "MAX_K": (1, 10_000),
    "BATCH_SIZE": (1, 4_096),
    "MAX_ATTEMPTS": (1, 100),
    "UPLOAD_MAX_BYTES": (1024, 2**30),
    "QUERY_MAX_PIXELS": (4_096, 10**9),
    "PRODUCT_MAX_PIXELS": (4_096, 10**9),
    "CONCURRENT_SEARCHES": (1, 1_024),
    "SEARCH_WAIT_SECONDS": (0, 600),
    "PAGE_K": (1, 10_000),
    "FACET_POOL": (1, 10_000),
    "HOLD_SECONDS": (0, 900),
    "EVENT_DAYS": (1, 36_500),
    "EVENT_SECONDS": (0, 600),
    "SWEEP_SECONDS": (1, 86_400),
    "REBUILD_SECONDS": (1, 31 * 86_400),
    "REBUILD_DELTA": (1, 10**9),
    "REBUILD_SHARE": (0, 1_000),
    "SWITCH_COVERAGE": (0, 1),
    "CALIBRATION_PRODUCTS": (0, 100_000),
    "LEASE_SECONDS": (1, 86_400),
    "TREES": (1, 10_000),
    "RECALL_TARGET": (0, 1),
    "KEEP_RELEASES": (1, 1_000),
}
#: Caches that every process has to itself.
PER_PROCESS = ("locmem.LocMemCache", "dummy.DummyCache")
UPLOAD_LIMIT = "recommendations.middleware.UploadLimitMiddleware"
CSRF = "django.middleware.csrf.CsrfViewMiddleware"


@register()
def check_settings(app_configs: Apps, **kwargs: Any) -> Iterable[CheckMessage]:
    """E001: a key of VOGUE nobody knows, or a value that makes no sense."""
    found: list[CheckMessage] = []
    hint = "See docs/settings.md for the keys and their values."
    for key in conf.SETTINGS:
        try:
            value = conf.get(key)
        except ImproperlyConfigured as error:
            if str(error) not in [message.msg for message in found]:
                found.append(Error(str(error), hint=hint, id="vogue.E001"))
            continue
        if key in RANGES:
            least, most = RANGES[key]
            number = isinstance(value, int | float) and not isinstance(value, bool)
            if not number or not least <= value <= most:
                message = f"VOGUE_{key} is {value!r}; it must be a number from {least:,} to {most:,}."
                found.append(Error(message, hint=hint, id="vogue.E001"))
    if not found and conf.get("K") > conf.get("MAX_K"):
        message = f"VOGUE_K is {conf.get('K')}, more than VOGUE_MAX_K, {conf.get('MAX_K')}."
        found.append(Error(message, hint=hint, id="vogue.E001"))
    return found


@register()
def check_gallery(app_configs: Apps, **kwargs: Any) -> Iterable[CheckMessage]:
    """E002: VOGUE["GALLERY"] leads to no gallery, or to one of other products than VOGUE["PRODUCT_MODEL"]."""
    hint = 'Set VOGUE["GALLERY"] to the dotted path of a subclass of recommendations.gallery.Gallery.'
    try:
        path = conf.get("GALLERY")
        gallery: object = get_gallery()
        if not isinstance(gallery, Gallery):
            return [Error(f"VOGUE['GALLERY'], {path!r}, is not a Gallery.", hint=hint, id="vogue.E002")]
        model = gallery.products().model
        gallery.watched_models()
        expected = apps.get_model(conf.product_model())
    except ImproperlyConfigured:
        return []  # E001 says so
    except (ImportError, LookupError, TypeError, ValueError, AttributeError) as error:
        return [Error(f"VOGUE['GALLERY'], {path!r}, cannot be used: {error}", hint=hint, id="vogue.E002")]
    if model is not expected:
        message = f"The gallery's products are {model._meta.label}, VOGUE['PRODUCT_MODEL'] is {expected._meta.label}."
        return [Error(message, hint="Make the two the same.", id="vogue.E002")]
    return []


@register()
def check_engine(app_configs: Apps, **kwargs: Any) -> Iterable[CheckMessage]:
    """E003: what should run the network is not installed."""
    engine = _setting("ENGINE")
    if engine is None or find_spec(engine):
        return []
    message = f"VOGUE_ENGINE is {engine!r}, which is not installed: no photo can be embedded, no photo searched with."
    return [Error(message, hint=f"pip install {engine}, or set VOGUE_ENGINE to the one you have.", id="vogue.E003")]


@register()
def check_weights(app_configs: Apps, **kwargs: Any) -> Iterable[CheckMessage]:
    """E004: the weights are missing, damaged, or not the ones expected."""
    hint = "Put the file back (docs/weights.md says where it comes from), or set VOGUE_WEIGHTS."
    try:
        spec = current.embedder_spec()
        if spec.weights_path and (actual := known_sha256(spec.weights_path)) != spec.weights_sha256:
            message = f"Weights file {spec.weights_path} has sha256 {actual}, expected {spec.weights_sha256}."
            return [Error(message, hint=hint, id="vogue.E004")]
    except ImproperlyConfigured:
        return []  # E001 says so
    except (WeightsError, OSError) as error:
        return [Error(str(error), hint=hint, id="vogue.E004")]
    return []


@register()
def check_data_dir(app_configs: Apps, **kwargs: Any) -> Iterable[CheckMessage]:
    """E005: there is no place for index releases and converted networks."""
    folder = _setting("DATA_DIR")
    if folder is None:
        return []
    # Made when first needed: what counts is the nearest folder above that is there.
    nearest = next(path for path in (folder.absolute(), *folder.absolute().parents) if path.exists())
    if nearest.is_dir() and os.access(nearest, os.W_OK | os.X_OK):
        return []
    message = f"VOGUE_DATA_DIR is {folder}, and {nearest} is not a folder this process may write to."
    return [Error(message, hint="Give the process that folder, or set VOGUE_DATA_DIR to another.", id="vogue.E005")]


@register()
def check_release_storage(app_configs: Apps, **kwargs: Any) -> Iterable[CheckMessage]:
    """E006: STORAGES["vogue"] cannot be used. W008: it is a folder this process may not write to."""
    try:
        storage = conf.release_storage()
    except (ImportError, ImproperlyConfigured, TypeError, ValueError) as error:
        message = f"STORAGES['vogue'] cannot be used: {error}"
        return [Error(message, hint="See docs/deployment.md, or take it out: one host needs none.", id="vogue.E006")]
    if not isinstance(storage, FileSystemStorage):
        return []
    folder = Path(storage.location)
    nearest = next(path for path in (folder, *folder.parents) if path.exists())
    if nearest.is_dir() and os.access(nearest, os.W_OK | os.X_OK):
        return []
    return [_not_writable(f"{nearest} is not a folder this process may write to.")]


@register(Tags.files, deploy=True)
def check_release_storage_at_deploy(app_configs: Apps, **kwargs: Any) -> Iterable[CheckMessage]:
    """W008: STORAGES["vogue"] does not take a file and give it back. Tried out, with a file of a few bytes."""
    try:
        storage = conf.release_storage()
    except (ImportError, ImproperlyConfigured, TypeError, ValueError):
        return []  # E006 says so
    if storage is None:
        return []
    try:
        name = storage.save("releases/.check", ContentFile(b"vogue"))
        try:
            with storage.open(name) as file:
                if file.read() != b"vogue":
                    return [_not_writable("a file that was written comes back as another.")]
        finally:
            storage.delete(name)
    except Exception as error:  # each kind of storage has a family of errors of its own
        return [_not_writable(f"{type(error).__name__}: {error}")]
    return []


def _not_writable(why: str) -> CheckMessage:
    message = (
        f"STORAGES['vogue'] cannot be written: {why} A host that only fetches needs no more; one that builds does."
    )
    return Warning(message, hint="Give the build worker's host the right to write there.", id="vogue.W008")


@register(Tags.database)
def check_live_release(
    app_configs: Apps, databases: Sequence[str] | None = None, **kwargs: Any
) -> Iterable[CheckMessage]:
    """W001: another embedder answers than the settings name, until that one has seen the photos."""
    using = router.db_for_read(IndexRelease)
    if using not in (databases or ()):
        return []
    try:
        if IndexRelease._meta.db_table not in connections[using].introspection.table_names():
            return []  # before the first migrate
        release = IndexRelease.objects.using(using).filter(live=True).first()
        embedder = current.embedder_name()
    except (DatabaseError, WeightsError, ImproperlyConfigured):
        return []  # not this check's to report
    if release is None or release.embedder == embedder:
        return []
    message = f"{release.embedder} answers; {embedder}, which the settings name, takes over once it knows the photos."
    hint = "Run manage.py embed_products, then manage.py rebuild_index; or set the weights back."
    return [Warning(message, hint=hint, id="vogue.W001")]


@register()
def check_annoy(app_configs: Apps, **kwargs: Any) -> Iterable[CheckMessage]:
    """W002: no Annoy, so the shop runs on the exact index."""
    if _setting("INDEX") != "annoy" or find_spec("annoy"):
        return []
    message = "Annoy is not installed: every search scans all photos exactly. Right, but slow in a large shop."
    hint = "apt install g++ python3-dev (or your system's own), then pip install annoy; or set VOGUE_INDEX=exact."
    return [Warning(message, hint=hint, id="vogue.W002")]


@register()
def check_cache(app_configs: Apps, **kwargs: Any) -> Iterable[CheckMessage]:
    """W003: several web processes, but a cache that each has to itself."""
    return _cache_warnings() if _workers() > 1 else []


@register(Tags.caches, deploy=True)
def check_cache_at_deploy(app_configs: Apps, **kwargs: Any) -> Iterable[CheckMessage]:
    """W003 again: a deployment has several processes, whatever the environment of `manage.py check` says."""
    return [] if _workers() > 1 else _cache_warnings()


@register()
def check_middleware(app_configs: Apps, **kwargs: Any) -> Iterable[CheckMessage]:
    """W004: nothing stops an upload before it is read."""
    names = list(settings.MIDDLEWARE)
    if UPLOAD_LIMIT in names and (CSRF not in names or names.index(UPLOAD_LIMIT) < names.index(CSRF)):
        return []
    message = f"{UPLOAD_LIMIT} is not in MIDDLEWARE, or not before {CSRF}: large uploads are read to their end."
    return [Warning(message, hint="Put it near the top of MIDDLEWARE.", id="vogue.W004")]


@register()
def check_photo_cache(app_configs: Apps, **kwargs: Any) -> Iterable[CheckMessage]:
    """W007: photos cannot be held between two searches of one visitor, or not by all web processes."""
    alias, seconds = _setting("PHOTO_CACHE"), _setting("HOLD_SECONDS")
    if not alias or not seconds:
        return []  # E001 says so, or it is the owner's choice
    backend = settings.CACHES.get(alias, {}).get("BACKEND", "")
    hint = "Set REDIS_URL; or WEB_CONCURRENCY=1 (threads share one memory); or VOGUE_HOLD_SECONDS=0."
    if not backend or backend.endswith(("FileBasedCache", "DatabaseCache", "DummyCache")):
        message = (
            f"VOGUE_PHOTO_CACHE is {alias!r}, which is {backend or 'not in CACHES'}: shoppers' photos are held in "
            "memory only, so they are not held at all, and every change of a filter sends the photo again."
        )
        return [Warning(message, hint=hint, id="vogue.W007")]
    if backend.endswith("LocMemCache") and _workers() > 1:
        message = (
            f"{_workers()} web processes, and each holds shoppers' photos for itself: a change of a filter that "
            "reaches another one sends the photo again, and without JavaScript the shopper has to."
        )
        return [Warning(message, hint=hint, id="vogue.W007")]
    return []


def _cache_warnings() -> list[CheckMessage]:
    backend = settings.CACHES.get("default", {}).get("BACKEND", "")
    if not backend.endswith(PER_PROCESS):
        return []
    message = f"The default cache is {backend}: each process counts searches for itself, and the limit rises with them."
    return [Warning(message, hint="Set REDIS_URL, or another cache the processes share.", id="vogue.W003")]


def _workers() -> int:
    text = os.environ.get("WEB_CONCURRENCY", "")
    return int(text) if text.isdecimal() else 1


def _setting(key: str) -> Any:
    """Return the setting, or None where its value is E001's to report."""
    try:
        value = conf.get(key)
    except ImproperlyConfigured:
        return None
    return Path(value) if key == "DATA_DIR" else value
