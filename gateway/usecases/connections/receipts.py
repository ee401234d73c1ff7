"""Write down what the webhooks of connections were like, and read it: the last of each, refusals, secrets in use."""

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from gateway.context import Context
from gateway.domain.connection import Connection
from gateway.hook_receipts import Receipts
from gateway.postgres import connections as rows
from gateway.postgres.connections import HooksRow, SecretRow
from gateway.postgres.types import PgConnection

INTERVAL_S: Final = 5.0
# Enough to tell two secrets apart, too little to find one by.
_DIGITS: Final = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretUse:
    """One of a connection's secrets, 1 being the newest, and when it last proved a webhook."""

    position: int
    fingerprint: str
    used_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class HookHistory:
    """What the webhooks of a connection were like; `hooks` is None where no process has known it."""

    hooks: HooksRow | None
    secrets: tuple[SecretUse, ...]

    @property
    def last_used(self) -> SecretUse | None:
        """The secret that proved the last webhook."""
        used = [(each.used_at, each) for each in self.secrets if each.used_at is not None]
        return max(used, key=lambda pair: pair[0])[1] if used else None


class ReceiptsWriter:
    """Writes what a process has noted, and each connection that it has, once."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._known: set[str] = set()

    async def once(self) -> bool:
        """Write it, if there is anything new. Nobody waits for it, and what cannot be written now is kept."""
        taken = self._context.receipts.take()
        new = self._context.settings.connections.keys() - self._known
        if not taken and not new:
            return False
        now = self._context.clock.now()
        try:
            async with self._context.pool.acquire() as conn, conn.transaction():
                await rows.note_hooks(conn, [_hooks(name, taken.get(name), now) for name in new | taken.keys()])
                await rows.note_secrets(conn, [each for name in taken for each in _uses(name, taken[name])])
        except BaseException:
            self._context.receipts.put_back(taken)
            raise
        self._known |= new
        return False


async def read_histories(conn: PgConnection, connections: Mapping[str, Connection]) -> Mapping[str, HookHistory]:
    """What each of the connections that are configured has been like."""
    hooks = {each.connection: each for each in await rows.list_hooks(conn)}
    used = {(each.connection, each.fingerprint): each.used_at for each in await rows.list_secrets(conn)}

    def history(name: str, secrets: Sequence[str]) -> HookHistory:
        prints = [fingerprint(name, secret) for secret in secrets]
        uses = (
            SecretUse(position=at, fingerprint=each, used_at=used.get((name, each)))
            for at, each in enumerate(prints, start=1)
        )
        return HookHistory(hooks=hooks.get(name), secrets=tuple(uses))

    return {name: history(name, each.secrets) for name, each in connections.items()}


def fingerprint(connection: str, secret: str) -> str:
    """What stands for a secret where it must not: it says nothing of the same secret at another connection."""
    return hmac.new(connection.encode(), secret.encode(), hashlib.sha256).hexdigest()[:_DIGITS]


def _hooks(connection: str, receipts: Receipts | None, now: datetime) -> HooksRow:
    refused = None if receipts is None else receipts.refused
    return HooksRow(
        connection=connection,
        configured_at=now,
        accepted_at=None if receipts is None else receipts.accepted_at,
        refused_at=None if refused is None else refused.at,
        refused_status=None if refused is None else refused.status,
        refused_why=None if refused is None else refused.why,
    )


def _uses(connection: str, receipts: Receipts) -> list[SecretRow]:
    return [
        SecretRow(connection=connection, fingerprint=fingerprint(connection, secret), used_at=at)
        for secret, at in receipts.used.items()
    ]
