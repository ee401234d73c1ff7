"""Top-ups, refunds and adjustments: what moves an account's money besides its calls and rents (R2, R3, R25).

What is due by now is done first, as if nobody had been late. Then, in one transaction, the entry is booked, and a
credit pays what is overdue before it is for calls.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final
from uuid import uuid4

from gateway.domain.access.actions import Action
from gateway.domain.access.actor import Actor
from gateway.domain.accounts.account_state import AccountState
from gateway.domain.accounts.low_balance import LowBalanceRule
from gateway.domain.errors import Conflict, Forbidden, InvalidInput, NotFound
from gateway.domain.money import AMOUNT_MAX
from gateway.log import logger
from gateway.log_events import LogEvent
from gateway.postgres.accounts import accounts, ledger
from gateway.postgres.accounts.accounts import LockedAccount
from gateway.postgres.accounts.ledger import EntryKind, EntryRow
from gateway.postgres.types import PgConnection
from gateway.usecases.access.write_down import write_down
from gateway.usecases.accounts.warn_low_balance import warn
from gateway.usecases.lines.run_due import bring_locked_up_to_date, bring_up_to_date, settle_overdue

EXTERNAL_ID_LENGTH_MAX = 200
NOTE_LENGTH_MAX = 500
DEFAULT_RULE = LowBalanceRule()
_ACTIONS: Final = {
    EntryKind.TOP_UP: Action.MONEY_TOP_UP,
    EntryKind.REFUND: Action.MONEY_REFUND,
    EntryKind.ADJUSTMENT: Action.MONEY_ADJUST,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Movement:
    """What is to be booked, once for its key."""

    kind: EntryKind
    amount: Decimal
    key: str
    external_id: str
    note: str | None = None
    call_id: int | None = None


async def top_up(
    conn: PgConnection,
    *,
    actor: Actor,
    account_id: int,
    amount: Decimal,
    external_id: str,
    now: datetime,
    rule: LowBalanceRule = DEFAULT_RULE,
) -> EntryRow:
    """Add money to an account, once for each external id (R3); a repeat gives the entry of the first time.

    Conflict where the same id came with another amount, or for another account: a payment is somebody's, and its key is
    the same for all accounts, so that the database lets it be booked for one.
    """
    if amount <= 0:
        raise InvalidInput("amount: a top-up must be more than 0")
    payment = _Movement(kind=EntryKind.TOP_UP, amount=amount, key=f"payment:{external_id}", external_id=external_id)
    return await _move(conn, actor, account_id, payment, now=now, rule=rule)


async def refund(
    conn: PgConnection,
    *,
    actor: Actor,
    account_id: int,
    amount: Decimal,
    now: datetime,
    external_id: str | None = None,
    note: str | None = None,
    call_id: int | None = None,
    amount_max: Decimal | None = None,
    rule: LowBalanceRule = DEFAULT_RULE,
) -> EntryRow:
    """Give money back for something that was charged: a credit like any other.

    `call_id` is of the call that it is for: all refunds of a call are at most what it cost. Forbidden where it is more
    than whoever asks may give back, `amount_max`.
    """
    if amount <= 0:
        raise InvalidInput("amount: a refund must be more than 0")
    if amount_max is not None and amount > amount_max:
        raise Forbidden(f"amount: support gives back {amount_max} at most, an operator more")
    movement = _movement(EntryKind.REFUND, account_id, amount, external_id=external_id, note=note, call_id=call_id)
    return await _move(conn, actor, account_id, movement, now=now, rule=rule)


async def adjust(
    conn: PgConnection,
    *,
    actor: Actor,
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
    movement = _movement(EntryKind.ADJUSTMENT, account_id, amount, external_id=external_id, note=note)
    return await _move(conn, actor, account_id, movement, now=now, rule=rule)


def _movement(
    kind: EntryKind,
    account_id: int,
    amount: Decimal,
    *,
    external_id: str | None,
    note: str | None,
    call_id: int | None = None,
) -> _Movement:
    """What the operator gives or takes; without an id of theirs it has one of ours."""
    known = str(uuid4()) if external_id is None else external_id
    key = f"{kind}:{account_id}:{known}"
    return _Movement(kind=kind, amount=amount, key=key, external_id=known, note=note, call_id=call_id)


async def _move(
    conn: PgConnection, actor: Actor, account_id: int, movement: _Movement, *, now: datetime, rule: LowBalanceRule
) -> EntryRow:
    _check_text("external id", movement.external_id, EXTERNAL_ID_LENGTH_MAX)
    _check_text("note", movement.note, NOTE_LENGTH_MAX)
    await bring_up_to_date(conn, account_id=account_id, now=now)
    async with conn.transaction():
        account = await accounts.lock(conn, account_id=account_id)
        if account is None:
            raise NotFound(f"there is no account {account_id}")
        if (booked := await _booked(conn, account_id, movement)) is not None:
            return booked
        if account.state is AccountState.CLOSED:
            raise Conflict(f"account {account_id} is closed: nothing but ends of its calls is booked")
        account = await bring_locked_up_to_date(conn, account, now=now)
        if abs(account.funds.balance + movement.amount) > AMOUNT_MAX:
            raise InvalidInput(f"amount {movement.amount} would make the balance larger than {AMOUNT_MAX}")
        if movement.call_id is not None:
            await _require_charged(conn, account, movement.call_id, movement.amount)
        entry = await _book(conn, account_id, movement, now=now)
        if movement.amount > 0:
            await settle_overdue(conn, account_id, now=now)
        before = {"balance": account.funds.balance}
        what = f"account:{account_id}"
        await write_down(
            conn,
            actor,
            _ACTIONS[movement.kind],
            what,
            account_id=account_id,
            before=before,
            after=entry,
            note=movement.note,
            now=now,
        )
    await _warn(conn, account_id, rule=rule, now=now)
    return entry


async def _booked(conn: PgConnection, account_id: int, movement: _Movement) -> EntryRow | None:
    """The entry of the first time; Conflict where that was something else.

    A top-up of an older version has the account in its key.
    """
    older = f"{movement.kind}:{account_id}:{movement.external_id}"
    booked = await ledger.find(conn, key=movement.key) or await ledger.find(conn, key=older)
    if booked is None and movement.kind is EntryKind.TOP_UP:
        owner = await ledger.payment_owner(conn, external_id=movement.external_id, account_id=account_id)
        if owner is not None:
            raise _paid_elsewhere(movement, owner)
    if booked is None:
        return None
    if booked.account_id != account_id:
        raise _paid_elsewhere(movement, booked.account_id)
    if booked.amount != movement.amount:
        raise Conflict(f"the external id {movement.external_id!r} was booked before with the amount {booked.amount}")
    if booked.call_id != movement.call_id:
        raise Conflict(f"the external id {movement.external_id!r} was booked before for another call, or for none")
    return booked


def _paid_elsewhere(movement: _Movement, owner: int) -> Conflict:
    return Conflict(
        f"the payment {movement.external_id!r} was booked before for account {owner}: if these are two payments, give"
        " this one another external id; if it was booked for the wrong account, correct both with `gateway adjust`"
    )


async def _require_charged(conn: PgConnection, account: LockedAccount, call_id: int, amount: Decimal) -> None:
    """Whether so much of a call can still be given back; nobody else refunds it while its account is locked."""
    call = await ledger.refunded(conn, call_id=call_id, account_id=account.id)
    if call is None:
        raise NotFound(f"account {account.id} has no call {call_id}")
    if call.charge is None:
        raise Conflict(f"call {call_id} has cost nothing so far: it has not ended, or was refused")
    if call.refunded + amount > call.charge:
        raise Conflict(
            f"call {call_id} cost {call.charge} {account.currency}, of which {call.refunded} were given back before:"
            f" at most {call.charge - call.refunded} can be"
        )


async def _book(conn: PgConnection, account_id: int, movement: _Movement, *, now: datetime) -> EntryRow:
    entry = await ledger.book(
        conn,
        account_id=account_id,
        kind=movement.kind,
        amount=movement.amount,
        key=movement.key,
        external_id=movement.external_id,
        note=movement.note,
        call_id=movement.call_id,
        now=now,
    )
    if entry is None:  # only a payment's key can be booked while this account is locked: for another one
        booked = await ledger.find(conn, key=movement.key)
        assert booked is not None, "entries are never deleted"  # noqa: S101
        raise _paid_elsewhere(movement, booked.account_id)
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
