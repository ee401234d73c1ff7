# ruff: noqa: E501 - a reply is one line
"""Telnyx TeXML: signed by PyNaCl, answered with documents that Twilio's builder makes too, asked as Telnyx' SDK asks."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from urllib.parse import parse_qsl, urlencode, urlsplit
from xml.etree import ElementTree as ET

import httpx
import pytest
from inline_snapshot import snapshot
from twilio.twiml.voice_response import VoiceResponse

from gateway.domain.calls.call import CutReason
from gateway.domain.connection import Connection
from gateway.domain.errors import BadSignature, ProviderFailed
from gateway.domain.events import CallAnswered, CallEnded, CallHinted, CallStarted, Cause, Direction, Event
from gateway.providers.base import (
    Acknowledged,
    CallRef,
    Connect,
    HangUp,
    Hook,
    Live,
    ProviderRequest,
    ProviderResponse,
    Reject,
    Unknown,
)
from gateway.providers.telnyx.texml import Telnyx
from tests.providers.cases import NOW, PUBLIC_URL, Case, Driver, ProviderCases
from tests.providers.telnyx import library
from tests.providers.telnyx.driver import (
    ACCOUNT,
    API_KEY,
    CALL,
    LEG,
    OLD_PUBLIC_KEY,
    PUBLIC_KEY,
    SIP_CONNECTION,
    form_hook,
    proof_of,
    query_of,
    signed,
)

TELNYX = Telnyx()
ENDED_AT = datetime(2026, 3, 31, 12, 35, 57, 410_000, tzinfo=UTC)
START = {
    "AccountSid": ACCOUNT,
    "CallSid": CALL,
    "CallSidLegacy": CALL,
    "ConnectionId": "1684641123236054244",
    "From": "+15557654321",
    "To": "+15550001000",
    "CallingPartyType": "pstn",
    "CallStatus": "ringing",
}
SIP_START = {
    **START,
    "ConnectionId": SIP_CONNECTION,
    "From": "sip:15550001000@acme.sip.telnyx.com",
    "To": "sip:+15552223333@sip.telnyx.com",
    "CallingPartyType": "sip",
}
LEG_ENDED = {
    "AccountSid": ACCOUNT,
    "CallSid": LEG,
    "ParentCallSid": CALL,
    "CallStatus": "completed",
    "CallbackSource": "call-progress-events",
    "ConnectionId": "1684641123236054244",
    "From": "+15550001000",
    "To": "+15552223333",
    "CallDuration": "61",
    "HangupCause": "normal_clearing",
    "SipHangupCause": "200",
    "SequenceNumber": "3",
    "Timestamp": "2026-03-31T12:35:57.410Z",
}
DIAL_ENDED = {**START, "CallStatus": "in-progress", "DialCallStatus": "completed", "DialCallSid": LEG}
DIAL_ENDED |= {"DialCallDuration": "61"}
FIRST_LEG = {**START, "CallStatus": "completed", "CallDuration": "75", "CallbackSource": "call-progress-events"}

INBOUND = CallStarted(
    call_id=CALL, direction=Direction.INBOUND, caller="+15557654321", callee="+15550001000", line="+15550001000"
)
OUTBOUND = CallStarted(
    call_id=CALL, direction=Direction.OUTBOUND, caller="+15550001000", callee="+15552223333", line="+15550001000"
)
FORWARD = CallStarted(
    call_id=f"{CALL}:forward",
    direction=Direction.FORWARD,
    caller="+15557654321",
    callee="+442079460000",
    line="+15550001000",
    parent_call_id=CALL,
)
ENDED = CallEnded(call_id=CALL, cause=Cause.NORMAL, ended_at=ENDED_AT, seconds=61)
OUTBOUND_SAID = {"leg": "outbound", "caller": "+15550001000", "callee": "+15552223333", "line": "+15550001000"}
FORWARD_SAID = {"leg": "forward", "caller": "+15557654321", "callee": "+442079460000", "line": "+15550001000"}
FORWARD_ASKED = {"leg": "forward", "callee": "+442079460000", "line": "+15550001000"}


def connection(**options: str) -> Connection:
    known = {"account_sid": ACCOUNT, "api_key": API_KEY, "outbound_connection_id": SIP_CONNECTION}
    return Connection(name="tx", kind="telnyx", secrets=(PUBLIC_KEY, OLD_PUBLIC_KEY), options=known | options)


def fields_of(hook: Hook) -> dict[str, str]:
    return dict(parse_qsl(hook.body.decode(), keep_blank_values=True))


def parse(fields: Mapping[str, str], said: Mapping[str, str] | None = None, **options: str) -> Event:
    return TELNYX.parse(form_hook(fields, query_of(said) if said else ""), connection(**options))


class TelnyxDriver(Driver):
    adapter = TELNYX
    deciding = (
        "CallSid",
        "ParentCallSid",
        "CallStatus",
        "CallDuration",
        "DialCallStatus",
        "DialCallDuration",
        "CallbackSource",
    )
    connection = connection(inbound_to="sip:{digits}@pbx.example.com")
    signs_time = True
    garbage = (*Driver.garbage, b"a&b=c&%00=%ff", b"{}")
    calls = (CallRef(call_id=CALL), CallRef(call_id=f"{CALL}:forward"))
    hang_up_replies = (
        (ProviderResponse(status=200, body=b"{}"), HangUp.TAKEN),
        (ProviderResponse(status=404, body=b'{"errors": [{"code": "10005"}]}'), HangUp.GONE),
        (ProviderResponse(status=422, body=b'{"errors": [{"code": "90018"}]}'), HangUp.GONE),
        (ProviderResponse(status=404, body=b""), HangUp.FAILED),
        (ProviderResponse(status=422, body=b'{"errors": []}'), HangUp.FAILED),
        (ProviderResponse(status=400, body=b"{}"), HangUp.FAILED),
        (ProviderResponse(status=302, body=b""), HangUp.FAILED),
    )
    kit_names = (ACCOUNT, "sip:{digits}@pbx.example.com", SIP_CONNECTION)

    def sign(self, hook: Hook, secret: str, at: datetime | None = None) -> Hook:
        return signed(hook, secret, at)

    def cases(self) -> Mapping[str, Case]:
        return {
            "start": Case(
                hook=form_hook(SIP_START),
                event=OUTBOUND,
                required=("CallSid", "CallStatus"),
                texts=("CallSid", "CallStatus", "From", "To", "ConnectionId"),
            ),
            "start inbound": Case(hook=form_hook(START), event=INBOUND, required=("CallSid",)),
            "start forward": Case(
                hook=form_hook(START, query_of(FORWARD_ASKED)),
                event=FORWARD,
                required=("CallSid", "CallStatus"),
                texts=("CallSid", "From"),
            ),
            "answer": Case(
                hook=form_hook({**LEG_ENDED, "CallStatus": "in-progress"}, query_of(OUTBOUND_SAID)),
                event=CallAnswered(call_id=CALL, at=ENDED_AT),
                required=("ParentCallSid", "CallStatus"),
                texts=("ParentCallSid", "Timestamp"),
            ),
            "end": Case(
                hook=form_hook(LEG_ENDED, query_of(OUTBOUND_SAID)),
                event=replace(ENDED, start=OUTBOUND),
                required=("ParentCallSid", "CallStatus", "CallDuration"),
                texts=("ParentCallSid", "CallDuration", "Timestamp"),
            ),
            "end by action": Case(
                hook=form_hook(DIAL_ENDED, query_of(FORWARD_SAID)),
                event=replace(ENDED, call_id=FORWARD.call_id, ended_at=None, start=FORWARD),
                required=("CallSid",),
                texts=("CallSid", "DialCallStatus", "DialCallDuration"),
            ),
            "hint": Case(hook=form_hook(FIRST_LEG), event=CallHinted(call_id=CALL), required=("CallSid", "CallStatus")),
        }

    def without(self, hook: Hook, field: str) -> Hook:
        fields = fields_of(hook)
        del fields[field]
        return replace(hook, body=urlencode(fields).encode())

    def with_text(self, hook: Hook, field: str, text: str) -> Hook:
        return replace(hook, body=urlencode({**fields_of(hook), field: text}).encode())

    def unknown(self) -> tuple[Hook, ...]:
        return (
            form_hook({**START, "CallStatus": "dtmf"}),
            form_hook({"AccountSid": START["AccountSid"], "CallbackSource": "call-cost-events", "CallSid": CALL}),
            form_hook({**START, "CallbackSource": "call-cost-events", "TotalCost": "0.0033"}),
            form_hook({**LEG_ENDED, "CallbackSource": "call-cost-events"}),
            form_hook({**START, "RecordingSid": "x", "RecordingStatus": "completed"}),
            form_hook({**LEG_ENDED, "CallStatus": "initiated"}, query_of(OUTBOUND_SAID)),
            form_hook({**FIRST_LEG, "CallStatus": "initiated"}),
        )

    def verify_control(self, request: ProviderRequest) -> None:
        """The same request as Telnyx' own library makes."""
        asked: list[httpx.Request] = []

        def take(made: httpx.Request) -> httpx.Response:
            asked.append(made)
            return httpx.Response(200, json={})

        with library.client(API_KEY, httpx.MockTransport(take)) as client:
            calls = client.texml.accounts.calls
            if request.method == "POST":
                calls.update(CALL, account_sid=ACCOUNT, status="completed")
            else:
                calls.retrieve(CALL, account_sid=ACCOUNT)
        assert (request.method, httpx.URL(request.url)) == (asked[0].method, asked[0].url)
        assert request.body == asked[0].content
        for name, value in request.headers.items():
            assert asked[0].headers[name] == value


