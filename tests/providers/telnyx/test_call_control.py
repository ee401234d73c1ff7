"""Telnyx Call Control: signed by PyNaCl, read as Telnyx' library reads, commanded as it commands."""

import hashlib
import hmac
import json
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from inline_snapshot import snapshot

from gateway.domain.calls.call import CutReason
from gateway.domain.connection import Connection
from gateway.domain.errors import ProviderFailed
from gateway.domain.events import CallAnswered, CallEnded, CallHinted, CallStarted, Cause, Direction, Event, Ignored
from gateway.providers.abilities import DecidesByCommand
from gateway.providers.base import (
    Acknowledged,
    CallRef,
    Charged,
    Command,
    Connect,
    HangUp,
    Hook,
    Live,
    Obeyed,
    ProviderRequest,
    ProviderResponse,
    Reject,
    Unknown,
)
from gateway.providers.telnyx.call_control import TelnyxCallControl
from gateway.providers.telnyx.state import LegStarted
from tests.providers.cases import NOW, PUBLIC_URL, Case, Driver, ProviderCases, make_hook
from tests.providers.telnyx import library
from tests.providers.telnyx.driver import API_KEY, CALL, LEG, OLD_PUBLIC_KEY, PUBLIC_KEY, SIP_CONNECTION, signed

TELNYX = TelnyxCallControl()
AT, AT_TEXT = datetime(2026, 3, 31, 12, 35, 57, 310_000, tzinfo=UTC), "2026-03-31T12:35:57.310000Z"
ANSWERED_AT, ANSWERED_TEXT = datetime(2026, 3, 31, 12, 34, 56, 204_000, tzinfo=UTC), "2026-03-31T12:34:56.204000Z"
SESSION = "428c31b6-abf3-3bc1-b7f4-5013ef9657c1"

INBOUND = LegStarted(
    call_id=CALL,
    direction=Direction.INBOUND,
    caller="+15557654321",
    callee="+15550001000",
    line="+15550001000",
    at=AT,
    session=SESSION,
)
OUTBOUND = LegStarted(
    call_id=CALL,
    direction=Direction.OUTBOUND,
    caller="+15550001000",
    callee="+15552223333",
    line="+15550001000",
    at=AT,
    session=SESSION,
)
FORWARD = LegStarted(
    call_id=f"{CALL}:forward",
    direction=Direction.FORWARD,
    caller="+15557654321",
    callee="+442079460000",
    line="+15550001000",
    parent_call_id=CALL,
    session=SESSION,
    limit_s=2220,
)


def proven(said: object, key: str = API_KEY) -> str:
    """A state with the proof of ours, made again."""
    message = json.dumps(said, separators=(",", ":")).encode()
    return b64encode(hmac.new(key.encode(), b"state of a leg:" + message, hashlib.sha256).digest() + message).decode()


def said_of(call: CallStarted, **more: object) -> dict[str, object]:
    said = {"call": call.call_id, "direction": call.direction, "caller": call.caller, "callee": call.callee}
    return {**said, "line": call.line, "session": SESSION, **more}


def state_of(call: CallStarted, **more: object) -> str:
    """What we have Telnyx keep with a leg."""
    return proven(said_of(call, **more))


def told_by(call: LegStarted) -> LegStarted:
    """The start as the dialled leg's events tell it."""
    return replace(call, at=None, control_url=LEG, limit_s=14_000)


TRANSFERRED = state_of(OUTBOUND, is_transferred=True)


def hook_of(kind: str, **payload: object) -> Hook:
    data = {"record_type": "event", "event_type": kind, "id": "0ccc7b54-4df3-4bca-a65a-3da1ecc777f0"}
    body = {"data": {**data, "occurred_at": AT_TEXT, "payload": payload}, "meta": {"attempt": 1, "delivered_to": "x"}}
    headers = {"Content-Type": "application/json", "User-Agent": "telnyx-webhooks"}
    return make_hook("/hooks/tx", json.dumps(body).encode(), headers=headers)


LEG_FIELDS = {
    "connection_id": "1684641123236054244",
    "call_leg_id": "428c31b6-7af4-4bcb-b7f5-5013ef9657c1",
    "call_session_id": SESSION,
    "from": "+15557654321",
    "to": "+15550001000",
    "start_time": "2026-03-31T12:34:40.097155Z",
}
INITIATED = {**LEG_FIELDS, "call_control_id": CALL, "client_state": None, "direction": "incoming", "state": "parked"}
SIP_INITIATED = {
    **INITIATED,
    "connection_id": SIP_CONNECTION,
    "from": "sip:15550001000@acme.sip.telnyx.com",
    "to": "sip:+15552223333@sip.telnyx.com",
    "direction": "outgoing",
}
FORWARD_INITIATED = {
    **INITIATED,
    "call_control_id": LEG,
    "client_state": state_of(FORWARD),
    "direction": "outgoing",
    "state": "bridging",
}
ANSWERED = {**LEG_FIELDS, "call_control_id": LEG, "client_state": state_of(OUTBOUND), "state": "answered"}
HUNG_UP = {
    **LEG_FIELDS,
    "call_control_id": LEG,
    "client_state": state_of(OUTBOUND, answered_at=ANSWERED_TEXT),
    "state": "hangup",
    "hangup_cause": "normal_clearing",
    "hangup_source": "caller",
    "sip_hangup_cause": "200",
}
ENDED = CallEnded(call_id=CALL, cause=Cause.NORMAL, answered_at=ANSWERED_AT, ended_at=AT, start=told_by(OUTBOUND))


def connection(**options: str) -> Connection:
    known = {"api_key": API_KEY, "outbound_connection_id": SIP_CONNECTION}
    return Connection(
        name="tx", kind="telnyx-call-control", secrets=(PUBLIC_KEY, OLD_PUBLIC_KEY), options=known | options
    )


def parse(kind: str, fields: Mapping[str, object], **options: str) -> Event:
    return TELNYX.parse(hook_of(kind, **fields), connection(**options))


