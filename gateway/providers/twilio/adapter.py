"""Twilio Programmable Voice: webhooks as forms, decisions as TwiML.

What the hooks mean is in `twiml_hooks`, what is replied in `twiml`, the API in `twiml_rest`: SignalWire shares them.

Repeats: Twilio repeats what could not be connected once, and what our URLs' fragments ask for; see `RETRY`.
Sources: Twilio's pages on webhook security, `<Dial>`, SIP, the Call resource and connection overrides (2026);
`request_validator.py` of twilio-python 9.13.
"""

import re
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
from gateway.providers.twilio.signing import require_signature
from gateway.providers.twiml import documents, hooks, rest
from gateway.providers.wire import shapes
from gateway.providers.wire.forms import Form, query_of, read_pairs

API_URL = "https://api.twilio.com"
# Connection overrides, in the fragment of a URL, which is not signed: try three times more, after 5xx too. A repeat
# of anything changes nothing with us. 15 s in all is Twilio's own limit.
RETRY = "#ct=2000&rt=3000&tt=15000&rc=3&rp=ct,rt,5xx"
DIALECT = documents.Dialect(
    call_id=re.compile("CA[0-9a-f]{32}"),
    inbound_to="client:{digits}",  # an app of Twilio's Client, named by the line's digits
    has_clients=True,
    retry=RETRY,
    sip_code="SipResponseCode",
    line_header="SipHeader_X-Line",
)


_ACCOUNT_SID = shapes.written("AC and 32 hexadecimal digits", "AC[0-9A-Fa-f]{32}")


class Twilio:
    name = "twilio"
    options: Mapping[str, Option] = {
        "account_sid": Option(_ACCOUNT_SID, is_required=True),
        "inbound_to": Option(shapes.inbound_to("client")),
        "default_line": Option(shapes.text),
        "api_url": Option(shapes.base_url),
    }
    secrets: Mapping[str, Check] = {"signature": shapes.token}
    decision_type = documents.CONTENT_TYPE

    def authenticate(self, hook: Hook, connection: Connection) -> None:
        pairs = require_signature(hook, connection.secrets)
        if Form(pairs).get("AccountSid") != connection.options["account_sid"]:
            raise BadSignature("the hook is not of this connection's account")

    def parse(self, hook: Hook, connection: Connection) -> Event:
        query = Form(read_pairs(query_of(hook.url)))
        fields = query if hook.method == "GET" else Form(read_pairs(hook.body))
        default_line = connection.options.get("default_line")
        return hooks.read(fields, query, dialect=DIALECT, default_line=default_line)

    def reply(self, event: Event, outcome: Outcome, connection: Connection, *, public_url: str) -> Reply:
        return documents.reply(event, outcome, connection, public_url=public_url, dialect=DIALECT)

    def can_cut(self, connection: Connection, call: CallRef) -> bool:
        return True

    def hang_up(self, connection: Connection, call: CallRef, reason: CutReason, now: datetime) -> ProviderRequest:
        sid = DIALECT.first_leg(call)
        if sid is None:
            raise ProviderFailed("the call's id is not one of Twilio's")
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
            raise ProviderFailed("the call's id is not one of Twilio's")
        return (rest.ask_first_leg(_account(connection), sid),)

    def read_rest(self, response: ProviderResponse, call: CallRef, now: datetime) -> CallStatus:
        return rest.read_first_leg(response, call, now)

    def kit(self, connection: Connection, *, public_url: str) -> str:
        text = files(__package__).joinpath("kit.txt").read_text(encoding="utf-8")
        return Template(text).substitute(
            name=connection.name,
            account_sid=connection.options["account_sid"],
            hook_url=f"{public_url}/hooks/{connection.name}",
            retry=RETRY,
            inbound_to=connection.options.get("inbound_to", f"{DIALECT.inbound_to} (the default)"),
            default_line=connection.options.get("default_line", "none"),
        )


def _account(connection: Connection) -> rest.Account:
    """The account's API, proven by the auth token, which signs the webhooks too."""
    if not connection.secrets:
        raise ProviderFailed(f"connection {connection.name} has no secret")
    account_sid = connection.options["account_sid"]
    api_url = connection.options.get("api_url", API_URL)
    return rest.Account(
        url=f"{api_url}/2010-04-01/Accounts/{quote(account_sid, safe='')}",
        user=account_sid,
        password=connection.secrets[0],
        suffix=".json",
    )
