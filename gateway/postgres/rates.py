"""Queries about rates (sql/queries/rates.sql); a call's rate is found by `start_gather`, with its other facts."""

import asyncio
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta

import asyncpg
import msgspec

from gateway.domain.rates.deck import Deck, DeckKey, Span, key_of
from gateway.domain.rates.rate import DeckRate, RateKind
from gateway.postgres.sql import sql
from gateway.postgres.types import PgConnection

# Any number that nobody else locks: "rates" in ASCII.
IMPORT_LOCK = 0x7261746573
IMPORT_TIMEOUT = timedelta(seconds=120)


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionRow:
    """One import; `rows`: how many rates it began."""

    id: int
    imported_at: datetime
    source: str
    rows: int


_rate = msgspec.json.Decoder(DeckRate).decode
# What the file says of a rate that begins; as texts, which is what arrays of exact decimals cost least as.
_BEGUN = tuple(each.name for each in fields(DeckRate) if each.name not in ("id", "valid_from", "valid_until"))


async def begin_import(conn: PgConnection) -> None:
    """One import at a time, until the transaction ends."""
    timeout_s = IMPORT_TIMEOUT.total_seconds()
    await conn.execute(sql("rate_import_begin"), f"{timeout_s:.0f}s")
    await conn.execute(sql("rate_import_wait"), IMPORT_LOCK, timeout=timeout_s)


async def stored(conn: PgConnection, decks: Collection[Deck], *, now: datetime) -> Mapping[DeckKey, list[DeckRate]]:
    """The rates of the decks that are or will be valid, by their destinations."""
    rows = await conn.fetch(sql("rate_stored"), *_columns_of(decks), now, timeout=IMPORT_TIMEOUT.total_seconds())
    by_key: defaultdict[DeckKey, list[DeckRate]] = defaultdict(list)
    for rate in _rates(rows):
        by_key[key_of(rate)].append(rate)
    return by_key


async def over(
    conn: PgConnection, decks: Collection[Deck], *, since: datetime, now: datetime
) -> Mapping[DeckKey, datetime]:
    """When the last rate of a destination ended, for those where that was between the two instants."""
    rows = await conn.fetch(sql("rate_over"), *_columns_of(decks), since, now, timeout=IMPORT_TIMEOUT.total_seconds())
    return {DeckKey(*(row[name] for name in DeckKey._fields)): row["over_at"] for row in rows}


async def create_version(conn: PgConnection, *, source: str, now: datetime) -> int:
    version: int = await conn.fetchval(sql("rate_version_create"), now, source)
    return version


async def end(conn: PgConnection, ends: Sequence[tuple[int, datetime]]) -> None:
    """End rates, each at its instant."""
    ids = [rate_id for rate_id, _ in ends]
    await conn.execute(sql("rate_end"), ids, [at for _, at in ends], timeout=IMPORT_TIMEOUT.total_seconds())


async def begin(conn: PgConnection, begins: Sequence[Span], *, version_id: int) -> None:
    """Write the rows of a version, each valid from when it counts until it does not."""
    columns = [[str(getattr(span.row.rate, name)) for span in begins] for name in _BEGUN]
    instants = [span.at for span in begins], [span.until for span in begins]
    timeout_s = IMPORT_TIMEOUT.total_seconds()
    await conn.execute(sql("rate_begin"), version_id, *instants, *columns, timeout=timeout_s)


async def versions(conn: PgConnection) -> list[VersionRow]:
    """The imports, the newest first."""
    return [VersionRow(**row) for row in await conn.fetch(sql("rate_versions"))]


async def around(conn: PgConnection, version: VersionRow) -> tuple[list[DeckRate], list[DeckRate]]:
    """The rates that were valid, or to be, before an import, and those that it began."""
    timeout_s = IMPORT_TIMEOUT.total_seconds()
    rows = await conn.fetch(sql("rate_around_version"), version.id, version.imported_at, timeout=timeout_s)
    return _rates([row for row in rows if not row["is_begun"]]), _rates([row for row in rows if row["is_begun"]])


async def currencies(conn: PgConnection, *, now: datetime) -> list[str]:
    """The currencies that there are rates in, now or later."""
    return [row["currency"] for row in await conn.fetch(sql("rate_currencies"), now)]


async def applying(
    conn: PgConnection, *, currency: str, digits: str, now: datetime, caller: str | None = None
) -> list[DeckRate]:
    """The outbound rates that apply to a number, or to whatever begins with some digits.

    For a caller it is one; for callers in general the one for all of them, and those for some that go before it.
    """
    rows = await conn.fetch(sql("rate_applying"), currency, f"+{digits}", now, caller)
    return sorted(_rates(rows), key=lambda rate: (bool(rate.caller_prefixes), rate.prefix, rate.caller_prefixes))


async def applying_to_numbers(
    conn: PgConnection,
    *,
    currency: str,
    country: str,
    kinds: Sequence[RateKind],
    categories: Sequence[str],
    now: datetime,
) -> Mapping[tuple[RateKind, str], DeckRate]:
    """The rates that apply to numbers of a country, by their kind and the category of the numbers."""
    rows = await conn.fetch(sql("rate_applying_numbers"), currency, country, kinds, categories, now)
    return {(RateKind(row["kind"]), row["category"]): _rate(row["rate"]) for row in rows if row["rate"] is not None}


async def beginning(
    conn: PgConnection, *, currency: str, digits: str, now: datetime, limit: int | None = None
) -> tuple[list[DeckRate], int]:
    """Outbound rates of prefixes that begin with some digits, as many as are asked for, and how many there are."""
    rows = await conn.fetch(sql("rate_search_beginning"), currency, digits, now, limit)
    return await asyncio.to_thread(_rates, rows), rows[0]["total"] if rows else 0


async def of_country(conn: PgConnection, *, currency: str, code: str, label: str, now: datetime) -> list[DeckRate]:
    """Outbound rates with the label of a country, and those of its code without one, which may be another's."""
    rows = await conn.fetch(sql("rate_search_country"), currency, code, label, now)
    return await asyncio.to_thread(_rates, rows)


async def of_numbers(conn: PgConnection, *, currency: str, country: str, now: datetime) -> list[DeckRate]:
    """Inbound and rent rates of a country's numbers, those for all countries too."""
    return _rates(await conn.fetch(sql("rate_search_numbers"), currency, country, now))


def _rates(rows: Sequence[asyncpg.Record]) -> list[DeckRate]:
    """A deck may have some hundred thousand rates, so this may be for a thread."""
    return [_rate(row["rate"]) for row in rows]


def _columns_of(decks: Collection[Deck]) -> tuple[list[str], list[str], list[bool]]:
    return [deck.kind for deck in decks], [deck.currency for deck in decks], [deck.is_short for deck in decks]
