"""The gateway's own JSON contract, for programs and SIP servers that have no adapter of their own.

Repeats: the sender repeats any delivery that got no 2xx, with the same `webhook-id`. Source: the native contract,
which follows the Standard Webhooks rules for signing.
"""

from collections.abc import Mapping
from datetime import datetime
from urllib.parse import quote

import msgspec

from gateway.domain.calls.call import CutReason
from gateway.domain.connection import Check, Connection, Option
from gateway.domain.errors import BadSignature, MalformedHook, ProviderFailed
from gateway.domain.events import CallAnswered, CallEnded, CallStarted, Direction, Event, Ignored
from gateway.numbers.parties import read_parties
from gateway.numbers.withheld import asks_privacy
from gateway.providers.base import (
    CallRef,
    CallStatus,
    Charged,
    Connect,
    HangUp,
    Hook,
    Live,
    Outcome,
    ProviderRequest,
    ProviderResponse,
    Reject,
    Reply,
    Unknown,
)
from gateway.providers.native.bodies import (
    ANSWER,
    END,
    KIND,
    NOTED,
    NOTED_OF_END,
    NOTED_OF_END_BY_INSTANTS,
    START,
    STATUS,
    NativeEnd,
    NativeStart,
)
from gateway.providers.wire import control, shapes
from gateway.providers.wire.fields import (
    check_instant,
    decode,
    read_cost,
)
from gateway.providers.wire.kit import fill_kit
from gateway.providers.wire.noted import read_json
from gateway.providers.wire.signing import (
    require_bearer,
    require_match,
    require_recent,
    sign_standard,
    signing_secret,
    unix,
    wire,
)

_encode = msgspec.json.Encoder(decimal_format="string").encode


def start_event(body: NativeStart, numbers: str) -> CallStarted:
    """A start; without a line it is the caller's of an outbound or forwarded call, the callee's of an inbound one."""
    if body.direction is Direction.FORWARD and body.parent_call_id is None:
        raise MalformedHook("a forwarded call needs `parent_call_id`", "parent_call_id")
    parties = read_parties(
        body.direction,
        caller=body.caller,
        callee=body.callee,
        line=body.line,
        numbers=numbers,
        is_private=asks_privacy(body.privacy),
    )
    return CallStarted(
        call_id=body.call_id,
        direction=body.direction,
        caller=parties.caller,
        callee=parties.callee,
        line=parties.line,
        parent_call_id=body.parent_call_id,
        at=check_instant(body.at, "at"),
    )


def end_event(body: NativeEnd, numbers: str = "") -> CallEnded:
    """An end, with the fields of the start where they are all there; without its parent a forward is not one."""
    start = None
    is_whole = body.direction is not None and body.callee is not None
    if is_whole and (body.direction is not Direction.FORWARD or body.parent_call_id is not None):
        start = start_event(msgspec.convert(body, NativeStart, from_attributes=True), numbers)
    return CallEnded(
        call_id=body.call_id,
        cause=body.cause,
        answered_at=check_instant(body.answered_at, "answered_at"),
        ended_at=check_instant(body.ended_at, "ended_at"),
        seconds=body.seconds,
        cost=read_cost(body.cost),
        cost_currency=body.cost_currency,
        start=start,
    )


def _answer_event(body: bytes) -> CallAnswered:
    answer = decode(ANSWER, body)
    return CallAnswered(call_id=answer.call_id, at=check_instant(answer.at, "at"))


