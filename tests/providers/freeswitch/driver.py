"""What the tests of the FreeSWITCH adapter share: the shared cases' driver, and its hooks in their two shapes."""

import json
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from gateway.domain.connection import Connection
from gateway.domain.events import CallAnswered, CallEnded, CallStarted, Cause, Direction
from gateway.providers.base import CallRef, HangUp, Hook, Live, ProviderRequest, ProviderResponse, Unknown
from gateway.providers.freeswitch.adapter import Freeswitch
from tests.providers.cases import Case, Driver, make_hook, with_headers

CHANNEL = "8f14e45f-ceea-467f-9575-5a1c3b2d4e6f"
FORM = {"Content-Type": "application/x-www-form-urlencoded", "User-Agent": "freeswitch-xml/1.0"}
# As `enable-post-var` of the kit lets them through; an empty field of the basic ones stays.
LOOKUP = {
    "hostname": "pbx",
    "section": "dialplan",
    "tag_name": "",
    "key_name": "",
    "key_value": "",
    "Answer-State": "ringing",
    "Unique-ID": CHANNEL,
    "variable_gateway_line": "+15550100001",
    "Hunt-Caller-ID-Number": "1001",
    "Hunt-Privacy-Hide-Number": "false",
    "Hunt-Destination-Number": "011442079460000",
    "Hunt-Context": "gateway-out",
}
INBOUND_LOOKUP = {
    **{name: value for name, value in LOOKUP.items() if name != "variable_gateway_line"},
    "Hunt-Caller-ID-Number": "+447700900123",
    "Hunt-Destination-Number": "15550100001",
    "Hunt-Context": "gateway-in",
}
FORWARD_LOOKUP = {
    **LOOKUP,
    "Hunt-Caller-ID-Number": "+447700900123",
    "Hunt-Destination-Number": "+442079460000",
    "Hunt-Context": "gateway-forward",
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
    answered_at=datetime(2026, 3, 31, 12, 34, 50, 250_000, tzinfo=UTC),
    ended_at=datetime(2026, 3, 31, 12, 35, 50, 260_000, tzinfo=UTC),
    seconds=61,
    start=OUTBOUND,
)


def microseconds(at: datetime | None) -> str:
    """An instant as FreeSWITCH writes it."""
    return str(round(at.timestamp() * 1_000_000)) if at else "0"


def profile(
    context: str | None, caller: str | None, destination: str | None, bridged: str = "1774960490240000"
) -> dict[str, Any]:
    """One lookup of a record's `callflow`, with some of what else is there."""
    said = {"context": context, "caller_id_number": caller, "destination_number": destination, "rdnis": None}
    times = {"created_time": "1774960480000000", "bridged_time": bridged}
    return {"dialplan": "XML", "profile_index": "1", "caller_profile": said, "times": times}


def cdr(*callflow: dict[str, Any], **variables: str) -> bytes:
    """A record of mod_format_cdr."""
    said = {
        "uuid": CHANNEL,
        "direction": "inbound",
        "hangup_cause": "NORMAL_CLEARING",
        "answer_uepoch": microseconds(ENDED.answered_at),
        "end_uepoch": microseconds(ENDED.ended_at),
        "billsec": "60",
        "gateway_line": "+15550100001",
        **variables,
    }
    flow = list(callflow) or [profile("gateway-out", "1001", "011442079460000")]
    body = {"core-uuid": "c", "switchname": "pbx", "channel_data": {"state": "CS_REPORTING"}, "variables": said}
    return json.dumps(body | {"app_log": {"applications": []}, "callflow": flow}).encode()


FORWARDED_FLOW = (
    profile("gateway-forward", "+447700900123", "+442079460000"),
    profile("gateway-in", "+447700900123", "15550100001", "0"),
)


def lookup_hook(fields: Mapping[str, str]) -> Hook:
    return make_hook("/hooks/fs", urlencode(fields, quote_via=quote).encode(), headers=FORM)


def cdr_hook(body: bytes, leg: str = "call") -> Hook:
    return make_hook(f"/hooks/fs?leg={leg}&cdr?uuid={CHANNEL}", body, headers={"Content-Type": "application/json"})


