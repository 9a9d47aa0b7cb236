"""Processes of a shop's own that write to its database while others read: told line by line what to do.

Time is the machine's monotonic clock, which all its processes share.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

ROOT = Path(__file__).resolve().parents[1]
_CHILD = "from benchmarks import writers; writers.work()"


class Writer:
    """One such process, seen from outside."""

    def __init__(self, orders: IO[str], answers: IO[str]) -> None:
        self._orders = orders
        self._answers = answers

    def tell(self, order: str) -> dict[str, Any]:
        """Have one order done; return what it says.

        Raises:
            RuntimeError: it ended instead; it said why on standard error.
        """
        self._orders.write(f"{order}\n")
        self._orders.flush()
        line = self._answers.readline()
        if not line:
            raise RuntimeError(f"The writer ended at {order!r}; its last words are above.")
        answer: dict[str, Any] = json.loads(line)
        return answer


@contextmanager
def writer(env: dict[str, str], *, nice: int = 0) -> Iterator[Writer]:
    """Run a writer on the shop this environment leads to; ``nice`` as the Procfile runs workers."""
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen(
        ["nice", "-n", str(nice), sys.executable, "-c", _CHILD], cwd=ROOT, env=env, **pipes
    ) as process:
        assert process.stdin
        assert process.stdout
        # Leaving the block closes its input, which ends it, and waits.
        yield Writer(process.stdin, process.stdout)


def work() -> None:
    """Be a writer: do what standard input says, until it ends."""
    import django

    django.setup()
    todo: dict[str, Callable[..., dict[str, Any]]]
    todo = {"prepare": prepare, "embed": embed, "delete": delete, "publish": publish}
    for line in sys.stdin:
        order, *keys = line.split()
        sys.stdout.write(json.dumps(todo[order](*map(int, keys))) + "\n")
        sys.stdout.flush()


def prepare(anchor: int) -> dict[str, Any]:
    """Make a product with a pending embedding, to look like the product ``anchor`` once it is ready."""
    from catalog.models import Product
    from recommendations import current
    from recommendations.models import ImageEmbedding

    model = Product.objects.get(pk=anchor)
    name = f"bench-{time.monotonic_ns()}"
    like = {field: getattr(model, field) for field in ("category", "brand", "gender", "colour", "price", "stock")}
    product = Product.objects.create(sku=name, name="Fresh", slug=name, **like)
    keys = {"photo_key": str(anchor), "photo_name": name, "embedder": current.embedder_name()}
    ImageEmbedding.objects.create(product=product, **keys)
    return {"product": product.pk}


def embed(product: int) -> dict[str, Any]:
    """Commit the embedding of a product made by ``prepare``, as a worker does."""
    from django.db import transaction

    from recommendations import current
    from recommendations.models import ImageEmbedding, next_revisions

    row = ImageEmbedding.objects.get(product=product)
    alike = ImageEmbedding.objects.ready(current.embedder_name()).filter(product=int(row.photo_key))
    vector = alike.order_by("position").values_list("vector", flat=True)[0]
    with transaction.atomic():
        ImageEmbedding.objects.filter(pk=row.pk).update(status="ready", vector=vector, revision=next_revisions(1))
        before = time.monotonic()
    return {"before": before, "after": time.monotonic()}


def delete(product: int) -> dict[str, Any]:
    """Delete a product; what belongs to it goes along."""
    from django.db import transaction

    from catalog.models import Product

    with transaction.atomic():
        Product.objects.get(pk=product).delete()
        before = time.monotonic()
    return {"before": before, "after": time.monotonic()}


def publish() -> dict[str, Any]:
    """Build a release and make it live, whether or not anything is new."""
    from recommendations.indexing import build_release

    return {"release": build_release().name}
