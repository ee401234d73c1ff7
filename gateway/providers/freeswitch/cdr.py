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
from gateway.providers.wire.callbacks import FORWARD_SUFFIX
from gateway.providers.wire.fields import SECONDS_MAX, PartyText, ShortText, check_instant, decode
from gateway.providers.wire.noted import noted, read_json, told_together
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


class _AnyProfile(msgspec.Struct, frozen=True):
    context: object = None


class _AnyFlow(msgspec.Struct, frozen=True):
    caller_profile: _AnyProfile = _AnyProfile()


class _AnyCdr(msgspec.Struct, frozen=True):
    """A record of any channel, of which no more is known than which contexts it ran in."""

    callflow: list[_AnyFlow]


_CDR = msgspec.json.Decoder(_Cdr)
_ANY_CDR = msgspec.json.Decoder(_AnyCdr)
_NOTED = {**noted("caller_id_number", "privacy_hide_number"), **told_together("destination_number", "gateway_line")}
_NONE_OF_OURS = Ignored(kind="record of a channel without such a call")


def read_cdr(body: bytes, connection: Connection, *, is_forward: bool) -> Event:
    """The end of the incoming or outbound call of a channel, or of the forwarded one, if the channel has such a call.

    `callflow` holds the lookups of the channel, the latest first. Seconds are counted from the two instants and
    rounded up: `billsec` is the difference of two seconds, each cut off. A channel that was never bridged has none: the
    operator's own dialplan may have answered it, and we refused it then. A transfer takes the instant of the answer to
    the next lookup, but not that of the bridge. Whoever was bridged and talked was answered, whatever cause the channel
    was hung up with: ORIGINATOR_CANCEL or NO_USER_RESPONSE may come of a call that breaks off.
    """
    try:
        return read_json(body, _NOTED, lambda body: _end(decode(_CDR, body), connection, is_forward=is_forward))
    except MalformedHook:
        contexts = [flow.caller_profile.context for flow in decode(_ANY_CDR, body).callflow]
        if any(isinstance(context, str) and context in CONTEXTS for context in contexts):
            raise
        return _NONE_OF_OURS


def _end(cdr: _Cdr, connection: Connection, *, is_forward: bool) -> Event:
    profile = _profile(cdr, is_forward=is_forward)
    if profile is None:
        return _NONE_OF_OURS
    channel = cdr.variables.uuid
    if not is_channel(channel):
        raise MalformedHook("`uuid` is not the id of a call", "variables.uuid")
    variables = cdr.variables
    was_bridged = max(_microseconds(flow.times.bridged_time, "bridged_time") for flow in cdr.callflow) > 0
    answered_us = _microseconds(variables.answer_uepoch, "answer_uepoch") if was_bridged else 0
    ended_us = _microseconds(variables.end_uepoch, "end_uepoch")
    seconds = -((answered_us - ended_us) // _SECOND_US) if answered_us else 0
    if not 0 <= seconds <= SECONDS_MAX:
        raise MalformedHook("`end_uepoch` is not within a week of `answer_uepoch`", "end_uepoch")
    cause = _CAUSES.get(variables.hangup_cause, Cause.FAILED)
    return CallEnded(
        call_id=channel + FORWARD_SUFFIX if is_forward else channel,
        cause=Cause.NORMAL if seconds and cause in NOT_ANSWERED else cause,
        answered_at=instant(answered_us, "answer_uepoch"),
        ended_at=instant(ended_us, "end_uepoch"),
        seconds=seconds,
        start=_start(cdr, profile, connection),
    )


def instant(microseconds: int, field: str) -> datetime | None:
    """An instant by microseconds since 1970; None for 0."""
    return check_instant(_EPOCH + timedelta(microseconds=microseconds), field) if microseconds else None


def _profile(cdr: _Cdr, *, is_forward: bool) -> _Profile | None:
    """What was looked up for the call that is meant."""
    for profile in (flow.caller_profile for flow in cdr.callflow):
        direction = CONTEXTS.get(profile.context or "")
        if direction is not None and (direction is Direction.FORWARD) == is_forward:
            return profile
    return None


def _start(cdr: _Cdr, profile: _Profile, connection: Connection) -> CallStarted | None:
    """The start, where its callee is told."""
    if profile.destination_number is None:
        return None
    return started(
        cdr.variables.uuid,
        CONTEXTS[profile.context or ""],
        caller=profile.caller_id_number,
        callee=profile.destination_number,
        line=cdr.variables.gateway_line or connection.options.get("default_line"),
        numbers=connection.numbers,
        is_private=cdr.variables.privacy_hide_number == "true",
    )


def _microseconds(text: str, field: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= _DIGITS_MAX):
        raise MalformedHook(f"`{field}` is not a number of microseconds", field)
    return int(text)
