"""Where the database keeps the index there is no release to keep match levels with: they have a row of their own."""

from __future__ import annotations

from typing import Any

import pytest

from recommendations import current, indexing, search
from recommendations.exceptions import EngineError
from recommendations.indexing import calibrating
from recommendations.pgvector_backend.models import MatchCalibration
from recommendations.status import index_status
from tests.factories import make_product
from tests.pictures import picture
from tests.recommendations.shop import embed_all

pytestmark = [pytest.mark.postgres, pytest.mark.django_db, pytest.mark.usefixtures("colours")]


@pytest.fixture(autouse=True)
def shop(colours: Any, monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    """Make a shop of warm colours that is large enough to calibrate."""
    monkeypatch.setattr(calibrating, "LEAST_PRODUCTS", 8)
    monkeypatch.setattr(calibrating, "PICTURES", 12)
    settings.VOGUE = {**settings.VOGUE, "CALIBRATION_PRODUCTS": 11}
    for n in range(12):
        make_product((250, 40 + 12 * n, 10))
    embed_all()


def test_upkeep_calibrates_and_search_goes_by_it() -> None:
    assert indexing.build_wanted()
    assert current.match_levels().as_record() == current.preset_levels().as_record()
    indexing.refresh_index()
    row = MatchCalibration.objects.get()
    assert row.embedder == "mean-colour-3"
    current.forget()  # as another process, or this one half a minute later
    assert current.match_levels().as_record() == row.record
    status = index_status().levels
    assert status is not None
    assert status.facts["photos"] == 11
    assert search.search_by_image(picture((5, 20, 250))).level == "none"
    assert search.search_by_image(picture((250, 64, 10))).level == "same"
    assert not indexing.build_wanted()


def test_a_calibration_that_failed_is_tried_again_only_when_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> Any:
        raise EngineError("no engine here")

    working = current.embedder
    monkeypatch.setattr(current, "embedder", broken)
    indexing.refresh_index()
    current.forget()
    assert not indexing.build_wanted()
    assert current.match_levels().as_record() == current.preset_levels().as_record()
    monkeypatch.setattr(current, "embedder", working)
    indexing.refresh_index()
    current.forget()
    assert current.match_levels().facts["photos"] == 11