def asked_by_sdk(call: Any) -> httpx.Request:
    """The request that Telnyx' own library makes."""
    asked: list[httpx.Request] = []

    def take(made: httpx.Request) -> httpx.Response:
        asked.append(made)
        return httpx.Response(200, json={"data": {"result": "ok"}})

    with library.client(API_KEY, httpx.MockTransport(take)) as client:
        call(client.calls)
    return asked[0]


def same(request: ProviderRequest, theirs: httpx.Request) -> None:
    assert (request.method, httpx.URL(request.url)) == (theirs.method, theirs.url)
    assert json.loads(request.body or b"{}") == json.loads(theirs.content or b"{}")
    for name, value in request.headers.items():
        assert theirs.headers[name] == value


class CallControlDriver(Driver):
    adapter = TELNYX
    deciding = (*("event_type", "occurred_at", "call_control_id", "call_session_id", "client_state", "hangup_cause"),)
    connection = connection(inbound_to="sip:{digits}@pbx.example.com")
    signs_time = True
    garbage = (*Driver.garbage, b"{}", b'{"data": {}}', b"null")
    calls = (
        CallRef(call_id=CALL),
        CallRef(call_id=f"{CALL}:forward", control_url=LEG),
    )
    hang_up_replies = (
        (ProviderResponse(status=200, body=b'{"data": {"result": "ok"}}'), HangUp.TAKEN),
        (ProviderResponse(status=404, body=b'{"errors": [{"code": "10005"}]}'), HangUp.GONE),
        (ProviderResponse(status=404, body=b""), HangUp.FAILED),
        (ProviderResponse(status=422, body=b'{"errors": [{"code": "90018", "title": "ended"}]}'), HangUp.GONE),
        (ProviderResponse(status=422, body=b'{"errors": [{"code": 90015}]}'), HangUp.GONE),
        (ProviderResponse(status=422, body=b'{"errors": [{"code": "90034"}]}'), HangUp.FAILED),
        (ProviderResponse(status=422, body=b"\xff"), HangUp.FAILED),
    )
    fate_replies = (
        (ProviderResponse(status=200, body=b'{"data": {"is_alive": true}}'), Live()),
        (
            ProviderResponse(status=200, body=f'{{"data": {{"is_alive": false, "end_time": "{AT_TEXT}"}}}}'.encode()),
            CallEnded(call_id=CALL, cause=Cause.NORMAL, ended_at=AT),
        ),
        (ProviderResponse(status=200, body=b'{"data": {"is_alive": false}}'), Unknown()),
        (ProviderResponse(status=404, body=b'{"errors": [{"code": "10005"}]}'), Unknown()),
        (ProviderResponse(status=422, body=b'{"errors": [{"code": "90015"}]}'), Unknown()),
    )
    fate_failures = (
        *(ProviderResponse(status=status, body=b"") for status in (201, 401, 422, 429, 500)),
        ProviderResponse(status=200, body=b"{}"),
        ProviderResponse(status=200, body=b'{"data": {"is_alive": false, "end_time": "yesterday"}}'),
    )
    kit_names = ("sip:{digits}@pbx.example.com", SIP_CONNECTION)

    def sign(self, hook: Hook, secret: str, at: datetime | None = None) -> Hook:
        return signed(hook, secret, at)

    def cases(self) -> Mapping[str, Case]:
        required = ("data.event_type", "data.occurred_at", "data.payload", "data.payload.call_control_id")
        texts = (
            "data.event_type",
            "data.occurred_at",
            "data.payload.call_control_id",
            "data.payload.call_session_id",
        )
        parties = ("data.payload.to",)
        return {
            "start": Case(
                hook=hook_of("call.initiated", **SIP_INITIATED),
                event=OUTBOUND,
                required=(*required, "data.payload.direction"),
                texts=(*texts, *parties, "data.payload.direction", "data.payload.connection_id"),
            ),
            "start inbound": Case(hook=hook_of("call.initiated", **INITIATED), event=INBOUND),
            "answer": Case(
                hook=hook_of("call.answered", **ANSWERED),
                event=CallAnswered(call_id=CALL, at=AT, start=told_by(OUTBOUND)),
                required=required,
                texts=texts,
            ),
            "answer of the first leg": Case(
                hook=hook_of("call.answered", **{**ANSWERED, "call_control_id": CALL, "client_state": TRANSFERRED}),
                event=CallAnswered(call_id=CALL, at=AT),
            ),
            "end": Case(
                hook=hook_of("call.hangup", **HUNG_UP),
                event=ENDED,
                required=required,
                texts=(*texts, "data.payload.hangup_cause"),
            ),
            "end unanswered": Case(
                hook=hook_of(
                    "call.hangup", **{**HUNG_UP, "client_state": state_of(OUTBOUND), "hangup_cause": "user_busy"}
                ),
                event=replace(ENDED, cause=Cause.BUSY, answered_at=None, seconds=0),
            ),
            "hint": Case(
                hook=hook_of("call.hangup", **{**HUNG_UP, "call_control_id": CALL, "client_state": ""}),
                event=CallHinted(call_id=CALL),
            ),
        }

    def without(self, hook: Hook, field: str) -> Hook:
        body = json.loads(hook.body)
        *path, leaf = field.split(".")
        holder = body
        for name in path:
            holder = holder[name]
        del holder[leaf]
        return replace(hook, body=json.dumps(body).encode())

    def with_text(self, hook: Hook, field: str, text: str) -> Hook:
        body = json.loads(hook.body)
        *path, leaf = field.split(".")
        holder = body
        for name in path:
            holder = holder[name]
        holder[leaf] = text
        return replace(hook, body=json.dumps(body).encode())

    def unknown(self) -> tuple[Hook, ...]:
        return (
            hook_of("call.bridged", **LEG_FIELDS),
            hook_of("call.cost", status="success", total_cost="0.0033", billed_duration_secs=66),
            hook_of("call.initiated", **{**INITIATED, "direction": "outgoing"}),
            hook_of("call.initiated", **FORWARD_INITIATED),
            hook_of("call.initiated", **{**FORWARD_INITIATED, "client_state": state_of(OUTBOUND)}),
            hook_of("call.hangup", **{**HUNG_UP, "call_control_id": CALL, "client_state": TRANSFERRED}),
            hook_of("conference.created"),
        )

    def verify_control(self, request: ProviderRequest) -> None:
        leg = CALL if CALL in request.url else LEG
        if request.method == "GET":
            same(request, asked_by_sdk(lambda calls: calls.retrieve_status(leg)))
        else:
            same(request, asked_by_sdk(lambda calls: calls.actions.hangup(leg, **json.loads(request.body))))


