"""Who writes to a shop and searches it, each a process of its own: ``python -m tests.recommendations.actors``.

Each writes down what it did and when, on the machine's one clock. ``test_many_processes`` judges it afterwards.
"""

from __future__ import annotations

import argparse
import gc
import json
import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import django
import numpy as np

STOP = "stop"
#: Releases prepared for a test of swaps.
RELEASES = 3


def main() -> None:
    """Play one role until the folder holds a file called stop."""
    parser = argparse.ArgumentParser()
    parser.add_argument("role", choices=sorted(ROLES))
    parser.add_argument("folder", type=Path)
    parser.add_argument("--number", type=int, default=0)
    parser.add_argument("--count", type=int, default=0)
    options = parser.parse_args()
    django.setup()
    with (options.folder / f"{options.role}-{options.number}.jsonl").open("w", buffering=1) as log:
        ROLES[options.role](Play(options.folder, options.number, options.count, log))


class Play:
    """Where a role is played, and what is written down of it."""

    def __init__(self, folder: Path, number: int, count: int, log: IO[str]) -> None:
        self.folder = folder
        self.number = number
        self.count = count
        self.draw = random.Random(number)
        self.made = 0
        self._log = log
        self._lock = threading.Lock()

    def goes_on(self) -> bool:
        """Return whether nobody has asked to stop."""
        return not (self.folder / STOP).exists()

    def note(self, **what: Any) -> None:
        """Write a line."""
        with self._lock:
            self._log.write(json.dumps(what) + "\n")

    @contextmanager
    def noted(self, **what: Any) -> Iterator[dict[str, Any]]:
        """Write a line with when it began and when it was over; what is learnt inside may be added."""
        began = time.monotonic()
        yield what
        self.note(**what, began=began, over=time.monotonic())

    def colour(self) -> tuple[int, int, int]:
        """Return some colour."""
        return (self.draw.randrange(256), self.draw.randrange(256), self.draw.randrange(256))


def prepare(play: Play) -> None:
    """Make the database, one category and some products."""
    from django.core.management import call_command

    from tests.factories import make_category

    call_command("migrate", verbosity=0)
    make_category()
    write(play, most=play.count)


def write(play: Play, most: int = 0) -> None:
    """Save, replace, hide, show and delete products of one's own; note each one's vector whenever it changes."""
    from django.core.files.base import ContentFile

    from catalog.models import Product
    from recommendations import indexing
    from recommendations.models import ImageEmbedding
    from tests.factories import make_product
    from tests.pictures import photo

    mine: list[int] = []

    def vector(product: int) -> list[float] | None:
        row = ImageEmbedding.objects.get(product=product)
        return np.frombuffer(row.vector, "<f4").tolist() if row.vector else None

    def embed(product: int) -> None:
        with play.noted(product=product) as what:
            indexing.embed_photos(list(ImageEmbedding.objects.filter(product=product).values_list("pk", flat=True)))
            what["vector"] = vector(product)

    def save() -> None:
        play.made += 1
        name = f"{play.number}-{play.made}"
        mine.append(make_product(play.colour(), sku=name, slug=name, name=name).pk)
        embed(mine[-1])

    def replace(product: int) -> None:
        image = Product.objects.get(pk=product).images.get()
        image.image = ContentFile(photo(play.colour()), name="photo.jpg")
        with play.noted(product=product, vector=None):
            image.save()
        embed(product)

    def hide(product: int) -> None:
        with play.noted(product=product, vector=None):
            Product.objects.filter(pk=product).update(active=False)
        with play.noted(product=product, vector=vector(product)):
            Product.objects.filter(pk=product).update(active=True)

    def delete(product: int) -> None:
        mine.remove(product)
        with play.noted(product=product, vector=None):
            Product.objects.get(pk=product).delete()

    while play.goes_on() and (not most or len(mine) < most):
        if most or len(mine) < 5:
            save()
        else:
            play.draw.choice([lambda _: save(), replace, hide, delete])(play.draw.choice(mine))


def stock(play: Play) -> None:
    """Put ``count`` products with a photo each on the shelves, past all signals."""
    from django.core.files.base import ContentFile
    from django.core.files.storage import default_storage

    from catalog.models import Product, ProductImage
    from tests.factories import make_category
    from tests.pictures import photo

    category = make_category()
    names = [f"{n:06}" for n in range(play.count)]
    products = Product.objects.bulk_create(
        [Product(sku=name, slug=name, name=name, category=category, price=1) for name in names]
    )
    files = [default_storage.save("photo.jpg", ContentFile(photo(play.colour(), (16, 16)))) for _ in names]
    ProductImage.objects.bulk_create(
        [ProductImage(product=product, image=file) for product, file in zip(products, files, strict=True)]
    )


