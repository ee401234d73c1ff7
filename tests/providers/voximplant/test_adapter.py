"""Voximplant: the shared cases, its signature, its control URLs, and where an incoming call goes."""

import json
from dataclasses import replace

import pytest
from inline_snapshot import snapshot

from gateway.domain.errors import BadSignature, MalformedHook
from gateway.domain.events import CallStarted
from gateway.providers.base import Connect
from gateway.providers.voximplant.adapter import Voximplant, sign
from tests.providers.cases import PUBLIC_URL, ProviderCases, with_headers
from tests.providers.voximplant.driver import START, VoximplantDriver, vox_hook

DRIVER = VoximplantDriver()
VOX = Voximplant()
CONNECTION = DRIVER.connection
CONNECT = Connect(caller_id="+15550100001", max_seconds=60)


class TestVoximplant(ProviderCases):
    driver = DRIVER
    replies = snapshot(
        {
            "start connect": [
                200,
                "application/json",
                '{"action":"connect","auth_id":"3841557776-outbound","caller_id":"+15550100009","max_seconds":2220,"to":"+447700900123"}',
            ],
            "start reject busy": [
                200,
                "application/json",
                '{"action":"reject","auth_id":"3841557776-outbound","sip_code":486,"reason":"number_suspended"}',
            ],
            "start reject money": [
                200,
                "application/json",
                '{"action":"reject","auth_id":"3841557776-outbound","sip_code":402,"reason":"no_money"}',
            ],
            "start reject unavailable": [
                200,
                "application/json",
                '{"action":"reject","auth_id":"3841557776-outbound","sip_code":503,"reason":"unavailable"}',
            ],
            "start inbound connect": [
                200,
                "application/json",
                '{"action":"connect","auth_id":"7-inbound","caller_id":"+15550100009","max_seconds":2220,"user":"desk-15550100001"}',
            ],
            "start inbound reject busy": [
                200,
                "application/json",
                '{"action":"reject","auth_id":"7-inbound","sip_code":486,"reason":"number_suspended"}',
            ],
            "start inbound reject money": [
                200,
                "application/json",
                '{"action":"reject","auth_id":"7-inbound","sip_code":402,"reason":"no_money"}',
            ],
            "start inbound reject unavailable": [
                200,
                "application/json",
                '{"action":"reject","auth_id":"7-inbound","sip_code":503,"reason":"unavailable"}',
            ],
            "start forward connect": [
                200,
                "application/json",
                '{"action":"connect","auth_id":"7-forward","caller_id":"+15550100009","max_seconds":2220,"to":"+447700900123"}',
            ],
            "start forward reject busy": [
                200,
                "application/json",
                '{"action":"reject","auth_id":"7-forward","sip_code":486,"reason":"number_suspended"}',
            ],
            "start forward reject money": [
                200,
                "application/json",
                '{"action":"reject","auth_id":"7-forward","sip_code":402,"reason":"no_money"}',
            ],
            "start forward reject unavailable": [
                200,
                "application/json",
                '{"action":"reject","auth_id":"7-forward","sip_code":503,"reason":"unavailable"}',
            ],
            "answer charged": [
                200,
                "application/json",
                '{"call_id":"3841557776-outbound","charged":"0.054000","currency":"USD"}',
            ],
            "answer charged nobody": [
                200,
                "application/json",
                '{"call_id":"3841557776-outbound","charged":null,"currency":null}',
            ],
            "answer taken": [200, "application/json", '{"call_id":"3841557776-outbound"}'],
            "end charged": [
                200,
                "application/json",
                '{"call_id":"3841557776-outbound","charged":"0.054000","currency":"USD"}',
            ],
            "end charged nobody": [
                200,
                "application/json",
                '{"call_id":"3841557776-outbound","charged":null,"currency":null}',
            ],
            "end taken": [200, "application/json", '{"call_id":"3841557776-outbound"}'],
            "end without start charged": [
                200,
                "application/json",
                '{"call_id":"3841557776-outbound","charged":"0.054000","currency":"USD"}',
            ],
            "end without start charged nobody": [
                200,
                "application/json",
                '{"call_id":"3841557776-outbound","charged":null,"currency":null}',
            ],
            "end without start taken": [200, "application/json", '{"call_id":"3841557776-outbound"}'],
        }
    )
    hang_ups = snapshot(
        {
            "3841557776-outbound": [
                "POST",
                "https://www-eu-01-234.voximplant.com:12093/request/5E31.1773250126.87_192.0.2.1/0011223344556677",
                {"Content-Type": "application/json"},
                '{"cmd":"hangup","auth_id":"3841557776-outbound","reason":"limit"}',
            ]
        }
    )
    statuses = snapshot({"3841557776-outbound": None, "3841557777-inbound": None})


