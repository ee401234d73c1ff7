"""FreeSWITCH: asked for its dialplan by mod_xml_curl, told of the answer by mod_curl, of the end by mod_format_cdr.

What is ours is known by its dialplan context: calls from outside run in `gateway-in`, calls to outside in
`gateway-out`, and a call to be forwarded is transferred to `gateway-forward`, which asks for the second decision (R13).
Lookups in any other context are answered with "not found": the operator's own dialplan goes on.

One channel holds an incoming call and the forwarded one it led to, and FreeSWITCH writes one record of a channel. So
the kit sets up two profiles of mod_format_cdr, one for each of the two calls: `?leg=call` and `?leg=forward`.

Authenticity: xml_curl and format_cdr log in by HTTP Basic. The report of the answer is a URL in our own reply, and must
not give the secret away: it carries a proof that is good for the answer of this one call.

Repeats: a lookup is never repeated, and **fails open**: on an error, a time-out or no document FreeSWITCH goes on to
the files on its disk, whose contexts of these names must hold nothing but a refusal. The report of an answer is not
repeated. A record that gets no 2xx is sent again as often as `retries` says, then written to `log-dir`, where the kit's
cron line finds it; `err-log-dir` is read by this module and never used. **A FreeSWITCH that stops in mid-call leaves no
record of that call**: the kit says how to stop it.

Sources: run against FreeSWITCH 1.11.3-dev (cc93a68, 2026-08) by `tests/e2e/freeswitch`; the modules' C source there.
"""

import hmac
from collections.abc import Mapping
from datetime import datetime

from gateway.domain.calls.call import CutReason
from gateway.domain.connection import Check, Connection, Option
from gateway.domain.errors import MalformedHook
from gateway.domain.events import CallAnswered, CallStarted, Direction, Event, Ignored
from gateway.providers.base import (
    CallRef,
    CallStatus,
    Connect,
    HangUp,
    Hook,
    Outcome,
    ProviderRequest,
    ProviderResponse,
    Reject,
    Reply,
)
from gateway.providers.freeswitch import api, cdr, dialplan
from gateway.providers.freeswitch.dialplan import CONTEXTS, INBOUND_TO, is_channel
from gateway.providers.wire import shapes
from gateway.providers.wire.callbacks import FORWARD_SUFFIX
from gateway.providers.wire.forms import Form, query_of, read_pairs, with_query
from gateway.providers.wire.kit import fill_kit
from gateway.providers.wire.signing import require_match, wire
from gateway.providers.wire.sip_server import require_basic, started

# Our reply's URL for the answer: `?answered=<call id>&proof=<hex>`.
_ANSWERED, _PROOF = "answered", "proof"


def prove(secret: str, call_id: str) -> bytes:
    """What may report the answer of this call, and nothing else: hex HMAC-SHA256."""
    return hmac.new(secret.encode(), f"answered:{call_id}".encode(), "sha256").hexdigest().encode()