class TestCallControl(ProviderCases):
    driver = CallControlDriver()
    replies = snapshot(
        {
            "start connect": [
                200,
                "application/json",
                '{"commands":[{"leg":"v3:T02llQxIyaRkhfRKxgAP8nY511EhFLizdvdUKJiSw8d6A9BborherQ","action":"transfer","body":{"to":"+15552223333","from":"+15550100009","time_limit_secs":2220,"timeout_secs":30,"webhook_retries_policies":{"call.initiated":{"retries_ms":[1000,2000,5000,10000,20000]},"call.answered":{"retries_ms":[1000,2000,5000,10000,20000]},"call.hangup":{"retries_ms":[1000,2000,5000,10000,20000]}},"target_leg_client_state":"GuAqr8HlN+NSr/cbUlWTRLoo2LAptSp31q5O4Zufi9Z7ImNhbGwiOiJ2MzpUMDJsbFF4SXlhUmtoZlJLeGdBUDhuWTUxMUVoRkxpemR2ZFVLSmlTdzhkNkE5QmJvcmhlclEiLCJkaXJlY3Rpb24iOiJvdXRib3VuZCIsImNhbGxlciI6IisxNTU1MDAwMTAwMCIsImNhbGxlZSI6IisxNTU1MjIyMzMzMyIsImxpbmUiOiIrMTU1NTAwMDEwMDAiLCJzZXNzaW9uIjoiNDI4YzMxYjYtYWJmMy0zYmMxLWI3ZjQtNTAxM2VmOTY1N2MxIn0=","client_state":"tgc9tkAwl8s6oHfytVclw8d1shjy3oNB2/EuEAwhYjh7ImNhbGwiOiJ2MzpUMDJsbFF4SXlhUmtoZlJLeGdBUDhuWTUxMUVoRkxpemR2ZFVLSmlTdzhkNkE5QmJvcmhlclEiLCJkaXJlY3Rpb24iOiJvdXRib3VuZCIsImNhbGxlciI6IisxNTU1MDAwMTAwMCIsImNhbGxlZSI6IisxNTU1MjIyMzMzMyIsImxpbmUiOiIrMTU1NTAwMDEwMDAiLCJzZXNzaW9uIjoiNDI4YzMxYjYtYWJmMy0zYmMxLWI3ZjQtNTAxM2VmOTY1N2MxIiwiaXNfdHJhbnNmZXJyZWQiOnRydWV9","command_id":"a4036e75-61a2-57e6-90ae-f1b3aab5987f"}}]}',
            ],
            "start reject busy": [
                200,
                "application/json",
                '{"commands":[{"leg":"v3:T02llQxIyaRkhfRKxgAP8nY511EhFLizdvdUKJiSw8d6A9BborherQ","action":"reject","body":{"cause":"USER_BUSY","command_id":"72df800f-ce1e-5d5b-9d61-3c87d258d730"}}]}',
            ],
            "start reject money": [
                200,
                "application/json",
                '{"commands":[{"leg":"v3:T02llQxIyaRkhfRKxgAP8nY511EhFLizdvdUKJiSw8d6A9BborherQ","action":"reject","body":{"cause":"CALL_REJECTED","command_id":"72df800f-ce1e-5d5b-9d61-3c87d258d730"}}]}',
            ],
            "start reject unavailable": [
                200,
                "application/json",
                '{"commands":[{"leg":"v3:T02llQxIyaRkhfRKxgAP8nY511EhFLizdvdUKJiSw8d6A9BborherQ","action":"reject","body":{"cause":"TEMPORARILY_UNAVAILABLE","command_id":"72df800f-ce1e-5d5b-9d61-3c87d258d730"}}]}',
            ],
            "start inbound connect": [
                200,
                "application/json",
                '{"commands":[{"leg":"v3:T02llQxIyaRkhfRKxgAP8nY511EhFLizdvdUKJiSw8d6A9BborherQ","action":"transfer","body":{"to":"sip:15550001000@pbx.example.com","from":"+15550100009","time_limit_secs":2220,"timeout_secs":30,"webhook_retries_policies":{"call.initiated":{"retries_ms":[1000,2000,5000,10000,20000]},"call.answered":{"retries_ms":[1000,2000,5000,10000,20000]},"call.hangup":{"retries_ms":[1000,2000,5000,10000,20000]}},"target_leg_client_state":"blFiVn60y2X7hzkcdbNjBR9zEkiGpW978ZMroyUQd2B7ImNhbGwiOiJ2MzpUMDJsbFF4SXlhUmtoZlJLeGdBUDhuWTUxMUVoRkxpemR2ZFVLSmlTdzhkNkE5QmJvcmhlclEiLCJkaXJlY3Rpb24iOiJpbmJvdW5kIiwiY2FsbGVyIjoiKzE1NTU3NjU0MzIxIiwiY2FsbGVlIjoiKzE1NTUwMDAxMDAwIiwibGluZSI6IisxNTU1MDAwMTAwMCIsInNlc3Npb24iOiI0MjhjMzFiNi1hYmYzLTNiYzEtYjdmNC01MDEzZWY5NjU3YzEifQ==","client_state":"Wnv/gFldcPH5LCCPHxwnXCSodrbITyluBEWgPkjiQhp7ImNhbGwiOiJ2MzpUMDJsbFF4SXlhUmtoZlJLeGdBUDhuWTUxMUVoRkxpemR2ZFVLSmlTdzhkNkE5QmJvcmhlclEiLCJkaXJlY3Rpb24iOiJpbmJvdW5kIiwiY2FsbGVyIjoiKzE1NTU3NjU0MzIxIiwiY2FsbGVlIjoiKzE1NTUwMDAxMDAwIiwibGluZSI6IisxNTU1MDAwMTAwMCIsInNlc3Npb24iOiI0MjhjMzFiNi1hYmYzLTNiYzEtYjdmNC01MDEzZWY5NjU3YzEiLCJpc190cmFuc2ZlcnJlZCI6dHJ1ZX0=","command_id":"a4036e75-61a2-57e6-90ae-f1b3aab5987f"}}]}',
            ],
            "start inbound reject busy": [
                200,
                "application/json",
                '{"commands":[{"leg":"v3:T02llQxIyaRkhfRKxgAP8nY511EhFLizdvdUKJiSw8d6A9BborherQ","action":"reject","body":{"cause":"USER_BUSY","command_id":"72df800f-ce1e-5d5b-9d61-3c87d258d730"}}]}',
            ],
            "start inbound reject money": [
                200,
                "application/json",
                '{"commands":[{"leg":"v3:T02llQxIyaRkhfRKxgAP8nY511EhFLizdvdUKJiSw8d6A9BborherQ","action":"reject","body":{"cause":"CALL_REJECTED","command_id":"72df800f-ce1e-5d5b-9d61-3c87d258d730"}}]}',
            ],
            "start inbound reject unavailable": [
                200,
                "application/json",
                '{"commands":[{"leg":"v3:T02llQxIyaRkhfRKxgAP8nY511EhFLizdvdUKJiSw8d6A9BborherQ","action":"reject","body":{"cause":"TEMPORARILY_UNAVAILABLE","command_id":"72df800f-ce1e-5d5b-9d61-3c87d258d730"}}]}',
            ],
            "answer charged": [
                200,
                "application/json",
                '{"commands":[{"leg":"v3:9X2vxPDFY2RHSJ1EdMS0RHRksMTg7ldNxdjWbVr9zBjbGjGsSe-aiQ","action":"client_state_update","body":{"client_state":"wpe9pkAyc30qBzuB/b3DeDlKmoKZm2ft4nawXJ7SVsV7ImNhbGwiOiJ2MzpUMDJsbFF4SXlhUmtoZlJLeGdBUDhuWTUxMUVoRkxpemR2ZFVLSmlTdzhkNkE5QmJvcmhlclEiLCJkaXJlY3Rpb24iOiJvdXRib3VuZCIsImNhbGxlciI6IisxNTU1MDAwMTAwMCIsImNhbGxlZSI6IisxNTU1MjIyMzMzMyIsImxpbmUiOiIrMTU1NTAwMDEwMDAiLCJzZXNzaW9uIjoiNDI4YzMxYjYtYWJmMy0zYmMxLWI3ZjQtNTAxM2VmOTY1N2MxIiwiYW5zd2VyZWRfYXQiOiIyMDI2LTAzLTMxVDEyOjM1OjU3LjMxMDAwMFoifQ=="}}]}',
            ],
            "answer charged nobody": [
                200,
                "application/json",
                '{"commands":[{"leg":"v3:9X2vxPDFY2RHSJ1EdMS0RHRksMTg7ldNxdjWbVr9zBjbGjGsSe-aiQ","action":"client_state_update","body":{"client_state":"wpe9pkAyc30qBzuB/b3DeDlKmoKZm2ft4nawXJ7SVsV7ImNhbGwiOiJ2MzpUMDJsbFF4SXlhUmtoZlJLeGdBUDhuWTUxMUVoRkxpemR2ZFVLSmlTdzhkNkE5QmJvcmhlclEiLCJkaXJlY3Rpb24iOiJvdXRib3VuZCIsImNhbGxlciI6IisxNTU1MDAwMTAwMCIsImNhbGxlZSI6IisxNTU1MjIyMzMzMyIsImxpbmUiOiIrMTU1NTAwMDEwMDAiLCJzZXNzaW9uIjoiNDI4YzMxYjYtYWJmMy0zYmMxLWI3ZjQtNTAxM2VmOTY1N2MxIiwiYW5zd2VyZWRfYXQiOiIyMDI2LTAzLTMxVDEyOjM1OjU3LjMxMDAwMFoifQ=="}}]}',
            ],
            "answer taken": [
                200,
                "application/json",
                '{"commands":[{"leg":"v3:9X2vxPDFY2RHSJ1EdMS0RHRksMTg7ldNxdjWbVr9zBjbGjGsSe-aiQ","action":"client_state_update","body":{"client_state":"wpe9pkAyc30qBzuB/b3DeDlKmoKZm2ft4nawXJ7SVsV7ImNhbGwiOiJ2MzpUMDJsbFF4SXlhUmtoZlJLeGdBUDhuWTUxMUVoRkxpemR2ZFVLSmlTdzhkNkE5QmJvcmhlclEiLCJkaXJlY3Rpb24iOiJvdXRib3VuZCIsImNhbGxlciI6IisxNTU1MDAwMTAwMCIsImNhbGxlZSI6IisxNTU1MjIyMzMzMyIsImxpbmUiOiIrMTU1NTAwMDEwMDAiLCJzZXNzaW9uIjoiNDI4YzMxYjYtYWJmMy0zYmMxLWI3ZjQtNTAxM2VmOTY1N2MxIiwiYW5zd2VyZWRfYXQiOiIyMDI2LTAzLTMxVDEyOjM1OjU3LjMxMDAwMFoifQ=="}}]}',
            ],
            "answer of the first leg charged": [200, "application/json", '{"commands":[]}'],
            "answer of the first leg charged nobody": [200, "application/json", '{"commands":[]}'],
            "answer of the first leg taken": [200, "application/json", '{"commands":[]}'],
            "end charged": [200, "application/json", '{"commands":[]}'],
            "end charged nobody": [200, "application/json", '{"commands":[]}'],
            "end taken": [200, "application/json", '{"commands":[]}'],
            "end unanswered charged": [
                200,
                "application/json",
                '{"commands":[{"leg":"v3:T02llQxIyaRkhfRKxgAP8nY511EhFLizdvdUKJiSw8d6A9BborherQ","action":"reject","body":{"cause":"USER_BUSY","command_id":"72df800f-ce1e-5d5b-9d61-3c87d258d730"}}]}',
            ],
            "end unanswered charged nobody": [
                200,
                "application/json",
                '{"commands":[{"leg":"v3:T02llQxIyaRkhfRKxgAP8nY511EhFLizdvdUKJiSw8d6A9BborherQ","action":"reject","body":{"cause":"USER_BUSY","command_id":"72df800f-ce1e-5d5b-9d61-3c87d258d730"}}]}',
            ],
            "end unanswered taken": [
                200,
                "application/json",
                '{"commands":[{"leg":"v3:T02llQxIyaRkhfRKxgAP8nY511EhFLizdvdUKJiSw8d6A9BborherQ","action":"reject","body":{"cause":"USER_BUSY","command_id":"72df800f-ce1e-5d5b-9d61-3c87d258d730"}}]}',
            ],
            "hint charged": [
                200,
                "application/json",
                '{"commands":[{"leg":"v3:T02llQxIyaRkhfRKxgAP8nY511EhFLizdvdUKJiSw8d6A9BborherQ","action":"hangup","body":{"command_id":"f25c7a16-6299-5110-ba75-b170c5969c62"}}]}',
            ],
            "hint charged nobody": [
                200,
                "application/json",
                '{"commands":[{"leg":"v3:T02llQxIyaRkhfRKxgAP8nY511EhFLizdvdUKJiSw8d6A9BborherQ","action":"hangup","body":{"command_id":"f25c7a16-6299-5110-ba75-b170c5969c62"}}]}',
            ],
            "hint taken": [
                200,
                "application/json",
                '{"commands":[{"leg":"v3:T02llQxIyaRkhfRKxgAP8nY511EhFLizdvdUKJiSw8d6A9BborherQ","action":"hangup","body":{"command_id":"f25c7a16-6299-5110-ba75-b170c5969c62"}}]}',
            ],
        }
    )
    hang_ups = snapshot(
        {
            "v3:T02llQxIyaRkhfRKxgAP8nY511EhFLizdvdUKJiSw8d6A9BborherQ": [
                "POST",
                "https://api.telnyx.com/v2/calls/v3:T02llQxIyaRkhfRKxgAP8nY511EhFLizdvdUKJiSw8d6A9BborherQ/actions/hangup",
                {"Authorization": "Bearer KEY0123456789ABCDEF_telnyx", "Content-Type": "application/json"},
                '{"command_id":"725c16a8-5ab6-5c85-9520-53a2c3e710a2"}',
            ],
            "v3:T02llQxIyaRkhfRKxgAP8nY511EhFLizdvdUKJiSw8d6A9BborherQ:forward": [
                "POST",
                "https://api.telnyx.com/v2/calls/v3:9X2vxPDFY2RHSJ1EdMS0RHRksMTg7ldNxdjWbVr9zBjbGjGsSe-aiQ/actions/hangup",
                {"Authorization": "Bearer KEY0123456789ABCDEF_telnyx", "Content-Type": "application/json"},
                '{"command_id":"17730d27-cbec-5877-bd71-001bc2b599f8"}',
            ],
        }
    )
    statuses = snapshot(
        {
            "v3:T02llQxIyaRkhfRKxgAP8nY511EhFLizdvdUKJiSw8d6A9BborherQ": [
                "GET",
                "https://api.telnyx.com/v2/calls/v3:T02llQxIyaRkhfRKxgAP8nY511EhFLizdvdUKJiSw8d6A9BborherQ",
                {"Authorization": "Bearer KEY0123456789ABCDEF_telnyx"},
                "",
            ],
            "v3:T02llQxIyaRkhfRKxgAP8nY511EhFLizdvdUKJiSw8d6A9BborherQ:forward": [
                "GET",
                "https://api.telnyx.com/v2/calls/v3:9X2vxPDFY2RHSJ1EdMS0RHRksMTg7ldNxdjWbVr9zBjbGjGsSe-aiQ",
                {"Authorization": "Bearer KEY0123456789ABCDEF_telnyx"},
                "",
            ],
        }
    )


