"""Plivo's REST API: ending a call and asking for its status.

Sources: Plivo's page on calls (2026), the arguments and fixtures of plivo-python 4.63.
"""

from base64 import b64encode
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated
from urllib.parse import quote, urlencode

import msgspec

from gateway.domain.connection import Connection
from gateway.domain.errors import MalformedHook, ProviderFailed
from gateway.domain.events import CallEnded, Cause
from gateway.providers.base import CallRef, CallStatus, HangUp, Live, ProviderRequest, ProviderResponse, Unknown
from gateway.providers.wire.callbacks import FORWARD_SUFFIX
from gateway.providers.wire.fields import (
    NO_AMOUNT,
    UUID,
    Amount,
    Instant,
    Seconds,
    ShortText,
    check_instant,
    decode,
    read_cost,
)

API_URL = "https://api.plivo.com"
# How long after the end of the first leg the list of those it dialled may still lag behind; documented nowhere.
LIST_LAG_MAX = timedelta(minutes=15)
# Codes of hang-ups, and how a webhook names some of them.
CAUSES = {
    "3000": Cause.NO_ANSWER,
    "NO_ANSWER": Cause.NO_ANSWER,  # with the code 6010 too, where the ring time was over (sample leg_no_answer)
    "3010": Cause.BUSY,
    "USER_BUSY": Cause.BUSY,
    "3020": Cause.REJECTED,
    "CALL_REJECTED": Cause.REJECTED,
    "ORIGINATOR_CANCEL": Cause.CANCELLED,
}


_Code = Annotated[int, msgspec.Meta(ge=0, le=99_999)]


class _Leg(msgspec.Struct, frozen=True):
    # Seconds as they were; `billed_duration` is rounded up.
    bill_duration: Seconds
    answer_time: ShortText | None = None
    end_time: ShortText | None = None
    total_amount: Amount = NO_AMOUNT
    hangup_cause_code: _Code | None = None


class _Legs(msgspec.Struct, frozen=True):
    objects: list[_Leg]


class _FirstLeg(msgspec.Struct, frozen=True):
    """The first leg; without seconds while it is up."""

    bill_duration: Seconds | None = None
    answer_time: ShortText | None = None
    end_time: ShortText | None = None
    hangup_cause_code: _Code | None = None
    hangup_source: ShortText | None = None


class _Refusal(msgspec.Struct, frozen=True):
    """What a request is refused with; Plivo puts an `api_id` into every reply of its own."""

    api_id: ShortText
    error: ShortText


_LEGS = msgspec.json.Decoder(_Legs)
_REFUSAL = msgspec.json.Decoder(_Refusal)
_FIRST_LEG = msgspec.json.Decoder(_FirstLeg)


def hang_up(connection: Connection, call: CallRef) -> ProviderRequest:
    """End the first leg of the call; the dialled leg goes with it.

    The same request without an id ends every call of the account, so nothing but a whole id gets there.
    """
    first_leg = first_leg_of(call)
    if first_leg is None:
        raise ProviderFailed("the call's id is not one of Plivo's")
    url = f"{_account_url(connection)}/Call/{first_leg}/"
    return ProviderRequest(method="DELETE", url=url, headers=_proof(connection))


def read_hang_up(response: ProviderResponse) -> HangUp:
    if 200 <= response.status < 300:
        return HangUp.TAKEN
    return HangUp.GONE if _says_gone(response) else HangUp.FAILED


def ask_status(connection: Connection, call: CallRef) -> ProviderRequest | None:
    """Ask for the legs that the call dialled: theirs are the seconds to charge, the first leg's are not."""
    first_leg = first_leg_of(call)
    if first_leg is None:
        return None
    url = f"{_account_url(connection)}/Call/?{urlencode({'parent_call_uuid': first_leg, 'limit': '20'})}"
    return ProviderRequest(method="GET", url=url, headers=_proof(connection))