class TestTelnyx(ProviderCases):
    driver = TelnyxDriver()
    replies = snapshot(
        {
            "start connect": [
                200,
                "text/xml",
                '<?xml version="1.0" encoding="UTF-8"?><Response><Dial action="https://gw.example.net/hooks/tx?callee=%2B15552223333&amp;caller=%2B15550001000&amp;leg=outbound&amp;line=%2B15550001000&amp;proof=75b346e63110843a807c3411c98ed34b409fa2d90b30a46930ecff74283220b0" method="POST" answerOnBridge="true" callerId="+15550100009" timeLimit="2220" timeout="30"><Number statusCallback="https://gw.example.net/hooks/tx?callee=%2B15552223333&amp;caller=%2B15550001000&amp;leg=outbound&amp;line=%2B15550001000&amp;proof=75b346e63110843a807c3411c98ed34b409fa2d90b30a46930ecff74283220b0" statusCallbackEvent="answered completed" statusCallbackMethod="POST">+15552223333</Number></Dial></Response>',
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
                '<?xml version="1.0" encoding="UTF-8"?><Response><Dial action="https://gw.example.net/hooks/tx?callee=%2B15550001000&amp;caller=%2B15557654321&amp;leg=inbound&amp;line=%2B15550001000&amp;proof=deaed4d94ad4d23a027dbc0af570f4dbfd95ecc81ad2000bb3e5319996b17957" method="POST" answerOnBridge="true" callerId="+15550100009" timeLimit="2220" timeout="30"><Sip statusCallback="https://gw.example.net/hooks/tx?callee=%2B15550001000&amp;caller=%2B15557654321&amp;leg=inbound&amp;line=%2B15550001000&amp;proof=deaed4d94ad4d23a027dbc0af570f4dbfd95ecc81ad2000bb3e5319996b17957" statusCallbackEvent="answered completed" statusCallbackMethod="POST">sip:15550001000@pbx.example.com</Sip></Dial></Response>',
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
                '<?xml version="1.0" encoding="UTF-8"?><Response><Dial action="https://gw.example.net/hooks/tx?callee=%2B442079460000&amp;caller=%2B15557654321&amp;leg=forward&amp;line=%2B15550001000&amp;proof=acc5fd702b1a28bba19335fb4ab3ddbb6d3142330fa9b1995cff50025094fee6" method="POST" answerOnBridge="true" callerId="+15550100009" timeLimit="2220" timeout="30"><Number statusCallback="https://gw.example.net/hooks/tx?callee=%2B442079460000&amp;caller=%2B15557654321&amp;leg=forward&amp;line=%2B15550001000&amp;proof=acc5fd702b1a28bba19335fb4ab3ddbb6d3142330fa9b1995cff50025094fee6" statusCallbackEvent="answered completed" statusCallbackMethod="POST">+442079460000</Number></Dial></Response>',
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
                "application/json",
                "",
            ],
            "answer charged nobody": [
                200,
                "application/json",
                "",
            ],
            "answer taken": [200, "application/json", ""],
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
            "v3:T02llQxIyaRkhfRKxgAP8nY511EhFLizdvdUKJiSw8d6A9BborherQ": [
                "POST",
                "https://api.telnyx.com/v2/texml/Accounts/f5586561-8ff0-4291-a51b-c7dfe4139ff9/Calls/v3:T02llQxIyaRkhfRKxgAP8nY511EhFLizdvdUKJiSw8d6A9BborherQ",
                {"Authorization": "Bearer KEY0123456789ABCDEF_telnyx", "Content-Type": "application/json"},
                '{"Status":"completed"}',
            ],
            "v3:T02llQxIyaRkhfRKxgAP8nY511EhFLizdvdUKJiSw8d6A9BborherQ:forward": [
                "POST",
                "https://api.telnyx.com/v2/texml/Accounts/f5586561-8ff0-4291-a51b-c7dfe4139ff9/Calls/v3:T02llQxIyaRkhfRKxgAP8nY511EhFLizdvdUKJiSw8d6A9BborherQ",
                {"Authorization": "Bearer KEY0123456789ABCDEF_telnyx", "Content-Type": "application/json"},
                '{"Status":"completed"}',
            ],
        }
    )
    statuses = snapshot(
        {
            "v3:T02llQxIyaRkhfRKxgAP8nY511EhFLizdvdUKJiSw8d6A9BborherQ": [
                "GET",
                "https://api.telnyx.com/v2/texml/Accounts/f5586561-8ff0-4291-a51b-c7dfe4139ff9/Calls/v3:T02llQxIyaRkhfRKxgAP8nY511EhFLizdvdUKJiSw8d6A9BborherQ",
                {"Authorization": "Bearer KEY0123456789ABCDEF_telnyx"},
                "",
            ],
            "v3:T02llQxIyaRkhfRKxgAP8nY511EhFLizdvdUKJiSw8d6A9BborherQ:forward": [
                "GET",
                "https://api.telnyx.com/v2/texml/Accounts/f5586561-8ff0-4291-a51b-c7dfe4139ff9/Calls/v3:T02llQxIyaRkhfRKxgAP8nY511EhFLizdvdUKJiSw8d6A9BborherQ",
                {"Authorization": "Bearer KEY0123456789ABCDEF_telnyx"},
                "",
            ],
        }
    )


