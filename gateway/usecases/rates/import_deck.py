"""Import a rate deck as one atomic version (R5): read the file, compare, switch, in one transaction.

A file is the whole deck of each kind and currency that it has rows of; `domain.deck` says what becomes of the rates
that were there. Rates are never deleted, only ended, so a call's price can always be explained.

The switch is at the instant at which no other import is in its way any more: what is planned depends on it, so calls
that start while this one is planned and written, some seconds for a long deck, still have the rates of before.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from gateway.clock import Clock
from gateway.decks import ReadDeck, Terms, read_deck
from gateway.domain.access.actions import Action
from gateway.domain.access.actor import Actor
from gateway.domain.rates.deck import Change, DeckKey, DeckRow, Switch, decks_of, plan_switch
from gateway.domain.rates.ending import ends_most, require_ends
from gateway.domain.rates.rate import DeckRate, RateKind
from gateway.postgres import rates
from gateway.postgres.rates import VersionRow
from gateway.postgres.types import PgConnection
from gateway.usecases.access.write_down import write_down
from gateway.usecases.rates.foreign_destinations import warn_of_foreign

_NO_TERMS = Terms()


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedRates:
    """What an import did, or would do; `version` is None for a dry run.

    `left_out`: how many of the file's rows for exactly one number count for nothing. `warnings`: a sentence for each
    row that prices other countries than its label's, which have no row of their own, and what became of rows for some
    callers only.
    """

    added: int
    changed: int
    removed: int
    version: int | None
    left_out: int
    warnings: tuple[str, ...] = ()


class RowChange(StrEnum):
    ADDED = "added"
    CHANGED = "changed"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True, kw_only=True)
class RowPrices:
    """`label`: country and category of an outbound row, which decide nothing."""

    per_minute: Decimal
    connection_fee: Decimal
    first_interval_s: int
    increment_s: int
    label: str


_PRICES = tuple(each.name for each in fields(RowPrices) if each.name != "label")


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedRow:
    """One destination that an import would change, from an instant on."""

    change: RowChange
    kind: str
    currency: str
    country: str
    category: str
    prefix: str
    caller_prefixes: str
    old: RowPrices | None
    new: RowPrices | None
    valid_from: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TriedRates(ImportedRates):
    """What a dry run found; the rows in the order of the file, then those that it leaves out."""

    rows: list[ChangedRow]


async def import_rates(
    conn: PgConnection,
    *,
    actor: Actor,
    content: bytes,
    source: str,
    clock: Clock,
    terms: Terms = _NO_TERMS,
    mapping: bytes | None = None,
    ends: int | None = None,
    valid_from: datetime | None = None,
) -> ImportedRates:
    """Switch to the deck of a file, or raise InvalidInput with all of its mistakes and change nothing.

    `ends`: how many destinations may end at most; where most of a deck would, it must be said. `valid_from`: from when
    all of its prices are valid, whatever it says.
    """
    deck = await asyncio.to_thread(read_deck, content, terms, mapping=mapping, now=clock.now())
    deck = deck.all_from(valid_from)
    async with conn.transaction():
        await rates.begin_import(conn)
        now = clock.now()
        stored, over = await facts_of(conn, deck.rows, now=now)
        switch = await asyncio.to_thread(plan_switch, deck.rows, stored, over, now=now)
        require_ends(switch, stored, ends=ends)
        imported = await write(conn, actor, switch, deck, source=source, now=now)
    warnings = await asyncio.to_thread(warn_of_foreign, deck.rows)
    return replace(imported, warnings=(*deck.warnings, *warnings))


async def try_rates(
    conn: PgConnection,
    *,
    content: bytes,
    clock: Clock,
    terms: Terms = _NO_TERMS,
    mapping: bytes | None = None,
    valid_from: datetime | None = None,
) -> TriedRates:
    """What an import would change, row by row; nothing is."""
    deck = await asyncio.to_thread(read_deck, content, terms, mapping=mapping, now=clock.now())
    deck = deck.all_from(valid_from)
    async with conn.transaction():
        await rates.begin_import(conn)
        now = clock.now()
        stored, over = await facts_of(conn, deck.rows, now=now)
        switch = await asyncio.to_thread(plan_switch, deck.rows, stored, over, now=now)
    changed = [_row(change) for change in switch.changes]
    ending = (
        (f"most of a deck would end: an import needs --ends {switch.removed}",) if ends_most(switch, stored) else ()
    )
    warnings = (*ending, *deck.warnings, *await asyncio.to_thread(warn_of_foreign, deck.rows))
    return TriedRates(**counts_of(switch, deck), version=None, rows=changed, warnings=warnings)


async def list_versions(conn: PgConnection) -> list[VersionRow]:
    """The imports that there were, the newest first."""
    return await rates.versions(conn)


async def facts_of(
    conn: PgConnection, rows: Sequence[DeckRow], *, now: datetime
) -> tuple[Mapping[DeckKey, list[DeckRate]], Mapping[DeckKey, datetime]]:
    """The rates of the decks that rows are of, and since when their destinations have had none."""
    decks = decks_of(rows)
    stored = await rates.stored(conn, decks, now=now)
    over: Mapping[DeckKey, datetime] = {}
    if any(row.key not in stored for row in rows):
        over = await rates.over(conn, decks, since=min(row.valid_from for row in rows), now=now)
    return stored, over


async def write(
    conn: PgConnection, actor: Actor, switch: Switch, deck: ReadDeck, *, source: str, now: datetime
) -> ImportedRates:
    """Write a version; the ends first, as of a destination only one rate may be open-ended.

    The audit has how many rates it changed, and the version tells which.
    """
    version = await rates.create_version(conn, source=source, now=now)
    await rates.end(conn, switch.ends)
    await rates.begin(conn, switch.begins, version_id=version)
    counts = counts_of(switch, deck)
    after = {**counts, "version": version, "source": source}
    await write_down(conn, actor, Action.RATES_CHANGE, f"rates:{version}", after=after, now=now)
    return ImportedRates(**counts, version=version, warnings=())


def counts_of(switch: Switch, deck: ReadDeck) -> dict[str, int]:
    """What an import tells of itself in numbers."""
    return {
        "added": switch.added,
        "changed": switch.changed,
        "removed": switch.removed,
        "left_out": deck.left_out,
    }


def _row(change: Change) -> ChangedRow:
    key, old, new, at = change
    rate = new or old
    assert rate is not None  # noqa: S101 - a change is never from nothing to nothing
    kind = RowChange.ADDED if old is None else RowChange.REMOVED if new is None else RowChange.CHANGED
    return ChangedRow(
        change=kind,
        kind=key.kind,
        currency=key.currency,
        country=rate.country,
        category=rate.category,
        prefix=key.prefix,
        caller_prefixes=key.caller_prefixes,
        old=_prices(old),
        new=_prices(new),
        valid_from=at,
    )


def _prices(rate: DeckRate | None) -> RowPrices | None:
    if rate is None:
        return None
    labels = (rate.country, rate.category) if rate.kind is RateKind.OUTBOUND else ()
    return RowPrices(**{name: getattr(rate, name) for name in _PRICES}, label=" ".join(filter(None, labels)))
