# ruff: noqa: E501 - a reply is one line
"""SignalWire: what differs from Twilio, whose tests cover what both share.

Its own libraries sign, judge and build in `tests/providers/signalwire/test_sdk.py`.
"""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from urllib.parse import urlencode
from xml.etree import ElementTree as ET

import pytest
from inline_snapshot import snapshot
from twilio.twiml.voice_response import VoiceResponse

from gateway.domain.calls.call import CutReason
from gateway.domain.errors import BadSignature, MalformedHook, ProviderFailed
from gateway.domain.events import Cause, Event
from gateway.providers.abilities import StatusInParts
from gateway.providers.base import CallRef, Connect, Live, ProviderResponse, Unknown
from tests.providers.cases import NOW, PUBLIC_URL, ProviderCases, make_hook, with_headers
from tests.providers.signalwire.driver import (
    CALL,
    ENDED,
    ENDED_AT,
    INBOUND,
    LEG,
    LEG_ENDED,
    NUMBER_ENDED,
    OUTBOUND,
    OUTBOUND_QUERY,
    PROJECT,
    SIGNALWIRE,
    SIP_START,
    START,
    TOKEN,
    SignalWireDriver,
    connection,
    json_hook,
    parse,
    signalwire_hook,
    signed,
)


class TestSignalWire(ProviderCases):
    driver = SignalWireDriver()
    replies = snapshot(
        {
            "start connect": [
                200,
                "text/xml",
                '<?xml version="1.0" encoding="UTF-8"?><Response><Dial action="https://gw.example.net/hooks/sw?callee=%2B15552223333&amp;caller=alice&amp;leg=outbound&amp;line=%2B15550001000" method="POST" answerOnBridge="true" callerId="+15550100009" timeLimit="2220" timeout="30"><Number statusCallback="https://gw.example.net/hooks/sw?callee=%2B15552223333&amp;caller=alice&amp;leg=outbound&amp;line=%2B15550001000" statusCallbackEvent="answered completed" statusCallbackMethod="POST">+15552223333</Number></Dial></Response>',
            ],
            "start reject busy": [
                200,
                "text/xml",
                '<?xml version="1.0" encoding="UTF-8"?><Response><Reject reason="busy" /></Response>',
            ],
            "start reject money": [
                200,
                "text/xml",
                '<?xml version="1.0" encoding="UTF-8"?><Response><Reject reason="rejected" /></Response>',
            ],
            "start reject unavailable": [
                200,
                "text/xml",
                '<?xml version="1.0" encoding="UTF-8"?><Response><Reject reason="rejected" /></Response>',
            ],
            "start inbound connect": [
                200,
                "text/xml",
                '<?xml version="1.0" encoding="UTF-8"?><Response><Dial action="https://gw.example.net/hooks/sw?callee=%2B15550001000&amp;caller=%2B15557654321&amp;leg=inbound&amp;line=%2B15550001000" method="POST" answerOnBridge="true" callerId="+15550100009" timeLimit="2220" timeout="30"><Sip statusCallback="https://gw.example.net/hooks/sw?callee=%2B15550001000&amp;caller=%2B15557654321&amp;leg=inbound&amp;line=%2B15550001000" statusCallbackEvent="answered completed" statusCallbackMethod="POST">sip:15550001000@pbx.example.com</Sip></Dial></Response>',
            ],
            "start inbound reject busy": [
                200,
                "text/xml",
                '<?xml version="1.0" encoding="UTF-8"?><Response><Reject reason="busy" /></Response>',
            ],
            "start inbound reject money": [
                200,
                "text/xml",
                '<?xml version="1.0" encoding="UTF-8"?><Response><Reject reason="rejected" /></Response>',
            ],
            "start inbound reject unavailable": [
                200,
                "text/xml",
                '<?xml version="1.0" encoding="UTF-8"?><Response><Reject reason="rejected" /></Response>',
            ],
            "start forward connect": [
                200,
                "text/xml",
                '<?xml version="1.0" encoding="UTF-8"?><Response><Dial action="https://gw.example.net/hooks/sw?callee=%2B442079460000&amp;caller=%2B15557654321&amp;leg=forward&amp;line=%2B15550001000" method="POST" answerOnBridge="true" callerId="+15550100009" timeLimit="2220" timeout="30"><Number statusCallback="https://gw.example.net/hooks/sw?callee=%2B442079460000&amp;caller=%2B15557654321&amp;leg=forward&amp;line=%2B15550001000" statusCallbackEvent="answered completed" statusCallbackMethod="POST">+442079460000</Number></Dial></Response>',
            ],
            "start forward reject busy": [
                200,
                "text/xml",
                '<?xml version="1.0" encoding="UTF-8"?><Response><Reject reason="busy" /></Response>',
            ],
            "start forward reject money": [
                200,
                "text/xml",
                '<?xml version="1.0" encoding="UTF-8"?><Response><Reject reason="rejected" /></Response>',
            ],
            "start forward reject unavailable": [
                200,
                "text/xml",
                '<?xml version="1.0" encoding="UTF-8"?><Response><Reject reason="rejected" /></Response>',
            ],
            "answer charged": [
                200,
                "text/xml",
                '<?xml version="1.0" encoding="UTF-8"?><Response><Hangup /></Response>',
            ],
            "answer charged nobody": [
                200,
                "text/xml",
                '<?xml version="1.0" encoding="UTF-8"?><Response><Hangup /></Response>',
            ],
            "answer taken": [200, "text/xml", '<?xml version="1.0" encoding="UTF-8"?><Response><Hangup /></Response>'],
            "end charged": [200, "text/xml", '<?xml version="1.0" encoding="UTF-8"?><Response><Hangup /></Response>'],
            "end charged nobody": [
                200,
                "text/xml",
                '<?xml version="1.0" encoding="UTF-8"?><Response><Hangup /></Response>',
            ],
            "end taken": [200, "text/xml", '<?xml version="1.0" encoding="UTF-8"?><Response><Hangup /></Response>'],
            "end by action charged": [
                200,
                "text/xml",
                '<?xml version="1.0" encoding="UTF-8"?><Response><Hangup /></Response>',
            ],
            "end by action charged nobody": [
                200,
                "text/xml",
                '<?xml version="1.0" encoding="UTF-8"?><Response><Hangup /></Response>',
            ],
            "end by action taken": [
                200,
                "text/xml",
                '<?xml version="1.0" encoding="UTF-8"?><Response><Hangup /></Response>',
            ],
            "hint charged": [200, "text/xml", '<?xml version="1.0" encoding="UTF-8"?><Response><Hangup /></Response>'],
            "hint charged nobody": [
                200,
                "text/xml",
                '<?xml version="1.0" encoding="UTF-8"?><Response><Hangup /></Response>',
            ],
            "hint taken": [200, "text/xml", '<?xml version="1.0" encoding="UTF-8"?><Response><Hangup /></Response>'],
        }
    )
    hang_ups = snapshot(
        {
            "4f8b6a2e-9c1d-4f0a-8b1e-2d3c4b5a6978": [
                "POST",
                "https://acme.signalwire.com/api/laml/2010-04-01/Accounts/b08dacad-fd7c-4549-8ad3-ca9b7c6a2d61/Calls/4f8b6a2e-9c1d-4f0a-8b1e-2d3c4b5a6978",
                {
                    "Authorization": "Basic YjA4ZGFjYWQtZmQ3Yy00NTQ5LThhZDMtY2E5YjdjNmEyZDYxOlBUZDE3YjRlMGY=",
                    "Content-Type": "application/x-www-form-urlencoded",
                },
                "Status=completed",
            ],
            "4f8b6a2e-9c1d-4f0a-8b1e-2d3c4b5a6978:forward": [
                "POST",
                "https://acme.signalwire.com/api/laml/2010-04-01/Accounts/b08dacad-fd7c-4549-8ad3-ca9b7c6a2d61/Calls/4f8b6a2e-9c1d-4f0a-8b1e-2d3c4b5a6978",
                {
                    "Authorization": "Basic YjA4ZGFjYWQtZmQ3Yy00NTQ5LThhZDMtY2E5YjdjNmEyZDYxOlBUZDE3YjRlMGY=",
                    "Content-Type": "application/x-www-form-urlencoded",
                },
                "Status=completed",
            ],
        }
    )
    statuses = snapshot(
        {
            "4f8b6a2e-9c1d-4f0a-8b1e-2d3c4b5a6978": [
                "GET",
                "https://acme.signalwire.com/api/laml/2010-04-01/Accounts/b08dacad-fd7c-4549-8ad3-ca9b7c6a2d61/Calls?ParentCallSid=4f8b6a2e-9c1d-4f0a-8b1e-2d3c4b5a6978&PageSize=50",
                {"Authorization": "Basic YjA4ZGFjYWQtZmQ3Yy00NTQ5LThhZDMtY2E5YjdjNmEyZDYxOlBUZDE3YjRlMGY="},
                "",
            ],
            "4f8b6a2e-9c1d-4f0a-8b1e-2d3c4b5a6978:forward": [
                "GET",
                "https://acme.signalwire.com/api/laml/2010-04-01/Accounts/b08dacad-fd7c-4549-8ad3-ca9b7c6a2d61/Calls?ParentCallSid=4f8b6a2e-9c1d-4f0a-8b1e-2d3c4b5a6978&PageSize=50",
                {"Authorization": "Basic YjA4ZGFjYWQtZmQ3Yy00NTQ5LThhZDMtY2E5YjdjNmEyZDYxOlBUZDE3YjRlMGY="},
                "",
            ],
        }
    )


