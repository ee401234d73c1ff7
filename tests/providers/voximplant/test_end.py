"""What the scenario reports of a call: which leg counts, how long, why it ended, what the provider asks for it."""

import json
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from gateway.domain.errors import MalformedHook
from gateway.domain.events import CallEnded, Cause
from gateway.providers.voximplant.adapter import Voximplant
from tests.providers.voximplant.driver import CALL, END, LEG_A, LEG_B, VoximplantDriver, sample_hook, vox_hook

VOX = Voximplant()
CONNECTION = VoximplantDriver.connection
SILENT = {"role": "B", "answered_ms": 0, "ended_ms": 1774960560000}


def end(**fields: object) -> CallEnded:
    event = VOX.parse(vox_hook(**{**END, **fields}), CONNECTION)
    assert isinstance(event, CallEnded)
    return event


def leg(**fields: object) -> list[dict[str, object]]:
    return [LEG_A, {**LEG_B, **fields}]


def test_an_inbound_call_is_counted_on_its_incoming_leg() -> None:
    """LOG-B: 104.858 s, which the platform calls 105; the internalCode 10 is no SIP code."""
    event = VOX.parse(sample_hook("end_inbound_log_b"), CONNECTION)

    assert isinstance(event, CallEnded)
    assert (event.cause, event.seconds, event.cost) == (Cause.NORMAL, 105, Decimal("0.545996"))
    assert event.answered_at == datetime(2026, 3, 11, 17, 28, 53, 142_000, tzinfo=UTC)
    assert event.start is not None
    assert event.start.line == "+79010000002"


@pytest.mark.parametrize(
    ("fields", "seconds"),
    [
        ({"duration": 95}, 95),
        ({"duration": 94}, 94),
        ({"duration": 97}, 97),
        ({"duration": 94.7}, 95),
        ({"duration": 98}, 95),
        ({"duration": 95_000}, 95),
        ({"duration": 0}, 95),
        ({"duration": None}, 95),
        ({"duration": 95, "ended_ms": 0}, 95),
        ({"duration": None, "ended_ms": 0}, 0),
        ({"duration": 0, "ended_ms": LEG_B["answered_ms"]}, 0),
        ({"duration": 0, "ended_ms": 1774960551301}, 1),
        ({"duration": 0, "ended_ms": 1774960551299}, 0),
        ({"duration": 29, "answered_ms": 0}, 0),
        ({"duration": None, "ended_ms": 4102444799000}, 604_800),
    ],
)
def test_seconds_run_from_answer_to_end(fields: dict[str, object], seconds: int) -> None:
    assert end(legs=leg(**fields)).seconds == seconds


def test_a_call_that_was_never_dialled_has_no_seconds_and_ends_with_its_caller() -> None:
    event = end(legs=[{**LEG_A, "answered_ms": 0}], ended_by="caller")

    assert (event.seconds, event.answered_at, event.cause) == (0, None, Cause.CANCELLED)
    assert event.ended_at == datetime(2026, 3, 31, 12, 37, 26, 20_000, tzinfo=UTC)


def test_an_end_without_legs_is_an_end() -> None:
    event = end(legs=[], ended_by="gateway")

    assert (event.seconds, event.ended_at, event.cost, event.cost_currency) == (0, None, None, None)
    assert event.cause is Cause.FAILED


@pytest.mark.parametrize(
    ("code", "cause"),
    [
        (486, Cause.BUSY),
        (487, Cause.CANCELLED),
        (408, Cause.NO_ANSWER),
        (480, Cause.NO_ANSWER),
        (603, Cause.REJECTED),
        (402, Cause.FAILED),
        (403, Cause.FAILED),
        (404, Cause.FAILED),
        (500, Cause.FAILED),
        (16, Cause.FAILED),
        (None, Cause.FAILED),
        (0, Cause.FAILED),
    ],
)
def test_why_a_call_was_not_answered(code: int | None, cause: Cause) -> None:
    assert end(legs=[{**LEG_A, "answered_ms": 0, "code": None}, {**SILENT, "code": code}]).cause is cause


