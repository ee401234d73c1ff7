"""Kamailio, as the kit's configuration speaks; `tests/e2e/sip` has it for real."""

import json
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from inline_snapshot import snapshot

from gateway.domain.calls.call import CutReason
from gateway.domain.connection import Connection
from gateway.domain.errors import MalformedHook, ProviderFailed
from gateway.domain.events import CallAnswered, CallEnded, CallStarted, Cause, Direction
from gateway.providers.base import CallRef, Connect, HangUp, Hook, Live, ProviderRequest, ProviderResponse, Unknown
from gateway.providers.kamailio.adapter import Kamailio
from tests.providers.cases import NOW, PUBLIC_URL, Case, Driver, ProviderCases, make_hook, with_headers

CALL_ID = "1-4711@10.0.0.20#1774960546.120000"
START = {
    "type": "call.start",
    "call_id": CALL_ID,
    "direction": "outbound",
    "caller": "15550100001",
    "callee": "00442079460000",
    "at": "1774960546.120000",
}
END = {
    **START,
    "type": "call.end",
    "ended_by": "caller",
    "sip_code": 200,
    "answered_at": "1774960551.300000",
    "ended_at": "1774960651.900000",
}
STARTED = CallStarted(
    call_id=CALL_ID,
    direction=Direction.OUTBOUND,
    caller="+15550100001",
    callee="+442079460000",
    line="+15550100001",
    at=datetime(2026, 3, 31, 12, 35, 46, 120_000, tzinfo=UTC),
)
ENDED = CallEnded(
    call_id=CALL_ID,
    cause=Cause.NORMAL,
    answered_at=datetime(2026, 3, 31, 12, 35, 51, 300_000, tzinfo=UTC),
    ended_at=datetime(2026, 3, 31, 12, 37, 31, 900_000, tzinfo=UTC),
    start=STARTED,
)
UNANSWERED = {name: value for name, value in END.items() if name != "answered_at"}


def hook_of(fields: Mapping[str, object]) -> Hook:
    return make_hook("/hooks/sip", json.dumps(fields).encode(), headers={"Content-Type": "application/json"})


