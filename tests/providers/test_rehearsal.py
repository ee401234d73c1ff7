"""A rehearsal's hooks are taken by the adapters and by the providers' own libraries; its verdicts follow the reply."""

from dataclasses import replace
from urllib.parse import parse_qsl

import pytest
import standardwebhooks
from plivo.utils import validate_v3_signature
from twilio.request_validator import RequestValidator
from vonage_jwt.verify_jwt import verify_signature

from gateway.domain.connection import Connection
from gateway.domain.errors import InvalidInput, MalformedHook
from gateway.domain.events import CallAnswered, CallEnded, CallStarted, Cause, Direction, Event, Ignored
from gateway.providers import adapters, probes, scripts
from gateway.providers.base import Acknowledged, Connect, Hook, Outcome, Reject
from gateway.providers.rehearsal import CALLER, Rehearsal
from gateway.providers.telnyx.rehearsal import TelnyxProbe
from tests.providers.cases import NOW, PUBLIC_URL
from tests.support.connections import CONNECTIONS
from tests.support.http_samples import Headers

LINE, CALLEE, SHOWN = "+15550100001", "+442079460000", "+15550100009"
CONNECT = Connect(caller_id=SHOWN, max_seconds=2220)
SCRIPTED = [name for name, connection in CONNECTIONS.items() if connection.kind in scripts()]
# As each provider writes whom it dials.
DIALLED = {"asterisk": f"PJSIP/{CALLEE}@trunk", "freeswitch": f"sofia/gateway/trunk/{CALLEE[1:]}"}


def rehearsal(name: str, seconds: int = 61) -> Rehearsal:
    connection = CONNECTIONS[name]
    return Rehearsal(
        connection=connection,
        public_url=PUBLIC_URL,
        line=LINE,
        callee=CALLEE,
        seconds=seconds,
        token="0123456789ab",
        now=NOW,
    )


def taken(connection: Connection, hook: Hook) -> Event:
    """What the adapter makes of a hook that it takes for authentic."""
    adapter, hook = adapters()[connection.kind], replace(hook, headers=Headers(hook.headers))
    adapter.authenticate(hook, connection)
    return adapter.parse(hook, connection)


def replied(connection: Connection, event: Event, outcome: Outcome) -> bytes:
    return adapters()[connection.kind].reply(event, outcome, connection, public_url=PUBLIC_URL).body


def started(call: Rehearsal) -> CallStarted:
    event = taken(call.connection, scripts()[call.connection.kind].start(call))
    assert isinstance(event, CallStarted)
    return event


def test_every_kind_of_connection_has_a_script_or_a_probe() -> None:
    assert sorted([*scripts(), *probes()]) == sorted(adapters())
    assert {connection.kind for connection in CONNECTIONS.values()} == set(adapters())


@pytest.mark.parametrize("name", SCRIPTED)
def test_a_start_is_the_outbound_call_of_the_line(name: str) -> None:
    call = rehearsal(name)

    event = started(call)

    assert (event.direction, event.caller, event.callee, event.line) == (Direction.OUTBOUND, CALLER, CALLEE, LINE)
    assert event.call_id == scripts()[call.connection.kind].call_id(call)
    assert event.call_id.removeprefix("CON-").startswith(("test-", "7e57", "CA7e57", "7357"))


@pytest.mark.parametrize("name", SCRIPTED)
def test_a_connected_call_is_told_with_its_figures(name: str) -> None:
    call = rehearsal(name)

    verdict = scripts()[call.connection.kind].read(call, replied(call.connection, started(call), CONNECT))

    to = DIALLED.get(call.connection.kind, CALLEE)
    assert verdict.does == f"connects {to} with caller ID {SHOWN}, for at most 2220 s"
    assert (verdict.connects, verdict.caller_id, verdict.max_seconds) == (True, SHOWN, 2220)


@pytest.mark.parametrize("name", SCRIPTED)
def test_an_answered_call_ends_after_its_seconds(name: str) -> None:
    call = rehearsal(name)
    script, event = scripts()[call.connection.kind], started(call)
    reply = replied(call.connection, event, CONNECT)

    answer, end = (taken(call.connection, hook) for hook in (script.answer(call, reply), script.end(call, reply)))

    assert isinstance(answer, CallAnswered)
    assert isinstance(end, CallEnded)
    assert answer.call_id == end.call_id == event.call_id
    assert end.cause is Cause.NORMAL
    seconds = end.seconds
    if seconds is None:
        assert end.answered_at is not None
        assert end.ended_at is not None
        seconds = (end.ended_at - end.answered_at).seconds
    assert seconds == 61


@pytest.mark.parametrize("name", SCRIPTED)
def test_a_call_of_no_seconds_is_one_that_nobody_answered(name: str) -> None:
    call = rehearsal(name, seconds=0)
    event = started(call)
    reply = replied(call.connection, event, CONNECT)

    end = taken(call.connection, scripts()[call.connection.kind].end(call, reply))

    assert isinstance(end, CallEnded)
    assert (end.call_id, end.cause, end.seconds) == (event.call_id, Cause.NO_ANSWER, 0)