@pytest.mark.parametrize("ended_by", ["limit", "credit", "operator"])
def test_a_call_that_we_cut_says_so(ended_by: str) -> None:
    assert end(ended_by=ended_by).cause is Cause.LIMIT
    assert end(ended_by=ended_by, legs=[SILENT]).cause is Cause.LIMIT


def test_who_ended_an_answered_call_does_not_matter() -> None:
    assert end(ended_by="caller").cause is Cause.NORMAL
    assert end(legs=leg(code=16)).cause is Cause.NORMAL


@pytest.mark.parametrize(
    ("name", "cause"),
    [
        ("end_busy", Cause.BUSY),
        ("end_rejected", Cause.REJECTED),
        ("end_caller_gone_during_authorization", Cause.CANCELLED),
    ],
)
def test_samples_of_calls_that_were_not_answered(name: str, cause: Cause) -> None:
    event = VOX.parse(sample_hook(name), CONNECTION)

    assert isinstance(event, CallEnded)
    assert (event.cause, event.seconds, event.answered_at) == (cause, 0, None)
    assert event.start is not None
    assert (event.start.call_id, event.start.control_url) == (CALL.call_id, None)


def cost_of(*texts: str) -> Decimal | None:
    """The cost as it is read from the JSON text itself."""
    legs = ",".join(f'{{"role":"B","cost":{text}}}' for text in texts)
    hook = vox_hook()
    body = f'{{"type":"call.end","call_id":"{CALL.call_id}","legs":[{legs}]}}'.encode()
    event = VOX.parse(type(hook)(**{name: getattr(hook, name) for name in hook.__slots__} | {"body": body}), CONNECTION)
    assert isinstance(event, CallEnded)
    return event.cost


@pytest.mark.parametrize(
    ("texts", "cost"),
    [
        (["0.545996"], "0.545996"),
        (["0.1", "0.2"], "0.3"),
        (["0.545996", "null"], "0.545996"),
        (["0.5459960000000001"], "0.545996"),
        (["5.45996e-7"], "5.45996E-7"),
        (["1e-999999999"], "0"),
        (['"0.0428"'], "0.0428"),
        (["0"], "0"),
    ],
)
def test_costs_are_exact_and_added_up(texts: list[str], cost: str) -> None:
    assert cost_of(*texts) == Decimal(cost)


@pytest.mark.parametrize(
    "text", ["1e999999999", "-0.01", "1e10", '"NaN"', '"sNaN"', '"-Infinity"', '"x"', "true", "[]"]
)
def test_a_cost_that_is_no_amount_is_left_out(text: str) -> None:
    assert cost_of(text) is None


def test_roubles_are_roubles() -> None:
    connection = type(CONNECTION)(name="vox", kind="voximplant", options={"currency": "RUR"})
    event = VOX.parse(vox_hook(**END), connection)

    assert isinstance(event, CallEnded)
    assert event.cost_currency == "RUB"


@pytest.mark.parametrize(
    "fields",
    [
        {"answered_ms": -1},
        {"answered_ms": 1},
        {"ended_ms": 5_000_000_000_000},
        {"ended_ms": 1.5},
        {"role": None},
    ],
)
def test_a_leg_that_cannot_be_is_malformed(fields: dict[str, object]) -> None:
    with pytest.raises(MalformedHook):
        end(legs=leg(**fields))


@pytest.mark.parametrize("fields", [{"duration": -1}, {"duration": 604_801}, {"code": "486"}, {"cost": ""}])
def test_what_is_only_noted_of_a_leg_is_left_out(fields: dict[str, object]) -> None:
    event = end(legs=leg(**fields))

    assert (event.seconds, event.left_out) == (95, tuple(fields))


def test_unknown_fields_are_nothing() -> None:
    assert end(legs=leg(price_group="All numbers", internal_code=10), more={"x": 1}).seconds == 95
    assert json.loads(vox_hook(**END).body)["legs"] == [LEG_A, LEG_B]
