"""One real network takes over from another, while the shop serves and a process of its own computes the new vectors."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable

import pytest

from tests.e2e.shop import Response, Shop
from tests.e2e.test_life_of_a_product import ask
from tests.services import wait_for

pytestmark = [pytest.mark.network, pytest.mark.timeout(600)]

#: 2,048 dimensions of 224 pixels, against 256 of 128: where they met, nothing would fit.
NEXT = "random"


class Visitor(threading.Thread):
    """Searches with one product's photo and looks at its strip, over and over."""

    def __init__(self, shop: Shop, product: int, photo: bytes) -> None:
        super().__init__()
        self.shop, self.product, self.photo = shop, product, photo
        self.over = threading.Event()
        self.seen: list[tuple[str, str]] = []
        self.wrong: list[str] = []

    def run(self) -> None:
        while not self.over.wait(0.05):
            self.note(self.shop.post("/api/v1/search/photo/", {"k": "5"}, {"image": self.photo}), holds_it=True)
            self.note(self.shop.get(f"/api/v1/products/{self.product}/similar/?k=5"), holds_it=False)

    def note(self, response: Response, *, holds_it: bool) -> None:
        """Note who answered; what is not five results, the product itself at their head or not at all, is wrong."""
        answer = response.json()
        results = [(result["product"]["id"], result["score"]) for result in answer.get("results", ())]
        at_head = bool(results) and results[0][0] == self.product and results[0][1] > 0.99
        held = self.product in dict(results)
        if response.status == 200 and len(results) == 5 and (at_head, held) == (holds_it, holds_it):
            self.seen.append((answer["embedder"], answer["release"]))
        else:
            self.wrong.append(response.text)

    def goes_on(self) -> bool:
        """Return whether ten more searches have been answered, as soon as they are."""
        told = len(self.seen) + len(self.wrong)
        wait_for(lambda: len(self.seen) + len(self.wrong) >= told + 20, "a visitor's searches", seconds=120)
        return not self.wrong


def test_the_network_is_exchanged_while_the_shop_serves(open_shop: Callable[..., Shop]) -> None:
    shop = open_shop()
    product, photo = ask(
        shop,
        "SELECT p.id, i.image FROM catalog_product p JOIN catalog_productimage i ON i.product_id = p.id "
        "WHERE i.position = 0 ORDER BY p.id LIMIT 1",
    )[0]
    ((before,),) = ask(shop, "SELECT name FROM recommendations_indexrelease WHERE live")
    # Started anew, with the new settings.
    shop.start("web", env={"VOGUE_WEIGHTS": NEXT})
    visitor = Visitor(shop, int(str(product)), (shop.folder / "media" / str(photo)).read_bytes())
    visitor.start()
    try:
        assert visitor.goes_on()
        shop.manage("embed_products", VOGUE_WEIGHTS=NEXT)
        assert visitor.goes_on()
        assert {release for _, release in visitor.seen} == {before}
        shop.manage("rebuild_index", VOGUE_WEIGHTS=NEXT)
        ((after,),) = ask(shop, "SELECT name FROM recommendations_indexrelease WHERE live")
        wait_for(lambda: visitor.seen[-1][1] == after, "the new network answering", seconds=120)
        assert visitor.goes_on()
    finally:
        visitor.over.set()
        visitor.join()
    assert visitor.wrong == []
    (old, old_release), (new, new_release) = [turn for turn, _ in itertools.groupby(visitor.seen)]
    assert (old_release, new_release) == (before, after)
    assert "-fashion-" in old
    assert "-random-" in new
