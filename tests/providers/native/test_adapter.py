# ruff: noqa: E501 - a header is one line
"""The native contract: signed in the Standard Webhooks way and checked against that specification's own library."""

import json
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest
import standardwebhooks
from inline_snapshot import snapshot

from gateway.domain.calls.call import CutReason
from gateway.domain.connection import Connection
from gateway.domain.errors import BadSignature, MalformedHook, ProviderFailed
from gateway.domain.events import CallAnswered, CallEnded, CallStarted, Cause, Direction, Ignored
from gateway.providers.base import Acknowledged, CallRef, HangUp, Hook, Live, ProviderRequest, ProviderResponse, Unknown
from gateway.providers.native.adapter import Native
from gateway.providers.wire.signing import sign_standard
from tests.providers.cases import NOW, PUBLIC_URL, Case, Driver, ProviderCases, make_hook, with_headers

NEW = "whsec_" + b64encode(b"the new secret, 32 bytes long...").decode()
OLD = "whsec_" + b64encode(b"the old secret, 32 bytes long...").decode()
OTHER = "whsec_" + b64encode(b"some other secret, 32 bytes long").decode()
START = {
    "type": "call.start",
    "call_id": "a1b2",
    "direction": "outbound",
    "caller": "+15550100001",
    "callee": "+442079460000",
    "line": "+15550100001",
    "at": "2026-03-31T12:35:46.120Z",
}
END = {
    "type": "call.end",
    "call_id": "a1b2",
    "answered_at": "2026-03-31T12:35:51.300Z",
    "ended_at": "2026-03-31T14:37:31.900+02:00",
    "seconds": 101,
    "cause": "normal",
    "cost": "0.0312",
    "cost_currency": "USD",
}
STARTED = CallStarted(
    call_id="a1b2",
    direction=Direction.OUTBOUND,
    caller="+15550100001",
    callee="+442079460000",
    line="+15550100001",
    at=datetime(2026, 3, 31, 12, 35, 46, 120_000, tzinfo=UTC),
)
ENDED = CallEnded(
    call_id="a1b2",
    cause=Cause.NORMAL,
    answered_at=datetime(2026, 3, 31, 12, 35, 51, 300_000, tzinfo=UTC),
    ended_at=datetime(2026, 3, 31, 12, 37, 31, 900_000, tzinfo=UTC),
    seconds=101,
    cost=Decimal("0.0312"),
    cost_currency="USD",
)


UNKNOWN = b'{"status": "unknown"}'


def native_hook(**fields: object) -> Hook:
    return make_hook("/hooks/pbx", json.dumps(fields).encode(), headers={"Content-Type": "application/json"})


