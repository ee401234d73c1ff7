"""Close a call by hand whose end never came, with the seconds that an operator knows (R22)."""

from datetime import datetime, timedelta

from gateway.domain.access.actions import Action
from gateway.domain.access.actor import Actor
from gateway.domain.calls.call import CallState, Flag
from gateway.domain.calls.instants import SECONDS_MAX
from gateway.domain.calls.settlement import Settlement
from gateway.domain.errors import Conflict, InvalidInput
from gateway.domain.events import CallEnded, Cause
from gateway.domain.money import ZERO
from gateway.domain.rates.rate import price
from gateway.log import logger
from gateway.log_events import LogEvent
from gateway.postgres.calls import ends, live_calls
from gateway.postgres.calls.calls import CallRow
from gateway.postgres.calls.ends import ClosedCall, RecordedCall
from gateway.postgres.types import PgConnection
from gateway.usecases.calls.shown.show import CallView, show_call, write_call

NOTE_MAX = 500


async def close_call(
    conn: PgConnection, *, actor: Actor, reference: str, seconds: int, note: str, now: datetime
) -> CallView:
    """Charge a call the seconds that it talked, at most those that were granted; the note goes into its ledger entry.

    Conflict for a call that is closed, and for one before its deadline: that may be talking, and can be cut.
    """
    note = note.strip()
    if not 0 <= seconds <= SECONDS_MAX:
        raise InvalidInput("seconds: must be from 0 to {most}, not {each}", most=SECONDS_MAX, each=seconds)
    if not 1 <= len(note) <= NOTE_MAX:
        raise InvalidInput(
            "note: must have from 1 to {most} characters, and say why the call is closed by hand", most=NOTE_MAX
        )
    async with conn.transaction():
        before = (await show_call(conn, reference=reference)).call
        await _close(conn, before, seconds=seconds, note=note, now=now)
        view = await show_call(conn, reference=reference)
        await write_call(conn, actor, Action.CALLS_CLOSE, before=before, after=view.call, note=note, now=now)
    logger().info(LogEvent.CALL_CLOSED_BY_HAND, call_id=view.call.id, seconds=seconds, note=note)
    return view


async def _close(conn: PgConnection, shown: CallRow, *, seconds: int, note: str, now: datetime) -> None:
    _require_over(shown, now)
    if shown.account_id is not None:
        await live_calls.lock_accounts(conn, [shown.account_id])
    [recorded] = await ends.gather(conn, [(shown.connection, shown.provider_call_id)])
    if not isinstance(recorded, RecordedCall) or recorded.state is not CallState.OPEN:
        raise Conflict("call {call} has just been closed: look at it again", call=shown.id)
    event = CallEnded(call_id=shown.provider_call_id, cause=Cause.NORMAL if seconds else Cause.FAILED, seconds=seconds)
    closed = ClosedCall(
        call_id=recorded.id,
        granted_s=recorded.granted_s,
        answered_at=recorded.answered_at,
        event=event,
        settlement=_settlement(recorded, seconds, now),
        flags=(Flag.CLOSED_BY_HAND,),
        note=note,
    )
    if not await ends.apply(conn, [closed], now=now):
        raise Conflict("call {call} has just been changed: look at it again", call=shown.id)


def _require_over(call: CallRow, now: datetime) -> None:
    """A call that is open, and past its deadline."""
    if call.live is None:
        raise Conflict(
            "call {call} is not live: it is {state}; correct its charge with `gateway adjust`",
            call=call.id,
            state=call.state,
        )
    if now < call.live.must_end_at:
        raise Conflict(
            "call {call} may be talking until its deadline, {until}: have it ended with `gateway calls cut {call}`,"
            " or close it after that",
            call=call.id,
            until=call.live.must_end_at,
        )


def _settlement(call: RecordedCall, seconds: int, now: datetime) -> Settlement:
    """What it costs. Nobody knows when it ended: so long after its answer, or after its start."""
    began_at = call.answered_at or call.started_at
    billed_s = min(seconds, call.granted_s)
    return Settlement(
        answered_at=began_at if seconds else call.answered_at,
        ended_at=max(began_at, min(now, began_at + timedelta(seconds=seconds))),
        reported_s=seconds,
        billed_s=billed_s,
        charge=ZERO if call.rate is None else price(call.rate, billed_s),
        flags=(Flag.OVER_GRANT,) if seconds > call.granted_s else (),
    )
