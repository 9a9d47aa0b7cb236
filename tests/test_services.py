"""The servers the tests use: real, and honest about what is missing."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest
import redis

from tests.conftest import FAULT_SECONDS
from tests.services import RedisServer


def test_a_missing_redis_is_a_skip_that_names_the_package(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("CI", "")
    with pytest.raises(pytest.skip.Exception, match="apt-get install redis-server"):
        RedisServer(tmp_path)


@pytest.mark.parametrize("value", ["1", "true", "True"])
def test_with_ci_set_a_missing_redis_is_a_failure(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, value: str) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("CI", value)
    with pytest.raises(pytest.fail.Exception, match="apt-get install redis-server"):
        RedisServer(tmp_path)


@pytest.mark.redis
def test_redis_can_be_stopped_frozen_and_started_again(redis_server: RedisServer) -> None:
    with redis.from_url(redis_server.url, socket_timeout=0.5) as client:
        client.set("a", "1")
        redis_server.freeze()
        with pytest.raises(redis.TimeoutError):
            client.get("a")
        redis_server.thaw()
        assert client.get("a") == b"1"
        redis_server.stop()
        assert not redis_server.answers()
        redis_server.start()
        assert client.get("a") is None


@pytest.mark.postgres
def test_postgresql_is_real_empty_and_has_pgvector(postgres_url: str) -> None:
    with psycopg.connect(postgres_url) as connection:
        tables = connection.execute("SELECT count(*) FROM information_schema.tables WHERE table_schema = 'public'")
        assert tables.fetchone() == (0,)
        connection.execute("CREATE EXTENSION vector")
        distance = connection.execute("SELECT '[1,0]'::vector <=> '[0,1]'::vector").fetchone()
        assert distance == (1.0,)


@pytest.mark.fault
def test_what_breaks_a_part_on_purpose_has_a_time_limit(request: pytest.FixtureRequest) -> None:
    limit = request.node.get_closest_marker("timeout")
    assert limit.args == (FAULT_SECONDS,)