class FreeswitchDriver(Driver):
    adapter = Freeswitch()
    deciding = ("uuid", "hangup_cause", "answer_uepoch", "end_uepoch", "context", "bridged_time")
    connection = Connection(
        name="fs",
        kind="freeswitch",
        secrets=("newSecret1", "oldSecret2"),
        control_url="http://10.0.0.5:8080",
        options={
            "outbound_to": "sofia/gateway/trunk/{digits}",
            "inbound_to": "user/{digits}@pbx.example.com",
            "api_password": "s3cret",
        },
    )
    signs_body = False
    garbage = (*Driver.garbage, b"section", b"section=dialplan", b"{}")
    calls = (CallRef(call_id=CHANNEL), CallRef(call_id=f"{CHANNEL}:forward"), CallRef(call_id="x y"))
    hang_up_replies = (
        (ProviderResponse(status=200, body=b"+OK\n"), HangUp.TAKEN),
        (ProviderResponse(status=200, body=b"-ERR No such channel!\n"), HangUp.GONE),
        (ProviderResponse(status=200, body=b"-USAGE: <uuid> [cause]\n"), HangUp.FAILED),
        (ProviderResponse(status=200, body=b"\xff"), HangUp.FAILED),
        (ProviderResponse(status=404, body=b"+OK"), HangUp.FAILED),
    )
    fate_replies = (
        (
            ProviderResponse(
                status=200,
                body=b"Event-Name: CHANNEL_DATA\nUnique-ID: 8f14\nCaller-Channel-Answered-Time: 1774960490250000\n",
            ),
            Live(answered_at=ENDED.answered_at),
        ),
        (ProviderResponse(status=200, body=b"Unique-ID: 8f14\nCaller-Channel-Answered-Time: 0\n"), Live()),
        (ProviderResponse(status=200, body=b"Unique-ID: 8f14\n"), Live()),
        (ProviderResponse(status=200, body=b"-ERR No such channel!\n"), Unknown()),
    )
    fate_failures = (
        *(ProviderResponse(status=status, body=b"") for status in (302, 401, 404, 500)),
        ProviderResponse(status=200, body=b"<html>"),
        ProviderResponse(status=200, body=b"Unique-ID: 8f14\nCaller-Channel-Answered-Time: 9\n"),
    )
    kit_names = (
        "sofia/gateway/trunk/{digits}",
        "user/{digits}@pbx.example.com",
        "fs:$${gateway_secret}",
        "10.0.0.5:8080",
    )

    def sign(self, hook: Hook, secret: str, at: datetime | None = None) -> Hook:  # noqa: ARG002 - not signed
        return with_headers(hook, authorization="Basic " + b64encode(f"fs:{secret}".encode()).decode())

    def cases(self) -> Mapping[str, Case]:
        fields = ("section", "Unique-ID", "Hunt-Context")
        record = ("uuid", "hangup_cause", "answer_uepoch", "end_uepoch")
        return {
            "start": Case(
                hook=lookup_hook(LOOKUP),
                event=OUTBOUND,
                required=fields,
                texts=(*fields, "Hunt-Destination-Number", "Hunt-Caller-ID-Number", "variable_gateway_line"),
            ),
            "start inbound": Case(hook=lookup_hook(INBOUND_LOOKUP), event=INBOUND, required=fields),
            "start forward": Case(hook=lookup_hook(FORWARD_LOOKUP), event=FORWARD, required=fields),
            "end": Case(hook=cdr_hook(cdr()), event=ENDED, required=record, texts=(*record, "gateway_line")),
            "end inbound": Case(
                hook=cdr_hook(cdr(*FORWARDED_FLOW)), event=replace(ENDED, start=INBOUND), required=record
            ),
            "end forward": Case(
                hook=cdr_hook(cdr(*FORWARDED_FLOW), "forward"),
                event=replace(ENDED, call_id=FORWARD.call_id, start=FORWARD),
                required=record,
            ),
        }

    def without(self, hook: Hook, field: str) -> Hook:
        if urlsplit(hook.url).query:
            body = json.loads(hook.body)
            del body["variables"][field]
            return replace(hook, body=json.dumps(body).encode())
        fields = dict(parse_qsl(hook.body.decode(), keep_blank_values=True))
        del fields[field]
        return replace(hook, body=urlencode(fields).encode())

    def with_text(self, hook: Hook, field: str, text: str) -> Hook:
        if urlsplit(hook.url).query:
            body = json.loads(hook.body)
            body["variables"][field] = text
            return replace(hook, body=json.dumps(body).encode())
        fields = dict(parse_qsl(hook.body.decode(), keep_blank_values=True))
        return replace(hook, body=urlencode({**fields, field: text}).encode())

    def unknown(self) -> tuple[Hook, ...]:
        return (
            lookup_hook({**LOOKUP, "section": "directory"}),
            lookup_hook({**LOOKUP, "Hunt-Context": "default"}),
            cdr_hook(cdr(), "forward"),
            cdr_hook(b'{"variables": {}, "callflow": [{"caller_profile": {"context": "default"}}, {}]}'),
            cdr_hook(b'{"callflow": []}'),
            cdr_hook(cdr(profile("default", "1001", "1002"))),
            cdr_hook(cdr(profile(None, None, None))),
        )

    def verify_control(self, request: ProviderRequest) -> None:
        assert request.headers["Authorization"] == "Basic " + b64encode(b"freeswitch:s3cret").decode()


ANSWERED = CallAnswered(call_id=CHANNEL)
