"""Another call under a used id: refused, on record by itself, and flagged on both calls (R16)."""

from datetime import datetime

from gateway.domain.calls.call import Flag
from gateway.domain.calls.decision import Refused, refuse
from gateway.domain.calls.refusals import Refusal
from gateway.postgres.batch_item import AGAIN, Again
from gateway.postgres.calls import ends, starts
from gateway.postgres.calls.starts import GatheredStart, NewCall, StartKey
from gateway.postgres.types import PgConnection
from gateway.usecases.calls.flag_tally import FlagTally
from gateway.usecases.calls.starts.start_request import (
    AllowedStart,
    Decided,
    Repeated,
    StartRequest,
    outcome_of,
)


async def refuse_reuse(
    conn: PgConnection,
    request: StartRequest,
    key: StartKey,
    gathered: GatheredStart,
    *,
    first_call_id: int,
    now: datetime,
    tally: FlagTally,
) -> Decided | Repeated | Again:
    """Refuse it, or give the reply again that it had before.

    Answers and ends under the id count for the first call. One that was connected while the database was away is
    refused on record all the same, as nobody could tell its end from the first call's.
    """
    if (reply := await starts.reply_to_reuse(conn, key)) is not None:
        return Repeated(reply=reply)
    parent_id = None if gathered.parent is None else gathered.parent.id
    refused = refuse(Refusal.ID_REUSED, key.call.direction, parent_id=parent_id)
    new = _record(request, key, gathered, refused)
    if not await starts.refuse_reuse(conn, new, refused, now=now):
        return AGAIN
    tally(new.flags)
    tally(await ends.flag(conn, [first_call_id], Flag.ID_REUSED, now=now))
    account_id = None if gathered.line is None else gathered.line.account_id
    return Decided(reply=new.reply or b"", decision=refused, account_id=account_id)


def _record(request: StartRequest, key: StartKey, gathered: GatheredStart, refused: Refused) -> NewCall:
    was_connected = isinstance(request, AllowedStart)
    reply = request.reply if isinstance(request, AllowedStart) else request.arrival.reply(outcome_of(refused))
    flags = (Flag.UNAVAILABLE, Flag.ID_REUSED) if was_connected else (Flag.ID_REUSED,)
    return NewCall(key=key, line=gathered.line, decision=refused, clocks=None, reply=reply, flags=flags)