# Authenticity, beyond the signature.


def test_the_hook_of_another_account_is_refused() -> None:
    hook = signed(form_hook({**START, "AccountSid": "another"}), PUBLIC_KEY)

    with pytest.raises(BadSignature, match="account"):
        TELNYX.authenticate(hook, connection())


@pytest.mark.parametrize(
    "query",
    [
        query_of(FORWARD_ASKED, proof=""),
        query_of(FORWARD_ASKED, proof="0" * 64),
        query_of(FORWARD_ASKED, proof="é"),
        query_of(FORWARD_ASKED, proof=proof_of(FORWARD_ASKED, LEG)),
        query_of(FORWARD_ASKED).replace("15550001000", "15550001001"),
        query_of(FORWARD_ASKED) + "&caller=1",
        "?line=%2B15550001000",
        "?%ff=%ff",
    ],
)
def test_a_signed_body_with_a_query_that_is_not_ours_is_refused(query: str) -> None:
    """Telnyx signs no URL: whoever has a signed body could name another line."""
    with pytest.raises(BadSignature, match="did not put there"):
        TELNYX.authenticate(signed(form_hook(START, query), PUBLIC_KEY), connection())


def test_our_own_query_is_good_in_any_spelling() -> None:
    respelled = "?" + "&".join(reversed(query_of(FORWARD_ASKED)[1:].replace("forward", "%66orward").split("&")))

    for query in (query_of(FORWARD_ASKED), respelled):
        TELNYX.authenticate(signed(form_hook(START, query), PUBLIC_KEY), connection())


