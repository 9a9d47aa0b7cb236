"""A saved product becomes an index entry, in three steps.

``photos``     what the shop has, written down as pending rows
``embedding``  photo → vector → ready row (searchable from here on)
``signatures`` colours and outlines of photos embedded before these were read
``building``   all ready rows → a new release, published atomically; nothing where a database keeps the index itself
"""

from recommendations.indexing.building import (
    build_release,
    build_wanted,
    refresh_index,
    rollback_release,
    switch_wanted,
)
from recommendations.indexing.embedding import claimable, embed_photos
from recommendations.indexing.photos import mark_all_pending, mark_pending, mark_queued, reset_failed
from recommendations.indexing.signatures import fill_signatures

__all__ = [
    "build_release",
    "build_wanted",
    "claimable",
    "embed_photos",
    "fill_signatures",
    "mark_all_pending",
    "mark_pending",
    "mark_queued",
    "refresh_index",
    "reset_failed",
    "rollback_release",
    "switch_wanted",
]
