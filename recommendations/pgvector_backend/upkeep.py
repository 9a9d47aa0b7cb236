"""What the trigger does not do: an HNSW index for each embedder, and the vectors from before the trigger."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from typing import NamedTuple

from django.db import DEFAULT_DB_ALIAS, connection, connections, transaction
from psycopg import sql

Progress = Callable[[str], None]

TABLE = "vogue_pgvector_photovector"
#: Rows copied in one transaction.
BATCH = 1_000
#: Edges of a photo at each level, and candidates weighed for them. More is a larger graph and a longer build; recall.
EDGES, CANDIDATES = 16, 128

# FOR NO KEY UPDATE: who changes the row at this moment waits, so that the trigger has the last word.
_COPY = """
WITH missing AS MATERIALIZED (
  SELECT e.id, e.product_id, e.embedder, e.revision, e.vector FROM recommendations_imageembedding e
  WHERE e.id > %s AND e.status = 'ready' AND NOT EXISTS (
    SELECT FROM vogue_pgvector_photovector v
    WHERE v.embedding_id = e.id AND v.revision = e.revision AND v.embedder = e.embedder)
  ORDER BY e.id LIMIT %s FOR NO KEY UPDATE OF e
), copied AS (
  INSERT INTO vogue_pgvector_photovector (embedding_id, product_id, embedder, revision, vector)
  SELECT id, product_id, embedder, revision, vogue_halfvec(vector) FROM missing
  ON CONFLICT (embedding_id) DO UPDATE
  SET product_id = EXCLUDED.product_id, embedder = EXCLUDED.embedder, revision = EXCLUDED.revision,
      vector = EXCLUDED.vector
)
SELECT count(*), max(id) FROM missing
"""


class Hnsw(NamedTuple):
    """An HNSW index as the database has it. One whose making was broken off is not ``valid``."""

    valid: bool
    bytes: int


def copy_missing(on_progress: Progress | None = None, *, using: str = DEFAULT_DB_ALIAS) -> int:
    """Copy vectors that are not where pgvector finds them; return how many. May be stopped and run again."""
    copied, last = 0, -1
    while True:
        with transaction.atomic(using=using), connections[using].cursor() as cursor:
            cursor.execute(_COPY, [last, BATCH])
            count, newest = cursor.fetchone()
        if not count:
            return copied
        copied, last = copied + count, newest
        if on_progress:
            on_progress(f"{copied:,} vectors copied")


def index_name(embedder: str) -> str:
    """Return the name of this embedder's HNSW index: an embedder's own may be longer than PostgreSQL allows."""
    return f"vogue_hnsw_{hashlib.sha256(embedder.encode()).hexdigest()[:16]}"


def hnsw_indexes() -> dict[str, Hnsw]:
    """Return the HNSW indexes there are, by name. A look in the catalogue."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname, i.indisvalid, pg_relation_size(c.oid) FROM pg_index i"
            " JOIN pg_class c ON c.oid = i.indexrelid WHERE i.indrelid = %s::regclass",
            [TABLE],
        )
        return {name: Hnsw(*rest) for name, *rest in cursor.fetchall() if name.startswith("vogue_hnsw_")}


def make_index(embedder: str, dimensions: int) -> float:
    """Make this embedder's HNSW index; return the seconds it took. Searching and writing go on meanwhile.

    One index per embedder, over its rows alone: HNSW needs dimensions that are fixed, and a search that had to pass
    over another embedder's rows would find few.

    Raises:
        DatabaseError: PostgreSQL cannot; what it began is removed by the next call.
    """
    name = index_name(embedder)
    _drop(name)
    # Within a transaction (a test, say) it cannot be made concurrently.
    concurrently = "" if connection.in_atomic_block else "CONCURRENTLY"
    statement = sql.SQL(
        f"CREATE INDEX {concurrently} {{}} ON {TABLE} USING hnsw ((vector::halfvec({int(dimensions)}))"
        f" halfvec_cosine_ops) WITH (m = {EDGES}, ef_construction = {CANDIDATES}) WHERE embedder = {{}}"
    ).format(sql.Identifier(name), sql.Literal(embedder))
    started = time.monotonic()
    with connection.cursor() as cursor:
        cursor.execute(statement.as_string(connection.connection))
    return time.monotonic() - started


def drop_unused(embedders: set[str]) -> int:
    """Drop the indexes of all but these embedders; return how many."""
    kept = {index_name(embedder) for embedder in embedders}
    unused = [name for name in hnsw_indexes() if name not in kept]
    for name in unused:
        _drop(name)
    return len(unused)


def _drop(name: str) -> None:
    concurrently = "" if connection.in_atomic_block else "CONCURRENTLY"
    with connection.cursor() as cursor:
        cursor.execute(f"DROP INDEX {concurrently} IF EXISTS {connection.ops.quote_name(name)}")
