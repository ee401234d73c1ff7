"""Have all calls of an account ended at once, by a word of somebody who may; the account can call again at once."""

from datetime import datetime

from gateway.domain.access.actions import Action
from gateway.domain.access.actor import Actor
from gateway.postgres.accounts import accounts
from gateway.postgres.calls import calls
from gateway.postgres.calls.calls import CutCounts
from gateway.postgres.types import PgConnection
from gateway.usecases.access.write_down import write_down


async def cut_calls_of(conn: PgConnection, *, actor: Actor, account_id: int, now: datetime) -> CutCounts:
    """Those that the gateway can end; emergency calls go on. The ends are the provider's to report (R19)."""
    async with conn.transaction():
        await accounts.lock_living(conn, account_id=account_id)
        counts = await calls.cut_all(conn, account_id=account_id, now=now)
        await write_down(
            conn,
            actor,
            Action.CALLS_CUT,
            f"account:{account_id}",
            account_id=account_id,
            after={"cut": counts.cut, "uncuttable": counts.uncuttable},
            now=now,
        )
    return counts
