"""`calls`: list them, explain one, cut one, close one by hand."""

from datetime import datetime
from enum import StrEnum
from typing import Any

import click

from gateway.cli.context import CommandContext
from gateway.cli.groups import LazyCommand, LazyGroup
from gateway.cli.integers import integer
from gateway.cli.output import (
    Data,
    at_utc,
    csv_option,
    data_of,
    instant_option,
    json_option,
    print_csv,
    print_many,
    print_one,
)
from gateway.domain.calls.call import CallState, Flag
from gateway.domain.calls.refusals import Refusal
from gateway.domain.events import Direction
from gateway.domain.money import parse_amount
from gateway.postgres.calls.found_calls import CallFilters
from gateway.usecases.calls.cut_all import cut_calls_of
from gateway.usecases.calls.ends import close
from gateway.usecases.calls.shown import show
from gateway.usecases.calls.shown.search import (
    CALLS_LOOKED_AT_MAX,
    CallSearch,
    CallTotals,
    Sort,
    search_calls,
    sum_calls,
)
from gateway.usecases.calls.shown.show import CallView
from gateway.usecases.rates.search import full_number

COLUMNS = (
    "id",
    "account_id",
    "connection",
    "line",
    "state",
    "direction",
    "caller",
    "callee",
    "started_at",
    "granted_s",
    "billed_s",
    "charge",
    "currency",
    "reason",
    "flags",
)


def _one_of(values: type[StrEnum]) -> click.Choice[str]:
    return click.Choice([each.value for each in values])


@click.group(
    cls=LazyGroup,
    lazy={"hours": LazyCommand("gateway.cli.calls.hours", "Count the calls of the last 24 hours by their outcome.")},
)
def calls() -> None:
    """Calls and why they were decided as they were."""


@calls.command("list")
@click.option("--account", "account_id", type=integer, help="Only this account's.")
@click.option("--live", "is_live", is_flag=True, help="Only those that are up.")
@click.option("--line", help="Only those of this number or connector.")
@click.option("--number", help="Only those that this number has to do with: caller, callee, line or number shown.")
@click.option("--state", type=_one_of(CallState), help="Only those in this state.")
@click.option("--reason", type=_one_of(Refusal), help="Only those refused for this.")
@click.option("--flag", type=_one_of(Flag), help="Only those with this flag.")
@click.option("--direction", type=_one_of(Direction), help="Only those of this direction.")
@click.option("--connection", help="Only those of this connection.")
@click.option("--country", help="Only those to or from this country, by its code or its name.")
@instant_option("--from", "since", help="Only those that started then (UTC) or later.")
@instant_option("--to", "until", help="Only those that started before then (UTC).")
@click.option("--min-charge", help="Only those that cost so much or more.")
@click.option("--sort", type=_one_of(Sort), default="started", show_default=True, help="Newest or dearest first.")
@click.option("--before", type=integer, help="Only those before the call of this id.")
@click.option("--limit", default=100, show_default=True, help="At most so many.")
@click.option("--summary", "is_summed", is_flag=True, help="Only what all that fit add up to, however many.")
@csv_option
@json_option
@click.pass_obj
def list_calls(context: CommandContext, /, *, is_summed: bool, as_csv: bool, as_json: bool, **wanted: Any) -> None:
    """List calls, newest first, or dearest first; below a table stands what they add up to.

    Calls of an account, live ones and flagged ones have an index; the other filters look at the newest million calls
    and say where to go on.
    """
    search = _search(**wanted)
    if is_summed:
        totals = context.read(lambda conn: sum_calls(conn, search))
        print_one(totals, as_json=as_json)
    else:
        totals = _list(context, search, as_csv=as_csv, as_json=as_json)
    if totals.stopped_before is not None:
        note = f"note: looked at {CALLS_LOOKED_AT_MAX} calls; go on with --before {totals.stopped_before}"
        click.echo(note, err=True)


def _list(context: CommandContext, search: CallSearch, *, as_csv: bool, as_json: bool) -> CallTotals:
    found = context.read(lambda conn: search_calls(conn, search))
    rows = [_data(each) for each in found.views]
    if as_csv:
        print_csv(rows, columns=COLUMNS)
        return found.totals
    print_many(rows, as_json=as_json, columns=COLUMNS)
    if not as_json:
        click.echo(_said(found.totals), err=True)
    return found.totals


