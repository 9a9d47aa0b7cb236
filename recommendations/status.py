"""How the index stands: what /health/ready/, /metrics, the admin and `manage.py index_status` tell of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count
from django.utils import timezone

from recommendations import current, serving
from recommendations.exceptions import VogueError
from recommendations.indexes.fresh import OwnIndexStatus
from recommendations.levels import MatchLevels, from_record
from recommendations.models import ImageEmbedding, IndexRelease


@dataclass(frozen=True)
class IndexStatus:
    """What is embedded and what is live.

    ``coverage`` is embedder → status → photos; ``delta`` counts embeddings newer than the live release, which are
    scanned exactly until the next build. With an index that a database keeps ``own`` tells of it, and there is no
    release. ``answering`` is the embedder that answers; ``next`` the one that takes over once enough is
    embedded by it, or "". ``levels`` say what a cosine means; None where nobody knows.
    """

    coverage: Mapping[str, Mapping[str, int]]
    release: IndexRelease | None
    delta: int
    own: OwnIndexStatus | None = None
    answering: str = ""
    next: str = ""
    levels: MatchLevels | None = None

    @property
    def age_seconds(self) -> float | None:
        """Seconds since the live release was made, or None where none is live."""
        return (timezone.now() - self.release.created).total_seconds() if self.release else None

    def next_coverage(self) -> float:
        """Return which part, 0 to 1, of what can be embedded the next embedder has done: VOGUE["SWITCH_COVERAGE"]."""
        return serving.coverage(self.next, self.answering)

    def count(self, embedder: str, status: str) -> int:
        """Return how many photos this embedder has in this status."""
        return self.coverage.get(embedder, {}).get(status, 0)


def index_status() -> IndexStatus:
    """Ask the database; some counts. Loads no network, no weights and no index.

    Raises:
        DatabaseError: the database cannot be asked.
    """
    coverage: dict[str, dict[str, int]] = {}
    rows = ImageEmbedding.objects.order_by("embedder").values_list("embedder", "status").annotate(n=Count("pk"))
    for embedder, status, n in rows:
        coverage.setdefault(embedder, dict.fromkeys(ImageEmbedding.Status.values, 0))[status] = n
    answering, upcoming = _embedders()
    if index := current.own_index():
        levels = _levels(index(answering).snapshot().levels_record())
        return IndexStatus(coverage, None, 0, index.describe(coverage), answering, upcoming, levels)
    release = IndexRelease.objects.filter(live=True).first()
    delta = 0
    if release:
        newer = ImageEmbedding.objects.ready(release.embedder).filter(revision__gt=release.revision)
        delta = newer.count()
    levels = _levels(release.parameters.get("levels") if release else None)
    return IndexStatus(coverage, release, delta, None, answering, upcoming, levels)


def _levels(record: Any) -> MatchLevels | None:
    """Return the levels of this record, or the preset's."""
    try:
        return from_record(record) or current.preset_levels()
    except VogueError:
        return None


def failures(most: int) -> list[tuple[str, int]]:
    """Return why photos failed, and how many of each reason, the commonest first."""
    failed = ImageEmbedding.objects.filter(status=ImageEmbedding.Status.FAILED).order_by()
    counted = failed.values_list("reason").annotate(n=Count("pk")).order_by("-n", "reason")
    return list(counted[:most])


def _embedders() -> tuple[str, str]:
    """Return the embedder that answers, and the one that is to take over or ""."""
    try:
        wanted = current.embedder_name()
    except VogueError:
        wanted = ""  # others tell of it; the one that answers does so still
    found = serving.ask()
    answering = found.embedder if found else wanted
    if wanted in ("", answering):
        return answering, ""
    return answering, wanted
