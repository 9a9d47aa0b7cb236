"""Releases through a storage, one fault at a time; two whole hosts are in test_two_hosts."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.core.files.storage import FileSystemStorage
from django.utils import timezone

from recommendations import checks, conf, current, indexing, search
from recommendations.exceptions import BuildError, BusyError, ReleaseError, StorageError
from recommendations.indexes import canary, live, travel
from recommendations.indexes.processes import run_python
from recommendations.indexes.release import is_here, list_releases, open_release, remove_release, write_release
from recommendations.indexing import building
from recommendations.models import IndexRelease
from tests.factories import make_product
from tests.pictures import picture
from tests.recommendations.shop import embed_all
from tests.recommendations.test_indexes_contract import EMBEDDER, clustered
from tests.storages import SharedFolder

pytestmark = [pytest.mark.fault, pytest.mark.timeout(120)]

N = 200
IDS = np.arange(N) * 3 + 1
VECTORS = clustered(N, 16)


class Fault:
    """Switches the faults of a shared folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(self, name: str) -> None:
        for path in (*self.folder.glob("read-*"), *self.folder.glob("write-*")):
            path.unlink()
        if name:
            (self.folder / name).touch()

    def opened(self) -> list[str]:
        """Return the files that were opened since this was last asked."""
        log = self.folder / "opened"
        names = [line.rsplit("/", 1)[1] for line in log.read_text().splitlines()] if log.exists() else []
        log.unlink(missing_ok=True)
        return names


@pytest.fixture
def fault(tmp_path: Path) -> Fault:
    (tmp_path / "shared").mkdir()
    return Fault(tmp_path / "shared")


@pytest.fixture
def storage(fault: Fault) -> SharedFolder:
    return SharedFolder(location=fault.folder / "storage")


@pytest.fixture
def built(tmp_path: Path) -> Path:
    """The folder of the host that built a release called first."""
    folder = tmp_path / "built"
    some: dict[str, Any] = {"ids": IDS, "revisions": IDS, "vectors": VECTORS, "embedder": EMBEDDER, "revision": 5}
    write_release(folder, "first", backend="exact", **some)
    return folder


@pytest.fixture
def here(tmp_path: Path) -> Path:
    """The folder of a host that has nothing yet."""
    return tmp_path / "here"


def test_what_was_stored_is_what_is_fetched(storage: SharedFolder, built: Path, here: Path, fault: Fault) -> None:
    lines: list[str] = []
    travel.store_release(storage, built, "first", on_progress=lines.append)
    assert lines[0].startswith("Storing ids.npy")
    assert travel.is_stored(storage, "first")
    travel.fetch_release(storage, here, "first")
    assert np.array_equal(open_release(here, "first", embedder=EMBEDDER).vectors, VECTORS)
    fault.opened()
    travel.fetch_release(storage, here, "first")
    assert fault.opened() == []


def test_what_was_half_stored_is_no_release_and_is_stored_again(
    storage: SharedFolder, built: Path, here: Path, fault: Fault
) -> None:
    fault("write-cut")
    with pytest.raises(StorageError, match="connection was reset"):
        travel.store_release(storage, built, "first")
    assert not travel.is_stored(storage, "first")
    with pytest.raises(StorageError, match=r"manifest\.json"):
        travel.fetch_release(storage, here, "first")
    assert list_releases(here) == []
    fault("")
    travel.store_release(storage, built, "first")
    travel.fetch_release(storage, here, "first")
    assert is_here(here, "first")
    assert sorted(path.name for path in (fault.folder / "storage" / "releases" / "first").iterdir()) == sorted(
        path.name for path in (here / "first").iterdir()
    )


