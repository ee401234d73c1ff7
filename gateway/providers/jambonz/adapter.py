"""jambonz: webhooks as JSON, decisions as verbs.

A call of ours is the first leg (its `call_sid`); what it is charged by is the leg we let it dial, whose status webhooks
name the first one (`parent_call_sid`) and carry the start as their tag, in the signed body: an end whose start was lost
can be charged exactly (R21). A forwarded call has the id of its incoming call and `:forward`: the incoming call is
redirected to a URL of ours, whose request asks for the second decision (R13).

jambonz signs the body and not the URL. So which hook it is, where the body does not tell, is said by URLs of ours with
a proof for the call (`proven`); and whose call it is, is never read from a URL. All applications of an account are
signed for with one secret: where each of them has a connection, it is told apart by the `application_sid` of the body.

Trap: when nobody answers, or the caller gives up, the dialled leg's last status is never sent, as its listeners are
removed before it (`_killOutdials` in `dial.js`). So the `actionHook` of `dial` ends a call that was not answered; what
was answered, or does not say, it only hints at, as it has no duration.

Repeats: nothing, unless the fragment of a URL asks for it, see `jambonz_verbs.RETRY`; and a repeat is the same to the
byte, time and signature too. Nothing has a number or a time of its own, so the signature's time counts. Sources:
jambonz-feature-server @389c65e2 (2026-07-20): `http-requestor.js`, `call-info.js`, `dial.js`, `place-outdial.js`.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

import msgspec

from gateway.domain.calls.call import CutReason
from gateway.domain.connection import Check, Connection, Option
from gateway.domain.errors import MalformedHook
from gateway.domain.events import CallEnded, CallStarted, Cause, Event
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
from gateway.providers.jambonz import rest, verbs
from gateway.providers.jambonz.call_events import read_event
from gateway.providers.jambonz.signing import require_signature
from gateway.providers.wire import shapes
from gateway.providers.wire.kit import fill_kit
from gateway.providers.wire.noted import noted, read_json, told_together
from gateway.providers.wire.options import DEFAULT_LINE, inbound_to

_encode = msgspec.json.Encoder().encode
_NOTED = {
    **noted("application_sid", "sip_status", "dial_sip_status", "sip", "headers", "caller"),
    **told_together("callee", "line"),
}


class Jambonz:
    name = "jambonz"
    options: Mapping[str, Option] = {
        "inbound_to": inbound_to("user"),
        "line": Option(shapes.text, "The line of all calls that go out, whatever the phone says."),
        "default_line": DEFAULT_LINE,
        "application_sid": Option(shapes.token, "The only application whose hooks are taken."),
        "trunk": Option(shapes.text, "The carrier that calls go out by; else jambonz chooses."),
        "api_url": Option(shapes.base_url, "The API, by which calls are cut, and asked for.", needs=rest.OPTIONS),
        "account_sid": Option(shapes.token, "The account there.", needs=rest.OPTIONS),
        "api_key": Option(shapes.token, "A key of that account.", needs=rest.OPTIONS),
    }
    secrets: Mapping[str, Check] = {"signature": shapes.token}
    decision_type = "application/json"
    can_withhold = True
    # The record of a call is gone an hour after its end, so that a short call's is before the deadline of R22.
    ask_every = timedelta(minutes=15)

    def authenticate(self, hook: Hook, connection: Connection) -> None:
        require_signature(hook, connection)

    def parse(self, hook: Hook, connection: Connection) -> Event:
        if hook.method != "POST":
            raise MalformedHook(f"it came by {hook.method}, which carries nothing: set the method of the hook to POST")
        return read_json(hook.body, _NOTED, lambda body: read_event(body, hook, connection))

    def reply(self, event: Event, outcome: Outcome, connection: Connection, *, public_url: str) -> Reply:
        """A decision, or the end of the call; what a status webhook is answered with, nobody reads."""
        if isinstance(event, CallEnded) and event.cause is not Cause.NORMAL:
            verb_list = verbs.after_dial(event.cause)
        elif not isinstance(event, CallStarted):
            verb_list = verbs.HANG_UP
        elif isinstance(outcome, Connect):
            verb_list = verbs.connect(event, outcome, connection, f"{public_url}/hooks/{connection.name}")
        else:
            verb_list = verbs.decline(outcome.sip_code if isinstance(outcome, Reject) else 500)
        return Reply(body=_encode(verb_list))

    def can_cut(self, connection: Connection, call: CallRef) -> bool:
        return rest.can_cut(connection, call)

    def hang_up(self, connection: Connection, call: CallRef, reason: CutReason, now: datetime) -> ProviderRequest:
        return rest.hang_up(connection, call)

    def read_hang_up(self, response: ProviderResponse) -> HangUp:
        return rest.read_hang_up(response)

    def second_hang_up(
        self, connection: Connection, call: CallRef, response: ProviderResponse, now: datetime
    ) -> ProviderRequest | None:
        return rest.hang_up_ringing(connection, call, response)

    def ask_status(self, connection: Connection, call: CallRef, now: datetime) -> ProviderRequest | None:
        return rest.ask_status(connection, call)

    def read_status(self, response: ProviderResponse, call: CallRef) -> CallStatus:
        return rest.read_status(response, call)

    def kit(self, connection: Connection, *, public_url: str) -> str:
        values = {
            "name": connection.name,
            "hook_url": f"{public_url}/hooks/{connection.name}",
            "retry": verbs.RETRY,
            "inbound_to": connection.options.get("inbound_to", f"{verbs.INBOUND_TO} (the default)"),
            "line": connection.options.get("line", "said by the phone"),
            "application_sid": connection.options.get("application_sid", "any of the account"),
            "default_line": connection.options.get("default_line", "none"),
            "trunk": connection.options.get("trunk", "chosen by jambonz"),
            "cut": "yes"
            if rest.can_cut(connection, CallRef(call_id="any"))
            else "no: give api_url, account_sid and api_key",
        }
        return fill_kit(__package__, "kit.txt", values)
