"""One connection of every kind, without anything that would let the gateway ask a provider."""

import json
from base64 import b64encode

from gateway.domain.connection import Connection

KEY = "whsec_" + b64encode(b"k" * 32).decode()
# A public key of RFC 8032, section 7.1, test 1.
ED25519_KEY = "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
PROJECT = "b08dacad-5f0a-4b2e-9a3c-1d2e3f405162"

CONNECTIONS = {
    each.name: each
    for each in (
        Connection(
            name="asterisk-1", kind="asterisk", secrets=("secret1",), options={"outbound_to": "PJSIP/{callee}@trunk"}
        ),
        Connection(name="bitrix24-1", kind="bitrix24", secrets=("token",)),
        Connection(
            name="freeswitch-1",
            kind="freeswitch",
            secrets=("secret1",),
            options={"outbound_to": "sofia/gateway/trunk/{digits}"},
        ),
        Connection(name="jambonz-1", kind="jambonz", secrets=("wh_secret_0123456789",)),
        Connection(
            name="kamailio-1",
            kind="kamailio",
            secrets=("secret0123456789",),
            options={"listen": "203.0.113.5:5060", "pbx": "10.0.0.20:5060", "carrier": "203.0.113.7:5060"},
        ),
        Connection(name="native-1", kind="native", secrets=(KEY,)),
        Connection(name="bearer-1", kind="native", auth="bearer", secrets=("s3cret",)),
        Connection(
            name="plivo-1",
            kind="plivo",
            secrets=("Y2Q2ZDgxZmY5YWRiOTI5YmQ1",),
            options={"auth_id": "MA0123456789ABCDEFGH", "inbound_to": "sip:{digits}@pbx.example.com"},
        ),
        Connection(
            name="signalwire-1",
            kind="signalwire",
            secrets=("PSK_7xkPq",),
            options={
                "project_id": PROJECT,
                "space": "acme",
                "api_token": "PT1",
                "inbound_to": "sip:{digits}@pbx.example.com",
            },
        ),
        Connection(
            name="telnyx-1", kind="telnyx", secrets=(ED25519_KEY,), options={"account_sid": PROJECT, "api_key": "KEY1"}
        ),
        Connection(name="telnyx-2", kind="telnyx-call-control", secrets=(ED25519_KEY,), options={"api_key": "KEY1"}),
        Connection(
            name="twilio-1",
            kind="twilio",
            secrets=("89abcdef0123456789abcdef01234567",),
            options={"account_sid": "AC0123456789abcdef0123456789abcdef"},
        ),
        Connection(
            name="vonage-1",
            kind="vonage",
            secrets=("qwertyuiopasdfghjklzxcvbnm123456",),
            options={"application_id": "aaaaaaaa-bbbb-cccc-dddd-0123456789ab"},
        ),
        Connection(name="voximplant-1", kind="voximplant", secrets=("shared-secret",)),
    )
}


def toml_of(*connections: Connection) -> str:
    """The tables of a configuration file that say the same."""
    lines: list[str] = []
    for each in connections:
        said = {"kind": each.kind, **each.options} | ({"auth": each.auth} if each.kind == "native" else {})
        said |= {"control_url": each.control_url} if each.control_url is not None else {}
        lines += [f"[connections.{each.name}]", f"secrets = {json.dumps(each.secrets)}"]
        lines += [f"{name} = {json.dumps(value)}" for name, value in said.items()]
    return "\n".join(lines)
