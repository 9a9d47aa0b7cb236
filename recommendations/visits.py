"""What one visitor looked at, newest first: product keys in the Django session, and nowhere else.

No account, no profile, no time of day. The session begins with the first product that is looked at, and ends with one
click (``forget``), with the session itself, or when the shop clears its sessions.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest

from recommendations.gallery import get_gallery

KEY = "vogue_seen"
#: Products remembered: what was looked at before them says little about what is looked for now.
MOST = 12
#: Who follows every link of a shop looks for nothing; each would leave a session behind.
_MACHINES = re.compile(r"bot\b|crawl|spider|slurp|preview|monitor", re.IGNORECASE)


def remember(request: HttpRequest, product: Any) -> None:
    """Put the product first among what this visitor looked at.

    Not where nobody looks: a page fetched ahead of a click, or read by a machine that says it is one. Nothing happens
    in a shop without sessions.
    """
    session = getattr(request, "session", None)
    if session is None or _nobody_looks(request):
        return
    key = str(product.pk)
    known = _keys(request)
    if known[:1] != [key]:
        session[KEY] = [key, *(other for other in known if other != key)][:MOST]


def seen(request: HttpRequest | None, *, but: Any = None) -> list[Any]:
    """Return the keys of the products this visitor looked at, newest first, without those that cannot be keys.

    Args:
        but: a product to leave out: the one that is looked at now.
    """
    if request is None:
        return []
    convert = get_gallery().products().model._meta.pk.to_python
    found = []
    for key in _keys(request):
        try:
            found.append(convert(key))
        except ValidationError:
            continue  # the shop's keys were of another kind
    return [key for key in found if but is None or key != but.pk]


def forget(request: HttpRequest) -> None:
    """Forget what this visitor looked at; a session that held nothing else goes, with its cookie."""
    session = getattr(request, "session", None)
    if session is None or KEY not in session:
        return
    del session[KEY]
    if not session.keys():
        session.flush()


def _keys(request: HttpRequest) -> Sequence[str]:
    # Whatever the session holds: it may be of another release of the shop, and with signed cookies the visitor has it.
    kept = getattr(request, "session", {}).get(KEY)
    return [key for key in kept if isinstance(key, str)][:MOST] if isinstance(kept, list) else []


def _nobody_looks(request: HttpRequest) -> bool:
    ahead = request.headers.get("Sec-Purpose", "") + request.headers.get("Purpose", "")
    return "prefetch" in ahead or bool(_MACHINES.search(request.headers.get("User-Agent", "")))
