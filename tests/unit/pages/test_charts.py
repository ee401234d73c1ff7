"""Charts: every value stands where it should, and is there as text too."""

from decimal import Decimal

from gateway.web.pages.charts import BOTTOM, LEFT, TOP, WIDTH, Chart, Mark, Plot, Series, Slot, bars, lines


def plot(*values: tuple[Decimal | int | None, ...], mark: Mark | None = None) -> Plot:
    """Of two series, one place a tuple."""
    return Plot(
        title="Calls",
        summary="Calls: 12.",
        slot_name="Day",
        series=(Series(name="answered"), Series(name="refused", tone="bad")),
        slots=[Slot(label=f"day {number}", values=each) for number, each in enumerate(values, 1)],
        figure=str,
        mark=mark,
    )


def labels(chart: Chart) -> list[str]:
    return [each.text for each in chart.beside]


def test_bars_of_one_place_stand_on_one_another() -> None:
    answered, refused = bars(plot((6, 4))).bars

    assert (answered.title, refused.title) == ("day 1: answered 6", "day 1: refused 4")
    assert answered.y + answered.height == BOTTOM
    assert (refused.y, refused.y + refused.height) == (TOP, answered.y)


def test_what_is_nothing_has_no_bar_and_is_in_the_table() -> None:
    chart = bars(plot((6, 0), (None, 2)))

    assert [each.title for each in chart.bars] == ["day 1: answered 6", "day 2: refused 2"]
    assert chart.rows == [("day 1", ["6", "0"]), ("day 2", ["", "2"])]


def test_what_is_below_nothing_hangs_from_the_axis() -> None:
    [up, down] = bars(plot((5, 0), (-5, 0))).bars

    assert up.y + up.height == down.y < BOTTOM


def test_a_place_without_a_value_interrupts_a_line() -> None:
    chart = lines(plot((1, None), (2, None), (None, None), (4, None)))

    assert [len(each.dots) for each in chart.lines] == [2, 1]
    assert all(LEFT <= dot.x <= WIDTH for line in chart.lines for dot in line.dots)


def test_the_axis_has_round_values_and_reaches_the_mark() -> None:
    chart = bars(plot((Decimal("0.31"), 0), mark=Mark(value=Decimal("0.9"), name="minimum")))

    assert labels(chart) == ["0", "0.5", "1"]
    assert chart.mark is not None
    assert TOP < chart.mark.at < BOTTOM


def test_a_chart_of_nothing_is_an_empty_one() -> None:
    for chart in (bars(plot()), lines(plot()), bars(plot((0, 0)))):
        assert (list(chart.bars), list(chart.lines), labels(chart)[0]) == ([], [], "0")


def test_not_every_place_of_many_is_named_and_every_other_name_is_seldom() -> None:
    chart = bars(plot(*[(1, 1)] * 30))

    assert [each.text for each in chart.below] == ["day 1", "day 6", "day 11", "day 16", "day 21", "day 26"]
    assert [each.seldom for each in chart.below] == [False, True] * 3
