"""Telnyx TeXML: webhooks as forms, decisions as a dialect of TwiML.

What the hooks mean is in `twiml.hooks`, what is replied in `twiml.documents`: TeXML is read and written as TwiML is. It
differs in that nobody signs its URLs, so ours carry a proof; in that no field tells the direction of a call; and in
that `timeLimit` is at least 60 s (the page on `<Dial>`): less is granted by cutting the call ourselves.

Repeats: what gets no 200 is sent once more, to the failover URL if there is one; the kit sets it to the same URL.
Sources: Telnyx' pages on TeXML instruction fetching, fundamentals, `<Dial>`, `<Redirect>` and `<Reject>` (knowledge
base of 2026-04), its TeXML OpenAPI file (copy of 2026-08), telnyx-python 4.189.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from gateway.domain.calls.call import CutReason
from gateway.domain.connection import Check, Connection, Option
from gateway.domain.errors import BadSignature
from gateway.domain.events import CallAnswered, CallHinted, CallStarted, Direction, Event, Ignored
from gateway.numbers.parties import read_parties
from gateway.providers.base import (
    CallRef,
    CallStatus,
    Connect,
    HangUp,
    Hook,
    Outcome,
    ProviderRequest,
    ProviderResponse,
    Reply,
)
from gateway.providers.telnyx import rest
from gateway.providers.telnyx.signing import public_key, require_signature
from gateway.providers.twiml import documents, hooks
from gateway.providers.wire import shapes
from gateway.providers.wire.callbacks import call_id_of
from gateway.providers.wire.forms import Form, query_of, read_pairs
from gateway.providers.wire.kit import fill_kit
from gateway.providers.wire.options import DEFAULT_LINE, TEST_API_URL, inbound_to
from gateway.providers.wire.privacy import is_private
from gateway.providers.wire.proven import read_proven

LIMIT_S_MIN = 60
DIALECT = documents.Dialect(call_id=rest.CALL_ID, sip_code="SipHangupCause", instant=rest.instant)


class Telnyx:
    name = "telnyx"
    options: Mapping[str, Option] = {
        "account_sid": Option(shapes.uuid, "The account; hooks of others are refused.", is_required=True),
        "api_key": Option(shapes.token, "A key of the API.", is_required=True),
        "inbound_to": inbound_to(),
        "outbound_connection_id": Option(shapes.digits, "The SIP connection whose parked calls are your users'."),
        "default_line": DEFAULT_LINE,
        "api_url": TEST_API_URL,
    }
    secrets: Mapping[str, Check] = {"signature": public_key}
    decision_type = documents.CONTENT_TYPE
    can_withhold = False

    def authenticate(self, hook: Hook, connection: Connection) -> None:
        require_signature(hook, connection.secrets)
        fields = Form(read_pairs(hook.body))
        if fields.get("AccountSid") != connection.options["account_sid"]:
            raise BadSignature("the hook is not of this connection's account")
        first_leg = fields.get("ParentCallSid") or fields.get("CallSid") or ""
        query = read_proven(hook.url, first_leg, (connection.options["api_key"],))
        if query_of(hook.url) and query.get("proof") is None:
            raise BadSignature("the URL says what we did not put there")

    def parse(self, hook: Hook, connection: Connection) -> Event:
        query, fields = Form(read_pairs(query_of(hook.url))), Form(read_pairs(hook.body))
        event = hooks.read(fields, query, dialect=DIALECT, default_line=None, numbers=connection.numbers)
        if isinstance(event, Ignored) and fields.get("DialCallStatus") is not None:
            # Whatever became of it, `<Dial>` is over: without a document the first leg would stay up.
            return CallHinted(call_id=call_id_of(fields.require("CallSid"), query))
        if isinstance(event, CallStarted) and event.direction is not Direction.FORWARD:
            return _directed(event, fields, connection)
        return event

    def reply(self, event: Event, outcome: Outcome, connection: Connection, *, public_url: str) -> Reply:
        """A document; but nothing to a callback about a call that goes on, which Telnyx wants answered with nothing."""
        if isinstance(event, CallAnswered | Ignored):
            return Reply()
        if isinstance(outcome, Connect):
            outcome = replace(outcome, max_seconds=max(LIMIT_S_MIN, outcome.max_seconds))
        dialect = replace(DIALECT, url_key=connection.options["api_key"])
        return documents.reply(event, outcome, connection, public_url=public_url, dialect=dialect)

    def can_cut(self, connection: Connection, call: CallRef) -> bool:
        return True

    def hang_up(self, connection: Connection, call: CallRef, reason: CutReason, now: datetime) -> ProviderRequest:
        """End the first leg of the call; the dialled leg goes with it."""
        path = rest.texml_path(connection, rest.require_leg(call))
        return rest.request(connection, "POST", path, body=b'{"Status":"completed"}')

    def read_hang_up(self, response: ProviderResponse) -> HangUp:
        return rest.read_texml_hang_up(response)

    def ask_status(self, connection: Connection, call: CallRef, now: datetime) -> ProviderRequest | None:
        leg = rest.leg_of(call)
        return None if leg is None else rest.request(connection, "GET", rest.texml_path(connection, leg))

    def read_status(self, response: ProviderResponse, call: CallRef) -> CallStatus:
        return rest.read_texml_status(response, call)

    def kit(self, connection: Connection, *, public_url: str) -> str:
        options = connection.options
        values = {
            "name": connection.name,
            "hook_url": f"{public_url}/hooks/{connection.name}",
            "account_sid": options["account_sid"],
            "inbound_to": options.get("inbound_to", "nowhere: inbound calls are rejected"),
            "outbound_connection_id": options.get("outbound_connection_id", "none: no call is taken for outbound"),
            "default_line": options.get("default_line", "none"),
        }
        return fill_kit(__package__, "kit.txt", values)


def _directed(event: CallStarted, fields: Form, connection: Connection) -> CallStarted:
    """A call that our own users dial is outbound, all others are inbound; its line is the connection's, else theirs."""
    direction, line = Direction.INBOUND, None
    if rest.dials_out(fields.get("ConnectionId"), connection.options):
        direction, line = Direction.OUTBOUND, connection.options.get("default_line")
    caller, callee, numbers = fields.get("From"), fields.get("To") or "", connection.numbers
    parties = read_parties(
        direction, caller=caller, callee=callee, line=line, numbers=numbers, is_private=is_private(fields)
    )
    return replace(event, direction=direction, caller=parties.caller, callee=parties.callee, line=parties.line)