# What Telnyx' own library makes of the events that we read.


@pytest.mark.parametrize(
    ("kind", "fields", "name"),
    [
        ("call.initiated", INITIATED, "CallInitiated"),
        ("call.initiated", SIP_INITIATED, "CallInitiated"),
        ("call.initiated", FORWARD_INITIATED, "CallInitiated"),
        ("call.answered", ANSWERED, "CallAnswered"),
        ("call.hangup", HUNG_UP, "CallHangup"),
    ],
)
def test_our_events_are_events_of_telnyx_library(kind: str, fields: dict[str, Any], name: str) -> None:
    data = json.loads(hook_of(kind, **fields).body)["data"]
    model = library.model(kind.replace(".", "_"), name)

    assert model.model_validate(data).payload.call_control_id == fields["call_control_id"]


def test_the_fate_we_read_is_one_that_telnyx_library_reads() -> None:
    found = {"call_control_id": CALL, "call_leg_id": "1", "call_session_id": "2", "record_type": "call"}
    body = json.dumps({"data": {**found, "is_alive": False, "call_duration": 61, "end_time": AT_TEXT}}).encode()

    library.model("call_retrieve_status_response", "CallRetrieveStatusResponse").model_validate_json(body)
    status = TELNYX.read_status(ProviderResponse(status=200, body=body), CallRef(call_id=CALL))
    assert status == CallEnded(call_id=CALL, cause=Cause.NORMAL, ended_at=AT)