REFUSED = {
    "asterisk": ("refuses as busy (486)", "refuses with 403 (cause 21)"),
    "freeswitch": ("refuses as busy (486)", "refuses with 402 (Payment Required)"),
    "jambonz": ("refuses as busy (486)", "refuses with 402 (Payment Required)"),
    "kamailio": ("refuses as busy (486)", "refuses with 402 (no_money)"),
    "native": ("refuses as busy (486)", "refuses with 402 (no_money)"),
    "plivo": ("refuses as busy (486)", "refuses as rejected, by a code of its own"),
    "signalwire": ("refuses as busy (486)", "refuses as rejected, by a code of its own"),
    "twilio": ("refuses as busy (486)", "refuses as rejected, by a code of its own"),
    "vonage": (
        "answers, says “The number you called is busy.” and hangs up",
        "answers, says “This call cannot be connected.” and hangs up",
    ),
    "voximplant": ("refuses as busy (486)", "refuses with 402 (no_money)"),
}


@pytest.mark.parametrize("name", SCRIPTED)
def test_a_refusal_is_told_as_the_provider_carries_it_out(name: str) -> None:
    call = rehearsal(name)
    script, event = scripts()[call.connection.kind], started(call)
    outcomes = Reject(sip_code=486, reason="number_suspended"), Reject(sip_code=402, reason="no_money")

    verdicts = [script.read(call, replied(call.connection, event, outcome)) for outcome in outcomes]

    assert tuple(verdict.does for verdict in verdicts) == REFUSED[call.connection.kind]
    assert not any(verdict.connects for verdict in verdicts)


def test_a_silent_refusal_of_vonage_is_told_as_one() -> None:
    call = rehearsal("vonage-1")
    silent = replace(call.connection, options={**call.connection.options, "refusal": "silent"})

    reply = replied(silent, started(call), Reject(sip_code=486, reason="number_suspended"))

    assert scripts()["vonage"].read(call, reply).does == "answers and hangs up without a word"


@pytest.mark.parametrize("name", SCRIPTED)
def test_a_reply_that_is_none_of_the_gateways_is_refused(name: str) -> None:
    call = rehearsal(name)
    script = scripts()[call.connection.kind]

    for reply in (b"", b"<html>", b"<Response/>", b"[]", b"{}"):
        try:
            verdict = script.read(call, reply)
        except MalformedHook:
            continue
        assert not verdict.connects


# What independent code says of the signatures.


def hooks_of(name: str) -> list[Hook]:
    call = rehearsal(name)
    script = scripts()[call.connection.kind]
    reply = replied(call.connection, started(call), CONNECT)
    return [script.start(call), script.answer(call, reply), script.end(call, reply)]


def test_twilios_own_validator_takes_the_hooks() -> None:
    validator = RequestValidator(CONNECTIONS["twilio-1"].secrets[0])

    for hook in hooks_of("twilio-1"):
        fields = dict(parse_qsl(hook.body.decode(), keep_blank_values=True))
        assert validator.validate(hook.url, fields, hook.headers["X-Twilio-Signature"])


def test_plivos_own_validator_takes_the_hooks() -> None:
    for hook in hooks_of("plivo-1"):
        fields = dict(parse_qsl(hook.body.decode(), keep_blank_values=True))
        signature, nonce = hook.headers["X-Plivo-Signature-V3"], hook.headers["X-Plivo-Signature-V3-Nonce"]
        token = CONNECTIONS["plivo-1"].secrets[0]
        assert validate_v3_signature("POST", hook.url, nonce, token, signature, fields)


def test_vonages_own_validator_takes_the_hooks() -> None:
    for hook in hooks_of("vonage-1"):
        token = hook.headers["Authorization"].removeprefix("Bearer ")
        assert verify_signature(token, CONNECTIONS["vonage-1"].secrets[0])


def test_the_standard_webhooks_library_takes_the_signature_of_a_native_hook() -> None:
    webhook = standardwebhooks.Webhook(CONNECTIONS["native-1"].secrets[0])

    for hook in hooks_of("native-1"):
        headers = {name.lower(): value for name, value in hook.headers.items()}
        signed = webhook.sign(headers["webhook-id"], NOW, hook.body.decode())
        assert headers["webhook-signature"] == signed


# Kinds that cannot be rehearsed.


def test_bitrix24s_probe_is_taken_and_ignored() -> None:
    connection = CONNECTIONS["bitrix24-1"]

    event = taken(connection, probes()["bitrix24"].hook(connection, public_url=PUBLIC_URL, now=NOW))

    assert isinstance(event, Ignored)
    reply = adapters()["bitrix24"].reply(event, Acknowledged(), connection, public_url=PUBLIC_URL)
    assert reply.status == probes()["bitrix24"].status


def test_a_secret_that_is_no_public_key_of_telnyx_is_named() -> None:
    connection = replace(CONNECTIONS["telnyx-1"], secrets=(*CONNECTIONS["telnyx-1"].secrets, "not a key"))

    assert "as they must be" in TelnyxProbe().check(CONNECTIONS["telnyx-1"])
    with pytest.raises(InvalidInput, match="secret 2 of connection telnyx-1 is no public key of Ed25519"):
        TelnyxProbe().check(connection)
