"""Which embedder answers, and when another may take over. See docs/decisions/0014-one-switch-to-another-embedder.md.

The settings name the embedder that photos are embedded with; the database says which one answers. They differ after a
change of weights or pooling: the new vectors are computed beside the old, and until there are enough of them the old
embedder goes on answering, strips and photos alike. Then all processes switch at once.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any, NamedTuple

from django.db import IntegrityError, connections, router, transaction
from django.db.models import Exists, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from recommendations.gallery import get_gallery
from recommendations.indexes.fresh import State
from recommendations.indexes.live import live_release, newest_revision
from recommendations.models import EmbedderRecord, ImageEmbedding

Status = ImageEmbedding.Status


class Serving(NamedTuple):
    """The embedder that answers, and what is current of its index."""

    embedder: str
    state: State


def serving_embedder(default: str) -> Coalesce:
    """Return the name of the embedder that answers as an expression; ``default`` where none is recorded."""
    recorded = EmbedderRecord.objects.filter(serving=True).values("name")[:1]
    return Coalesce(Subquery(recorded), Value(default))


@functools.lru_cache(maxsize=4)
def _serving_query(using: str) -> tuple[str, tuple[Any, ...]]:
    """Return the SQL of ``ask``. Writing it anew takes Django twenty times as long as running it."""
    name = OuterRef("name")
    rows = EmbedderRecord.objects.using(using).filter(serving=True).order_by()
    query = rows.values_list("name", newest_revision(name), live_release(name)).query
    sql, parameters = query.get_compiler(using).as_sql()
    return sql, tuple(parameters)


def ask() -> Serving | None:
    """Return which embedder answers, by one cheap query; None where none is recorded."""
    using = router.db_for_read(EmbedderRecord)
    with connections[using].cursor() as cursor:
        cursor.execute(*_serving_query(using))
        row = cursor.fetchone()
    return Serving(row[0], State(row[1] or 0, row[2] or "")) if row else None


def serving_name(default: str) -> str:
    """Return the embedder that is to answer everywhere; a process may be a moment behind (``current.answering``)."""
    found = ask()
    return found.embedder if found else default


def spec_of(embedder: str) -> Mapping[str, Any]:
    """Return what is recorded of an embedder, by which it can be loaded again; empty where nothing is."""
    spec = EmbedderRecord.objects.filter(name=embedder).values_list("spec", flat=True).first()
    return spec if isinstance(spec, dict) else {}


def remember(embedder: str, spec: Mapping[str, Any]) -> None:
    """Record an embedder, so that it can be loaded again when the settings name another.

    It answers at once where no other has anything to answer with.
    """
    record, _ = EmbedderRecord.objects.get_or_create(name=embedder, defaults={"spec": dict(spec)})
    if spec and record.spec != spec:
        EmbedderRecord.objects.filter(pk=record.pk).update(spec=dict(spec))
    answering = EmbedderRecord.objects.filter(serving=True).values_list("name", flat=True).first()
    if answering is None or (answering != embedder and not ImageEmbedding.objects.ready(answering).exists()):
        try:
            with transaction.atomic():
                serve(embedder)
        except IntegrityError:
            return  # another process was first


def serve(embedder: str) -> None:
    """Make this embedder the one that answers, in every process from its next query on. Runs in a transaction."""
    others = EmbedderRecord.objects.exclude(name=embedder)
    others.filter(serving=True).update(serving=False)
    EmbedderRecord.objects.update_or_create(name=embedder, defaults={"serving": True, "since": timezone.now()})
    # Nobody will compute them any more. What is ready stays, for a change back.
    ImageEmbedding.objects.exclude(embedder=embedder).exclude(status=Status.READY).delete()


def coverage(embedder: str, answering: str) -> float:
    """Return which part of the visible photos this embedder has computed, of those that can be: 0 to 1.

    What failed counts for nothing, and neither do hidden products. What ``answering`` has computed and this embedder
    has not begun is missing, too: rows are made as the sweep goes on.
    """
    visible = get_gallery().visible().order_by().values("pk")
    rows: QuerySet[ImageEmbedding] = ImageEmbedding.objects.filter(product__in=visible).order_by()
    ready = rows.filter(embedder=embedder, status=Status.READY).count()
    pending = rows.filter(embedder=embedder, status=Status.PENDING).count()
    own = ImageEmbedding.objects.filter(
        embedder=embedder, product=OuterRef("product"), photo_key=OuterRef("photo_key")
    ).order_by()
    unknown = rows.filter(embedder=answering, status=Status.READY).filter(~Exists(own)).count()
    return ready / (ready + pending + unknown) if ready else 0.0
