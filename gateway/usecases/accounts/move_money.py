"""Top-ups, refunds and adjustments: what moves an account's money besides its calls and rents (R2, R3, R25).

What is due by now is done first, as if nobody had been late. Then, in one transaction, the entry is booked, and a
credit pays what is overdue before it is for calls.
"""

from datetime import datetime
from decimal import Decimal
from uuid import uuid4

from gateway.domain.accounts.account_state import AccountState
from gateway.domain.accounts.low_balance import LowBalanceRule
from gateway.domain.errors import Conflict, InvalidInput, NotFound
from gateway.domain.money import AMOUNT_MAX
from gateway.log import logger
from gateway.log_events import LogEvent
from gateway.postgres.accounts import accounts, ledger
from gateway.postgres.accounts.ledger import EntryKind, EntryRow
from gateway.postgres.types import PgConnection
from gateway.usecases.accounts.warn_low_balance import warn
from gateway.usecases.lines.run_due import bring_locked_up_to_date, bring_up_to_date, settle_overdue

EXTERNAL_ID_LENGTH_MAX = 200
NOTE_LENGTH_MAX = 500
DEFAULT_RULE = LowBalanceRule()


async def top_up(
    conn: PgConnection,
    *,
    account_id: int,
    amount: Decimal,
    external_id: str,
    now: datetime,
    rule: LowBalanceRule = DEFAULT_RULE,
) -> EntryRow:
    """Add money to an account, once for each external id (R3); a repeat gives the entry of the first time.

    Conflict where the same id came with another amount.
    """
    if amount <= 0:
        raise InvalidInput("amount: a top-up must be more than 0")
    return await _move(
        conn, EntryKind.TOP_UP, account_id, amount, external_id=external_id, note=None, now=now, rule=rule
    )


async def refund(
    conn: PgConnection,
    *,
    account_id: int,
    amount: Decimal,
    now: datetime,
    external_id: str | None = None,
    note: str | None = None,
    rule: LowBalanceRule = DEFAULT_RULE,
) -> EntryRow:
    """Give money back for something that was charged: a credit like any other."""
    if amount <= 0:
        raise InvalidInput("amount: a refund must be more than 0")
    return await _move(
        conn, EntryKind.REFUND, account_id, amount, external_id=external_id, note=note, now=now, rule=rule
    )


async def adjust(
    conn: PgConnection,
    *,
    account_id: int,
    amount: Decimal,
    now: datetime,
    external_id: str | None = None,
    note: str | None = None,
    rule: LowBalanceRule = DEFAULT_RULE,
) -> EntryRow:
    """Correct a balance, up or down; it may go below what calls and rents could take it to."""
    if not amount:
        raise InvalidInput("amount: an adjustment must not be 0")
    return await _move(
        conn, EntryKind.ADJUSTMENT, account_id, amount, external_id=external_id, note=note, now=now, rule=rule
    )


async def _move(
    conn: PgConnection,
    kind: EntryKind,
    account_id: int,
    amount: Decimal,
    *,
    external_id: str | None,
    note: str | None,
    now: datetime,
    rule: LowBalanceRule,
) -> EntryRow:
    _check_text("external id", external_id, EXTERNAL_ID_LENGTH_MAX)
    _check_text("note", note, NOTE_LENGTH_MAX)
    external_id = external_id or str(uuid4())
    key = f"{kind}:{account_id}:{external_id}"
    await bring_up_to_date(conn, account_id=account_id, now=now)
    async with conn.transaction():
        account = await accounts.lock(conn, account_id=account_id)
        if account is None:
            raise NotFound(f"there is no account {account_id}")
        if (booked := await ledger.find(conn, key=key)) is not None:
            if booked.amount != amount:
                raise Conflict(f"the external id {external_id!r} was booked before with the amount {booked.amount}")
            return booked
        if account.state is AccountState.CLOSED:
            raise Conflict(f"account {account_id} is closed: nothing but ends of its calls is booked")
        account = await bring_locked_up_to_date(conn, account, now=now)
        if abs(account.funds.balance + amount) > AMOUNT_MAX:
            raise InvalidInput(f"amount {amount} would make the balance larger than {AMOUNT_MAX}")
        entry = await ledger.book(
            conn, account_id=account_id, kind=kind, amount=amount, key=key, external_id=external_id, note=note, now=now
        )
        assert entry is not None, "nobody else can book while the account is locked"  # noqa: S101
        if amount > 0:
            await settle_overdue(conn, account_id, now=now)
    await _warn(conn, account_id, rule=rule, now=now)
    return entry


async def _warn(conn: PgConnection, account_id: int, *, rule: LowBalanceRule, now: datetime) -> None:
    """Compare with the minimum at once: the worker, a second later, might not see a low balance that was over between.

    The money is booked by now, so nothing that happens here may be taken for a failure of that.
    """
    try:
        await warn(conn, [account_id], rule=rule, now=now)
    except Exception as error:  # noqa: BLE001 - the account is marked, and the worker comes back to it
        logger().warning(LogEvent.LOW_BALANCE_FAILED, account_id=account_id, why=str(error) or type(error).__name__)


def _check_text(what: str, text: str | None, length_max: int) -> None:
    if text is not None and (not text.strip() or not text.isprintable() or len(text) > length_max):
        raise InvalidInput(f"{what}: must be 1 to {length_max} printable characters")
