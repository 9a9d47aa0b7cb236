"""The API's JSON, and its description for the OpenAPI schema. What a product says is the gallery's to decide."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from recommendations.events.recording import Given
from recommendations.gallery import get_gallery
from recommendations.search import Answer

K_HELP = "How many results."
DIVERSITY_HELP = "0, the default: what looks most alike, best first. Up to 1: unlike each other, after the best."


@extend_schema_field({"oneOf": [{"type": "integer"}, {"type": "string"}]})
class KeyField(serializers.Field[Any, Any, Any, Any]):
    """A product's key: a number in most shops, a UUID in some."""


class ProductSerializer(serializers.Serializer[Any]):
    """A product as ``Gallery.describe`` tells it: at least these fields, and whatever else the shop adds."""

    id = KeyField(read_only=True)
    name = serializers.CharField(read_only=True)
    url = serializers.CharField(read_only=True, allow_null=True)
    image = serializers.CharField(read_only=True, allow_null=True)

    def to_representation(self, instance: Any) -> dict[str, Any]:
        """Return the gallery's own description."""
        return get_gallery().describe(instance)


class MatchSerializer(serializers.Serializer[Any]):
    """One product that looks like the query."""

    score = serializers.FloatField(read_only=True, help_text="Higher is closer; 1 is the same.")
    product = ProductSerializer(read_only=True)
    reasons = serializers.ListField(
        child=serializers.CharField(),
        read_only=True,
        help_text="What it has in common with the product asked for, in words. Empty where a photo asked.",
    )
    event = serializers.CharField(
        read_only=True,
        allow_null=True,
        help_text="What to send to `events` as `seen` or `clicked`, for a day; null where nothing is counted.",
    )


class AnswerSerializer(serializers.Serializer[Any]):
    """What a search found, best first; in order of choice where diversity was asked for."""

    results = MatchSerializer(many=True, read_only=True)
    embedder = serializers.CharField(read_only=True)
    release = serializers.CharField(read_only=True, allow_null=True)
    match = serializers.ChoiceField(["same", "close", "similar", "none"], read_only=True)
    took_ms = serializers.DictField(
        child=serializers.FloatField(), read_only=True, help_text="Milliseconds by stage: decode, embed, search."
    )
    query = serializers.CharField(
        read_only=True, allow_null=True, help_text="The key this answer is counted under; null where none is."
    )
    events = serializers.CharField(
        read_only=True,
        allow_null=True,
        help_text="Where to POST, as a form, what of it was `seen` and `clicked`; null where nothing is counted.",
    )


class PhotoSearchSerializer(serializers.Serializer[Any]):
    """What a photo search is sent. ``forms.PhotoSearchForm`` checks it; this describes it."""

    image = serializers.FileField(help_text="JPEG, PNG or WebP.")
    box = serializers.CharField(
        required=False, help_text="The part of the photo that counts: x,y,w,h as parts of width and height, 0 to 1."
    )
    k = serializers.IntegerField(required=False, min_value=1, help_text=K_HELP)
    diversity = serializers.FloatField(required=False, min_value=0, max_value=1, help_text=DIVERSITY_HELP)


class DetailSerializer(serializers.Serializer[Any]):
    """An error that is not about one field."""

    detail = serializers.CharField(read_only=True)


class FieldErrorsSerializer(serializers.Serializer[Any]):
    """What is wrong, by field; ``image`` stands for any of them."""

    image = serializers.ListField(child=serializers.CharField(), required=False)


def present(answer: Answer, given: Given | None = None) -> dict[str, Any]:
    """Return the answer as the API's JSON-ready dict; the command line shows the same.

    Args:
        given: what the answer is counted as; None where nothing is counted.
    """
    gallery = get_gallery()
    return {
        "results": [
            {
                "score": round(match.score, 6),
                "product": gallery.describe(match.product),
                "reasons": [str(reason) for reason in match.reasons],
                "event": given.token(position, match.product) if given else None,
            }
            for position, match in enumerate(answer.matches, 1)
        ],
        "embedder": answer.embedder,
        "release": answer.release,
        "match": answer.level,
        "took_ms": answer.took_ms,
        "query": given.key if given else None,
        "events": reverse("recommendations:events") if given else None,
    }
