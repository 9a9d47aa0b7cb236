"""What a page's script may tell: signed, small, not too often; and nothing it tells breaks anything."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client

from recommendations.events import recording, tokens
from recommendations.events.models import Event
from recommendations.events.views import FORM, MOST_BYTES, MOST_TOKENS, EventThrottle

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("counting")]
URL = "/events/"


def token(position: int = 1, **changes: Any) -> str:
    return tokens.sign(tokens.Shown("a" * 12, "photo", position, "7")._replace(**changes))


def tell(client: Client, *events: tuple[str, str], **extra: Any) -> int:
    return client.post(URL, urlencode(events), content_type=FORM, **extra).status_code


def test_what_was_seen_and_clicked_is_written(client: Client) -> None:
    assert tell(client, ("seen", token(1)), ("seen", token(2)), ("clicked", token(2)), ("clicked", token(3))) == 204
    rows = Event.objects.order_by("position", "action").values_list("position", "action", "kind", "product")
    assert list(rows) == [
        (1, "seen", "photo", "7"),
        (2, "clicked", "photo", "7"),
        (2, "seen", "photo", "7"),
        (3, "clicked", "photo", "7"),
        (3, "seen", "photo", "7"),
    ]


def test_it_asks_for_no_csrf_token_and_sets_no_cookie() -> None:
    client = Client(enforce_csrf_checks=True)
    assert tell(client, ("seen", token())) == 204
    assert not client.cookies
    assert Event.objects.count() == 1


def test_forged_events_are_refused(client: Client) -> None:
    forged = token()[:-4] + "AAAA"
    assert tell(client, ("seen", forged), ("clicked", "1:2:3"), ("clicked", ""), ("bought", token())) == 204
    assert not Event.objects.exists()


def test_telling_again_counts_once(client: Client) -> None:
    for _ in range(3):
        tell(client, ("seen", token()))
    assert Event.objects.count() == 1


def test_too_large_a_message_is_refused_unread(client: Client) -> None:
    assert tell(client, ("seen", "x" * MOST_BYTES)) == 413
    assert client.post(URL, "seen=x", content_type=FORM, CONTENT_LENGTH="-1").status_code == 413


def test_no_more_than_a_hundred_are_read(client: Client) -> None:
    assert tell(client, *[("seen", token(n)) for n in range(1, MOST_TOKENS + 50)]) == 204
    assert Event.objects.count() == MOST_TOKENS


def test_only_a_form_is_read(client: Client) -> None:
    assert client.post(URL, {"seen": token()}).status_code == 415
    assert client.post(URL, "{}", content_type="application/json").status_code == 415
    assert client.get(URL).status_code == 405
    many = "&".join(["a=1"] * 2000)
    assert client.post(URL, many, content_type=FORM).status_code == 400
    assert not Event.objects.exists()


def test_who_tells_too_often_is_sent_away(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(EventThrottle, "get_rate", lambda self: "3/min")
    assert [tell(client, ("seen", token(n))) for n in range(1, 6)] == [204, 204, 204, 429, 429]
    assert Event.objects.count() == 3


@pytest.mark.parametrize("header", ["DNT", "Sec-GPC"])
def test_who_asks_not_to_be_followed_is_not(client: Client, header: str) -> None:
    assert tell(client, ("seen", token()), headers={header: "1"}) == 204
    assert not Event.objects.exists()


def test_a_fault_is_logged_and_answered_with_nothing(
    client: Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(recording, "happened", lambda **events: 1 / 0)
    assert tell(client, ("seen", token())) == 204
    assert "Events are not noted" in caplog.text
