"""/metrics, for Prometheus: what this process did, and how the index stands."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.platform_collector import PlatformCollector
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector

from recommendations.exceptions import IndexUnavailableError, InvalidImageError, SwitchPendingError
from recommendations.status import index_status
from recommendations.throttling import TooBusyError

logger = logging.getLogger(__name__)

#: Its own, so that a shop with metrics of its own can serve both.
registry = CollectorRegistry()
_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)

searches = Counter(
    "vogue_searches",
    "Searches, by kind (photo, similar, for_you) and outcome (answered, refused, busy, unavailable, failed).",
    ["kind", "outcome"],
    registry=registry,
)
search_seconds = Histogram(
    "vogue_search_seconds",
    "How long searches took, by kind and stage (wait, decode, embed, search, total).",
    ["kind", "stage"],
    buckets=_BUCKETS,
    registry=registry,
)


@contextmanager
def measured(kind: str) -> Iterator[None]:
    """Count one search of this kind by how it ended, and time it."""
    started = time.perf_counter()
    outcome = "failed"
    try:
        yield
        outcome = "answered"
    except InvalidImageError:
        outcome = "refused"
        raise
    except TooBusyError:
        outcome = "busy"
        raise
    except (IndexUnavailableError, SwitchPendingError):
        outcome = "unavailable"
        raise
    finally:
        searches.labels(kind, outcome).inc()
        search_seconds.labels(kind, "total").observe(time.perf_counter() - started)


def observe_stages(kind: str, took_ms: Mapping[str, float]) -> None:
    """Record how long each stage of an answered search took, in milliseconds."""
    for stage, milliseconds in took_ms.items():
        search_seconds.labels(kind, stage).observe(milliseconds / 1000)


class IndexCollector(Collector):
    """How the index stands, asked of the database at every scrape. Loads no network and no index."""

    def collect(self) -> Iterator[Metric]:
        up = GaugeMetricFamily("vogue_database_up", "1 where the database answers.")
        try:
            status = index_status()
        except DatabaseError:
            logger.warning("The database cannot be asked for metrics", exc_info=True)
            up.add_metric([], 0)
            yield up
            return
        up.add_metric([], 1)
        yield up
        photos = GaugeMetricFamily("vogue_embeddings", "Photos by embedder and status.", labels=["embedder", "status"])
        for embedder, counts in status.coverage.items():
            for name, count in counts.items():
                photos.add_metric([embedder, name], count)
        yield photos
        if status.release is None:
            return
        labels = [status.release.name, status.release.embedder, status.release.backend]
        gauges = {
            "vogue_release_age_seconds": ("Age of the live release.", status.age_seconds),
            "vogue_release_photos": ("Photos in the live release.", status.release.count),
            "vogue_release_bytes": ("Size of the live release.", status.release.bytes),
            "vogue_release_recall": ("recall@5 of the live release against exact search.", status.release.recall),
            "vogue_release_delta": ("Embeddings newer than the live release, scanned exactly.", status.delta),
        }
        for name, (words, value) in gauges.items():
            if value is not None:
                gauge = GaugeMetricFamily(name, words, labels=["release", "embedder", "backend"])
                gauge.add_metric(labels, value)
                yield gauge


ProcessCollector(registry=registry)
PlatformCollector(registry=registry)


@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Show everything in Prometheus' text format.

    Counts are this process's own, unless PROMETHEUS_MULTIPROC_DIR names a folder the processes share.
    """
    counts = registry
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        counts = CollectorRegistry()
        MultiProcessCollector(counts)  # type: ignore[no-untyped-call]
    now = CollectorRegistry()
    now.register(IndexCollector())
    return HttpResponse(generate_latest(counts) + generate_latest(now), content_type=CONTENT_TYPE_LATEST)