# Starts.


def test_only_the_named_sip_connection_dials_out() -> None:
    """A stranger may call by SIP too, and must not call on at our cost."""
    stranger = {**SIP_START, "ConnectionId": START["ConnectionId"]}

    assert parse(SIP_START) == OUTBOUND
    assert parse(stranger) == replace(OUTBOUND, direction=Direction.INBOUND, line="+15552223333")
    assert parse(SIP_START, outbound_connection_id="") == replace(
        OUTBOUND, direction=Direction.INBOUND, line="+15552223333"
    )


def test_without_a_connection_that_dials_out_every_call_is_inbound() -> None:
    bare = replace(connection(), options={"account_sid": ACCOUNT, "api_key": API_KEY})

    for missing in ({}, {"ConnectionId": ""}):
        fields = {name: value for name, value in SIP_START.items() if name != "ConnectionId"} | missing
        event = TELNYX.parse(form_hook(fields), bare)
        assert isinstance(event, CallStarted)
        assert event.direction is Direction.INBOUND


def test_the_line_is_the_connections_or_the_number_that_the_user_shows() -> None:
    assert parse(SIP_START, default_line="1 555 000 6666") == replace(OUTBOUND, line="+15550006666")
    assert parse({**SIP_START, "From": "sip:alice@acme.sip.telnyx.com"}) == replace(
        OUTBOUND, caller="alice", line="alice"
    )


