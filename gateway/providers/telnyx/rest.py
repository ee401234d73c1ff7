"""What is asked of Telnyx' API, and what it answers: ending a call, asking for its status, TeXML's and Call Control's.

Sources: telnyx-python 4.189 (`types/calls`, `types/texml`, `types/call_retrieve_status_response.py`), Telnyx' TeXML
OpenAPI file (copy of 2026-08), its page on errors (knowledge base of 2026-04).
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import TypeVar
from urllib.parse import quote

import msgspec

from gateway.domain.connection import Connection
from gateway.domain.errors import MalformedHook, ProviderFailed
from gateway.domain.events import CallEnded, Cause
from gateway.providers.base import CallRef, CallStatus, HangUp, Live, Obeyed, ProviderRequest, ProviderResponse, Unknown
from gateway.providers.twiml.rest import CAUSES
from gateway.providers.wire.callbacks import FORWARD_SUFFIX
from gateway.providers.wire.fields import (
    NO_AMOUNT,
    Amount,
    CurrencyCode,
    Seconds,
    ShortText,
    check_instant,
    check_seconds,
    decode,
    read_cost,
)

API_URL = "https://api.telnyx.com/v2"
# The id of a leg, `v3:` and base64 for URLs: CallSid in TeXML, call_control_id in Call Control.
CALL_ID = re.compile(r"v[0-9]{1,2}:[A-Za-z0-9_-]{8,110}={0,2}")
# "Call has already ended" and "invalid call_control_id": there is nothing left to hang up.
_GONE = frozenset({"90018", "90015"})
# "Resource not found", in status 404: TeXML's word for a call that it does not know.
_NOT_FOUND = frozenset({"10005"})
_TEXML_LIVE = frozenset({"queued", "initiated", "ringing", "in-progress"})


class _Error(msgspec.Struct, frozen=True):
    code: ShortText | int = ""


class _Errors(msgspec.Struct, frozen=True):
    errors: tuple[_Error, ...] = ()


class _TexmlCall(msgspec.Struct, frozen=True):
    status: ShortText
    duration: ShortText | Seconds | None = None
    start_time: ShortText | None = None
    end_time: ShortText | None = None
    price: Amount = NO_AMOUNT
    price_unit: CurrencyCode | None = None


class _Leg(msgspec.Struct, frozen=True):
    is_alive: bool
    end_time: ShortText | None = None


class _LegData(msgspec.Struct, frozen=True):
    data: _Leg


_ERRORS = msgspec.json.Decoder(_Errors)
_TEXML_CALL = msgspec.json.Decoder(_TexmlCall)
_LEG = msgspec.json.Decoder(_LegData)

T = TypeVar("T")


def instant(text: str | None, field: str) -> datetime | None:
    """An instant in any of the ways Telnyx is known to write it.

    Its TeXML pages say RFC 2822, its schema says ISO 8601, an older example has `2021-04-28 21:51:18.731479Z`. One
    without a zone is taken for UTC.
    """
    if not text:
        return None
    try:
        at = datetime.strptime(text, "%a, %d %b %Y %H:%M:%S %z") if "," in text else datetime.fromisoformat(text)
        return check_instant(at if at.tzinfo is not None else at.replace(tzinfo=UTC), field)
    except ValueError as error:
        raise MalformedHook(f"`{field}` is not a date of RFC 2822 or ISO 8601", field) from error


def dials_out(connection_id: str | None, options: Mapping[str, str]) -> bool:
    """Whether a call is our own users': of the SIP connection that they dial out by.

    Where it seems to come from does not tell: somebody outside may call by SIP too, and must not dial out at our cost.
    """
    return bool(connection_id) and connection_id == options.get("outbound_connection_id")


def leg_of(call: CallRef) -> str | None:
    """The leg by which a call is controlled: its own, or its first; None where there is none to make a URL of."""
    leg = call.control_url or call.call_id.removesuffix(FORWARD_SUFFIX)
    return leg if CALL_ID.fullmatch(leg) else None


def require_leg(call: CallRef) -> str:
    leg = leg_of(call)
    if leg is None:
        raise ProviderFailed("the call's id is not one of Telnyx'")
    return leg


def request(connection: Connection, method: str, path: str, *, body: bytes = b"") -> ProviderRequest:
    """A request to the API, proven by the connection's key."""
    headers = {"Authorization": f"Bearer {connection.options['api_key']}"}
    if body:
        headers["Content-Type"] = "application/json"
    url = connection.options.get("api_url", API_URL) + path
    return ProviderRequest(method=method, url=url, headers=headers, body=body)