# Authenticity. The vectors are in test_signalwire_signing.py.


def test_another_project_is_refused() -> None:
    """A key signs for its project only, but one key may have been given to two connections."""
    SIGNALWIRE.authenticate(signed(signalwire_hook(START)), connection())
    with pytest.raises(BadSignature, match="project"):
        SIGNALWIRE.authenticate(signed(signalwire_hook(START)), connection(project_id=CALL))


def test_the_api_token_signs_nothing() -> None:
    with pytest.raises(BadSignature):
        SIGNALWIRE.authenticate(signed(signalwire_hook(START), TOKEN), connection())


def test_the_signature_may_come_under_twilios_name() -> None:
    hook = signalwire_hook(START)

    SIGNALWIRE.authenticate(signed(hook, header="x_twilio_signature"), connection())
    both = signed(with_headers(hook, x_twilio_signature="AAAA"))
    SIGNALWIRE.authenticate(both, connection())


def test_a_start_may_come_by_get() -> None:
    hook = make_hook(f"/hooks/sw?{urlencode(START)}", method="GET", headers={"Content-Type": ""})

    SIGNALWIRE.authenticate(signed(hook), connection())
    assert SIGNALWIRE.parse(hook, connection()) == INBOUND


# Status callbacks in JSON.


def test_a_callback_in_json_means_what_the_form_means() -> None:
    """The OpenAPI file has it so, with a number for the duration; the pages show forms."""
    said = {**LEG_ENDED, "CallDuration": 61, "SequenceNumber": 3, "AudioInMos": 4.5, "Audio": {"a": 1}, "b": True}
    hook = signed(json_hook({**said, "ForwardedFrom": None, "big": 10**30}))

    SIGNALWIRE.authenticate(hook, connection())
    assert SIGNALWIRE.parse(hook, connection()) == replace(ENDED, start=OUTBOUND)


