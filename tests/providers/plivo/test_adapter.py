# ruff: noqa: E501 - a reply is one line
"""Plivo: signed by the plivo library, answered with XML that its builder makes too."""

import json
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from urllib.parse import parse_qsl, quote, urlencode, urlsplit
from xml.etree import ElementTree as ET

import pytest
from inline_snapshot import snapshot
from plivo import plivoxml
from plivo.utils.signature_v3 import construct_get_url, construct_post_url, get_signature_v3

from gateway.domain.calls.call import CutReason
from gateway.domain.connection import Connection
from gateway.domain.errors import MalformedHook, ProviderFailed
from gateway.domain.events import CallAnswered, CallEnded, CallHinted, CallStarted, Cause, Direction, Event, Ignored
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
from gateway.providers.plivo.adapter import Plivo
from tests.providers.cases import NOW, PUBLIC_URL, Case, Driver, ProviderCases, make_hook, with_headers

TOKEN = "Y2Q2ZDgxZmY5YWRiOTI5YmQ1Njg0MTAxZWIyOTc4"
OLD_TOKEN = "ZGQyZDgxZmY5YWRiOTI5YmQ1Njg0MTAxZWIyOTc4"
ACCOUNT = "MAXXXXXXXXXXXXXXXXXX"
CALL = "6f1c2a9e-3b7d-4c55-9d0e-8a7b6c5d4e3f"
LEG = "c0a58e17-9d24-4f6b-8a13-72e5b4c9d806"
NONCE = "98765432109876543210"
PLIVO = Plivo()

