"""The ASGI application of a shop with photo search: what keeps a shopper's photo off the disk there.

Django's own writes every body over 2.5 MB to a temporary file before any middleware is asked.
"""

from __future__ import annotations

import io
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import django
from django.core.exceptions import RequestAborted
from django.core.handlers.asgi import ASGIHandler, get_script_prefix
from django.urls import Resolver404, resolve

from recommendations import conf
from recommendations.middleware import FORM_BYTES

Message = Mapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


class _PhotoBody:
    """Where the body of a request with a shopper's photo comes from."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive

    async def __call__(self) -> Message:
        return await self._receive()


class PhotoASGIHandler(ASGIHandler):
    """Django's handler; a body sent to a view that takes a photo stays in memory, and no more of it than is allowed."""

    async def handle(self, scope: dict[str, Any], receive: Receive, send: Send) -> Any:
        """Answer one request."""
        return await super().handle(scope, _PhotoBody(receive) if _takes_photo(scope) else receive, send)

    async def read_body(self, receive: Receive) -> Any:
        """Return the body as a file. One that was cut is one byte larger than allowed, for the middleware to refuse."""
        if not isinstance(receive, _PhotoBody):
            return await super().read_body(receive)
        most = int(conf.get("UPLOAD_MAX_BYTES")) + FORM_BYTES + 1
        body = io.BytesIO()
        more = True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise RequestAborted
            body.write(message.get("body", b"")[: most - body.tell()])
            more = message.get("more_body", False)
        body.seek(0)
        return body

    def create_request(self, scope: Message, body_file: Any) -> Any:
        """Return the request; a body whose length nobody told (chunked) has the length it turned out to have."""
        request, refusal = super().create_request(scope, body_file)
        if request is not None and isinstance(body_file, io.BytesIO):
            request.META.setdefault("CONTENT_LENGTH", str(body_file.getbuffer().nbytes))
        return request, refusal


def get_asgi_application() -> PhotoASGIHandler:
    """Set Django up and return the application, as ``django.core.asgi.get_asgi_application`` does."""
    django.setup(set_prefix=False)
    return PhotoASGIHandler()


def _takes_photo(scope: Message) -> bool:
    if scope["method"] in {"GET", "HEAD", "OPTIONS"}:
        return False
    try:
        found = resolve(scope["path"].removeprefix(get_script_prefix(scope).rstrip("/")))
    except Resolver404:
        return False
    return hasattr(found.func, "vogue_refuse")
