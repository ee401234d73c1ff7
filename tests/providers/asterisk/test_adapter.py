"""Asterisk: what its dialplan posts and obeys. The dialplan itself is run by a real one in `tests/e2e/asterisk`."""

import json
import re
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import parse_qsl, urlencode

import pytest
from inline_snapshot import snapshot

from gateway.domain.calls.call import CutReason
from gateway.domain.connection import Connection
from gateway.domain.errors import BadSignature, MalformedHook, ProviderFailed
from gateway.domain.events import CallAnswered, CallEnded, CallStarted, Cause, Direction
from gateway.providers.asterisk.adapter import Asterisk
from gateway.providers.base import (
    Acknowledged,
    CallRef,
    Connect,
    HangUp,
    Hook,
    Live,
    Outcome,
    ProviderRequest,
    ProviderResponse,
    Reject,
    Unknown,
)
from tests.providers.cases import NOW, PUBLIC_URL, Case, Driver, ProviderCases, make_hook, with_headers

CHANNEL = "1774960480.12"
START = {
    "type": "start",
    "channel": CHANNEL,
    "direction": "outbound",
    "caller": "1001",
    "callee": "011442079460000",
    "line": "+15550100001",
}
INBOUND_START = {**START, "direction": "inbound", "caller": "+447700900123", "callee": "15550100001", "line": ""}
FORWARD_START = {**START, "direction": "forward", "caller": "+447700900123", "callee": "+442079460000"}
END = {
    **START,
    "type": "end",
    "cause": "16",
    "dialstatus": "ANSWER",
    "source": "PJSIP/trunk-00000001",
    "answered_ms": "60001",
    "at": "1774960550",
}
OUTBOUND = CallStarted(
    call_id=CHANNEL, direction=Direction.OUTBOUND, caller="1001", callee="+442079460000", line="+15550100001"
)
INBOUND = CallStarted(
    call_id=CHANNEL, direction=Direction.INBOUND, caller="+447700900123", callee="+15550100001", line="+15550100001"
)
FORWARD = CallStarted(
    call_id=f"{CHANNEL}:forward",
    direction=Direction.FORWARD,
    caller="+447700900123",
    callee="+442079460000",
    line="+15550100001",
    parent_call_id=CHANNEL,
)
ENDED = CallEnded(
    call_id=CHANNEL,
    cause=Cause.NORMAL,
    ended_at=datetime(2026, 3, 31, 12, 35, 50, tzinfo=UTC),
    seconds=61,
    start=OUTBOUND,
)
CONNECT = Connect(caller_id="+15550100009", max_seconds=2220)
ASTERISK = Asterisk()


def ast_hook(fields: Mapping[str, str]) -> Hook:
    headers = {"Content-Type": "application/x-www-form-urlencoded", "User-Agent": "asterisk-libcurl-agent/1.0"}
    return make_hook("/hooks/ast", urlencode(fields).encode(), headers=headers)


