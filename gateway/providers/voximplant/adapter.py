"""Voximplant: our own scenario runs in the provider's engine, asks before it connects, and reports what became of it.

The scenario is `kit.js`; what it sends are close variants of the native contract. Call ids: one JavaScript
session may hold two calls of ours, an incoming one and the forwarded one it led to, so a call's id is
`<session id>-<direction>`. A session id is unique within a Voximplant account and its child accounts (reference of
AppEvents.Started), and is the `call_session_history_id` of GetCallHistory; the direction says which leg is charged. So
the id alone is enough to ask for a call's status. The scenario also stores it as the session's custom data (200 bytes).

Repeats: a report that gets no 2xx is sent three times with the same body, each with a new timestamp and signature; a
start is sent once, as nobody waits for the reply to a second one. What the platform itself tells of the account comes
to the same address and is told apart by its body (voximplant_callbacks).
"""

import hmac
import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal

import msgspec

from gateway.domain.calls.call import CutReason
from gateway.domain.calls.refusals import Refusal
from gateway.domain.connection import Check, Connection, Option
from gateway.domain.errors import ProviderFailed
from gateway.domain.events import CallStarted, Direction, Event, Ignored
from gateway.domain.phone import is_e164
from gateway.numbers.parties import read_number
from gateway.providers.account_book import AccountBalance, NumberPage, Payment
from gateway.providers.base import (
    CallRef,
    CallStatus,
    Charged,
    Connect,
    HangUp,
    Hook,
    Outcome,
    ProviderRequest,
    ProviderResponse,
    Reject,
    Reply,
)
from gateway.providers.voximplant import account
from gateway.providers.voximplant.api import ask_history, read_history
from gateway.providers.voximplant.call_events import read_event
from gateway.providers.voximplant.callbacks import are_callbacks, callbacks_url, poke_of, require_callbacks
from gateway.providers.voximplant.control_url import is_control_url
from gateway.providers.wire import shapes
from gateway.providers.wire.kit import fill_kit
from gateway.providers.wire.options import TEST_API_URL
from gateway.providers.wire.privacy import shows_nobody
from gateway.providers.wire.signing import require_match, require_recent, wire

# A placeholder of the scenario is a string literal, so that the file is JavaScript before it is filled in.
_LITERAL = re.compile(r"'\{\{(\w+)\}\}'")


_encode = msgspec.json.Encoder(decimal_format="string").encode


def sign(secret: str, timestamp: str, body: bytes) -> bytes:
    """Hex HMAC-SHA256 over `timestamp.body`: what the engine's Crypto.hmac_sha256 can make."""
    message = b"%b.%b" % (wire(timestamp), body)
    return hmac.new(secret.encode(), message, "sha256").hexdigest().encode()


def target(call: CallStarted, connection: Connection) -> dict[str, str]:
    """Where a connected call goes: the callee; for an incoming call the user or the number of `inbound_user`.

    `{line}` in it stands for the digits of the number that was called. A number makes the scenario ask again, for a
    forwarded call (R13).
    """
    if call.direction is not Direction.INBOUND:
        return {"to": call.callee}
    user = connection.options.get("inbound_user", "{line}")
    if is_e164(user):
        return {"forward_to": user}
    return {"user": user.replace("{line}", call.line.removeprefix("+"))}


_USER = shapes.written(
    "a user's name, in which only {line} is filled in, or a number with its plus",
    r"\+[1-9][0-9]{6,14}|(?!\+[0-9])(?:[A-Za-z0-9._+-]|\{line\})+",
)