# Ends.


@pytest.mark.parametrize(
    "timestamp",
    [
        "2026-03-31T12:35:57.41Z",
        "2026-03-31 12:35:57.410000Z",
        "2026-03-31T14:35:57.410+02:00",
        "2026-03-31T12:35:57.41",
    ],
)
def test_a_timestamp_comes_in_each_of_telnyx_spellings(timestamp: str) -> None:
    assert parse({**LEG_ENDED, "Timestamp": timestamp}) == ENDED


def test_a_timestamp_may_be_of_rfc_2822_or_missing() -> None:
    told = parse({**LEG_ENDED, "Timestamp": "Tue, 31 Mar 2026 12:35:57 +0000"})

    assert told == replace(ENDED, ended_at=ENDED_AT.replace(microsecond=0))
    assert parse({**LEG_ENDED, "Timestamp": ""}) == replace(ENDED, ended_at=None)


@pytest.mark.parametrize("timestamp", ["yesterday", "Tue, 31", "0001-01-01T00:00:00+23:59", "12:35"])
def test_a_timestamp_that_is_no_date_is_left_out(timestamp: str) -> None:
    assert parse({**LEG_ENDED, "Timestamp": timestamp}) == replace(ENDED, ended_at=None)


def test_a_declined_leg_was_rejected() -> None:
    fields = {**LEG_ENDED, "CallStatus": "failed", "SipHangupCause": "603"}

    assert parse(fields) == replace(ENDED, cause=Cause.REJECTED, seconds=0)