def texml_path(connection: Connection, leg: str) -> str:
    return f"/texml/Accounts/{quote(connection.options['account_sid'], safe='')}/Calls/{quote(leg, safe=':')}"


def leg_path(leg: str, action: str = "") -> str:
    path = f"/calls/{quote(leg, safe=':')}"
    return f"{path}/actions/{action}" if action else path


def read_texml_hang_up(response: ProviderResponse) -> HangUp:
    """What an ended call is answered with is not documented for TeXML: the errors of Call Control are known."""
    if 200 <= response.status < 300:
        return HangUp.TAKEN
    return HangUp.GONE if _says_gone(response) else HangUp.FAILED


def read_hang_up(response: ProviderResponse) -> HangUp:
    obeyed = read_command(response)
    if obeyed is Obeyed.DONE:
        return HangUp.TAKEN
    return HangUp.GONE if obeyed is Obeyed.GONE else HangUp.FAILED


def read_command(response: ProviderResponse) -> Obeyed:
    """An ended call is answered with 422 and error 90018. 429 and 5xx are worth another try, other refusals are not.

    So is a 404 without Telnyx' own error: a proxy may have said it.
    """
    if 200 <= response.status < 300:
        return Obeyed.DONE
    if _says_gone(response):
        return Obeyed.GONE
    if response.status in (404, 408, 429) or response.status >= 500:
        return Obeyed.FAILED
    return Obeyed.REFUSED


def read_texml_status(response: ProviderResponse, call: CallRef) -> CallStatus:
    """The status of the first leg, which ends with the dialled one; the list of calls cannot be searched for that.

    Telnyx does not say what `duration` counts from, so the seconds are those from the answer that we were told of to
    the end. Without one they are the smaller of `duration` and what lies between the leg's two instants.
    """
    if _says_gone(response):
        return Unknown()
    try:
        return _texml_status(_read(response, _TEXML_CALL), call)
    except MalformedHook as error:
        raise ProviderFailed(f"the call cannot be read: {error}") from error


def _texml_status(leg: _TexmlCall, call: CallRef) -> CallStatus:
    if leg.status in _TEXML_LIVE:
        return Live()
    cause = CAUSES.get(leg.status)
    if cause is None:
        raise MalformedHook(f"`status` {leg.status!r} is unknown", "status")
    ended_at = instant(leg.end_time, "end_time")
    cost = read_cost(leg.price, "price", is_negated=True)
    return CallEnded(
        call_id=call.call_id,
        cause=cause,
        ended_at=ended_at,
        seconds=_texml_seconds(leg, call.answered_at, ended_at) if cause is Cause.NORMAL else 0,
        cost=cost,
        cost_currency=leg.price_unit if cost is not None else None,
    )


def _texml_seconds(leg: _TexmlCall, answered_at: datetime | None, ended_at: datetime | None) -> int | None:
    """The seconds of a first leg that was answered; None where the answer and the end tell."""
    if answered_at is not None and ended_at is not None:
        return None
    seconds = check_seconds("" if leg.duration is None else str(leg.duration), "duration")
    started_at = instant(leg.start_time, "start_time")
    if started_at is None or ended_at is None:
        return seconds
    return min(seconds, max(0, -((started_at - ended_at) // timedelta(seconds=1))))


def read_status(response: ProviderResponse, call: CallRef) -> CallStatus:
    """Whether the leg is up, and when it ended. When it was answered is not told: the answer's own event told that."""
    if _says_gone(response):
        return Unknown()
    try:
        leg = _read(response, _LEG).data
        if leg.is_alive:
            return Live()
        ended_at = instant(leg.end_time, "end_time")
    except MalformedHook as error:
        raise ProviderFailed(f"the leg cannot be read: {error}") from error
    return Unknown() if ended_at is None else CallEnded(call_id=call.call_id, cause=Cause.NORMAL, ended_at=ended_at)


def _read(response: ProviderResponse, decoder: msgspec.json.Decoder[T]) -> T:
    if response.status != 200:
        raise ProviderFailed(f"the question for a call was answered with {response.status}")
    return decode(decoder, response.body)


def _says_gone(response: ProviderResponse) -> bool:
    """Whether Telnyx' own error says that the call is over or not known."""
    codes = _error_codes(response.body)
    return bool(response.status in (404, 422) and codes & _GONE) or bool(response.status == 404 and codes & _NOT_FOUND)


def _error_codes(body: bytes) -> set[str]:
    try:
        return {str(error.code) for error in decode(_ERRORS, body).errors}
    except MalformedHook:
        return set()
