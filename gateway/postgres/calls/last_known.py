"""What is known of lines, accounts and rates while the database is away (sql/queries/calls/last_known.sql)."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

import asyncpg
import msgspec

from gateway.domain.accounts.account_state import AccountState
from gateway.domain.accounts.caps import Capped, Caps, CapUse
from gateway.domain.accounts.when_withheld import WhenWithheld
from gateway.domain.lines.line import LineKind
from gateway.domain.rates.rate import DeckRate
from gateway.postgres.sql import sql
from gateway.postgres.types import PgConnection

RATES_PAGE: Final = 1000
_deck_rate = msgspec.json.Decoder(DeckRate).decode


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """What a line may do while the database is away: its account lets its calls be connected for some seconds.

    With it stands what was last known of the account: its money, its caps, and what counts against them.
    """

    account_id: int
    allowed_s: int
    state: AccountState
    kind: LineKind
    country: str
    category: str
    currency: str
    funds: Decimal
    held: Decimal
    capped: Capped
    when_withheld: WhenWithheld = WhenWithheld.ANONYMOUS


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectorWhereabouts:
    """What tells where a connector is: the country that was set for it, and what its account says."""

    name: str
    country: str
    numbers_country: str
    main_number: str | None
    time_zone: str


async def read_allowances(conn: PgConnection, *, now: datetime) -> Mapping[str, Allowance]:
    """What lines may do while the database is away, by name."""
    return {row["name"]: _allowance(row) for row in await conn.fetch(sql("allowances"), now)}


def _allowance(row: asyncpg.Record) -> Allowance:
    return Allowance(
        account_id=row["account_id"],
        allowed_s=row["allowed_s"],
        state=AccountState(row["state"]),
        kind=LineKind(row["kind"]),
        country=row["country"] or "",
        category=row["category"] or "",
        currency=row["currency"],
        funds=row["available"],
        held=row["held"],
        when_withheld=WhenWithheld(row["when_withheld"]),
        capped=Capped(
            caps=msgspec.convert(row["caps"] or {}, Caps),
            use=CapUse(day=row["day"], spent=row["spent"], live=row["live"]),
        ),
    )


async def newest_rate_version(conn: PgConnection) -> int:
    version: int = await conn.fetchval(sql("rate_version_newest"))
    return version


async def read_call_rates(
    conn: PgConnection, currencies: Sequence[str], *, now: datetime
) -> AsyncIterator[list[DeckRate]]:
    """All rates of calls in these currencies, a page at a time, so that webhooks are answered in between."""
    after = 0
    while True:
        page = [
            _deck_rate(row["row"]) for row in await conn.fetch(sql("call_rates"), currencies, after, now, RATES_PAGE)
        ]
        yield page
        if len(page) < RATES_PAGE:
            return
        after = page[-1].id


async def read_whereabouts(conn: PgConnection) -> list[ConnectorWhereabouts]:
    """What tells where each connector is."""
    return [ConnectorWhereabouts(**row) for row in await conn.fetch(sql("connector_whereabouts"))]