def test_a_callback_in_json_is_proven_by_its_hash_only() -> None:
    hook = signed(json_hook(LEG_ENDED))

    with pytest.raises(BadSignature, match="hash"):
        SIGNALWIRE.authenticate(replace(hook, body=hook.body + b" "), connection())
    with pytest.raises(BadSignature, match="hash"):
        SIGNALWIRE.authenticate(signed(replace(hook, url=hook.url.partition("&bodySHA256")[0])), connection())


@pytest.mark.parametrize("body", [b"[]", b"{", b"\xff", b'{"CallSid": "\\ud800"}'])
def test_json_that_is_no_object_is_malformed(body: bytes) -> None:
    with pytest.raises(MalformedHook):
        SIGNALWIRE.parse(replace(json_hook({}), body=body), connection())


# Calls.


@pytest.mark.parametrize(
    "sid", ["", "CA0a1b2c3d4e5f60718293a4b5c6d7e8f9", CALL.upper(), CALL + "0", f"{CALL}\n", f"../{CALL}"]
)
def test_what_is_no_uuid_never_becomes_a_call(sid: str) -> None:
    with pytest.raises(MalformedHook, match="CallSid"):
        parse({**START, "CallSid": sid})
    with pytest.raises(ProviderFailed, match="not one of SignalWire's"):
        SIGNALWIRE.hang_up(connection(), CallRef(call_id=sid), CutReason.LIMIT, NOW)
    assert SIGNALWIRE.ask_status(connection(), CallRef(call_id=sid), NOW) is None


