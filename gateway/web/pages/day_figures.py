"""What calls add up to on each day of a span, as the API says it by days and currencies; and the charts of that."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal

from gateway.domain.money import ZERO
from gateway.usecases.accounts.show_usage import UsageRow
from gateway.web.pages.charts import Chart, Mark, Plot, Series, Slot, bars, lines
from gateway.web.pages.figures import ReaderFigures
from gateway.web.pages.words import PageWords


@dataclass(slots=True, kw_only=True)
class DayFigures:
    """A day; sums of money by currency. A margin is of the calls whose cost was told."""

    day: date
    calls: int = 0
    answered: int = 0
    refused: int = 0
    talked_s: int = 0
    spend: dict[str, Decimal] = field(default_factory=dict)
    margin: dict[str, Decimal] = field(default_factory=dict)

    def add(self, row: UsageRow) -> None:
        self.calls += row.calls
        self.answered += row.answered
        self.refused += row.refused
        self.talked_s += row.talked_s
        if row.currency is not None:
            self.spend[row.currency] = self.spend.get(row.currency, ZERO) + row.spend
            self.margin[row.currency] = self.margin.get(row.currency, ZERO) + (row.margin or ZERO)

    @property
    def asr(self) -> Decimal | None:
        """The share that was answered of those that were not refused."""
        attempts = self.calls - self.refused
        return Decimal(self.answered) / attempts if attempts else None

    @property
    def acd_s(self) -> int | None:
        """How long those that were answered took on average."""
        return round(self.talked_s / self.answered) if self.answered else None


def spread(rows: Sequence[UsageRow], *, first: date, last: date) -> list[DayFigures]:
    """Each day from the first to the last, those without calls too."""
    days = {day: DayFigures(day=day) for day in (first + timedelta(days=n) for n in range((last - first).days + 1))}
    for row in rows:
        day = days.get(date.fromisoformat(row.key))
        if day is not None:
            day.add(row)
    return list(days.values())


def together(days: Sequence[DayFigures]) -> DayFigures:
    """What the days add up to."""
    whole = DayFigures(day=days[0].day if days else date.min)
    for day in days:
        whole.calls += day.calls
        whole.answered += day.answered
        whole.refused += day.refused
        whole.talked_s += day.talked_s
        for currency, amount in day.spend.items():
            whole.spend[currency] = whole.spend.get(currency, ZERO) + amount
        for currency, amount in day.margin.items():
            whole.margin[currency] = whole.margin.get(currency, ZERO) + amount
    return whole


@dataclass(frozen=True, slots=True, kw_only=True)
class DayCharts:
    """Draws days in a reader's language."""

    t: PageWords
    figures: ReaderFigures
    days: Sequence[DayFigures]

    def outcomes(self) -> Chart:
        """Calls that were answered, that reached nobody, and that were refused."""
        sums = together(self.days)
        summary = self.t(
            "charts.outcomes_summary",
            calls=self.figures.count(sums.calls),
            answered=self.figures.count(sums.answered),
            refused=self.figures.count(sums.refused),
        )
        tones = {"answered": "good", "missed": "quiet", "refused": "bad"}
        series = [Series(name=self.t(f"charts.{name}"), tone=tone) for name, tone in tones.items()]
        values = [(day.answered, day.calls - day.answered - day.refused, day.refused) for day in self.days]
        return bars(replace(self._plot("outcomes", summary, series, values, self.figures.count), whole=True))

    def spend(self, currency: str, *, mark: Mark | None = None) -> Chart:
        """What calls cost, in one currency."""
        values = [day.spend.get(currency, ZERO) for day in self.days]
        highest = max(self.days, key=lambda day: day.spend.get(currency, ZERO))
        summary = self.t(
            "charts.spend_summary" if any(values) else "charts.spend_nothing",
            spend=self.figures.money(sum(values, ZERO), currency),
            highest=self.figures.money(max(values), currency),
            day=self.figures.day(highest.day),
        )
        series = [Series(name=self.t("charts.spend_title"))]
        return bars(
            self._plot("spend", summary, series, [(value,) for value in values], self._money(currency), mark=mark)
        )

    def asr(self) -> Chart:
        whole = together(self.days)
        summary = self.t("charts.asr_summary", asr=self.figures.percent(whole.asr))
        series = [Series(name=self.t("charts.asr_title"))]
        return lines(self._plot("asr", summary, series, [(day.asr,) for day in self.days], self.figures.percent))

    def acd(self) -> Chart:
        whole = together(self.days)
        summary = self.t("charts.acd_summary", acd=self.figures.length(whole.acd_s))
        series = [Series(name=self.t("charts.acd_title"))]
        values = [(day.acd_s,) for day in self.days]
        return lines(replace(self._plot("acd", summary, series, values, self._length), unit=60))

    def _plot(
        self,
        name: str,
        summary: str,
        series: Sequence[Series],
        values: Sequence[tuple[Decimal | int | None, ...]],
        figure: Callable[[Decimal | int], str],
        *,
        mark: Mark | None = None,
    ) -> Plot:
        return Plot(
            title=self.t(f"charts.{name}_title"),
            summary=summary,
            slot_name=self.t("charts.day"),
            series=series,
            slots=[
                Slot(label=self.figures.short_day(day.day), values=each)
                for day, each in zip(self.days, values, strict=True)
            ],
            figure=figure,
            mark=mark,
        )

    def _money(self, currency: str) -> Callable[[Decimal | int], str]:
        return lambda amount: self.figures.money(Decimal(amount), currency)

    def _length(self, seconds: Decimal | int) -> str:
        return self.figures.length(int(seconds))