class Native:
    name = "native"
    options: Mapping[str, Option] = {
        "control_url": Option(shapes.http_url, "Where it takes commands; without it only `max_seconds` limits calls."),
    }
    secrets: Mapping[str, Check] = {"signature": signing_secret, "bearer": shapes.token}
    decision_type = "application/json"
    can_withhold = True

    def authenticate(self, hook: Hook, connection: Connection) -> None:
        headers = hook.headers
        if connection.auth == "bearer":
            require_bearer(headers.get("authorization", ""), connection.secrets)
            return
        message_id = headers.get("webhook-id", "")
        timestamp = headers.get("webhook-timestamp", "")
        given = wire(headers.get("webhook-signature", "")).split(b" ")
        require_match(given, connection.secrets, lambda secret: sign_standard(secret, message_id, timestamp, hook.body))
        require_recent(timestamp, hook.received_at)

    def parse(self, hook: Hook, connection: Connection) -> Event:
        hook_kind = decode(KIND, hook.body)
        match hook_kind.type:
            case "call.start":
                return read_json(hook.body, NOTED, lambda body: start_event(decode(START, body), connection.numbers))
            case "call.answer":
                return read_json(hook.body, NOTED, _answer_event)
            case "call.end":
                fields = NOTED_OF_END_BY_INSTANTS if hook_kind.seconds is msgspec.UNSET else NOTED_OF_END
                return read_json(hook.body, fields, lambda body: end_event(decode(END, body), connection.numbers))
            case kind:
                return Ignored(kind=kind)

    def reply(self, event: Event, outcome: Outcome, connection: Connection, *, public_url: str) -> Reply:
        if isinstance(event, Ignored):
            return Reply(body=b"{}")
        match outcome:
            case Connect(caller_id=caller_id, max_seconds=max_seconds, identity=identity):
                fields: dict[str, object] = {"action": "connect", "call_id": event.call_id}
                fields |= {"caller_id": caller_id, "max_seconds": max_seconds}
                fields |= {"identity": identity} if identity else {}
            case Reject(sip_code=sip_code, reason=reason):
                fields = {"action": "reject", "call_id": event.call_id, "sip_code": sip_code, "reason": reason}
            case Charged(charged=charged, currency=currency):
                fields = {"call_id": event.call_id, "charged": charged, "currency": currency}
            case _:
                fields = {"call_id": event.call_id}
        return Reply(body=_encode(fields))

    def can_cut(self, connection: Connection, call: CallRef) -> bool:
        return connection.control_url is not None

    def hang_up(self, connection: Connection, call: CallRef, reason: CutReason, now: datetime) -> ProviderRequest:
        return _control_request(connection, control.hang_up_body(call, reason), now)

    def read_hang_up(self, response: ProviderResponse) -> HangUp:
        return control.read_hang_up(response)

    def ask_status(self, connection: Connection, call: CallRef, now: datetime) -> ProviderRequest | None:
        if connection.control_url is None:
            return None
        return _control_request(connection, control.status_body(call), now)

    def read_status(self, response: ProviderResponse, call: CallRef) -> CallStatus:
        if control.says_unknown(response) or response.status in control.NOT_ASKED:
            return Unknown()
        if response.status != 200:
            raise ProviderFailed(f"call.status was answered with {response.status}")
        try:
            status = decode(STATUS, response.body)
            if status.live:
                return Live(answered_at=check_instant(status.answered_at, "answered_at"))
            if status.seconds is None and status.ended_at is None:
                return Unknown()
            return end_event(msgspec.structs.replace(status, call_id=call.call_id))
        except MalformedHook as error:
            raise ProviderFailed(f"the reply to call.status cannot be read: {error}") from error

    def kit(self, connection: Connection, *, public_url: str) -> str:
        if connection.auth == "bearer":
            proof = "-H 'Authorization: Bearer <the secret of this connection>'"
        else:
            proof = (
                "-H 'webhook-id: <unique>' -H 'webhook-timestamp: <unix seconds>' "
                "-H 'webhook-signature: v1,<base64 HMAC-SHA256 of id.timestamp.body>'"
            )
        values = {
            "hook_url": f"{public_url}/hooks/{connection.name}",
            "auth": connection.auth,
            "control_url": connection.control_url or "none: calls are limited by max_seconds only",
            "proof": proof,
        }
        return fill_kit(__package__, "kit.txt", values)


def _control_request(connection: Connection, body: Mapping[str, str], now: datetime) -> ProviderRequest:
    """A request to the connection's control URL, proven like the webhooks are.

    It is signed by all secrets, so that they can be changed on either side first. The call's id is another's text: in a
    header it is percent-encoded, as libraries sign the bytes of ASCII and some nothing else.
    """
    raw = control.encoded(body)
    if connection.auth == "bearer":
        return control.control_request(connection, raw, control.bearer(connection))
    secrets = control.secrets(connection)
    timestamp = unix(now)
    message_id = f"{body['type']}:{quote(body['call_id'], safe='')}:{timestamp}"
    try:
        signatures = b" ".join(sign_standard(secret, message_id, timestamp, raw) for secret in secrets)
    except BadSignature as error:
        raise ProviderFailed(f"connection {connection.name}: {error}") from error
    proof = {"webhook-id": message_id, "webhook-timestamp": timestamp, "webhook-signature": signatures.decode()}
    return control.control_request(connection, raw, proof)