def test_the_signature_is_that_of_the_notes() -> None:
    """Vector E.3, computed with another program; and RFC 4231's case 2 in its form."""
    body = (
        b'{"event":"call.start","call_id":"5E316880469A6376.1773306964.8740011","direction":"outbound",'
        b'"from":"15550100001","to":"447700900123","session_id":3841557776,"ts":"2026-03-11T17:28:46.000Z"}'
    )

    assert (
        sign("whsec-test-0001", "1773250126", body)
        == b"129dc2b5232331f7d3317bcaa8c6ef0d02aff22e99aef1b9f8f70c60eb4d575e"
    )


def test_an_empty_secret_is_none() -> None:
    hook = DRIVER.sign(vox_hook(**START), "")

    with pytest.raises(BadSignature, match="no secret"):
        VOX.authenticate(hook, replace(CONNECTION, secrets=("",)))


def test_a_signature_in_capitals_is_refused() -> None:
    hook = DRIVER.sign(vox_hook(**START), CONNECTION.secrets[0])
    capitals = hook.headers["x-gw-signature"].upper()

    with pytest.raises(BadSignature):
        VOX.authenticate(with_headers(hook, X_Gw_Signature=capitals), CONNECTION)


@pytest.mark.parametrize(
    "call_id", ["1", "outbound", "-outbound", "1-outbound\n", "1-sideways", "1" * 20 + "-outbound"]
)
def test_a_call_id_is_a_session_and_a_direction(call_id: str) -> None:
    with pytest.raises(MalformedHook):
        VOX.parse(vox_hook(**{**START, "call_id": call_id}), CONNECTION)


def test_a_call_id_names_the_calls_own_direction() -> None:
    with pytest.raises(MalformedHook, match="direction"):
        VOX.parse(vox_hook(**{**START, "call_id": "1-inbound"}), CONNECTION)


@pytest.mark.parametrize(
    ("dialled", "callee"),
    [
        ("011447700900123", "+447700900123"),
        ("5550100002", "+15550100002"),
        ("447700900123", "447700900123"),
        ("+44 7700 900-123", "+447700900123"),
        ("112", "112"),
        ("sip:bob@example.com", "bob"),
        ("", ""),
    ],
)
def test_r41_a_softphones_callee_is_read_in_the_plan_of_its_line(dialled: str, callee: str) -> None:
    event = VOX.parse(vox_hook(**{**START, "callee": dialled}), CONNECTION)

    assert isinstance(event, CallStarted)
    assert event.callee == callee


def test_without_a_line_it_is_the_callers() -> None:
    event = VOX.parse(vox_hook(**{**START, "caller": "15550100002", "line": ""}), CONNECTION)

    assert isinstance(event, CallStarted)
    assert event.line == "+15550100002"


@pytest.mark.parametrize(
    ("inbound_user", "target"),
    [
        (None, {"user": "15550100001"}),
        ("reception", {"user": "reception"}),
        ("desk-{line}", {"user": "desk-15550100001"}),
        ("+442079460000", {"forward_to": "+442079460000"}),
        ("+{line}", {"user": "+15550100001"}),
    ],
)
def test_where_an_incoming_call_goes(inbound_user: str | None, target: dict[str, str]) -> None:
    options = {} if inbound_user is None else {"inbound_user": inbound_user}
    event = DRIVER.cases()["start inbound"].event

    reply = VOX.reply(event, CONNECT, replace(CONNECTION, options=options), public_url=PUBLIC_URL)

    said = json.loads(reply.body)
    assert {name: said[name] for name in ("user", "forward_to", "to") if name in said} == target


def test_a_users_name_is_no_caller_id() -> None:
    event = DRIVER.cases()["start"].event

    reply = VOX.reply(event, Connect(caller_id="alice", max_seconds=60), CONNECTION, public_url=PUBLIC_URL)

    assert json.loads(reply.body)["caller_id"] == "+15550100001"


def test_the_kit_is_filled_in_whole() -> None:
    bare = replace(CONNECTION, options={"secret_name": 'IT\'S "MINE"'})

    kit = VOX.kit(bare, public_url=PUBLIC_URL)

    assert "'{{" not in kit
    assert 'const SECRET_NAME = "IT\'S \\"MINE\\"";' in kit
    assert 'const OUTBOUND_LINE = "";' in kit