class NativeDriver(Driver):
    adapter = Native()
    deciding = ("type", "call_id", "seconds", "cause")
    connection = Connection(
        name="pbx", kind="native", secrets=(NEW, OLD), control_url="https://pbx.example.com/control"
    )
    signs_time = True
    calls = (CallRef(call_id="a1b2"),)
    garbage = (*Driver.garbage, b"[]", b"{}", b'{"type": 1}', b'{"type": "call.start"}', b'{"type": "call.end"')
    hang_up_replies = (
        (ProviderResponse(status=200, body=b""), HangUp.TAKEN),
        (ProviderResponse(status=204, body=b""), HangUp.TAKEN),
        *((ProviderResponse(status=status, body=UNKNOWN), HangUp.GONE) for status in (200, 404, 410)),
        # What a typo in the address and a proxy on the way say too.
        *((ProviderResponse(status=status, body=b""), HangUp.FAILED) for status in (404, 410)),
        (ProviderResponse(status=404, body=b"<html>Not Found</html>"), HangUp.FAILED),
        (ProviderResponse(status=404, body=b'{"error": "Not Found"}'), HangUp.FAILED),
        (ProviderResponse(status=502, body=UNKNOWN), HangUp.FAILED),
        (ProviderResponse(status=302, body=b""), HangUp.FAILED),
    )
    fate_replies = (
        (ProviderResponse(status=200, body=json.dumps(END).encode()), ENDED),
        # The reply is about the call that was asked for, whatever it calls it.
        (ProviderResponse(status=200, body=json.dumps({**END, "call_id": "x"}).encode()), ENDED),
        (ProviderResponse(status=200, body=b'{"live": true}'), Live()),
        (
            ProviderResponse(status=200, body=b'{"live": true, "answered_at": "2026-03-31T12:35:51Z"}'),
            Live(answered_at=datetime(2026, 3, 31, 12, 35, 51, tzinfo=UTC)),
        ),
        (ProviderResponse(status=200, body=b"{}"), Unknown()),
        *((ProviderResponse(status=status, body=UNKNOWN), Unknown()) for status in (200, 404, 410)),
        *((ProviderResponse(status=status, body=b""), Unknown()) for status in (405, 501)),
    )
    fate_failures = (
        *(ProviderResponse(status=status, body=b"") for status in (204, 302, 401, 404, 410, 429, 500, 503)),
        ProviderResponse(status=200, body=b"<html>"),
        ProviderResponse(status=200, body=b'{"seconds": "61"}'),
        ProviderResponse(status=200, body=b'{"seconds": -1}'),
        ProviderResponse(status=200, body=b'{"live": true, "answered_at": "0001-01-01T00:00:00+23:59"}'),
    )
    kit_names = ("https://pbx.example.com/control", "call.start", "webhook-signature", "signature")

    def sign(self, hook: Hook, secret: str, at: datetime | None = None) -> Hook:
        at = at or hook.received_at
        signature = standardwebhooks.Webhook(secret).sign("msg_1", at, hook.body.decode())
        return with_headers(
            hook, webhook_id="msg_1", webhook_timestamp=str(int(at.timestamp())), webhook_signature=signature
        )

    def cases(self) -> Mapping[str, Case]:
        texts = ("call_id", "caller", "callee", "line")
        forwarded = {**START, "direction": "forward", "parent_call_id": "a1b0"}
        return {
            "start": Case(
                hook=native_hook(**START),
                event=STARTED,
                required=("type", "call_id", "direction", "callee"),
                texts=("type", *texts),
            ),
            "start inbound": Case(
                hook=native_hook(
                    type="call.start", call_id="a1b3", direction="inbound", caller="", callee="+15550100001"
                ),
                event=CallStarted(
                    call_id="a1b3",
                    direction=Direction.INBOUND,
                    caller="anonymous",
                    callee="+15550100001",
                    line="+15550100001",
                ),
            ),
            "start forward": Case(
                hook=native_hook(**forwarded),
                event=replace(STARTED, direction=Direction.FORWARD, parent_call_id="a1b0"),
                required=("parent_call_id",),
                texts=("parent_call_id",),
            ),
            "answer": Case(
                hook=native_hook(type="call.answer", call_id="a1b2", at="2026-03-31T12:35:51.300Z"),
                event=CallAnswered(call_id="a1b2", at=ENDED.answered_at),
                required=("type", "call_id"),
                texts=("call_id",),
            ),
            "end": Case(
                hook=native_hook(**END),
                event=ENDED,
                required=("type", "call_id"),
                texts=("call_id", "cost_currency", "cost", "cause", "ended_at"),
            ),
            "end with start": Case(
                hook=native_hook(**{**START, **END}),
                event=replace(ENDED, start=STARTED),
                texts=texts,
            ),
            "end unanswered": Case(
                hook=native_hook(type="call.end", call_id="a1b2", answered_at=None, seconds=0, cause="no_answer"),
                event=CallEnded(call_id="a1b2", cause=Cause.NO_ANSWER, seconds=0),
            ),
        }

    def without(self, hook: Hook, field: str) -> Hook:
        fields = json.loads(hook.body)
        del fields[field]
        return replace(hook, body=json.dumps(fields).encode())

    def with_text(self, hook: Hook, field: str, text: str) -> Hook:
        return replace(hook, body=json.dumps({**json.loads(hook.body), field: text}).encode())

    def unknown(self) -> tuple[Hook, ...]:
        return (native_hook(type="call.transferred", call_id="a1b2"), native_hook(type=""))

    def verify_control(self, request: ProviderRequest) -> None:
        """The library checks the time by the clock on the wall, so only the signature is asked for."""
        headers = dict(request.headers)
        verifiers = [standardwebhooks.Webhook(secret) for secret in self.connection.secrets]
        signed_at = datetime.fromtimestamp(int(headers["webhook-timestamp"]), UTC)
        assert signed_at == NOW
        signed = [each.sign(headers["webhook-id"], signed_at, request.body.decode()) for each in verifiers]
        assert headers["webhook-signature"] == " ".join(signed)


