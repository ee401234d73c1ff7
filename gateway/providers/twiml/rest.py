"""The REST API of 2010-04-01, Twilio's and that of those who speak its dialects: ending a call, asking for its status.

Sources: Twilio's OpenAPI file of it, its pages on the Call resource and on error 21220; SignalWire's OpenAPI file of
the compatibility API (2026-08). SignalWire writes durations and prices as numbers, Twilio as strings.
"""

from base64 import b64encode
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode

import msgspec

from gateway.domain.errors import MalformedHook, ProviderFailed
from gateway.domain.events import CallEnded, Cause
from gateway.providers.base import CallRef, CallStatus, HangUp, Live, ProviderRequest, ProviderResponse, Unknown
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

# "Call is not in-progress": what a hang-up of an ended call is answered with.
NOT_IN_PROGRESS = 21220
# "Not found", with status 404: that the API itself knows no such call.
NOT_FOUND = 20404
CAUSES = {
    "completed": Cause.NORMAL,
    "busy": Cause.BUSY,
    "no-answer": Cause.NO_ANSWER,
    "failed": Cause.FAILED,
    "canceled": Cause.CANCELLED,
}
_LIVE = frozenset({"queued", "initiated", "ringing", "in-progress"})
# How long after the end of the first leg the list of those it dialled may still lag behind.
LIST_LAG_MAX = timedelta(minutes=10)


class _Leg(msgspec.Struct, frozen=True):
    status: ShortText
    duration: ShortText | Seconds | None = None
    end_time: ShortText | None = None
    price: Amount = NO_AMOUNT
    price_unit: CurrencyCode | None = None


class _Legs(msgspec.Struct, frozen=True):
    calls: list[_Leg]


class _Refusal(msgspec.Struct, frozen=True):
    code: int | ShortText | None = None


_LEGS = msgspec.json.Decoder(_Legs)
_LEG = msgspec.json.Decoder(_Leg)
_REFUSAL = msgspec.json.Decoder(_Refusal)


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiAccount:
    """Where an account's API is, and what proves us to it. `suffix` is what its URLs end in: Twilio's in `.json`."""

    url: str
    user: str
    password: str
    suffix: str = ""

    @property
    def proof(self) -> dict[str, str]:
        token = b64encode(f"{self.user}:{self.password}".encode()).decode()
        return {"Authorization": f"Basic {token}"}


def instant(text: str | None, field: str) -> datetime | None:
    """An instant as it is written there (RFC 2822): `Tue, 31 Mar 2026 12:35:57 +0000`."""
    if not text:
        return None
    try:
        return check_instant(datetime.strptime(text, "%a, %d %b %Y %H:%M:%S %z"), field)
    except ValueError as error:
        raise MalformedHook(f"`{field}` is not a date of RFC 2822", field) from error


def hang_up(account: ApiAccount, sid: str) -> ProviderRequest:
    """End the first leg of the call; the dialled leg goes with it.

    Always `completed`: `canceled` has no effect on a leg in progress, which is what the first leg is while `<Dial>`
    rings. A forwarded call has no other first leg than its incoming call's, so the caller is hung up too: there is
    nothing left for the caller to talk to.
    """
    url = f"{account.url}/Calls/{sid}{account.suffix}"
    headers = {**account.proof, "Content-Type": "application/x-www-form-urlencoded"}
    return ProviderRequest(method="POST", url=url, headers=headers, body=b"Status=completed")


def read_hang_up(response: ProviderResponse) -> HangUp:
    """An ended call is answered with error 21220 (Twilio: 400; SignalWire does not say), in the wild with 20404."""
    if 200 <= response.status < 300:
        return HangUp.TAKEN
    is_over = response.status in (400, 404, 422) and _error_code(response.body) == NOT_IN_PROGRESS
    return HangUp.GONE if is_over or _says_not_found(response) else HangUp.FAILED


def ask_status(account: ApiAccount, sid: str) -> ProviderRequest:
    """Ask for the legs that the call dialled: theirs are the seconds to charge, the first leg's are not."""
    url = f"{account.url}/Calls{account.suffix}?{urlencode({'ParentCallSid': sid, 'PageSize': '50'})}"
    return ProviderRequest(method="GET", url=url, headers=account.proof)


def read_status(response: ProviderResponse, call: CallRef) -> CallStatus:
    """The status of the dialled leg; of several the longest, though we never dial more than one.

    No leg yet does not say that there was none: the list may lag behind the call, so the answer is Unknown, and the
    first leg is asked for. When a leg was answered is not said either: `start_time` is when it was dialled.
    """
    if _says_not_found(response):
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


def ask_first_leg(account: ApiAccount, sid: str) -> ProviderRequest:
    return ProviderRequest(method="GET", url=f"{account.url}/Calls/{sid}{account.suffix}", headers=account.proof)


def read_first_leg(response: ProviderResponse, call: CallRef, now: datetime) -> CallStatus:
    """The status of a call with no dialled leg on the list, by its first one: nobody talked, so it costs nothing.

    One that was never answered had nobody answer it (`answerOnBridge`). One that is `completed` may have had a leg that
    the list does not know yet, so it must be over for a while.
    """
    if _says_not_found(response):
        return Unknown()
    if response.status != 200:
        raise ProviderFailed(f"the first leg was answered with {response.status}")
    try:
        leg = decode(_LEG, response.body)
        cause, ended_at = CAUSES.get(leg.status), instant(leg.end_time, "end_time")
    except MalformedHook as error:
        raise ProviderFailed(f"the first leg cannot be read: {error}") from error
    if leg.status in _LIVE:
        return Live()
    if cause is None:
        raise ProviderFailed(f"the first leg's `status` {leg.status!r} is unknown")
    if cause is not Cause.NORMAL:
        return CallEnded(call_id=call.call_id, cause=cause, ended_at=ended_at, seconds=0)
    if ended_at is None or now - ended_at < LIST_LAG_MAX:
        return Unknown()
    return CallEnded(call_id=call.call_id, cause=Cause.FAILED, ended_at=ended_at, seconds=0)


def _end(leg: _Leg, call_id: str) -> CallEnded:
    cause = CAUSES.get(leg.status)
    if cause is None:
        raise MalformedHook(f"`status` {leg.status!r} is unknown", "status")
    # `duration` is empty for a leg that was not answered, and only for that.
    duration = "" if leg.duration is None else str(leg.duration)
    seconds = check_seconds(duration, "duration") if cause is Cause.NORMAL else 0
    # What we pay is a negative amount with Twilio; null until it is rated.
    cost = read_cost(leg.price, "price", is_negated=True)
    return CallEnded(
        call_id=call_id,
        cause=cause,
        ended_at=instant(leg.end_time, "end_time"),
        seconds=seconds,
        cost=cost,
        cost_currency=leg.price_unit if cost is not None else None,
    )


def _says_not_found(response: ProviderResponse) -> bool:
    """Whether the API's own error says so; a bare 404 may be a proxy's."""
    return response.status == 404 and _error_code(response.body) == NOT_FOUND


def _error_code(body: bytes) -> int | None:
    """The number of an error; some who speak the dialect write it as text."""
    try:
        code = str(decode(_REFUSAL, body).code)
    except MalformedHook:
        return None
    return int(code) if code.isascii() and code.isdigit() else None
