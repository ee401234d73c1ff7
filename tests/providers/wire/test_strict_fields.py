"""Ids and amounts are taken as ASCII writes them: nothing unseen in an id, no digits of another script, no minus."""

import json
from decimal import Decimal

import msgspec
import pytest

from gateway.domain.errors import MalformedHook
from gateway.providers.wire.fields import CallId, PartyText, ShortText, UrlText, decode, read_amount, read_cost
from gateway.providers.wire.forms import Form

UNSEEN = ["\u00ad", "\u061c", "\u200b", "\u200e", "\u2028", "\u202e", "\u2066", "\u2060", "\ufeff", "\U000e0041"]
CONTROLS = ["\0", "\n", "\x7f", "\x80", "\x85", "\x9b"]


@pytest.mark.parametrize("type_", [CallId, ShortText, UrlText])
@pytest.mark.parametrize("character", [*UNSEEN, *CONTROLS])
def test_an_id_has_nothing_that_nobody_sees(type_: type[str], character: str) -> None:
    with pytest.raises(MalformedHook):
        decode(msgspec.json.Decoder(type_), json.dumps(f"a{character}b").encode())


@pytest.mark.parametrize("character", CONTROLS)
def test_a_party_has_no_control_characters(character: str) -> None:
    with pytest.raises(MalformedHook):
        decode(msgspec.json.Decoder(PartyText), json.dumps(f"a{character}b").encode())
    with pytest.raises(MalformedHook, match="control characters"):
        Form([("From", f"a{character}b")]).get("From")


@pytest.mark.parametrize("character", UNSEEN)
def test_a_party_may_be_copied_with_what_nobody_sees(character: str) -> None:
    party = f"{character}+442079460000"

    assert decode(msgspec.json.Decoder(PartyText), json.dumps(party).encode()) == party
    assert Form([("From", party)]).get("From") == party
    with pytest.raises(MalformedHook, match="nobody sees"):
        Form([("CallSid", party)]).require_id("CallSid")


def test_an_id_of_a_form_is_taken_as_it_is() -> None:
    assert Form([("CallSid", "CA1")]).require_id("CallSid") == "CA1"


@pytest.mark.parametrize(
    "written",
    [
        '"\u0661\u0662"',
        '"\\u0661"',
        '"1_000"',
        '" 1"',
        '"1 "',
        '""',
        '"NaN"',
        '"Infinity"',
        '"0x1"',
        '"1,5"',
        "true",
        "[]",
        "{}",
    ],
)
def test_an_amount_in_anything_but_digits_of_ascii_is_none(written: str) -> None:
    with pytest.raises(MalformedHook, match="`cost` is not an amount"):
        read_amount(msgspec.Raw(written.encode()), "cost")


@pytest.mark.parametrize(
    ("written", "amount"),
    [("0.02", "0.02"), ('"0.02"', "0.02"), ("1e-3", "0.001"), ('"+5"', "5"), ('".5"', "0.5"), ("-1", "-1")],
)
def test_an_amount_is_exact(written: str, amount: str) -> None:
    assert read_amount(msgspec.Raw(written.encode()), "cost") == Decimal(amount)


def test_nobody_is_paid_for_a_call() -> None:
    with pytest.raises(MalformedHook, match="`cost` is not a cost"):
        read_cost(msgspec.Raw(b"-0.01"))

    assert read_cost(msgspec.Raw(b"-0.01"), is_negated=True) == Decimal("0.01")
    assert read_cost(msgspec.Raw(b"null")) is None


def test_an_amount_that_is_no_text_is_none() -> None:
    with pytest.raises(MalformedHook, match="`cost` is not an amount"):
        read_amount(msgspec.Raw(b'"0.\xc1"'), "cost")
