"""What drf-spectacular cannot see for itself: the gallery's filters, as query parameters."""

from __future__ import annotations

from typing import Any

from django import forms
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter

from recommendations.forms import filter_form
from recommendations.serializers import DIVERSITY_HELP, K_HELP

_TYPES: tuple[tuple[type[forms.Field], Any], ...] = (
    (forms.BooleanField, OpenApiTypes.BOOL),
    (forms.DecimalField, OpenApiTypes.DECIMAL),
    (forms.FloatField, OpenApiTypes.FLOAT),
    (forms.IntegerField, OpenApiTypes.INT),
)


class GallerySchema(AutoSchema):
    """Adds k, diversity and the gallery's filters to every address that takes them."""

    def get_override_parameters(self) -> list[Any]:
        """Return what ``AnswerForm`` takes, where the view takes it, then the filters."""
        parameters: list[Any] = []
        if getattr(self.view, "takes_form", False):
            parameters.append(OpenApiParameter("k", OpenApiTypes.INT, description=K_HELP))
            parameters.append(OpenApiParameter("diversity", OpenApiTypes.FLOAT, description=DIVERSITY_HELP))
        if getattr(self.view, "takes_filters", False):
            parameters += filter_parameters()
        return parameters


def filter_parameters() -> list[OpenApiParameter]:
    """Return one query parameter for each field of the gallery's filter form. Asks for no choices: no database."""
    form = filter_form()
    return [
        OpenApiParameter(
            name,
            next((openapi for kind, openapi in _TYPES if isinstance(field, kind)), OpenApiTypes.STR),
            required=field.required,
            description=str(field.label or name),
        )
        for name, field in (form.fields.items() if form else ())
    ]
