"""What a page of results shows beside the cards: filters with counts, orders, more of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django import forms
from django.utils.formats import localize
from django.utils.translation import gettext_lazy as _

from recommendations import conf
from recommendations.forms import ResultsForm, asked_filters
from recommendations.gallery import get_gallery
from recommendations.search import Answer, Match

#: What a match level means to a shopper, for a photo's best match and on each card.
PHOTO_LEVELS = {
    "same": _("We have exactly this, or very nearly."),
    "close": _("These look very much like your photo."),
    "similar": _("These have something of your photo."),
    "none": _("We have nothing close to your photo."),
}
CARD_LEVELS = {
    "same": _("The same, or nearly"),
    "close": _("Very much alike"),
    "similar": _("Somewhat alike"),
    "none": _("Less alike"),
}
#: New arrivals shown where nothing was close.
ARRIVALS = 6


@dataclass(frozen=True)
class Address:
    """The address of a page of results, and of its neighbours."""

    path: str
    params: Mapping[str, str]

    def __str__(self) -> str:
        return self.to({})

    def to(self, changes: Mapping[str, str | None]) -> str:
        """Return the address with these parameters changed; None takes one away."""
        params = {name: value for name, value in {**self.params, **changes}.items() if value not in (None, "")}
        return f"{self.path}?{urlencode(params)}" if params else self.path


@dataclass(frozen=True)
class Link:
    """A choice of a filter, or a filter in use: where it leads, what it says."""

    url: str
    label: Any
    count: int | None = None
    chosen: bool = False
    swatch: str = ""


class Group(NamedTuple):
    """A filter beside the results: counted links, and the form's own fields where it has any to type into."""

    label: Any
    links: list[Link]
    fields: list[forms.BoundField]
    #: The parameters the address has besides.
    hidden: list[tuple[str, str]]


class Card(NamedTuple):
    """One result: the match, how close it is in words, and where to see more like it."""

    match: Match
    level: str
    words: Any
    address: Any


def results(
    answer: Answer, address: Address, form: ResultsForm, filters: forms.Form | None, near: Sequence[Any]
) -> dict[str, Any]:
    """Return the context of ``recommendations/results.html``. Call with valid forms."""
    gallery = get_gallery()
    k, sort = form.cleaned_data["k"], form.cleaned_data["sort"]
    # Orders count for what is near enough to be shown, not for the whole shop: the cheapest of all looks like nothing.
    matches = sorted(answer, key=lambda match: gallery.sorts[sort].key(match.product)) if sort else answer.matches
    more = min(k + conf.get("PAGE_K"), conf.get("MAX_K"))
    asked = asked_filters(filters)
    return {
        "answer": answer,
        "address": address,
        "cards": [
            Card(match, match.level, CARD_LEVELS[match.level], getattr(match.product, gallery.address_field))
            for match in matches
        ],
        "card_template": gallery.card_template,
        "groups": _groups(address, filters, near, asked) if near else [],
        "pool": len(near),
        "chips": _chips(address, filters, asked),
        "clear": address.to(dict.fromkeys(filters.fields if filters else ())),
        "sorts": [Link(address.to({"sort": value}), label, chosen=value == sort) for value, label in _orders(form)],
        "more": address.to({"k": str(more)}) if len(answer) == k and more > k else "",
        "more_from": len(answer),
        "most": conf.get("MAX_K") if len(answer) == conf.get("MAX_K") else None,
        "arrivals": gallery.arrivals(ARRIVALS) if answer.level == "none" else [],
    }


def _orders(form: ResultsForm) -> list[tuple[str, Any]]:
    field = form.fields["sort"]
    assert isinstance(field, forms.ChoiceField)  # noqa: S101 (for the type checker)
    return list(field.choices)  # type: ignore[arg-type]


def _groups(address: Address, filters: forms.Form | None, near: Sequence[Any], asked: Mapping[str, Any]) -> list[Group]:
    if filters is None:
        return []
    groups = []
    left = list(filters.fields)
    for facet in get_gallery().facets(near, asked):
        left = [name for name in left if name not in facet.fields]
        links = []
        for choice in facet.choices:
            chosen = all(address.params.get(name, "") == value for name, value in choice.sets.items())
            changes: dict[str, str | None] = dict.fromkeys(facet.fields)
            if not chosen:
                changes |= choice.sets
            links.append(Link(address.to(changes), choice.label, choice.count, chosen, choice.swatch))
        typed = [filters[name] for name in facet.fields if not _is_choice(filters.fields[name])]
        if links or typed:
            groups.append(Group(facet.label, links, typed, _but(address, facet.fields)))
    if left:
        groups.append(Group(_("More"), [], [filters[name] for name in left], _but(address, left)))
    return groups


def _but(address: Address, names: Sequence[str]) -> list[tuple[str, str]]:
    return [(name, value) for name, value in address.params.items() if name not in names]


def _is_choice(field: forms.Field) -> bool:
    return isinstance(field, forms.ChoiceField | forms.BooleanField)


def _chips(address: Address, filters: forms.Form | None, asked: Mapping[str, Any]) -> list[Link]:
    """Return the filters in use, each with the way back."""
    if filters is None:
        return []
    chips = []
    for name, value in asked.items():
        field = filters.fields[name]
        if isinstance(field, forms.BooleanField):
            label = str(field.label)
        elif isinstance(field, forms.ChoiceField):
            label = str(dict(field.choices).get(value, value)).strip()  # type: ignore[arg-type]
        else:
            label = f"{field.label} {localize(value)}"
        chips.append(Link(address.to({name: None}), label))
    return chips