START = {
    "CallUUID": CALL,
    "From": "15557654321",
    "To": "15550001000",
    "ForwardedFrom": "15550009999",
    "Direction": "inbound",
    "CallStatus": "ringing",
    "Event": "StartApp",
    "SessionStart": "2026-03-31 12:34:40.118273",
    "BillRate": "0.0055",
    "ParentAuthID": ACCOUNT,
    "CallerName": "",
}
SIP_START = {
    **START,
    "From": "sip:alice2041@phone.plivo.com",
    "To": "sip:15552223333@phone.plivo.com",
    "X-PH-Line": "15550001000",
}
# The first leg is over, as the hangup URL is told.
HANGUP = {
    **START,
    "CallStatus": "completed",
    "Event": "Hangup",
    "Duration": "75",
    "BillDuration": "120",
    "TotalCost": "0.01100",
    "StartTime": "2026-03-31 12:34:40",
    "AnswerTime": "2026-03-31 12:34:42",
    "EndTime": "2026-03-31 12:35:57",
    "HangupCause": "NORMAL_CLEARING",
    "HangupCauseCode": "4000",
    "HangupCauseName": "Normal Hangup",
    "HangupSource": "Callee",
}
# What `callbackUrl` is told of the dialled leg.
LEG_ANSWERED = {
    "CallUUID": CALL,
    "CallStatus": "in-progress",
    "Event": "DialAnswer",
    "DialAction": "answer",
    "DialBLegStatus": "answer",
    "DialALegUUID": CALL,
    "DialBLegUUID": LEG,
    "DialBLegFrom": "15550001000",
    "DialBLegTo": "15552223333",
}
LEG_ENDED = {
    **LEG_ANSWERED,
    "Event": "DialHangup",
    "DialAction": "hangup",
    "DialBLegStatus": "hangup",
    "DialBLegDuration": "61",
    "DialBLegBillDuration": "120",
    "DialBLegTotalCost": "0.01100",
    "DialBLegHangupCause": "NORMAL_CLEARING",
    "DialBLegHangupCauseCode": "4000",
    "DialBLegHangupCauseName": "Normal Hangup",
    "DialBLegHangupSource": "Callee",
}
NO_TALK = {"DialBLegDuration": "0"}
DIAL_ENDED = {
    **START,
    "CallStatus": "in-progress",
    "Event": "Redirect",
    "DialStatus": "busy",
    "DialRingStatus": "true",
    "DialHangupCause": "USER_BUSY",
    "DialALegUUID": CALL,
    "DialBLegUUID": "",
}
OUTBOUND = CallStarted(
    call_id=CALL, direction=Direction.OUTBOUND, caller="alice2041", callee="+15552223333", line="+15550001000"
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
ENDED = CallEnded(call_id=CALL, cause=Cause.NORMAL, seconds=61, cost=Decimal("0.01100"))
OUTBOUND_QUERY = "?callee=%2B15552223333&caller=alice2041&leg=outbound&line=%2B15550001000"
FORWARD_QUERY = "?callee=%2B442079460000&caller=%2B15557654321&leg=forward&line=%2B15550001000"


def plivo_hook(fields: Mapping[str, str], query: str = "") -> Hook:
    return make_hook(
        f"/hooks/pl{query}",
        urlencode(fields).encode(),
        headers={"Content-Type": "application/x-www-form-urlencoded"},
    )


def fields_of(hook: Hook) -> dict[str, str]:
    return dict(parse_qsl(hook.body.decode(), keep_blank_values=True))


def signature_of(hook: Hook, token: str = TOKEN, nonce: str = NONCE) -> str:
    """By the plivo library."""
    base = construct_get_url(hook.url, {}) if hook.method == "GET" else construct_post_url(hook.url, fields_of(hook))
    signature: bytes = get_signature_v3(token.encode(), base.decode(), nonce)
    return signature.decode()


def signed(hook: Hook, token: str = TOKEN) -> Hook:
    signature = signature_of(hook, token)
    return with_headers(hook, x_plivo_signature_v3=signature, x_plivo_signature_v3_nonce=NONCE)


def connection(**options: str) -> Connection:
    given = {"auth_id": ACCOUNT, "inbound_to": "sip:{digits}@pbx.example.com"}
    return Connection(name="pl", kind="plivo", secrets=(TOKEN, OLD_TOKEN), options={**given, **options})


def parse(fields: Mapping[str, str], query: str = "", **options: str) -> Event:
    return PLIVO.parse(plivo_hook(fields, query), connection(**options))


def lacking(fields: Mapping[str, str], *names: str) -> dict[str, str]:
    return {name: value for name, value in fields.items() if name not in names}


NOT_FOUND = b'{"api_id": "97ceeb52-58b6-11e1-86da-77300b68f8bb", "error": "not found"}'


class PlivoDriver(Driver):
    adapter = PLIVO
    deciding = (
        *("DialAction", "DialALegUUID", "DialBLegDuration", "DialBLegHangupCause", "DialBLegHangupCauseCode"),
        *("DialStatus", "CallUUID", "CallStatus", "Event"),
    )
    connection = connection()
    garbage = (*Driver.garbage, b"a&b=c&%00=%ff", b"{}")
    calls = (CallRef(call_id=CALL), CallRef(call_id=f"{CALL}:forward"))
    hang_up_replies = (
        (ProviderResponse(status=204, body=b""), HangUp.TAKEN),
        (ProviderResponse(status=404, body=NOT_FOUND), HangUp.GONE),
        (ProviderResponse(status=404, body=b'{"error": "not found"}'), HangUp.FAILED),
        (ProviderResponse(status=400, body=b"{}"), HangUp.FAILED),
        (ProviderResponse(status=302, body=b""), HangUp.FAILED),
    )
    kit_names = (ACCOUNT, "sip:{digits}@pbx.example.com", "#ct=2000&rt=3000", "?line=")

    def sign(self, hook: Hook, secret: str, at: datetime | None = None) -> Hook:  # noqa: ARG002 - not signed
        return signed(hook, secret)

    def cases(self) -> Mapping[str, Case]:
        return {
            "start": Case(
                hook=plivo_hook(SIP_START),
                event=OUTBOUND,
                required=("CallUUID", "CallStatus"),
                texts=("CallUUID", "CallStatus", "From", "To", "X-PH-Line", "Direction", "Event"),
            ),
            "start inbound": Case(
                hook=plivo_hook(START),
                event=INBOUND,
                required=("CallUUID", "CallStatus"),
                texts=("CallUUID", "From", "To"),
            ),
            "start forward": Case(
                hook=plivo_hook(START, "?callee=%2B442079460000&leg=forward&line=%2B15550001000"),
                event=FORWARD,
                required=("CallUUID", "CallStatus"),
                texts=("CallUUID", "From"),
            ),
            "answer": Case(
                hook=plivo_hook(LEG_ANSWERED, OUTBOUND_QUERY),
                event=CallAnswered(call_id=CALL),
                required=("DialALegUUID",),
                texts=("DialALegUUID", "DialAction"),
            ),
            "end": Case(
                hook=plivo_hook(LEG_ENDED, OUTBOUND_QUERY),
                event=replace(ENDED, start=OUTBOUND),
                required=("DialALegUUID",),
                texts=("DialALegUUID", "DialBLegDuration", "DialBLegHangupCause", "DialBLegTotalCost"),
            ),
            "end by action": Case(
                hook=plivo_hook(DIAL_ENDED, FORWARD_QUERY),
                event=CallEnded(call_id=FORWARD.call_id, cause=Cause.BUSY, seconds=0, start=FORWARD),
                required=("DialALegUUID",),
                texts=("DialALegUUID", "DialStatus"),
            ),
            "end of the first leg": Case(
                hook=plivo_hook({**HANGUP, "CallStatus": "no-answer"}),
                event=CallEnded(call_id=CALL, cause=Cause.NO_ANSWER, seconds=0),
                required=("CallUUID", "CallStatus"),
                texts=("CallUUID", "CallStatus"),
            ),
            "hint": Case(
                hook=plivo_hook(HANGUP),
                event=CallHinted(call_id=CALL),
                required=("CallUUID", "CallStatus"),
            ),
        }

    def without(self, hook: Hook, field: str) -> Hook:
        return replace(hook, body=urlencode(lacking(fields_of(hook), field)).encode())

    def with_text(self, hook: Hook, field: str, text: str) -> Hook:
        return replace(hook, body=urlencode({**fields_of(hook), field: text}).encode())

    def unknown(self) -> tuple[Hook, ...]:
        return (
            plivo_hook({**START, "Event": "Ring"}),
            plivo_hook({"Event": "RecordStop", "RecordUrl": "https://media.example.com/1.mp3"}),
            plivo_hook({**HANGUP, "Event": "ConferenceExit"}),
            plivo_hook({"MessageUUID": "1", "Status": "sent", "From": "1", "To": "2"}),
            *(plivo_hook({**START, name: "x"}) for name in ("Digits", "RecordingID", "Machine", "ConferenceAction")),
            plivo_hook(lacking({**START, "CallStatus": "parked"}, "Event")),
            plivo_hook({**START, "CallStatus": "in-progress", "Direction": "outbound"}),
            plivo_hook({**HANGUP, "CallStatus": "parked"}),
            plivo_hook({**DIAL_ENDED, "DialStatus": "parked"}),
            plivo_hook({**LEG_ANSWERED, "DialAction": "digits"}, OUTBOUND_QUERY),
        )

    def verify_control(self, request: ProviderRequest) -> None:
        assert request.headers["Authorization"] == "Basic " + b64encode(f"{ACCOUNT}:{TOKEN}".encode()).decode()
        assert urlsplit(request.url).netloc == "api.plivo.com"


class TestPlivo(ProviderCases):
    driver = PlivoDriver()
    replies = snapshot(
        {
            "start connect": [
                200,
                "text/xml",
                '<?xml version="1.0" encoding="UTF-8"?><Response><Dial action="https://gw.example.net/hooks/pl?callee=%2B15552223333&amp;caller=alice2041&amp;leg=outbound&amp;line=%2B15550001000#ct=2000&amp;rt=3000&amp;tt=15000&amp;rc=3&amp;rp=ct,rt,5xx" method="POST" redirect="false" timeLimit="2220" timeout="30" callerId="15550100009" callbackUrl="https://gw.example.net/hooks/pl?callee=%2B15552223333&amp;caller=alice2041&amp;leg=outbound&amp;line=%2B15550001000#ct=2000&amp;rt=3000&amp;tt=15000&amp;rc=3&amp;rp=ct,rt,5xx" callbackMethod="POST"><Number>15552223333</Number></Dial></Response>',
            ],
            "start reject busy": [
                200,
                "text/xml",
                '<?xml version="1.0" encoding="UTF-8"?><Response><Hangup reason="busy" /></Response>',
            ],
            "start reject money": [
                200,
                "text/xml",
                '<?xml version="1.0" encoding="UTF-8"?><Response><Hangup reason="rejected" /></Response>',
            ],
            "start reject unavailable": [
                200,
                "text/xml",
                '<?xml version="1.0" encoding="UTF-8"?><Response><Hangup reason="rejected" /></Response>',
            ],
            "start inbound connect": [
                200,
                "text/xml",
                '<?xml version="1.0" encoding="UTF-8"?><Response><Dial action="https://gw.example.net/hooks/pl?callee=%2B15550001000&amp;caller=%2B15557654321&amp;leg=inbound&amp;line=%2B15550001000#ct=2000&amp;rt=3000&amp;tt=15000&amp;rc=3&amp;rp=ct,rt,5xx" method="POST" redirect="false" timeLimit="2220" timeout="30" callerId="15550100009" callbackUrl="https://gw.example.net/hooks/pl?callee=%2B15550001000&amp;caller=%2B15557654321&amp;leg=inbound&amp;line=%2B15550001000#ct=2000&amp;rt=3000&amp;tt=15000&amp;rc=3&amp;rp=ct,rt,5xx" callbackMethod="POST"><User>sip:15550001000@pbx.example.com</User></Dial></Response>',
            ],
            "start inbound reject busy": [
                200,
                "text/xml",
                '<?xml version="1.0" encoding="UTF-8"?><Response><Hangup reason="busy" /></Response>',
            ],
            "start inbound reject money": [
                200,
                "text/xml",
                '<?xml version="1.0" encoding="UTF-8"?><Response><Hangup reason="rejected" /></Response>',
            ],
            "start inbound reject unavailable": [
                200,
                "text/xml",
                '<?xml version="1.0" encoding="UTF-8"?><Response><Hangup reason="rejected" /></Response>',
            ],
            "start forward connect": [
                200,
                "text/xml",
                '<?xml version="1.0" encoding="UTF-8"?><Response><Dial action="https://gw.example.net/hooks/pl?callee=%2B442079460000&amp;caller=%2B15557654321&amp;leg=forward&amp;line=%2B15550001000#ct=2000&amp;rt=3000&amp;tt=15000&amp;rc=3&amp;rp=ct,rt,5xx" method="POST" redirect="false" timeLimit="2220" timeout="30" callerId="15550100009" callbackUrl="https://gw.example.net/hooks/pl?callee=%2B442079460000&amp;caller=%2B15557654321&amp;leg=forward&amp;line=%2B15550001000#ct=2000&amp;rt=3000&amp;tt=15000&amp;rc=3&amp;rp=ct,rt,5xx" callbackMethod="POST"><Number>442079460000</Number></Dial></Response>',
            ],
            "start forward reject busy": [
                200,
                "text/xml",
                '<?xml version="1.0" encoding="UTF-8"?><Response><Hangup reason="busy" /></Response>',
            ],
            "start forward reject money": [
                200,
                "text/xml",
                '<?xml version="1.0" encoding="UTF-8"?><Response><Hangup reason="rejected" /></Response>',
            ],
            "start forward reject unavailable": [
                200,
                "text/xml",
                '<?xml version="1.0" encoding="UTF-8"?><Response><Hangup reason="rejected" /></Response>',
            ],
            "answer charged": [
                200,
                "text/xml",
                '<?xml version="1.0" encoding="UTF-8"?><Response><Hangup reason="rejected" /></Response>',
            ],
            "answer charged nobody": [
                200,
                "text/xml",
                '<?xml version="1.0" encoding="UTF-8"?><Response><Hangup reason="rejected" /></Response>',
            ],
            "answer taken": [
                200,
                "text/xml",
                '<?xml version="1.0" encoding="UTF-8"?><Response><Hangup reason="rejected" /></Response>',
            ],
            "end charged": [
                200,
                "text/xml",
                '<?xml version="1.0" encoding="UTF-8"?><Response><Hangup reason="rejected" /></Response>',
            ],
            "end charged nobody": [
                200,
                "text/xml",
                '<?xml version="1.0" encoding="UTF-8"?><Response><Hangup reason="rejected" /></Response>',
            ],
            "end taken": [
                200,
                "text/xml",
                '<?xml version="1.0" encoding="UTF-8"?><Response><Hangup reason="rejected" /></Response>',
            ],
            "end by action charged": [
                200,
                "text/xml",
                '<?xml version="1.0" encoding="UTF-8"?><Response><Hangup reason="rejected" /></Response>',
            ],
            "end by action charged nobody": [
                200,
                "text/xml",
                '<?xml version="1.0" encoding="UTF-8"?><Response><Hangup reason="rejected" /></Response>',
            ],
            "end by action taken": [
                200,
                "text/xml",
                '<?xml version="1.0" encoding="UTF-8"?><Response><Hangup reason="rejected" /></Response>',
            ],
            "end of the first leg charged": [
                200,
                "text/xml",
                '<?xml version="1.0" encoding="UTF-8"?><Response><Hangup reason="rejected" /></Response>',
            ],
            "end of the first leg charged nobody": [
                200,
                "text/xml",
                '<?xml version="1.0" encoding="UTF-8"?><Response><Hangup reason="rejected" /></Response>',
            ],
            "end of the first leg taken": [
                200,
                "text/xml",
                '<?xml version="1.0" encoding="UTF-8"?><Response><Hangup reason="rejected" /></Response>',
            ],
            "hint charged": [
                200,
                "text/xml",
                '<?xml version="1.0" encoding="UTF-8"?><Response><Hangup reason="rejected" /></Response>',
            ],
            "hint charged nobody": [
                200,
                "text/xml",
                '<?xml version="1.0" encoding="UTF-8"?><Response><Hangup reason="rejected" /></Response>',
            ],
            "hint taken": [
                200,
                "text/xml",
                '<?xml version="1.0" encoding="UTF-8"?><Response><Hangup reason="rejected" /></Response>',
            ],
        }
    )
    hang_ups = snapshot(
        {
            "6f1c2a9e-3b7d-4c55-9d0e-8a7b6c5d4e3f": [
                "DELETE",
                "https://api.plivo.com/v1/Account/MAXXXXXXXXXXXXXXXXXX/Call/6f1c2a9e-3b7d-4c55-9d0e-8a7b6c5d4e3f/",
                {
                    "Authorization": "Basic TUFYWFhYWFhYWFhYWFhYWFhYWFg6WTJRMlpEZ3habVk1WVdSaU9USTVZbVExTmpnME1UQXhaV0l5T1RjNA=="
                },
                "",
            ],
            "6f1c2a9e-3b7d-4c55-9d0e-8a7b6c5d4e3f:forward": [
                "DELETE",
                "https://api.plivo.com/v1/Account/MAXXXXXXXXXXXXXXXXXX/Call/6f1c2a9e-3b7d-4c55-9d0e-8a7b6c5d4e3f/",
                {
                    "Authorization": "Basic TUFYWFhYWFhYWFhYWFhYWFhYWFg6WTJRMlpEZ3habVk1WVdSaU9USTVZbVExTmpnME1UQXhaV0l5T1RjNA=="
                },
                "",
            ],
        }
    )
    statuses = snapshot(
        {
            "6f1c2a9e-3b7d-4c55-9d0e-8a7b6c5d4e3f": [
                "GET",
                "https://api.plivo.com/v1/Account/MAXXXXXXXXXXXXXXXXXX/Call/?parent_call_uuid=6f1c2a9e-3b7d-4c55-9d0e-8a7b6c5d4e3f&limit=20",
                {
                    "Authorization": "Basic TUFYWFhYWFhYWFhYWFhYWFhYWFg6WTJRMlpEZ3habVk1WVdSaU9USTVZbVExTmpnME1UQXhaV0l5T1RjNA=="
                },
                "",
            ],
            "6f1c2a9e-3b7d-4c55-9d0e-8a7b6c5d4e3f:forward": [
                "GET",
                "https://api.plivo.com/v1/Account/MAXXXXXXXXXXXXXXXXXX/Call/?parent_call_uuid=6f1c2a9e-3b7d-4c55-9d0e-8a7b6c5d4e3f&limit=20",
                {
                    "Authorization": "Basic TUFYWFhYWFhYWFhYWFhYWFhYWFg6WTJRMlpEZ3habVk1WVdSaU9USTVZbVExTmpnME1UQXhaV0l5T1RjNA=="
                },
                "",
            ],
        }
    )


# Starts. Numbers come and go without a plus.


def test_a_start_may_come_by_get() -> None:
    hook = make_hook(f"/hooks/pl?{urlencode(START)}", method="GET")

    PLIVO.authenticate(signed(hook), connection())
    assert PLIVO.parse(hook, connection()) == INBOUND


def test_the_line_is_said_by_url_header_connection_or_the_users_own_name() -> None:
    bare = lacking(SIP_START, "X-PH-Line")

    assert parse(SIP_START, "?line=15550005555", default_line="+15550006666") == replace(OUTBOUND, line="+15550005555")
    assert parse(SIP_START, default_line="+15550006666") == OUTBOUND
    assert parse(bare, default_line="15550006666") == replace(OUTBOUND, line="+15550006666")
    # In the plan of which country "alice2041" dials, nobody knows.
    assert parse({**bare, "To": "sip:+15552223333@phone.plivo.com"}) == replace(OUTBOUND, line="alice2041")


def test_a_phones_call_may_be_in_progress_when_its_document_is_asked_for() -> None:
    assert parse({**SIP_START, "CallStatus": "in-progress"}) == OUTBOUND
    assert parse(lacking(START, "Event")) == INBOUND


@pytest.mark.parametrize("call_id", ["", "x", CALL.upper(), CALL + "0", f"{CALL}\n", "/", "-" * 36])
def test_what_is_no_uuid_never_becomes_a_call(call_id: str) -> None:
    """A hang-up of an empty id would end every call of the account (programmable.md, 3.5)."""
    with pytest.raises(MalformedHook, match="CallUUID"):
        parse({**START, "CallUUID": call_id})
    with pytest.raises(ProviderFailed, match="not one of Plivo's"):
        PLIVO.hang_up(connection(), CallRef(call_id=call_id), CutReason.LIMIT, NOW)
    assert PLIVO.ask_status(connection(), CallRef(call_id=call_id), NOW) is None


# Answers and ends.


@pytest.mark.parametrize("action", ["answer", "connected"])
def test_an_answered_leg_is_an_answer(action: str) -> None:
    """Times in webhooks have no zone, so the answer counts from its arrival."""
    fields = {**LEG_ANSWERED, "DialAction": action, "AnswerTime": "2026-03-31 12:34:56"}

    assert parse(fields, FORWARD_QUERY) == CallAnswered(call_id=f"{CALL}:forward")


@pytest.mark.parametrize(
    ("told", "cause", "seconds"),
    [
        ({}, Cause.NORMAL, 61),
        ({"DialBLegDuration": "0"}, Cause.NORMAL, 0),
        ({"DialBLegHangupCause": "", "DialBLegHangupCauseCode": "4010"}, Cause.NORMAL, 61),
        ({"DialBLegHangupCause": "", "DialBLegHangupCauseCode": "4020"}, Cause.NORMAL, 61),
        ({"DialBLegHangupCauseCode": ""}, Cause.NORMAL, 61),
        (
            {"DialBLegHangupCause": "UNALLOCATED_NUMBER", "DialBLegHangupCauseCode": "2000", "DialBLegDuration": "0"},
            Cause.FAILED,
            0,
        ),
        ({**NO_TALK, "DialBLegHangupCause": "USER_BUSY", "DialBLegHangupCauseCode": "3010"}, Cause.BUSY, 0),
        ({**NO_TALK, "DialBLegHangupCause": "USER_BUSY", "DialBLegHangupCauseCode": ""}, Cause.BUSY, 0),
        ({**NO_TALK, "DialBLegHangupCause": "", "DialBLegHangupCauseCode": "3020"}, Cause.REJECTED, 0),
        ({**NO_TALK, "DialBLegHangupCause": "NO_ANSWER", "DialBLegHangupCauseCode": "6010"}, Cause.NO_ANSWER, 0),
        ({**NO_TALK, "DialBLegHangupCause": "ORIGINATOR_CANCEL"}, Cause.CANCELLED, 0),
    ],
)
def test_the_end_of_the_dialled_leg(told: dict[str, str], cause: Cause, seconds: int) -> None:
    assert parse({**LEG_ENDED, **told}) == replace(ENDED, cause=cause, seconds=seconds)


@pytest.mark.parametrize(
    "told",
    [
        {"DialBLegHangupCause": "CALL_REJECTED", "DialBLegHangupCauseCode": "3020"},
        {"DialBLegHangupCause": "", "DialBLegHangupCauseCode": "3010"},
        {"DialBLegHangupCause": "ORIGINATOR_CANCEL"},  # with the code 4000
        {"DialBLegHangupCauseCode": "3000"},  # with the name NORMAL_CLEARING
        {"DialBLegHangupCause": "UNALLOCATED_NUMBER", "DialBLegHangupCauseCode": "2000", "DialBLegDuration": "12"},
        {"DialBLegHangupCause": "NETWORK_OUT_OF_ORDER", "DialBLegHangupCauseCode": "5000"},
        {"DialBLegHangupCause": "", "DialBLegHangupCauseCode": ""},
    ],
)
def test_seconds_that_contradict_the_cause_are_a_hint(told: dict[str, str]) -> None:
    """Neither charged nor given away: the status of the call is asked for."""
    assert parse({**LEG_ENDED, **told}, FORWARD_QUERY) == CallHinted(call_id=f"{CALL}:forward")


@pytest.mark.parametrize(
    "told",
    [
        {"DialBLegHangupCause": "ORIGINATOR_CANCEL", "DialBLegHangupCauseCode": "4000"},
        {"DialBLegHangupCause": "UNALLOCATED_NUMBER", "DialBLegHangupCauseCode": "2000"},
    ],
)
def test_an_end_that_may_have_seconds_but_tells_none_is_a_hint(told: dict[str, str]) -> None:
    assert parse(lacking(LEG_ENDED, "DialBLegDuration") | told) == CallHinted(call_id=CALL)


def test_billed_seconds_are_never_taken_for_seconds() -> None:
    fields = lacking(LEG_ENDED, "DialBLegDuration")

    assert parse(fields, FORWARD_QUERY) == CallHinted(call_id=f"{CALL}:forward")


def test_a_leg_that_nobody_answered_needs_no_figures() -> None:
    fields = lacking(LEG_ENDED, "DialBLegDuration", "DialBLegTotalCost") | {
        "DialBLegHangupCause": "NO_ANSWER",
        "DialBLegHangupCauseCode": "3000",
    }
    empty = {"DialBLegDuration": "", "DialBLegTotalCost": ""}

    assert parse(fields) == parse(fields | empty) == CallEnded(call_id=CALL, cause=Cause.NO_ANSWER, seconds=0)


@pytest.mark.parametrize("cost", ["cheap", "NaN", "1e99", "sNaN"])
def test_a_cost_that_is_no_amount_is_left_out(cost: str) -> None:
    event = parse({**LEG_ENDED, "DialBLegTotalCost": cost})

    assert event == replace(ENDED, cost=None)
    assert isinstance(event, CallEnded)
    assert event.left_out == ("DialBLegTotalCost",)


@pytest.mark.parametrize(
    ("status", "cause"),
    [
        ("busy", Cause.BUSY),
        ("no-answer", Cause.NO_ANSWER),
        ("timeout", Cause.NO_ANSWER),
        ("cancel", Cause.CANCELLED),
        ("failed", Cause.FAILED),
    ],
)
def test_a_dial_or_a_first_leg_that_nobody_answered_ends_the_call(status: str, cause: Cause) -> None:
    """`cancel` is Plivo's spelling (programmable.md, 0.4)."""
    ended = CallEnded(call_id=CALL, cause=cause, seconds=0)

    assert parse({**DIAL_ENDED, "DialStatus": status}) == ended
    assert parse({**HANGUP, "CallStatus": status}) == ended
    assert parse(lacking({**HANGUP, "CallStatus": status}, "Event")) == ended


def test_an_answered_dial_and_an_answered_first_leg_are_hints() -> None:
    """Neither has the figures of the dialled leg; `Duration` of the hangup URL is that of the first one."""
    assert parse({**DIAL_ENDED, "DialStatus": "completed"}, FORWARD_QUERY) == CallHinted(call_id=f"{CALL}:forward")
    assert parse(lacking(HANGUP, "Event")) == CallHinted(call_id=CALL)


# Replies, made again with Plivo's own builder.

FRAGMENT = "#ct=2000&rt=3000&tt=15000&rc=3&rp=ct,rt,5xx"
CONNECT = Connect(caller_id="+15550100009", max_seconds=2220)


def told(event: CallStarted, outcome: Connect, **options: str) -> str:
    reply = PLIVO.reply(event, outcome, connection(**options), public_url=PUBLIC_URL)
    return ET.canonicalize(reply.body.decode())


def built(response: plivoxml.ResponseElement) -> str:
    return ET.canonicalize(response.to_string(), strip_text=True)


def dial(query: str, caller_id: str | None) -> plivoxml.DialElement:
    url = f"{PUBLIC_URL}/hooks/pl{query}{FRAGMENT}"
    return plivoxml.DialElement(
        action=url,
        method="POST",
        redirect=False,
        time_limit=2220,
        timeout=30,
        caller_id=caller_id,
        callback_url=url,
        callback_method="POST",
    )


def test_plivos_builder_makes_the_same_outbound_and_forwarded_calls() -> None:
    outbound = dial(OUTBOUND_QUERY, "15550100009").add(plivoxml.NumberElement("15552223333"))
    forward = dial(FORWARD_QUERY, "15550100009").add(plivoxml.NumberElement("442079460000"))

    assert told(OUTBOUND, CONNECT) == built(plivoxml.ResponseElement().add(outbound))
    assert told(FORWARD, CONNECT) == built(plivoxml.ResponseElement().add(forward))


def test_plivos_builder_makes_the_same_inbound_call() -> None:
    query = "?callee=%2B15550001000&caller=%2B15557654321&leg=inbound&line=%2B15550001000"
    target = dial(query, "15557654321").add(plivoxml.UserElement("sip:+15550001000@pbx.example.com;transport=tls"))
    connect = replace(CONNECT, caller_id="+15557654321")

    said = told(INBOUND, connect, inbound_to="sip:{line}@pbx.example.com;transport=tls")

    assert said == built(plivoxml.ResponseElement().add(target))


def test_an_inbound_call_is_forwarded_by_way_of_a_second_decision() -> None:
    url = f"{PUBLIC_URL}/hooks/pl?callee=%2B442079460000&leg=forward&line=%2B15550001000{FRAGMENT}"
    redirect = plivoxml.RedirectElement(url, method="POST")

    said = told(INBOUND, CONNECT, inbound_to="+442079460000")

    assert said == built(plivoxml.ResponseElement().add(redirect))


def test_a_hangup_always_has_a_reason() -> None:
    """A bare one was seen to answer the call and bill it (programmable.md, 3.2)."""
    for event in (OUTBOUND, Ignored(kind="x"), ENDED):
        reply = PLIVO.reply(event, Acknowledged(), connection(), public_url=PUBLIC_URL)
        assert b'<Response><Hangup reason="rejected" /></Response>' in reply.body


def test_a_name_is_no_caller_id() -> None:
    named = replace(CONNECT, caller_id="alice")

    assert 'callerId="15550001000"' in told(OUTBOUND, named)
    assert "callerId" not in told(replace(OUTBOUND, line="alice"), named)
    assert "callerId" not in told(INBOUND, replace(CONNECT, caller_id="anonymous"))


def test_what_we_tell_comes_back_as_the_start_of_its_end() -> None:
    """Through every escape, and so that what Plivo signs is ASCII: its own library mangles what is not."""
    start = replace(OUTBOUND, caller="o'b r+ï&=%41/?#;.", line="ipbx & sons")
    root = ET.fromstring(told(start, CONNECT))  # noqa: S314 - our own
    query = "?" + urlsplit(root[0].attrib["callbackUrl"]).query

    assert "".join(value for _, value in parse_qsl(query[1:])).isascii()
    assert parse(LEG_ENDED, query) == replace(ENDED, start=start)
    PLIVO.authenticate(signed(plivo_hook(LEG_ENDED, query)), connection())


# Requests to Plivo.


def test_without_a_secret_nothing_is_asked() -> None:
    with pytest.raises(ProviderFailed, match="pl has no secret"):
        PLIVO.hang_up(replace(connection(), secrets=()), CallRef(call_id=CALL), CutReason.LIMIT, NOW)


def test_the_api_may_be_elsewhere() -> None:
    there = connection(api_url="http://127.0.0.1:8080", auth_id="MA/../x")

    request = PLIVO.hang_up(there, CallRef(call_id=CALL), CutReason.LIMIT, NOW)

    assert request.url == f"http://127.0.0.1:8080/v1/Account/{quote('MA/../x', safe='')}/Call/{CALL}/"


# The status of a call.

COMPLETED = {
    "call_uuid": LEG,
    "parent_call_uuid": CALL,
    "call_direction": "outbound",
    "answer_time": "2026-03-31 18:04:56+05:30",
    "end_time": "2026-03-31 18:05:57+05:30",
    "call_duration": 61,
    "bill_duration": 61,
    "billed_duration": 120,
    "total_amount": "0.01100",
    "hangup_cause_code": 4000,
    "hangup_cause_name": "Normal Hangup",
}
UNANSWERED = {
    **COMPLETED,
    "answer_time": None,
    "bill_duration": 0,
    "total_amount": "0.00000",
    "hangup_cause_code": 3010,
}
ANSWERED_AT = datetime(2026, 3, 31, 12, 34, 56, tzinfo=UTC)
ENDED_AT = datetime(2026, 3, 31, 12, 35, 57, tzinfo=UTC)
FATE = replace(ENDED, answered_at=ANSWERED_AT, ended_at=ENDED_AT)
BUSY = CallEnded(call_id=CALL, cause=Cause.BUSY, seconds=0, ended_at=ENDED_AT, cost=Decimal("0.00000"))


def legs(*calls: Mapping[str, object]) -> ProviderResponse:
    return ProviderResponse(status=200, body=json.dumps({"meta": {"limit": 20}, "objects": calls}).encode())


@pytest.mark.parametrize(
    ("response", "status"),
    [
        (legs(COMPLETED), FATE),
        (legs({**COMPLETED, "end_time": None, "total_amount": None}), replace(FATE, ended_at=None, cost=None)),
        (legs(UNANSWERED), BUSY),
        (legs({**UNANSWERED, "hangup_cause_code": 2000}), replace(BUSY, cause=Cause.FAILED)),
        (legs({**UNANSWERED, "hangup_cause_code": None}), replace(BUSY, cause=Cause.FAILED)),
        (legs(UNANSWERED, COMPLETED), FATE),
        (legs(), Unknown()),
        (ProviderResponse(status=404, body=NOT_FOUND), Unknown()),
    ],
)
def test_the_fate_is_that_of_the_dialled_leg(response: ProviderResponse, status: object) -> None:
    assert PLIVO.read_status(response, CallRef(call_id=CALL)) == status


@pytest.mark.parametrize(
    "response",
    [
        *(ProviderResponse(status=status, body=b"") for status in (202, 302, 400, 401, 429, 500, 503)),
        ProviderResponse(status=200, body=b""),
        ProviderResponse(status=200, body=b"{}"),
        legs({**COMPLETED, "bill_duration": None}),
        legs({**COMPLETED, "bill_duration": -1}),
        legs({**COMPLETED, "end_time": "2026-03-31 12:35:57"}),
        legs({**COMPLETED, "answer_time": "yesterday"}),
        legs({**COMPLETED, "total_amount": "NaN"}),
    ],
)
def test_a_fate_that_cannot_be_read_is_asked_again(response: ProviderResponse) -> None:
    with pytest.raises(ProviderFailed):
        PLIVO.read_status(response, CallRef(call_id=CALL))


@pytest.mark.parametrize("call_id", [CALL, f"{CALL}:forward"])
def test_the_first_leg_is_asked_for_where_no_leg_is_listed(call_id: str) -> None:
    """The list knows legs that are over only, so a talking call whose answer got lost would give back its hold.

    And a call whose leg was never made would be up for a day, and count as such.
    """
    requests = PLIVO.ask_rest(connection(), CallRef(call_id=call_id), NOW)

    url = f"https://api.plivo.com/v1/Account/MAXXXXXXXXXXXXXXXXXX/Call/{CALL}/"
    assert isinstance(PLIVO, StatusInParts)
    assert [(request.method, request.url, request.body) for request in requests] == [
        ("GET", f"{url}?status=live", b""),
        ("GET", url, b""),
    ]
    assert all(request.headers["Authorization"].startswith("Basic ") for request in requests)
    with pytest.raises(ProviderFailed, match="not one of Plivo's"):
        PLIVO.ask_rest(connection(), CallRef(call_id=""), NOW)


# What a leg that is up has instead of figures.
UP = {"call_uuid": CALL, "call_status": "in-progress", "direction": "inbound", "session_start": "2026-03-31 12:34:40"}
GAVE_UP = {**COMPLETED, "call_uuid": CALL, "answer_time": None, "bill_duration": 0, "hangup_source": "Caller"}
TALKED_TO_NOBODY = {**COMPLETED, "call_uuid": CALL, "hangup_cause_code": 4010, "hangup_source": "Plivo"}
NOBODY = CallEnded(call_id=CALL, cause=Cause.FAILED, seconds=0, ended_at=ENDED_AT)


def first_leg(told: Mapping[str, object]) -> ProviderResponse:
    return ProviderResponse(status=200, body=json.dumps(told).encode())


@pytest.mark.parametrize(
    ("response", "after_s", "status"),
    [
        (first_leg(UP), 0, Live()),
        (ProviderResponse(status=404, body=NOT_FOUND), 0, Unknown()),
        (first_leg(GAVE_UP), 0, replace(NOBODY, cause=Cause.CANCELLED)),
        (first_leg({**GAVE_UP, "hangup_cause_code": 3000}), 0, replace(NOBODY, cause=Cause.NO_ANSWER)),
        (first_leg({**GAVE_UP, "hangup_cause_code": None, "hangup_source": None}), 0, NOBODY),
        (first_leg(TALKED_TO_NOBODY), 899, Unknown()),
        (first_leg({**TALKED_TO_NOBODY, "answer_time": None}), 899, Unknown()),
        (first_leg({**TALKED_TO_NOBODY, "bill_duration": 0}), 899, Unknown()),
        (first_leg({**TALKED_TO_NOBODY, "end_time": None}), 900, Unknown()),
        (first_leg({**UP, "bill_duration": 0, "end_time": None}), 900, Unknown()),
        (first_leg(TALKED_TO_NOBODY), 900, NOBODY),
    ],
)
def test_r22_a_call_without_a_leg_ends_by_its_first_one(
    response: ProviderResponse, after_s: int, status: object
) -> None:
    now = ENDED_AT + timedelta(seconds=after_s)

    assert PLIVO.read_rest(response, CallRef(call_id=CALL), now) == status


@pytest.mark.parametrize("told", [GAVE_UP, TALKED_TO_NOBODY])
def test_r22_a_call_that_was_answered_is_not_closed_for_want_of_its_leg(told: Mapping[str, object]) -> None:
    answered = CallRef(call_id=CALL, answered_at=ANSWERED_AT)

    assert PLIVO.read_rest(first_leg(told), answered, ENDED_AT + timedelta(hours=1)) == Unknown()


@pytest.mark.parametrize(
    "response",
    [
        *(ProviderResponse(status=status, body=b"") for status in (202, 302, 400, 401, 429, 500, 503)),
        ProviderResponse(status=200, body=b""),
        first_leg({**GAVE_UP, "bill_duration": -1}),
        first_leg({**GAVE_UP, "end_time": "2026-03-31 12:35:57"}),
    ],
)
def test_a_first_leg_that_cannot_be_read_is_asked_again(response: ProviderResponse) -> None:
    with pytest.raises(ProviderFailed):
        PLIVO.read_rest(response, CallRef(call_id=CALL), NOW)


def test_the_kit_says_what_is_not_set() -> None:
    assert "default_line (none)" in PLIVO.kit(connection(), public_url=PUBLIC_URL)
