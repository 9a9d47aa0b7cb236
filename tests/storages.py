"""A folder that two hosts share, with the faults of a network: they are switched on by files beside it."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from django.core.files.storage import FileSystemStorage

#: Bytes of a file that pass before a fault shows.
BEFORE = 150
#: The file that faults befall: the last of a release that is read or written before its manifest.
FILE = "vectors.npy"


class SharedFolder(FileSystemStorage):
    """Keeps a list of what was opened. ``stall`` waits half way to be killed, ``cut`` breaks off, ``damage`` lies.

    The files are called ``read-stall``, ``write-cut`` and so on.
    """

    def _fault(self, name: str, act: str) -> str:
        beside = Path(self.location).parent
        found = [fault for fault in ("stall", "cut", "damage") if (beside / f"{act}-{fault}").exists()]
        return found[0] if found and name.endswith(FILE) else ""

    def _stalled(self) -> None:
        (Path(self.location).parent / "stalled").touch()
        time.sleep(60)

    def _open(self, name: str, mode: str = "rb") -> Any:
        with (Path(self.location).parent / "opened").open("a") as log:
            log.write(f"{name}\n")
        file = super()._open(name, mode)  # type: ignore[misc]
        fault = self._fault(name, "read")
        return Faulty(file, fault, self._stalled) if fault else file

    def _save(self, name: str, content: Any) -> str:
        fault = self._fault(name, "write")
        if fault == "stall":
            path = Path(self.path(name))
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.read(BEFORE))
            self._stalled()
        if fault == "cut":
            raise ConnectionResetError("The connection was reset.")
        saved: str = super()._save(name, content)  # type: ignore[misc]
        return saved


class Faulty:
    """A file whose reading goes wrong half way."""

    def __init__(self, file: Any, fault: str, stalled: Any) -> None:
        self._file, self._fault, self._stalled = file, fault, stalled

    def __enter__(self) -> Faulty:
        return self

    def __exit__(self, *error: object) -> None:
        self._file.close()

    def read(self, size: int = -1) -> bytes:
        begun = self._file.tell()
        data: bytes = self._file.read(min(BEFORE, size))
        if not begun:
            return data
        if self._fault == "stall":
            self._stalled()
        if self._fault == "cut":
            raise ConnectionResetError("The connection was reset.")
        return bytes(byte ^ 1 for byte in data)
