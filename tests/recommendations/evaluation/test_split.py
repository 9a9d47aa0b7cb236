"""The split by product family."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommendations.evaluation.split import COLOURS, SIDES, SIZES, family_of, side

KINDS = ("Plain", "Classic", "Sport", "Urban")


@pytest.mark.parametrize(
    "sister",
    [
        "Nike Men Red Running Shoes",
        "NIKE Men's Navy Blue Running Shoe",
        "nike men running shoes 44",
        "Nike Men Running Shoes, Pack of 2 (XL)",
        "Nike Men Air2 Running-Shoes",
    ],
)
def test_variants_of_a_product_are_one_family(sister: str) -> None:
    assert family_of(sister) == family_of("Nike Men Black Running Shoes")


@pytest.mark.parametrize(
    "other", ["Puma Men Black Running Shoes", "Nike Women Black Running Shoes", "Nike Men Black Cap"]
)
def test_another_brand_gender_or_kind_is_another_family(other: str) -> None:
    assert family_of(other) != family_of("Nike Men Black Running Shoes")


def test_a_tshirt_is_written_in_many_ways() -> None:
    ways = {family_of(f"Lee {way}") for way in ("Tshirt", "T-Shirt", "T shirts", "Tee-shirt", "TSHIRTS")}
    assert ways == {"lee tshirt"}


def test_a_brand_kept_apart_counts_as_one_in_the_name() -> None:
    assert family_of("Red Polo", "Lacoste") == family_of("Lacoste Blue Polo") == family_of("Lacoste Polo", "LACOSTE")


def test_a_name_of_nothing_but_a_colour_and_a_number_is_a_family_of_its_own() -> None:
    assert family_of("Red 42") == "red 42"
    assert family_of("Blue 42") != family_of("Red 42")


@given(st.text(max_size=60), st.sampled_from(sorted(COLOURS | SIZES)), st.integers(0, 99999))
def test_colours_sizes_and_numbers_never_move_a_product(name: str, word: str, number: int) -> None:
    name = f"shirt {name}"
    assert side(family_of(f"{word} {number} {name} {word.upper()}")) == side(family_of(name))


def test_the_split_is_fixed_for_good() -> None:
    # Figures published with this split stay comparable only as long as these hold.
    names = ["Puma Men Black Shirt", "Catwalk Women Heels", "Fastrack Women Black Dial Watch", "Lee Jeans", "Biba Top"]
    sides = {f"{name} {kind}": side(family_of(f"{name} {kind}")) for name in names for kind in KINDS}
    assert {name for name, part in sides.items() if part == "test"} == {"Catwalk Women Heels Classic", "Biba Top Sport"}
    assert {name for name, part in sides.items() if part == "validation"} == {"Lee Jeans Sport", "Lee Jeans Urban"}


def test_the_shares_are_kept_over_many_families() -> None:
    found = [side(f"family {n}") for n in range(20_000)]
    shares = {part: found.count(part) / len(found) for part in SIDES}
    assert shares == pytest.approx({"train": 0.80, "validation": 0.05, "test": 0.15}, abs=0.01)
    assert {side(f"family {n}", test_share=1, validation_share=0) for n in range(50)} == {"test"}


def test_a_larger_test_takes_from_the_others_and_gives_nothing_back() -> None:
    families = [f"family {n}" for n in range(2_000)]
    held_out = {family for family in families if side(family) == "test"}
    assert held_out < {family for family in families if side(family, test_share=0.3) == "test"}


@pytest.mark.parametrize("shares", [(-0.1, 0.05), (0.9, 0.2)])
def test_shares_that_are_no_parts_of_one_are_refused(shares: tuple[float, float]) -> None:
    with pytest.raises(ValueError, match="parts of 1"):
        side("a family", test_share=shares[0], validation_share=shares[1])
