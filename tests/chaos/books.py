"""What the database has on record of a scenario, read by the checker's own queries in one snapshot."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from gateway.postgres.types import Pool

_ACCOUNTS = """
    SELECT id, name, balance::numeric AS balance, held::numeric AS held, credit_limit::numeric AS credit_limit
    FROM account WHERE name LIKE $1 ORDER BY id
"""
_CALLS = """
    SELECT id, account_id, provider_call_id, callee, state, reason, granted_s, reply, reported_s, billed_s,
        charge::numeric AS charge, flags
    FROM call WHERE provider_call_id LIKE $1 ORDER BY id
"""
_LIVE = """
    SELECT live_call.call_id, live_call.account_id, provider_call_id, hold::numeric AS hold
    FROM live_call JOIN call ON call.id = live_call.call_id
    WHERE provider_call_id LIKE $1
"""
_ENTRIES = """
    SELECT id, account_id, kind, amount::numeric AS amount, balance_after::numeric AS balance_after, call_id, line_id,
        external_id
    FROM ledger_entry WHERE account_id = ANY($1) ORDER BY id
"""
_MAILS = "SELECT account_id, kind, key, message_id, state FROM mail WHERE account_id = ANY($1) ORDER BY id"


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountRow:
    id: int
    name: str
    balance: Decimal
    held: Decimal
    credit_limit: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class CallRow:
    id: int
    account_id: int | None
    provider_call_id: str
    callee: str
    state: str
    reason: str | None
    granted_s: int
    reply: bytes | None
    reported_s: int | None
    billed_s: int | None
    charge: Decimal | None
    flags: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveRow:
    call_id: int
    account_id: int | None
    provider_call_id: str
    hold: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryRow:
    id: int
    account_id: int
    kind: str
    amount: Decimal
    balance_after: Decimal
    call_id: int | None = None
    line_id: int | None = None
    external_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MailRow:
    account_id: int
    kind: str
    key: str
    message_id: str | None
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Books:
    accounts: Sequence[AccountRow]
    calls: Sequence[CallRow]
    live: Sequence[LiveRow]
    entries: Sequence[EntryRow]
    mails: Sequence[MailRow]


async def read_books(pool: Pool, scenario: str) -> Books:
    """All that belongs to a scenario, by its name."""
    async with pool.acquire() as conn, conn.transaction(isolation="repeatable_read", readonly=True):
        accounts = [AccountRow(**row) for row in await conn.fetch(_ACCOUNTS, f"{scenario}-%")]
        ids = [account.id for account in accounts]
        return Books(
            accounts=accounts,
            calls=[CallRow(**row) for row in await conn.fetch(_CALLS, f"{scenario}-%")],
            live=[LiveRow(**row) for row in await conn.fetch(_LIVE, f"{scenario}-%")],
            entries=[EntryRow(**row) for row in await conn.fetch(_ENTRIES, ids)],
            mails=[MailRow(**row) for row in await conn.fetch(_MAILS, ids)],
        )
