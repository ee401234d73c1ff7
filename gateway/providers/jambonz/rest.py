"""The REST API of a jambonz installation: ending a call and asking for its status.

Sources: `lib/routes/api/accounts.js` of jambonz-api-server @dd755f8 (2026-04-23), `update-call.js` and
`call-session.js` of jambonz-feature-server @389c65e2. A call's record is kept for an hour after its end.
"""

import re
from urllib.parse import quote

import msgspec

from gateway.domain.connection import Connection
from gateway.domain.errors import MalformedHook, ProviderFailed
from gateway.domain.events import CallEnded, Cause
from gateway.providers.base import CallRef, CallStatus, HangUp, Live, ProviderRequest, ProviderResponse
from gateway.providers.wire.callbacks import FORWARD_SUFFIX
from gateway.providers.wire.fields import Seconds, ShortText, decode

SID = r"[A-Za-z0-9-]{1,64}"
FINAL = frozenset({"completed", "busy", "no-answer", "failed"})
_LIVE = frozenset({"trying", "ringing", "early-media", "in-progress", "queued"})
_CALL_ID = re.compile(rf"({SID})(?:{FORWARD_SUFFIX})?", re.ASCII)
# What the feature server says of a call that it has no session of any more, in status 422; and how older ones broke on
# it, in status 500: "Cannot read property 'hasStableDialog' of undefined" (issues 95 and 1206 of the feature server).
_GONE = b"call session is gone"
_GONE_ONCE = b"Cannot read propert"
# What it says, in status 422, where the call is not in a state that the request is for.
_INCOMPATIBLE = b"incompatible"
OPTIONS = ("api_url", "account_sid", "api_key")


class _Call(msgspec.Struct, frozen=True):
    call_status: ShortText
    sip_status: int | None = None
    duration: Seconds | None = None


_CALL = msgspec.json.Decoder(_Call)


def can_cut(connection: Connection, call: CallRef) -> bool:
    return _call_url(connection, call) is not None


def hang_up(connection: Connection, call: CallRef) -> ProviderRequest:
    """End the first leg; the dialled leg goes with it."""
    return _told(connection, call, b'{"call_status":"completed"}')


def hang_up_ringing(connection: Connection, call: CallRef, response: ProviderResponse) -> ProviderRequest | None:
    """A call that still rings is not `completed`, but ends as `no-answer`; which it is, only jambonz knows.

    One that is answered in between is neither, and asked for again.
    """
    is_ringing = response.status == 422 and _INCOMPATIBLE in response.body
    return _told(connection, call, b'{"call_status":"no-answer"}') if is_ringing else None


def read_hang_up(response: ProviderResponse) -> HangUp:
    """202; an ended call is answered with 422 and a sentence, once with 500.

    One without a record any more is answered with 404 and nothing that proves who says so: it is asked again.
    """
    if 200 <= response.status < 300:
        return HangUp.TAKEN
    phrase = {422: _GONE, 500: _GONE_ONCE}.get(response.status)
    is_gone = phrase is not None and phrase in response.body
    return HangUp.GONE if is_gone else HangUp.FAILED


def ask_status(connection: Connection, call: CallRef) -> ProviderRequest | None:
    url = _call_url(connection, call)
    return None if url is None else ProviderRequest(method="GET", url=url, headers=_proof(connection))


def read_status(response: ProviderResponse, call: CallRef) -> CallStatus:
    """The first leg's record: it is answered when the dialled leg is, and ends with it, so its seconds are the same."""
    if response.status != 200:
        raise ProviderFailed(f"the call's record was answered with {response.status}")
    try:
        record = decode(_CALL, response.body)
        if record.call_status in _LIVE:
            return Live()
        return ended(call.call_id, record.call_status, record.sip_status, record.duration)
    except MalformedHook as error:
        raise ProviderFailed(f"the call's record cannot be read: {error}") from error


def ended(call_id: str, status: str, sip_status: int | None, seconds: int | None) -> CallEnded:
    """An end; only a call that was answered has a duration, and such a call always."""
    if status not in FINAL:
        raise MalformedHook(f"`call_status` {status!r} is unknown", "call_status")
    if status != "completed":
        return CallEnded(call_id=call_id, cause=cause_of(status, sip_status), seconds=0)
    if seconds is None:
        raise MalformedHook("`duration` is missing", "duration")
    return CallEnded(call_id=call_id, cause=Cause.NORMAL, seconds=seconds)


def cause_of(status: str, sip_status: int | None) -> Cause:
    """Most are `failed`, of which the code says more; `busy` is 486 or 600, `no-answer` 487."""
    if status == "busy" or sip_status in (486, 600):
        return Cause.BUSY
    if sip_status == 603:
        return Cause.REJECTED
    return Cause.NO_ANSWER if status == "no-answer" or sip_status in (408, 480, 487) else Cause.FAILED


def _told(connection: Connection, call: CallRef, body: bytes) -> ProviderRequest:
    url = _call_url(connection, call)
    if url is None:
        raise ProviderFailed(f"connection {connection.name} lacks one of {', '.join(OPTIONS)}, or the id is none")
    headers = {**_proof(connection), "Content-Type": "application/json"}
    return ProviderRequest(method="PUT", url=url, headers=headers, body=body)


def _call_url(connection: Connection, call: CallRef) -> str | None:
    """The address of the first leg; None without the API, and where the id is junk."""
    match = _CALL_ID.fullmatch(call.call_id)
    options = connection.options
    if match is None or not all(options.get(name) for name in OPTIONS):
        return None
    return f"{options['api_url']}/v1/Accounts/{quote(options['account_sid'], safe='')}/Calls/{match[1]}"


def _proof(connection: Connection) -> dict[str, str]:
    return {"Authorization": f"Bearer {connection.options['api_key']}"}
