"""Stop uploads that are too large before, or while, they are read."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.files.uploadhandler import FileUploadHandler
from django.http import HttpRequest, HttpResponse

from recommendations import conf

View = Callable[..., HttpResponse]

#: What a form may weigh besides its photo.
FORM_BYTES = 64 * 1024
#: What is read and thrown away before a body is refused. A server that answers while a browser still sends makes most
#: browsers show "connection reset" in place of the answer; beyond this a sender is no shopper.
DRAIN_BYTES = 32 * 1024 * 1024
CHUNK = 64 * 1024


def takes_photo(view: View, refuse: View) -> View:
    """Mark a view a shopper's photo is sent to; ``refuse(request)`` answers in its place when it is too large."""
    view.vogue_refuse = refuse  # type: ignore[attr-defined]
    return view


class MemoryUploadHandler(FileUploadHandler):
    """Keep an upload in memory, and no more of it than tells that it is too large. Nothing reaches the disk."""

    def __init__(self, request: HttpRequest | None = None) -> None:
        super().__init__(request)
        self._most = int(conf.get("UPLOAD_MAX_BYTES")) + 1

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Begin a file."""
        super().new_file(*args, **kwargs)
        self._buffer = io.BytesIO()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Keep the chunk as far as there is room."""
        self._buffer.write(raw_data[: self._most - self._buffer.tell()])

    def file_complete(self, file_size: int) -> SimpleUploadedFile:
        """Return the file; one that was cut is one byte larger than allowed, for the photo's door to refuse."""
        return SimpleUploadedFile(self.file_name or "photo", self._buffer.getvalue(), self.content_type or "")


class UploadLimitMiddleware:
    """Refuse bodies over ``VOGUE["UPLOAD_MAX_BYTES"]`` where a shopper's photo is taken; keep the rest in memory.

    Put it before anything that reads request.POST (CsrfViewMiddleware does). Other views are left alone.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: View, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        """Answer 413 in the view's place, or prepare the request for it."""
        refuse: View | None = getattr(view, "vogue_refuse", None)
        if refuse is None or request.method in ("GET", "HEAD", "OPTIONS"):
            return None
        request.upload_handlers = [MemoryUploadHandler(request)]
        most = int(conf.get("UPLOAD_MAX_BYTES")) + FORM_BYTES
        declared = request.META.get("CONTENT_LENGTH") or ""
        if declared.isascii() and declared.isdigit():
            if int(declared) <= most:
                return None
            _drain(request._stream, int(declared))
            return refuse(request)
        return self._read_undeclared(request, refuse, most)

    @staticmethod
    def _read_undeclared(request: HttpRequest, refuse: View, most: int) -> HttpResponse | None:
        """Read a body whose length nobody told (chunked), up to the cap. Django alone would take it for empty."""
        if not request.META.get("wsgi.input_terminated"):
            return None
        source = request.META["wsgi.input"]
        body = source.read(most + 1)
        if len(body) > most:
            _drain(source, DRAIN_BYTES)
            return refuse(request)
        request.META["CONTENT_LENGTH"] = str(len(body))
        request._stream = io.BytesIO(body)
        return None


def _drain(stream: Any, size: int) -> None:
    """Read and forget up to ``size`` bytes, unless that is more than any shopper sends."""
    if size > DRAIN_BYTES:
        return
    try:
        while size > 0 and (chunk := stream.read(min(CHUNK, size))):
            size -= len(chunk)
    except OSError:
        return  # the sender went away
