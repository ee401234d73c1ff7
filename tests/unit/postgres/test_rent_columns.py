"""The columns of a rented line: null where its state has no such thing, and the same line again when they are read."""

import json
from dataclasses import replace
from datetime import date

import pytest

from gateway.domain.lines.line import LineKind
from gateway.domain.lines.rent_state import Disconnected, NotRented, RentState
from gateway.domain.lines.subscription import Subscription
from gateway.postgres.lines.rent_columns import columns_of, line_of
from tests.support.rents import berlin, given_up, rented, unpaid

DUE_ON = date(2026, 7, 1)
RENTED, UNPAID = rented(DUE_ON), unpaid(DUE_ON)
UNPAID_CONNECTOR = unpaid(DUE_ON, kind=LineKind.CONNECTOR)
NOT_RENTED = replace(RENTED, state=NotRented())


def gone(line: Subscription) -> Subscription:
    return replace(line, state=Disconnected(disconnected_at=berlin(9, 1), before=line.state))


@pytest.mark.parametrize(
    "line",
    [
        NOT_RENTED,
        replace(NOT_RENTED, state=NotRented(is_suspended=True)),
        RENTED,
        UNPAID,
        UNPAID_CONNECTOR,
        *(given_up(each, berlin(6, 10)) for each in (NOT_RENTED, RENTED, UNPAID, UNPAID_CONNECTOR)),
        *(gone(each) for each in (NOT_RENTED, RENTED, UNPAID, given_up(UNPAID, berlin(6, 10)))),
    ],
)
def test_a_line_that_is_written_is_read_as_it_was(line: Subscription) -> None:
    columns = columns_of(line)
    row = {**columns, "kind": line.kind, "name": line.name, "rates": []}

    assert line_of(json.dumps(row, default=str)) == line


@pytest.mark.parametrize(
    ("state", "names"),
    [
        (NOT_RENTED.state, set()),
        (RENTED.state, {"rent", "anchor_day", "due_on"}),
        (UNPAID.state, {"rent", "anchor_day", "due_on", "reserved_until"}),
        (given_up(NOT_RENTED, berlin(6, 10)).state, {"ends_at"}),
        (gone(UNPAID).state, {"rent", "anchor_day", "due_on", "reserved_until", "disconnected_at"}),
    ],
)
def test_a_column_is_null_where_the_state_has_no_such_thing(state: RentState, names: set[str]) -> None:
    columns = columns_of(replace(RENTED, state=state, calendar_due_at=None))

    assert {name for name, value in columns.items() if value is not None} == {"id", "state", *names}
