from __future__ import annotations

import http.client
import io
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from recommendations.middleware import DRAIN_BYTES, FORM_BYTES, MemoryUploadHandler, UploadLimitMiddleware, takes_photo
from tests.pictures import photo

ROOT = Path(__file__).resolve().parents[2]
CAP = 10_000
BOUNDARY = "b0undary"


class Counted(io.BytesIO):
    """A body that counts what was read of it."""

    taken = 0

    def read(self, size: int | None = -1) -> bytes:
        data = super().read(size)
        self.taken += len(data)
        return data


def form(size: int) -> bytes:
    """Return a multipart body whose file has this many bytes."""
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="image"; filename="a.jpg"\r\n\r\n'
    return head.encode() + b"x" * size + f"\r\n--{BOUNDARY}--\r\n".encode()


def refuse(request: HttpRequest) -> HttpResponse:
    return HttpResponse(status=413)


def view(request: HttpRequest) -> HttpResponse:
    return HttpResponse(str(len(request.FILES["image"])))


def send(body: Counted, *, length: str | None, marked: bool = True, **environ: Any) -> tuple[HttpResponse, HttpRequest]:
    """Pass a POST through the middleware as a server would give it."""
    request = RequestFactory().post("/", content_type=f"multipart/form-data; boundary={BOUNDARY}")
    for key, value in {"wsgi.input": body, "CONTENT_LENGTH": length or "", **environ}.items():
        request.META[key] = value
    request = type(request)(request.META)
    target = takes_photo(partial(view), refuse) if marked else view
    middleware = UploadLimitMiddleware(lambda r: HttpResponse())
    answer = middleware.process_view(request, target, (), {})
    return answer or target(request), request


@pytest.fixture(autouse=True)
def cap(settings: Any) -> None:
    settings.VOGUE = {**settings.VOGUE, "UPLOAD_MAX_BYTES": CAP}


def test_a_photo_within_the_cap_passes() -> None:
    data = form(CAP)
    response, request = send(Counted(data), length=str(len(data)))
    assert (response.status_code, response.content) == (200, str(CAP).encode())
    assert [type(handler) for handler in request.upload_handlers] == [MemoryUploadHandler]


def test_a_declared_length_over_the_cap_is_refused_before_it_is_parsed() -> None:
    data = form(CAP + FORM_BYTES)
    body = Counted(data)
    response, request = send(body, length=str(len(data)))
    assert response.status_code == 413
    assert not hasattr(request, "_files")


def test_what_a_shopper_may_send_is_read_to_its_end_so_that_the_browser_hears_the_answer() -> None:
    data = form(CAP + FORM_BYTES)
    body = Counted(data)
    send(body, length=str(len(data)))
    assert body.taken == len(data)


def test_a_huge_body_is_refused_without_reading_any_of_it() -> None:
    body = Counted(b"x" * 1000)
    response, _ = send(body, length=str(DRAIN_BYTES + 1))
    assert (response.status_code, body.taken) == (413, 0)


def test_a_file_just_over_the_cap_is_kept_to_one_byte_more_than_allowed() -> None:
    data = form(CAP + 5_000)
    response, _ = send(Counted(data), length=str(len(data)))
    assert response.content == str(CAP + 1).encode()


def test_a_body_of_untold_length_is_taken_within_the_cap() -> None:
    response, _ = send(Counted(form(CAP)), length=None, **{"wsgi.input_terminated": True})
    assert (response.status_code, response.content) == (200, str(CAP).encode())


def test_a_body_of_untold_length_is_stopped_at_the_cap() -> None:
    body = Counted(form(DRAIN_BYTES + 10 * CAP + 2 * FORM_BYTES))
    response, request = send(body, length=None, **{"wsgi.input_terminated": True})
    assert response.status_code == 413
    assert body.taken <= CAP + FORM_BYTES + DRAIN_BYTES + 1
    assert not hasattr(request, "_files")


def test_a_server_that_does_not_end_bodies_is_not_read_from() -> None:
    body = Counted(form(10))
    request = RequestFactory().post("/", content_type=f"multipart/form-data; boundary={BOUNDARY}")
    request.META.update({"wsgi.input": body, "CONTENT_LENGTH": ""})
    target = takes_photo(lambda r: HttpResponse(), refuse)
    assert UploadLimitMiddleware(lambda r: HttpResponse()).process_view(request, target, (), {}) is None
    assert body.taken == 0


