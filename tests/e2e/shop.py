"""A shop on a folder of its own, run as its users run it: commands, web server, worker, HTTP."""

from __future__ import annotations

import http.cookiejar
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

from tests.services import free_port, wait_for
from vogue_site.processes import read_procfile

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Response:
    """What came back, after redirects."""

    status: int
    url: str
    body: bytes

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode()

    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


class _NoErrors(urllib.request.HTTPErrorProcessor):
    """Hands out 4xx and 5xx as answers; redirects are followed by the handlers before."""

    def http_response(self, request: urllib.request.Request, response: Any) -> Any:
        return super().http_response(request, response) if response.status < 400 else response


class Shop:
    """One shop: its folder, its port, its processes, and one visitor's cookies."""

    def __init__(self, folder: Path, *, database: str = "", redis: str = "") -> None:
        self.folder = folder
        self.port = free_port()
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("DJANGO_", "VOGUE_"))}
        for name in ("DATABASE_URL", "REDIS_URL", "INVENTORY", "LIMIT", "COUNT", "HOST", "PYTEST_ADDOPTS"):
            kept.pop(name, None)
        self.env = {
            **kept,
            "DJANGO_SETTINGS_MODULE": "vogue_site.settings",
            "VOGUE_VAR_DIR": str(folder),
            "PORT": str(self.port),
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "PYTHONUNBUFFERED": "1",
            # 200 searches in a row are a test here, not an attack.
            "VOGUE_THROTTLE": "100000/min",
        }
        if database:
            self.env["DATABASE_URL"] = database
        if redis:
            self.env["REDIS_URL"] = redis
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        self.cookies = http.cookiejar.CookieJar()
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.cookies), _NoErrors())

    # Commands and processes

    def manage(self, *arguments: str, timeout: float = 400, **env: str) -> str:
        """Run a manage.py command; return what it printed, fail the test where it fails or takes too long."""
        result = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env={**self.env, **env},
            capture_output=True,
            text=True,
            check=False,
            timeout=timeout,
        )
        if result.returncode:
            pytest.fail(f"manage.py {' '.join(arguments)} failed:\n{result.stdout[-2000:]}\n{result.stderr[-4000:]}")
        return result.stdout

    def start(self, *names: str, env: Mapping[str, str] | None = None) -> None:
        """Start programs of the Procfile; wait until the web server answers."""
        commands = read_procfile(ROOT / "Procfile")
        for name in names:
            with self.log(name).open("ab") as log:
                self.running[name] = subprocess.Popen(
                    ["/bin/sh", "-c", f"exec {commands[name]}"],
                    cwd=ROOT,
                    env={**self.env, **(env or {})},
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                )
        if "web" in names:
            self.wait_until_open()

    def log(self, name: str) -> Path:
        """Return the file one program's lines go to."""
        return self.folder / f"{name}.log"

    def wait_until_open(self, seconds: float = 60) -> None:
        """Wait until the shop answers."""

        def answers() -> bool:
            process = self.running.get("web")
            if process and process.poll() is not None:
                pytest.fail(f"The web server ended:\n{self.log('web').read_text()[-3000:]}")
            try:
                return self.get("/health/live/").status == 200
            except OSError:
                return False

        wait_for(answers, "the shop answering", seconds=seconds)

    def stop(self, *names: str) -> None:
        """Stop these programs, or all."""
        for name in names or tuple(self.running):
            process = self.running.pop(name)
            process.terminate()
            try:
                process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()

    # HTTP

    @property
    def address(self) -> str:
        """Where the shop is, without a final slash."""
        return f"http://127.0.0.1:{self.port}"

    def get(self, path: str) -> Response:
        """Get a page."""
        return self._send(urllib.request.Request(urllib.parse.urljoin(self.address, path)))

    def post(self, path: str, fields: Mapping[str, str], files: Mapping[str, bytes] | None = None) -> Response:
        """Send a multipart form, with the visitor's CSRF token where there is one."""
        token = next((cookie.value for cookie in self.cookies if cookie.name == "csrftoken"), None)
        data: dict[str, Any] = {**fields, **({"csrfmiddlewaretoken": token} if token else {})}
        for name, content in (files or {}).items():
            data[name] = SimpleUploadedFile("photo.jpg", content, "image/jpeg")
        url = urllib.parse.urljoin(self.address, path)
        headers = {"Content-Type": MULTIPART_CONTENT, "Referer": url}
        return self._send(urllib.request.Request(url, encode_multipart(BOUNDARY, data), headers))

    def search_by_photo(self, photo: bytes, **fields: str) -> list[dict[str, Any]]:
        """Return the results of POST /api/v1/search/photo/."""
        response = self.post("/api/v1/search/photo/", fields, {"image": photo})
        assert response.status == 200, response.text
        results: list[dict[str, Any]] = response.json()["results"]
        return results

    def log_in(self) -> None:
        """Make the shop's owner, and log in to the admin."""
        self.manage(
            *("createsuperuser", "--noinput", "--username", "owner", "--email", "owner@shop.example"),
            DJANGO_SUPERUSER_PASSWORD="a long enough password",
        )
        self.get("/admin/login/")
        form = {"username": "owner", "password": "a long enough password", "next": "/admin/"}
        assert self.post("/admin/login/", form).url.endswith("/admin/")

    def submit(
        self,
        path: str,
        fields: Mapping[str, str],
        files: Mapping[str, bytes] | None = None,
        *,
        without: Collection[str] = (),
    ) -> Response:
        """Fill in the main form of a page, as a person would, leave out what is ``without``, and send it."""
        page = self.get(path)
        assert page.status == 200, page.text[:2000]
        form = _Form()
        form.feed(page.text)
        unknown = {*fields, *(files or {})} - {*form.fields, *form.files, *form.boxes}
        assert not unknown, f"{path} has no fields {unknown}; it has {sorted({*form.fields, *form.files})}"
        filled = {name: value for name, value in {**form.fields, **fields}.items() if name not in without}
        return self.post(path, filled, files)

    def _send(self, request: urllib.request.Request) -> Response:
        with self._opener.open(request, timeout=60) as response:
            return Response(response.status, response.url, response.read())