class TestNative(ProviderCases):
    driver = NativeDriver()
    replies = snapshot(
        {
            "start connect": [
                200,
                "application/json",
                '{"action":"connect","call_id":"a1b2","caller_id":"+15550100009","max_seconds":2220}',
            ],
            "start reject busy": [
                200,
                "application/json",
                '{"action":"reject","call_id":"a1b2","sip_code":486,"reason":"number_suspended"}',
            ],
            "start reject money": [
                200,
                "application/json",
                '{"action":"reject","call_id":"a1b2","sip_code":402,"reason":"no_money"}',
            ],
            "start reject unavailable": [
                200,
                "application/json",
                '{"action":"reject","call_id":"a1b2","sip_code":503,"reason":"unavailable"}',
            ],
            "start inbound connect": [
                200,
                "application/json",
                '{"action":"connect","call_id":"a1b3","caller_id":"+15550100009","max_seconds":2220}',
            ],
            "start inbound reject busy": [
                200,
                "application/json",
                '{"action":"reject","call_id":"a1b3","sip_code":486,"reason":"number_suspended"}',
            ],
            "start inbound reject money": [
                200,
                "application/json",
                '{"action":"reject","call_id":"a1b3","sip_code":402,"reason":"no_money"}',
            ],
            "start inbound reject unavailable": [
                200,
                "application/json",
                '{"action":"reject","call_id":"a1b3","sip_code":503,"reason":"unavailable"}',
            ],
            "start forward connect": [
                200,
                "application/json",
                '{"action":"connect","call_id":"a1b2","caller_id":"+15550100009","max_seconds":2220}',
            ],
            "start forward reject busy": [
                200,
                "application/json",
                '{"action":"reject","call_id":"a1b2","sip_code":486,"reason":"number_suspended"}',
            ],
            "start forward reject money": [
                200,
                "application/json",
                '{"action":"reject","call_id":"a1b2","sip_code":402,"reason":"no_money"}',
            ],
            "start forward reject unavailable": [
                200,
                "application/json",
                '{"action":"reject","call_id":"a1b2","sip_code":503,"reason":"unavailable"}',
            ],
            "answer charged": [200, "application/json", '{"call_id":"a1b2","charged":"0.054000","currency":"USD"}'],
            "answer charged nobody": [200, "application/json", '{"call_id":"a1b2","charged":null,"currency":null}'],
            "answer taken": [200, "application/json", '{"call_id":"a1b2"}'],
            "end charged": [200, "application/json", '{"call_id":"a1b2","charged":"0.054000","currency":"USD"}'],
            "end charged nobody": [200, "application/json", '{"call_id":"a1b2","charged":null,"currency":null}'],
            "end taken": [200, "application/json", '{"call_id":"a1b2"}'],
            "end with start charged": [
                200,
                "application/json",
                '{"call_id":"a1b2","charged":"0.054000","currency":"USD"}',
            ],
            "end with start charged nobody": [
                200,
                "application/json",
                '{"call_id":"a1b2","charged":null,"currency":null}',
            ],
            "end with start taken": [200, "application/json", '{"call_id":"a1b2"}'],
            "end unanswered charged": [
                200,
                "application/json",
                '{"call_id":"a1b2","charged":"0.054000","currency":"USD"}',
            ],
            "end unanswered charged nobody": [
                200,
                "application/json",
                '{"call_id":"a1b2","charged":null,"currency":null}',
            ],
            "end unanswered taken": [200, "application/json", '{"call_id":"a1b2"}'],
        }
    )
    hang_ups = snapshot(
        {
            "a1b2": [
                "POST",
                "https://pbx.example.com/control",
                {
                    "Content-Type": "application/json",
                    "webhook-id": "call.hangup:a1b2:1774960560",
                    "webhook-timestamp": "1774960560",
                    "webhook-signature": "v1,iGCul7YH4MSd2U0+X7ha8uBFgwG2V4jU7fGY2SrxMno= v1,nu57jBbFt2fUwFqHiffXuKtLfnzf49Sg3dBc3UJJXPo=",
                },
                '{"type":"call.hangup","call_id":"a1b2","reason":"limit"}',
            ]
        }
    )
    statuses = snapshot(
        {
            "a1b2": [
                "POST",
                "https://pbx.example.com/control",
                {
                    "Content-Type": "application/json",
                    "webhook-id": "call.status:a1b2:1774960560",
                    "webhook-timestamp": "1774960560",
                    "webhook-signature": "v1,Y+j/s1KVganJaNaHNqczYDe6dGvcxIc9KoWDqWDhQZQ= v1,PwSliuarqH8HRseVDAKq9W3/JYMrHE0p6r+b2GeCxNY=",
                },
                '{"type":"call.status","call_id":"a1b2"}',
            ]
        }
    )


