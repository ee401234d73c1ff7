"""What a provider was told of a start whose decision nobody could hear, as the database's answer was lost (R34).

The start is on record as it was decided, or will be as soon as the server gets to it. The provider was told that the
gateway is unavailable, or to connect the call as its account chose. That is put on record instead: nothing is held for
a call that nobody makes, and what is connected is held and charged.
"""

from datetime import datetime

from gateway.domain.calls.asked import is_another_call
from gateway.domain.calls.call import Flag, Limits
from gateway.postgres.calls import corrections
from gateway.postgres.calls.starts import GatheredStart, NewCall
from gateway.postgres.types import PgConnection
from gateway.usecases.calls.ends.end import end_calls
from gateway.usecases.calls.ends.end_request import EndRequest
from gateway.usecases.calls.flag_tally import FlagTally
from gateway.usecases.calls.starts.start_request import AllowedStart, RefusedStart, Repeated, StartRequest


def is_told_otherwise(request: StartRequest, start: GatheredStart) -> bool:
    """Whether the provider had another reply than the one on record, for the same call."""
    return (
        isinstance(request, AllowedStart | RefusedStart)
        and start.reply is not None
        and start.reply != request.reply
        and start.asked is not None
        and not is_another_call(request.arrival.call, start.asked)
    )


async def put_right(
    conn: PgConnection, call_id: int, new: NewCall, *, now: datetime, limits: Limits, tally: FlagTally
) -> Repeated:
    """Put on record what was told, where the very same webhook is there as it was decided.

    A call that is over stays as it is, and so does one that was answered although it was refused, or that a repeat of
    its webhook was told of meanwhile: these are flagged.
    """
    reply = new.reply or b""
    corrected = await corrections.correct(conn, call_id, new, now=now)
    if corrected is None:
        tally(await corrections.flag_told_otherwise(conn, call_id, new, now=now))
        return Repeated(reply=reply)
    tally((*new.flags, Flag.TOLD_OTHERWISE))
    if corrected.ended is not None:  # it talked, and its end came when it was refused on record
        request = EndRequest(new.key.connection, corrected.ended, now)
        await end_calls(conn, [request], now=now, limits=limits, tally=tally)
    return Repeated(reply=reply)