class KamailioDriver(Driver):
    adapter = Kamailio()
    deciding = ("type", "call_id", "ended_by", "answered_at", "ended_at")
    connection = Connection(
        name="sip",
        kind="kamailio",
        secrets=("newSecret0123456789", "oldSecret0123456789"),
        control_url="http://10.0.0.5:8090/control",
        options={"listen": "203.0.113.5:5060", "pbx": "10.0.0.20:5060", "carrier": "203.0.113.7:5060"},
    )
    signs_body = False
    calls = (CallRef(call_id=CALL_ID),)
    garbage = (*Driver.garbage, b"[]", b"{}", b'{"type": 1}', b'{"type": "call.start"}', b'{"type": "call.end"')
    hang_up_replies = (
        (ProviderResponse(status=202, body=b""), HangUp.TAKEN),
        (ProviderResponse(status=404, body=b'{"status": "unknown"}'), HangUp.GONE),
        (ProviderResponse(status=404, body=b""), HangUp.FAILED),
        (ProviderResponse(status=409, body=b""), HangUp.FAILED),
    )
    fate_replies = (
        (ProviderResponse(status=200, body=json.dumps(END).encode()), ENDED),
        (ProviderResponse(status=200, body=b'{"live": true}'), Live()),
        (
            ProviderResponse(status=200, body=b'{"live": true, "answered_at": "1774960551.300000"}'),
            Live(answered_at=ENDED.answered_at),
        ),
        (ProviderResponse(status=404, body=b'{"status": "unknown"}'), Unknown()),
        *((ProviderResponse(status=status, body=b""), Unknown()) for status in (405, 501)),
    )
    fate_failures = (
        *(ProviderResponse(status=status, body=b"") for status in (204, 302, 403, 404, 500, 503)),
        ProviderResponse(status=200, body=b"<html>"),
        ProviderResponse(status=200, body=b"{}"),
        ProviderResponse(status=200, body=b'{"live": true, "answered_at": "soon"}'),
    )
    kit_names = (
        "listen=udp:LISTEN",
        '"!LISTEN!203.0.113.5:5060!g"',
        '"!PBX!10.0.0.20:5060!g"',
        '"!CARRIER!203.0.113.7:5060!g"',
        '"!CONTROL_ADDRESS!10.0.0.5:8090!g"',
        '"!CONTROL_PATH!/control!g"',
        '"!GATEWAY_SERVER!gw.example.net!g"',
        '"!GATEWAY_HOOK!/hooks/sip!g"',
    )

    def sign(self, hook: Hook, secret: str, at: datetime | None = None) -> Hook:  # noqa: ARG002
        return with_headers(hook, authorization="Basic " + b64encode(f"sip:{secret}".encode()).decode())

    def cases(self) -> Mapping[str, Case]:
        inbound = {**START, "direction": "inbound", "caller": "anonymous", "callee": "+15550100001"}
        forward = {**START, "direction": "forward", "line": "15550100002", "parent_call_id": "c1#1774960500.000000"}
        return {
            "start": Case(
                hook=hook_of(START),
                event=STARTED,
                required=("type", "call_id", "direction", "callee"),
                texts=("type", "call_id", "caller", "callee", "at"),
            ),
            "start inbound": Case(
                hook=hook_of(inbound),
                event=replace(
                    STARTED,
                    direction=Direction.INBOUND,
                    caller="anonymous",
                    callee="+15550100001",
                    line="+15550100001",
                ),
            ),
            "start by a connector": Case(
                hook=hook_of({**START, "line": "office"}), event=replace(STARTED, line="office"), texts=("line",)
            ),
            "start forward": Case(
                hook=hook_of(forward),
                event=replace(
                    STARTED,
                    direction=Direction.FORWARD,
                    line="+15550100002",
                    parent_call_id="c1#1774960500.000000",
                ),
                required=("parent_call_id",),
                texts=("parent_call_id",),
            ),
            "answer": Case(
                hook=hook_of({"type": "call.answer", "call_id": CALL_ID, "at": "1774960551.300000"}),
                event=CallAnswered(call_id=CALL_ID, at=ENDED.answered_at),
                required=("type", "call_id"),
                texts=("call_id", "at"),
            ),
            "end": Case(
                hook=hook_of(END),
                event=ENDED,
                required=("type", "call_id", "ended_at"),
                texts=("call_id", "ended_by", "answered_at", "ended_at"),
            ),
            "end at the limit": Case(
                hook=hook_of({**END, "ended_by": "limit"}), event=replace(ENDED, cause=Cause.LIMIT, seconds=100)
            ),
            "end unanswered": Case(
                hook=hook_of({**UNANSWERED, "sip_code": 486}),
                event=replace(ENDED, cause=Cause.BUSY, answered_at=None, seconds=0),
            ),
        }

    def without(self, hook: Hook, field: str) -> Hook:
        body = json.loads(hook.body)
        del body[field]
        return replace(hook, body=json.dumps(body).encode())

    def with_text(self, hook: Hook, field: str, text: str) -> Hook:
        return replace(hook, body=json.dumps(json.loads(hook.body) | {field: text}).encode())

    def unknown(self) -> Sequence[Hook]:
        return [hook_of({"type": "call.recorded"}), hook_of({"type": "", "call_id": CALL_ID})]

    def verify_control(self, request: ProviderRequest) -> None:
        assert request.headers["Authorization"] == "Bearer newSecret0123456789"


