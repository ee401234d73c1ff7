# ruff: noqa: E501 - a reply is one line
"""Twilio: signed by the twilio library's validator, answered with TwiML that its builder makes too."""

import json
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from urllib.parse import parse_qsl, urlencode, urlsplit
from xml.etree import ElementTree as ET

import pytest
from inline_snapshot import snapshot
from twilio.request_validator import RequestValidator
from twilio.twiml.voice_response import Dial, VoiceResponse

from gateway.domain.calls.call import CutReason
from gateway.domain.connection import Connection
from gateway.domain.errors import BadSignature, MalformedHook, ProviderFailed
from gateway.domain.events import (
    CallAnswered,
    CallEnded,
    CallHinted,
    CallStarted,
    Cause,
    Direction,
    Event,
    Ignored,
)
from gateway.providers.abilities import StatusInParts
from gateway.providers.base import (
    Acknowledged,
    CallRef,
    Connect,
    HangUp,
    Hook,
    Live,
    ProviderRequest,
    ProviderResponse,
    Unknown,
)
from gateway.providers.twilio.adapter import ADAPTER as TWILIO
from gateway.providers.wire.markup import document, element
from tests.providers.cases import NOW, PUBLIC_URL, Case, Driver, ProviderCases, make_hook, with_headers

TOKEN = "89abcdef0123456789abcdef01234567"
OLD_TOKEN = "fedcba9876543210fedcba9876543210"
ACCOUNT = "AC0123456789abcdef0123456789abcdef"
CALL = "CA0a1b2c3d4e5f60718293a4b5c6d7e8f9"
LEG = "CA2c3d4e5f60718293a4b5c6d7e8f90a1b"
ENDED_AT = datetime(2026, 3, 31, 12, 35, 57, tzinfo=UTC)

