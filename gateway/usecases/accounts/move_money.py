"""Top-ups, refunds and adjustments: what moves an account's money besides its calls and rents (R2, R3, R25).

What is due by now is done first, as if nobody had been late. Then, in one transaction, the entry is booked, and a
credit pays what is overdue before it is for calls.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from gateway.domain.access.actor import Actor
from gateway.domain.accounts.account_state import AccountState
from gateway.domain.accounts.low_balance import LowBalanceRule
from gateway.domain.errors import Conflict, InvalidInput, NotFound
from gateway.domain.money import AMOUNT_MAX
from gateway.log import logger
from gateway.log_events import LogEvent
from gateway.postgres.accounts import accounts, ledger
from gateway.postgres.accounts.accounts import LockedAccount
from gateway.postgres.accounts.ledger import EntryKind, EntryRow
from gateway.postgres.types import PgConnection
from gateway.usecases.access.write_down import write_down
from gateway.usecases.accounts.movements import Movement, correction, given_back, payment
from gateway.usecases.accounts.warn_low_balance import warn
from gateway.usecases.lines.run_due import bring_locked_up_to_date, bring_up_to_date, settle_overdue

DEFAULT_RULE = LowBalanceRule()


@dataclass(frozen=True, slots=True, kw_only=True)
class BookedMovement:
    """The entry of a movement; `balance_before` None: it was booked before, and nothing has changed."""

    entry: EntryRow
    balance_before: Decimal | None


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
    movement = payment(amount=amount, external_id=external_id)
    return await move(conn, actor=actor, account_id=account_id, movement=movement, now=now, rule=rule)


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
    movement = given_back(amount=amount, external_id=external_id, note=note, call_id=call_id, amount_max=amount_max)
    return await move(conn, actor=actor, account_id=account_id, movement=movement, now=now, rule=rule)


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
    movement = correction(amount=amount, external_id=external_id, note=note)
    return await move(conn, actor=actor, account_id=account_id, movement=movement, now=now, rule=rule)


async def move(
    conn: PgConnection,
    *,
    actor: Actor,
    account_id: int,
    movement: Movement,
    now: datetime,
    rule: LowBalanceRule = DEFAULT_RULE,
) -> EntryRow:
    """Book a movement, and write down who did it; a repeat gives the entry of the first time."""
    await bring_up_to_date(conn, account_id=account_id, now=now)
    async with conn.transaction():
        booked = await book_movement(conn, account_id=account_id, movement=movement, now=now)
        if booked.balance_before is None:
            return booked.entry
        await write_down(
            conn,
            actor,
            movement.action,
            f"account:{account_id}",
            account_id=account_id,
            before={"balance": booked.balance_before},
            after=booked.entry,
            note=movement.note,
            now=now,
        )
    await warn_at_once(conn, account_id, rule=rule, now=now)
    return booked.entry


async def book_movement(conn: PgConnection, *, account_id: int, movement: Movement, now: datetime) -> BookedMovement:
    """Book it within a transaction that is under way; a credit pays what is overdue."""
    account = await require_movable(conn, account_id=account_id, movement=movement)
    if isinstance(account, EntryRow):
        return BookedMovement(entry=account, balance_before=None)
    account = await bring_locked_up_to_date(conn, account, now=now)
    if abs(account.funds.balance + movement.amount) > AMOUNT_MAX:
        raise InvalidInput(
            "amount {amount} would make the balance larger than {most}", amount=movement.amount, most=AMOUNT_MAX
        )
    entry = await _book(conn, account_id, movement, now=now)
    if movement.amount > 0:
        await settle_overdue(conn, account_id, now=now)
    return BookedMovement(entry=entry, balance_before=account.funds.balance)


async def require_movable(conn: PgConnection, *, account_id: int, movement: Movement) -> LockedAccount | EntryRow:
    """The account, locked, of which it can be booked; or the entry of the first time."""
    account = await accounts.lock(conn, account_id=account_id)
    if account is None:
        raise NotFound("there is no account {account}", account=account_id)
    if (booked := await _booked(conn, account_id, movement)) is not None:
        return booked
    if account.state is AccountState.CLOSED:
        raise Conflict("account {account} is closed: nothing but ends of its calls is booked", account=account_id)
    if movement.call_id is not None:
        await _require_charged(conn, account, movement.call_id, movement.amount)
    return account


async def _booked(conn: PgConnection, account_id: int, movement: Movement) -> EntryRow | None:
    """The entry of the first time; Conflict where that was something else.

    A top-up of an older version has the account in its key.
    """
    older = f"{movement.kind}:{account_id}:{movement.external_id}"
    booked = await ledger.find(conn, key=movement.key_for(account_id)) or await ledger.find(conn, key=older)
    if booked is None and movement.kind is EntryKind.TOP_UP:
        owner = await ledger.payment_owner(conn, external_id=movement.external_id, account_id=account_id)
        if owner is not None:
            raise _paid_elsewhere(movement, owner)
    if booked is None:
        return None
    if booked.account_id != account_id:
        raise _paid_elsewhere(movement, booked.account_id)
    if booked.amount != movement.amount:
        raise Conflict(
            "the external id {payment!r} was booked before with the amount {amount}",
            payment=movement.external_id,
            amount=booked.amount,
        )
    if booked.call_id != movement.call_id:
        raise Conflict(
            "the external id {payment!r} was booked before for another call, or for none", payment=movement.external_id
        )
    return booked


def _paid_elsewhere(movement: Movement, owner: int) -> Conflict:
    return Conflict(
        "the payment {payment!r} was booked before for account {owner}: if these are two payments, give "
        "this one another external id; if it was booked for the wrong account, correct both with `gateway"
        " adjust`",
        payment=movement.external_id,
        owner=owner,
    )


async def _require_charged(conn: PgConnection, account: LockedAccount, call_id: int, amount: Decimal) -> None:
    """Whether so much of a call can still be given back; nobody else refunds it while its account is locked."""
    call = await ledger.refunded(conn, call_id=call_id, account_id=account.id)
    if call is None:
        raise NotFound("account {account} has no call {call}", account=account.id, call=call_id)
    if call.charge is None:
        raise Conflict("call {call} has cost nothing so far: it has not ended, or was refused", call=call_id)
    if call.refunded + amount > call.charge:
        raise Conflict(
            "call {call} cost {charge} {currency}, of which {refunded} were given back before: at most {most} can be",
            call=call_id,
            charge=call.charge,
            currency=account.currency,
            refunded=call.refunded,
            most=call.charge - call.refunded,
        )


async def _book(conn: PgConnection, account_id: int, movement: Movement, *, now: datetime) -> EntryRow:
    entry = await ledger.book(
        conn,
        account_id=account_id,
        kind=movement.kind,
        amount=movement.amount,
        key=movement.key_for(account_id),
        external_id=movement.external_id,
        note=movement.note,
        call_id=movement.call_id,
        now=now,
    )
    if entry is None:  # only a payment's key can be booked while this account is locked: for another one
        booked = await ledger.find(conn, key=movement.key_for(account_id))
        assert booked is not None, "entries are never deleted"  # noqa: S101
        raise _paid_elsewhere(movement, booked.account_id)
    return entry


async def warn_at_once(conn: PgConnection, account_id: int, *, rule: LowBalanceRule, now: datetime) -> None:
    """Compare with the minimum at once: the worker, a second later, might not see a low balance that was over between.

    The money is booked by now, so nothing that happens here may be taken for a failure of that.
    """
    try:
        await warn(conn, [account_id], rule=rule, now=now)
    except Exception as error:  # noqa: BLE001 - the account is marked, and the worker comes back to it
        logger().warning(LogEvent.LOW_BALANCE_FAILED, account_id=account_id, why=str(error) or type(error).__name__)
