"""Under ASGI, too, a shopper's photo stays in memory and is cut off at the cap."""

from __future__ import annotations

import asyncio
import json
import tempfile
from typing import Any

import pytest
from asgiref.testing import ApplicationCommunicator

from recommendations.middleware import FORM_BYTES
from tests.recommendations.test_middleware import BOUNDARY, form
from vogue_site.asgi import application

pytestmark = pytest.mark.django_db(transaction=True)
PHOTO = "/api/v1/search/photo/"
#: Over Django's own limit for memory, 2.5 MB.
LARGE = 4 * 1024 * 1024
CAP = 6 * 1024 * 1024


@pytest.fixture(autouse=True)
def spooled(monkeypatch: pytest.MonkeyPatch, settings: Any) -> list[int]:
    """Give the sizes of the bodies that went to the disk."""
    settings.VOGUE = {**settings.VOGUE, "UPLOAD_MAX_BYTES": CAP}
    sizes: list[int] = []

    class File(tempfile.SpooledTemporaryFile):  # type: ignore[type-arg]
        def rollover(self) -> None:
            sizes.append(self.tell())
            super().rollover()

    monkeypatch.setattr("django.core.handlers.asgi.tempfile.SpooledTemporaryFile", File)
    return sizes


def send(path: str, body: bytes, *, length: bool = True, pieces: int = 1 << 16) -> tuple[int, bytes]:
    """Send a form as an ASGI server would; return status and body."""

    async def talk() -> tuple[int, bytes]:
        headers = [(b"host", b"testserver"), (b"content-type", f"multipart/form-data; boundary={BOUNDARY}".encode())]
        if length:
            headers.append((b"content-length", str(len(body)).encode()))
        scope = {
            **{"type": "http", "http_version": "1.1", "method": "POST", "scheme": "http", "path": path},
            **{"raw_path": path.encode(), "query_string": b"", "root_path": "", "headers": headers},
            **{"client": ("127.0.0.1", 1), "server": ("testserver", 80)},
        }
        server: Any = ApplicationCommunicator(application, scope)  # type: ignore[no-untyped-call]
        for start in range(0, len(body), pieces):
            more = start + pieces < len(body)
            await server.send_input({"type": "http.request", "body": body[start : start + pieces], "more_body": more})
        status = (await server.receive_output(60))["status"]
        answer, more = b"", True
        while more:
            message = await server.receive_output(60)
            answer += message.get("body", b"")
            more = message.get("more_body", False)
        await server.wait(60)
        return status, answer

    return asyncio.run(talk())


@pytest.mark.parametrize("length", [True, False])
def test_a_large_photo_stays_in_memory_and_reaches_its_view(length: bool, spooled: list[int]) -> None:
    status, answer = send(PHOTO, form(LARGE), length=length)
    # What we sent is no picture; that was looked at, and by the view.
    assert status == 415, answer[-500:]
    assert "image" in json.loads(answer)
    assert spooled == []


@pytest.mark.parametrize("length", [True, False])
def test_a_photo_over_the_cap_is_refused_and_kept_nowhere(length: bool, spooled: list[int]) -> None:
    assert send(PHOTO, form(CAP + FORM_BYTES + 1), length=length)[0] == 413
    assert spooled == []


def test_other_bodies_are_djangos_to_keep(spooled: list[int]) -> None:
    send("/admin/login/", form(LARGE))
    assert spooled


def test_an_address_that_leads_nowhere_is_not_ours() -> None:
    assert send("/nowhere/", form(100))[0] in {403, 404}
