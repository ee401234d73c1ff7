"""Twilio's REST API: ending a call and asking for its fate.

Source: the OpenAPI file of the API of 2010-04-01, and the pages on the Call resource and on error 21220.
"""

import re
from base64 import b64encode
from datetime import datetime
from decimal import Decimal
from urllib.parse import quote, urlencode

import msgspec

from gateway.domain.connection import Connection
from gateway.domain.errors import MalformedHook, ProviderFailed
from gateway.domain.events import CallEnded, Cause
from gateway.providers.base import CallRef, Fate, HangUp, Live, ProviderRequest, ProviderResponse, Unknown
from gateway.providers.fields import CurrencyCode, ShortText, check_cost, check_instant, check_seconds, decode

API_URL = "https://api.twilio.com"
# "Call is not in-progress": what a hang-up of an ended call is answered with.
NOT_IN_PROGRESS = 21220
# How a forwarded call's id differs from its incoming call's; both are one call of Twilio's.
FORWARD_SUFFIX = ":forward"
CAUSES = {
    "completed": Cause.NORMAL,
    "busy": Cause.BUSY,
    "no-answer": Cause.NO_ANSWER,
    "failed": Cause.FAILED,
    "canceled": Cause.CANCELLED,
}
_LIVE = frozenset({"queued", "initiated", "ringing", "in-progress"})


class _Leg(msgspec.Struct, frozen=True):
    status: ShortText
    duration: ShortText | None = None
    end_time: ShortText | None = None
    price: Decimal | None = None
    price_unit: CurrencyCode | None = None


class _Legs(msgspec.Struct, frozen=True):
    calls: list[_Leg]


class _Refusal(msgspec.Struct, frozen=True):
    code: int | None = None


_LEGS = msgspec.json.Decoder(_Legs)
_REFUSAL = msgspec.json.Decoder(_Refusal)


def is_sid(text: str, prefix: str) -> bool:
    """Two letters that say of what, and 32 hexadecimal digits."""
    return re.fullmatch(prefix + "[0-9a-f]{32}", text) is not None


def instant(text: str | None, field: str) -> datetime | None:
    """An instant as Twilio writes it (RFC 2822): `Tue, 31 Mar 2026 12:35:57 +0000`."""
    if not text:
        return None
    try:
        return check_instant(datetime.strptime(text, "%a, %d %b %Y %H:%M:%S %z"), field)
    except ValueError as error:
        raise MalformedHook(f"`{field}` is not a date of RFC 2822", field) from error


def hang_up(connection: Connection, call: CallRef) -> ProviderRequest:
    """End the first leg of the call; the dialled leg goes with it.

    Always `completed`: `canceled` has no effect on a leg in progress, which is what the first leg is while `<Dial>`
    rings. A forwarded call has no other first leg than its incoming call's, so the caller is hung up too: there is
    nothing left for the caller to talk to.
    """
    sid = _call_sid(call)
    if sid is None:
        raise ProviderFailed("the call's id is not one of Twilio's")
    url = f"{_account_url(connection)}/Calls/{sid}.json"
    headers = {**_proof(connection), "Content-Type": "application/x-www-form-urlencoded"}
    return ProviderRequest(method="POST", url=url, headers=headers, body=b"Status=completed")


def read_hang_up(response: ProviderResponse) -> HangUp:
    """An ended call is answered with error 21220, in the wild also with 404."""
    if 200 <= response.status < 300:
        return HangUp.TAKEN
    if response.status == 404 or (response.status == 400 and _error_code(response.body) == NOT_IN_PROGRESS):
        return HangUp.GONE
    return HangUp.FAILED


def ask_fate(connection: Connection, call: CallRef) -> ProviderRequest | None:
    """Ask for the legs that the call dialled: theirs are the seconds to charge, the first leg's are not."""
    sid = _call_sid(call)
    if sid is None:
        return None
    url = f"{_account_url(connection)}/Calls.json?{urlencode({'ParentCallSid': sid, 'PageSize': '50'})}"
    return ProviderRequest(method="GET", url=url, headers=_proof(connection))


def read_fate(response: ProviderResponse, call: CallRef) -> Fate:
    """The fate of the dialled leg; of several the longest, though we never dial more than one.

    No leg yet does not say that there was none: the list may lag behind the call, so the answer is Unknown. When a
    leg was answered is not said either: `start_time` is when it was dialled.
    """
    if response.status == 404:
        return Unknown()
    if response.status != 200:
        raise ProviderFailed(f"the list of legs was answered with {response.status}")
    try:
        legs = decode(_LEGS, response.body).calls
        if any(leg.status in _LIVE for leg in legs):
            return Live()
        ends = [_end(leg, call.call_id) for leg in legs]
    except MalformedHook as error:
        raise ProviderFailed(f"the list of legs cannot be read: {error}") from error
    return max(ends, key=lambda end: end.seconds or 0, default=Unknown())


def _end(leg: _Leg, call_id: str) -> CallEnded:
    cause = CAUSES.get(leg.status)
    if cause is None:
        raise MalformedHook(f"`status` {leg.status!r} is unknown", "status")
    # `duration` is empty for a leg that was not answered, and only for that.
    seconds = check_seconds(leg.duration or "", "duration") if cause is Cause.NORMAL else 0
    # What we pay is a negative amount there, null until it is rated.
    cost = check_cost(None if leg.price is None else 0 - leg.price, "price")
    return CallEnded(
        call_id=call_id,
        cause=cause,
        ended_at=instant(leg.end_time, "end_time"),
        seconds=seconds,
        cost=cost,
        cost_currency=leg.price_unit if cost is not None else None,
    )


def _error_code(body: bytes) -> int | None:
    try:
        return decode(_REFUSAL, body).code
    except MalformedHook:
        return None


def _call_sid(call: CallRef) -> str | None:
    """The id of the first leg; None where it is not one, so that no URL is ever made of junk."""
    sid = call.call_id.removesuffix(FORWARD_SUFFIX)
    return sid if is_sid(sid, "CA") else None


def _account_url(connection: Connection) -> str:
    api_url = connection.options.get("api_url", API_URL).rstrip("/")
    return f"{api_url}/2010-04-01/Accounts/{quote(connection.options['account_sid'], safe='')}"


def _proof(connection: Connection) -> dict[str, str]:
    if not connection.secrets:
        raise ProviderFailed(f"connection {connection.name} has no secret")
    token = b64encode(f"{connection.options['account_sid']}:{connection.secrets[0]}".encode()).decode()
    return {"Authorization": f"Basic {token}"}
