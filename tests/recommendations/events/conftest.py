"""A shop that counts."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.fixture
def counting(settings: Any) -> None:
    """Count, and write at once, in the request's own connection."""
    settings.VOGUE = {**settings.VOGUE, "EVENTS": True, "EVENT_SECONDS": 0}