class AsteriskDriver(Driver):
    adapter = ASTERISK
    deciding = ("type", "channel", "direction", "answered_ms", "dialstatus")
    connection = Connection(
        name="ast",
        kind="asterisk",
        secrets=("newSecret1", "oldSecret2"),
        control_url="http://10.0.0.6:8088/ari",
        options={"outbound_to": "PJSIP/{callee}@trunk", "inbound_to": "PJSIP/desk", "ari_password": "s3cret"},
    )
    signs_body = False
    garbage = (*Driver.garbage, b"type=start", b"{}")
    calls = (CallRef(call_id=CHANNEL), CallRef(call_id=f"pbx-1-{CHANNEL}:forward"), CallRef(call_id="../applications"))
    hang_up_replies = (
        (ProviderResponse(status=204, body=b""), HangUp.TAKEN),
        (ProviderResponse(status=404, body=b'{"message": "Channel not found"}'), HangUp.GONE),
        (ProviderResponse(status=404, body=b"<html>Not Found</html>"), HangUp.FAILED),
        (ProviderResponse(status=200, body=b""), HangUp.FAILED),
        (ProviderResponse(status=400, body=b""), HangUp.FAILED),
    )
    fate_replies = (
        (ProviderResponse(status=200, body=b'{"id": "1774960480.12", "state": "Up"}'), Live()),
        (ProviderResponse(status=404, body=b'{"message": "Channel not found"}'), Unknown()),
    )
    fate_failures = (
        *(ProviderResponse(status=status, body=b"") for status in (204, 302, 401, 500)),
        ProviderResponse(status=200, body=b"<html>"),
        ProviderResponse(status=200, body=b"{}"),
    )
    kit_names = ("PJSIP/{callee}@trunk", "PJSIP/desk", "GW_LOGIN = ast:", "http://10.0.0.6:8088/ari")

    def sign(self, hook: Hook, secret: str, at: datetime | None = None) -> Hook:  # noqa: ARG002 - not signed
        return with_headers(hook, authorization="Basic " + b64encode(f"ast:{secret}".encode()).decode())

    def cases(self) -> Mapping[str, Case]:
        fields = ("type", "channel", "direction")
        return {
            "start": Case(
                hook=ast_hook(START), event=OUTBOUND, required=fields, texts=(*fields, "callee", "caller", "line")
            ),
            "start inbound": Case(hook=ast_hook(INBOUND_START), event=INBOUND, required=fields),
            "start forward": Case(hook=ast_hook(FORWARD_START), event=FORWARD, required=fields),
            "answer": Case(
                hook=ast_hook({"type": "answer", "channel": CHANNEL, "direction": "inbound"}),
                event=CallAnswered(call_id=CHANNEL),
                required=fields,
                texts=fields,
            ),
            "answer forward": Case(
                hook=ast_hook({"type": "answer", "channel": CHANNEL, "direction": "forward"}),
                event=CallAnswered(call_id=FORWARD.call_id),
            ),
            "end": Case(
                hook=ast_hook(END),
                event=ENDED,
                required=(*fields, "answered_ms"),
                texts=(*fields, "callee", "dialstatus", "source", "answered_ms", "at"),
            ),
            "end forward": Case(
                hook=ast_hook({**END, **FORWARD_START, "type": "end"}),
                event=replace(ENDED, call_id=FORWARD.call_id, start=FORWARD),
            ),
        }

    def without(self, hook: Hook, field: str) -> Hook:
        fields = dict(parse_qsl(hook.body.decode(), keep_blank_values=True))
        del fields[field]
        return replace(hook, body=urlencode(fields).encode())

    def with_text(self, hook: Hook, field: str, text: str) -> Hook:
        fields = dict(parse_qsl(hook.body.decode(), keep_blank_values=True))
        return replace(hook, body=urlencode({**fields, field: text}).encode())

    def unknown(self) -> tuple[Hook, ...]:
        return (ast_hook({"type": "ringing", "channel": CHANNEL}),)

    def verify_control(self, request: ProviderRequest) -> None:
        assert request.headers["Authorization"] == "Basic " + b64encode(b"gateway:s3cret").decode()


class TestAsterisk(ProviderCases):
    driver = AsteriskDriver()
    replies = snapshot(
        {
            "start connect": [
                200,
                "application/json",
                '{"action":"connect","dial":"PJSIP/+442079460000@trunk","caller_id":"+15550100009","presentation":"allowed","max_ms":"2220000"}',
            ],
            "start reject busy": [200, "application/json", '{"action":"reject","cause":"17"}'],
            "start reject money": [200, "application/json", '{"action":"reject","cause":"21"}'],
            "start reject unavailable": [200, "application/json", '{"action":"reject","cause":"34"}'],
            "start inbound connect": [
                200,
                "application/json",
                '{"action":"connect","dial":"PJSIP/desk","caller_id":"+15550100009","presentation":"","max_ms":"2220000"}',
            ],
            "start inbound reject busy": [200, "application/json", '{"action":"reject","cause":"17"}'],
            "start inbound reject money": [200, "application/json", '{"action":"reject","cause":"21"}'],
            "start inbound reject unavailable": [200, "application/json", '{"action":"reject","cause":"34"}'],
            "start forward connect": [
                200,
                "application/json",
                '{"action":"connect","dial":"PJSIP/+442079460000@trunk","caller_id":"+15550100009","presentation":"allowed","max_ms":"2220000"}',
            ],
            "start forward reject busy": [200, "application/json", '{"action":"reject","cause":"17"}'],
            "start forward reject money": [200, "application/json", '{"action":"reject","cause":"21"}'],
            "start forward reject unavailable": [200, "application/json", '{"action":"reject","cause":"34"}'],
            "answer charged": [200, "application/json", '{"action":"taken"}'],
            "answer charged nobody": [200, "application/json", '{"action":"taken"}'],
            "answer taken": [200, "application/json", '{"action":"taken"}'],
            "answer forward charged": [200, "application/json", '{"action":"taken"}'],
            "answer forward charged nobody": [200, "application/json", '{"action":"taken"}'],
            "answer forward taken": [200, "application/json", '{"action":"taken"}'],
            "end charged": [200, "application/json", '{"action":"taken"}'],
            "end charged nobody": [200, "application/json", '{"action":"taken"}'],
            "end taken": [200, "application/json", '{"action":"taken"}'],
            "end forward charged": [200, "application/json", '{"action":"taken"}'],
            "end forward charged nobody": [200, "application/json", '{"action":"taken"}'],
            "end forward taken": [200, "application/json", '{"action":"taken"}'],
        }
    )
    hang_ups = snapshot(
        {
            "1774960480.12": [
                "DELETE",
                "http://10.0.0.6:8088/ari/channels/1774960480.12",
                {"Authorization": "Basic Z2F0ZXdheTpzM2NyZXQ="},
                "",
            ],
            "pbx-1-1774960480.12:forward": [
                "DELETE",
                "http://10.0.0.6:8088/ari/channels/pbx-1-1774960480.12",
                {"Authorization": "Basic Z2F0ZXdheTpzM2NyZXQ="},
                "",
            ],
        }
    )
    statuses = snapshot(
        {
            "1774960480.12": [
                "GET",
                "http://10.0.0.6:8088/ari/channels/1774960480.12",
                {"Authorization": "Basic Z2F0ZXdheTpzM2NyZXQ="},
                "",
            ],
            "pbx-1-1774960480.12:forward": [
                "GET",
                "http://10.0.0.6:8088/ari/channels/pbx-1-1774960480.12",
                {"Authorization": "Basic Z2F0ZXdheTpzM2NyZXQ="},
                "",
            ],
            "../applications": None,
        }
    )


