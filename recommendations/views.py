"""Search by photo, as a page: works without JavaScript, says in words what is wrong, and stores nothing."""

from __future__ import annotations

import base64
import io
import logging
from typing import Any, NamedTuple

from django import forms
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods
from PIL import Image

from recommendations import conf
from recommendations.forms import PhotoSearchForm, asked_filters, filter_form
from recommendations.gallery import get_gallery
from recommendations.photo_search import FAULTS, PhotoAnswer, Refusal, answer_photo, refusal
from recommendations.throttling import PhotoSearchThrottle

logger = logging.getLogger(__name__)

#: The longer side of the shopper's own photo as the results page shows it.
PREVIEW_PIXELS = 320

#: What a match level means to a shopper.
LEVELS = {
    "same": gettext_lazy("We have exactly this, or very nearly."),
    "close": gettext_lazy("These look very much like your photo."),
    "similar": gettext_lazy("These have something of your photo."),
    "none": gettext_lazy("We have nothing quite like your photo. These come nearest."),
}


class Preview(NamedTuple):
    """The shopper's photo, small, as a data: URL: it is stored nowhere, so the page has to carry it."""

    url: str
    width: int
    height: int

    @classmethod
    def of(cls, image: Image.Image) -> Preview:
        """Return the preview of a picture."""
        small = image.copy()
        small.thumbnail((PREVIEW_PIXELS, PREVIEW_PIXELS))
        buffer = io.BytesIO()
        small.save(buffer, "JPEG", quality=80)
        return cls(f"data:image/jpeg;base64,{base64.b64encode(buffer.getvalue()).decode()}", *small.size)


@require_http_methods(["GET", "HEAD", "POST"])
def photo_search(request: HttpRequest) -> HttpResponse:
    """Show the form; after a POST, what looks like the photo, or what is wrong with it."""
    if request.method != "POST":
        asked_before = request.GET.dict()
        return _page(request, PhotoSearchForm(initial=asked_before), filter_form(initial=asked_before))
    throttle = PhotoSearchThrottle()
    if not throttle.allow_request(request):
        message = _("You have searched very often in a short time. Wait a moment, then try again.")
        return _refused(request, Refusal(429, message, retry_after=int(throttle.wait() or 1) + 1))
    form, filters = PhotoSearchForm(request.POST, request.FILES), filter_form(request.POST)
    try:
        # Both, so that all errors are told at once.
        valid = all([form.is_valid(), filters is None or filters.is_valid()])
        if not valid:
            return _page(request, form, filters, status=400)
        asked = form.cleaned_data
        found = answer_photo(
            asked["image"],
            box=asked["box"],
            k=asked["k"],
            filters=asked_filters(filters),
            diversity=asked["diversity"],
        )
        return _page(request, form, filters, found=found)
    except FAULTS as error:
        return _refused(request, refusal(error), form, filters)


def photo_too_large(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
    """Show the form in place of reading a body that is too large."""
    return _refused(request, Refusal(413, _too_large(), about_photo=True))


def photo_too_large_json(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
    """Answer as the API does, in place of reading a body that is too large."""
    return JsonResponse({"image": [_too_large()]}, status=413)


def _too_large() -> str:
    megabytes = f"{conf.get('UPLOAD_MAX_BYTES') / (1024 * 1024):.3g}"
    return _("The photo is larger than %(limit)s MB. Send a smaller one.") % {"limit": megabytes}


def _refused(
    request: HttpRequest, refused: Refusal, form: PhotoSearchForm | None = None, filters: forms.Form | None = None
) -> HttpResponse:
    """Show the form with the refusal: beside the photo where it is about the photo, above the form otherwise."""
    if form is None:
        form = PhotoSearchForm({})
        # Bound, so that it can carry an error; its fields being empty is none.
        form.errors.clear()
        filters = filter_form()
    form.add_error("image" if refused.about_photo else None, refused.message)
    response = _page(request, form, filters, status=refused.status)
    if refused.retry_after:
        response["Retry-After"] = str(refused.retry_after)
    return response


def _page(
    request: HttpRequest,
    form: PhotoSearchForm,
    filters: forms.Form | None,
    *,
    found: PhotoAnswer | None = None,
    status: int = 200,
) -> HttpResponse:
    if form.errors.get("image"):
        # Where the reading of the page goes on: the field, with its error as its description.
        form.fields["image"].widget.attrs["autofocus"] = True
    context: dict[str, Any] = {
        "form": form,
        "filters": filters,
        "narrowed": filters is not None and any(filters[name].value() for name in filters.fields),
        "card_template": get_gallery().card_template,
    }
    if found:
        level = found.answer.level
        context |= {"answer": found.answer, "words": LEVELS[level], "preview": Preview.of(found.image)}
    try:
        response = render(request, "recommendations/photo_search.html", context, status=status)
    except DatabaseError:
        # The page around the form needs the database: its menu, the filters' choices.
        logger.exception("The photo search page cannot be shown")
        response = render(request, "recommendations/unavailable.html", status=503)
        response["Retry-After"] = "30"
    response["Cache-Control"] = "no-store" if found else "private"
    return response
