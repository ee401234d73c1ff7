"""`ledger`: what moved the money of an account, and what that adds up to; what came in and went out of all."""

from datetime import datetime

import click

from gateway.cli.context import CommandContext
from gateway.cli.integers import integer
from gateway.cli.output import (
    at_utc,
    csv_option,
    instant_option,
    json_option,
    print_csv,
    print_list,
    print_many,
    print_one,
)
from gateway.postgres.accounts.ledger import EntryFilters, EntryKind, EntryRow
from gateway.postgres.types import PgConnection
from gateway.usecases.accounts.show_ledger import ALL, LedgerSummary, page_besides_calls, show_ledger, sum_ledger
from gateway.usecases.calls.shown.references import find_call_id

COLUMNS = ("id", "booked_at", "kind", "amount", "balance_after", "call_id", "line_id", "external_id", "note")

BOOKED_COLUMNS = ("id", "booked_at", "account_id", "kind", "amount", "balance_after", "external_id", "note")


@click.group()
def ledger() -> None:
    """What moved money."""


@ledger.command("show")
@click.argument("account_id", metavar="ACCOUNT", type=integer)
@instant_option("--from", "since", help="Only those booked then or later, in UTC.")
@instant_option("--to", "until", help="Only those booked before, in UTC.")
@click.option(
    "--kind",
    "kinds",
    multiple=True,
    type=click.Choice([each.value for each in EntryKind]),
    help="Only those of this kind; may be given several times.",
)
@click.option("--call", help="Only those of this call, by its id or by CONNECTION:PROVIDER_ID.")
@click.option("--after", default=0, help="Only entries after the one of this id.")
@click.option("--summary", "is_summed", is_flag=True, help="Only balances and sums.")
@csv_option
@json_option
@click.pass_obj
def show(
    context: CommandContext,
    *,
    account_id: int,
    since: datetime | None,
    until: datetime | None,
    kinds: tuple[str, ...],
    call: str | None,
    after: int,
    is_summed: bool,
    as_csv: bool,
    as_json: bool,
) -> None:
    """List an account's entries, oldest first; of a part of them, balances and sums are told on standard error."""

    async def read_filters(conn: PgConnection) -> EntryFilters:
        return EntryFilters(
            since=at_utc(since),
            until=at_utc(until),
            kinds=tuple(EntryKind(kind) for kind in kinds),
            call_id=None if call is None else await find_call_id(conn, call),
        )

    async def collect(conn: PgConnection) -> tuple[list[EntryRow], LedgerSummary | None]:
        filters = await read_filters(conn)
        entries = [each async for each in show_ledger(conn, account_id=account_id, after=after, filters=filters)]
        is_part = filters != ALL
        return entries, await sum_ledger(conn, account_id=account_id, filters=filters) if is_part else None

    async def add_up(conn: PgConnection) -> LedgerSummary:
        return await sum_ledger(conn, account_id=account_id, filters=await read_filters(conn))

    if is_summed:
        print_one(context.read(add_up), as_json=as_json)
        return
    entries, summary = context.read(collect)
    if as_csv:
        print_csv(entries, columns=COLUMNS)
    else:
        print_many(entries, as_json=as_json, columns=COLUMNS)
    if summary is not None:
        click.echo(_said(summary), err=True)


@ledger.command("list")
@click.option("--account", "account_id", type=integer, metavar="ID", help="Only this account's.")
@click.option(
    "--kind",
    type=click.Choice([each.value for each in EntryKind if each is not EntryKind.CALL]),
    help="Only those of this kind.",
)
@instant_option("--from", "since", help="Only those booked then or later, in UTC.")
@instant_option("--to", "until", help="Only those booked before, in UTC.")
@click.option("--before", type=integer, help="Only entries before the one of this id.")
@click.option("--limit", default=100, show_default=True, help="At most so many.")
@csv_option
@json_option
@click.pass_obj
def list_booked(
    context: CommandContext,
    *,
    account_id: int | None,
    kind: str | None,
    since: datetime | None,
    until: datetime | None,
    before: int | None,
    limit: int,
    as_csv: bool,
    as_json: bool,
) -> None:
    """List what came in and went out of all accounts besides calls, the last booked first."""
    kinds = () if kind is None else (EntryKind(kind),)
    filters = EntryFilters(since=at_utc(since), until=at_utc(until), kinds=kinds)
    entries = context.read(
        lambda conn: page_besides_calls(conn, account_id=account_id, before=before, limit=limit, filters=filters)
    )
    print_list(entries, columns=BOOKED_COLUMNS, as_csv=as_csv, as_json=as_json)


def _said(summary: LedgerSummary) -> str:
    """Balances and sums in a line."""
    currency = summary.currency
    kinds = ", ".join(f"{each.kind} {each.amount}" for each in summary.kinds)
    return (
        f"note: balance {summary.opening_balance} {currency} before, {summary.closing_balance} {currency} after;"
        f" {summary.entries} entries add up to {summary.amount} {currency}{f': {kinds}' if kinds else ''}"
    )


COMMANDS: tuple[click.Command, ...] = (ledger,)