def _said(totals: CallTotals) -> str:
    """Totals in a line."""
    charges = ", ".join(f"{amount} {currency}" for currency, amount in totals.charges.items()) or "nothing charged"
    return (
        f"note: {totals.calls} calls, {totals.refused} refused; {totals.talked} talked, {totals.billed_s} s; {charges}"
    )


@calls.command("show")
@click.argument("reference", metavar="CALL")
@click.option("--all", "is_all", is_flag=True, help="What has no value too.")
@json_option
@click.pass_obj
def show_call(context: CommandContext, *, reference: str, is_all: bool, as_json: bool) -> None:
    """Show a call, by its id or by CONNECTION:PROVIDER_ID: first its decision explained, then what has a value."""
    settings = context.settings()
    view = context.read(lambda conn: show.show_call(conn, reference=reference, connections=settings.connections))
    _print(view, is_all=is_all, as_json=as_json)


@calls.command("cut")
@click.argument("reference", metavar="CALL")
@json_option
@click.pass_obj
def cut_call(context: CommandContext, *, reference: str, as_json: bool) -> None:
    """End a live call: the provider is asked at once by the process that works."""
    view = context.run(lambda conn: show.cut_call(conn, actor=context.actor, reference=reference, now=context.now()))
    _print(view, as_json=as_json)


@calls.command("cut-all")
@click.argument("account_id", metavar="ACCOUNT", type=integer)
@json_option
@click.pass_obj
def cut_all(context: CommandContext, *, account_id: int, as_json: bool) -> None:
    """End all live calls of an account that can be ended, but for emergency calls; new ones may begin."""
    counts = context.run(lambda conn: cut_calls_of(conn, actor=context.actor, account_id=account_id, now=context.now()))
    print_one(counts, as_json=as_json)


@calls.command("close")
@click.argument("reference", metavar="CALL")
@click.option("--seconds", type=integer, required=True, help="How long it talked; 0: nobody answered.")
@click.option("--note", required=True, help="Why, and where the seconds are from: it stands in the ledger entry.")
@json_option
@click.pass_obj
def close_call(context: CommandContext, *, reference: str, seconds: int, note: str, as_json: bool) -> None:
    """Close a call past its deadline whose end never came, and charge it.

    It costs what so many seconds cost, at most those that were granted. What it held is given back.
    """
    view = context.run(
        lambda conn: close.close_call(
            conn, actor=context.actor, reference=reference, seconds=seconds, note=note, now=context.now()
        )
    )
    _print(view, as_json=as_json)


def _search(
    *,
    sort: str,
    number: str | None,
    since: datetime | None,
    until: datetime | None,
    min_charge: str | None,
    **wanted: Any,
) -> CallSearch:
    """The options as one search: dates in UTC, a number with its plus."""
    plain = {name: wanted.pop(name) for name in ("line", "state", "reason", "flag", "direction", "connection")}
    filters = CallFilters(
        number=None if number is None else full_number(number) or number,
        since=at_utc(since),
        until=at_utc(until),
        min_charge=None if min_charge is None else parse_amount(min_charge),
        **plain,
    )
    return CallSearch(sort=Sort(sort), filters=filters, **wanted)


def _print(view: CallView, *, as_json: bool, is_all: bool = False) -> None:
    """For people the explanation comes first, and what has no value is left out."""
    data = _data(view)
    if not as_json:
        data = {"explanation": data["explanation"]} | (data if is_all else _with_values(data))
    print_one(data, as_json=as_json)


def _with_values(data: Data) -> Data:
    some = {name: value for name, value in data.items() if value not in (None, [], "")}
    return {name: _with_values(value) if isinstance(value, dict) else value for name, value in some.items()}


def _data(view: CallView) -> Data:
    return data_of(view.call) | {"crm": [data_of(each) for each in view.crm], "explanation": view.explanation}


COMMANDS: tuple[click.Command, ...] = (calls,)