class BearerDriver(NativeDriver):
    """For programs on a private network that cannot sign."""

    connection = replace(NativeDriver.connection, name="lan", auth="bearer", secrets=("s3cret-new", "s3cret-old"))
    signs_body = False
    signs_time = False
    kit_names = ("Authorization: Bearer", "bearer")

    def sign(self, hook: Hook, secret: str, at: datetime | None = None) -> Hook:  # noqa: ARG002 - not signed
        return with_headers(hook, authorization=f"Bearer {secret}")

    def verify_control(self, request: ProviderRequest) -> None:
        assert request.headers["Authorization"] == "Bearer s3cret-new"


class TestBearer(ProviderCases):
    driver = BearerDriver()
    replies = TestNative.replies
    hang_ups = snapshot(
        {
            "a1b2": [
                "POST",
                "https://pbx.example.com/control",
                {"Content-Type": "application/json", "Authorization": "Bearer s3cret-new"},
                '{"type":"call.hangup","call_id":"a1b2","reason":"limit"}',
            ]
        }
    )
    statuses = snapshot(
        {
            "a1b2": [
                "POST",
                "https://pbx.example.com/control",
                {"Content-Type": "application/json", "Authorization": "Bearer s3cret-new"},
                '{"type":"call.status","call_id":"a1b2"}',
            ]
        }
    )


NATIVE = Native()
SIGNED = NativeDriver.connection


@pytest.mark.parametrize("known", [NEW, OLD])
def test_r33_the_specifications_own_library_takes_our_requests_by_either_secret(known: str) -> None:
    now = datetime.now(UTC)  # noqa: TID251 - the library goes by the clock on the wall

    request = NATIVE.hang_up(SIGNED, CallRef(call_id="a1b2"), CutReason.CREDIT, now)
    asked = NATIVE.ask_status(SIGNED, CallRef(call_id="a1b2"), now)

    said = standardwebhooks.Webhook(known).verify(request.body, dict(request.headers))
    assert said == {"type": "call.hangup", "call_id": "a1b2", "reason": "credit"}
    assert asked is not None
    assert standardwebhooks.Webhook(known).verify(asked.body, dict(asked.headers))["type"] == "call.status"


def test_the_specifications_own_library_takes_no_request_by_another_secret() -> None:
    now = datetime.now(UTC)  # noqa: TID251 - see above
    request = NATIVE.hang_up(SIGNED, CallRef(call_id="a1b2"), CutReason.CREDIT, now)

    with pytest.raises(standardwebhooks.WebhookVerificationError):
        standardwebhooks.Webhook(OTHER).verify(request.body, dict(request.headers))


def test_one_good_signature_in_a_list_is_enough() -> None:
    signed = NativeDriver().sign(native_hook(**START), NEW)
    good = signed.headers["webhook-signature"]

    NATIVE.authenticate(with_headers(signed, webhook_signature=f"v1,AAAA  v2,x {good}"), SIGNED)
    with pytest.raises(BadSignature, match="does not match"):
        NATIVE.authenticate(with_headers(signed, webhook_signature="v1,AAAA  "), SIGNED)


@pytest.mark.parametrize("timestamp", ["", "now", "-1", "1e9", "1774960560.0", "१७७४९६०५६०", "1" * 13, " 1774960560"])
def test_a_timestamp_is_unix_seconds_in_digits(timestamp: str) -> None:
    """Signed as it is, so that nothing but its shape is at fault."""
    hook = native_hook(**START)
    signature = sign_standard(NEW, "msg_1", timestamp, hook.body).decode()
    signed = with_headers(hook, webhook_id="msg_1", webhook_timestamp=timestamp, webhook_signature=signature)

    with pytest.raises(BadSignature, match="unix seconds"):
        NATIVE.authenticate(signed, SIGNED)


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Basic s3cret-new", "s3cret-new", "Bearer s3cret-new x"])
def test_a_bearer_must_be_one(header: str) -> None:
    with pytest.raises(BadSignature):
        NATIVE.authenticate(with_headers(native_hook(**START), authorization=header), BearerDriver.connection)


