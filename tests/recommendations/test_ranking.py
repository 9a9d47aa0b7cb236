from __future__ import annotations

from collections.abc import Collection

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommendations import ranking
from recommendations.indexes.base import Neighbor

#: Photos 1 to 6, best first; photos 1 and 3 are of shirt, 2 and 5 of coat, 4 of hat, 6 of nothing that may be shown.
PHOTOS = [Neighbor(n, 1 - n / 10) for n in range(1, 7)]
OWNERS = {1: "shirt", 2: "coat", 3: "shirt", 4: "hat", 5: "coat"}


def found(wanted: int, styles: dict[str, str] | None = None, without: Collection[str] = ()) -> dict[str, int]:
    best = ranking.best_of_each(PHOTOS, OWNERS, styles or {}, wanted, without=without)
    return {product: neighbor.embedding_id for product, neighbor in best.items()}


def test_a_product_stands_once_with_its_best_photo() -> None:
    assert found(9) == {"shirt": 1, "coat": 2, "hat": 4}
    assert list(found(2)) == ["shirt", "coat"]


def test_of_a_style_the_best_product_stands() -> None:
    assert found(9, {"coat": "wool", "hat": "wool"}) == {"shirt": 1, "coat": 2}
    assert found(9, {"shirt": "wool", "coat": "wool"}) == {"shirt": 1, "hat": 4}


def test_a_style_that_is_left_out_makes_room_for_the_next() -> None:
    assert found(1, {"shirt": "linen"}, without=["linen"]) == {"coat": 2}
    # What has no style is left in, whatever is left out.
    assert found(9, {"shirt": "linen"}, without=()) == {"shirt": 1, "coat": 2, "hat": 4}


def test_a_style_may_be_called_as_a_product_is() -> None:
    assert found(9, {"coat": "shirt", "hat": "coat"}) == {"shirt": 1, "coat": 2, "hat": 4}


@given(st.integers(1, 10**6), st.integers(0, 100), st.integers(1, 1000))
def test_a_pool_that_held_too_few_is_followed_by_a_larger_one_within_bounds(pool: int, held: int, wanted: int) -> None:
    larger = ranking.next_pool(pool, held, wanted)
    assert 4 * pool <= larger <= 16 * pool


def test_the_fewer_a_pool_held_the_larger_the_next() -> None:
    assert ranking.next_pool(32, 4, 5) == 128
    assert ranking.next_pool(32, 1, 5) == 240
    assert ranking.next_pool(32, 0, 50) == 512


# East, almost east, north-east, north: cosines with a query that looks east are 1, 0.98, 0.71 and 0.
ANGLES = np.radians([0, 11, 45, 90])
COMPASS = np.stack([np.cos(ANGLES), np.sin(ANGLES)], axis=1).astype(np.float32)
SCORES = COMPASS[:, 0].astype(np.float64)


def test_without_diversity_the_order_stays() -> None:
    assert ranking.diverse(SCORES, COMPASS, 4, 0) == [0, 1, 2, 3]


def test_half_diversity_prefers_what_is_not_there_yet() -> None:
    # After east: 0.98 - 0.98 = 0 for almost east, 0.71 - 0.71 = 0 for north-east, 0 - 0 = 0 for north; a hair more
    # diversity and the furthest wins.
    assert ranking.diverse(SCORES, COMPASS, 2, 0.51) == [0, 3]
    # 0.7 of 0.98 less 0.3 of 0.98 beats 0.7 of 0.71 less 0.3 of 0.71.
    assert ranking.diverse(SCORES, COMPASS, 2, 0.3) == [0, 1]


def test_full_diversity_takes_what_is_least_like_the_chosen() -> None:
    # North is opposite enough; then north-east, 45 degrees from both; almost east is 11 degrees from east.
    assert ranking.diverse(SCORES, COMPASS, 4, 1) == [0, 3, 2, 1]


def test_duplicates_come_last() -> None:
    vectors = COMPASS[[0, 0, 0, 2]]
    assert ranking.diverse(vectors[:, 0].astype(float), vectors, 4, 0.6)[:2] == [0, 3]


def test_nothing_to_choose_from_is_no_choice() -> None:
    assert ranking.diverse(np.empty(0), np.empty((0, 2), np.float32), 5, 0.5) == []


@given(st.integers(0, 2**32), st.integers(1, 12), st.integers(1, 8), st.floats(0, 1))
def test_it_chooses_as_the_formula_says(seed: int, count: int, k: int, diversity: float) -> None:
    draw = np.random.default_rng(seed)
    vectors = draw.normal(size=(count, 4))
    vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    scores = np.sort(draw.uniform(-1, 1, count))[::-1]
    chosen = ranking.diverse(scores, vectors, k, diversity)
    assert len(chosen) == len(set(chosen)) == min(k, count)
    assert chosen[0] == 0
    for turn in range(1, len(chosen)):
        left = [place for place in range(count) if place not in chosen[:turn]]
        worth = {
            place: (1 - diversity) * scores[place]
            - diversity * max(float(vectors[place] @ vectors[before]) for before in chosen[:turn])
            for place in left
        }
        assert worth[chosen[turn]] == pytest.approx(max(worth.values()), abs=1e-5)
