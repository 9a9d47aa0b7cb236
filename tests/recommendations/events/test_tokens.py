"""Only what was shown can be counted."""

from __future__ import annotations

import time

import pytest
from django.core import signing

from recommendations.events import tokens
from recommendations.events.tokens import Shown

SHOWN = Shown("a" * 12, "photo", 3, "42")


def test_a_token_says_what_was_shown() -> None:
    assert tokens.read(tokens.sign(SHOWN)) == SHOWN


@pytest.mark.parametrize("place", [0, 10, -1, -10])
def test_a_token_with_another_character_says_nothing(place: int) -> None:
    token = tokens.sign(SHOWN)
    letters = list(token)
    letters[place] = "A" if letters[place] != "A" else "B"
    assert tokens.read("".join(letters)) is None


@pytest.mark.parametrize("token", ["", ":", "a:b:c", "\0", "é", "a" * 100_000, signing.dumps([1, 2], salt="other")])
def test_what_is_no_token_says_nothing(token: str) -> None:
    assert tokens.read(token) is None
    assert not tokens.is_ours(token)


def test_what_was_signed_for_something_else_says_nothing() -> None:
    assert tokens.read(signing.dumps(["a", "photo"], salt=tokens.SALT)) is None


def test_a_page_that_was_left_open_for_a_day_counts_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    token = tokens.sign(SHOWN)
    later = time.time() + tokens.SECONDS + 1
    monkeypatch.setattr(time, "time", lambda: later)
    assert tokens.read(token) is None
    assert tokens.is_ours(token)


def test_a_token_of_a_long_product_key_is_short_enough_to_be_read() -> None:
    shown = Shown("a" * 12, "api_similar", 100, "x" * 64)
    assert tokens.read(tokens.sign(shown)) == shown
