"""Accounts that others have locked: who needs one leaves its batch, so that it waits alone.

For a moment every account is locked by whoever moves its money. A batch that needs nothing but such accounts waits for
its turn, as long as a turn takes. An account that is not free after that is held by somebody who is stuck, or by an
operator at a prompt: nobody waits for it any more, it is only looked at from time to time.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from gateway.postgres.errors import is_lock_held
from gateway.postgres.sql import sql
from gateway.postgres.types import PgConnection

# So long an account is taken for held since it was last seen so.
HELD_S: Final = 30.0


@dataclass(frozen=True, slots=True)
class Locked:
    """A result that says: somebody else has locked the account, work this event when it is free."""

    account_id: int


class LockedAccounts:
    """The accounts that are held for longer than a turn takes."""

    def __init__(self) -> None:
        self._held_until: dict[int, float] = {}

    def is_held(self, account_id: int) -> bool:
        return self._held_until.get(account_id, 0.0) > asyncio.get_running_loop().time()

    def hold(self, account_id: int) -> None:
        """It was seen to be held just now."""
        self._held_until[account_id] = asyncio.get_running_loop().time() + HELD_S

    def free(self, account_id: int) -> None:
        """It was seen to be free."""
        self._held_until.pop(account_id, None)

    def turn_of(self, results: Sequence[object]) -> list[int]:
        """The accounts that a batch waits for: only where it needs nothing else, and none of them is held."""
        locked = {result.account_id for result in results if isinstance(result, Locked)}
        is_all = all(isinstance(result, Locked) for result in results)
        return sorted(locked) if is_all and not any(map(self.is_held, locked)) else []


async def await_turn(conn: PgConnection, account_ids: Sequence[int], *, within: timedelta) -> bool:
    """Lock accounts, as soon as they are free; False where that takes too long, and the transaction has failed."""
    try:
        await conn.fetch(sql("accounts_turn"), account_ids, in_milliseconds(within))
    except Exception as error:
        if is_lock_held(error):
            return False
        raise
    return True


def in_milliseconds(span: timedelta) -> str:
    """As PostgreSQL has it."""
    return str(round(span / timedelta(milliseconds=1)))
