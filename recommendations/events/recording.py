"""Note an answer that is given, and what becomes of it, unless the visitor asks not to be followed."""

from __future__ import annotations

import logging
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.http import HttpRequest
from django.utils import timezone

from recommendations import conf
from recommendations.events import buffer, tokens
from recommendations.search import Answer

logger = logging.getLogger(__name__)

APP = "recommendations.events"
#: Programs that say they are no shopper.
_ROBOT = re.compile(r"bot\b|crawl|spider|slurp", re.IGNORECASE)


@dataclass(frozen=True)
class Given:
    """An answer that is noted. ``clicks``: a link may carry its token, the middleware takes it off again."""

    key: str
    kind: str
    clicks: bool

    def token(self, position: int, product: Any) -> str:
        """Return the token of the product shown at a position, from 1."""
        return tokens.sign(tokens.Shown(self.key, self.kind, position, str(product.pk)))


def wanted(request: HttpRequest | None) -> bool:
    """Return whether anything may be noted of this request.

    Not where the setting says no, the browser asks not to be followed (Do Not Track, Global Privacy Control), nobody
    looks (a page fetched ahead), or a robot does.
    """
    if request is None or not (apps.is_installed(APP) and conf.get("EVENTS")):
        return False
    told = request.headers
    if told.get("DNT") == "1" or told.get("Sec-GPC") == "1":
        return False
    if request.method == "HEAD" or "prefetch" in f"{told.get('Sec-Purpose', '')} {told.get('Purpose', '')}":
        return False
    return not _ROBOT.search(told.get("User-Agent", ""))


def answered(request: HttpRequest | None, kind: str, answer: Answer, origin: Any = None) -> Given | None:
    """Note an answer; return what its page carries, or None where nothing is noted. Never raises."""
    try:
        if not wanted(request):
            return None
        from recommendations.events.models import GivenAnswer  # noqa: PLC0415 (the app may not be installed)

        key = secrets.token_urlsafe(9)
        row = GivenAnswer(
            key=key,
            kind=kind,
            level=answer.level,
            results=len(answer),
            took_ms=round(sum(answer.took_ms.values()), 2),
            origin="" if origin is None else str(origin.pk)[:64],
            **_now(),
        )
        buffer.put([row])
        return Given(key, kind, clicks=hasattr(request, "vogue_clicks"))
    except Exception:
        logger.exception("An answer is not noted")
        return None


def happened(seen: Iterable[str] = (), clicked: Iterable[str] = ()) -> None:
    """Note what was seen and clicked, by its tokens. What is clicked has been seen; a forged token is nothing."""
    from recommendations.events.models import Event  # noqa: PLC0415 (the app may not be installed)

    clicks = [shown for token in clicked if (shown := tokens.read(token))]
    looks = [shown for token in seen if (shown := tokens.read(token))]
    now = _now()
    rows = [
        Event(**shown._asdict(), action=action, **now)
        for action, some in ((Event.Action.SEEN, [*looks, *clicks]), (Event.Action.CLICKED, clicks))
        for shown in some
    ]
    if rows:
        buffer.put(rows)


def _now() -> dict[str, Any]:
    """Return the day and the hour, and nothing finer."""
    now = timezone.localtime()
    return {"day": now.date(), "hour": now.hour}