CONNECTION = AsteriskDriver.connection


def said(event: CallStarted, outcome: Outcome, **options: str) -> dict[str, str]:
    connection = replace(CONNECTION, options={**CONNECTION.options, **options})
    body: dict[str, str] = json.loads(ASTERISK.reply(event, outcome, connection, public_url=PUBLIC_URL).body)
    return body


def ended(**fields: str) -> CallEnded:
    event = ASTERISK.parse(ast_hook({**END, **fields}), CONNECTION)
    assert isinstance(event, CallEnded)
    return event


def test_the_login_of_another_connection_is_refused() -> None:
    hook = AsteriskDriver().sign(ast_hook(START), CONNECTION.secrets[0])

    with pytest.raises(BadSignature):
        ASTERISK.authenticate(hook, replace(CONNECTION, name="other"))


@pytest.mark.parametrize("scheme", ["Bearer", "Digest", "basic"])
def test_the_login_is_basic_in_any_case(scheme: str) -> None:
    hook = AsteriskDriver().sign(ast_hook(START), CONNECTION.secrets[0])
    other = with_headers(hook, authorization=hook.headers["authorization"].replace("Basic", scheme))

    if scheme == "basic":
        ASTERISK.authenticate(other, CONNECTION)
    else:
        with pytest.raises(BadSignature):
            ASTERISK.authenticate(other, CONNECTION)


def test_the_line_of_a_call_to_outside_is_the_endpoints_then_the_connections_then_the_caller() -> None:
    defaulted = replace(CONNECTION, options={**CONNECTION.options, "default_line": "15550100007"})

    lines = [
        started.line
        for started in (
            ASTERISK.parse(ast_hook(START), defaulted),
            ASTERISK.parse(ast_hook({**START, "line": ""}), defaulted),
            ASTERISK.parse(ast_hook({**START, "line": "", "caller": "15550100002"}), CONNECTION),
        )
        if isinstance(started, CallStarted)
    ]

    assert lines == ["+15550100001", "+15550100007", "+15550100002"]


@pytest.mark.parametrize("channel", ["x", "..", "1774960480", "1774960480.12/../..", "a b-1.2"])
def test_an_id_that_is_no_channels_is_malformed(channel: str) -> None:
    with pytest.raises(MalformedHook, match="UNIQUEID"):
        ASTERISK.parse(ast_hook({**START, "channel": channel}), CONNECTION)


def test_a_direction_that_is_none_is_malformed() -> None:
    with pytest.raises(MalformedHook, match="direction"):
        ASTERISK.parse(ast_hook({**START, "direction": "sideways"}), CONNECTION)


@pytest.mark.parametrize("text", ["1&PJSIP/2", "1,2", "${SHELL(x)}", ""])
def test_no_text_of_a_party_gets_into_dial(text: str) -> None:
    assert said(replace(OUTBOUND, callee=text), CONNECT) == {"action": "reject", "cause": "1"}


def test_a_number_to_forward_to_is_asked_about_again() -> None:
    assert said(INBOUND, CONNECT, inbound_to="+442079460000") == {
        "action": "forward",
        "forward_to": "+442079460000",
        "line": "+15550100001",
        "max_ms": "2220000",
    }


def test_without_an_option_a_call_from_outside_goes_to_the_lines_digits() -> None:
    connection = replace(CONNECTION, options={"outbound_to": "x"})

    body = ASTERISK.reply(INBOUND, CONNECT, connection, public_url=PUBLIC_URL).body

    assert json.loads(body)["dial"] == "PJSIP/15550100001"


def test_an_emergency_call_shows_its_line_and_a_hidden_caller_stays_hidden() -> None:
    name = Connect(caller_id="1001", max_seconds=3600)

    assert said(replace(OUTBOUND, callee="112"), name)["caller_id"] == "+15550100001"
    assert said(INBOUND, replace(name, caller_id="anonymous"))["caller_id"] == ""