def read_status(response: ProviderResponse, call: CallRef) -> CallStatus:
    """The status of the dialled leg; of several the longest, though we never dial more than one.

    Only legs that are over are listed, for seven days. None does not say that there was none: it may be up, so
    the first leg is asked for then.
    """
    if _says_gone(response):
        return Unknown()
    if response.status != 200:
        raise ProviderFailed(f"the list of legs was answered with {response.status}")
    try:
        ends = [_end(leg, call.call_id) for leg in decode(_LEGS, response.body).objects]
    except MalformedHook as error:
        raise ProviderFailed(f"the list of legs cannot be read: {error}") from error
    return max(ends, key=lambda end: end.seconds or 0, default=Unknown())


def ask_first_leg(connection: Connection, call: CallRef) -> Sequence[ProviderRequest]:
    """Ask whether the first leg is up, as the dialled leg may be while it is; then how it ended."""
    first_leg = first_leg_of(call)
    if first_leg is None:
        raise ProviderFailed("the call's id is not one of Plivo's")
    url = f"{_account_url(connection)}/Call/{first_leg}/"
    return [
        ProviderRequest(method="GET", url=asked, headers=_proof(connection)) for asked in (f"{url}?status=live", url)
    ]


def read_first_leg(response: ProviderResponse, call: CallRef, now: datetime) -> CallStatus:
    """The status of a call with no dialled leg on the list, by its first one: nobody talked, so it costs nothing.

    One that was never answered had nobody to talk to. Any other may have had a leg that the list does not know yet, so
    it must be over for a while; where an answer was reported, there was one, and the list will know it.
    """
    if _says_gone(response):
        return Unknown()
    if response.status != 200:
        raise ProviderFailed(f"the first leg was answered with {response.status}")
    try:
        leg = decode(_FIRST_LEG, response.body)
        ended_at = _instant(leg.end_time, "end_time")
    except MalformedHook as error:
        raise ProviderFailed(f"the first leg cannot be read: {error}") from error
    if leg.bill_duration is None:
        return Live()
    if call.answered_at is not None or ended_at is None:
        return Unknown()
    was_answered = bool(leg.bill_duration or leg.answer_time)
    if was_answered and now - ended_at < LIST_LAG_MAX:
        return Unknown()
    by_source = Cause.CANCELLED if leg.hangup_source == "Caller" else Cause.FAILED
    cause = CAUSES.get(str(leg.hangup_cause_code), by_source)
    return CallEnded(call_id=call.call_id, cause=cause, ended_at=ended_at, seconds=0)


def _says_gone(response: ProviderResponse) -> bool:
    """Whether it is Plivo that knows no such call, and not a proxy."""
    if response.status != 404:
        return False
    try:
        return bool(decode(_REFUSAL, response.body).error)
    except MalformedHook:
        return False


def _end(leg: _Leg, call_id: str) -> CallEnded:
    answered_at = _instant(leg.answer_time, "answer_time")
    cause = Cause.NORMAL if answered_at else CAUSES.get(str(leg.hangup_cause_code), Cause.FAILED)
    return CallEnded(
        call_id=call_id,
        cause=cause,
        answered_at=answered_at,
        ended_at=_instant(leg.end_time, "end_time"),
        seconds=leg.bill_duration if answered_at else 0,
        cost=read_cost(leg.total_amount, "total_amount"),
    )


def _instant(text: str | None, field: str) -> datetime | None:
    """An instant as Plivo writes it, in the time zone of the console: `2026-03-31 12:35:57+00:00`."""
    if not text:
        return None
    try:
        return check_instant(msgspec.convert(text, Instant), field)
    except msgspec.ValidationError as error:
        raise MalformedHook(f"`{field}` is not an instant with its offset", field) from error


def first_leg_of(call: CallRef) -> str | None:
    """The id of the first leg; None where it is not one."""
    first_leg = call.call_id.removesuffix(FORWARD_SUFFIX)
    return first_leg if UUID.fullmatch(first_leg) else None


def _account_url(connection: Connection) -> str:
    api_url = connection.options.get("api_url", API_URL)
    return f"{api_url}/v1/Account/{quote(connection.options['auth_id'], safe='')}"


def _proof(connection: Connection) -> dict[str, str]:
    if not connection.secrets:
        raise ProviderFailed(f"connection {connection.name} has no secret")
    token = b64encode(f"{connection.options['auth_id']}:{connection.secrets[0]}".encode()).decode()
    return {"Authorization": f"Basic {token}"}
