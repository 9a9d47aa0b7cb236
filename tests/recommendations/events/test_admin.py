"""The page of searches and clicks: true numbers, for those who may see them, without a script or a style in it."""

from __future__ import annotations

import csv
import io
import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.utils import timezone

from catalog.models import Product
from recommendations.events.models import Event, GivenAnswer
from recommendations.events.report import Report
from recommendations.events.tables import harmless
from tests.factories import make_product

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("counting")]
URL = "/admin/vogue_events/givenanswer/"


def give(kind: str, level: str = "close", *, ago: int = 0, took: float = 5.0, origin: Any = "", n: int = 1) -> None:
    """Note ``n`` answers."""
    for _ in range(n):
        GivenAnswer.objects.create(
            key=f"{GivenAnswer.objects.count():012d}",
            kind=kind,
            level=level,
            results=3,
            took_ms=took,
            origin=str(origin),
            day=timezone.localdate() - timedelta(ago),
            hour=9,
        )


def see(product: Any, position: int, *, times: int = 1, clicks: int = 0, kind: str = "strip", ago: int = 0) -> None:
    """Have the product seen at a position, and clicked a few of these times."""
    day = timezone.localdate() - timedelta(ago)
    for n in range(times):
        for action in ["seen", *(["clicked"] if n < clicks else [])]:
            Event.objects.create(
                answer=f"{Event.objects.count():012d}",
                kind=kind,
                position=position,
                product=str(product),
                action=action,
                day=day,
                hour=9,
            )


@pytest.fixture
def products() -> list[Product]:
    """Two products, their events, and answers of three days."""
    first, second = make_product("red", name="Red shirt"), make_product("blue", name='Blue "shirt" <b>')
    give("strip", origin=first.pk, n=3)
    give("strip", origin=second.pk, ago=1)
    give("photo", "none", ago=1, took=900.0)
    give("photo", "same", ago=2, took=20.0, n=3)
    see(first.pk, 1, times=10, clicks=4)
    see(second.pk, 2, times=10, clicks=1, ago=1)
    return [first, second]


def page(client: Client, **asked: str) -> str:
    response = client.get(URL, asked)
    assert response.status_code == 200
    return str(response.content.decode())