def test_the_line_is_said_by_url_connection_or_the_users_own_name() -> None:
    """No SIP header is known to be passed on, so no phone can name a line of another."""
    fields = {**SIP_START, "SipHeader_X-Line": "+15550007777"}

    assert parse(fields, "?line=%2B15550005555", default_line="+15550006666") == replace(OUTBOUND, line="+15550005555")
    assert parse(fields, default_line="+15550006666") == replace(OUTBOUND, line="+15550006666")
    assert parse(fields) == replace(OUTBOUND, line="alice")


@pytest.mark.parametrize(
    ("told", "event"),
    [
        ({"CallStatus": "failed", "SipResultCode": "603"}, replace(ENDED, cause=Cause.REJECTED, seconds=0)),
        ({"CallStatus": "failed", "SipResponseCode": "603"}, replace(ENDED, cause=Cause.FAILED, seconds=0)),
        ({"CallStatus": "canceled"}, replace(ENDED, cause=Cause.CANCELLED, seconds=0)),
    ],
)
def test_the_sip_code_has_another_name_than_twilios(told: dict[str, str], event: Event) -> None:
    assert parse({**LEG_ENDED, **told}) == event


def test_a_number_tells_completed_and_failed_only() -> None:
    """With few fields: a completed first leg has no figures to charge by, a failed one was never answered."""
    assert parse({**NUMBER_ENDED, "CallStatus": "failed"}) == replace(ENDED, cause=Cause.FAILED, seconds=0)


# Replies.


@pytest.mark.parametrize("inbound_to", ["client:alice", "alice@acme.verto.signalwire.com", "bob"])
def test_there_are_no_clients(inbound_to: str) -> None:
    """`<Client>` is Twilio's; `<Verto>` takes no status callback, so an answer would not be told."""
    outcome = Connect(caller_id="+15557654321", max_seconds=60)

    reply = SIGNALWIRE.reply(INBOUND, outcome, connection(inbound_to=inbound_to), public_url=PUBLIC_URL)

    assert b'<Response><Reject reason="rejected" /></Response>' in reply.body


def test_urls_ask_for_no_more_tries() -> None:
    """SignalWire knows no such thing, and its pages are not of one mind about the names of the rest."""
    reply = SIGNALWIRE.reply(
        OUTBOUND, Connect(caller_id="+15550001000", max_seconds=60), connection(), public_url=PUBLIC_URL
    )
    dial = ET.fromstring(reply.body)[0]  # noqa: S314 - our own
    url = f"{PUBLIC_URL}/hooks/sw{OUTBOUND_QUERY}"
    response = VoiceResponse()
    verb = response.dial(
        action=url, method="POST", answer_on_bridge=True, caller_id="+15550001000", time_limit=60, timeout=30
    )
    verb.number(
        "+15552223333",
        status_callback=url,
        status_callback_event="answered completed",
        status_callback_method="POST",
    )

    assert dial.attrib["action"] == url
    assert ET.canonicalize(reply.body.decode()) == ET.canonicalize(str(response))


