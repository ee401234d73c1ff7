"""Voximplant's Management API: what became of a call, by GetCallHistory (R22).

Sources: the vendor's clients for Node.js 4.11 and Python 2.12, and the reference of GetCallHistory. A list of real
payloads differs from the reference in ways that this reader bears: `end_reason` is an object where the reference says
text, fields are missing, others appear.
"""

import math
from datetime import UTC, datetime, timedelta
from typing import Annotated
from urllib.parse import urlencode

import msgspec

from gateway.domain.connection import Connection
from gateway.domain.errors import MalformedHook, ProviderFailed
from gateway.domain.events import CallEnded, Cause
from gateway.providers.base import CallRef, CallStatus, Live, ProviderRequest, ProviderResponse, Unknown
from gateway.providers.voximplant.end import failed_cause, total_cost
from gateway.providers.wire.fields import NO_AMOUNT, SECONDS_MAX, Amount, check_instant, decode
from gateway.providers.wire.rsa_tokens import rsa_token

API_URL = "https://api.voximplant.com/platform_api"
# The session is named, so the span only has to hold it; a month is the method's own default.
HISTORY_SPAN = timedelta(days=31)
TOKEN_LIFE = timedelta(seconds=60)
CLOCK_SLACK = timedelta(seconds=5)
PLATFORM_TIME = "%Y-%m-%d %H:%M:%S"

# Errors come with HTTP 200. All of them mean that we know nothing; these say what the operator can do.
ERRORS = {
    100: "the service account's key is refused",
    340: "too many requests",
    454: "the token's lifetime is refused",
    455: "the token was issued in the future: compare the clocks",
    456: "the token has expired: compare the clocks",
}


class _Leg(msgspec.Struct, frozen=True, kw_only=True):
    incoming: bool | None = None
    successful: bool | None = None
    duration: Annotated[float, msgspec.Meta(ge=0, le=SECONDS_MAX)] | None = None
    cost: Amount = NO_AMOUNT
    remote_number_type: str | None = None
    end_reason: object = None

    @property
    def seconds(self) -> int:
        return math.ceil(self.duration or 0)


class _Session(msgspec.Struct, frozen=True, kw_only=True):
    call_session_history_id: int
    start_date: str | None = None
    duration: Annotated[float, msgspec.Meta(ge=0, le=31_536_000)] | None = None
    finish_reason: str | None = None
    calls: tuple[_Leg, ...] | None = None


class _Error(msgspec.Struct, frozen=True, kw_only=True):
    code: int = 0


class _History(msgspec.Struct, frozen=True, kw_only=True):
    error: _Error | None = None
    result: tuple[_Session, ...] | None = None


_HISTORY = msgspec.json.Decoder(_History, strict=False)


def ask_history(connection: Connection, call: CallRef, now: datetime) -> ProviderRequest | None:
    """The request for a call's session; None without a service account (with a role that may read history)."""
    options = connection.options
    if not all(options.get(name) for name in ("account_id", "key_id", "private_key")):
        return None
    form = {
        "cmd": "GetCallHistory",
        "call_session_history_id": session_of(call),
        "from_date": platform_time(now - HISTORY_SPAN),
        "to_date": platform_time(now + timedelta(days=1)),
        "with_calls": "true",
    }
    return ProviderRequest(
        method="POST",
        url=options.get("api_url", API_URL),
        headers={
            "Authorization": f"Bearer {token(options['account_id'], options['key_id'], options['private_key'], now)}",
            "Content-Type": "application/x-www-form-urlencoded",
        },
        body=urlencode(form).encode(),
    )


def token(account_id: str, key_id: str, private_key: str, now: datetime) -> str:
    """A JWT of the service account: RS256, the account as text, at most an hour of life."""
    issued_at, expires_at = now - CLOCK_SLACK, now + TOKEN_LIFE
    claims = {"iss": account_id, "iat": int(issued_at.timestamp()), "exp": int(expires_at.timestamp())}
    return rsa_token(claims, private_key, {"kid": key_id})


def read_history(response: ProviderResponse, call: CallRef) -> CallStatus:
    if response.status != 200:
        raise ProviderFailed(f"GetCallHistory was answered with {response.status}")
    try:
        history = decode(_HISTORY, response.body)
        if history.error is not None:
            code = history.error.code
            raise ProviderFailed(
                f"GetCallHistory failed with {code}: {ERRORS.get(code, 'see the Management API errors')}"
            )
        session_id = int(session_of(call))
        session = next((row for row in history.result or () if row.call_session_history_id == session_id), None)
        return Unknown() if session is None else _status(session, call)
    except MalformedHook as error:
        raise ProviderFailed(f"the reply of GetCallHistory cannot be read: {error}") from error


def session_of(call: CallRef) -> str:
    return call.call_id.partition("-")[0]


def platform_time(at: datetime) -> str:
    """UTC, as the API has it unless it is told a zone."""
    return at.astimezone(UTC).strftime(PLATFORM_TIME)


def _status(session: _Session, call: CallRef) -> CallStatus:
    """The charged leg's figures; a session that says neither how it finished nor how long it took is still running."""
    if not session.finish_reason and session.duration is None:
        return Live()
    legs = [leg for leg in session.calls or () if leg.incoming is call.call_id.endswith("-inbound")]
    seconds = max((leg.seconds for leg in legs if leg.successful is not False), default=0)
    return CallEnded(
        call_id=call.call_id,
        cause=Cause.NORMAL if seconds else failed_cause(end_code(leg.end_reason) for leg in reversed(legs)),
        ended_at=_ended_at(session),
        seconds=seconds,
        cost=total_cost(leg.cost for leg in session.calls or () if _belongs(leg, call)),
    )


def _belongs(leg: _Leg, call: CallRef) -> bool:
    """Whether a leg is this call's: a dialled number of an incoming call's session is the forwarded call's leg."""
    if call.call_id.endswith("-outbound"):
        return True
    is_forward_leg = leg.incoming is False and leg.remote_number_type == "pstn"
    return is_forward_leg is call.call_id.endswith("-forward")


def end_code(reason: object) -> int | None:
    """The code of `{code, details}`; the reference says text, which has none."""
    code = reason.get("code") if isinstance(reason, dict) else None
    return code if isinstance(code, int) else None


def _ended_at(session: _Session) -> datetime | None:
    """When the whole session was over, which is the call's end within seconds."""
    if session.start_date is None or session.duration is None:
        return None
    try:
        started_at = datetime.strptime(session.start_date, PLATFORM_TIME).replace(tzinfo=UTC)
    except ValueError:
        return None
    return check_instant(started_at, "start_date") and started_at + timedelta(seconds=session.duration)