def test_other_views_keep_their_own_limits() -> None:
    data = form(CAP + 2 * FORM_BYTES)
    response, _ = send(Counted(data), length=str(len(data)), marked=False)
    assert response.content == str(CAP + 2 * FORM_BYTES).encode()


def test_nothing_is_done_to_a_get() -> None:
    request = RequestFactory().get("/")
    before = list(request.upload_handlers)
    middleware = UploadLimitMiddleware(lambda r: HttpResponse())
    assert middleware.process_view(request, takes_photo(lambda r: HttpResponse(), refuse), (), {}) is None
    assert list(request.upload_handlers) == before


@pytest.mark.django_db
def test_page_and_api_refuse_in_their_own_words(client: Client) -> None:
    big = b"\xff\xd8\xff" + b"\0" * (CAP + FORM_BYTES)
    page = client.post("/search/photo/", {"image": SimpleUploadedFile("a.jpg", big)})
    assert page.status_code == 413
    assert 'id="id_image_error" role="alert"' in page.content.decode()
    answer = client.post("/api/v1/search/photo/", {"image": SimpleUploadedFile("a.jpg", big)})
    assert answer.status_code == 413
    assert answer.json() == {"image": ["The photo is larger than 0.00954 MB. Send a smaller one."]}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """Run the shop under its real web server; yield the port."""
    folder = tmp_path_factory.mktemp("server")
    (folder / "static").mkdir()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "vogue_site.settings",
        "VOGUE_VAR_DIR": str(folder),
        "VOGUE_UPLOAD_MAX_BYTES": str(1024 * 1024),
        "WEB_CONCURRENCY": "1",
        "PORT": str(port),
    }
    environment.pop("REDIS_URL", None)
    environment.pop("DATABASE_URL", None)
    command = [sys.executable, "-m", "gunicorn", "--config", "python:vogue_site.gunicorn", "vogue_site.wsgi"]
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
        try:
            for _ in range(300):
                with socket.socket() as probe:
                    if probe.connect_ex(("127.0.0.1", port)) == 0:
                        break
                assert process.poll() is None, (folder / "log").read_text()
                time.sleep(0.1)
            yield port
        finally:
            process.terminate()
            process.wait(20)


def post(port: int, body: Any, headers: dict[str, str]) -> tuple[int, Any]:
    """Send a photo search over a socket; return status and JSON. A server may answer before it was told all."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    headers = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}", **headers}
    connection.putrequest("POST", "/api/v1/search/photo/")
    for name, value in headers.items():
        connection.putheader(name, value)
    connection.endheaders()
    try:
        for chunk in body:
            connection.send(chunk)
    except (BrokenPipeError, ConnectionResetError):
        pass
    response = connection.getresponse()
    answer = response.read()
    connection.close()
    return response.status, json.loads(answer)


def chunked(data: bytes, times: int) -> Iterator[bytes]:
    for _ in range(times):
        yield f"{len(data):x}\r\n".encode() + data + b"\r\n"
    yield b"0\r\n\r\n"


@pytest.mark.fault
def test_a_hundred_megabytes_are_refused_by_the_real_server(server: int) -> None:
    size = 100 * 1024 * 1024
    started = time.monotonic()
    status, answer = post(server, (b"x" * 65536 for _ in range(size // 65536)), {"Content-Length": str(size)})
    assert status == 413
    assert "larger than 1 MB" in answer["image"][0]
    assert time.monotonic() - started < 10


@pytest.mark.fault
def test_a_length_that_is_a_lie_is_refused_at_once(server: int) -> None:
    started = time.monotonic()
    status, _ = post(server, [b"just this"], {"Content-Length": str(100 * 1024 * 1024)})
    assert status == 413
    assert time.monotonic() - started < 5
    # Too short: the form has no end.
    status, _ = post(server, [form(1000)], {"Content-Length": "300"})
    assert status == 400


@pytest.mark.fault
def test_a_chunked_body_is_stopped_at_the_cap_by_the_real_server(server: int) -> None:
    status, answer = post(server, chunked(b"x" * 65536, 100), {"Transfer-Encoding": "chunked"})
    assert status == 413
    assert answer["image"]


@pytest.mark.fault
def test_a_chunked_photo_within_the_cap_reaches_the_search(server: int) -> None:
    body = form(0).replace(b"\r\n\r\n\r\n", b"\r\n\r\n" + photo("red") + b"\r\n", 1)
    status, answer = post(server, chunked(body, 1), {"Transfer-Encoding": "chunked"})
    # No table is made on this server: what is asked for its database answers 503, and no longer about the photo.
    assert status == 503
    assert "detail" in answer
