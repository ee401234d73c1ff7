"""Close an account for ever: its lines are given up, its money is settled, and only ends of its calls are booked after.

Who closes is told first what becomes of all that (`plan_closing`), and says what becomes of the money.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import assert_never

from gateway.domain.access.actions import Action
from gateway.domain.access.actor import Actor
from gateway.domain.errors import Conflict
from gateway.domain.lines.charge import Ending
from gateway.domain.lines.rent_state import Disconnected
from gateway.domain.money import ZERO
from gateway.postgres.accounts import accounts, ledger
from gateway.postgres.accounts.accounts import LockedAccount
from gateway.postgres.accounts.ledger import EntryKind
from gateway.postgres.lines import subscriptions
from gateway.postgres.types import PgConnection
from gateway.usecases.access.write_down import write_down
from gateway.usecases.accounts.show import AccountView, show_account
from gateway.usecases.lines.run_due import bring_locked_up_to_date, bring_up_to_date, calendars, write


class ClosingMoney(StrEnum):
    """What becomes of a balance: paid out to its owner, written off as a debt, or kept on the books as it is."""

    PAY_OUT = "pay_out"
    WRITE_OFF = "write_off"
    KEEP = "keep"


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountClosing:
    """What closing an account means now: the balance to be settled, and the lines that end."""

    account_id: int
    balance: Decimal
    currency: str
    live_calls: int
    lines: list[str]


async def plan_closing(conn: PgConnection, *, account_id: int) -> AccountClosing:
    """What would become of an account; nothing is changed."""
    account = await accounts.require(conn, account_id=account_id)
    living = await subscriptions.living(conn, account_id=account_id)
    return AccountClosing(
        account_id=account_id,
        balance=account.funds.balance,
        currency=account.currency,
        live_calls=account.live_calls,
        lines=[line.name for line in living],
    )


async def close_account(
    conn: PgConnection, *, actor: Actor, account_id: int, money: ClosingMoney | None, now: datetime
) -> AccountView:
    """End the lines of an account, settle its balance by an adjustment, and close it.

    Conflict where calls are up or their ends have not come, where the account is closed already, and where `money` does
    not fit its balance; None fits a balance of nothing.
    """
    await accounts.require(conn, account_id=account_id)
    await bring_up_to_date(conn, account_id=account_id, now=now)
    async with conn.transaction():
        account = await accounts.lock_living(conn, account_id=account_id)
        account = await bring_locked_up_to_date(conn, account, now=now)
        before = await show_account(conn, account_id=account_id)
        _require_no_calls(before)
        await _end_lines(conn, account, now=now)
        await _settle(conn, account, money, now=now)
        await accounts.close(conn, account_id=account_id, now=now)
        after = await show_account(conn, account_id=account_id)
        what = f"account:{account_id}"
        await write_down(
            conn, actor, Action.ACCOUNTS_CLOSE, what, account_id=account_id, before=before, after=after, now=now
        )
    return after


def _require_no_calls(account: AccountView) -> None:
    """Calls that are up would be charged to nobody; those that are over and owe their hold can be closed by hand."""
    if account.live_calls:
        raise Conflict(
            "account {account} has {live_calls} calls that are up or whose ends have not come: see `gateway "
            "calls list --live --account {account}`, and block the account with --cut first",
            account=account.id,
            live_calls=account.live_calls,
        )


async def _end_lines(conn: PgConnection, account: LockedAccount, *, now: datetime) -> None:
    living = await subscriptions.living(conn, account_id=account.id)
    [calendar] = await calendars(conn, [account], [line.id for line in living], now=now)
    for line in list(calendar.lines.values()):
        assert not isinstance(line.state, Disconnected), "only living lines were asked for"  # noqa: S101
        calendar.disconnect(line, line.state, Ending.GIVEN_UP, now)
    await write(conn, [calendar], now=now)


async def _settle(conn: PgConnection, account: LockedAccount, money: ClosingMoney | None, *, now: datetime) -> None:
    note = _settling_note(money, account.funds.balance, account.currency)
    if note is not None:
        await ledger.book(
            conn,
            account_id=account.id,
            kind=EntryKind.ADJUSTMENT,
            amount=-account.funds.balance,
            key=f"closing:{account.id}",
            note=note,
            now=now,
        )


def _settling_note(money: ClosingMoney | None, balance: Decimal, currency: str) -> str | None:
    """What the entry says that brings the balance to nothing; None: there is none."""
    has = {"balance": balance, "currency": currency}
    match money:
        case None if balance:
            raise Conflict(
                "the account has {balance} {currency}: say what becomes of it, one of {choices}",
                choices=", ".join(ClosingMoney),
                **has,
            )
        case ClosingMoney.PAY_OUT if balance < ZERO:
            raise Conflict(
                "the account has {balance} {currency}: a debt is not paid out, but written off or kept", **has
            )
        case ClosingMoney.WRITE_OFF if balance > ZERO:
            raise Conflict(
                "the account has {balance} {currency}: money of its owner is not written off, but paid out or kept",
                **has,
            )
        case None | ClosingMoney.KEEP:
            return None
        case ClosingMoney.PAY_OUT:
            return "paid out as the account is closed" if balance else None
        case ClosingMoney.WRITE_OFF:
            return "written off as the account is closed" if balance else None
        case _ as never:
            assert_never(never)