# Starts.


@pytest.mark.parametrize("state", ["parked", "bridging"])
def test_an_incoming_call_starts_in_whatever_state(state: str) -> None:
    """Telnyx' samples say parked, calls recorded in the wild say bridging."""
    assert parse("call.initiated", {**INITIATED, "state": state}) == INBOUND


@pytest.mark.parametrize("direction", ["incoming", "outgoing"])
def test_only_the_named_sip_connection_dials_out(direction: str) -> None:
    fields = {**SIP_INITIATED, "direction": direction}
    stranger = {**fields, "connection_id": "1"}

    assert parse("call.initiated", fields) == OUTBOUND
    assert parse("call.initiated", fields, default_line="+15550006666") == replace(OUTBOUND, line="+15550006666")
    if direction == "incoming":
        assert parse("call.initiated", stranger) == replace(OUTBOUND, direction=Direction.INBOUND, line="+15552223333")
    else:
        assert isinstance(parse("call.initiated", stranger), Ignored)


def test_a_client_that_dials_nothing_starts_a_call_to_nobody() -> None:
    assert parse("call.initiated", {**SIP_INITIATED, "to": "sip:@sip.telnyx.com"}) == replace(OUTBOUND, callee="")
    assert parse("call.initiated", {**SIP_INITIATED, "to": None}) == replace(OUTBOUND, callee="")


