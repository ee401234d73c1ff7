"""FreeSWITCH's record of a channel that is over, as mod_format_cdr posts it: JSON, values not encoded.

Sources: switch_ivr_generate_json_cdr in switch_ivr.c, mod_format_cdr.c at cc93a68 (2026-08).
"""

from datetime import UTC, datetime, timedelta

import msgspec

from gateway.domain.calls.settlement import NOT_ANSWERED
from gateway.domain.connection import Connection
from gateway.domain.errors import MalformedHook
from gateway.domain.events import CallEnded, CallStarted, Cause, Direction, Event, Ignored
from gateway.providers.freeswitch.dialplan import CONTEXTS, is_channel
from gateway.providers.wire.fields import SECONDS_MAX, PartyText, ShortText, check_instant, decode
from gateway.providers.wire.sip_server import started

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND_US = 1_000_000
# Enough for any instant of this century in microseconds.
_DIGITS_MAX = 16

_CAUSES = {
    "NORMAL_CLEARING": Cause.NORMAL,
    "ATTENDED_TRANSFER": Cause.NORMAL,
    "BLIND_TRANSFER": Cause.NORMAL,
    "MANAGER_REQUEST": Cause.NORMAL,  # cut by an operator of ours
    "USER_BUSY": Cause.BUSY,
    "NO_ANSWER": Cause.NO_ANSWER,
    "NO_USER_RESPONSE": Cause.NO_ANSWER,
    "ORIGINATOR_CANCEL": Cause.CANCELLED,
    "CALL_REJECTED": Cause.REJECTED,
    "OUTGOING_CALL_BARRED": Cause.REJECTED,
    "ALLOTTED_TIMEOUT": Cause.LIMIT,
}


class _Variables(msgspec.Struct, frozen=True):
    """All values are texts, numbers too; microseconds where a name has a `u`. 0 is: never."""

    uuid: ShortText
    hangup_cause: ShortText
    answer_uepoch: ShortText
    end_uepoch: ShortText
    gateway_line: PartyText | None = None
    privacy_hide_number: ShortText | None = None


class _Profile(msgspec.Struct, frozen=True):
    context: ShortText | None = None
    caller_id_number: PartyText | None = None
    destination_number: PartyText | None = None


class _Times(msgspec.Struct, frozen=True):
    bridged_time: ShortText


class _Flow(msgspec.Struct, frozen=True):
    caller_profile: _Profile
    times: _Times


class _Cdr(msgspec.Struct, frozen=True):
    variables: _Variables
    callflow: list[_Flow]


_CDR = msgspec.json.Decoder(_Cdr)


def read_cdr(body: bytes, connection: Connection, *, is_forward: bool) -> Event:
    """The end of the incoming or outbound call of a channel, or of the forwarded one, if the channel has such a call.

    `callflow` holds the lookups of the channel, the latest first. Seconds are counted from the two instants and
    rounded up: `billsec` is the difference of two seconds, each cut off. A channel that was never bridged has none: the
    operator's own dialplan may have answered it, and we refused it then. A transfer takes the instant of the answer to
    the next lookup, but not that of the bridge. Whoever was bridged and talked was answered, whatever cause the channel
    was hung up with: ORIGINATOR_CANCEL or NO_USER_RESPONSE may come of a call that breaks off.
    """
    cdr = decode(_CDR, body)
    start = _start(cdr, connection, is_forward=is_forward)
    if start is None:
        return Ignored(kind="record of a channel without such a call")
    variables = cdr.variables
    was_bridged = max(_microseconds(flow.times.bridged_time, "bridged_time") for flow in cdr.callflow) > 0
    answered_us = _microseconds(variables.answer_uepoch, "answer_uepoch") if was_bridged else 0
    ended_us = _microseconds(variables.end_uepoch, "end_uepoch")
    seconds = -((answered_us - ended_us) // _SECOND_US) if answered_us else 0
    if not 0 <= seconds <= SECONDS_MAX:
        raise MalformedHook("`end_uepoch` is not within a week of `answer_uepoch`", "end_uepoch")
    cause = _CAUSES.get(variables.hangup_cause, Cause.FAILED)
    return CallEnded(
        call_id=start.call_id,
        cause=Cause.NORMAL if seconds and cause in NOT_ANSWERED else cause,
        answered_at=instant(answered_us, "answer_uepoch"),
        ended_at=instant(ended_us, "end_uepoch"),
        seconds=seconds,
        start=start,
    )


def instant(microseconds: int, field: str) -> datetime | None:
    """An instant by microseconds since 1970; None for 0."""
    return check_instant(_EPOCH + timedelta(microseconds=microseconds), field) if microseconds else None


def _start(cdr: _Cdr, connection: Connection, *, is_forward: bool) -> CallStarted | None:
    channel = cdr.variables.uuid
    if not is_channel(channel):
        raise MalformedHook("`uuid` is not the id of a call", "variables.uuid")
    for profile in (flow.caller_profile for flow in cdr.callflow):
        direction = CONTEXTS.get(profile.context or "")
        if direction is not None and (direction is Direction.FORWARD) == is_forward:
            return started(
                channel,
                direction,
                caller=profile.caller_id_number,
                callee=profile.destination_number or "",
                line=cdr.variables.gateway_line or connection.options.get("default_line"),
                numbers=connection.numbers,
                is_private=cdr.variables.privacy_hide_number == "true",
            )
    return None


def _microseconds(text: str, field: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= _DIGITS_MAX):
        raise MalformedHook(f"`{field}` is not a number of microseconds", field)
    return int(text)
