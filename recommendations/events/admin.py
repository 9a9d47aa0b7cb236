"""The admin's page of searches and clicks: plots, lists, and the same as CSV."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.http import urlencode
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from recommendations import conf
from recommendations.admin import ReadOnly
from recommendations.events import charts, tables
from recommendations.events.charts import Chart, Column, Part
from recommendations.events.models import GivenAnswer, Kind
from recommendations.events.report import Day, Report

if TYPE_CHECKING:
    AnswerModelAdmin = admin.ModelAdmin[GivenAnswer]
else:
    # Django's own class takes no type parameters while the program runs.
    AnswerModelAdmin = admin.ModelAdmin

#: Days shown when nobody says which, and those offered.
DAYS = 30
SPANS = (7, 30, 90, 365)
#: Longest period, in days: events are not kept much longer.
LONGEST = 1_100


class PeriodForm(forms.Form):
    """Which days, and which kind of answer."""

    first = forms.DateField(label=gettext_lazy("From"), required=False)
    last = forms.DateField(label=gettext_lazy("To"), required=False)
    kind = forms.ChoiceField(
        label=gettext_lazy("Kind"), required=False, choices=[("", gettext_lazy("All kinds")), *Kind.choices]
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("first", "last"):
            # A date field of a browser speaks ISO, whatever the language.
            self.fields[name].widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
            self.fields[name].input_formats = ["%Y-%m-%d"]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Fill in what is left open; refuse a period that ends before it begins, or is too long."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        last = cleaned["last"] = cleaned.get("last") or timezone.localdate()
        first = cleaned["first"] = cleaned.get("first") or max(date.min + timedelta(DAYS), last) - timedelta(DAYS - 1)
        if first > last:
            self.add_error("last", _("This is before the first day."))
        elif (last - first).days >= LONGEST:
            self.add_error("first", _("This is too long: %(days)d days at most.") % {"days": LONGEST})
        return cleaned

    def report(self) -> Report:
        """Return the report asked for; the last days of all kinds where the form is not understood."""
        if self.is_valid():
            told = self.cleaned_data
            return Report(told["first"], told["last"], told["kind"])
        today = timezone.localdate()
        return Report(today - timedelta(DAYS - 1), today)


@admin.register(GivenAnswer)
class ReportAdmin(ReadOnly, AnswerModelAdmin):
    """Searches and clicks: there is nothing to add, to change or to delete, only to look at."""

    def get_urls(self) -> list[URLPattern]:
        """Lead the list's address to the report; there are no others but its tables."""
        report, table = self.admin_site.admin_view(self.report), self.admin_site.admin_view(self.table)
        return [
            path("", report, name="vogue_events_givenanswer_changelist"),
            path("<slug:name>.csv", table, name="vogue_events_table"),
        ]

    def report(self, request: HttpRequest) -> HttpResponse:
        """Show the period's report."""
        self._check(request)
        form = PeriodForm(request.GET)
        report = form.report()
        asked = {"first": report.first.isoformat(), "last": report.last.isoformat(), "kind": report.kind}
        address = reverse(f"{self.admin_site.name}:vogue_events_givenanswer_changelist")
        context = {
            **self.admin_site.each_context(request),
            "title": capfirst(GivenAnswer._meta.verbose_name_plural),
            "opts": GivenAnswer._meta,
            "form": form if form.errors else PeriodForm(initial=asked),
            "report": report,
            "counting": conf.get("EVENTS"),
            "keep": conf.get("EVENT_DAYS"),
            "spans": [(n, f"{address}?{urlencode(_span(n) | {'kind': report.kind})}") for n in SPANS],
            "exports": [
                (label, f"{reverse(f'{self.admin_site.name}:vogue_events_table', args=[name])}?{urlencode(asked)}")
                for name, label in _table_names()
            ],
        }
        if not report.empty:
            context |= _plots(report)
        return TemplateResponse(request, "recommendations/events/report.html", context)

    def table(self, request: HttpRequest, name: str) -> StreamingHttpResponse:
        """Send one table as CSV."""
        self._check(request)
        if name not in tables.TABLES:
            raise Http404
        report = PeriodForm(request.GET).report()
        response = StreamingHttpResponse(
            tables.lines(tables.TABLES[name](report)), content_type="text/csv; charset=utf-8"
        )
        file = f"vogue-{name}-{report.first.isoformat()}-{report.last.isoformat()}.csv"
        response["Content-Disposition"] = f'attachment; filename="{file}"'
        response["Cache-Control"] = "no-store"
        return response

    def _check(self, request: HttpRequest) -> None:
        if not self.has_view_permission(request):
            raise PermissionDenied