def queue(play: Play) -> None:
    """Send every photo to the workers twice, in other batches the second time, as an impatient sweep would."""
    from recommendations import indexing, tasks
    from recommendations.models import ImageEmbedding

    indexing.mark_all_pending()
    ids = list(ImageEmbedding.objects.order_by("pk").values_list("pk", flat=True))
    assert len(ids) == play.count
    tasks.queue_photos(ids)
    play.draw.shuffle(ids)
    tasks.queue_photos(ids)


def read(play: Play) -> None:
    """Search by photo; note the vector asked with and all that was found."""
    from recommendations import current, search
    from tests.pictures import picture

    while play.goes_on():
        image = picture(play.colour(), (16, 16))
        query = current.embedder().embed([image])[0].tolist()
        k = play.draw.randint(1, 12)
        with play.noted(query=query, k=k) as what:
            answer = search.search_by_image(image, k)
            what["found"] = [(match.product.pk, match.cosine) for match in answer]
            what["release"], what["embedder"] = answer.release, answer.embedder


def build(play: Play) -> None:
    """Build releases, and roll back now and then."""
    from recommendations import indexing

    while play.goes_on():
        for act in (indexing.build_release, indexing.build_release, indexing.rollback_release):
            if play.goes_on():
                play.note(release=act().name)
                time.sleep(0.3)


def release(play: Play) -> None:
    """Build releases, each with ``count`` products more than the one before."""
    from recommendations import indexing

    for _ in range(RELEASES):
        write(play, most=play.count)
        play.note(release=indexing.build_release().name)


def swap(play: Play) -> None:
    """Make one release after another live, ``count`` times."""
    from recommendations import indexing
    from recommendations.models import IndexRelease

    # The last one is live.
    names = list(IndexRelease.objects.order_by("pk").values_list("name", flat=True))
    for n in range(play.count):
        play.note(release=indexing.rollback_release(to=names[n % len(names)]).name)


def search(play: Play) -> None:
    """Ask the same questions over and over, ``count`` threads at once; note what was wrong, and what it took."""
    from django.db import connection

    from recommendations import current, matching
    from recommendations.gallery import get_gallery
    from recommendations.models import ImageEmbedding

    rows = ImageEmbedding.objects.filter(status="ready").values_list("product_id", "vector")
    products = np.array([product for product, _ in rows])
    vectors = np.stack([np.frombuffer(vector or b"", "<f4") for _, vector in rows])
    released: set[str | None] = set()
    answers = swaps = 0
    lock = threading.Lock()

    def ask(seed: int) -> None:
        nonlocal answers, swaps
        draw = np.random.default_rng(seed)
        last: str | None = None
        try:
            while play.goes_on():
                query = vectors[draw.integers(len(vectors))]
                truth = np.sort(vectors @ query)[::-1][:5]
                snapshot = current.live_index().snapshot()
                found = matching.best_products(snapshot, query, get_gallery().visible(), 5)
                scores = np.array([neighbor.score for neighbor in found.values()])
                if len(found) != 5 or not np.allclose(scores, truth, atol=1e-5):
                    play.note(wrong={str(key): neighbor.score for key, neighbor in found.items()}, truth=truth.tolist())
                with lock:
                    answers += 1
                    swaps += snapshot.release_name != last
                    released.add(snapshot.release_name)
                last = snapshot.release_name
        except Exception as error:
            play.note(error=repr(error))
        finally:
            connection.close()

    assert len(products) == len(set(products))
    threads = [threading.Thread(target=ask, args=(1000 * play.number + n,)) for n in range(max(play.count, 1))]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        time.sleep(0.5)
        with lock:
            play.note(answers=answers, swaps=swaps, releases=sorted(filter(None, released)), **held())


def held() -> dict[str, int]:
    """Return what this process holds: memory in kB, open files, mapped files of releases."""
    gc.collect()
    status = Path("/proc/self/status").read_text()
    maps = Path("/proc/self/maps").read_text().splitlines()
    return {
        "kilobytes": int(status.partition("RssAnon:")[2].split()[0]),
        "files": len(list(Path("/proc/self/fd").iterdir())),
        "mapped": sum("/releases/" in line for line in maps),
    }


ROLES: dict[str, Callable[[Play], None]] = {
    "prepare": prepare,
    "write": write,
    "stock": stock,
    "queue": queue,
    "read": read,
    "build": build,
    "release": release,
    "swap": swap,
    "search": search,
}

if __name__ == "__main__":
    main()
