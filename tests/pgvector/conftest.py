"""These tests need a whole process on PostgreSQL with pgvector: tests/test_on_postgresql.py starts one."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator

import numpy as np
import pytest
from django.db import connection
from numpy.typing import NDArray

from recommendations.indexes.base import Neighbor

if os.environ.get("VOGUE_INDEX") == "pgvector":
    from recommendations.pgvector_backend import upkeep
    from recommendations.pgvector_backend.index import PgvectorIndex
    from tests.pgvector.rows import EMBEDDER, put

    class ThreadedIndex(PgvectorIndex):
        """Closes the connection of a thread that a test started, as Django does after a request."""

        def query(self, vector: NDArray[np.float32], k: int, *, embedder: str) -> list[Neighbor]:
            try:
                return super().query(vector, k, embedder=embedder)
            finally:
                if threading.current_thread() is not threading.main_thread():
                    connection.close()

else:
    collect_ignore_glob = ["test_*.py"]


@pytest.fixture
def build(db: None) -> Iterator[Callable[..., PgvectorIndex]]:
    """Return ``build(ids, vectors)`` → index of these embeddings, with its HNSW index."""

    def made(ids: NDArray[np.int64], vectors: NDArray[np.float32]) -> PgvectorIndex:
        put(vectors, ids=ids.tolist())
        if len(ids):
            upkeep.make_index(EMBEDDER, vectors.shape[1])
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        return ThreadedIndex(EMBEDDER)

    yield made
    upkeep.drop_unused(set())


@pytest.fixture
def graph_only(transactional_db: None) -> Iterator[None]:
    """Make PostgreSQL walk the HNSW graph wherever it can, in every connection, however few rows there are."""
    name = connection.ops.quote_name(str(connection.settings_dict["NAME"]))
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER DATABASE {name} SET enable_sort = off")
    connection.close()
    yield
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER DATABASE {name} RESET enable_sort")
    connection.close()
