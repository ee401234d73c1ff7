"""Each change has one row of the audit: who did what to which object, and what it was before and after."""

import inspect
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import asyncpg
import pytest

from gateway.domain.access.actor import command_line
from gateway.domain.accounts.caps import Cap
from gateway.domain.accounts.caps_change import CapsChange
from gateway.domain.accounts.large_sums import LargeSums
from gateway.domain.errors import Conflict, GatewayError, InvalidInput, NoMoney, NotFound
from gateway.usecases.accounts.block import block_account, unblock_account
from gateway.usecases.accounts.change import AccountChange, change_account
from gateway.usecases.accounts.close import ClosingMoney, close_account
from gateway.usecases.accounts.large_sums import approve_large_sum, move_or_wait, refuse_large_sum
from gateway.usecases.accounts.manage import create_account
from gateway.usecases.accounts.move_money import adjust, refund, top_up
from gateway.usecases.accounts.movements import correction, given_back, payment
from gateway.usecases.accounts.set_caps import set_caps
from gateway.usecases.calls.ends.close import close_call
from gateway.usecases.calls.shown.show import cut_call
from gateway.usecases.crm.manage import try_again
from gateway.usecases.lines.manage import add_connector, add_number, set_connector_country
from gateway.usecases.lines.move import move_number
from gateway.usecases.lines.rent import (
    add_rented,
    give_up,
    rent_connector,
    rent_number,
    report_lost,
    undo_give_up,
)
from gateway.usecases.mail.manage import change_settings, send_again
from gateway.usecases.rates.import_deck import import_rates
from gateway.usecases.rates.set_rate import set_rate
from gateway.usecases.rates.undo_import import undo_import
from tests.integration.access.conftest import CALLED, GIVEN_UP, LOST, NUMBER, RENTED, Stage
from tests.support.actors import CLERK
from tests.support.world import NOON

