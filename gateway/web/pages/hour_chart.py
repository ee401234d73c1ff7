"""What became of calls in each of the last 24 hours, drawn."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from gateway.postgres.calls.call_hours import CallHour
from gateway.web.pages.charts import Chart, Plot, Series, Slot, bars
from gateway.web.pages.figures import ReaderFigures
from gateway.web.pages.words import PageWords

HOURS: Final = 24
_TONES: Final = {"answered": "good", "missed": "quiet", "refused": "bad"}


def outcomes_by_hour(hours: Sequence[CallHour], *, now: datetime, t: PageWords, figures: ReaderFigures) -> Chart:
    """Each hour until now, those without calls too, in the reader's zone."""
    found = {each.hour: each for each in hours}
    summary = t(
        "charts.outcomes_summary",
        calls=figures.count(sum(each.calls for each in hours)),
        answered=figures.count(sum(each.answered for each in hours)),
        refused=figures.count(sum(each.refused for each in hours)),
    )
    this = now.replace(minute=0, second=0, microsecond=0)
    slots = [_slot(at, found.get(at), figures.zone) for at in (this - timedelta(hours=n) for n in range(HOURS))]
    return bars(
        Plot(
            title=t("charts.hours_title"),
            summary=summary,
            slot_name=t("charts.hour"),
            series=[Series(name=t(f"charts.{name}"), tone=tone) for name, tone in _TONES.items()],
            slots=slots[::-1],
            figure=figures.count,
            whole=True,
        )
    )


def _slot(at: datetime, found: CallHour | None, zone: ZoneInfo) -> Slot:
    label = f"{at.astimezone(zone):%H:%M}"
    if found is None:
        return Slot(label=label, values=(0, 0, 0))
    return Slot(label=label, values=(found.answered, found.calls - found.answered - found.refused, found.refused))
