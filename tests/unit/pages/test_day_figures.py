"""What calls add up to by days is spread over them, and drawn."""

from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

from gateway.usecases.accounts.show_usage import UsageRow
from gateway.web.pages.day_figures import DayCharts, spread, together
from gateway.web.pages.figures import ReaderFigures
from gateway.web.pages.words import PageWords

FIRST, LAST = date(2026, 3, 9), date(2026, 3, 11)


def row(key: str, *, calls: int = 4, answered: int = 2, refused: int = 1, currency: str | None = "USD") -> UsageRow:
    return UsageRow(
        key=key,
        currency=currency,
        calls=calls,
        refused=refused,
        answered=answered,
        asr=None,
        acd_s=None,
        talked_s=120,
        spend=Decimal("0.50"),
        costed=1,
        cost=Decimal("0.20"),
        margin=Decimal("0.30"),
    )


def test_days_without_calls_are_there_too_and_currencies_stay_apart() -> None:
    rows = [row("2026-03-09"), row("2026-03-09", currency="EUR"), row("2026-03-11"), row("2026-03-20")]

    days = spread(rows, first=FIRST, last=LAST)

    assert [day.calls for day in days] == [8, 0, 4]
    assert days[0].spend == {"USD": Decimal("0.50"), "EUR": Decimal("0.50")}
    assert days[1].asr is None
    assert days[1].acd_s is None


def test_days_add_up() -> None:
    rows = [row("2026-03-09"), row("2026-03-11"), row("2026-03-11", currency=None, answered=0)]

    whole = together(spread(rows, first=FIRST, last=LAST))

    assert (whole.calls, whole.answered, whole.refused, whole.acd_s) == (12, 4, 3, 90)
    assert whole.asr == Decimal(4) / 9
    assert whole.spend == {"USD": Decimal("1.00")}
    assert whole.margin == {"USD": Decimal("0.60")}


def test_charts_say_what_they_draw() -> None:
    days = spread([row("2026-03-09"), row("2026-03-11", calls=9)], first=FIRST, last=LAST)
    figures = ReaderFigures(language="en", zone=ZoneInfo("UTC"))
    drawn = DayCharts(t=PageWords(language="en", subject="usage"), figures=figures, days=days)

    outcomes, spend, asr, acd = drawn.outcomes(), drawn.spend("USD"), drawn.asr(), drawn.acd()

    assert outcomes.summary == "Calls: 13. Answered: 4. Refused: 2."
    assert [each.title for each in outcomes.bars][:3] == [
        "Mar 9: answered 2",
        "Mar 9: reached nobody 1",
        "Mar 9: refused 1",
    ]
    assert spend.summary == "In all: $1.00. Most on Mar 9, 2026: $0.50."
    assert [len(line.dots) for line in asr.lines] == [1, 1], "a day without calls interrupts it"
    assert [each.text for each in acd.beside] == ["0:00", "0:30", "1:00"]


def test_of_days_without_spend_the_chart_says_so() -> None:
    days = spread([], first=FIRST, last=LAST)
    figures = ReaderFigures(language="en", zone=ZoneInfo("UTC"))

    chart = DayCharts(t=PageWords(language="en", subject="usage"), figures=figures, days=days).spend("USD")

    assert (chart.summary, list(chart.bars)) == ("Nothing was spent.", [])