class TestKamailio(ProviderCases):
    driver = KamailioDriver()
    replies = snapshot(
        {
            "start connect": [
                200,
                "application/json",
                '{"action":"connect","caller_id":"+15550100009","callee":"+442079460000","max_seconds":2220,"identity":""}',
            ],
            "start reject busy": [
                200,
                "application/json",
                '{"action":"reject","sip_code":486,"sip_reason":"Busy Here","reason":"number_suspended"}',
            ],
            "start reject money": [
                200,
                "application/json",
                '{"action":"reject","sip_code":402,"sip_reason":"Payment Required","reason":"no_money"}',
            ],
            "start reject unavailable": [
                200,
                "application/json",
                '{"action":"reject","sip_code":503,"sip_reason":"Service Unavailable","reason":"unavailable"}',
            ],
            "start inbound connect": [
                200,
                "application/json",
                '{"action":"connect","caller_id":"+15550100009","callee":"+15550100001","max_seconds":2220,"identity":""}',
            ],
            "start inbound reject busy": [
                200,
                "application/json",
                '{"action":"reject","sip_code":486,"sip_reason":"Busy Here","reason":"number_suspended"}',
            ],
            "start inbound reject money": [
                200,
                "application/json",
                '{"action":"reject","sip_code":402,"sip_reason":"Payment Required","reason":"no_money"}',
            ],
            "start inbound reject unavailable": [
                200,
                "application/json",
                '{"action":"reject","sip_code":503,"sip_reason":"Service Unavailable","reason":"unavailable"}',
            ],
            "start by a connector connect": [
                200,
                "application/json",
                '{"action":"connect","caller_id":"+15550100009","callee":"+442079460000","max_seconds":2220,"identity":""}',
            ],
            "start by a connector reject busy": [
                200,
                "application/json",
                '{"action":"reject","sip_code":486,"sip_reason":"Busy Here","reason":"number_suspended"}',
            ],
            "start by a connector reject money": [
                200,
                "application/json",
                '{"action":"reject","sip_code":402,"sip_reason":"Payment Required","reason":"no_money"}',
            ],
            "start by a connector reject unavailable": [
                200,
                "application/json",
                '{"action":"reject","sip_code":503,"sip_reason":"Service Unavailable","reason":"unavailable"}',
            ],
            "start forward connect": [
                200,
                "application/json",
                '{"action":"connect","caller_id":"+15550100009","callee":"+442079460000","max_seconds":2220,"identity":""}',
            ],
            "start forward reject busy": [
                200,
                "application/json",
                '{"action":"reject","sip_code":486,"sip_reason":"Busy Here","reason":"number_suspended"}',
            ],
            "start forward reject money": [
                200,
                "application/json",
                '{"action":"reject","sip_code":402,"sip_reason":"Payment Required","reason":"no_money"}',
            ],
            "start forward reject unavailable": [
                200,
                "application/json",
                '{"action":"reject","sip_code":503,"sip_reason":"Service Unavailable","reason":"unavailable"}',
            ],
            "answer charged": [200, "application/json", "{}"],
            "answer charged nobody": [200, "application/json", "{}"],
            "answer taken": [200, "application/json", "{}"],
            "end charged": [200, "application/json", "{}"],
            "end charged nobody": [200, "application/json", "{}"],
            "end taken": [200, "application/json", "{}"],
            "end at the limit charged": [200, "application/json", "{}"],
            "end at the limit charged nobody": [200, "application/json", "{}"],
            "end at the limit taken": [200, "application/json", "{}"],
            "end unanswered charged": [200, "application/json", "{}"],
            "end unanswered charged nobody": [200, "application/json", "{}"],
            "end unanswered taken": [200, "application/json", "{}"],
        }
    )
    hang_ups = snapshot(
        {
            "1-4711@10.0.0.20#1774960546.120000": [
                "POST",
                "http://10.0.0.5:8090/control",
                {"Content-Type": "application/json", "Authorization": "Bearer newSecret0123456789"},
                '{"type":"call.hangup","call_id":"1-4711@10.0.0.20#1774960546.120000","reason":"limit"}',
            ]
        }
    )
    statuses = snapshot(
        {
            "1-4711@10.0.0.20#1774960546.120000": [
                "POST",
                "http://10.0.0.5:8090/control",
                {"Content-Type": "application/json", "Authorization": "Bearer newSecret0123456789"},
                '{"type":"call.status","call_id":"1-4711@10.0.0.20#1774960546.120000"}',
            ]
        }
    )


