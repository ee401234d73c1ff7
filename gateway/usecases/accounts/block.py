"""Block an account, which then starts no calls, and let it call again."""

from dataclasses import dataclass
from datetime import datetime

from gateway.domain.access.actions import Action
from gateway.domain.access.actor import Actor
from gateway.domain.accounts.account_state import AccountState
from gateway.domain.errors import Conflict, InvalidInput
from gateway.postgres.accounts import accounts
from gateway.postgres.calls import calls
from gateway.postgres.calls.calls import CutCounts
from gateway.postgres.types import PgConnection
from gateway.usecases.access.write_down import write_down
from gateway.usecases.accounts.show import AccountView, show_account

REASON_LENGTH_MAX = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockedAccount:
    """The account, and what becomes of the calls that are up; none is cut unless that was wanted."""

    account: AccountView
    cut: int
    uncuttable: int


async def block_account(
    conn: PgConnection, *, actor: Actor, account_id: int, reason: str, now: datetime, cut: bool = False
) -> BlockedAccount:
    """Refuse new calls of an account, incoming ones too; emergency calls still pass. Its rents go on.

    `cut`: calls that are up are ended, where the gateway can. A blocked account may be blocked again, for another
    reason.
    """
    reason = reason.strip()
    if not 1 <= len(reason) <= REASON_LENGTH_MAX or not reason.isprintable():
        raise InvalidInput("reason: must be 1 to {most} printable characters", most=REASON_LENGTH_MAX)
    async with conn.transaction():
        await accounts.lock_living(conn, account_id=account_id)
        before = await show_account(conn, account_id=account_id)
        await accounts.block(conn, account_id=account_id, reason=reason)
        counts = CutCounts(cut=0, uncuttable=0)
        if cut:
            counts = await calls.cut_all(conn, account_id=account_id, now=now)
        after = await show_account(conn, account_id=account_id)
        what, note = f"account:{account_id}", f"{reason}; {counts.cut} calls are ended" if cut else reason
        await write_down(
            conn,
            actor,
            Action.ACCOUNTS_BLOCK,
            what,
            account_id=account_id,
            before=before,
            after=after,
            note=note,
            now=now,
        )
    return BlockedAccount(account=after, cut=counts.cut, uncuttable=counts.uncuttable)


async def unblock_account(conn: PgConnection, *, actor: Actor, account_id: int, now: datetime) -> AccountView:
    """Let an account call again; Conflict where it is not blocked."""
    async with conn.transaction():
        account = await accounts.lock_living(conn, account_id=account_id)
        if account.state is not AccountState.BLOCKED:
            raise Conflict("account {account} is not blocked", account=account_id)
        before = await show_account(conn, account_id=account_id)
        await accounts.block(conn, account_id=account_id, reason=None)
        after = await show_account(conn, account_id=account_id)
        what = f"account:{account_id}"
        await write_down(
            conn, actor, Action.ACCOUNTS_UNBLOCK, what, account_id=account_id, before=before, after=after, now=now
        )
    return after