def test_a_download_that_breaks_off_is_gone_on_with(
    storage: SharedFolder, built: Path, here: Path, fault: Fault
) -> None:
    """F25."""
    travel.store_release(storage, built, "first")
    fault("read-cut")
    with pytest.raises(StorageError, match="connection was reset"):
        travel.fetch_release(storage, here, "first")
    assert list_releases(here) == []
    assert (here / ".first.part" / "ids.npy").is_file()
    assert fault.opened() == ["manifest.json", "ids.npy", "revisions.npy", "vectors.npy"]
    fault("")
    travel.fetch_release(storage, here, "first")
    assert fault.opened() == ["manifest.json", "vectors.npy"]
    assert [path.name for path in here.iterdir() if path.is_dir()] == ["first"]


def test_what_arrived_whole_and_was_damaged_since_is_fetched_again(
    storage: SharedFolder, built: Path, here: Path, fault: Fault
) -> None:
    travel.store_release(storage, built, "first")
    fault("read-cut")
    with pytest.raises(StorageError):
        travel.fetch_release(storage, here, "first")
    arrived = here / ".first.part" / "ids.npy"
    arrived.write_bytes(arrived.read_bytes()[:-1] + b"x")
    fault("")
    fault.opened()
    travel.fetch_release(storage, here, "first")
    assert fault.opened() == ["manifest.json", "ids.npy", "vectors.npy"]


def test_damage_on_the_way_is_refused(storage: SharedFolder, built: Path, here: Path, fault: Fault) -> None:
    travel.store_release(storage, built, "first")
    fault("read-damage")
    with pytest.raises(ReleaseError, match=r"vectors\.npy came with .* not what the manifest says"):
        travel.fetch_release(storage, here, "first")
    assert list_releases(here) == []
    assert not list(here.glob(".first.part/vectors*"))
    manifest = fault.folder / "storage" / "releases" / "first" / "manifest.json"
    manifest.write_bytes(manifest.read_bytes().replace(b'"count": 200', b'"count": 201'))
    with pytest.raises(ReleaseError, match="damaged"):
        travel.fetch_release(storage, here, "first")


def test_a_file_that_is_larger_than_announced_fills_no_disk(
    storage: SharedFolder, built: Path, here: Path, fault: Fault
) -> None:
    travel.store_release(storage, built, "first")
    with (fault.folder / "storage" / "releases" / "first" / "vectors.npy").open("ab") as file:
        file.truncate(50_000_000)
    with pytest.raises(ReleaseError, match=r"vectors\.npy came with"):
        travel.fetch_release(storage, here, "first")
    assert sum(path.stat().st_size for path in here.rglob("*") if path.is_file()) < 100_000


