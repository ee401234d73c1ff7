"""What the server of a session is: primary or standby, who follows it, and what a failover or a crash would lose."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from gateway.postgres.sql import sql
from gateway.postgres.types import PgConnection

# What does not wait for a standby, whatever standbys are named.
_LOCAL: Final = frozenset({"off", "local"})
# How soon a standby that follows has applied what it just got.
APPLIED_WITHIN_S: Final = 0.1
# A busy one is always a little behind, which nobody has to ask about twice.
SEEMS_BEHIND: Final = timedelta(seconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Replication:
    """`followers` stream from this server; `synchronous` of them are waited for, None where nobody lets us see it.

    `waiting` sessions of ours have waited for a synchronous standby for more than a second.
    """

    version: str
    is_standby: bool
    is_read_only: bool
    synchronous_commit: str
    flushes: bool
    writes_full_pages: bool
    synchronous_names: str
    followers: int
    synchronous: int | None
    waiting: int

    @property
    def may_write(self) -> bool:
        return not (self.is_standby or self.is_read_only)

    @property
    def waits_for_standbys(self) -> bool:
        """Whether a commit is answered only when a standby has it too."""
        return bool(self.synchronous_names) and self.synchronous_commit not in _LOCAL

    @property
    def has_lost_synchronous(self) -> bool:
        """Whether commits wait for a standby that is not there."""
        if not self.waits_for_standbys:
            return False
        return self.followers == 0 or self.synchronous == 0 or self.waiting > 0

    @property
    def may_lose_acknowledged(self) -> bool:
        """Whether a failover may lose what was answered: somebody follows, and nobody waits for them."""
        return self.followers > 0 and not self.waits_for_standbys

    @property
    def careless_settings(self) -> tuple[str, ...]:
        """The settings that are off, by which a crash of the server's machine may lose or damage what was answered."""
        is_on = {
            "fsync": self.flushes,
            "full_page_writes": self.writes_full_pages,
            "synchronous_commit": self.synchronous_commit != "off",
        }
        return tuple(name for name, on in is_on.items() if not on)


async def read_replication(conn: PgConnection) -> Replication:
    row = await conn.fetchrow(sql("replication"))
    assert row is not None, "it is one row"  # noqa: S101
    return Replication(**row)


async def replica_lag(conn: PgConnection) -> timedelta | None:
    """How far the server is behind; None where it does not know, as it has applied nothing yet.

    What it got this very moment it applies within the next: after a quiet hour it would seem to be an hour behind.
    """
    lag: timedelta | None = await conn.fetchval(sql("replica_lag"))
    if lag is not None and lag > SEEMS_BEHIND:
        await asyncio.sleep(APPLIED_WITHIN_S)
        lag = await conn.fetchval(sql("replica_lag"))
    return lag
