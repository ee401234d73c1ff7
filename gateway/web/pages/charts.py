"""Charts as shapes: where bars, lines, marks and words of a chart stand, which `chart.html` draws as SVG.

Beside its shapes a chart has all it says as text: a sentence, and a table.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import accumulate, pairwise
from typing import Final

# In units of the drawing, which is as wide as there is room.
WIDTH: Final = 600
HEIGHT: Final = 200
LEFT: Final = 100
TOP: Final = 12
BOTTOM: Final = 172
# What each bar leaves free beside it, as a part of its place.
GAP: Final = 0.2
LABELS_MAX: Final = 7
_ROUND: Final = (1, 2, 5, 10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """What is drawn in one colour: its name, and the class of `pages.css` that colours it.

    Classes: main, good, warn, bad, quiet.
    """

    name: str
    tone: str = "main"


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """A place on the axis, as a day, with a value for each series; None: there is none."""

    label: str
    values: Sequence[Decimal | int | None]
    href: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A line across all places, as of a minimum, and what it is called."""

    value: Decimal | int
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BarShape:
    """`title` is what the bar says when it is pointed at."""

    x: float
    y: float
    width: float
    height: float
    tone: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LineShape:
    """A line through the values of a series, and its dots, which say what they are; a gap begins another line."""

    points: str
    dots: Sequence[BarShape]
    tone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WordShape:
    """A word on an axis; `seldom`: there is no room for it on a phone."""

    at: float
    text: str
    seldom: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """All that `chart.html` draws and tells. `rows` is the table: the label of each place, then its values as words."""

    title: str
    summary: str
    slot_name: str
    series: Sequence[Series]
    bars: Sequence[BarShape]
    lines: Sequence[LineShape]
    below: Sequence[WordShape]
    beside: Sequence[WordShape]
    mark: WordShape | None
    rows: Sequence[tuple[str, Sequence[str]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plot:
    """What a chart is made of. `figure` says a value as its reader writes it; `summary` is the chart in a sentence.

    Lines across it stand for round multiples of `unit`, as a minute of so many seconds; `whole`: for whole ones alone.
    """

    title: str
    summary: str
    slot_name: str
    series: Sequence[Series]
    slots: Sequence[Slot]
    figure: Callable[[Decimal | int], str]
    mark: Mark | None = None
    unit: int = 1
    whole: bool = False


def bars(plot: Plot) -> Chart:
    """The values of a place stand on one another."""
    sums = [sum(each or 0 for each in slot.values) for slot in plot.slots]
    scale = _Scale(plot, [*sums, *(value for slot in plot.slots for value in slot.values if value is not None)])
    shapes = [shape for at, slot in enumerate(plot.slots) for shape in _stack(plot, scale, at, slot)]
    return _chart(plot, scale, bars=shapes, lines=[])


def lines(plot: Plot) -> Chart:
    """The values of each series are joined."""
    scale = _Scale(plot, [value for slot in plot.slots for value in slot.values if value is not None])
    drawn = [line for number in range(len(plot.series)) for line in _joined(plot, scale, number)]
    return _chart(plot, scale, bars=[], lines=drawn)


class _Scale:
    """Where places and values stand in the drawing."""

    def __init__(self, plot: Plot, values: Sequence[Decimal | int]) -> None:
        marked = [] if plot.mark is None else [plot.mark.value]
        highest, lowest = (float(each) for each in (max([0, *values, *marked]), min([0, *values, *marked])))
        wanted = _round_step((highest - lowest) / plot.unit / 3 or 1.0)
        self.step = plot.unit * (max(wanted, 1.0) if plot.whole else wanted)
        self._top = self.step * -(-highest // self.step) or self.step
        self._bottom = self.step * (lowest // self.step)
        self.slot = (WIDTH - LEFT) / max(len(plot.slots), 1)

    def x(self, at: float) -> float:
        return round(LEFT + self.slot * at, 2)

    def y(self, value: Decimal | float) -> float:
        share = (float(value) - self._bottom) / (self._top - self._bottom)
        return round(BOTTOM - share * (BOTTOM - TOP), 2)

    @property
    def ticks(self) -> list[Decimal]:
        """The values that lines across the drawing stand for, exact as they are said."""
        count = round((self._top - self._bottom) / self.step)
        first, step = Decimal(repr(self._bottom)), Decimal(repr(self.step))
        return [(first + step * number).normalize() for number in range(count + 1)]


def _round_step(wanted: float) -> float:
    """The next larger of 1, 2 and 5 times a power of ten."""
    power = Decimal(10) ** Decimal(wanted).adjusted()
    return float(next(each * power for each in _ROUND if each * power >= Decimal(wanted)))


def _stack(plot: Plot, scale: _Scale, at: int, slot: Slot) -> list[BarShape]:
    """The bars of one place, from the axis; what is nothing has none."""
    edges = pairwise(accumulate((float(each or 0) for each in slot.values), initial=0.0))
    drawn = zip(plot.series, slot.values, edges, strict=True)
    return [
        BarShape(
            x=scale.x(at + GAP / 2),
            y=scale.y(max(edge)),
            width=round(scale.slot * (1 - GAP), 2),
            height=round(scale.y(min(edge)) - scale.y(max(edge)), 2),
            tone=series.tone,
            title=_said(plot, slot, series, value),
        )
        for series, value, edge in drawn
        if value
    ]


def _joined(plot: Plot, scale: _Scale, number: int) -> list[LineShape]:
    """The lines of one series: one for each run of places that have values."""
    series = plot.series[number]
    runs: list[list[BarShape]] = [[]]
    for at, slot in enumerate(plot.slots):
        value = slot.values[number]
        if value is None:
            runs.append([])
            continue
        x, y = scale.x(at + 0.5), scale.y(value)
        title = _said(plot, slot, series, value)
        runs[-1].append(BarShape(x=x, y=y, width=0, height=0, tone=series.tone, title=title))
    return [
        LineShape(points=" ".join(f"{dot.x},{dot.y}" for dot in run), dots=run, tone=series.tone) for run in runs if run
    ]


def _said(plot: Plot, slot: Slot, series: Series, value: Decimal | int) -> str:
    named = f"{series.name} " if len(plot.series) > 1 else ""
    return f"{slot.label}: {named}{plot.figure(value)}"


def _chart(plot: Plot, scale: _Scale, *, bars: Sequence[BarShape], lines: Sequence[LineShape]) -> Chart:
    every = -(-len(plot.slots) // LABELS_MAX) or 1
    labelled = list(enumerate(plot.slots))[::every]
    return Chart(
        title=plot.title,
        summary=plot.summary,
        slot_name=plot.slot_name,
        series=plot.series,
        bars=bars,
        lines=lines,
        below=[
            WordShape(at=scale.x(at + 0.5), text=slot.label, seldom=number % 2 == 1)
            for number, (at, slot) in enumerate(labelled)
        ],
        beside=[WordShape(at=scale.y(each), text=plot.figure(each)) for each in scale.ticks],
        mark=None if plot.mark is None else WordShape(at=scale.y(plot.mark.value), text=plot.mark.name),
        rows=[
            (slot.label, ["" if value is None else plot.figure(value) for value in slot.values]) for slot in plot.slots
        ],
    )
