"""What a cosine means: levels, groups, the lean of a query, and records that survive a database."""

from __future__ import annotations

import json

import numpy as np
import pytest

from recommendations.levels import MatchLevels, Steps, from_record

PLAIN = MatchLevels(Steps(0.9, 0.7, 0.5))
LEANING = MatchLevels(
    Steps(0.9, 0.7, 0.5), {"shoes": Steps(0.99, 0.95, 0.9)}, np.array([0.5, 0], np.float32), 0.1, {"photos": 3}
)


@pytest.mark.parametrize(
    ("cosine", "level"), [(1, "same"), (0.9, "same"), (0.89, "close"), (0.7, "close"), (0.5, "similar"), (0.49, "none")]
)
def test_a_level_begins_at_its_least_cosine(cosine: float, level: str) -> None:
    assert PLAIN.level(cosine) == level


def test_a_query_that_leans_away_from_products_needs_more_to_be_similar() -> None:
    towards, away = np.array([1, 0], np.float32), np.array([-1, 0], np.float32)
    assert LEANING.lean(towards) == pytest.approx(0.4)
    assert LEANING.lean(away) == pytest.approx(-0.6)
    assert LEANING.level(0.6, LEANING.lean(towards)) == "similar"
    assert LEANING.level(0.6, LEANING.lean(away)) == "none"
    # However near the nearest product: it is a picture of none.
    assert LEANING.level(0.95, LEANING.lean(away)) == "none"
    assert PLAIN.lean(towards) == 0


def test_a_group_has_levels_of_its_own_and_others_share_the_rest() -> None:
    assert LEANING.level(0.92, group="shoes") == "similar"
    assert LEANING.level(0.92, group="bags") == LEANING.level(0.92) == "same"


def test_levels_come_back_from_json_as_they_were() -> None:
    found = from_record(json.loads(json.dumps(LEANING.as_record())))
    assert found is not None
    assert (found.steps, found.groups, found.offset, found.facts) == (
        LEANING.steps,
        LEANING.groups,
        LEANING.offset,
        LEANING.facts,
    )
    assert found.lean(np.array([1, 0], np.float32)) == LEANING.lean(np.array([1, 0], np.float32))
    plain = from_record(PLAIN.as_record())
    assert plain is not None
    assert plain.direction is None


@pytest.mark.parametrize(
    "change",
    [
        {"format": 2},
        {"steps": [1, 2]},
        {"steps": [1, 2, float("nan")]},
        {"direction": "?"},
        {"direction": "AAA="},
        {"direction": "AADAfw=="},  # not a number
        {"groups": {"a": None}},
        {"offset": None},
    ],
)
def test_a_damaged_record_counts_as_none(change: dict[str, object]) -> None:
    assert from_record({**LEANING.as_record(), **change}) is None


@pytest.mark.parametrize("record", [None, {}, [], "levels"])
def test_what_is_no_record_counts_as_none(record: object) -> None:
    assert from_record(record) is None


def test_a_direction_of_another_length_is_not_used() -> None:
    assert LEANING.lean(np.array([-1, 0, 0], np.float32)) == 0


def test_they_say_where_they_come_from() -> None:
    assert "preset" in PLAIN.origin
    assert "3 simulated photos" in LEANING.origin