class Voximplant:
    name = "voximplant"
    options: Mapping[str, Option] = {
        "inbound_user": Option(_USER, "Who is rung, or a number to forward to. The default is `{line}`."),
        "outbound_line": Option(shapes.number, "What softphones call out by, unless the scenario names another."),
        "secret_name": Option(shapes.text, "What the secret is called in the Voximplant panel."),
        "currency": Option(shapes.currency, "The Voximplant account's: the scenario is told costs without one."),
        # These three are from the file of a service account's key.
        "account_id": Option(shapes.digits, "The Voximplant account, whose calls, money and numbers are asked for."),
        "key_id": Option(shapes.token, "The service account's key.", needs=account.SERVICE_ACCOUNT),
        "private_key": Option(shapes.rsa_private_key, "That key itself.", needs=account.SERVICE_ACCOUNT),
        "account": Option(shapes.whole_number, "Whose top-ups the payments there are.", needs=account.SERVICE_ACCOUNT),
        # These two prove account callbacks that come without the kit's URL.
        "api_key": Option(shapes.token, "The account's API key, by which callbacks are hashed."),
        "callback_salt": Option(shapes.token, "The salt of that hash.", needs=("api_key",)),
        "api_url": TEST_API_URL,
    }
    secrets: Mapping[str, Check] = {"signature": shapes.token}
    decision_type = "application/json"
    can_withhold = False

    def authenticate(self, hook: Hook, connection: Connection) -> None:
        if are_callbacks(hook.body):
            require_callbacks(hook, connection)
            return
        timestamp = hook.headers.get("x-gw-timestamp", "")
        given = wire(hook.headers.get("x-gw-signature", ""))
        keys = [secret for secret in connection.secrets if secret]  # with an empty key anybody can sign
        require_match([given], keys, lambda secret: sign(secret, timestamp, hook.body))
        require_recent(timestamp, hook.received_at)

    def parse(self, hook: Hook, connection: Connection) -> Event:
        return poke_of(hook.body) if are_callbacks(hook.body) else read_event(hook.body, connection)

    def reply(self, event: Event, outcome: Outcome, connection: Connection, *, public_url: str) -> Reply:
        fields: dict[str, str | int | Decimal | None]
        match event, outcome:
            case Ignored(), _:
                fields = {}
            case CallStarted(), Connect() if shows_nobody(event, outcome):
                # callPSTN() takes numbers only, so such a call cannot be placed.
                fields = {"action": "reject", "auth_id": event.call_id}
                fields |= {"sip_code": 433, "reason": Refusal.WITHHOLDING_IMPOSSIBLE.value}
            case CallStarted(), Connect(caller_id=caller_id, max_seconds=max_seconds):
                # An emergency call goes out with its caller's identity, which of a softphone is a user's name.
                shown = caller_id if is_e164(caller_id) else event.line
                fields = {"action": "connect", "auth_id": event.call_id, "caller_id": shown}
                fields |= {"max_seconds": max_seconds, **target(event, connection)}
            case CallStarted(), Reject(sip_code=sip_code, reason=reason):
                fields = {"action": "reject", "auth_id": event.call_id, "sip_code": sip_code, "reason": reason}
            case _, Charged(charged=charged, currency=currency):
                fields = {"call_id": event.call_id, "charged": charged, "currency": currency}
            case _:
                fields = {"call_id": event.call_id}
        return Reply(body=_encode(fields))

    def can_cut(self, connection: Connection, call: CallRef) -> bool:
        return is_control_url(call.control_url)

    def hang_up(self, connection: Connection, call: CallRef, reason: CutReason, now: datetime) -> ProviderRequest:
        """Posting to a session's address raises AppEvents.HttpRequest in it; the address itself is the permission."""
        if call.control_url is None or not is_control_url(call.control_url):
            raise ProviderFailed(f"call {call.call_id} has no control URL at voximplant.com")
        body = _encode({"cmd": "hangup", "auth_id": call.call_id, "reason": str(reason)})
        headers = {"Content-Type": "application/json"}
        return ProviderRequest(method="POST", url=call.control_url, headers=headers, body=body)

    def read_hang_up(self, response: ProviderResponse) -> HangUp:
        """2xx: the session has it, which proves nothing yet; all else is asked again.

        A session that is over is answered with a bare 404, which anybody could say: the call history proves it.
        """
        return HangUp.TAKEN if 200 <= response.status < 300 else HangUp.FAILED

    def ask_status(self, connection: Connection, call: CallRef, now: datetime) -> ProviderRequest | None:
        return ask_history(connection, call, now)

    def read_status(self, response: ProviderResponse, call: CallRef) -> CallStatus:
        return read_history(response, call)

    def kit(self, connection: Connection, *, public_url: str) -> str:
        """The scenario, with what it must know filled in. The secret is not: it belongs in the panel's secret store."""
        hook_url = f"{public_url}/hooks/{connection.name}"
        values = {
            "hook_url": hook_url,
            "secret_name": connection.options.get("secret_name", "GATEWAY_SECRET"),
            "outbound_line": read_number(connection.options.get("outbound_line", "")),
        }
        literals = {name: json.dumps(value) for name, value in values.items()}
        scenario = fill_kit(__package__, "kit.js", literals, placeholder=_LITERAL)
        if not connection.secrets:
            return scenario
        return f"{scenario}\n// Settings, Webhooks of the account: {callbacks_url(hook_url, connection)}\n"

    # The account itself.

    def can_ask(self, connection: Connection) -> bool:
        return account.can_ask(connection)

    def ask_balance(self, connection: Connection, now: datetime) -> ProviderRequest:
        return account.ask_balance(connection, now)

    def read_balance(self, response: ProviderResponse) -> AccountBalance:
        return account.read_balance(response)

    def ask_numbers(
        self, connection: Connection, now: datetime, *, skip: int = 0, only: str | None = None
    ) -> ProviderRequest:
        return account.ask_numbers(connection, now, skip=skip, only=only)

    def read_numbers(self, response: ProviderResponse) -> NumberPage:
        return account.read_numbers(response)

    def ask_payments(self, connection: Connection, since: datetime, now: datetime) -> ProviderRequest:
        return account.ask_payments(connection, since, now)

    def read_payments(self, response: ProviderResponse) -> Sequence[Payment]:
        return account.read_payments(response)
