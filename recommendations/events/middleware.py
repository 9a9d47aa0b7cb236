"""Count a click without JavaScript: the link carries a token, and the visitor's address bar does not."""

from __future__ import annotations

import logging
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import escape_leading_slashes

from recommendations.events import recording, tokens

logger = logging.getLogger(__name__)

#: The parameter a card's link carries.
FROM = "from"


class ClickMiddleware:
    """Note ``?from=<token>`` and lead to the same address without it. A ``from`` that is not ours is left alone."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        token = request.GET.get(FROM, "")
        if request.method in ("GET", "HEAD") and token and tokens.is_ours(token):
            try:
                if recording.wanted(request):
                    recording.happened(clicked=[token])
            except Exception:
                logger.exception("A click is not noted")
            return self._without(request)
        request.vogue_clicks = True  # type: ignore[attr-defined]
        return self.get_response(request)

    @staticmethod
    def _without(request: HttpRequest) -> HttpResponse:
        query = request.GET.copy()
        del query[FROM]
        path = escape_leading_slashes(request.path)
        response = HttpResponseRedirect(f"{path}?{query.urlencode()}" if query else path)
        response["Cache-Control"] = "no-store"
        return response
