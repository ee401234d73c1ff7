"""Write down the last webhooks as they came, without what is secret; read them; delete them after some days."""

import asyncio
from datetime import timedelta
from decimal import Decimal
from typing import Final

from gateway.context import Context
from gateway.domain.connection import Connection
from gateway.domain.errors import NotFound
from gateway.hook_captures import BODY_KEPT, CapturedHook
from gateway.postgres import hooks
from gateway.postgres.hooks import HookRow, NewHook
from gateway.postgres.types import PgConnection
from gateway.usecases.connections.redaction import is_name_of_secret, redact

INTERVAL_S: Final = 2.0
FORGET_INTERVAL_S: Final = 600.0
# However many days they are kept for.
HOOKS_MAX: Final = 100_000
BATCH: Final = 1000


class HookWriter:
    """Writes what a process has captured. What cannot be written is lost: nothing depends on it."""

    def __init__(self, context: Context) -> None:
        self._context = context

    async def once(self) -> bool:
        captures, connections = self._context.captures, self._context.settings.connections
        self._context.metrics.bring_up(self._context.metrics.hooks_not_kept, captures.dropped)
        taken = captures.take()
        if not taken:
            return False
        new = []
        for each in taken:
            new.append(_redacted(each, connections.get(each.connection)))
            # Webhooks that come meanwhile do not wait for all of them.
            await asyncio.sleep(0)
        async with self._context.pool.acquire() as conn:
            await hooks.write(conn, new)
        return False


async def list_hooks(
    conn: PgConnection,
    *,
    connection: str | None = None,
    provider_call_id: str | None = None,
    is_refused: bool | None = None,
    before: int | None = None,
    limit: int = 100,
) -> list[HookRow]:
    """Newest first; `is_refused`: only those whose reply was no success, or only the others."""
    return await hooks.page(
        conn,
        connection=connection,
        provider_call_id=provider_call_id,
        is_refused=is_refused,
        before=before,
        limit=limit,
    )


async def show_hook(conn: PgConnection, *, hook_id: int) -> HookRow:
    row = await hooks.show(conn, hook_id=hook_id)
    if row is None:
        raise NotFound("there is no webhook {hook}: they are kept for some days", hook=hook_id)
    return row


async def forget_hooks(context: Context) -> bool:
    """Delete some that are older, or beyond what is kept at most; whether there may be more."""
    before = context.clock.now() - timedelta(days=context.settings.hooks_days)
    async with context.pool.acquire() as conn:
        return await hooks.forget(conn, before=before, most=HOOKS_MAX, limit=BATCH) == BATCH


def _redacted(captured: CapturedHook, connection: Connection | None) -> NewHook:
    secrets = () if connection is None else (*connection.secrets, *_in_options(connection))
    path, body, reply, why = (
        redact(_text(each), secrets=secrets)[:BODY_KEPT]
        for each in (captured.path.encode(), captured.body, captured.reply, (captured.why or "").encode())
    )
    return NewHook(
        connection=captured.connection,
        at=captured.at,
        kind=captured.kind,
        outcome=captured.outcome,
        provider_call_id=captured.provider_call_id,
        method=captured.method,
        path=path,
        content_type=captured.content_type,
        bytes=captured.size,
        body=body,
        status=captured.status,
        reply_type=captured.reply_type,
        reply=reply,
        ms=Decimal(round(captured.seconds * 100_000)) / 100,
        why=why or None,
    )


def _in_options(connection: Connection) -> tuple[str, ...]:
    """What a connection of this kind proves itself by, to its provider."""
    return tuple(value for name, value in connection.options.items() if is_name_of_secret(name))


def _text(raw: bytes) -> str:
    """As text; what is none is marked, as is what the database cannot keep."""
    return raw.decode(errors="replace").replace("\0", "\N{REPLACEMENT CHARACTER}")
