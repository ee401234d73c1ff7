"""What connections of each kind may say: wrong values and wrong combinations are told at load, by their keys."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from gateway.domain.connection import Connection
from gateway.providers import adapters
from tests.support.configured import load, problems_of, write_config
from tests.support.connections import CONNECTIONS, toml_of
from tests.support.http_samples import sample_connection
from tests.support.keys import ED25519_KEY, KEY, PROJECT


def _pem(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


RSA: Final = _pem(rsa.generate_private_key(public_exponent=65537, key_size=2048))
NOT_RSA: Final = _pem(ec.generate_private_key(ec.SECP256R1()))
SERVICE_ACCOUNT: Final = {"account_id": "1", "key_id": "k", "private_key": RSA}
PORTAL: Final = {"account": "1", "user_id": "12", "rest_url": "https://acme.bitrix24.com/rest/"}
APPLICATION: Final = {**PORTAL, "client_id": "local.1", "client_secret": "hush", "refresh_token": "first"}
DESTINATION: Final = "must be an address like sip:{digits}@pbx.example.com"
NUMBER: Final = "must be a number with its plus"
URL: Final = "must be a URL"
WHOLE: Final = "must be a whole number"
DIGITS: Final = "must be digits only"
ID: Final = "must be an id like"
TOKEN: Final = "must be text of printable ASCII without spaces"
DIALLED: Final = "must be a dial string with {callee} or {digits}"
DIAL: Final = "must be a dial string like PJSIP/office, or a number"
ADDRESS: Final = "must be an IPv4 address and a port"
PEM: Final = "must be an RSA private key in PEM"
PLAIN: Final = "must be letters, digits, - and _ only"
LONG: Final = "must be 16 or more letters, digits, - and _"
UNKNOWN: Final = "is no setting of a connection of the kind"
ALONE: Final = "is of no use without "

WRONG: Final = [
    ("asterisk", {"outbound_to": "PJSIP/office"}, DIALLED),
    ("asterisk", {"outbound_to": "{callee}"}, DIALLED),
    ("asterisk", {"inbound_to": "office"}, DIAL),
    ("asterisk", {"inbound_to": "+12"}, DIAL),
    ("asterisk", {"inbound_to": "4930123456"}, DIAL),
    ("asterisk", {"default_line": " "}, "must be text"),
    ("asterisk", {"control_url": "http://10.0.0.6:8088/ari"}, ALONE + "ari_password"),
    ("asterisk", {"ari_password": "s3cret"}, ALONE + "control_url"),
    ("asterisk", {"ari_user": "me"}, ALONE + "ari_password"),
    ("freeswitch", {"outbound_to": "sofia/gateway/trunk"}, DIALLED),
    ("freeswitch", {"inbound_to": "user/"}, DIAL),
    ("freeswitch", {"control_url": "http://10.0.0.5:8080"}, ALONE + "api_password"),
    ("freeswitch", {"api_password": "s3cret"}, ALONE + "control_url"),
    ("freeswitch", {"api_user": "me"}, ALONE + "api_password"),
    ("bitrix24", {"account": "1"}, ALONE + "rest_url and user_id"),
    ("bitrix24", {"rest_url": "https://acme.bitrix24.com/rest/"}, ALONE + "account and user_id"),
    ("bitrix24", {**PORTAL, "account": "acme"}, WHOLE),
    ("bitrix24", {**PORTAL, "user_id": "0"}, WHOLE),
    ("bitrix24", {**PORTAL, "rest_url": "acme.bitrix24.com"}, URL),
    ("bitrix24", {**PORTAL, "rest_url": "https://acme.bitrix24.com/rest/?a=1"}, URL),
    ("bitrix24", {**PORTAL, "client_id": "local.1"}, ALONE + "client_secret and refresh_token"),
    ("bitrix24", {**APPLICATION, "refresh_token": "fi rst"}, TOKEN),
    ("bitrix24", {**APPLICATION, "oauth_url": "oauth"}, URL),
    ("jambonz", {"inbound_to": "office"}, DESTINATION),
    ("jambonz", {"inbound_to": "user:"}, DESTINATION),
    ("jambonz", {"inbound_to": "client:bob"}, DESTINATION),
    ("jambonz", {"inbound_to": "sip:{number}@pbx.example.com"}, DESTINATION),
    ("jambonz", {"inbound_to": "sip:a b@pbx.example.com"}, DESTINATION),
    ("jambonz", {"api_key": "k"}, ALONE + "api_url and account_sid"),
    ("jambonz", {"api_url": "jambonz", "account_sid": "a", "api_key": "k"}, URL),
    ("kamailio", {"listen": "203.0.113.5"}, ADDRESS),
    ("kamailio", {"pbx": "pbx.example.com:5060"}, ADDRESS),
    ("kamailio", {"carrier": "203.0.113.7:65536"}, ADDRESS),
    ("kamailio", {"carrier": "203.0.113.7:05060"}, ADDRESS),
    ("kamailio", {"carrier": "[2001:db8::1]:5060"}, ADDRESS),
    ("kamailio", {"control_url": "10.0.0.5:8090"}, URL),
    ("native", {"control_url": "ftp://host"}, URL),
    ("plivo", {"inbound_to": "client:alice"}, DESTINATION),
    ("plivo", {"inbound_to": "442079460000"}, DESTINATION),
    ("plivo", {"auth_id": "M A"}, TOKEN),
    ("plivo", {"control_url": "https://host/control"}, UNKNOWN),
    ("signalwire", {"project_id": "acme"}, ID),
    ("signalwire", {"space": "acme.signalwire.com"}, "must be the name of the space"),
    ("signalwire", {"inbound_to": "alice@acme.verto.signalwire.com"}, DESTINATION),
    ("telnyx", {"account_sid": "acme"}, ID),
    ("telnyx", {"inbound_to": "client:bob"}, DESTINATION),
    ("telnyx", {"outbound_connection_id": "office"}, DIGITS),
    ("telnyx", {"from_number": "+4930123456"}, UNKNOWN),
    ("telnyx-call-control", {"inbound_to": "bob"}, DESTINATION),
    ("telnyx-call-control", {"from_number": "office"}, NUMBER),
    ("telnyx-call-control", {"account_sid": PROJECT}, UNKNOWN),
    ("twilio", {"account_sid": "SK0123456789abcdef0123456789abcdef"}, "must be AC and 32 hexadecimal digits"),
    ("twilio", {"inbound_to": "client:"}, DESTINATION),
    ("twilio", {"inbound_to": "https://example.com"}, DESTINATION),
    ("twilio", {"api_url": "api.twilio.com"}, URL),
    ("vonage", {"application_id": "acme"}, ID),
    ("vonage", {"private_key": "BEGIN"}, PEM),
    ("vonage", {"private_key": NOT_RSA}, PEM),
    ("vonage", {"inbound_to": "app:"}, DESTINATION),
    ("vonage", {"refusal": "loud"}, "must be silent"),
    ("vonage", {"language": "Klingon!"}, "must be a language like en-US"),
    ("voximplant", {"inbound_user": "+12"}, "must be a user's name"),
    ("voximplant", {"inbound_user": "{digits}"}, "must be a user's name"),
    ("voximplant", {"outbound_line": "office"}, NUMBER),
    ("voximplant", {"currency": "euro"}, "must be a currency like EUR"),
    ("voximplant", {"account": "1"}, ALONE + "account_id and key_id and private_key"),
    ("voximplant", {"key_id": "k", "private_key": RSA}, ALONE + "account_id"),
    ("voximplant", {**SERVICE_ACCOUNT, "account": "acme"}, WHOLE),
    ("voximplant", {**SERVICE_ACCOUNT, "private_key": "BEGIN"}, PEM),
    ("voximplant", {**SERVICE_ACCOUNT, "account_id": "acme"}, DIGITS),
    ("voximplant", {"callback_salt": "salt"}, ALONE + "api_key"),
]

# What a secret must be, where it is more than text without spaces.
WRONG_SECRETS: Final = [
    ("asterisk", "with:colon", PLAIN),
    ("freeswitch", "with&ampersand", PLAIN),
    ("kamailio", "sixteen/letters/at/least", LONG),
    ("kamailio", "fifteen-letters", LONG),
    ("native", "whsec_c2hvcnQ=", "must be whsec_ and base64 of 24 to 64 bytes"),
    ("native", KEY.removeprefix("whsec_"), "must be whsec_ and base64 of 24 to 64 bytes"),
    ("telnyx", "KEY0123", "must be the public key of the account, base64 of 32 bytes"),
    ("telnyx", ED25519_KEY[:40], "must be the public key of the account"),
    ("telnyx-call-control", ED25519_KEY.rstrip("="), "must be the public key of the account"),
    *((kind, "two words", TOKEN) for kind in ("bitrix24", "jambonz", "plivo", "signalwire", "twilio", "vonage")),
    ("voximplant", "two words", TOKEN),
]


def right(kind: str) -> Connection:
    """A connection of the kind with nothing wrong."""
    return next(each for each in CONNECTIONS.values() if each.kind == kind and each.auth == "signature")


def problems(directory: Path, connection: Connection) -> list[str]:
    file = write_config(directory, toml_of(connection))
    return [said.replace(f" in {file}", "") for said in problems_of(toml=file)]


@pytest.mark.parametrize(("kind", "changed", "said"), WRONG)
def test_a_wrong_value_or_combination_is_told_by_its_key(
    kind: str, changed: Mapping[str, str], said: str, tmp_path: Path
) -> None:
    connection = right(kind)

    found = problems(tmp_path, replace(connection, options={**connection.options, **changed}))

    prefixes = [f"connections.{connection.name}.{key}: " for key in changed]
    assert any(problem.startswith(prefix + said) for problem in found for prefix in prefixes), found
    assert all(problem.startswith(tuple(prefixes)) for problem in found)


@pytest.mark.parametrize(
    ("kind", "url"), [("asterisk", "http://10.0.0.6:8088/ari"), ("freeswitch", "http://[::1]:8080")]
)
def test_r18_a_password_is_used_as_it_is(kind: str, url: str, tmp_path: Path) -> None:
    """Else no call could be ended by it."""
    key = {"asterisk": "ari_password", "freeswitch": "api_password"}[kind]
    connection = right(kind)
    changed = replace(connection, control_url=url, options={**connection.options, key: ' p:ä#&"$ '})

    assert load(toml=write_config(tmp_path, toml_of(changed))).connections == {connection.name: changed}


@pytest.mark.parametrize(("kind", "secret", "said"), WRONG_SECRETS)
def test_r33_a_secret_of_the_wrong_shape_is_told_without_it(kind: str, secret: str, said: str, tmp_path: Path) -> None:
    connection = replace(right(kind), secrets=(*right(kind).secrets, secret))

    [problem] = problems(tmp_path, connection)

    assert problem.startswith(f"connections.{connection.name}.secrets[2]: {said}")
    assert secret not in problem


@pytest.mark.parametrize("kind", sorted(adapters()))
def test_no_message_repeats_a_value_as_it_may_be_a_secret_in_the_wrong_place(kind: str, tmp_path: Path) -> None:
    hush = "top secret\x7f"
    connection = replace(right(kind), options=dict.fromkeys(adapters()[kind].options, hush))

    found = problems(tmp_path, connection)

    assert {said.split(": ")[0].rpartition(".")[2] for said in found} == set(connection.options)
    assert not any("top" in said for said in found)


def test_all_that_is_wrong_with_all_connections_is_told_at_once(tmp_path: Path) -> None:
    plivo, telnyx = right("plivo"), right("telnyx")
    wrong = [
        replace(plivo, options={"inbound_to": "office"}),
        replace(telnyx, secrets=("k",), options={**telnyx.options, "inbound_to": "x", "colour": "red"}),
    ]

    found = problems_of(toml=write_config(tmp_path, toml_of(*wrong)))

    assert [said.split(" ")[0] for said in found] == [
        "connections.plivo-1.inbound_to",
        "connections.plivo-1.auth_id",
        "connections.telnyx-1.inbound_to",
        "connections.telnyx-1.colour",
        "connections.telnyx-1.secrets[1]",
    ]


def test_every_connection_of_the_tests_and_their_samples_loads(tmp_path: Path) -> None:
    samples = [replace(each, name=each.kind) for kind in adapters() if (each := sample_connection(kind)) is not None]
    connections = {each.name: each for each in (*CONNECTIONS.values(), *samples)}

    loaded = load(toml=write_config(tmp_path, toml_of(*connections.values()))).connections

    assert loaded == connections


def test_a_connection_with_everything_loads(tmp_path: Path) -> None:
    whole = [
        replace(right("voximplant"), options={**SERVICE_ACCOUNT, "account": "1", "inbound_user": "desk-{line}"}),
        replace(right("bitrix24"), options={**APPLICATION, "rest_url": "https://acme.bitrix24.com/rest"}),
        replace(right("vonage"), options={**right("vonage").options, "private_key": RSA, "refusal": "silent"}),
        replace(right("freeswitch"), options={"outbound_to": "{a=b}sofia/trunk/{callee}", "inbound_to": "${group(x)}"}),
    ]

    loaded = load(toml=write_config(tmp_path, toml_of(*whole))).connections

    assert loaded == {each.name: each for each in whole}


def test_a_number_may_be_written_as_people_write_it(tmp_path: Path) -> None:
    connection = replace(right("voximplant"), options={"outbound_line": "1 (555) 010-0001"})

    loaded = load(toml=write_config(tmp_path, toml_of(connection))).connections

    assert loaded[connection.name].options == {"outbound_line": "+15550100001"}