@pytest.mark.parametrize(
    ("sip_code", "cause"),
    [
        (403, Cause.REJECTED),
        (404, Cause.FAILED),
        (408, Cause.NO_ANSWER),
        (480, Cause.NO_ANSWER),
        (487, Cause.CANCELLED),
        (503, Cause.FAILED),
        (600, Cause.BUSY),
        (603, Cause.REJECTED),
    ],
)
def test_an_unanswered_call_ends_as_its_sip_status_says(sip_code: int, cause: Cause) -> None:
    event = Kamailio().parse(hook_of({**UNANSWERED, "sip_code": sip_code}), KamailioDriver.connection)

    assert isinstance(event, CallEnded)
    assert (event.cause, event.seconds) == (cause, 0)


@pytest.mark.parametrize("missing", ["direction", "callee"])
def test_an_end_that_tells_of_no_whole_start_repeats_none(missing: str) -> None:
    fields = {name: value for name, value in END.items() if name != missing}

    assert Kamailio().parse(hook_of(fields), KamailioDriver.connection) == replace(ENDED, start=None)


def test_a_callee_is_dialled_as_it_was_priced() -> None:
    """Whatever spelling the carrier would have made of what the phone dialled."""
    event = Kamailio().parse(hook_of({**START, "callee": "00 44 (20) 7946-0000"}), KamailioDriver.connection)

    reply = Kamailio().reply(
        event, Connect(caller_id="+15550100001", max_seconds=60), KamailioDriver.connection, public_url=PUBLIC_URL
    )

    assert json.loads(reply.body)["callee"] == "+442079460000"


@pytest.mark.parametrize(("line", "shown"), [("office", ""), ("+15550100001", "+15550100001")])
def test_a_caller_who_is_no_number_is_not_shown(line: str, shown: str) -> None:
    """In an emergency call; the line stands for it, if that is a number."""
    event = Kamailio().parse(hook_of({**START, "caller": "alice", "line": line}), KamailioDriver.connection)

    reply = Kamailio().reply(
        event, Connect(caller_id="alice", max_seconds=60), KamailioDriver.connection, public_url=PUBLIC_URL
    )

    assert json.loads(reply.body)["caller_id"] == shown


def test_an_emergency_number_stays_as_it_was_dialled() -> None:
    event = Kamailio().parse(hook_of({**START, "callee": "112"}), KamailioDriver.connection)

    assert isinstance(event, CallStarted)
    assert event.callee == "112"


@pytest.mark.parametrize("at", ["4200000000.000000", "99999999999.000000", "0.000000"])
def test_the_instant_of_a_start_is_left_out_if_it_is_of_another_century(at: str) -> None:
    event = Kamailio().parse(hook_of({**START, "at": at}), KamailioDriver.connection)

    assert event == replace(STARTED, at=None)


@pytest.mark.parametrize("at", ["4200000000.000000", "99999999999.000000", "0.000000"])
def test_an_end_of_another_century_is_malformed(at: str) -> None:
    with pytest.raises(MalformedHook, match="century"):
        Kamailio().parse(hook_of({**END, "ended_at": at}), KamailioDriver.connection)


def test_the_name_of_another_connection_is_no_proof() -> None:
    other = replace(KamailioDriver.connection, name="other")
    signed = KamailioDriver().sign(hook_of(START), other.secrets[0])

    TestKamailio().refused(signed, other)


def test_without_a_control_url_calls_are_neither_cut_nor_asked_for() -> None:
    deaf = replace(KamailioDriver.connection, control_url=None)
    call = CallRef(call_id=CALL_ID)

    assert not Kamailio().can_cut(deaf, call)
    assert Kamailio().ask_status(deaf, call, NOW) is None
    with pytest.raises(ProviderFailed, match="no secret or no control URL"):
        Kamailio().hang_up(deaf, call, CutReason.CREDIT, NOW)
    assert '"!CONTROL_ADDRESS!127.0.0.1:8090!g"' in Kamailio().kit(deaf, public_url=PUBLIC_URL)


def test_the_kit_listens_for_commands_where_the_control_url_points() -> None:
    plain = replace(KamailioDriver.connection, control_url="http://10.0.0.5")

    kit = Kamailio().kit(plain, public_url=PUBLIC_URL)

    assert '"!CONTROL_ADDRESS!10.0.0.5:80!g"' in kit
    assert '"!CONTROL_PATH!/!g"' in kit
    assert "{{" not in kit
