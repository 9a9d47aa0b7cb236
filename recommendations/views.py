"""Search by photo and similar products, as pages: without JavaScript, too, and with what is wrong said in words.

With the header ``Vogue-Fragment`` the same views answer with the part of the page that changes, or with the refusal
alone, in the same templates' words.
"""

from __future__ import annotations

import logging
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import DatabaseError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.cache import patch_vary_headers
from django.utils.formats import number_format
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from recommendations import conf, held_photos, metrics, visits
from recommendations.events import recording
from recommendations.exceptions import VogueError
from recommendations.forms import (
    STEERS,
    HeldPhotoForm,
    PartForm,
    PhotoPageForm,
    SimilarPageForm,
    asked_filters,
    filter_form,
)
from recommendations.gallery import get_gallery
from recommendations.looking import WHOLE, Look, look
from recommendations.parts import Preview, parts_of, written
from recommendations.photo_search import FAULTS, Refusal, refusal
from recommendations.results import PHOTO_LEVELS, Address, Link, results
from recommendations.search import Answer, nearest_products, similar_products, vector_of
from recommendations.strips import similar_strip
from recommendations.throttling import PhotoSearchThrottle

logger = logging.getLogger(__name__)

#: What of an address is no filter.
OWN = ("photo", "box", "k", "sort", "diversity", "steer")


@require_http_methods(["GET", "HEAD", "POST"])
def photo_search(request: HttpRequest) -> HttpResponse:
    """Show the form; with a photo, sent or held, what looks like it, or what is wrong with it."""
    token = request.GET.get("photo", "")
    if request.method != "POST" and not token:
        return _page(request, PhotoPageForm(initial=_first(request)), filter_form(initial=request.GET.dict()))
    throttle = PhotoSearchThrottle()
    if not throttle.allow_request(request):
        message = _("You have searched very often in a short time. Wait a moment, then try again.")
        return _refused(request, Refusal(429, message, retry_after=int(throttle.wait() or 1) + 1))
    asked = request.POST if request.method == "POST" else request.GET
    form: PhotoPageForm | HeldPhotoForm
    form = PhotoPageForm(asked, request.FILES) if request.method == "POST" else HeldPhotoForm(asked)
    filters, part = filter_form(asked), PartForm(asked)
    try:
        # All of them, so that all errors are told at once.
        if not all([form.is_valid(), filters is None or filters.is_valid(), part.is_valid()]):
            return _invalid(request, form, filters, part)
        photo = held_photos.find(token) if isinstance(form, HeldPhotoForm) else form.cleaned_data["image"]
        if photo is None:
            return _refused(request, _forgotten(), filters=filter_form(asked))
        box = form.cleaned_data["box"] or part.box()
        told = form.cleaned_data
        seen = look(photo, box=box, k=told["k"], filters=asked_filters(filters), diversity=told["diversity"])
        return _page(request, PhotoPageForm(initial=_first(request)), filters, seen=seen, asked=form)
    except FAULTS as error:
        return _refused(request, refusal(error), form if isinstance(form, PhotoPageForm) else None, filters)


@require_POST
def forget_photo(request: HttpRequest) -> HttpResponse:
    """Forget a held photo now, and say so."""
    held_photos.forget(request.POST.get("photo", ""))
    messages.success(request, _("Your photo is forgotten."))
    return redirect("recommendations:photo_search")


@require_POST
def forget_seen(request: HttpRequest) -> HttpResponse:
    """Forget what this visitor looked at, and go back to where they were."""
    visits.forget(request)
    messages.success(request, _("What you looked at is forgotten."))
    back = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure()):
        back = "/"
    return redirect(back)


