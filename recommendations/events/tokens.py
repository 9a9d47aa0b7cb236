"""What a page carries of an answer: a signed token for each product, so that nobody counts what was not shown."""

from __future__ import annotations

from typing import NamedTuple

from django.core import signing

SALT = "vogue.event"
#: A page that was left open longer than this counts no more.
SECONDS = 86_400
#: Longest token that is looked at.
MOST = 400


class Shown(NamedTuple):
    """One product of one answer, at its position from 1."""

    answer: str
    kind: str
    position: int
    product: str


def sign(shown: Shown) -> str:
    """Return the token."""
    return signing.dumps(list(shown), salt=SALT)


def read(token: str) -> Shown | None:
    """Return what was shown, or None where the token is forged or too old."""
    if len(token) > MOST:
        return None
    try:
        answer, kind, position, product = signing.loads(token, salt=SALT, max_age=SECONDS)
    except (signing.BadSignature, ValueError):
        return None
    return Shown(answer, kind, position, product)


def is_ours(token: str) -> bool:
    """Return whether we signed it, however long ago."""
    try:
        signing.TimestampSigner(salt=SALT).unsign(token[:MOST])
    except signing.BadSignature:
        return False
    return True
