"""Twilio Programmable Voice: webhooks as forms, decisions as TwiML.

Repeats: Twilio repeats what could not be connected once, and what our URLs' fragments ask for; see `RETRY`.
Sources: Twilio's pages on webhook security, `<Dial>`, SIP, the Call resource and connection overrides (2026);
`request_validator.py` of twilio-python 9.13.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Final
from urllib.parse import quote

from gateway.domain.connection import Connection, Option
from gateway.domain.errors import ProviderFailed
from gateway.providers.base import Hook
from gateway.providers.twilio.signing import require_signature
from gateway.providers.twiml.adapter import TwimlAdapter
from gateway.providers.twiml.documents import Dialect
from gateway.providers.twiml.rest import ApiAccount
from gateway.providers.wire import shapes
from gateway.providers.wire.forms import query_of, read_pairs
from gateway.providers.wire.options import DEFAULT_LINE, TEST_API_URL, inbound_to

API_URL = "https://api.twilio.com"
# Connection overrides, in the fragment of a URL, which is not signed: try three times more, after 5xx too. A repeat
# of anything changes nothing with us. 15 s in all is Twilio's own limit.
RETRY = "#ct=2000&rt=3000&tt=15000&rc=3&rp=ct,rt,5xx"
DIALECT = Dialect(
    call_id=re.compile("CA[0-9a-f]{32}"),
    inbound_to="client:{digits}",  # an app of Twilio's Client, named by the line's digits
    has_clients=True,
    retry=RETRY,
    sip_code="SipResponseCode",
    line_header="SipHeader_X-Line",
)
_ACCOUNT_SID = shapes.written("AC and 32 hexadecimal digits", "AC[0-9A-Fa-f]{32}")


def _read_fields(hook: Hook) -> Sequence[tuple[str, str]]:
    return read_pairs(query_of(hook.url)) if hook.method == "GET" else read_pairs(hook.body)


def _api_of(connection: Connection) -> ApiAccount:
    """The account's API, proven by the auth token, which signs the webhooks too."""
    if not connection.secrets:
        raise ProviderFailed(f"connection {connection.name} has no secret")
    account_sid = connection.options["account_sid"]
    api_url = connection.options.get("api_url", API_URL)
    return ApiAccount(
        url=f"{api_url}/2010-04-01/Accounts/{quote(account_sid, safe='')}",
        user=account_sid,
        password=connection.secrets[0],
        suffix=".json",
    )


def _kit_values(connection: Connection) -> Mapping[str, str]:
    return {
        "account_sid": connection.options["account_sid"],
        "retry": RETRY,
        "inbound_to": connection.options.get("inbound_to", f"{DIALECT.inbound_to} (the default)"),
        "default_line": connection.options.get("default_line", "none"),
    }


ADAPTER: Final = TwimlAdapter(
    name="twilio",
    title="Twilio",
    options={
        "account_sid": Option(_ACCOUNT_SID, "The account or subaccount that the numbers are of.", is_required=True),
        "inbound_to": inbound_to("client"),
        "default_line": DEFAULT_LINE,
        "api_url": TEST_API_URL,
    },
    secrets={"signature": shapes.token},
    dialect=DIALECT,
    owner="account",
    owner_option="account_sid",
    require_signature=require_signature,
    read_fields=_read_fields,
    api_of=_api_of,
    package=__package__,
    kit_values=_kit_values,
)
