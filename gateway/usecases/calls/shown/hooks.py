"""Webhooks of a call, by what people call it."""

from gateway.domain.errors import NotFound
from gateway.postgres.calls import calls
from gateway.postgres.hooks import HookRow
from gateway.postgres.types import PgConnection
from gateway.usecases.calls.shown.references import find_call_id
from gateway.usecases.connections.captures import list_hooks


async def find_hooks(
    conn: PgConnection,
    *,
    connection: str | None = None,
    call: str | None = None,
    is_refused: bool | None = None,
    before: int | None = None,
    limit: int = 100,
) -> list[HookRow]:
    """Newest first; `call` is our id, or CONNECTION:PROVIDER_ID, which need be on record nowhere else."""
    provider_call_id = None
    if call is not None:
        of_call, provider_call_id = await _at_provider(conn, call)
        if connection not in (None, of_call):
            return []
        connection = of_call
    return await list_hooks(
        conn,
        connection=connection,
        provider_call_id=provider_call_id,
        is_refused=is_refused,
        before=before,
        limit=limit,
    )


async def _at_provider(conn: PgConnection, reference: str) -> tuple[str, str]:
    """The connection of a call, and its id there."""
    connection, colon, provider_call_id = reference.partition(":")
    if colon:
        return connection, provider_call_id
    rows = await calls.show(conn, [await find_call_id(conn, reference)])
    if not rows:
        raise NotFound(
            "there is no call {reference}; name it by its id or by CONNECTION:PROVIDER_ID", reference=reference
        )
    return rows[0].connection, rows[0].provider_call_id
