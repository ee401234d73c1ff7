"""A small world for tests: accounts, lines and rates put straight into the database."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from gateway.domain.calls.call import Limits
from gateway.domain.lines.rent_dates import midnight
from gateway.postgres.types import PgConnection

NOON = datetime(2026, 3, 11, 12, 0, tzinfo=UTC)
# For calls whose figures are told without the time that they took.
RECORDED = Limits(seconds_tolerance_s=3600)


class FakeClock:
    """A clock that stands still until it is moved."""

    def __init__(self, at: datetime = NOON) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at

    def advance(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


async def account(
    conn: PgConnection,
    *,
    balance: str = "100",
    currency: str = "USD",
    main_number: str | None = None,
    credit_limit: str = "0",
    free_inbound_needs_balance: bool = False,
    unavailable_allow_s: int = 0,
) -> int:
    """An account with this balance, which is one ledger entry."""
    account_id: int = await conn.fetchval(
        """
        INSERT INTO account (
            name, currency, email, time_zone, language, main_number, credit_limit, free_inbound_needs_balance,
            unavailable_allow_s, created_at
        )
        VALUES ('Acme', $1, 'a@b.example', 'Europe/Berlin', 'en', $2, $3, $4, $5, $6)
        RETURNING id
        """,
        currency,
        main_number,
        Decimal(credit_limit),
        free_inbound_needs_balance,
        unavailable_allow_s,
        NOON,
    )
    if Decimal(balance):
        await adjust(conn, account_id, balance)
    return account_id


async def adjust(conn: PgConnection, account_id: int, amount: str) -> None:
    """Move a balance by an entry."""
    async with conn.transaction():
        after = await conn.fetchval(
            "UPDATE account SET balance = balance + $2 WHERE id = $1 RETURNING balance::numeric",
            account_id,
            Decimal(amount),
        )
        await conn.execute(
            """
            INSERT INTO ledger_entry (account_id, kind, amount, balance_after, key, booked_at)
            VALUES ($1, 'adjustment', $2, $3, 'test:' || gen_random_uuid(), $4)
            """,
            account_id,
            Decimal(amount),
            after,
            NOON,
        )


async def number(
    conn: PgConnection,
    account_id: int,
    name: str,
    *,
    state: str = "active",
    country: str = "US",
    category: str = "geographic",
) -> int:
    line_id: int = await conn.fetchval(
        """
        INSERT INTO line (account_id, kind, name, state, country, category, created_at)
        VALUES ($1, 'number', $2, $3, $4, $5, $6)
        RETURNING id
        """,
        account_id,
        name,
        state,
        country,
        category,
        NOON,
    )
    return line_id


async def connector(conn: PgConnection, account_id: int, name: str, *, state: str = "active") -> int:
    line_id: int = await conn.fetchval(
        """
        INSERT INTO line (account_id, kind, name, state, created_at) VALUES ($1, 'connector', $2, $3, $4)
        RETURNING id
        """,
        account_id,
        name,
        state,
        NOON,
    )
    return line_id


async def rate(
    conn: PgConnection,
    prefix: str = "",
    per_minute: str = "0.0270",
    *,
    kind: str = "outbound",
    fee: str = "0",
    first_interval_s: int = 60,
    increment_s: int = 60,
    currency: str = "USD",
    country: str = "",
    category: str = "",
    valid_from: datetime = NOON - timedelta(days=30),
    valid_until: datetime | None = None,
    caller_prefixes: str = "",
) -> int:
    rate_id: int = await conn.fetchval(
        """
        WITH version AS (INSERT INTO rate_version (imported_at, source) VALUES ($1, 'test') RETURNING id)
        INSERT INTO rate (
            version_id, kind, currency, country, category, prefix, per_minute, connection_fee, first_interval_s,
            increment_s, valid_from, valid_until, caller_prefixes
        )
        SELECT id, $2, $3, $4, $5, $6, $7, $8, $9, $10, $1, $11, $12 FROM version
        RETURNING id
        """,
        valid_from,
        kind,
        currency,
        country,
        category,
        prefix,
        Decimal(per_minute),
        Decimal(fee),
        first_interval_s,
        increment_s,
        valid_until,
        caller_prefixes,
    )
    return rate_id


async def money(conn: PgConnection, account_id: int) -> tuple[Decimal, Decimal]:
    """(balance, held), after a check that both are what entries and holds say."""
    row = await conn.fetchrow(
        """
        SELECT
            balance::numeric AS balance, held::numeric AS held,
            (SELECT coalesce(sum(amount), 0) FROM ledger_entry WHERE account_id = $1)::numeric AS entries,
            (SELECT coalesce(sum(hold), 0) FROM live_call WHERE account_id = $1)::numeric AS holds
        FROM account
        WHERE id = $1
        """,
        account_id,
    )
    assert row is not None
    assert row["balance"] == row["entries"]
    assert row["held"] == row["holds"]
    return row["balance"], row["held"]


async def rented(
    conn: PgConnection,
    account_id: int,
    name: str,
    due_on: date,
    *,
    rent: str = "4",
    anchor_day: int | None = None,
    calendar_due_at: datetime | None = None,
) -> int:
    """A number or a connector that works and is paid until a day; the calendar looks at it then, in Berlin."""
    is_number = name.startswith("+")
    line_id = await (number(conn, account_id, name, country="DE") if is_number else connector(conn, account_id, name))
    await conn.execute(
        "UPDATE line SET rent = $2, due_on = $3, anchor_day = $4, calendar_due_at = $5 WHERE id = $1",
        line_id,
        Decimal(rent),
        due_on,
        anchor_day or due_on.day,
        calendar_due_at or midnight(due_on - timedelta(days=3), ZoneInfo("Europe/Berlin")),
    )
    return line_id
