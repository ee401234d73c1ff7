"""Voximplant's Management API about the account itself: its balance, its numbers, its payments.

Sources: the vendor's clients for Node.js 4.11 and Python 2.12, and the reference of GetAccountInfo, GetPhoneNumbers and
GetTransactionHistory. Errors come with HTTP 200.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TypeVar
from urllib.parse import urlencode

import msgspec

from gateway.domain.connection import Connection
from gateway.domain.errors import MalformedHook, ProviderFailed
from gateway.numbers.parties import read_number
from gateway.providers.account_book import AccountBalance, NumberPage, Payment
from gateway.providers.base import ProviderRequest, ProviderResponse
from gateway.providers.voximplant.api import API_URL, ERRORS, PLATFORM_TIME, platform_time, token
from gateway.providers.voximplant.end import account_currency
from gateway.providers.wire.fields import CurrencyCode, PartyText, check_cost, check_instant, decode

PAGE = 1000
# Money that somebody paid in. Not what the provider gives, takes back or moves between accounts: that is no top-up.
PAYMENTS = (
    "card_payment",
    "card_periodic_payment",
    "card_overrun_payment",
    "rub_card_payment",
    "rub_card_periodic_payment",
    "rub_card_overrun_payment",
    "wire_transfer",
    "us_wire_transfer",
    "robokassa_payment",
    "paypal_payment",
    "paypal_periodic_payment",
    "paypal_overrun_payment",
)
NONE_FOUND = 331
SERVICE_ACCOUNT = ("account_id", "key_id", "private_key")


class _Error(msgspec.Struct, frozen=True):
    code: int = 0


class _Info(msgspec.Struct, frozen=True):
    balance: Decimal
    currency: CurrencyCode
    frozen: bool | None = None


class _InfoReply(msgspec.Struct, frozen=True):
    result: _Info | None = None
    error: _Error | None = None


class _Number(msgspec.Struct, frozen=True):
    phone_number: PartyText | int


class _NumbersReply(msgspec.Struct, frozen=True):
    result: tuple[_Number, ...] | None = None
    error: _Error | None = None


class _Transaction(msgspec.Struct, frozen=True):
    transaction_id: int
    performed_at: str
    amount: Decimal
    currency: CurrencyCode
    transaction_type: str


class _TransactionsReply(msgspec.Struct, frozen=True):
    result: tuple[_Transaction, ...] | None = None
    error: _Error | None = None


_INFO = msgspec.json.Decoder(_InfoReply, strict=False)
_NUMBERS = msgspec.json.Decoder(_NumbersReply, strict=False)
_TRANSACTIONS = msgspec.json.Decoder(_TransactionsReply, strict=False)
R = TypeVar("R", _InfoReply, _NumbersReply, _TransactionsReply)


def can_ask(connection: Connection) -> bool:
    return all(connection.options.get(name) for name in SERVICE_ACCOUNT)


def ask_balance(connection: Connection, now: datetime) -> ProviderRequest:
    return _ask(connection, {"cmd": "GetAccountInfo", "return_live_balance": "true"}, now)


def read_balance(response: ProviderResponse) -> AccountBalance:
    info = _read("GetAccountInfo", _INFO, response).result
    if info is None or not info.balance.is_finite():
        raise ProviderFailed("GetAccountInfo told no balance")
    return AccountBalance(
        amount=info.balance, currency=account_currency(info.currency) or "", is_frozen=bool(info.frozen)
    )


def ask_numbers(connection: Connection, now: datetime, *, skip: int, only: str | None) -> ProviderRequest:
    form = {"cmd": "GetPhoneNumbers", "count": str(PAGE), "offset": str(skip)}
    if only is not None:
        form["phone_number"] = only.removeprefix("+")
    return _ask(connection, form, now)


def read_numbers(response: ProviderResponse) -> NumberPage:
    """A number whose subscription is frozen is on the list: it is lost when it is not there any more."""
    rows = _read("GetPhoneNumbers", _NUMBERS, response, nothing=NONE_FOUND).result or ()
    return NumberPage(names=[read_number(str(row.phone_number)) for row in rows], is_last=len(rows) < PAGE)


def ask_payments(connection: Connection, since: datetime, now: datetime) -> ProviderRequest:
    form = {
        "cmd": "GetTransactionHistory",
        "from_date": platform_time(since),
        "to_date": platform_time(now + timedelta(days=1)),
        "transaction_type": ";".join(PAYMENTS),
        "count": str(PAGE),
    }
    return _ask(connection, form, now)


def read_payments(response: ProviderResponse) -> list[Payment]:
    """Payments alone, whatever else the list holds."""
    rows = _read("GetTransactionHistory", _TRANSACTIONS, response, nothing=NONE_FOUND).result or ()
    try:
        return [_payment(row) for row in rows if row.transaction_type in PAYMENTS and row.amount > 0]
    except (MalformedHook, ValueError, ArithmeticError) as error:
        raise ProviderFailed(f"the reply of GetTransactionHistory cannot be read: {error}") from error


def _payment(row: _Transaction) -> Payment:
    check_cost(row.amount, "amount")
    paid_at = datetime.strptime(row.performed_at, PLATFORM_TIME).replace(tzinfo=UTC)
    check_instant(paid_at, "performed_at")
    currency = account_currency(row.currency) or ""
    return Payment(id=str(row.transaction_id), amount=row.amount, currency=currency, paid_at=paid_at)


def _ask(connection: Connection, form: Mapping[str, str], now: datetime) -> ProviderRequest:
    options = connection.options
    proof = token(options["account_id"], options["key_id"], options["private_key"], now)
    return ProviderRequest(
        method="POST",
        url=options.get("api_url", API_URL),
        headers={"Authorization": f"Bearer {proof}", "Content-Type": "application/x-www-form-urlencoded"},
        body=urlencode(form).encode(),
    )


def _read(
    method: str, decoder: msgspec.json.Decoder[R], response: ProviderResponse, *, nothing: int | None = None
) -> R:
    if response.status != 200:
        raise ProviderFailed(f"{method} was answered with {response.status}")
    try:
        reply = decode(decoder, response.body)
    except MalformedHook as error:
        raise ProviderFailed(f"the reply of {method} cannot be read: {error}") from error
    if reply.error is not None and reply.error.code != nothing:
        code = reply.error.code
        raise ProviderFailed(f"{method} failed with {code}: {ERRORS.get(code, 'see the Management API errors')}")
    if reply.error is None and reply.result is None:
        raise ProviderFailed(f"the reply of {method} has no result")
    return reply