def _table_names() -> list[tuple[str, str]]:
    return [
        ("days", _("Days")),
        ("positions", _("Positions")),
        ("products", _("Products")),
        ("answers", _("Answers")),
    ]


def _span(days: int) -> dict[str, str]:
    today = timezone.localdate()
    return {"first": (today - timedelta(days - 1)).isoformat(), "last": today.isoformat()}


def _plots(report: Report) -> dict[str, Any]:
    """Return the drawings, and what their legend says."""
    days = _together(report.by_day)
    kinds = [kind for kind in Kind if any(day.answers.get(kind) for day in days)]
    return {
        "legend": [(f"kind-{kind}", kind.label) for kind in kinds],
        "searches": _searches(days, kinds),
        "rates": _rates(report),
        "nothing": _nothing(days) if report.totals["photos"] else None,
        "numbers": [(day, sum(day.answers.values())) for day in days],
        "speeds": [{"label": Kind(speed.kind).label, "speed": speed} for speed in report.speeds],
        "none_percent": _percent(report.totals["none"]) if report.totals["none"] is not None else "",
        "rate_percent": _percent(report.totals["rate"]) if report.totals["rate"] is not None else "",
    }


def _searches(days: Sequence[Day], kinds: Sequence[Kind]) -> Chart:
    columns = [
        Column(
            _short(day.first),
            [
                Part(f"kind-{kind}", day.answers.get(kind, 0), f"{_date(day.first)} · {kind.label}: {_count(n)}")
                for kind in kinds
                if (n := day.answers.get(kind, 0))
            ],
        )
        for day in days
    ]
    return charts.bars(columns, _count, least=2)


def _rates(report: Report) -> Chart | None:
    columns = [
        Column(
            str(row.number),
            [
                Part(
                    "rate",
                    100 * row.rate,
                    f"{row.number} · {_percent(row.rate)} ({_count(row.clicked)}/{_count(row.seen)})",
                )
            ],
        )
        for row in report.positions
    ]
    return charts.bars(columns, _hundredth, least=10, most_labels=len(columns)) if columns else None


def _nothing(days: Sequence[Day]) -> Chart:
    columns = [
        Column(
            _short(day.first),
            [] if day.share is None else [Part("none", 100 * day.share, f"{_date(day.first)} · {_percent(day.share)}")],
        )
        for day in days
    ]
    return charts.bars(columns, _hundredth, least=10)


def _together(days: Sequence[Day]) -> list[Day]:
    """Return the days, several as one where there are more than bars that can be told apart."""
    size = math.ceil(len(days) / charts.MOST)
    groups = [days[n : n + size] for n in range(0, len(days), size)]
    return [
        Day(
            group[0].first,
            {kind: n for kind in Kind.values if (n := sum(day.answers.get(kind, 0) for day in group))},
            sum(day.photos for day in group),
            sum(day.none for day in group),
        )
        for group in groups
    ]


def _short(day: date) -> str:
    return date_format(day, "SHORT_DATE_FORMAT")


def _date(day: date) -> str:
    return date_format(day, "DATE_FORMAT")


def _count(value: float) -> str:
    return number_format(value, 0 if value == int(value) else 1, force_grouping=True)


def _percent(share: float) -> str:
    return _hundredth(100 * share)


def _hundredth(value: float) -> str:
    return _("%(number)s%%") % {"number": number_format(value, 0 if value == int(value) else 1)}
