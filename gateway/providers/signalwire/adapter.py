"""SignalWire's compatibility API: webhooks as forms, decisions as cXML, a dialect of Twilio's TwiML.

What it shares with Twilio is in `twiml_hooks`, `twiml` and `twiml_rest`. What differs: ids are UUIDs, `<Client>` is
missing, and `<Verto>` cannot tell its status, so inbound calls go to a SIP address or a number; the SIP code has
another name; webhooks are signed by a key of their own, which is no password of the API.

A call from a SIP address is an own user's, whose password SignalWire has checked, or one that came to a domain
application. That takes calls from anywhere unless its IP authentication is on, and nothing in its webhooks says whether
it is: `From` is the caller's own text. So it is up to the kit.

Repeats: a document for a call is fetched once, then from the fallback URL; a status callback is tried three times.
There is nothing to ask for more by. SignalWire says itself that callbacks are best effort, and that of a number tells
`completed` and `failed` only: calls whose end got lost are asked for (R22), so the API token is not optional.
Sources: SignalWire's cXML pages, "Webhooks" and "Webhook security" among them, and the OpenAPI file of the
compatibility API (github signalwire/docs, 2026-08).
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from importlib.resources import files
from string import Template
from urllib.parse import quote

from gateway.domain.calls.call import CutReason
from gateway.domain.connection import Check, Connection, Option
from gateway.domain.errors import BadSignature, ProviderFailed
from gateway.domain.events import Event
from gateway.providers.base import CallRef, CallStatus, HangUp, Hook, Outcome, ProviderRequest, ProviderResponse, Reply
from gateway.providers.signalwire.signing import read_fields, require_signature
from gateway.providers.twiml import documents, hooks, rest
from gateway.providers.wire import shapes
from gateway.providers.wire.fields import UUID
from gateway.providers.wire.forms import Form, query_of, read_pairs

_SPACE = shapes.written("the name of the space: acme, as in acme.signalwire.com", "[A-Za-z0-9][A-Za-z0-9-]{0,62}")
DIALECT = documents.Dialect(call_id=UUID, sip_code="SipResultCode")


class SignalWire:
    name = "signalwire"
    options: Mapping[str, Option] = {
        "project_id": Option(shapes.uuid, is_required=True),
        "space": Option(_SPACE, is_required=True),
        "api_token": Option(shapes.token, is_required=True),  # of the REST API, with the scope Voice
        "inbound_to": Option(shapes.inbound_to(), is_required=True),
        "default_line": Option(shapes.text),
        "api_url": Option(shapes.base_url),  # for tests
    }
    secrets: Mapping[str, Check] = {"signature": shapes.token}
    decision_type = documents.CONTENT_TYPE

    def authenticate(self, hook: Hook, connection: Connection) -> None:
        require_signature(hook, connection.secrets)
        if Form(read_fields(hook)).get("AccountSid") != connection.options["project_id"]:
            raise BadSignature("the hook is not of this connection's project")

    def parse(self, hook: Hook, connection: Connection) -> Event:
        query = Form(read_pairs(query_of(hook.url)))
        default_line = connection.options.get("default_line")
        return hooks.read(Form(read_fields(hook)), query, dialect=DIALECT, default_line=default_line)

    def reply(self, event: Event, outcome: Outcome, connection: Connection, *, public_url: str) -> Reply:
        return documents.reply(event, outcome, connection, public_url=public_url, dialect=DIALECT)

    def can_cut(self, connection: Connection, call: CallRef) -> bool:
        return True

    def hang_up(self, connection: Connection, call: CallRef, reason: CutReason, now: datetime) -> ProviderRequest:
        sid = DIALECT.first_leg(call)
        if sid is None:
            raise ProviderFailed("the call's id is not one of SignalWire's")
        return rest.hang_up(_account(connection), sid)

    def read_hang_up(self, response: ProviderResponse) -> HangUp:
        return rest.read_hang_up(response)

    def ask_status(self, connection: Connection, call: CallRef, now: datetime) -> ProviderRequest | None:
        sid = DIALECT.first_leg(call)
        return None if sid is None else rest.ask_status(_account(connection), sid)

    def read_status(self, response: ProviderResponse, call: CallRef) -> CallStatus:
        return rest.read_status(response, call)

    def ask_rest(self, connection: Connection, call: CallRef, now: datetime) -> Sequence[ProviderRequest]:
        sid = DIALECT.first_leg(call)
        if sid is None:
            raise ProviderFailed("the call's id is not one of SignalWire's")
        return (rest.ask_first_leg(_account(connection), sid),)

    def read_rest(self, response: ProviderResponse, call: CallRef, now: datetime) -> CallStatus:
        return rest.read_first_leg(response, call, now)

    def kit(self, connection: Connection, *, public_url: str) -> str:
        text = files(__package__).joinpath("kit.txt").read_text(encoding="utf-8")
        return Template(text).substitute(
            name=connection.name,
            project_id=connection.options["project_id"],
            hook_url=f"{public_url}/hooks/{connection.name}",
            inbound_to=connection.options["inbound_to"],
            default_line=connection.options.get("default_line", "none"),
        )


def _account(connection: Connection) -> rest.Account:
    """The project's API, proven by the API token."""
    options = connection.options
    api_url = options.get("api_url", f"https://{quote(options['space'], safe='')}.signalwire.com")
    return rest.Account(
        url=f"{api_url}/api/laml/2010-04-01/Accounts/{quote(options['project_id'], safe='')}",
        user=options["project_id"],
        password=options["api_token"],
    )
