"""Where a page's script tells what was seen and clicked: small, signed, and answered with nothing."""

from __future__ import annotations

import logging

from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from recommendations.events import recording
from recommendations.throttling import PhotoSearchThrottle

logger = logging.getLogger(__name__)

#: A message of a hundred tokens is 11 kB.
MOST_BYTES = 32 * 1024
MOST_TOKENS = 100
FORM = "application/x-www-form-urlencoded"


class EventThrottle(PhotoSearchThrottle):
    """Count these messages by address, in the cache, for a minute; nothing of the address is kept."""

    scope = "events"


# Open to other sites by design: a message without tokens of ours says nothing.
@csrf_exempt
@require_POST
def collect(request: HttpRequest) -> HttpResponse:
    """Note what a page tells: ``seen`` and ``clicked``, tokens, as a form."""
    declared = request.META.get("CONTENT_LENGTH") or "0"
    if not declared.isdigit() or int(declared) > MOST_BYTES:
        return HttpResponse(status=413)
    if request.content_type != FORM:
        return HttpResponse(status=415)
    if not recording.wanted(request):
        return HttpResponse(status=204)
    throttle = EventThrottle()
    if not throttle.allow_request(request):
        return HttpResponse(status=429, headers={"Retry-After": str(int(throttle.wait() or 1) + 1)})
    try:
        recording.happened(
            seen=request.POST.getlist("seen")[:MOST_TOKENS], clicked=request.POST.getlist("clicked")[:MOST_TOKENS]
        )
    except SuspiciousOperation:
        return HttpResponse(status=400)
    except Exception:
        logger.exception("Events are not noted")
    return HttpResponse(status=204)