@require_safe
def similar(request: HttpRequest, product: str) -> HttpResponse:
    """Show all products that look like one product, with filters; to a script, the strip of the product's page."""
    gallery = get_gallery()
    try:
        origin = gallery.visible().filter(**{gallery.address_field: product}).first()
    except (ValueError, ValidationError) as error:
        raise Http404 from error
    if origin is None:
        raise Http404
    asked = request.GET.copy()
    asked.setdefault("k", str(_page_k()))
    form, filters = SimilarPageForm(asked), filter_form(asked)
    errors = [] if all([form.is_valid(), filters is None or filters.is_valid()]) else _errors(form, filters)
    if errors:
        # What is not understood is said and left out.
        form, filters = SimilarPageForm({"k": str(_page_k())}), filter_form({})
        form.is_valid()
        if filters:
            filters.is_valid()
    told = form.cleaned_data
    if _fragment(request):
        return _strip(request, origin, told)
    context: dict[str, Any] = {"product": origin, "card_template": gallery.card_template, "errors": errors}
    status = 200
    try:
        asked_for = {name: told[name] for name in ("diversity", "photo", "steer")}
        with metrics.measured("similar"):
            answer = similar_products(origin, told["k"], filters=asked_filters(filters), **asked_for)
            vector = vector_of(origin, answer.embedder, told["photo"])
            among = {"embedder": answer.embedder, "without": origin.pk}
            near = [] if vector is None else nearest_products(vector, conf.get("FACET_POOL"), **among)
        address = _address(request, form, filters, photo=told["photo"])
        context |= results(answer, address, form, filters, near)
        context |= {"steers": _steers(form, address), "photo": told["photo"], "best_photo": address.to({"photo": None})}
        context["given"] = recording.answered(request, "similar", answer, origin)
    except VogueError as error:
        context["errors"], status = [refusal(error).message], 503
        context |= {"answer": Answer([], "", None, "none")}
    return _varies(render(request, "recommendations/similar.html", context, status=status))


def _strip(request: HttpRequest, product: Any, told: dict[str, Any]) -> HttpResponse:
    """Answer a script with the strip of the product's page alone: the visitor looks at another of its photos."""
    try:
        strip = similar_strip(product, told["k"], photo=told["photo"], diversity=told["diversity"])
    except VogueError as error:
        return _told(request, refusal(error))
    if strip is None:
        return _varies(HttpResponse())
    strip["given"] = recording.answered(request, "strip", strip["answer"], product)
    return _varies(render(request, "recommendations/similar_items.html", strip))


def _varies(response: HttpResponse) -> HttpResponse:
    """Say that one address has two answers: a page, and the part of it a script asks for."""
    patch_vary_headers(response, ["Vogue-Fragment"])
    return response


def _steers(form: forms.Form, address: Address) -> list[Link]:
    """Return the ways to look closer, as links."""
    chosen = form.cleaned_data["steer"]
    return [Link(address.to({"steer": value}), label, chosen=value == chosen) for value, label in STEERS]