@pytest.mark.parametrize(
    "state",
    [
        None,
        "",
        "Y2FsbDo0Mg==",
        "{}",
        "é",
        b64encode(b"{}").decode(),
        b64encode(b"\xff").decode(),
        b64encode(b"gateway: transferred").decode(),
        b64encode(json.dumps(said_of(OUTBOUND)).encode()).decode(),
        b64encode(bytes(32) + json.dumps(said_of(OUTBOUND)).encode()).decode(),
        proven(said_of(OUTBOUND), "another key"),
        proven({}),
        proven(said_of(OUTBOUND) | {"call": "../.."}),
        proven(said_of(OUTBOUND) | {"call": f"{CALL}:forward:forward"}),
    ],
)
def test_a_state_that_is_not_ours_is_none(state: str | None) -> None:
    """A user of Telnyx' WebRTC libraries gives a call of his own any state."""
    assert parse("call.initiated", {**INITIATED, "client_state": state}) == INBOUND
    assert parse("call.answered", {**ANSWERED, "client_state": state}) == CallAnswered(call_id=LEG, at=AT)
    assert parse("call.hangup", {**HUNG_UP, "client_state": state}) == CallHinted(call_id=LEG)


@pytest.mark.parametrize("session", ["", "428c31b6-abf3-3bc1-b7f4-000000000000"])
@pytest.mark.parametrize("state", [state_of(OUTBOUND, answered_at=ANSWERED_TEXT), TRANSFERRED])
def test_a_state_of_ours_says_nothing_of_another_call(state: str, session: str) -> None:
    """What a user came by as the state of one of his calls, he gives to another."""
    stolen = {"call_session_id": session, "client_state": state}

    assert parse("call.initiated", {**INITIATED, **stolen}) == replace(INBOUND, session=session)
    assert parse("call.answered", {**ANSWERED, **stolen}) == CallAnswered(call_id=LEG, at=AT)
    assert parse("call.hangup", {**HUNG_UP, **stolen}) == CallHinted(call_id=LEG)


def test_an_answer_of_a_transferred_leg_is_that_of_its_call() -> None:
    fields = {**ANSWERED, "call_control_id": CALL, "client_state": TRANSFERRED}

    assert parse("call.answered", fields) == CallAnswered(call_id=CALL, at=AT)


# Ends.


@pytest.mark.parametrize(
    ("told", "cause"),
    [
        ("normal_clearing", Cause.NORMAL),
        ("time_limit", Cause.LIMIT),
        ("unspecified", Cause.NORMAL),
        ("something_new", Cause.NORMAL),
        ("originator_cancel", Cause.NORMAL),
    ],
)
def test_an_answered_leg_ends_with_its_answer_whatever_the_order_of_events(told: str, cause: Cause) -> None:
    """`call.hangup` has no seconds, and `call.answered` may come after it: the leg's state tells the answer."""
    assert parse("call.hangup", {**HUNG_UP, "hangup_cause": told}) == replace(ENDED, cause=cause)


@pytest.mark.parametrize(
    ("told", "cause"),
    [
        ("user_busy", Cause.BUSY),
        ("timeout", Cause.NO_ANSWER),
        ("no_answer", Cause.NO_ANSWER),
        ("originator_cancel", Cause.CANCELLED),
        ("call_rejected", Cause.REJECTED),
        ("not_found", Cause.FAILED),
    ],
)
def test_an_unanswered_leg_ends_with_nothing(told: str, cause: Cause) -> None:
    fields = {**HUNG_UP, "client_state": state_of(OUTBOUND), "hangup_cause": told}

    assert parse("call.hangup", fields) == replace(ENDED, cause=cause, answered_at=None, seconds=0)


@pytest.mark.parametrize("told", ["normal_clearing", "time_limit", "unspecified", "something_new"])
def test_an_end_without_its_answer_is_not_taken_for_unanswered(told: str) -> None:
    """Its answer may be under way: the status is asked, and the first leg is not left alone."""
    fields = {**HUNG_UP, "client_state": state_of(FORWARD), "hangup_cause": told}

    assert parse("call.hangup", fields) == CallHinted(call_id=FORWARD.call_id)


def test_a_forwarded_leg_ends_the_forwarded_call() -> None:
    fields = {**HUNG_UP, "client_state": state_of(FORWARD, answered_at=ANSWERED_TEXT)}

    assert parse("call.hangup", fields) == replace(ENDED, call_id=FORWARD.call_id, start=told_by(FORWARD))
    assert parse("call.answered", {**ANSWERED, "client_state": state_of(FORWARD)}) == CallAnswered(
        call_id=FORWARD.call_id, at=AT, start=told_by(FORWARD)
    )


def test_an_end_without_a_cause_is_one_without_a_known_cause() -> None:
    fields = {name: value for name, value in HUNG_UP.items() if name != "hangup_cause"}

    assert parse("call.hangup", fields) == ENDED


# Commands.


def commands(event: Event, outcome: Any = None, **options: str) -> Sequence[Command]:
    outcome = outcome or Acknowledged()
    reply = TELNYX.reply(event, outcome, connection(**options), public_url=PUBLIC_URL)
    return TELNYX.commands(reply.body, connection(**options))


def body_of(command: Command) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(command.request.body)
    return body


def action_of(request: ProviderRequest | None) -> str:
    return "" if request is None else request.url.removeprefix("https://api.telnyx.com/v2/calls/")


CONNECT = Connect(caller_id="+15550100009", max_seconds=2220)


def test_it_is_a_commander() -> None:
    assert isinstance(TELNYX, DecidesByCommand)