def test_a_secret_that_is_no_base64_is_as_good_as_none() -> None:
    connection = replace(SIGNED, secrets=("whsec_no base64",))

    with pytest.raises(BadSignature, match="base64"):
        NATIVE.authenticate(NativeDriver().sign(native_hook(**START), NEW), connection)
    with pytest.raises(ProviderFailed, match=r"pbx.*base64"):
        NATIVE.hang_up(connection, CallRef(call_id="a1b2"), CutReason.LIMIT, NOW)


def test_without_a_control_url_nothing_is_asked() -> None:
    connection = replace(SIGNED, control_url=None)
    call = CallRef(call_id="a1b2")

    assert not NATIVE.can_cut(connection, call)
    assert NATIVE.ask_status(connection, call, NOW) is None
    assert "none: calls are limited by max_seconds only" in NATIVE.kit(connection, public_url=PUBLIC_URL)
    with pytest.raises(ProviderFailed, match="no secret or no control URL"):
        NATIVE.hang_up(connection, call, CutReason.LIMIT, NOW)
    with pytest.raises(ProviderFailed, match="no secret or no control URL"):
        NATIVE.hang_up(replace(SIGNED, secrets=()), call, CutReason.LIMIT, NOW)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("call_id", ""),
        ("call_id", "a" * 129),
        ("call_id", "a1b2\n"),
        ("seconds", -1),
        ("seconds", 604_801),
        ("seconds", 61.5),
        ("seconds", "61"),
    ],
)
def test_a_field_out_of_bounds_is_named(field: str, value: object) -> None:
    with pytest.raises(MalformedHook) as refusal:
        NATIVE.parse(native_hook(**{**END, field: value}), SIGNED)

    assert refusal.value.field == field


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("cost", ""),
        ("cost", "NaN"),
        ("cost", "Infinity"),
        ("cost", "1000000000.01"),
        ("cost", "0.0000000000001"),
        ("cost", "1e-400"),
        ("cost_currency", "usd"),
        ("cost_currency", "USD\n"),
        ("cause", "boredom"),
        ("ended_at", "2026-03-31T12:37:31"),
        ("ended_at", "0001-01-01T00:00:00+23:59"),
        ("answered_at", "9999-12-31T23:59:59-10:00"),
        ("answered_at", 1774960560),
    ],
)
def test_what_is_only_noted_is_left_out_of_an_end(field: str, value: object) -> None:
    event = NATIVE.parse(native_hook(**{**END, field: value}), SIGNED)

    assert isinstance(event, CallEnded)
    assert (event.seconds, event.cause, event.left_out) == (ENDED.seconds, ENDED.cause, (field,))


@pytest.mark.parametrize(
    ("field", "value"), [("callee", 5), ("line", "+1\x00"), ("parent_call_id", ""), ("callee", "sip:a%00@b")]
)
def test_a_start_that_an_end_repeats_is_whole_or_none(field: str, value: object) -> None:
    """A line that cannot be read must not become the caller's."""
    event = NATIVE.parse(native_hook(**{**START, **END, field: value}), SIGNED)

    assert event == ENDED


def test_what_is_left_out_twice_over_is_refused() -> None:
    with pytest.raises(MalformedHook):
        NATIVE.parse(native_hook(**{**START, "direction": "forward", "at": "noon"}), SIGNED)


def test_a_call_id_beyond_ascii_has_a_webhook_id_that_libraries_can_verify() -> None:
    request = NATIVE.hang_up(SIGNED, CallRef(call_id="Ünïcode ☎ id"), CutReason.LIMIT, NOW)

    assert request.headers["webhook-id"].isascii()
    assert " " not in request.headers["webhook-id"]
    NativeDriver().verify_control(request)


def test_what_is_ignored_is_answered_with_an_empty_object() -> None:
    reply = NATIVE.reply(Ignored(kind="call.transferred"), Acknowledged(), SIGNED, public_url=PUBLIC_URL)

    assert (reply.status, reply.body) == (200, b"{}")
