"""Asking Voximplant about our account with it: what is asked, and what the answers mean."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from urllib.parse import parse_qs

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from gateway.domain.errors import ProviderFailed
from gateway.providers.account_book import AccountBalance, AccountBook, NumberPage, Payment
from gateway.providers.base import ProviderRequest, ProviderResponse
from gateway.providers.voximplant.account import PAGE
from gateway.providers.voximplant.adapter import Voximplant
from tests.providers.cases import NOW
from tests.providers.voximplant.driver import VoximplantDriver

VOX = Voximplant()
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
PEM = KEY.private_bytes(
    serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
).decode()
CONNECTION = replace(VoximplantDriver.connection, options={"account_id": "1234567", "key_id": "k", "private_key": PEM})
PAID = {
    "transaction_id": 55,
    "performed_at": "2026-03-11 14:28:46",
    "amount": 20.5,
    "currency": "RUR",
    "transaction_type": "card_payment",
}


def result(rows: object) -> ProviderResponse:
    return ProviderResponse(status=200, body=json.dumps({"result": rows, "total_count": 1}).encode())


def form(request: ProviderRequest) -> dict[str, str]:
    assert (request.method, request.url) == ("POST", "https://api.voximplant.com/platform_api")
    assert request.headers["Authorization"].startswith("Bearer ey")
    return {name: values[0] for name, values in parse_qs(request.body.decode()).items()}


def test_it_can_be_asked_with_a_service_account():
    assert isinstance(VOX, AccountBook)
    assert VOX.can_ask(CONNECTION)
    assert not VOX.can_ask(VoximplantDriver.connection)


def test_the_balance():
    assert form(VOX.ask_balance(CONNECTION, NOW)) == {"cmd": "GetAccountInfo", "return_live_balance": "true"}
    assert VOX.read_balance(result({"balance": 0.42, "currency": "RUR", "frozen": True})) == AccountBalance(
        amount=Decimal("0.42"), currency="RUB", is_frozen=True
    )
    assert not VOX.read_balance(result({"balance": "-1", "currency": "USD", "api_key": "x"})).is_frozen


def test_the_numbers():
    assert form(VOX.ask_numbers(CONNECTION, NOW, skip=1000)) == {
        "cmd": "GetPhoneNumbers",
        "count": "1000",
        "offset": "1000",
    }
    assert form(VOX.ask_numbers(CONNECTION, NOW, only="+15550100001"))["phone_number"] == "15550100001"
    rows = [{"phone_number": "15550100001", "deactivated": True}, {"phone_number": 447700900123}]
    assert VOX.read_numbers(result(rows)) == NumberPage(names=["+15550100001", "+447700900123"], is_last=True)
    assert not VOX.read_numbers(result([{"phone_number": "15550100001"}] * PAGE)).is_last


def test_r29_no_number_found_is_an_answer():
    none = ProviderResponse(status=200, body=b'{"error":{"code":331,"msg":"none"}}')

    assert VOX.read_numbers(none) == NumberPage(names=[], is_last=True)


def test_r3_payments_are_those_that_somebody_made():
    asked = form(VOX.ask_payments(CONNECTION, NOW - timedelta(days=2), NOW))
    assert (asked["cmd"], asked["from_date"]) == ("GetTransactionHistory", "2026-03-29 12:36:00")
    assert "card_payment" in asked["transaction_type"].split(";")

    others = ({"transaction_type": "gift"}, {"amount": -1}, {"transaction_type": "resource_charge", "amount": -0.01})
    assert VOX.read_payments(result([PAID, *({**PAID, **other} for other in others)])) == [
        Payment(id="55", amount=Decimal("20.5"), currency="RUB", paid_at=datetime(2026, 3, 11, 14, 28, 46, tzinfo=UTC))
    ]


@pytest.mark.parametrize(
    "changed",
    [{"performed_at": "yesterday"}, {"performed_at": "0001-01-01 00:00:00"}, {"amount": "NaN"}, {"amount": "1e99"}],
)
def test_a_payment_that_cannot_be_read_is_asked_for_again(changed):
    with pytest.raises(ProviderFailed):
        VOX.read_payments(result([{**PAID, **changed}]))


@pytest.mark.parametrize(
    "reply",
    [
        *(ProviderResponse(status=status, body=b"") for status in (204, 302, 403, 429, 500)),
        ProviderResponse(status=200, body=b"<html>"),
        ProviderResponse(status=200, body=b"{}"),
        ProviderResponse(status=200, body=b'{"result":null}'),
        ProviderResponse(status=200, body=b'{"error":{"code":100,"msg":"x"}}'),
        ProviderResponse(status=200, body=b'{"error":{"code":340}}'),
    ],
)
def test_anything_else_is_asked_again(reply):
    for read in (VOX.read_balance, VOX.read_numbers, VOX.read_payments):
        with pytest.raises(ProviderFailed):
            read(reply)


@pytest.mark.parametrize("balance", ["NaN", "Infinity"])
def test_a_balance_that_is_no_number_is_asked_again(balance):
    with pytest.raises(ProviderFailed):
        VOX.read_balance(result({"balance": balance, "currency": "USD"}))