def photo_too_large(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
    """Show the form in place of reading a body that is too large."""
    return _refused(request, Refusal(413, _too_large(), about_photo=True))


def photo_too_large_json(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
    """Answer as the API does, in place of reading a body that is too large."""
    return JsonResponse({"image": [_too_large()]}, status=413)


def _too_large() -> str:
    megabytes = number_format(Decimal(f"{conf.get('UPLOAD_MAX_BYTES') / (1024 * 1024):.3g}"))
    return _("The photo is larger than %(limit)s MB. Send a smaller one.") % {"limit": megabytes}


def _forgotten() -> Refusal:
    """Return what to say of a token nobody knows any more. 410: a script sends its own copy of the photo then."""
    minutes = conf.get("HOLD_SECONDS") // 60
    message = ngettext(
        "We no longer have this photo: it is held for %(n)d minute at most. Send it again.",
        "We no longer have this photo: it is held for %(n)d minutes at most. Send it again.",
        minutes,
    )
    return Refusal(410, message % {"n": minutes}, about_photo=True)


def _invalid(request: HttpRequest, form: Any, filters: forms.Form | None, part: PartForm) -> HttpResponse:
    for field, errors in part.errors.items():
        form.add_error(None, [f"{part.fields[field].label}: {error}" for error in errors])
    if _fragment(request):
        return _told(request, Refusal(400, " ".join(_errors(form, filters))))
    if not isinstance(form, PhotoPageForm):
        # The form that is shown asks for a photo again, and tells the errors of the one that was sent.
        shown = PhotoPageForm({})
        shown.errors.clear()
        shown.add_error(None, _errors(form, None))
        form = shown
    return _page(request, form, filters, status=400)


def _errors(form: forms.Form, filters: forms.Form | None) -> list[str]:
    told = []
    for each in filter(None, (form, filters)):
        for name, errors in each.errors.items():
            label = f"{each.fields[name].label}: " if name in each.fields and each is filters else ""
            told += [f"{label}{error}" for error in errors]
    return told


def _refused(
    request: HttpRequest, refused: Refusal, form: PhotoPageForm | None = None, filters: forms.Form | None = None
) -> HttpResponse:
    """Show the form with the refusal: beside the photo where it is about the photo, above the form otherwise."""
    if _fragment(request):
        return _told(request, refused)
    if form is None:
        form = PhotoPageForm({"k": str(_page_k())})
        # Bound, so that it can carry an error; its fields being empty is none.
        form.errors.clear()
        filters = filters or filter_form()
    form.add_error("image" if refused.about_photo else None, refused.message)
    return _retry(_page(request, form, filters, status=refused.status), refused)


def _told(request: HttpRequest, refused: Refusal) -> HttpResponse:
    """Answer a script with the refusal alone; it keeps the photo and shows the words beside it."""
    response = render(request, "recommendations/refusal.html", {"refusal": refused}, status=refused.status)
    response["Cache-Control"] = "no-store"
    return _retry(response, refused)


def _retry(response: HttpResponse, refused: Refusal) -> HttpResponse:
    if refused.retry_after:
        response["Retry-After"] = str(refused.retry_after)
    return response


def _page(
    request: HttpRequest,
    form: PhotoPageForm,
    filters: forms.Form | None,
    *,
    seen: Look | None = None,
    asked: PhotoPageForm | HeldPhotoForm | None = None,
    status: int = 200,
) -> HttpResponse:
    if form.errors.get("image"):
        # Where the reading of the page goes on: the field, with its error as its description.
        form.fields["image"].widget.attrs["autofocus"] = True
    context: dict[str, Any] = {
        "form": form,
        "filters": filters,
        "narrowed": filters is not None and any(filters[name].value() for name in filters.fields),
        "minutes": conf.get("HOLD_SECONDS") // 60,
    }
    template = "recommendations/photo_search.html"
    try:
        if seen and asked:
            context |= _shown(request, seen, asked, filters)
        if _fragment(request):
            template = "recommendations/photo_view.html" if seen else "recommendations/photo_token.html"
        response = render(request, template, context, status=status)
    except DatabaseError:
        # The page around the form needs the database: its menu, the filters' choices.
        logger.exception("The photo search page cannot be shown")
        response = render(request, "recommendations/unavailable.html", status=503)
        response["Retry-After"] = "30"
    response["Cache-Control"] = "no-store" if seen else "private"
    return response


def _shown(
    request: HttpRequest, seen: Look, asked: PhotoPageForm | HeldPhotoForm, filters: forms.Form | None
) -> dict[str, Any]:
    address = _address(request, asked, filters, photo=seen.held.token if seen.held else "", box=written(seen.box))
    context = results(seen.answer, address, asked, filters, seen.near)
    return context | {
        "given": recording.answered(request, "photo", seen.answer),
        "words": PHOTO_LEVELS[seen.answer.level],
        "held": seen.held,
        "box": written(seen.box),
        "cropped": seen.box != WHOLE,
        "shade": _shade(seen.box),
        "part": {n: f"{100 * v:.0f}" for n, v in zip(PartForm.base_fields, seen.box, strict=True)},
        "part_hidden": [(name, value) for name, value in address.params.items() if name != "box"],
        # A script has the photo itself.
        "preview": None if _fragment(request) else Preview.of(seen.image),
        "parts": parts_of(seen, address),
    }


def _shade(box: tuple[float, float, float, float]) -> str:
    """Return the SVG path of everything but the box, in per cent of the photo."""
    x, y, w, h = (f"{100 * part:.2f}" for part in box)
    return f"M0 0H100V100H0ZM{x} {y}v{h}h{w}v-{h}Z"


def _address(request: HttpRequest, form: forms.Form, filters: forms.Form | None, **own: str) -> Address:
    """Return the address of these results: what was asked for, in one order, without what says nothing."""
    data = {name: form.cleaned_data.get(name) for name in ("k", "sort", "diversity", "steer")} | own
    params = {name: str(data[name]) for name in OWN if data.get(name)}
    if filters is not None:
        params |= {name: str(filters.data.get(name, "")) for name in asked_filters(filters)}
    return Address(request.path, params)


def _fragment(request: HttpRequest) -> bool:
    return bool(request.headers.get("Vogue-Fragment"))


def _page_k() -> int:
    return min(int(conf.get("PAGE_K")), int(conf.get("MAX_K")))


def _first(request: HttpRequest) -> dict[str, Any]:
    """Return what the form begins with: what the address asks for, and the page's own number of results."""
    return {"k": _page_k(), **request.GET.dict()}
