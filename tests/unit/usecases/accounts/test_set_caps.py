"""How caps are changed: what is named changes, and a mistake changes nothing."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from gateway.domain.accounts.caps import Cap, Caps
from gateway.domain.accounts.caps_change import BLOCKED_MAX, CapsChange, changed_caps, only_tightens
from gateway.domain.errors import InvalidInput

BEFORE = Caps(live_calls=3, spend_a_day=Decimal(5), blocked_prefixes=("+4479",), blocked_callers=("anonymous",))
PREFIXES, CALLERS = Cap.BLOCKED_PREFIXES, Cap.BLOCKED_CALLERS


@pytest.mark.parametrize(
    ("change", "after"),
    [
        (CapsChange(limits={Cap.LIVE_CALLS: "0"}), {"live_calls": 0}),
        (CapsChange(limits={Cap.STARTS_A_MINUTE: "1000000"}), {"starts_a_minute": 1_000_000}),
        (CapsChange(limits={Cap.SPEND_A_DAY: "12.5"}), {"spend_a_day": Decimal("12.5")}),
        (CapsChange(limits={Cap.DEAREST_RATE: "0.05"}), {"dearest_rate": Decimal("0.05")}),
        (CapsChange(block={PREFIXES: ["+1900", "881", "+4479"]}), {"blocked_prefixes": ("+4479", "+1900", "+881")}),
        (CapsChange(unblock={PREFIXES: ["4479"]}), {"blocked_prefixes": ()}),
        (CapsChange(block={CALLERS: ["+4420", "1001"]}), {"blocked_callers": ("anonymous", "+4420", "1001")}),
        (
            CapsChange(block={CALLERS: ["+4420"]}, unblock={CALLERS: ["anonymous"]}),
            {"blocked_callers": ("+4420",)},
        ),
        (CapsChange(removed=[Cap.LIVE_CALLS, PREFIXES]), {"live_calls": None, "blocked_prefixes": ()}),
        (CapsChange(instead={PREFIXES: ["+1900"]}), {"blocked_prefixes": ("+1900",)}),
        (CapsChange(instead={CALLERS: []}), {"blocked_callers": ()}),
    ],
)
def test_r17_only_the_caps_that_are_named_change(change: CapsChange, after: dict[str, object]) -> None:
    told = changed_caps(BEFORE, change)

    assert told == Caps(
        **{name: after.get(name, getattr(BEFORE, name)) for name in Caps.__dataclass_fields__},
    )


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (CapsChange(), "nothing to change"),
        (CapsChange(limits={Cap.LIVE_CALLS: "-1"}), "live_calls: '-1' is not a whole number from 0 to 1000000"),
        (CapsChange(limits={Cap.STARTS_A_MINUTE: "1000001"}), "starts_a_minute: '1000001'"),
        (CapsChange(limits={Cap.LIVE_CALLS: "2.5"}), "live_calls: '2.5'"),
        (CapsChange(limits={Cap.SPEND_A_DAY: "-1"}), "spend_a_day: '-1' is negative"),
        (CapsChange(limits={Cap.DEAREST_RATE: "x"}), "dearest_rate: 'x' is not an amount"),
        (CapsChange(block={PREFIXES: ["+0"]}), r"blocked_prefixes: '\+0' is not a plus and 1 to 15 digits"),
        (CapsChange(block={PREFIXES: ["+1234567890123456"]}), "blocked_prefixes: "),
        (CapsChange(block={PREFIXES: [""]}), "blocked_prefixes: '' is not"),
        (CapsChange(block={CALLERS: [""]}), "blocked_callers: '' is not"),
        (CapsChange(block={CALLERS: ["+"]}), r"blocked_callers: '\+' is not"),
        (CapsChange(block={CALLERS: ["a\nb"]}), "blocked_callers: "),
        (CapsChange(block={CALLERS: ["x" * 129]}), "blocked_callers: "),
        (CapsChange(unblock={PREFIXES: ["+4478"]}), r"blocked_prefixes: '\+4478' is not blocked"),
        (CapsChange(instead={PREFIXES: ["+0"]}), r"blocked_prefixes: '\+0' is not"),
        (CapsChange(instead={PREFIXES: ["+1"]}, removed=[PREFIXES]), "blocked_prefixes: is to be set and removed"),
        (CapsChange(limits={Cap.LIVE_CALLS: "1"}, removed=[Cap.LIVE_CALLS]), "live_calls: is to be set and removed"),
        (CapsChange(block={CALLERS: [str(each) for each in range(BLOCKED_MAX)]}), "blocked_callers: more than 1000"),
    ],
)
def test_r17_what_cannot_be_is_refused_with_its_name(change: CapsChange, said: str) -> None:
    with pytest.raises(InvalidInput, match=f"^{said}"):
        changed_caps(BEFORE, change)


def test_r17_all_that_is_wrong_is_said_at_once() -> None:
    change = CapsChange(limits={Cap.LIVE_CALLS: "x", Cap.SPEND_A_DAY: "y"}, block={PREFIXES: ["z"]})

    with pytest.raises(InvalidInput) as caught:
        changed_caps(BEFORE, change)

    assert [each.partition(":")[0] for each in str(caught.value).splitlines()] == [
        "live_calls",
        "spend_a_day",
        "blocked_prefixes",
    ]


def test_r17_what_is_blocked_may_be_as_long_and_as_much_as_the_limits_say() -> None:
    longest, others = "x" * 128, [str(number) for number in range(998)]
    after = changed_caps(BEFORE, CapsChange(block={CALLERS: [longest, *others]}))

    assert after.blocked_callers == ("anonymous", longest, *others)
    assert len(after.blocked_callers) == BLOCKED_MAX


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"live_calls": 2},
        {"starts_a_minute": 1_000},
        {"spend_a_day": Decimal("4.99")},
        {"dearest_rate": Decimal(9)},
        {"blocked_prefixes": ("+1900", "+4479")},
        {"blocked_prefixes": ("+44",)},
        {"blocked_callers": ("anonymous", "+1")},
    ],
)
def test_r17_caps_are_tightened_by_less_and_by_blocking_more(change: dict[str, Any]) -> None:
    assert only_tightens(BEFORE, replace(BEFORE, **change))


@pytest.mark.parametrize(
    "change",
    [
        {"live_calls": 4},
        {"live_calls": None},
        {"starts_a_minute": 4, "live_calls": 9},
        {"spend_a_day": Decimal("5.01")},
        {"dearest_rate": None, "spend_a_day": None},
        {"blocked_prefixes": ()},
        {"blocked_prefixes": ("+44791",)},
        {"blocked_callers": ("anonymou",)},
    ],
)
def test_r17_caps_are_not_tightened_by_whatever_lets_more_pass(change: dict[str, Any]) -> None:
    assert not only_tightens(BEFORE, replace(BEFORE, **change))
    assert not only_tightens(Caps(starts_a_minute=1, dearest_rate=Decimal(1)), Caps(**change))
