"""SignalWire's compatibility API: webhooks as forms, decisions as cXML, a dialect of Twilio's TwiML.

What differs from Twilio's: ids are UUIDs, `<Client>` is missing, and `<Verto>` cannot tell its status, so inbound calls
go to a SIP address or a number; the SIP code has another name; webhooks are signed by a key of their own, which is no
password of the API.

A call from a SIP address is an own user's, whose password SignalWire has checked, or one that came to a domain
application. That takes calls from anywhere unless its IP authentication is on, and nothing in its webhooks says whether
it is: `From` is the caller's own text. So it is up to the kit.

Repeats: a document for a call is fetched once, then from the fallback URL; a status callback is tried three times.
There is nothing to ask for more by. SignalWire says itself that callbacks are best effort, and that of a number tells
`completed` and `failed` only: calls whose end got lost are asked for (R22), so the API token is not optional.
Sources: SignalWire's cXML pages, "Webhooks" and "Webhook security" among them, and the OpenAPI file of the
compatibility API (github signalwire/docs, 2026-08).
"""

from collections.abc import Mapping
from typing import Final
from urllib.parse import quote

from gateway.domain.connection import Connection, Option
from gateway.providers.base import Hook
from gateway.providers.signalwire.signing import Pairs, read_fields, require_signature
from gateway.providers.twiml.adapter import TwimlAdapter
from gateway.providers.twiml.documents import Dialect
from gateway.providers.twiml.rest import ApiAccount
from gateway.providers.wire import shapes
from gateway.providers.wire.fields import UUID
from gateway.providers.wire.options import DEFAULT_LINE, TEST_API_URL, inbound_to

_SPACE = shapes.written("the name of the space: acme, as in acme.signalwire.com", "[A-Za-z0-9][A-Za-z0-9-]{0,62}")
DIALECT = Dialect(call_id=UUID, sip_code="SipResultCode")


def _proven_fields(hook: Hook, secrets: tuple[str, ...]) -> Pairs:
    """The fields of a hook that is signed by one of the secrets; any other is refused."""
    require_signature(hook, secrets)
    return read_fields(hook)


def _api_of(connection: Connection) -> ApiAccount:
    """The project's API, proven by the API token."""
    options = connection.options
    api_url = options.get("api_url", f"https://{quote(options['space'], safe='')}.signalwire.com")
    return ApiAccount(
        url=f"{api_url}/api/laml/2010-04-01/Accounts/{quote(options['project_id'], safe='')}",
        user=options["project_id"],
        password=options["api_token"],
    )


def _kit_values(connection: Connection) -> Mapping[str, str]:
    return {
        "project_id": connection.options["project_id"],
        "inbound_to": connection.options["inbound_to"],
        "default_line": connection.options.get("default_line", "none"),
    }


ADAPTER: Final = TwimlAdapter(
    name="signalwire",
    title="SignalWire",
    options={
        "project_id": Option(shapes.uuid, "The project.", is_required=True),
        "space": Option(_SPACE, "The space that it is in.", is_required=True),
        "api_token": Option(shapes.token, "A token of the REST API, with the scope Voice.", is_required=True),
        "inbound_to": inbound_to(is_required=True),
        "default_line": DEFAULT_LINE,
        "api_url": TEST_API_URL,
    },
    secrets={"signature": shapes.token},
    dialect=DIALECT,
    owner="project",
    owner_option="project_id",
    require_signature=_proven_fields,
    read_fields=read_fields,
    api_of=_api_of,
    package=__package__,
    kit_values=_kit_values,
)