# Requests to SignalWire.


def test_the_api_may_be_elsewhere() -> None:
    there = connection(api_url="http://127.0.0.1:8080")

    request = SIGNALWIRE.hang_up(there, CallRef(call_id=CALL), CutReason.LIMIT, NOW)

    assert request.url == f"http://127.0.0.1:8080/api/laml/2010-04-01/Accounts/{PROJECT}/Calls/{CALL}"


COMPLETED = {
    "sid": LEG,
    "parent_call_sid": CALL,
    "status": "completed",
    "duration": 61,
    "end_time": "Tue, 31 Mar 2026 12:35:57 +0000",
    "price": 0.0162,
    "price_unit": "USD",
}


def legs(*calls: Mapping[str, object]) -> ProviderResponse:
    return ProviderResponse(status=200, body=json.dumps({"calls": calls, "page_size": 50}).encode())


@pytest.mark.parametrize(
    ("response", "status"),
    [
        (legs(COMPLETED), replace(ENDED, cost=Decimal("0.0162"), cost_currency="USD")),
        (legs({**COMPLETED, "price": -0.0162}), replace(ENDED, cost=Decimal("0.0162"), cost_currency="USD")),
        (legs({**COMPLETED, "price": None}), ENDED),
        (
            legs({**COMPLETED, "price": None, "status": "busy", "duration": 0}),
            replace(ENDED, cause=Cause.BUSY, seconds=0),
        ),
        (legs({**COMPLETED, "status": "in-progress", "duration": None}), Live()),
        (legs(), Unknown()),
    ],
)
def test_a_fate_has_numbers_where_twilio_has_strings(response: ProviderResponse, status: object) -> None:
    assert SIGNALWIRE.read_status(response, CallRef(call_id=CALL)) == status


@pytest.mark.parametrize("told", [{"duration": -1}, {"duration": 61.5}, {"duration": 10**9}, {"price": "NaN"}])
def test_a_fate_that_cannot_be_read_is_asked_again(told: Mapping[str, object]) -> None:
    with pytest.raises(ProviderFailed):
        SIGNALWIRE.read_status(legs({**COMPLETED, **told}), CallRef(call_id=CALL))


def test_the_first_leg_is_asked_for_where_none_is_listed_that_it_dialled() -> None:
    [request] = SIGNALWIRE.ask_rest(connection(), CallRef(call_id=f"{CALL}:forward"), NOW)
    response = ProviderResponse(status=200, body=json.dumps({**COMPLETED, "sid": CALL}).encode())
    status = SIGNALWIRE.read_rest(response, CallRef(call_id=CALL), ENDED_AT + timedelta(minutes=10))

    assert isinstance(SIGNALWIRE, StatusInParts)
    assert request.url == f"https://acme.signalwire.com/api/laml/2010-04-01/Accounts/{PROJECT}/Calls/{CALL}"
    assert status == replace(ENDED, cause=Cause.FAILED, seconds=0)
    with pytest.raises(ProviderFailed, match="not one of SignalWire's"):
        SIGNALWIRE.ask_rest(connection(), CallRef(call_id="CA"), NOW)


def test_the_kit_says_what_is_not_set() -> None:
    assert "default_line (none)" in SIGNALWIRE.kit(connection(), public_url=PUBLIC_URL)


def test_the_kit_keeps_strangers_from_dialling_out() -> None:
    """A domain application takes calls from any address, and what is signed does not tell them from our own."""
    endpoints = SIGNALWIRE.kit(connection(), public_url=PUBLIC_URL).partition("2. ")[2].partition("3. ")[0]

    assert endpoints.startswith("Each SIP endpoint that phones dial out from")
    assert "IP authentication" in endpoints
    assert "ip_auth_enabled" in endpoints
    assert "any\n   address on the internet" in endpoints
