"""The JSON API: parse, call one function, present. Public, no sessions, so no CSRF tokens."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django import forms
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation, ValidationError
from django.db import models
from django.http import Http404
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import exceptions, status
from rest_framework.generics import ListAPIView
from rest_framework.pagination import PageNumberPagination
from rest_framework.parsers import MultiPartParser
from rest_framework.permissions import AllowAny
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from recommendations import metrics
from recommendations.api_schema import GallerySchema
from recommendations.events import recording
from recommendations.forms import PhotoSearchForm, SimilarForm, asked_filters, filter_form
from recommendations.gallery import get_gallery
from recommendations.photo_search import FAULTS, Refusal, answer_photo, refusal
from recommendations.search import similar_products
from recommendations.serializers import (
    AnswerSerializer,
    DetailSerializer,
    FieldErrorsSerializer,
    PhotoSearchSerializer,
    ProductSerializer,
    present,
)
from recommendations.throttling import PhotoSearchThrottle

ERRORS: dict[int, Any] = {
    400: OpenApiResponse(FieldErrorsSerializer, "Something asked for is not understood; the errors are by field."),
    503: OpenApiResponse(DetailSerializer, "Not at the moment; Retry-After says when to ask again."),
}
NOT_FOUND = {404: OpenApiResponse(DetailSerializer, "There is no such product, or it is not shown.")}


class RefusalError(exceptions.APIException):
    """A refusal of a search as an API error."""

    def __init__(self, refused: Refusal) -> None:
        super().__init__({"image": [refused.message]} if refused.about_photo else refused.message)
        self.status_code = refused.status
        self.wait = refused.retry_after


class PublicAPIView(APIView):
    """Whatever the host's own REST_FRAMEWORK says: open to all, JSON in and out, every error as JSON."""

    authentication_classes = []
    permission_classes = [AllowAny]
    renderer_classes = [JSONRenderer]
    throttle_classes: Any = []
    schema = GallerySchema()

    def get_exception_handler(self) -> Callable[..., Response | None]:
        """Turn faults beneath a search, and Django's own refusals of a request, into JSON."""
        handle: Callable[..., Response | None] = super().get_exception_handler()

        def answer(error: Exception, context: Mapping[str, Any]) -> Response | None:
            if isinstance(error, FAULTS):
                error = RefusalError(refusal(error))
            elif isinstance(error, RequestDataTooBig):
                error = RefusalError(Refusal(413, _("This request is too large.")))
            elif isinstance(error, SuspiciousOperation):
                error = exceptions.ParseError()
            return handle(error, context)

        return answer


def checked(*asked: forms.Form | None) -> None:
    """Raise a 400 with every form's errors, by field, unless all are valid."""
    errors: dict[str, Any] = {}
    for form in asked:
        if form is not None and not form.is_valid():
            errors |= form.errors
    if errors:
        raise exceptions.ValidationError(errors)


def visible_product(pk: str, *, alone: bool = False) -> Any:
    """Return the product a visitor may see; raise Http404 for any other, and for what cannot be a key.

    ``alone`` leaves out what the gallery reads ahead for showing it, such as its photos.
    """
    products = get_gallery().visible()
    if alone:
        products = products.prefetch_related(None)
    try:
        key = products.model._meta.pk.to_python(pk)
    except ValidationError as error:
        raise Http404 from error
    product = products.filter(pk=key).first()
    if product is None:
        raise Http404
    return product


class Pages(PageNumberPagination):
    """Page by number; the client may choose the size."""

    page_size = 24
    page_size_query_param = "page_size"
    max_page_size = 100


class ProductList(PublicAPIView, ListAPIView[Any]):
    """The products a visitor may see."""

    serializer_class = ProductSerializer
    pagination_class = Pages
    takes_filters = True

    def get_queryset(self) -> models.QuerySet[Any]:
        """Return the visible products the filters ask for, in an order that pages can rely on."""
        gallery = get_gallery()
        products = gallery.visible()
        if getattr(self, "swagger_fake_view", False):
            return products
        form = filter_form(self.request.query_params)
        checked(form)
        if filters := asked_filters(form):
            products = gallery.filter(products, filters)
        return products if products.ordered else products.order_by("pk")

    @extend_schema(operation_id="products", responses={200: ProductSerializer(many=True), **ERRORS, **NOT_FOUND})
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """List the products a visitor may see, page by page; filters narrow the list."""
        return super().get(request, *args, **kwargs)


class ProductDetail(PublicAPIView):
    """One product."""

    @extend_schema(operation_id="product", responses={200: ProductSerializer, 503: ERRORS[503], **NOT_FOUND})
    def get(self, request: Request, id: str) -> Response:  # noqa: A002 (the address's word)
        """Show one product."""
        return Response(ProductSerializer(visible_product(id)).data)


class SimilarProducts(PublicAPIView):
    """Products that look like one product."""

    takes_form = True
    takes_filters = True

    @extend_schema(operation_id="similar_products", responses={200: AnswerSerializer, **ERRORS, **NOT_FOUND})
    def get(self, request: Request, id: str) -> Response:  # noqa: A002 (the address's word)
        """Find the products that look most like this one, never the product itself; filters narrow the choice."""
        product = visible_product(id, alone=True)
        form, filters = SimilarForm(request.query_params), filter_form(request.query_params)
        checked(form, filters)
        with metrics.measured("similar"):
            answer = similar_products(product, filters=asked_filters(filters), **form.cleaned_data)
        return Response(present(answer, recording.answered(request._request, "api_similar", answer, product)))


class PhotoSearch(PublicAPIView):
    """Products that look like a photo."""

    parser_classes = [MultiPartParser]
    throttle_classes = [PhotoSearchThrottle]
    takes_filters = True

    @extend_schema(
        operation_id="search_by_photo",
        request={"multipart/form-data": PhotoSearchSerializer},
        responses={
            200: AnswerSerializer,
            **ERRORS,
            413: OpenApiResponse(FieldErrorsSerializer, "The photo is too large."),
            415: OpenApiResponse(FieldErrorsSerializer, "Not an image type we read."),
            429: OpenApiResponse(DetailSerializer, "Too many searches; Retry-After says when to ask again."),
        },
    )
    def post(self, request: Request) -> Response:
        """Find the products that look most like the photo. The photo is not stored.

        Filters may be sent in the body or in the address.
        """
        form = PhotoSearchForm(request.POST, request.FILES)
        filters = filter_form({**request.query_params.dict(), **request.POST.dict()})
        checked(form, filters)
        asked = form.cleaned_data
        found = answer_photo(
            asked["image"],
            box=asked["box"],
            k=asked["k"],
            filters=asked_filters(filters),
            diversity=asked["diversity"],
        )
        given = recording.answered(request._request, "api_photo", found.answer)
        return Response(present(found.answer, given), status=status.HTTP_200_OK)