def table(client: Client, name: str, **asked: str) -> list[list[str]]:
    response = client.get(f"{URL}{name}.csv", asked)
    assert response.status_code == 200
    text = b"".join(response.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    return list(csv.reader(io.StringIO(text)))


def test_a_shop_without_events_says_so(admin_client: Client) -> None:
    text = page(admin_client)
    assert "Nothing to show for these days yet" in text
    assert "Everything is deleted after 90 days" in text
    assert "<svg class=" not in text


def test_the_report_adds_up(products: list[Product]) -> None:
    today = timezone.localdate()
    report = Report(today - timedelta(6), today)
    assert [sum(day.answers.values()) for day in report.by_day] == [0, 0, 0, 0, 3, 2, 3]
    assert [day.share for day in report.by_day][-3:] == [0.0, 1.0, None]
    assert [(row.number, row.seen, row.clicked, row.rate) for row in report.positions] == [
        (1, 10, 4, 0.4),
        (2, 10, 1, 0.1),
    ]
    assert report.totals == {"answers": 8, "photos": 4, "none": 0.25, "seen": 20, "clicked": 5, "rate": 0.25}
    assert [(row.name, row.seen, row.clicked) for row in report.products] == [
        ("Red shirt", 10, 4),
        ('Blue "shirt" <b>', 10, 1),
    ]
    assert [(row.key, row.clicked) for row in report.clicked] == [(str(products[0].pk), 4), (str(products[1].pk), 1)]
    assert [(row.key, row.asked) for row in report.origins] == [(str(products[0].pk), 3), (str(products[1].pk), 1)]
    assert [answer.took_ms for answer in report.slowest][:2] == [900.0, 20.0]
    speeds = {row.kind: (row.answers, row.median, row.p95) for row in report.speeds}
    assert speeds == {"strip": (4, 5.0, 5.0), "photo": (4, 20.0, 900.0)}


def test_one_kind_and_one_day_are_told_apart(products: list[Product]) -> None:
    today = timezone.localdate()
    assert Report(today, today).totals["answers"] == 3
    assert Report(today - timedelta(6), today, "photo").totals["answers"] == 4
    assert Report(today - timedelta(6), today, "photo").positions == []
    assert Report(today - timedelta(1), today - timedelta(1), "strip").totals["answers"] == 1


def test_the_page_shows_it_without_script_or_style(admin_client: Client, products: list[Product]) -> None:
    text = page(admin_client)
    assert text.count('<svg class="chart"') == 3
    assert "Red shirt" in text
    assert "Blue &quot;shirt&quot; &lt;b&gt;" in text
    main = text[text.index('class="events-report"') :]
    assert " style=" not in main
    assert "<style" not in main
    assert not re.search(r"<script(?![^>]*\bsrc=)", main)
    assert not re.search(r"\son\w+=", main)
    assert "900.0" in main


def test_the_page_in_german_has_drawings_a_browser_can_read(admin_client: Client, products: list[Product]) -> None:
    response = admin_client.get(URL, headers={"Accept-Language": "de"})
    text = response.content.decode()
    assert "Antworten pro Tag" in text
    assert "900,0" in text
    drawings = "".join(re.findall(r'<svg class="chart".*?</svg>', text, re.DOTALL))
    numbers = re.findall(r'\s(?:x|y|x1|x2|y1|y2|width|height|viewBox)="([^"]*)"', drawings)
    assert len(numbers) > 20
    assert all(re.fullmatch(r"[\d. ]+", number) for number in numbers)


def test_a_product_that_is_gone_is_said_to_be(admin_client: Client) -> None:
    see("987654", 1)
    see("no-key-at-all", 1)
    text = page(admin_client)
    assert "No. 987654, no longer in the shop" in text
    assert "No. no-key-at-all, no longer in the shop" in text


@pytest.mark.parametrize(
    ("asked", "error"),
    [
        ({"first": "2026-02-02", "last": "2026-01-01"}, "This is before the first day."),
        ({"first": "0001-01-01", "last": "9999-12-31"}, "This is too long"),
        ({"first": "yesterday"}, "Enter a valid date."),
        ({"last": "0001-01-01"}, ""),
        ({"kind": "<script>"}, "Select a valid choice"),
    ],
)
def test_what_is_asked_wrongly_is_said(admin_client: Client, asked: dict[str, str], error: str) -> None:
    text = page(admin_client, **asked)
    assert error in text
    assert "<script>" not in text[text.index('class="events-report"') :]
    assert admin_client.get(f"{URL}days.csv", asked).status_code == 200


def test_a_long_period_shares_bars(admin_client: Client) -> None:
    give("strip", ago=300, n=2)
    give("strip")
    last = timezone.localdate()
    text = page(admin_client, first=(last - timedelta(364)).isoformat(), last=last.isoformat())
    assert text.count('class="bar bar-kind-strip" x=') == 2


def test_tables_for_a_spreadsheet(admin_client: Client, products: list[Product]) -> None:
    days = table(admin_client, "days")
    assert len(days) == 31
    assert days[0][:2] == ["day", "strip"]
    assert days[-1][:2] == [timezone.localdate().isoformat(), "3"]
    assert table(admin_client, "positions")[1:] == [["1", "10", "4", "0.4"], ["2", "10", "1", "0.1"]]
    assert table(admin_client, "products")[1:] == [
        [str(products[0].pk), "Red shirt", "10", "4", "3"],
        [str(products[1].pk), 'Blue "shirt" <b>', "10", "1", "1"],
    ]
    assert table(admin_client, "answers")[1][2:6] == ["photo", "none", "3", "900.0"]
    assert admin_client.get(f"{URL}users.csv").status_code == 404


def test_no_cell_of_a_table_is_a_formula(admin_client: Client) -> None:
    for name in ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", " =cmd|' /C calc'!A0"):
        see(make_product("red", name=name).pk, 1)
    names = [row[1] for row in table(admin_client, "products")[1:]]
    assert len(names) == 6
    assert all(name.startswith("'") for name in names)
    assert harmless("Red = nice") == "Red = nice"
    assert harmless(-5) == -5


def test_only_staff_with_the_permission_may_look(client: Client, products: list[Product]) -> None:
    paths = [URL, *(f"{URL}{name}.csv" for name in ("days", "positions", "products", "answers"))]
    assert all(client.get(path).status_code == 302 for path in paths)
    staff = User.objects.create_user("staff", is_staff=True)
    client.force_login(staff)
    assert all(client.get(path).status_code == 403 for path in paths)
    staff.user_permissions.add(Permission.objects.get(codename="view_givenanswer"))
    assert all(client.get(path).status_code == 200 for path in paths)
    assert URL in client.get("/admin/").content.decode()
    customer = User.objects.create_user("customer")
    customer.user_permissions.add(Permission.objects.get(codename="view_givenanswer"))
    client.force_login(customer)
    assert all(client.get(path).status_code == 302 for path in paths)


def test_the_page_says_when_nothing_is_counted(admin_client: Client, settings: Any) -> None:
    settings.VOGUE = {**settings.VOGUE, "EVENTS": False}
    assert "VOGUE_EVENTS is off" in page(admin_client)


def test_a_percentage_of_nothing_is_a_dash(admin_client: Client) -> None:
    give("strip")
    text = page(admin_client)
    assert "–" in text
    assert "Nobody has searched with a photo in these days." in text


def test_the_questions_of_the_report_are_answered_from_indexes(products: list[Product]) -> None:
    from django.db import connection

    if connection.vendor != "sqlite":
        pytest.skip("other databases plan otherwise while a table is this small")
    report = Report(date(2026, 1, 1), date(2026, 12, 31))
    for rows in (
        report.events.values_list("position", "action"),
        report.events.filter(action="seen").values_list("product"),
        report.answers.values_list("day", "kind", "level"),
    ):
        plan = rows.order_by().explain()
        assert "COVERING INDEX" in plan, plan