# Replies, made again with Twilio's builder, whose documents Telnyx takes.


def told(event: CallStarted, outcome: Connect | Reject, **options: str) -> ET.Element:
    reply = TELNYX.reply(event, outcome, connection(**options), public_url=PUBLIC_URL)
    return ET.fromstring(reply.body.decode())  # noqa: S314 - our own


def test_a_shorter_limit_than_telnyx_takes_becomes_its_shortest() -> None:
    """`timeLimit` is 60 to 14400: a call with less is cut by the gateway, which can."""
    limits = {
        seconds: told(OUTBOUND, Connect(caller_id="+15550001000", max_seconds=seconds))[0].attrib["timeLimit"]
        for seconds in (1, 59, 60, 61, 3600)
    }

    assert limits == {1: "60", 59: "60", 60: "60", 61: "61", 3600: "3600"}
    assert TELNYX.can_cut(connection(), CallRef(call_id=CALL))


def test_what_we_tell_comes_back_as_the_start_of_its_end() -> None:
    root = told(OUTBOUND, Connect(caller_id="+15550001000", max_seconds=60))
    query = urlsplit(root[0].attrib["action"]).query
    hook = signed(form_hook(LEG_ENDED, f"?{query}"), PUBLIC_KEY)

    TELNYX.authenticate(hook, connection())
    assert TELNYX.parse(hook, connection()) == replace(ENDED, start=OUTBOUND)
    assert (
        root[0].attrib["action"]
        == root[0][0].attrib["statusCallback"]
        == f"{PUBLIC_URL}/hooks/tx{query_of(OUTBOUND_SAID)}"
    )


def test_an_inbound_call_is_forwarded_by_way_of_a_second_decision() -> None:
    response = VoiceResponse()
    response.redirect(f"{PUBLIC_URL}/hooks/tx{query_of(FORWARD_ASKED)}", method="POST")
    root = told(INBOUND, Connect(caller_id="+15557654321", max_seconds=60), inbound_to="+442079460000")

    assert ET.canonicalize(ET.tostring(root)) == ET.canonicalize(str(response))


@pytest.mark.parametrize("inbound_to", ["client:bob", "", "bob"])
def test_an_inbound_call_that_can_go_nowhere_is_rejected(inbound_to: str) -> None:
    """There is no `<Client>` in TeXML."""
    root = told(INBOUND, Connect(caller_id="+15557654321", max_seconds=60), inbound_to=inbound_to)

    assert (root[0].tag, root[0].attrib) == ("Reject", {"reason": "rejected"})


@pytest.mark.parametrize("status", ["answered", "timeout", "parked"])
def test_whatever_became_of_the_dial_its_request_is_told_to_hang_up(status: str) -> None:
    """Without a document the first leg would stay up; what the status means is asked for."""
    hook = form_hook({**DIAL_ENDED, "DialCallStatus": status, "CallStatus": "in-progress"}, query_of(FORWARD_SAID))
    event = TELNYX.parse(hook, connection())

    reply = TELNYX.reply(event, Acknowledged(), connection(), public_url=PUBLIC_URL)

    assert ET.fromstring(reply.body)[0].tag == "Hangup"  # noqa: S314 - our own document
    assert status == "answered" or event == CallHinted(call_id=FORWARD.call_id)


# Requests to Telnyx.


@pytest.mark.parametrize("call_id", ["", "x", "../calls", f"{CALL}/x", f"{CALL}\n", f"{CALL}:forward:forward"])
def test_no_url_is_made_of_junk(call_id: str) -> None:
    with pytest.raises(ProviderFailed, match="not one of Telnyx'"):
        TELNYX.hang_up(connection(), CallRef(call_id=call_id), CutReason.LIMIT, NOW)
    assert TELNYX.ask_status(connection(), CallRef(call_id=call_id), NOW) is None