class Freeswitch:
    name = "freeswitch"
    options: Mapping[str, Option] = {
        "outbound_to": Option(
            shapes.outbound_dial_string,
            "The dial string of a call to outside, as `sofia/gateway/trunk/{digits}`.",
            is_required=True,
        ),
        "inbound_to": Option(
            shapes.dial_string,
            "That of a call from outside, or a number to forward to. The default is `user/{digits}`.",
        ),
        "default_line": Option(shapes.text, "The line of calls to outside whose user has no variable `gateway_line`."),
        "control_url": Option(
            shapes.base_url, "mod_xml_rpc, by which the gateway ends calls and asks for them.", needs=("api_password",)
        ),
        "api_user": Option(shapes.user, "Its user. The default is `freeswitch`.", needs=("api_password",)),
        "api_password": Option(shapes.password, "That user's password.", needs=("control_url",)),
    }
    secrets: Mapping[str, Check] = {"signature": shapes.plain_secret}
    decision_type = dialplan.CONTENT_TYPE
    # A record holds all variables of a channel, and each application that it ran: some are over 64 KiB.
    body_max = 1024 * 1024
    can_withhold = True

    def authenticate(self, hook: Hook, connection: Connection) -> None:
        query = Form(read_pairs(query_of(hook.url)))
        call_id = query.get(_ANSWERED)
        if call_id is None:
            require_basic(hook, connection)
            return
        require_match([wire(query.get(_PROOF) or "")], connection.secrets, lambda secret: prove(secret, call_id))

    def parse(self, hook: Hook, connection: Connection) -> Event:
        query = Form(read_pairs(query_of(hook.url)))
        answered = query.get(_ANSWERED)
        if answered is not None:
            if not is_channel(answered.removesuffix(FORWARD_SUFFIX)):
                raise MalformedHook(f"`{_ANSWERED}` is not the id of a call", _ANSWERED)
            return CallAnswered(call_id=answered)
        leg = query.get("leg")
        if leg is not None:
            return cdr.read_cdr(hook.body, connection, is_forward=leg == Direction.FORWARD)
        return _lookup(Form(read_pairs(hook.body)), connection)

    def reply(self, event: Event, outcome: Outcome, connection: Connection, *, public_url: str) -> Reply:
        match event, outcome:
            case CallStarted(), Connect():
                proof = prove(connection.secrets[0], event.call_id).decode()
                asked = {_ANSWERED: event.call_id, _PROOF: proof}
                answer_url = with_query(f"{public_url}/hooks/{connection.name}", asked)
                body = dialplan.connect(event, outcome, connection, answer_url)
            case CallStarted(), _:
                body = dialplan.refuse(event, outcome.sip_code if isinstance(outcome, Reject) else 503)
            case Ignored(), _:
                body = dialplan.NOT_FOUND
            case _:
                return Reply()
        return Reply(content_type=self.decision_type, body=body)

    def can_cut(self, connection: Connection, call: CallRef) -> bool:
        return api.command(connection, call, "uuid_kill") is not None

    def hang_up(self, connection: Connection, call: CallRef, reason: CutReason, now: datetime) -> ProviderRequest:
        return api.hang_up(connection, call, reason)

    def read_hang_up(self, response: ProviderResponse) -> HangUp:
        return api.read_hang_up(response)

    def ask_status(self, connection: Connection, call: CallRef, now: datetime) -> ProviderRequest | None:
        return api.command(connection, call, "uuid_dump")

    def read_status(self, response: ProviderResponse, call: CallRef) -> CallStatus:
        return api.read_status(response)

    def kit(self, connection: Connection, *, public_url: str) -> str:
        values = {
            "name": connection.name,
            "hook_url": f"{public_url}/hooks/{connection.name}",
            "outbound_to": connection.options["outbound_to"],
            "inbound_to": connection.options.get("inbound_to", f"{INBOUND_TO} (the default)"),
            "default_line": connection.options.get("default_line", "none"),
            "control_url": connection.control_url or "none: calls are limited by sched_hangup only",
            "api_user": connection.options.get("api_user", api.USER),
        }
        return fill_kit(__package__, "kit.txt", values)


def _lookup(fields: Form, connection: Connection) -> Event:
    """A question for the dialplan. `Hunt-` is the profile that is looked up, the second time that of the transfer."""
    section = fields.require("section")
    if section != "dialplan":
        return Ignored(kind=section)
    context = fields.require("Hunt-Context")
    direction = CONTEXTS.get(context)
    if direction is None:
        return Ignored(kind=f"context {context[:64]}")
    channel = fields.require("Unique-ID")
    if not is_channel(channel):
        raise MalformedHook("`Unique-ID` is not a UUID; the profile must not take the SIP Call-ID for one", "Unique-ID")
    if fields.get("Answer-State") == "answered":
        # `execute_on_answer` would not run any more, and nobody would keep the limit.
        raise MalformedHook("the call was answered before it was authorized", "Answer-State")
    return started(
        channel,
        direction,
        caller=fields.get("Hunt-Caller-ID-Number"),
        callee=fields.get("Hunt-Destination-Number") or "",
        line=fields.get("variable_gateway_line") or connection.options.get("default_line"),
        numbers=connection.numbers,
        is_private=fields.get("Hunt-Privacy-Hide-Number") == "true",
    )
