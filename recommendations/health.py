"""For load balancers and people on call: is the process alive, can it serve. Neither loads the network."""

from __future__ import annotations

import logging
from typing import Any

from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from recommendations import conf, current
from recommendations.exceptions import VogueError
from recommendations.models import ImageEmbedding
from recommendations.status import IndexStatus, index_status

logger = logging.getLogger(__name__)

Report = dict[str, Any]


@never_cache
@require_safe
def live(request: HttpRequest) -> JsonResponse:
    """Answer 200 while the process answers at all. Touches nothing."""
    return JsonResponse({"status": "ok"})


@never_cache
@require_safe
def ready(request: HttpRequest) -> JsonResponse:
    """Answer 200 where shop and search can work, 503 where not; either way say part by part how it stands."""
    database, status = _database()
    embedder = _embedder(status)
    index = _index(status, embedder.get("name", ""))
    parts = {"database": database, "index": index, "embedder": embedder}
    good = all(part["ok"] for part in parts.values())
    return JsonResponse({"status": "ok" if good else "unavailable", **parts}, status=200 if good else 503)


def _database() -> tuple[Report, IndexStatus | None]:
    try:
        connection.ensure_connection()
        return {"ok": True}, index_status()
    except DatabaseError as error:
        logger.warning("Not ready: the database does not answer", exc_info=True)
        # Its message may name hosts and users; this page is public.
        return {"ok": False, "reason": f"The database does not answer ({type(error).__name__})."}, None


def _embedder(status: IndexStatus | None) -> Report:
    report: Report = {"ok": True, "engine": conf.get("ENGINE")}
    try:
        report["name"] = current.embedder_name()
    except (VogueError, OSError) as error:
        logger.warning("Not ready: %s", error)
        return {"ok": False, "reason": "The embedder's weights cannot be used. Run manage.py check."}
    if status and status.next:
        report |= {"name": status.answering, "next": status.next}
    return report


def _index(status: IndexStatus | None, embedder: str) -> Report:
    if status is None:
        return {"ok": False, "reason": "Not known while the database does not answer."}
    counts = {name: status.count(embedder, name) for name in ImageEmbedding.Status.values}
    report: Report = {"ok": True, "photos": counts, "delta": status.delta, "release": None}
    if status.own:
        report["own_index"] = {"name": status.own.name, "complete": embedder in status.own.bytes}
    if status.release:
        report["release"] = {
            "name": status.release.name,
            "age_seconds": round(status.age_seconds or 0.0, 1),
            "count": status.release.count,
            "bytes": status.release.bytes,
            "recall": status.release.recall,
        }
    if counts["pending"] and not counts["ready"]:
        report |= {"ok": False, "reason": "No photo is embedded yet. Run manage.py embed_products, or wait."}
    return report
