"""Short ways to a searchable shop, for the tests of the edges."""

from __future__ import annotations

from recommendations import indexing
from recommendations.models import ImageEmbedding


def embed_all() -> None:
    """Embed every photo there is."""
    indexing.mark_all_pending()
    indexing.embed_photos(list(ImageEmbedding.objects.values_list("pk", flat=True)))