START = {
    "AccountSid": ACCOUNT,
    "ApiVersion": "2010-04-01",
    "CallSid": CALL,
    "CallStatus": "ringing",
    "Direction": "inbound",
    "From": "+15557654321",
    "To": "+15550001000",
    "FromCity": "",
}
SIP_START = {
    **START,
    "From": "sip:alice@acme.sip.twilio.com",
    "To": "sip:+15552223333@acme.sip.twilio.com",
    "SipDomain": "acme.sip.twilio.com",
    "SipHeader_X-Line": "+15550001000",
}
LEG_ENDED = {
    "AccountSid": ACCOUNT,
    "CallSid": LEG,
    "ParentCallSid": CALL,
    "CallStatus": "completed",
    "Direction": "outbound-dial",
    "From": "+15550001000",
    "To": "+15552223333",
    "CallDuration": "61",
    "Duration": "2",
    "SipResponseCode": "200",
    "CallbackSource": "call-progress-events",
    "SequenceNumber": "3",
    "Timestamp": "Tue, 31 Mar 2026 12:35:57 +0000",
}
DIAL_ENDED = {
    **START,
    "CallStatus": "in-progress",
    "DialCallStatus": "completed",
    "DialCallSid": LEG,
    "DialCallDuration": "61",
}
FIRST_LEG = {
    **START,
    "CallStatus": "completed",
    "CallDuration": "75",
    "Duration": "2",
    "CallbackSource": "call-progress-events",
    "Timestamp": "Tue, 31 Mar 2026 12:35:57 +0000",
}
OUTBOUND = CallStarted(
    call_id=CALL, direction=Direction.OUTBOUND, caller="alice", callee="+15552223333", line="+15550001000"
)
INBOUND = CallStarted(
    call_id=CALL, direction=Direction.INBOUND, caller="+15557654321", callee="+15550001000", line="+15550001000"
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
OUTBOUND_QUERY = "?callee=%2B15552223333&caller=alice&leg=outbound&line=%2B15550001000"
FORWARD_QUERY = "?callee=%2B442079460000&caller=%2B15557654321&leg=forward&line=%2B15550001000"


def twilio_hook(fields: Mapping[str, str], query: str = "") -> Hook:
    return make_hook(
        f"/hooks/tw{query}",
        urlencode(fields).encode(),
        headers={"Content-Type": "application/x-www-form-urlencoded; charset=UTF-8"},
    )


def fields_of(hook: Hook) -> dict[str, str]:
    return dict(parse_qsl(hook.body.decode(), keep_blank_values=True))


class TwilioDriver(Driver):
    adapter = TWILIO
    deciding = (
        "CallSid",
        "ParentCallSid",
        "CallStatus",
        "CallDuration",
        "DialCallStatus",
        "DialCallDuration",
        "CallbackSource",
    )
    connection = Connection(
        name="tw",
        kind="twilio",
        secrets=(TOKEN, OLD_TOKEN),
        options={"account_sid": ACCOUNT, "inbound_to": "sip:{digits}@pbx.example.com"},
    )
    garbage = (*Driver.garbage, b"a&b=c&%00=%ff", b"{}")
    calls = (CallRef(call_id=CALL), CallRef(call_id=f"{CALL}:forward"))
    hang_up_replies = (
        (ProviderResponse(status=200, body=b"{}"), HangUp.TAKEN),
        (ProviderResponse(status=404, body=b'{"code": 20404}'), HangUp.GONE),
        (ProviderResponse(status=404, body=b"<html>Not Found</html>"), HangUp.FAILED),
        (ProviderResponse(status=400, body=b'{"code": 21220, "message": "Call is not in-progress."}'), HangUp.GONE),
        (ProviderResponse(status=400, body=b'{"code": 20001}'), HangUp.FAILED),
        (ProviderResponse(status=400, body=b"{}"), HangUp.FAILED),
        (ProviderResponse(status=400, body=b"\xff"), HangUp.FAILED),
        (ProviderResponse(status=302, body=b""), HangUp.FAILED),
    )
    kit_names = (ACCOUNT, "sip:{digits}@pbx.example.com", "#ct=2000&rt=3000", "?line=")

    def sign(self, hook: Hook, secret: str, at: datetime | None = None) -> Hook:  # noqa: ARG002 - not signed
        pairs = fields_of(hook) if hook.method == "POST" else {}
        signature = RequestValidator(secret).compute_signature(hook.url, pairs)
        return with_headers(hook, x_twilio_signature=signature)

    def cases(self) -> Mapping[str, Case]:
        started = ("AccountSid", "CallSid", "CallStatus")
        return {
            "start": Case(
                hook=twilio_hook(SIP_START),
                event=OUTBOUND,
                required=started[1:],
                texts=("CallSid", "CallStatus", "To", "SipHeader_X-Line"),
            ),
            "start inbound": Case(
                hook=twilio_hook(START), event=INBOUND, required=started[1:], texts=("CallSid", "From", "To")
            ),
            "start forward": Case(
                hook=twilio_hook(START, "?callee=%2B442079460000&leg=forward&line=%2B15550001000"),
                event=FORWARD,
                required=("CallSid", "CallStatus"),
                texts=("CallSid", "From"),
            ),
            "answer": Case(
                hook=twilio_hook({**LEG_ENDED, "CallStatus": "in-progress"}, OUTBOUND_QUERY),
                event=CallAnswered(call_id=CALL, at=ENDED_AT),
                required=("ParentCallSid", "CallStatus"),
                texts=("ParentCallSid", "Timestamp"),
            ),
            "end": Case(
                hook=twilio_hook(LEG_ENDED, OUTBOUND_QUERY),
                event=replace(ENDED, start=OUTBOUND),
                required=("ParentCallSid", "CallStatus", "CallDuration"),
                texts=("ParentCallSid", "CallDuration", "Timestamp"),
            ),
            "end by action": Case(
                hook=twilio_hook(DIAL_ENDED, FORWARD_QUERY),
                event=replace(ENDED, call_id=FORWARD.call_id, ended_at=None, start=FORWARD),
                required=("CallSid",),
                texts=("CallSid", "DialCallStatus", "DialCallDuration"),
            ),
            "end of the first leg": Case(
                hook=twilio_hook({**FIRST_LEG, "CallStatus": "no-answer"}),
                event=CallEnded(call_id=CALL, cause=Cause.NO_ANSWER, ended_at=ENDED_AT, seconds=0),
                required=("CallSid", "CallStatus"),
                texts=("CallSid", "CallStatus", "CallbackSource"),
            ),
            "hint": Case(
                hook=twilio_hook(FIRST_LEG),
                event=CallHinted(call_id=CALL),
                required=("CallSid", "CallStatus"),
            ),
        }

    def without(self, hook: Hook, field: str) -> Hook:
        fields = fields_of(hook)
        del fields[field]
        return replace(hook, body=urlencode(fields).encode())

    def with_text(self, hook: Hook, field: str, text: str) -> Hook:
        return replace(hook, body=urlencode({**fields_of(hook), field: text}).encode())

    def unknown(self) -> tuple[Hook, ...]:
        return (
            twilio_hook({**START, "CallStatus": "parked"}),
            twilio_hook({**START, "CallStatus": "in-progress", "Direction": "outbound-api"}),
            twilio_hook({**DIAL_ENDED, "DialCallStatus": "parked"}),
            twilio_hook({**LEG_ENDED, "CallStatus": "initiated"}, OUTBOUND_QUERY),
            twilio_hook({**LEG_ENDED, "CallStatus": "ringing"}, OUTBOUND_QUERY),
            twilio_hook({**FIRST_LEG, "CallStatus": "queued"}),
            *(twilio_hook({**START, name: "x"}) for name in ("RecordingSid", "ConferenceSid", "Digits", "StreamEvent")),
            twilio_hook({"AccountSid": ACCOUNT, "RecordingSid": "RE1", "RecordingStatus": "completed"}),
            twilio_hook({"AccountSid": ACCOUNT, "MessageSid": "SM1", "MessageStatus": "sent"}),
            twilio_hook({"AccountSid": ACCOUNT, "PayloadType": "application/json", "Payload": "{}"}),
            twilio_hook({**LEG_ENDED, "CallbackSource": "call-cost-events"}, OUTBOUND_QUERY),
            twilio_hook({**START, "SequenceNumber": "0"}),
        )

    def verify_control(self, request: ProviderRequest) -> None:
        assert request.headers["Authorization"] == ("Basic " + b64encode(f"{ACCOUNT}:{TOKEN}".encode()).decode())
        assert urlsplit(request.url).netloc == "api.twilio.com"


class TestTwilio(ProviderCases):
    driver = TwilioDriver()
    replies = snapshot(
        {
            "start connect": [
                200,
                "text/xml",
                '<?xml version="1.0" encoding="UTF-8"?><Response><Dial action="https://gw.example.net/hooks/tw?callee=%2B15552223333&amp;caller=alice&amp;leg=outbound&amp;line=%2B15550001000#ct=2000&amp;rt=3000&amp;tt=15000&amp;rc=3&amp;rp=ct,rt,5xx" method="POST" answerOnBridge="true" callerId="+15550100009" timeLimit="2220" timeout="30"><Number statusCallback="https://gw.example.net/hooks/tw?callee=%2B15552223333&amp;caller=alice&amp;leg=outbound&amp;line=%2B15550001000#ct=2000&amp;rt=3000&amp;tt=15000&amp;rc=3&amp;rp=ct,rt,5xx" statusCallbackEvent="answered completed" statusCallbackMethod="POST">+15552223333</Number></Dial></Response>',
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
                '<?xml version="1.0" encoding="UTF-8"?><Response><Dial action="https://gw.example.net/hooks/tw?callee=%2B15550001000&amp;caller=%2B15557654321&amp;leg=inbound&amp;line=%2B15550001000#ct=2000&amp;rt=3000&amp;tt=15000&amp;rc=3&amp;rp=ct,rt,5xx" method="POST" answerOnBridge="true" callerId="+15550100009" timeLimit="2220" timeout="30"><Sip statusCallback="https://gw.example.net/hooks/tw?callee=%2B15550001000&amp;caller=%2B15557654321&amp;leg=inbound&amp;line=%2B15550001000#ct=2000&amp;rt=3000&amp;tt=15000&amp;rc=3&amp;rp=ct,rt,5xx" statusCallbackEvent="answered completed" statusCallbackMethod="POST">sip:15550001000@pbx.example.com</Sip></Dial></Response>',
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
                '<?xml version="1.0" encoding="UTF-8"?><Response><Dial action="https://gw.example.net/hooks/tw?callee=%2B442079460000&amp;caller=%2B15557654321&amp;leg=forward&amp;line=%2B15550001000#ct=2000&amp;rt=3000&amp;tt=15000&amp;rc=3&amp;rp=ct,rt,5xx" method="POST" answerOnBridge="true" callerId="+15550100009" timeLimit="2220" timeout="30"><Number statusCallback="https://gw.example.net/hooks/tw?callee=%2B442079460000&amp;caller=%2B15557654321&amp;leg=forward&amp;line=%2B15550001000#ct=2000&amp;rt=3000&amp;tt=15000&amp;rc=3&amp;rp=ct,rt,5xx" statusCallbackEvent="answered completed" statusCallbackMethod="POST">+442079460000</Number></Dial></Response>',
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
            "end of the first leg charged": [
                200,
                "text/xml",
                '<?xml version="1.0" encoding="UTF-8"?><Response><Hangup /></Response>',
            ],
            "end of the first leg charged nobody": [
                200,
                "text/xml",
                '<?xml version="1.0" encoding="UTF-8"?><Response><Hangup /></Response>',
            ],
            "end of the first leg taken": [
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
            "CA0a1b2c3d4e5f60718293a4b5c6d7e8f9": [
                "POST",
                "https://api.twilio.com/2010-04-01/Accounts/AC0123456789abcdef0123456789abcdef/Calls/CA0a1b2c3d4e5f60718293a4b5c6d7e8f9.json",
                {
                    "Authorization": "Basic QUMwMTIzNDU2Nzg5YWJjZGVmMDEyMzQ1Njc4OWFiY2RlZjo4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWYwMTIzNDU2Nw==",
                    "Content-Type": "application/x-www-form-urlencoded",
                },
                "Status=completed",
            ],
            "CA0a1b2c3d4e5f60718293a4b5c6d7e8f9:forward": [
                "POST",
                "https://api.twilio.com/2010-04-01/Accounts/AC0123456789abcdef0123456789abcdef/Calls/CA0a1b2c3d4e5f60718293a4b5c6d7e8f9.json",
                {
                    "Authorization": "Basic QUMwMTIzNDU2Nzg5YWJjZGVmMDEyMzQ1Njc4OWFiY2RlZjo4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWYwMTIzNDU2Nw==",
                    "Content-Type": "application/x-www-form-urlencoded",
                },
                "Status=completed",
            ],
        }
    )
    statuses = snapshot(
        {
            "CA0a1b2c3d4e5f60718293a4b5c6d7e8f9": [
                "GET",
                "https://api.twilio.com/2010-04-01/Accounts/AC0123456789abcdef0123456789abcdef/Calls.json?ParentCallSid=CA0a1b2c3d4e5f60718293a4b5c6d7e8f9&PageSize=50",
                {
                    "Authorization": "Basic QUMwMTIzNDU2Nzg5YWJjZGVmMDEyMzQ1Njc4OWFiY2RlZjo4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWYwMTIzNDU2Nw=="
                },
                "",
            ],
            "CA0a1b2c3d4e5f60718293a4b5c6d7e8f9:forward": [
                "GET",
                "https://api.twilio.com/2010-04-01/Accounts/AC0123456789abcdef0123456789abcdef/Calls.json?ParentCallSid=CA0a1b2c3d4e5f60718293a4b5c6d7e8f9&PageSize=50",
                {
                    "Authorization": "Basic QUMwMTIzNDU2Nzg5YWJjZGVmMDEyMzQ1Njc4OWFiY2RlZjo4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWYwMTIzNDU2Nw=="
                },
                "",
            ],
        }
    )


def connection(**options: str) -> Connection:
    return replace(TwilioDriver.connection, options={"account_sid": ACCOUNT, **options})


def parse(fields: Mapping[str, str], query: str = "", **options: str) -> Event:
    return TWILIO.parse(twilio_hook(fields, query), connection(**options))


def signed(fields: Mapping[str, str], query: str = "") -> Hook:
    return TwilioDriver().sign(twilio_hook(fields, query), TOKEN)


# Authenticity. The vectors are in test_twilio_signing.py.


@pytest.mark.parametrize("account", [None, "", "AC" + "0" * 32, ACCOUNT.upper(), f"{ACCOUNT} "])
def test_a_hook_of_another_account_is_refused(account: str | None) -> None:
    fields = {name: value for name, value in START.items() if name != "AccountSid"}

    with pytest.raises(BadSignature, match="not of this connection's account"):
        TWILIO.authenticate(signed(fields if account is None else {**fields, "AccountSid": account}), connection())


def test_a_get_brings_its_fields_in_the_url() -> None:
    hook = make_hook(f"/hooks/tw?{urlencode(START)}", method="GET")
    signature = RequestValidator(TOKEN).compute_signature(hook.url, {})
    hook = with_headers(hook, x_twilio_signature=signature)

    TWILIO.authenticate(hook, connection())
    assert TWILIO.parse(hook, connection()) == INBOUND


def test_a_form_may_have_as_many_fields_as_fit_into_its_body() -> None:
    hook = signed({**START, **{f"X{n}": "" for n in range(5000)}})

    TWILIO.authenticate(hook, connection())
    assert TWILIO.parse(hook, connection()) == INBOUND


def test_new_fields_and_blank_ones_are_signed_and_nothing_else() -> None:
    hook = signed({**START, "Brand-New": "späß\x00", "FromCity": ""})

    TWILIO.authenticate(hook, connection())
    assert TWILIO.parse(hook, connection()) == INBOUND


# Starts.


@pytest.mark.parametrize(
    ("address", "callee"),
    [
        ("sip:+15552223333@acme.sip.twilio.com", "+15552223333"),
        ("sip:15552223333@acme.sip.twilio.com:5061;transport=tls?x-a=b", "+15552223333"),
        ("SIPS:%2B15552223333@acme.sip.twilio.com", "+15552223333"),
        ("sip:+1-555-222-3333;ext=1:secret@acme.sip.twilio.com", "+15552223333"),
        ("sip:00442079460000@acme.sip.twilio.com", "+442079460000"),
        ("sip:911@acme.sip.twilio.com", "911"),
        ("sip:02079460000@acme.sip.twilio.com", "02079460000"),
        ("client:bob", "bob"),
        ("+1 (555) 222.3333", "+15552223333"),
        ("tel", "tel"),
    ],
)
def test_the_dialled_number_is_the_user_part(address: str, callee: str) -> None:
    event = parse({**SIP_START, "To": address})

    assert event == replace(OUTBOUND, callee=callee)


@pytest.mark.parametrize("address", ["", "sip:acme.sip.twilio.com", "sip:@acme", "client:", "sip:"])
def test_a_client_that_dials_nothing_starts_a_call_to_nobody(address: str) -> None:
    assert parse({**SIP_START, "To": address}) == replace(OUTBOUND, callee="")


def test_a_client_without_a_callee_starts_a_call_to_nobody() -> None:
    assert parse({name: text for name, text in SIP_START.items() if name != "To"}) == replace(OUTBOUND, callee="")


def test_of_a_long_address_only_the_user_part_matters() -> None:
    address = (
        f"sip:+15552223333@{'a' * 60}.{'b' * 60}.example.com:5061;transport=tls;x-note={'c' * 200}?X-A={'d' * 100}"
    )

    assert parse({**SIP_START, "To": address}) == OUTBOUND


def test_a_name_without_end_is_cut_and_is_nobodys() -> None:
    event = parse({**SIP_START, "To": f"client:{'b' * 500}"})

    assert isinstance(event, CallStarted)
    assert event.callee == "b" * 127 + "…"


@pytest.mark.parametrize("caller", ["client:alice", "CLIENT:alice", "sips:alice@acme", "sim:alice"])
def test_who_dials_from_twilios_own_clients_dials_out(caller: str) -> None:
    assert parse({**SIP_START, "From": caller}) == OUTBOUND


def test_the_line_is_said_by_url_header_connection_or_the_users_own_number() -> None:
    """In this order: the URL is the operator's, the header is the phone's."""
    bare = {name: value for name, value in SIP_START.items() if name != "SipHeader_X-Line"}
    number = {**bare, "From": "sip:15550009999@acme"}

    assert parse(SIP_START, "?line=%2B15550005555", default_line="+15550006666") == replace(
        OUTBOUND, line="+15550005555"
    )
    assert parse(SIP_START, default_line="+15550006666") == OUTBOUND
    assert parse(bare, default_line="1 555 000 6666") == replace(OUTBOUND, line="+15550006666")
    assert parse(number) == replace(OUTBOUND, caller="+15550009999", line="+15550009999")
    assert parse(bare) == replace(OUTBOUND, line="alice")


def test_a_caller_who_hides_is_let_in() -> None:
    assert parse({**START, "From": "anonymous"}) == replace(INBOUND, caller="anonymous")
    assert parse({**START, "From": ""}) == replace(INBOUND, caller="anonymous")


@pytest.mark.parametrize("sid", ["", "CA", "CAxyz", CALL.upper(), CALL + "0", f"{CALL}\n", f"../{CALL}", ACCOUNT])
def test_what_is_no_call_sid_never_becomes_a_call(sid: str) -> None:
    with pytest.raises(MalformedHook, match="CallSid"):
        parse({**START, "CallSid": sid})


def test_a_field_said_twice_is_malformed_only_if_it_is_said_otherwise() -> None:
    hook = twilio_hook(START)

    assert TWILIO.parse(replace(hook, body=hook.body + b"&To=%2B15550001000"), connection()) == INBOUND
    with pytest.raises(MalformedHook, match="`To` is there twice"):
        TWILIO.parse(replace(hook, body=hook.body + b"&To=%2B15550002000"), connection())


@pytest.mark.parametrize("query", ["?callee=%2B442079460000&leg=forward", "?callee=&leg=forward&line=%2B15550001000"])
def test_a_forwarded_call_needs_its_callee_and_line(query: str) -> None:
    with pytest.raises(MalformedHook, match=r"`(line|callee)` is missing"):
        parse(START, query)


def test_a_redirect_may_have_made_the_first_leg_busy_already() -> None:
    fields = {**START, "CallStatus": "in-progress"}

    assert parse(fields, "?callee=%2B442079460000&leg=forward&line=%2B15550001000") == FORWARD


def test_a_url_that_cannot_be_split_is_malformed() -> None:
    hook = replace(twilio_hook(START), url="https://[gw/hooks/tw")

    with pytest.raises(MalformedHook, match="URL"):
        TWILIO.parse(hook, connection())


# Answers and ends.


@pytest.mark.parametrize(
    ("told", "cause", "seconds"),
    [
        ({"CallStatus": "busy", "CallDuration": "0"}, Cause.BUSY, 0),
        ({"CallStatus": "no-answer", "CallDuration": "0"}, Cause.NO_ANSWER, 0),
        ({"CallStatus": "canceled", "CallDuration": "0"}, Cause.CANCELLED, 0),
        ({"CallStatus": "failed", "CallDuration": "7"}, Cause.FAILED, 0),
        ({"CallStatus": "failed", "SipResponseCode": "603"}, Cause.REJECTED, 0),
        ({"CallStatus": "completed", "CallDuration": "0"}, Cause.NORMAL, 0),
        ({"CallStatus": "completed", "CallDuration": "3600"}, Cause.NORMAL, 3600),
    ],
)
def test_the_end_of_the_dialled_leg(told: dict[str, str], cause: Cause, seconds: int) -> None:
    """Without our query the start is not known: the numbers of the leg do not tell the line after a re-routing."""
    assert parse({**LEG_ENDED, **told}) == replace(ENDED, cause=cause, seconds=seconds)


@pytest.mark.parametrize(
    ("told", "cause", "seconds"),
    [
        ({"DialCallStatus": "answered"}, Cause.NORMAL, 61),
        ({"DialCallStatus": "busy", "DialCallDuration": "5"}, Cause.BUSY, 0),
        ({"DialCallStatus": "no-answer"}, Cause.NO_ANSWER, 0),
        ({"DialCallStatus": "failed"}, Cause.FAILED, 0),
        ({"DialCallStatus": "canceled"}, Cause.CANCELLED, 0),
    ],
)
def test_the_end_of_dial(told: dict[str, str], cause: Cause, seconds: int) -> None:
    assert parse({**DIAL_ENDED, **told}) == replace(ENDED, cause=cause, seconds=seconds, ended_at=None)


def test_a_dial_without_figures_is_a_hint() -> None:
    fields = {name: value for name, value in DIAL_ENDED.items() if name != "DialCallDuration"}

    assert parse(fields, FORWARD_QUERY) == CallHinted(call_id=f"{CALL}:forward")


def test_a_forwarded_leg_ends_the_forwarded_call() -> None:
    assert parse(LEG_ENDED, FORWARD_QUERY) == replace(ENDED, call_id=f"{CALL}:forward", start=FORWARD)
    assert parse({**LEG_ENDED, "CallStatus": "in-progress"}, FORWARD_QUERY) == CallAnswered(
        call_id=f"{CALL}:forward", at=ENDED_AT
    )


@pytest.mark.parametrize("query", ["?callee=1&caller=&leg=inbound", "?callee=1&caller=&leg=sideways&line=1", "?a=b"])
def test_a_start_is_told_whole_or_not_at_all(query: str) -> None:
    assert parse(LEG_ENDED, query) == ENDED


def test_minutes_are_never_taken_for_seconds() -> None:
    fields = {name: value for name, value in LEG_ENDED.items() if name != "CallDuration"}

    with pytest.raises(MalformedHook, match="CallDuration"):
        parse(fields)


def test_a_number_tells_the_end_of_a_call_without_saying_that_it_is_a_callback() -> None:
    fields = {name: value for name, value in FIRST_LEG.items() if name != "CallbackSource"}

    assert parse(fields) == CallHinted(call_id=CALL)


@pytest.mark.parametrize("duration", ["", "-1", "1.5", "61s", "604801", "9999999", "६१"])
def test_a_duration_is_whole_seconds(duration: str) -> None:
    with pytest.raises(MalformedHook, match="CallDuration"):
        parse({**LEG_ENDED, "CallDuration": duration})


def test_a_missing_timestamp_is_no_fault() -> None:
    fields = {name: value for name, value in LEG_ENDED.items() if name != "Timestamp"}

    assert parse(fields) == replace(ENDED, ended_at=None)


@pytest.mark.parametrize(
    "timestamp",
    [
        "2026-03-31T12:35:57Z",
        "Tue, 31 Mar 2026 12:35:57",
        "Tue, 31 Feb 2026 12:35:57 +0000",
        "Mon, 01 Jan 0001 00:00:00 +2359",
        "Fri, 31 Dec 9999 23:59:59 -2359",
        "Tue, 31 Mar 2026 12:35:57 +9999",
        "0",
    ],
)
def test_a_timestamp_that_is_no_date_is_left_out(timestamp: str) -> None:
    event = parse({**LEG_ENDED, "Timestamp": timestamp})

    assert event == replace(ENDED, ended_at=None)
    assert isinstance(event, CallEnded)
    assert event.left_out == ("Timestamp",)


# Replies, made again with Twilio's own builder.

CALLBACK = {"status_callback_event": "answered completed", "status_callback_method": "POST"}
FRAGMENT = "#ct=2000&rt=3000&tt=15000&rc=3&rp=ct,rt,5xx"


def told(event: CallStarted, outcome: Connect, **options: str) -> str:
    reply = TWILIO.reply(event, outcome, connection(**options), public_url=PUBLIC_URL)
    return ET.canonicalize(reply.body.decode())


def built(response: VoiceResponse) -> str:
    return ET.canonicalize(str(response))


def dial(query: str, caller_id: str | None) -> tuple[VoiceResponse, Dial, str]:
    url = f"{PUBLIC_URL}/hooks/tw{query}{FRAGMENT}"
    response = VoiceResponse()
    verb = response.dial(
        action=url, method="POST", answer_on_bridge=True, caller_id=caller_id, time_limit=2220, timeout=30
    )
    return response, verb, url


CONNECT = Connect(caller_id="+15550100009", max_seconds=2220)


def test_twilios_builder_makes_the_same_outbound_call() -> None:
    response, verb, url = dial(OUTBOUND_QUERY, "+15550100009")
    verb.number("+15552223333", status_callback=url, **CALLBACK)

    assert told(OUTBOUND, CONNECT) == built(response)


def test_twilios_builder_makes_the_same_forwarded_call() -> None:
    response, verb, url = dial(FORWARD_QUERY, "+15550100009")
    verb.number("+442079460000", status_callback=url, **CALLBACK)

    assert told(FORWARD, CONNECT) == built(response)


def test_twilios_builder_makes_the_same_inbound_calls() -> None:
    query = "?callee=%2B15550001000&caller=%2B15557654321&leg=inbound&line=%2B15550001000"
    connect = replace(CONNECT, caller_id="+15557654321")

    response, verb, url = dial(query, "+15557654321")
    verb.sip("sip:+15550001000@pbx.example.com;transport=tls?x-a=1&x-b=2", status_callback=url, **CALLBACK)
    options = {"inbound_to": "sip:{line}@pbx.example.com;transport=tls?x-a=1&x-b=2"}
    assert told(INBOUND, connect, **options) == built(response)

    response, verb, url = dial(query, "+15557654321")
    verb.client("15550001000", status_callback=url, **CALLBACK)
    assert told(INBOUND, connect) == built(response)


def test_an_inbound_call_is_forwarded_by_way_of_a_second_decision() -> None:
    response = VoiceResponse()
    url = f"{PUBLIC_URL}/hooks/tw?callee=%2B442079460000&leg=forward&line=%2B15550001000{FRAGMENT}"
    response.redirect(url, method="POST")

    assert told(INBOUND, CONNECT, inbound_to="+442079460000") == built(response)


@pytest.mark.parametrize("inbound_to", ["", "442079460000", "https://example.com", "bob"])
def test_an_inbound_call_that_can_go_nowhere_is_rejected(inbound_to: str) -> None:
    response = VoiceResponse()
    response.reject(reason="rejected")

    assert told(INBOUND, CONNECT, inbound_to=inbound_to) == built(response)


def test_a_name_is_no_caller_id() -> None:
    """An emergency call is connected with the caller as caller ID, and Twilio takes numbers only."""
    named = replace(CONNECT, caller_id="alice")

    assert 'callerId="+15550001000"' in told(OUTBOUND, named)
    assert "callerId" not in told(replace(OUTBOUND, line="alice"), named)
    assert "callerId" not in told(INBOUND, replace(CONNECT, caller_id="anonymous"))


def test_hostile_text_stays_text() -> None:
    hostile = replace(OUTBOUND, callee='"/><Dial>+1900</Dial>&', caller="'\"<&>é")
    root = ET.fromstring(told(hostile, CONNECT))  # noqa: S314 - our own

    assert [verb.tag for verb in root.iter()] == ["Response", "Dial", "Number"]
    assert root[0][0].text == '"/><Dial>+1900</Dial>&'


def test_what_xml_cannot_say_is_left_out() -> None:
    made = element("A", {"b": "1\x00\ud8002", "c": None}, "\x1bx\ufffe\U0001f4de")

    assert document(made) == '<?xml version="1.0" encoding="UTF-8"?><A b="12">x\U0001f4de</A>'.encode()


def test_what_we_tell_comes_back_as_the_start_of_its_end() -> None:
    """The URL of a reply, taken from the document as Twilio would, carries the start through every escape."""
    start = replace(OUTBOUND, caller="o'b r+ï&=%/?#;", line="ipbx & sons")
    root = ET.fromstring(told(start, CONNECT))  # noqa: S314 - our own
    query = "?" + urlsplit(root[0].attrib["action"]).query

    assert parse(LEG_ENDED, query) == replace(ENDED, start=start)
    assert root[0].attrib["action"] == root[0][0].attrib["statusCallback"]


def test_a_start_that_nobody_decided_is_rejected() -> None:
    reply = TWILIO.reply(OUTBOUND, Acknowledged(), connection(), public_url=PUBLIC_URL)

    assert b'<Response><Reject reason="rejected" /></Response>' in reply.body


def test_whatever_is_no_start_is_hung_up() -> None:
    reply = TWILIO.reply(Ignored(kind="x"), Acknowledged(), connection(), public_url=PUBLIC_URL)

    assert b"<Response><Hangup /></Response>" in reply.body


# Requests to Twilio.


@pytest.mark.parametrize("call_id", ["", "x", "CA", f"{CALL}/../..", f"{CALL}:forward:forward", f"{CALL}\n", ACCOUNT])
def test_no_url_is_made_of_junk(call_id: str) -> None:
    with pytest.raises(ProviderFailed, match="not one of Twilio's"):
        TWILIO.hang_up(connection(), CallRef(call_id=call_id), CutReason.LIMIT, NOW)
    assert TWILIO.ask_status(connection(), CallRef(call_id=call_id), NOW) is None


def test_without_a_secret_nothing_is_asked() -> None:
    off = replace(connection(), secrets=())

    with pytest.raises(ProviderFailed, match="tw has no secret"):
        TWILIO.hang_up(off, CallRef(call_id=CALL), CutReason.LIMIT, NOW)


def test_the_api_may_be_elsewhere() -> None:
    request = TWILIO.hang_up(connection(api_url="http://127.0.0.1:8080"), CallRef(call_id=CALL), CutReason.LIMIT, NOW)

    assert request.url == f"http://127.0.0.1:8080/2010-04-01/Accounts/{ACCOUNT}/Calls/{CALL}.json"


# The status of a call.

COMPLETED = {
    "sid": LEG,
    "parent_call_sid": CALL,
    "status": "completed",
    "duration": "61",
    "start_time": "Tue, 31 Mar 2026 12:34:56 +0000",
    "end_time": "Tue, 31 Mar 2026 12:35:57 +0000",
    "price": "-0.03000",
    "price_unit": "USD",
}
BUSY = {**COMPLETED, "status": "busy", "duration": "", "price": None}


def legs(*calls: Mapping[str, object]) -> ProviderResponse:
    return ProviderResponse(status=200, body=json.dumps({"calls": calls, "next_page_uri": None}).encode())


@pytest.mark.parametrize(
    ("response", "status"),
    [
        (legs(COMPLETED), replace(ENDED, cost=Decimal("0.03000"), cost_currency="USD")),
        (legs({**COMPLETED, "price": None}), ENDED),
        (legs({**COMPLETED, "price": "0.00"}), replace(ENDED, cost=Decimal("0.00"), cost_currency="USD")),
        (legs({**COMPLETED, "price": None, "end_time": None}), replace(ENDED, ended_at=None)),
        (legs(BUSY), replace(ENDED, cause=Cause.BUSY, seconds=0)),
        (legs({**BUSY, "status": "canceled"}), replace(ENDED, cause=Cause.CANCELLED, seconds=0)),
        (legs(BUSY, {**COMPLETED, "price": None}, BUSY), ENDED),
        (legs({**BUSY, "status": "ringing"}), Live()),
        (legs(COMPLETED, {**BUSY, "status": "in-progress"}), Live()),
        (legs(), Unknown()),
        (ProviderResponse(status=404, body=b'{"code": 20404}'), Unknown()),
    ],
)
def test_the_fate_is_that_of_the_dialled_leg(response: ProviderResponse, status: object) -> None:
    assert TWILIO.read_status(response, CallRef(call_id=CALL)) == status


def test_the_fate_of_a_forwarded_call_has_its_id() -> None:
    status = TWILIO.read_status(legs(BUSY), CallRef(call_id=f"{CALL}:forward"))

    assert status == replace(ENDED, call_id=f"{CALL}:forward", cause=Cause.BUSY, seconds=0)


@pytest.mark.parametrize(
    "response",
    [
        *(ProviderResponse(status=status, body=b"") for status in (201, 302, 400, 401, 403, 429, 500, 503)),
        ProviderResponse(status=200, body=b""),
        ProviderResponse(status=200, body=b"{}"),
        legs({**COMPLETED, "status": "parked"}),
        legs({**COMPLETED, "duration": ""}),
        legs({**COMPLETED, "duration": None}),
        legs({**COMPLETED, "duration": "61.5"}),
        legs({**COMPLETED, "end_time": "yesterday"}),
        legs({**COMPLETED, "price": "NaN"}),
        legs({**COMPLETED, "price": "cheap"}),
        legs({**COMPLETED, "price_unit": "dollars"}),
    ],
)
def test_a_fate_that_cannot_be_read_is_asked_again(response: ProviderResponse) -> None:
    with pytest.raises(ProviderFailed):
        TWILIO.read_status(response, CallRef(call_id=CALL))


# Where no dialled leg is listed, the first one is asked for.


def first_leg(**told: object) -> ProviderResponse:
    return ProviderResponse(status=200, body=json.dumps({**COMPLETED, "sid": CALL, **told}).encode())


def test_the_first_leg_is_asked_for_where_none_is_listed_that_it_dialled() -> None:
    """Else a call whose leg was never made would be up for a day, and count as such."""
    [request] = TWILIO.ask_rest(connection(), CallRef(call_id=f"{CALL}:forward"), NOW)

    assert isinstance(TWILIO, StatusInParts)
    assert (request.method, request.body) == ("GET", b"")
    assert request.url == f"https://api.twilio.com/2010-04-01/Accounts/{ACCOUNT}/Calls/{CALL}.json"
    assert request.headers["Authorization"].startswith("Basic ")
    with pytest.raises(ProviderFailed, match="not one of Twilio's"):
        TWILIO.ask_rest(connection(), CallRef(call_id="CA"), NOW)


NOBODY = replace(ENDED, cause=Cause.FAILED, seconds=0)


@pytest.mark.parametrize(
    ("response", "after_s", "status"),
    [
        (first_leg(status="in-progress", duration="", end_time=""), 0, Live()),
        (first_leg(status="ringing", duration=None, end_time=None), 0, Live()),
        (first_leg(status="no-answer"), 0, replace(NOBODY, cause=Cause.NO_ANSWER)),
        (first_leg(status="canceled", end_time=None), 0, replace(NOBODY, cause=Cause.CANCELLED, ended_at=None)),
        (first_leg(), 599, Unknown()),  # the list of those it dialled may lag behind
        (first_leg(), 600, NOBODY),
        (first_leg(end_time=None), 600, Unknown()),
        (ProviderResponse(status=404, body=b'{"code": 20404}'), 600, Unknown()),
    ],
)
def test_a_call_that_dialled_nobody_is_over_with_its_first_leg(
    response: ProviderResponse, after_s: int, status: object
) -> None:
    assert TWILIO.read_rest(response, CallRef(call_id=CALL), ENDED_AT + timedelta(seconds=after_s)) == status


@pytest.mark.parametrize(
    "response",
    [
        *(ProviderResponse(status=status, body=b"") for status in (201, 302, 401, 429, 500)),
        ProviderResponse(status=200, body=b"{}"),
        first_leg(status="parked"),
        first_leg(end_time="yesterday"),
    ],
)
def test_a_first_leg_that_cannot_be_read_is_asked_for_again(response: ProviderResponse) -> None:
    with pytest.raises(ProviderFailed):
        TWILIO.read_rest(response, CallRef(call_id=CALL), NOW)


def test_the_kit_says_what_is_not_set() -> None:
    kit = TWILIO.kit(connection(), public_url=PUBLIC_URL)

    assert "client:{digits} (the default)" in kit
    assert "(none)" in kit