class _Form(HTMLParser):
    """Collects the fields of the page's POST forms with the values they would be sent with."""

    def __init__(self) -> None:
        super().__init__()
        self.fields: dict[str, str] = {}
        self.files: set[str] = set()
        #: What is sent only when it is ticked or pressed.
        self.boxes: set[str] = set()
        self._inside = False
        self._select = ""
        self._textarea = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        name = values.get("name") or ""
        if tag == "form":
            self._inside = (values.get("method") or "").lower() == "post" and "logout" not in (values.get("id") or "")
        elif not self._inside:
            return
        elif tag == "input" and name:
            self._input(name, values)
        elif tag == "select":
            self._select = name
            self.fields.setdefault(name, "")
        elif tag == "option" and self._select and "selected" in values:
            self.fields[self._select] = values.get("value") or ""
        elif tag == "textarea":
            self._textarea = name
            self.fields[name] = ""

    def _input(self, name: str, values: Mapping[str, str | None]) -> None:
        kind = values.get("type")
        if kind == "file":
            self.files.add(name)
        elif kind in {"submit", "button"} or (kind in {"checkbox", "radio"} and "checked" not in values):
            self.boxes.add(name)
        elif name != "csrfmiddlewaretoken":
            self.fields[name] = values.get("value") or ("on" if kind == "checkbox" else "")

    def handle_data(self, data: str) -> None:
        if self._textarea:
            self.fields[self._textarea] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = False
        elif tag == "select":
            self._select = ""
        elif tag == "textarea":
            self._textarea = ""


def copy_engines(source: Path, target: Path) -> None:
    """Take the converted network along: converting it again would prove nothing new."""
    shutil.copytree(source / "vogue" / "engines", target / "vogue" / "engines", dirs_exist_ok=True)


def links_to_products(html: str) -> list[str]:
    """Return the product pages a page links to, each once, in order."""
    return list(dict.fromkeys(re.findall(r'href="(/products/[^"/?]+/)(?:\?from=[^"]*)?"', html)))