def test_r16_a_stored_reply_leads_to_the_same_commands() -> None:
    first, again = commands(OUTBOUND, CONNECT), commands(OUTBOUND, CONNECT)

    assert first == again
    assert len({body_of(command)["command_id"] for command in (*first, *again)}) == 1


def test_a_transfer_is_the_one_that_telnyx_library_makes() -> None:
    (command,) = commands(OUTBOUND, CONNECT)
    body = body_of(command)
    options = {("from_" if name == "from" else name): value for name, value in body.items()}

    same(command.request, asked_by_sdk(lambda calls: calls.actions.transfer(CALL, **options)))
    assert (body["to"], body["from"], body["time_limit_secs"]) == ("+15552223333", "+15550100009", 2220)
    assert (body["target_leg_client_state"], body["client_state"]) == (state_of(OUTBOUND), TRANSFERRED)


def test_a_rejection_is_the_one_that_telnyx_library_makes() -> None:
    (command,) = commands(INBOUND, Reject(sip_code=486, reason="number_suspended"))

    same(command.request, asked_by_sdk(lambda calls: calls.actions.reject(CALL, **body_of(command))))


@pytest.mark.parametrize(
    ("sip_code", "cause"),
    [
        (486, "USER_BUSY"),
        (600, "USER_BUSY"),
        (404, "NOT_FOUND"),
        (480, "TEMPORARILY_UNAVAILABLE"),
        (503, "TEMPORARILY_UNAVAILABLE"),
        (402, "CALL_REJECTED"),
    ],
)
def test_the_caller_hears_the_code_as_near_as_telnyx_has_one(sip_code: int, cause: str) -> None:
    (command,) = commands(INBOUND, Reject(sip_code=sip_code, reason="x"))

    assert body_of(command)["cause"] == cause


@pytest.mark.parametrize(("seconds", "limit"), [(1, 60), (59, 60), (60, 60), (3600, 3600), (14_400, 14_000)])
def test_the_limit_stays_within_what_error_90029_says(seconds: int, limit: int) -> None:
    (command,) = commands(OUTBOUND, replace(CONNECT, max_seconds=seconds))

    assert body_of(command)["time_limit_secs"] == limit
    assert TELNYX.can_cut(connection(), CallRef(call_id=CALL))


@pytest.mark.parametrize("call", [OUTBOUND, INBOUND, replace(FORWARD, callee="+442079460000")])
def test_a_call_that_has_no_number_to_show_is_refused(call: LegStarted) -> None:
    """Left out, Telnyx would show the number that was called: so it is with a connector without `from_number`."""
    unnamed, connect = replace(call, caller="alice", line="pbx"), replace(CONNECT, caller_id="alice")

    (refused,) = commands(unnamed, connect, inbound_to="sip:a@b")
    (shown,) = commands(unnamed, connect, inbound_to="sip:a@b", from_number="+15550009999")

    assert (action_of(refused.request), body_of(refused)["cause"]) == (f"{CALL}/actions/reject", "CALL_REJECTED")
    assert (action_of(shown.request), body_of(shown)["from"]) == (f"{CALL}/actions/transfer", "+15550009999")


def test_an_emergency_call_is_connected_whatever_it_shows() -> None:
    emergency = replace(OUTBOUND, caller="alice", line="pbx", callee="112")

    (command,) = commands(emergency, replace(CONNECT, caller_id="alice"))

    assert body_of(command)["to"] == "112"
    assert "from" not in body_of(command)


def test_the_caller_id_is_always_a_number() -> None:
    emergency = replace(OUTBOUND, caller="alice")

    assert body_of(*commands(emergency, replace(CONNECT, caller_id="alice")))["from"] == "+15550001000"
    assert (
        body_of(*commands(INBOUND, replace(CONNECT, caller_id="anonymous"), inbound_to="sip:a@b"))["from"]
        == "+15550001000"
    )


def test_an_inbound_call_goes_where_the_connection_says() -> None:
    (command,) = commands(INBOUND, CONNECT, inbound_to="sip:{line}.{digits}@pbx.example.com;secure=true")

    assert body_of(command)["to"] == "sip:+15550001000.15550001000@pbx.example.com;secure=true"
    assert body_of(command)["target_leg_client_state"] == state_of(INBOUND)


@pytest.mark.parametrize("inbound_to", ["", "bob", "client:bob", "442079460000"])
def test_an_inbound_call_that_can_go_nowhere_is_rejected(inbound_to: str) -> None:
    (command,) = commands(INBOUND, CONNECT, inbound_to=inbound_to)

    assert body_of(command)["cause"] == "CALL_REJECTED"


def test_r13_a_forwarded_call_is_decided_about_before_it_is_dialled() -> None:
    options = {"inbound_to": "+442079460000"}
    asked = TELNYX.reply(INBOUND, CONNECT, connection(**options), public_url=PUBLIC_URL).body

    assert TELNYX.commands(asked, connection(**options)) == []
    assert TELNYX.second_start(asked) == FORWARD
    (command,) = commands(FORWARD, CONNECT, **options)
    body = body_of(command)
    assert action_of(command.request) == f"{CALL}/actions/transfer"
    assert (body["to"], body["from"]) == ("+442079460000", "+15550100009")
    assert "client_state" not in body  # the end of the incoming call is asked for, as the leg's is the forwarded one's
    assert body["target_leg_client_state"] == state_of(FORWARD)
    assert (
        TELNYX.second_start(TELNYX.reply(FORWARD, CONNECT, connection(**options), public_url=PUBLIC_URL).body) is None
    )


@pytest.mark.parametrize(("incoming_s", "forwarded_s", "limit_s"), [(3600, 61, 61), (61, 3600, 61), (60, 1, 60)])
def test_r13_a_forwarded_call_is_dialled_with_the_smaller_limit(
    incoming_s: int, forwarded_s: int, limit_s: int
) -> None:
    options = connection(inbound_to="+442079460000")
    asked = TELNYX.reply(INBOUND, replace(CONNECT, max_seconds=incoming_s), options, public_url=PUBLIC_URL).body
    forward = TELNYX.second_start(asked)
    assert forward is not None

    (command,) = commands(forward, replace(CONNECT, max_seconds=forwarded_s))

    assert body_of(command)["time_limit_secs"] == limit_s


