"""Asking Voximplant's Management API what became of a call."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from urllib.parse import parse_qs

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from gateway.domain.errors import ProviderFailed
from gateway.domain.events import CallEnded, Cause
from gateway.providers.base import CallRef, CallStatus, ProviderRequest, ProviderResponse
from gateway.providers.voximplant.adapter import Voximplant
from tests.providers.cases import NOW
from tests.providers.voximplant.driver import CALL, VoximplantDriver, history, sample

VOX = Voximplant()
KEY_ID = "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee"
INBOUND = CallRef(call_id="3841557776-inbound")
FORWARD = CallRef(call_id="3841557776-forward")


@pytest.fixture(scope="module")
def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture
def options(key: rsa.RSAPrivateKey) -> dict[str, str]:
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return {"account_id": "1234567", "key_id": KEY_ID, "private_key": pem.decode()}


def ask(options: dict[str, str]) -> ProviderRequest | None:
    return VOX.ask_status(replace(VoximplantDriver.connection, options=options), CALL, NOW)


def ended(response: ProviderResponse, call: CallRef) -> CallEnded:
    status: CallStatus = VOX.read_status(response, call)
    assert isinstance(status, CallEnded)
    return status


def test_the_history_of_the_calls_session_is_asked_for(options: dict[str, str]) -> None:
    request = ask(options)

    assert request is not None
    assert (request.method, request.url) == ("POST", "https://api.voximplant.com/platform_api")
    assert request.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert parse_qs(request.body.decode()) == {
        "cmd": ["GetCallHistory"],
        "call_session_history_id": ["3841557776"],
        "from_date": ["2026-02-28 12:36:00"],
        "to_date": ["2026-04-01 12:36:00"],
        "with_calls": ["true"],
    }


def test_the_token_is_a_service_accounts(options: dict[str, str], key: rsa.RSAPrivateKey) -> None:
    request = ask(options)

    assert request is not None
    scheme, _, token = request.headers["Authorization"].partition(" ")
    claims = jwt.decode(
        token, key.public_key(), algorithms=["RS256"], options={"verify_exp": False, "verify_iat": False}
    )
    assert scheme == "Bearer"
    assert jwt.get_unverified_header(token) == {"alg": "RS256", "typ": "JWT", "kid": KEY_ID}
    assert claims == {"iss": "1234567", "iat": int(NOW.timestamp()) - 5, "exp": int(NOW.timestamp()) + 60}


def test_another_address_may_be_given(options: dict[str, str]) -> None:
    request = ask({**options, "api_url": "http://127.0.0.1:9090/api"})

    assert request is not None
    assert request.url == "http://127.0.0.1:9090/api"


@pytest.mark.parametrize("missing", ["account_id", "key_id", "private_key"])
def test_without_a_service_account_nothing_is_asked(options: dict[str, str], missing: str) -> None:
    assert ask({**options, missing: ""}) is None
    assert ask({name: value for name, value in options.items() if name != missing}) is None


@pytest.mark.parametrize("private_key", ["no key", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"])
def test_a_key_that_is_none_is_named(options: dict[str, str], private_key: str) -> None:
    with pytest.raises(ProviderFailed, match="private_key") as failure:
        ask({**options, "private_key": private_key})
    assert "AAAA" not in str(failure.value)


def test_a_key_of_another_kind_is_named(options: dict[str, str]) -> None:
    pem = ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )

    with pytest.raises(ProviderFailed, match="RSA"):
        ask({**options, "private_key": pem.decode()})


def test_a_public_key_signs_nothing(options: dict[str, str], key: rsa.RSAPrivateKey) -> None:
    pem = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)

    with pytest.raises(ProviderFailed, match="private_key"):
        ask({**options, "private_key": pem.decode()})


@pytest.mark.parametrize(("code", "words"), [(100, "key"), (340, "requests"), (455, "clocks"), (127, "errors")])
def test_errors_say_what_to_do(code: int, words: str) -> None:
    body = json.dumps({"error": {"code": code, "msg": "whatever"}}).encode()

    with pytest.raises(ProviderFailed, match=f"{code}: .*{words}"):
        VOX.read_status(ProviderResponse(status=200, body=body), CALL)


def test_a_missed_call_costs_nothing() -> None:
    response = ProviderResponse(status=200, body=sample("history_missed_inbound")[1])

    status = ended(response, INBOUND)

    assert (status.cause, status.seconds, status.cost) == (Cause.NO_ANSWER, 0, Decimal(0))
    assert status.ended_at == datetime(2026, 3, 11, 14, 29, 18, tzinfo=UTC)


def test_each_call_of_a_forwarding_has_its_own_leg() -> None:
    response = history(
        finish_reason="Normal termination",
        calls=[
            {"incoming": True, "successful": True, "duration": 40, "cost": 0.004, "remote_number_type": "pstn"},
            {"incoming": False, "successful": True, "duration": 29.2, "cost": 0.0428, "remote_number_type": "pstn"},
        ],
    )

    inbound, forward = ended(response, INBOUND), ended(response, FORWARD)

    assert (inbound.seconds, inbound.cost) == (40, Decimal("0.004"))
    assert (forward.seconds, forward.cost) == (30, Decimal("0.0428"))


def test_the_users_leg_belongs_to_the_incoming_call() -> None:
    calls = [
        {"incoming": True, "duration": 40, "cost": 0.004},
        {"incoming": False, "duration": 40, "cost": 0.002, "remote_number_type": "user"},
    ]

    assert ended(history(duration=41, calls=calls), INBOUND).cost == Decimal("0.006")


@pytest.mark.parametrize(
    ("leg", "cause", "seconds"),
    [
        ({"successful": False, "end_reason": {"code": 486, "details": "Busy"}}, Cause.BUSY, 0),
        ({"successful": False, "duration": 3, "end_reason": {"code": 603}}, Cause.REJECTED, 0),
        ({"successful": False, "end_reason": "Busy"}, Cause.FAILED, 0),
        ({"successful": False, "end_reason": {"code": "486"}}, Cause.FAILED, 0),
        ({"successful": False}, Cause.FAILED, 0),
        ({"duration": "95"}, Cause.NORMAL, 95),
        ({}, Cause.FAILED, 0),
    ],
)
def test_legs_that_lack_fields_are_read(leg: dict[str, object], cause: Cause, seconds: int) -> None:
    status = ended(history(finish_reason="Normal termination", calls=[{"incoming": False, **leg}]), CALL)

    assert (status.cause, status.seconds) == (cause, seconds)


@pytest.mark.parametrize("start_date", [None, "yesterday"])
def test_a_session_without_a_time_has_no_end_of_its_own(start_date: str | None) -> None:
    assert ended(history(start_date=start_date, duration=9), CALL).ended_at is None
