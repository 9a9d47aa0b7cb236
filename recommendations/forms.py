"""What a visitor may ask: a photo, the part of it that counts, how many results, the gallery's filters."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from recommendations import conf
from recommendations.gallery import get_gallery
from recommendations.photo_search import Box

#: What images.decode_image reads, for the file chooser. No `capture`: it would take the choice of a stored photo away.
ACCEPT = "image/jpeg,image/png,image/webp"
#: A box whose edges were rounded in a browser may stick out this much.
SLACK = 1e-3
#: What may count most in what looks like a product.
STEERS = [("", _("Both")), ("colour", _("Colour")), ("shape", _("Shape"))]


class BoxField(forms.CharField):
    """Four numbers "x,y,w,h" as parts of width and height, 0 to 1."""

    default_error_messages = {
        "invalid": _("Give the part of the photo as x,y,w,h: four numbers from 0 to 1, inside the photo."),
    }

    def to_python(self, value: Any) -> Box | None:  # type: ignore[override]
        """Return (x, y, w, h) inside the photo, or None where nothing is given."""
        text = super().to_python(value)
        if not text:
            return None
        try:
            x, y, w, h = (float(part) for part in text.split(","))
        except ValueError as error:
            raise ValidationError(self.error_messages["invalid"], code="invalid") from error
        inside = 0 <= x < 1 and 0 <= y < 1 and w > 0 and h > 0 and x + w <= 1 + SLACK and y + h <= 1 + SLACK
        if not (all(map(math.isfinite, (x, y, w, h))) and inside):
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return x, y, min(w, 1 - x), min(h, 1 - y)


class AnswerForm(forms.Form):
    """How many results, and how unlike each other. What page and API both take."""

    k = forms.IntegerField(required=False, widget=forms.HiddenInput)
    diversity = forms.FloatField(
        required=False,
        widget=forms.HiddenInput,
        min_value=0,
        max_value=1,
        error_messages=dict.fromkeys(
            ("invalid", "min_value", "max_value"),
            _("diversity must be a number from 0 (what looks most alike) to 1 (as varied as can be)."),
        ),
    )

    def clean_k(self) -> int | None:
        """Check the bounds, which are settings."""
        k: int | None = self.cleaned_data["k"]
        most = conf.get("MAX_K")
        if k is not None and not 1 <= k <= most:
            raise ValidationError(_("k must be a whole number from 1 to %(most)d."), params={"most": most})
        return k


class ResultsForm(AnswerForm):
    """How a page shows results: how many, in which order."""

    sort = forms.ChoiceField(label=_("Sort by"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})
        sorts = get_gallery().sorts
        field = self.fields["sort"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 (for the type checker)
        field.choices = [("", _("Likeness")), *((name, sort.label) for name, sort in sorts.items())]

    def clean_k(self) -> int:
        """Return what was asked for, or the page's own number."""
        return super().clean_k() or min(conf.get("K"), conf.get("MAX_K"))


class SimilarForm(AnswerForm):
    """What looks like a product: by which of its photos, and what of the likeness counts most."""

    photo = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)
    steer = forms.ChoiceField(
        required=False,
        choices=STEERS,
        error_messages={"invalid_choice": _("steer must be colour or shape, or be left out.")},
    )


class SimilarPageForm(SimilarForm, ResultsForm):
    """The same, as a page shows it."""


class PhotoSearchForm(AnswerForm):
    """A photo and what to make of it. Whether it is a picture at all is found out by ``images.decode_query_photo``."""

    image = forms.FileField(
        label=_("Photo"),
        help_text=_("JPEG, PNG or WebP."),
        widget=forms.FileInput(attrs={"accept": ACCEPT}),
        error_messages={
            "required": _("Choose a photo first."),
            "invalid": _("Choose a photo first."),
            "missing": _("Choose a photo first."),
            "empty": _("This file is empty. Choose another photo."),
        },
    )
    box = BoxField(required=False, widget=forms.HiddenInput)

    field_order = ["image", "box", "k", "diversity"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})


class PartForm(forms.Form):
    """The part of a photo in per cent, by numbers: what a box drawn with a finger says, for whoever cannot draw one."""

    left = forms.FloatField(label=_("Left"), required=False, min_value=0, max_value=99)
    top = forms.FloatField(label=_("Top"), required=False, min_value=0, max_value=99)
    width = forms.FloatField(label=_("Width"), required=False, min_value=1, max_value=100)
    height = forms.FloatField(label=_("Height"), required=False, min_value=1, max_value=100)

    def box(self) -> Box | None:
        """Return the box, cut at the photo's edge, or None where no number is given. Call after ``is_valid()``."""
        given = [self.cleaned_data.get(name) for name in ("left", "top", "width", "height")]
        if all(value is None for value in given):
            return None
        x, y = (given[0] or 0) / 100, (given[1] or 0) / 100
        w, h = ((100 if value is None else value) / 100 for value in given[2:])
        return x, y, min(w, 1 - x), min(h, 1 - y)


class HeldPhotoForm(ResultsForm):
    """A photo that was sent before, by its token."""

    photo = forms.CharField(max_length=200)
    box = BoxField(required=False, widget=forms.HiddenInput)


class PhotoPageForm(PhotoSearchForm, ResultsForm):
    """What the page is sent: a photo, and how to show what looks like it."""


def filter_form(
    data: Mapping[str, Any] | None = None, *, initial: Mapping[str, Any] | None = None
) -> forms.Form | None:
    """Return the gallery's filter form, bound where there is data, or None where it has none."""
    form_class = get_gallery().filter_form
    if form_class is None:
        return None
    form: forms.Form = form_class(data, initial=initial, label_suffix="")
    return form


def asked_filters(form: forms.Form | None) -> dict[str, Any]:
    """Return what a valid filter form asks for; fields left empty ask for nothing."""
    if form is None:
        return {}
    return {
        name: value
        for name, value in form.cleaned_data.items()
        if value is not False and value not in form.fields[name].empty_values
    }