def test_r13_a_refused_forward_is_never_dialled_and_its_caller_hears_busy() -> None:
    (rejected,) = commands(FORWARD, Reject(sip_code=486, reason="no_money"))

    assert (action_of(rejected.request), body_of(rejected)["cause"]) == (f"{CALL}/actions/reject", "USER_BUSY")


def test_an_answer_is_written_into_the_state_of_its_leg() -> None:
    (command,) = commands(CallAnswered(call_id=CALL, at=ANSWERED_AT, start=told_by(OUTBOUND)))

    same(command.request, asked_by_sdk(lambda calls: calls.actions.update_client_state(LEG, **body_of(command))))
    fields = {**HUNG_UP, "client_state": body_of(command)["client_state"]}
    assert parse("call.hangup", fields) == ENDED


@pytest.mark.parametrize(
    ("cause", "told"),
    [
        (Cause.BUSY, "USER_BUSY"),
        (Cause.NO_ANSWER, "TEMPORARILY_UNAVAILABLE"),
        (Cause.CANCELLED, "TEMPORARILY_UNAVAILABLE"),
        (Cause.REJECTED, "CALL_REJECTED"),
        (Cause.FAILED, "CALL_REJECTED"),
    ],
)
def test_a_first_leg_whose_transfer_failed_is_not_left_alone(cause: Cause, told: str) -> None:
    """Telnyx keeps it up for further commands."""
    for call in (OUTBOUND, FORWARD):
        end = CallEnded(call_id=call.call_id, cause=cause, ended_at=AT, seconds=0, start=told_by(call))
        (command,) = commands(end, Charged(charged=None, currency=None))

        assert (action_of(command.request), body_of(command)["cause"]) == (f"{CALL}/actions/reject", told)


def test_what_may_have_been_answered_has_its_first_leg_hung_up() -> None:
    (command,) = commands(CallHinted(call_id=FORWARD.call_id))

    assert action_of(command.request) == f"{CALL}/actions/hangup"


def test_a_call_that_ended_of_itself_is_left_alone() -> None:
    assert commands(ENDED, Charged(charged=None, currency=None)) == []
    assert commands(CallEnded(call_id=CALL, cause=Cause.FAILED, seconds=0)) == []
    assert commands(CallAnswered(call_id=CALL, at=AT)) == []


def test_what_can_be_neither_transferred_nor_rejected_is_hung_up() -> None:
    transfer = commands(OUTBOUND, CONNECT)[0]
    reject = commands(OUTBOUND)[0]
    hang_up = commands(CallHinted(call_id=CALL))[0]

    assert action_of(transfer.otherwise) == action_of(reject.otherwise) == f"{CALL}/actions/hangup"
    assert hang_up.otherwise is None


@pytest.mark.parametrize("reply", [b"", b"{}", b"<Response/>", b'{"action": "connect"}', b'{"commands": [{}]}'])
def test_a_reply_of_another_kind_leads_to_no_commands(reply: bytes) -> None:
    assert list(TELNYX.commands(reply, connection())) == []
    assert TELNYX.second_start(reply) is None


def test_a_start_that_was_kept_without_its_session_is_commanded_all_the_same() -> None:
    """As the spool keeps it, and an end whose start was lost."""
    kept = CallStarted(
        call_id=CALL, direction=Direction.OUTBOUND, caller="", callee="+15552223333", line="+15550001000"
    )

    assert body_of(*commands(kept, CONNECT))["time_limit_secs"] == 2220


@pytest.mark.parametrize(
    ("status", "body", "obeyed"),
    [
        (200, b'{"data": {"result": "ok"}}', Obeyed.DONE),
        (404, b'{"errors": [{"code": "10005"}]}', Obeyed.GONE),
        (404, b"", Obeyed.FAILED),
        (422, b'{"errors": [{"code": "90018"}]}', Obeyed.GONE),
        (422, b'{"errors": [{"code": "10009"}]}', Obeyed.REFUSED),
        (401, b"", Obeyed.REFUSED),
        (403, b"", Obeyed.REFUSED),
        (408, b"", Obeyed.FAILED),
        (429, b"", Obeyed.FAILED),
        (500, b"", Obeyed.FAILED),
    ],
)
def test_what_a_command_was_answered_with(status: int, body: bytes, obeyed: Obeyed) -> None:
    assert TELNYX.read_command(ProviderResponse(status=status, body=body)) is obeyed


# Requests.


@pytest.mark.parametrize("call_id", ["", "x", "../calls", f"{CALL}/x", f"{CALL}\n"])
def test_no_url_is_made_of_junk(call_id: str) -> None:
    with pytest.raises(ProviderFailed, match="not one of Telnyx'"):
        TELNYX.hang_up(connection(), CallRef(call_id=call_id), CutReason.LIMIT, NOW)
    assert TELNYX.ask_status(connection(), CallRef(call_id=call_id), NOW) is None


def test_a_forwarded_call_that_never_started_is_controlled_by_its_first_leg() -> None:
    request = TELNYX.hang_up(connection(), CallRef(call_id=f"{CALL}:forward"), CutReason.LIMIT, NOW)

    assert action_of(request) == f"{CALL}/actions/hangup"


def test_each_hang_up_is_a_command_of_its_own() -> None:
    """Telnyx ignores a command whose id it has seen, and the cutter asks again because the first was not enough."""
    first = TELNYX.hang_up(connection(), CallRef(call_id=CALL), CutReason.LIMIT, NOW)
    second = TELNYX.hang_up(connection(), CallRef(call_id=CALL), CutReason.LIMIT, NOW.replace(second=30))

    assert first.url == second.url
    assert first.body != second.body


def test_the_kit_says_what_is_not_set_and_no_key() -> None:
    kit = TELNYX.kit(replace(connection(), options={"api_key": API_KEY}), public_url=PUBLIC_URL)

    assert "inbound calls are rejected" in kit
    assert "no call is taken for outbound" in kit
    assert API_KEY not in kit