def test_a_release_that_kills_its_reader_here_is_not_taken(
    storage: SharedFolder, built: Path, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    travel.store_release(storage, built, "first")
    dies = ["-c", "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)"]
    monkeypatch.setattr(canary, "run_python", lambda arguments, **options: run_python(dies, **options))
    with pytest.raises(ReleaseError, match="does not work on this host"):
        travel.fetch_release(storage, here, "first")
    assert list_releases(here) == []


def test_one_process_of_a_host_fetches_and_the_others_are_told(storage: SharedFolder, built: Path, here: Path) -> None:
    travel.store_release(storage, built, "first")
    here.mkdir()
    handle = os.open(here / ".fetching.lock", os.O_RDWR | os.O_CREAT)
    fcntl.flock(handle, fcntl.LOCK_EX)
    with pytest.raises(BusyError):
        travel.fetch_release(storage, here, "first")
    os.close(handle)
    travel.fetch_release(storage, here, "first")


def test_what_another_release_left_half_way_goes(storage: SharedFolder, built: Path, here: Path) -> None:
    (here / ".older.part").mkdir(parents=True)
    (here / ".older.part" / "vectors.npy.arriving").write_bytes(b"half")
    travel.store_release(storage, built, "first")
    travel.fetch_release(storage, here, "first")
    assert [path.name for path in here.iterdir() if path.is_dir()] == ["first"]


def test_a_full_disk_is_said_before_anything_comes(
    storage: SharedFolder, built: Path, here: Path, monkeypatch: pytest.MonkeyPatch, fault: Fault
) -> None:
    travel.store_release(storage, built, "first")
    monkeypatch.setattr("shutil.disk_usage", lambda path: type("Usage", (), {"free": 100})())
    with pytest.raises(ReleaseError, match="MB free"):
        travel.fetch_release(storage, here, "first")
    assert fault.opened() == ["manifest.json"]


def test_an_empty_storage_has_no_releases_and_nothing_is_removed_from_it(storage: SharedFolder) -> None:
    assert travel.stored_releases(storage) == []
    assert not travel.is_stored(storage, "first")
    travel.remove_stored(storage, "first")


# The whole way: built here, published, fetched there.


@pytest.fixture
def shop(storage: SharedFolder, settings: Any, colours: Any, db: None, tmp_path: Path) -> Iterator[Any]:
    """Three products on the host that builds; ``shop.host(name)`` makes this process another host."""
    settings.STORAGES = {
        **settings.STORAGES,
        "vogue": {"BACKEND": "tests.storages.SharedFolder", "OPTIONS": {"location": storage.location}},
    }
    settings.VOGUE = {**settings.VOGUE, "INDEX": "exact"}

    class Shop:
        products = [make_product(colour) for colour in ("red", "green", "blue")]

        @staticmethod
        def host(name: str) -> None:
            settings.VOGUE = {**settings.VOGUE, "DATA_DIR": tmp_path / name}
            current.forget()

    embed_all()
    yield Shop
    current.forget()


def answered_by(release: str | None) -> None:
    """Wait until a search is answered by this release; each answer on the way must be right."""
    end = time.monotonic() + 30
    while (answer := search.search_by_image(picture("red"), k=1)).release != release:
        assert answer.matches[0].cosine > 0.999
        assert time.monotonic() < end, f"{release} does not answer, {answer.release} does"
        time.sleep(0.02)


def test_another_host_fetches_what_was_built_and_answers_meanwhile(shop: Any) -> None:
    first = indexing.build_release()
    assert first.stored
    shop.host("there")
    assert search.search_by_image(picture("red"), k=1).release is None  # all is scanned, and nobody waits
    answered_by(first.name)
    assert list_releases(conf.release_dir()) == [first.name]


def test_an_older_release_that_is_here_answers_while_the_live_one_comes(
    shop: Any, fault: Fault, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "FETCH_AGAIN_SECONDS", 0.1)
    first = indexing.build_release()
    shop.host("there")
    answered_by(first.name)
    shop.host("vogue")
    make_product("red")
    embed_all()
    second = indexing.build_release()
    fault("read-cut")
    shop.host("there")  # a process just started
    answer = search.search_by_image(picture("red"), k=2)
    assert answer.release == first.name
    assert [match.cosine > 0.999 for match in answer] == [True, True]  # the new one, too
    fault("")
    answered_by(second.name)


def test_a_damaged_copy_here_is_fetched_anew(shop: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "RETRY_SECONDS", 0.1)
    release = indexing.build_release()
    vectors = conf.release_dir() / release.name / "vectors.npy"
    vectors.write_bytes(vectors.read_bytes()[:-1])
    current.forget()
    answered_by(release.name)
    open_release(conf.release_dir(), release.name)


def test_a_storage_that_takes_nothing_keeps_the_live_release(shop: Any, fault: Fault) -> None:
    first = indexing.build_release()
    make_product("red")
    embed_all()
    fault("write-cut")
    with pytest.raises(BuildError, match="other hosts could not fetch it"):
        indexing.build_release()
    assert IndexRelease.objects.get().name == first.name
    assert list_releases(conf.release_dir()) == [first.name]
    assert travel.stored_releases(conf.release_storage() or FileSystemStorage()) == [first.name]


def test_old_releases_go_from_the_storage_too(shop: Any, settings: Any, storage: SharedFolder) -> None:
    settings.VOGUE = {**settings.VOGUE, "KEEP_RELEASES": 2}
    built = [indexing.build_release().name for _ in range(3)]
    # Names of one second are in no order.
    assert set(travel.stored_releases(storage)) == set(built)
    IndexRelease.objects.filter(live=False).update(retired=timezone.now() - building.GRACE - timedelta(seconds=1))
    built.append(indexing.build_release().name)
    assert set(travel.stored_releases(storage)) == set(built[-2:])
    assert set(list_releases(conf.release_dir())) == set(built[-2:])


def test_what_a_killed_builder_left_in_the_storage_goes(shop: Any, storage: SharedFolder) -> None:
    folder = Path(storage.location) / "releases"
    for name, manifest in (("20010101-000000-abcdef", True), ("29990101-000000-half", False), ("29990101-x", True)):
        (folder / name).mkdir(parents=True)
        (folder / name / ("manifest.json" if manifest else "ids.npy")).touch()
    built = indexing.build_release()
    assert travel.stored_releases(storage) == sorted([built.name, "29990101-x"])


def test_a_storage_that_is_new_gets_the_live_release_with_the_next_build(
    shop: Any, storage: SharedFolder, settings: Any
) -> None:
    stores = settings.STORAGES
    settings.STORAGES = {name: value for name, value in stores.items() if name != "vogue"}
    indexing.build_release()
    assert not indexing.build_wanted()
    settings.STORAGES = stores
    assert indexing.build_wanted()
    indexing.build_release()
    assert not indexing.build_wanted()


def test_a_rollback_to_what_only_the_storage_has(shop: Any, storage: SharedFolder) -> None:
    first, second = indexing.build_release(), indexing.build_release()
    shop.host("there")
    assert indexing.rollback_release().name == first.name
    answered_by(first.name)
    # What neither this host nor the storage has is not gone back to.
    remove_release(conf.release_dir(), first.name)
    indexing.rollback_release(second.name)
    travel.remove_stored(storage, first.name)
    with pytest.raises(BuildError, match="other hosts could not fetch it"):
        indexing.rollback_release(first.name)
    assert IndexRelease.objects.get(live=True).name == second.name


def test_a_builder_that_lost_its_lease_publishes_nothing(shop: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """It slept while storing, say, and another one has taken over."""
    from recommendations.models import Lease

    first = indexing.build_release()
    real = travel.store_release

    def slept(*args: Any, **kwargs: Any) -> None:
        real(*args, **kwargs)
        Lease.objects.update(holder="another")

    monkeypatch.setattr(travel, "store_release", slept)
    with pytest.raises(BusyError, match="lease was lost"):
        indexing.build_release()
    assert IndexRelease.objects.get(live=True).name == first.name
    assert list_releases(conf.release_dir()) == [first.name]


# What is said of it


def test_a_storage_that_cannot_be_used_or_written_is_told(
    shop: Any, settings: Any, fault: Fault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert checks.check_release_storage(None) == []
    assert checks.check_release_storage_at_deploy(None) == []
    monkeypatch.setattr(SharedFolder, "_save", lambda self, name, content: 1 / 0)
    (message,) = checks.check_release_storage_at_deploy(None)
    assert (message.id, "ZeroDivisionError" in message.msg) == ("vogue.W008", True)
    (tmp_path / "file").touch()
    settings.STORAGES = {
        **settings.STORAGES,
        "vogue": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": tmp_path / "file" / "folder"},
        },
    }
    (message,) = checks.check_release_storage(None)
    assert message.id == "vogue.W008"
    settings.STORAGES = {**settings.STORAGES, "vogue": {"BACKEND": "no.such.Storage"}}
    (message,) = checks.check_release_storage(None)
    assert message.id == "vogue.E006"
    assert checks.check_release_storage_at_deploy(None) == []