D = Decimal
NEW = "+493023125109"
PRICE = {"kind": "outbound", "prefix": "33", "per_minute": "0.05", "valid_from": NOON.isoformat(), "currency": "USD"}
DECK = b"""kind,country,category,prefix,per_minute,connection_fee,first_interval_s,increment_s,valid_from,currency
outbound,,,44,0.0300,0,60,60,2026-01-01,USD
outbound,,,49,0.0400,0,60,60,2026-01-01,USD
"""
LATER = datetime(2026, 8, 1, tzinfo=UTC)
Act = Callable[[Stage], Awaitable[object]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What somebody does, after something else; of its row what matters. `of` is whose it is, None: of no account."""

    act: Act
    first: Act | None = None
    action: str
    object: str
    of: str | None = "account"
    before: dict[str, Any] | None = None
    after: dict[str, Any] | None = None
    note: str | None = None


def of(use_case: Callable[..., Awaitable[object]], **arguments: Any) -> Act:
    """A use case of the clerk's, with `account_id` of the stage's account where it takes one."""
    takes = inspect.signature(use_case).parameters

    def act(stage: Stage) -> Awaitable[object]:
        given = {"actor": CLERK, "account_id": stage.account, "now": NOON, "clock": stage.clock, **arguments}
        return use_case(stage.conn, **{name: value for name, value in given.items() if name in takes})

    return act


async def undo_newest(stage: Stage) -> object:
    version = await stage.conn.fetchval("SELECT max(id) FROM rate_version")
    return await undo_import(stage.conn, actor=CLERK, version=version, clock=stage.clock)


def decide(use_case: Callable[..., Awaitable[object]]) -> Act:
    """On the sum that waits."""

    async def act(stage: Stage) -> object:
        large_sum_id = await stage.conn.fetchval("SELECT max(id) FROM large_sum")
        return await use_case(stage.conn, actor=CLERK, large_sum_id=large_sum_id, now=NOON)

    return act


SMALLER = CapsChange(limits={Cap.LIVE_CALLS: "5"})
NONE, LARGE = LargeSums(), LargeSums(elsewhere=D(100))
ASK = of(
    move_or_wait,
    actor=command_line("somebody else"),
    movement=payment(amount=D(500), external_id="p1"),
    large=LARGE,
)
BLOCK = of(block_account, reason="unpaid")
GIVE_UP = of(give_up, name=GIVEN_UP)
IMPORT = of(import_rates, content=DECK, source="deck.csv")

WRITTEN = {
    "create_account": Written(
        act=of(create_account, name="New", currency="EUR", email="n@b.example"),
        action="accounts.open",
        object="account:{new}",
        of="new",
        after={"name": "New", "currency": "EUR", "balance": "0.000000", "state": "open"},
    ),
    "change_account, what is its own": Written(
        act=of(change_account, change=AccountChange(email="other@b.example")),
        action="accounts.change",
        object="account:{account}",
        before={"email": "a@b.example"},
        after={"email": "other@b.example", "name": "Acme"},
    ),
    "change_account, what was agreed": Written(
        act=of(change_account, change=AccountChange(email="other@b.example", credit_limit=D(5))),
        action="accounts.change_terms",
        object="account:{account}",
        before={"credit_limit": "0.000000"},
        after={"credit_limit": "5.000000", "email": "other@b.example"},
    ),
    "block_account": Written(
        act=BLOCK,
        action="accounts.block",
        object="account:{account}",
        before={"state": "open", "blocked_reason": None},
        after={"state": "blocked", "blocked_reason": "unpaid"},
        note="unpaid",
    ),
    "block_account again": Written(
        first=BLOCK,
        act=of(block_account, reason="fraud", cut=True),
        action="accounts.block",
        object="account:{account}",
        before={"state": "blocked", "blocked_reason": "unpaid"},
        after={"state": "blocked", "blocked_reason": "fraud"},
        note="fraud; 1 calls are ended",
    ),
    "unblock_account": Written(
        first=BLOCK,
        act=of(unblock_account),
        action="accounts.unblock",
        object="account:{account}",
        before={"state": "blocked"},
        after={"state": "open", "blocked_reason": None},
    ),
    "close_account": Written(
        act=lambda stage: close_account(
            stage.conn, actor=CLERK, account_id=stage.other, money=ClosingMoney.KEEP, now=NOON
        ),
        action="accounts.close",
        object="account:{other}",
        of="other",
        before={"state": "open", "closed_at": None},
        after={"state": "closed", "closed_at": "2026-03-11T12:00:00Z"},
    ),
    "move_or_wait, paid in": Written(
        act=of(move_or_wait, movement=payment(amount=D(5), external_id="p1"), large=NONE),
        action="money.top_up",
        object="account:{account}",
        before={"balance": "9.973000"},
        after={"kind": "top_up", "amount": "5.000000", "balance_after": "14.973000", "external_id": "p1"},
    ),
    "move_or_wait, given back": Written(
        act=lambda stage: move_or_wait(
            stage.conn,
            actor=CLERK,
            account_id=stage.account,
            movement=given_back(amount=D("0.01"), note="noise", call_id=stage.ended),
            large=NONE,
            now=NOON,
        ),
        action="money.refund",
        object="account:{account}",
        before={"balance": "9.973000"},
        after={"kind": "refund", "amount": "0.010000", "balance_after": "9.983000", "note": "noise"},
        note="noise",
    ),
    "move_or_wait, corrected": Written(
        act=of(move_or_wait, movement=correction(amount=D(-3), note="by hand"), large=NONE),
        action="money.adjust",
        object="account:{account}",
        before={"balance": "9.973000"},
        after={"kind": "adjustment", "amount": "-3.000000", "balance_after": "6.973000"},
        note="by hand",
    ),
    "move_or_wait, large": Written(
        act=of(move_or_wait, movement=payment(amount=D(500), external_id="p1"), large=LARGE),
        action="money.top_up",
        object="large_sum:{large_sum}",
        after={"state": "waiting", "amount": "500.000000", "asked_by": "cli:clerk", "entry_id": None},
    ),
    "approve_large_sum": Written(
        first=ASK,
        act=decide(approve_large_sum),
        action="money.approve",
        object="large_sum:{large_sum}",
        before={"state": "waiting", "decided_by": None},
        after={"state": "approved", "decided_by": "cli:clerk", "decided_at": "2026-03-11T12:00:00Z"},
    ),
    "refuse_large_sum": Written(
        first=ASK,
        act=decide(refuse_large_sum),
        action="money.approve",
        object="large_sum:{large_sum}",
        before={"state": "waiting", "decided_by": None},
        after={"state": "refused", "decided_by": "cli:clerk", "entry_id": None},
    ),
    "set_caps, smaller": Written(
        act=of(set_caps, change=SMALLER),
        action="caps.tighten",
        object="caps:{account}",
        before={"live_calls": None},
        after={"live_calls": 5},
    ),
    "set_caps, larger": Written(
        first=of(set_caps, change=SMALLER),
        act=of(set_caps, change=CapsChange(removed=[Cap.LIVE_CALLS])),
        action="caps.change",
        object="caps:{account}",
        before={"live_calls": 5},
        after={"live_calls": None},
    ),
    "add_number": Written(
        act=of(add_number, number=NEW),
        action="numbers.import",
        object=f"number:{NEW}",
        after={"name": NEW, "state": "active", "rent": None},
    ),
    "add_connector": Written(
        act=of(add_connector, name="second"),
        action="numbers.import",
        object="connector:second",
        after={"name": "second", "kind": "connector"},
    ),
    "add_rented": Written(
        act=of(add_rented, number=NEW, due_on=date(2026, 4, 1)),
        action="numbers.import",
        object=f"number:{NEW}",
        after={"rent": "4.000000", "due_on": "2026-04-01"},
    ),
    "set_connector_country": Written(
        act=of(set_connector_country, name="trunk", country="DE"),
        action="numbers.change",
        object="connector:trunk",
        before={"country": ""},
        after={"country": "DE"},
    ),
    "move_number": Written(
        act=lambda stage: move_number(stage.conn, actor=CLERK, name=RENTED, account_id=stage.other, now=NOON),
        action="numbers.change",
        object=f"number:{RENTED}",
        of=None,
        before={"state": "active", "due_on": "2026-04-01"},
        after={"state": "active", "due_on": "2026-04-01"},
    ),
    "rent_number": Written(
        act=of(rent_number, number=NEW),
        action="numbers.rent",
        object=f"number:{NEW}",
        after={"rent": "4.000000", "due_on": "2026-04-11"},
    ),
    "rent_connector": Written(
        act=of(rent_connector, name="second"),
        action="numbers.rent",
        object="connector:second",
        after={"rent": "5.000000", "due_on": "2026-04-11"},
    ),
    "give_up": Written(
        act=GIVE_UP,
        action="numbers.give_up",
        object=f"number:{GIVEN_UP}",
        before={"ends_at": None},
        after={"ends_at": "2026-03-12T12:00:00Z"},
    ),
    "undo_give_up": Written(
        first=GIVE_UP,
        act=of(undo_give_up, name=GIVEN_UP),
        action="numbers.give_up",
        object=f"number:{GIVEN_UP}",
        before={"ends_at": "2026-03-12T12:00:00Z"},
        after={"ends_at": None},
    ),
    "report_lost": Written(
        act=of(report_lost, name=LOST),
        action="numbers.change",
        object=f"number:{LOST}",
        before={"state": "active"},
        after={"state": "disconnected"},
    ),
    "import_rates": Written(
        act=IMPORT,
        action="rates.change",
        object="rates:{version}",
        of=None,
        after={"added": 1, "changed": 1, "removed": 0, "left_out": 0, "source": "deck.csv"},
    ),
    "set_rate": Written(
        act=of(set_rate, texts=PRICE, any_prefix=False),
        action="rates.change",
        object="rates:{version}",
        of=None,
        after={"added": 1, "changed": 0, "removed": 0, "source": "rates set"},
    ),
    "undo_import": Written(
        first=IMPORT,
        act=undo_newest,
        action="rates.change",
        object="rates:{version}",
        of=None,
        after={"added": 0, "changed": 1, "removed": 1},
    ),
    "send_again": Written(
        act=lambda stage: send_again(stage.conn, actor=CLERK, mail_id=stage.mail, now=NOON),
        action="mails.send",
        object="mail:{mail}",
        before={"state": "refused", "kind": "rent_due"},
        after={"state": "queued"},
    ),
    "change_settings": Written(
        act=of(change_settings, off=["rent_due"]),
        action="accounts.change",
        object="mails:{account}",
        before={"off": []},
        after={"off": ["rent_due"]},
    ),
    "cut_call": Written(
        act=of(cut_call, reference="pbx:up"),
        action="calls.cut",
        object="call:{call}",
        before={"state": "open", "cut_reason": None},
        after={"state": "open", "cut_reason": "operator"},
    ),
    "close_call": Written(
        act=of(close_call, reference="pbx:up", seconds=60, note="by the carrier's list", now=LATER),
        action="calls.close",
        object="call:{call}",
        before={"state": "open", "charge": None},
        after={"state": "ended", "charge": "0.027000", "reported_s": 60},
        note="by the carrier's list",
    ),
    "try_again": Written(
        act=of(try_again, reference="pbx:up"),
        action="crm.change",
        object="call:{call}",
        before={"b24": "given_up"},
        after={"b24": "queued"},
    ),
}


@pytest.mark.parametrize("name", WRITTEN)
async def test_a_change_is_written_down_once(stage: Stage, name: str) -> None:
    case = WRITTEN[name]
    if case.first is not None:
        await case.first(stage)
    before = await stage.written()

    await case.act(stage)

    [row] = (await stage.written())[: -len(before) or None]
    ids = await names(stage)
    assert (row.actor_kind, row.actor_id, row.action, row.note) == ("cli", "clerk", case.action, case.note)
    assert row.object == case.object.format(**ids)
    assert row.account_id == (None if case.of is None else ids[case.of])
    assert shown(row.before, case.before) == case.before
    assert shown(row.after, case.after) == case.after


async def names(stage: Stage) -> dict[str, int]:
    """The ids of what is there, and of what is new."""
    return {
        **{each: getattr(stage, each) for each in ("account", "other", "call", "mail")},
        "new": await stage.conn.fetchval("SELECT max(id) FROM account"),
        "large_sum": await stage.conn.fetchval("SELECT max(id) FROM large_sum"),
        "version": await stage.conn.fetchval("SELECT max(id) FROM rate_version"),
    }


def shown(value: dict[str, Any] | None, expected: dict[str, Any] | None) -> dict[str, Any] | None:
    """Of what was written the fields that are expected; all of it where nothing should be."""
    return value if value is None or expected is None else {name: value[name] for name in expected}


REFUSED: dict[str, tuple[Act, type[GatewayError]]] = {
    "create_account": (of(create_account, name="", currency="EUR", email="n@b.example"), InvalidInput),
    "change_account": (of(change_account, change=AccountChange(email="nobody")), InvalidInput),
    "block_account": (of(block_account, reason=" "), InvalidInput),
    "unblock_account": (of(unblock_account), Conflict),
    "close_account": (of(close_account, money=ClosingMoney.PAY_OUT), Conflict),
    "top_up": (of(top_up, amount=D(0), external_id="p1"), InvalidInput),
    "refund": (of(refund, amount=D(5), account_id=0), NotFound),
    "adjust": (of(adjust, amount=D(10) ** 15), InvalidInput),
    "approve_large_sum": (of(approve_large_sum, large_sum_id=7000), NotFound),
    "refuse_large_sum": (of(refuse_large_sum, large_sum_id=7000), NotFound),
    "set_caps": (of(set_caps, change=CapsChange(limits={Cap.LIVE_CALLS: "many"})), InvalidInput),
    "add_number": (of(add_number, number=NUMBER), Conflict),
    "add_connector": (of(add_connector, name="trunk"), Conflict),
    "add_rented": (of(add_rented, number=NEW, due_on=date(2020, 1, 1)), InvalidInput),
    "set_connector_country": (of(set_connector_country, name=NUMBER, country="DE"), NotFound),
    "move_number": (of(move_number, name=RENTED), Conflict),
    "rent_number": (of(rent_number, number=NEW, account_id=0), NotFound),
    "rent_connector": (of(rent_connector, name="trunk"), Conflict),
    "give_up": (of(give_up, name="+493023125199"), NotFound),
    "undo_give_up": (of(undo_give_up, name=RENTED), Conflict),
    "report_lost": (of(report_lost, name="+493023125199"), NotFound),
    "import_rates": (of(import_rates, content=b"kind\nfree\n", source="deck.csv"), InvalidInput),
    "set_rate": (of(set_rate, texts={**PRICE, "prefix": "?"}, any_prefix=False), InvalidInput),
    "undo_import": (of(undo_import, version=1), InvalidInput),
    "send_again": (of(send_again, mail_id=0), NotFound),
    "change_settings": (of(change_settings, off=["gossip"]), InvalidInput),
    "cut_call": (of(cut_call, reference="pbx:ended"), Conflict),
    "close_call": (of(close_call, reference="pbx:up", seconds=60, note="too early"), Conflict),
    "try_again": (of(try_again, reference="pbx:ended"), NotFound),
}


@pytest.mark.parametrize("name", REFUSED)
async def test_what_is_refused_is_not_written_down(stage: Stage, name: str) -> None:
    act, error = REFUSED[name]

    with pytest.raises(error):
        await act(stage)

    assert await stage.written() == []


async def test_a_number_that_is_too_dear_is_not_written_down(stage: Stage) -> None:
    with pytest.raises(NoMoney):
        await rent_number(stage.conn, actor=CLERK, account_id=stage.other, number=NEW, now=NOON)

    assert await stage.written() == []


NO_CHANGE = {
    "top_up": of(top_up, amount=D(5), external_id="p1"),
    "refund": of(refund, amount=D("0.01"), external_id="r1"),
    "adjust": of(adjust, amount=D(-3), external_id="a1"),
    "change_account": of(change_account, change=AccountChange(email="other@b.example")),
    "set_caps": of(set_caps, change=SMALLER),
    "set_connector_country": of(set_connector_country, name="trunk", country="DE"),
    "change_settings": of(change_settings, off=["rent_due"]),
}


@pytest.mark.parametrize("name", NO_CHANGE)
async def test_a_repeat_that_changes_nothing_is_not_written_down(stage: Stage, name: str) -> None:
    await NO_CHANGE[name](stage)

    await NO_CHANGE[name](stage)

    assert len(await stage.written()) == 1


async def test_settings_of_mails_that_are_only_looked_at_are_not_written_down(stage: Stage) -> None:
    await of(change_settings)(stage)

    assert await stage.written() == []


async def test_a_change_that_is_undone_was_never_made(stage: Stage) -> None:
    transaction = stage.conn.transaction()
    await transaction.start()
    await BLOCK(stage)
    written = len(await stage.written())

    await transaction.rollback()

    assert (written, await stage.written()) == (1, [])


@pytest.mark.parametrize("change", ["UPDATE audit SET note = 'x'", "DELETE FROM audit", "TRUNCATE audit"])
async def test_what_is_written_down_stays(stage: Stage, change: str) -> None:
    await BLOCK(stage)

    with pytest.raises(asyncpg.RestrictViolationError):
        async with stage.conn.transaction():
            await stage.conn.execute(change)

    assert len(await stage.written()) == 1


@pytest.mark.parametrize("name", ["cut_call", "close_call", "try_again", "send_again"])
async def test_who_called_whom_and_what_mails_say_is_not_written_down(stage: Stage, name: str) -> None:
    """A row of the audit stays for ever; telephone numbers may have to be forgotten."""
    await WRITTEN[name].act(stage)

    [row] = await stage.written()
    text = repr(row)
    assert not [each for each in (NUMBER, CALLED, CALLED[1:], "told") if each in text]