@pytest.mark.parametrize(
    ("sip_code", "cause"), [(402, "21"), (403, "21"), (404, "1"), (486, "17"), (487, "34"), (503, "34"), (500, "34")]
)
def test_a_refusal_has_its_cause(sip_code: int, cause: str) -> None:
    assert said(OUTBOUND, Reject(sip_code=sip_code, reason="x")) == {"action": "reject", "cause": cause}


def test_a_start_without_a_decision_is_refused() -> None:
    assert said(OUTBOUND, Acknowledged())["cause"] == "34"


@pytest.mark.parametrize(
    ("fields", "cause"),
    [
        ({"dialstatus": "ANSWER"}, Cause.NORMAL),
        ({"dialstatus": "ANSWER", "source": "dialplan/builtin"}, Cause.LIMIT),
        ({"dialstatus": "BUSY"}, Cause.BUSY),
        ({"dialstatus": "BUSY", "source": "dialplan/builtin"}, Cause.BUSY),
        ({"dialstatus": "NOANSWER"}, Cause.NO_ANSWER),
        ({"dialstatus": "CANCEL"}, Cause.CANCELLED),
        ({"dialstatus": "CONGESTION"}, Cause.FAILED),
        ({"dialstatus": "", "cause": "17"}, Cause.BUSY),
        ({"dialstatus": "", "cause": "21"}, Cause.REJECTED),
        ({"dialstatus": "", "cause": "34"}, Cause.FAILED),
        ({"dialstatus": "", "cause": "127"}, Cause.CANCELLED),
        ({"dialstatus": "", "cause": ""}, Cause.CANCELLED),
    ],
)
def test_an_end_has_its_cause(fields: Mapping[str, str], cause: Cause) -> None:
    talked_ms = "60200" if cause in {Cause.NORMAL, Cause.LIMIT} else "0"

    assert ended(answered_ms=talked_ms, **fields).cause is cause


@pytest.mark.parametrize(
    "fields", [{"dialstatus": "CANCEL"}, {"dialstatus": "BUSY"}, {"dialstatus": "", "cause": "21"}]
)
def test_a_call_that_talked_was_answered_whatever_status_is_left_of_it(fields: Mapping[str, str]) -> None:
    end = ended(answered_ms="60200", **fields)

    assert (end.cause, end.seconds) == (Cause.NORMAL, 61)


@pytest.mark.parametrize(("milliseconds", "seconds"), [("0", 0), ("1", 1), ("1000", 1), ("1001", 2)])
def test_seconds_are_rounded_up(milliseconds: str, seconds: int) -> None:
    assert ended(answered_ms=milliseconds).seconds == seconds


@pytest.mark.parametrize(
    "fields",
    [{"answered_ms": "-1"}, {"answered_ms": "9" * 11}, {"answered_ms": "9" * 12}],
)
def test_an_end_with_impossible_figures_is_malformed(fields: dict[str, str]) -> None:
    with pytest.raises(MalformedHook):
        ended(**fields)


@pytest.mark.parametrize(
    "connection", [replace(CONNECTION, control_url=None), replace(CONNECTION, options={"outbound_to": "x"})]
)
def test_without_ari_nothing_is_cut_or_asked(connection: Connection) -> None:
    call = CallRef(call_id=CHANNEL)

    assert not ASTERISK.can_cut(connection, call)
    assert ASTERISK.ask_status(connection, call, NOW) is None
    with pytest.raises(ProviderFailed):
        ASTERISK.hang_up(connection, call, CutReason.CREDIT, NOW)


def test_the_dialplan_of_the_kit_has_no_hole_and_dials_in_one_place() -> None:
    kit = ASTERISK.kit(CONNECTION, public_url=PUBLIC_URL)

    assert re.findall(r"{{|}}}", kit.replace("}}}", "}")) == []
    assert [line for line in kit.splitlines() if "Dial(" in line and "=>" in line] == [
        " same => n,Dial(${JSON_DECODE(GW_REPLY,dial)},80,gL(${GW_MS})U(gateway-answered))"
    ]


@pytest.mark.parametrize("at", ["0", "9" * 11, "noon", ""])
def test_when_a_call_ended_is_left_out_where_it_cannot_be_read(at: str) -> None:
    event = ended(at=at)

    assert (event.ended_at, event.seconds, event.left_out) == (None, 61, ("at",))


def test_an_end_that_does_not_tell_when_it_was_is_an_end() -> None:
    fields = {name: value for name, value in END.items() if name not in ("at", "callee")}

    assert Asterisk().parse(ast_hook(fields), AsteriskDriver.connection) == replace(ENDED, ended_at=None, start=None)
