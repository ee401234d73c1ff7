"""Calls made by the use cases, without HTTP."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from gateway.domain.connection import Connection
from gateway.domain.events import CallAnswered, CallEnded, CallStarted, Cause, Direction
from gateway.postgres.types import PgConnection
from gateway.providers.native.adapter import Native
from gateway.usecases.calls.ends.end import end_calls
from gateway.usecases.calls.ends.end_request import EndRequest
from gateway.usecases.calls.starts.authorize import authorize_calls
from gateway.usecases.calls.starts.start_request import Arrival, AskedStart
from tests.support.world import NOON, RECORDED

CUTTABLE = Connection(name="pbx", kind="native", control_url="http://127.0.0.1:9/control")
UNCUTTABLE = Connection(name="deaf", kind="native")


async def start(
    conn: PgConnection,
    call_id: str,
    *,
    line: str = "+15550100001",
    callee: str = "+442079460000",
    direction: Direction = Direction.OUTBOUND,
    connection: Connection = CUTTABLE,
    now: datetime = NOON,
    at: datetime | None = None,
    **more: str,
) -> int:
    """Decide a start; our id of the call. `at` is what the provider's clock showed."""
    caller, called = ("+447400123456", line) if direction is Direction.INBOUND else (line, callee)
    call = CallStarted(
        call_id=call_id,
        direction=direction,
        caller=caller,
        callee=called,
        line=line,
        at=at,
        parent_call_id=more.get("parent"),
    )
    arrival = Arrival(connection=connection, adapter=Native(), call=call, public_url="http://gateway", received_at=now)
    async with conn.transaction():
        await authorize_calls(conn, [AskedStart(arrival)], now=now, limits=RECORDED)
    found: int = await conn.fetchval("SELECT id FROM call WHERE provider_call_id = $1", call_id)
    return found


async def answer(conn: PgConnection, call_id: str, *, connection: str = "pbx", now: datetime = NOON) -> None:
    await _tell(conn, EndRequest(connection, CallAnswered(call_id=call_id, at=now), now), now)


async def end(
    conn: PgConnection,
    call_id: str,
    seconds: int,
    *,
    connection: str = "pbx",
    now: datetime = NOON,
    more: Mapping[str, object] | None = None,
) -> None:
    """End a call that was answered at `now` and lasted so many seconds."""
    at = now + timedelta(seconds=seconds)
    event = CallEnded(
        call_id=call_id, cause=Cause.NORMAL, answered_at=now, ended_at=at, seconds=seconds, **(more or {})
    )
    await _tell(conn, EndRequest(connection, event, at), at)


async def _tell(conn: PgConnection, request: EndRequest, now: datetime) -> None:
    async with conn.transaction():
        await end_calls(conn, [request], now=now, limits=RECORDED)