# The status of a call.

FOUND = {
    "account_sid": ACCOUNT,
    "sid": CALL,
    "status": "completed",
    "duration": "61",
    "end_time": "Tue, 31 Mar 2026 12:35:57 +0000",
    "price": None,
    "price_unit": None,
}
FATE = replace(ENDED, ended_at=ENDED_AT.replace(microsecond=0))


def found(**fields: object) -> ProviderResponse:
    return ProviderResponse(status=200, body=json.dumps(FOUND | fields).encode())


def test_the_fate_we_read_is_one_that_telnyx_library_reads() -> None:
    library.model("texml.accounts.call_resource", "CallResource").model_validate(FOUND, strict=True)


@pytest.mark.parametrize(
    ("response", "status"),
    [
        (found(), FATE),
        (found(price="-0.0033", price_unit="USD"), replace(FATE, cost=Decimal("0.0033"), cost_currency="USD")),
        (found(end_time=None, duration=61), replace(FATE, ended_at=None)),
        (found(start_time="Tue, 31 Mar 2026 12:35:20 +0000"), replace(FATE, seconds=37)),
        (found(start_time="Tue, 31 Mar 2026 12:34:20 +0000"), FATE),
        (found(start_time="Tue, 31 Mar 2026 12:35:20 +0000", end_time=None), replace(FATE, ended_at=None)),
        (found(start_time="Tue, 31 Mar 2026 12:40:00 +0000"), replace(FATE, seconds=0)),
        (found(status="busy", duration=None), replace(FATE, cause=Cause.BUSY, seconds=0)),
        (found(status="no-answer"), replace(FATE, cause=Cause.NO_ANSWER, seconds=0)),
        (found(status="in-progress"), Live()),
        (ProviderResponse(status=404, body=b'{"errors": [{"code": "10005"}]}'), Unknown()),
    ],
)
def test_the_fate_is_that_of_the_first_leg(response: ProviderResponse, status: object) -> None:
    """Without an answer the smaller figure: Telnyx does not say what `duration` counts from."""
    assert TELNYX.read_status(response, CallRef(call_id=CALL)) == status


def test_the_seconds_of_an_answered_call_are_those_from_its_answer() -> None:
    answered = CallRef(call_id=CALL, answered_at=ENDED_AT)

    assert TELNYX.read_status(found(duration="3600"), answered) == replace(FATE, seconds=None)
    assert TELNYX.read_status(found(end_time=None), answered) == replace(FATE, ended_at=None)
    assert TELNYX.read_status(found(status="busy"), answered) == replace(FATE, cause=Cause.BUSY, seconds=0)


@pytest.mark.parametrize(
    "response",
    [
        *(ProviderResponse(status=status, body=b"") for status in (201, 302, 401, 429, 500)),
        ProviderResponse(status=200, body=b"{}"),
        found(status="parked"),
        found(duration=None),
        found(duration="61.5"),
        found(end_time="yesterday"),
        found(price="NaN"),
    ],
)
def test_a_fate_that_cannot_be_read_is_asked_again(response: ProviderResponse) -> None:
    with pytest.raises(ProviderFailed):
        TELNYX.read_status(response, CallRef(call_id=CALL))


def test_the_api_may_be_elsewhere() -> None:
    request = TELNYX.ask_status(connection(api_url="http://127.0.0.1:8080/v2"), CallRef(call_id=CALL), NOW)

    assert request is not None
    assert request.url.startswith("http://127.0.0.1:8080/v2/texml/Accounts/")


def test_the_kit_says_what_is_not_set_and_no_key() -> None:
    kit = TELNYX.kit(replace(connection(), options={"account_sid": ACCOUNT, "api_key": API_KEY}), public_url=PUBLIC_URL)

    assert "inbound calls are rejected" in kit
    assert "no call is taken for outbound" in kit
    assert API_KEY not in kit
