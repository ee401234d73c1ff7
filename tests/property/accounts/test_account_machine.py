"""Whole accounts over simulated years on a real database, against the naive model of `account_model`.

Rents fall due while the gateway runs or is down, calls hold money meanwhile, administrators rent, give up and pay,
prices change, processes die at any of their statements. After every step the tables are what the model says.
"""

import asyncio
import itertools
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import asyncpg
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from gateway.context import Context
from gateway.domain.connection import Connection
from gateway.domain.errors import Conflict, NoMoney, NotFound
from gateway.domain.events import CallAnswered, CallEnded, CallStarted, Cause, Direction
from gateway.metrics import Metrics
from gateway.postgres.errors import is_retryable
from gateway.postgres.pool import open_pool
from gateway.postgres.types import PgConnection, Pool
from gateway.providers.base import ProviderRequest, ProviderResponse
from gateway.providers.registry import adapters
from gateway.settings import Settings
from gateway.spool.spool import Spool, open_spool
from gateway.usecases.accounts import move_money
from gateway.usecases.accounts.check_ledger import check_ledger
from gateway.usecases.accounts.warn_low_balance import warn_low_balances
from gateway.usecases.calls.book import CallBook
from gateway.usecases.calls.ends.reconcile import reconcile_calls
from gateway.usecases.lines import rent
from gateway.usecases.lines.run_due import run_due
from gateway.usecases.rates.import_deck import import_rates
from tests.property.accounts.account_calls import PER_MINUTE, SECOND, Prices
from tests.property.accounts.account_model import DAY, AccountModel, Refused, midnight
from tests.support import world
from tests.support.actors import CLERK
from tests.support.postgres import DatabaseServer
from tests.support.running import PATIENT, SECRET
from tests.support.world import FakeClock

D = Decimal
T = TypeVar("T")
PBX = Connection(name="pbx", kind="native", secrets=(SECRET,), control_url="http://127.0.0.1:9/control")
ADAPTERS = adapters()
CALLEE = "+442079460000"
HEADER = "kind,country,category,prefix,per_minute,connection_fee,first_interval_s,increment_s,valid_from,currency\n"
CATEGORIES = ("geographic", "mobile", "national", "connector")
# What a process may do at most at one go, before whoever waits for it stops the clock.
TURNS_MAX = 40
REFUSALS = {NoMoney: "no money", Conflict: "conflict", NotFound: "not found"}
# What a mail is about and what it says, as the model has it.
FIGURES = {
    "low_balance": ("balance", "minimum"),
    "line_suspended": ("due_on", "line", "rent", "reserved_until"),
    "line_restored": ("due_on", "line", "rent"),
    "disconnection_near": ("reserved_until", "days", "line"),
    "line_disconnected": ("why", "line"),
    "rent_due": ("due_on", "line", "rent"),
}

accounts = st.integers(0, 1)
names = st.integers(0, 4)
recent = st.integers(0, 5)
months = st.sampled_from([D(4), D(3), D(8), D("4.5"), D(0), D(49)])
amounts = st.sampled_from([D("0.01"), D(1), D(3), D(4), D(8), D(9), D(20), D(100)])
spans = st.sampled_from([SECOND, 61 * SECOND, 3599 * SECOND, DAY / 2, DAY, 3 * DAY, 10 * DAY, 14 * DAY]) | (
    st.sampled_from([28, 30, 31, 59, 62, 92, 181, 365]).map(lambda days: days * DAY)
)
moments = st.sampled_from([-SECOND, 0 * SECOND, SECOND, 40 * SECOND])
crashes = st.none() | st.tuples(st.integers(0, 12), st.sampled_from(["cancelled", "terminated", "reply lost"]))


class Saboteur:
    """Ends a process, or its connection, at one of the statements it sends."""

    def __init__(self) -> None:
        self.dsn = ""
        self.left = -1
        self.how = ""
        self.struck: str | None = None

    def arm(self, statements: int, how: str) -> None:
        self.left, self.how, self.struck = statements, how, None

    def disarm(self) -> str | None:
        """The statement at which it struck, if it did."""
        self.left = -1
        return self.struck

    async def send(self, conn: Any, run: Callable[..., Awaitable[Any]], *args: Any, **kwargs: Any) -> Any:
        self.left -= 1
        if self.left != -1:
            return await run(conn, *args, **kwargs)
        self.struck = args[0]
        if self.how == "cancelled":
            task = asyncio.current_task()
            assert task is not None
            task.cancel()
            await asyncio.sleep(0)
        if self.how == "terminated":
            await self._terminate(conn)
        result = await run(conn, *args, **kwargs)
        conn.terminate()
        raise asyncpg.ConnectionDoesNotExistError(f"connection was closed after {result!r}")

    async def _terminate(self, conn: Any) -> None:
        other = await asyncpg.connect(self.dsn)
        await other.execute("SELECT pg_terminate_backend($1, 5000)", conn.get_server_pid())
        await other.close()


@asynccontextmanager
async def sabotaged(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Saboteur]:
    """Every statement of every connection passes the saboteur."""
    saboteur = Saboteur()

    def passing(run: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        async def send(conn: Any, *args: Any, **kwargs: Any) -> Any:
            return await saboteur.send(conn, run, *args, **kwargs)

        return send

    for method in ("execute", "fetch", "fetchrow", "fetchval"):
        monkeypatch.setattr(asyncpg.Connection, method, passing(getattr(asyncpg.Connection, method)))
    yield saboteur
    monkeypatch.undo()


class Provider:
    """The control URL of `pbx`: every call that it is asked for has ended."""

    seconds = 0

    async def send(self, connection: str, _request: ProviderRequest) -> ProviderResponse:
        assert connection == PBX.name
        return ProviderResponse(status=200, body=json.dumps({"seconds": self.seconds}).encode())


class Process:
    """A gateway process: what of it lives in memory."""

    def __init__(self, pool: Pool, spool: Spool, clock: FakeClock, provider: Provider) -> None:
        settled = Settings(data=spool.directory, connections={PBX.name: PBX})
        metrics = Metrics()
        fake: Any = provider
        self.context = Context(
            settings=settled,
            clock=clock,
            pool=pool,
            adapters=ADAPTERS,
            provider_client=fake,
            metrics=metrics,
            spool=spool,
        )
        self.book = CallBook(
            pool=pool,
            clock=clock,
            limits=settled.limits,
            public_url=settled.public_url,
            connections=settled.connections,
            adapters=ADAPTERS,
            metrics=metrics,
            spool=spool,
            wait_max_s=PATIENT.decision_s,
        )
        self.tasks = [asyncio.create_task(lane) for lane in self.book.tasks()]

    async def kill(self) -> None:
        for lane in self.tasks:
            lane.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)

    async def tell(self, event: CallStarted | CallAnswered | CallEnded) -> bytes | None:
        """The reply to a start. What the process remembers is brought up to date, as by a worker."""
        async with self.context.pool.acquire() as conn:
            await self.book.refresh(conn, now=self.context.clock.now())
        if isinstance(event, CallStarted):
            return (await self.book.start(PBX, event)).reply
        await self.book.record(PBX.name, event)
        return None

    async def ask(self, use_case: Callable[..., Awaitable[object]], **asked: object) -> str:
        """`done`, or why not."""
        async with self.context.pool.acquire() as conn:
            try:
                await use_case(conn, actor=CLERK, now=self.context.clock.now(), **asked)
            except (NoMoney, Conflict, NotFound) as refused:
                return REFUSALS[type(refused)]
        return "done"

    async def run_due(self) -> None:
        while await run_due(self.context):
            pass


@dataclass
class World:
    """What all examples share; each has a database of its own."""

    runner: asyncio.Runner
    server: DatabaseServer
    spool: Spool
    saboteur: Saboteur

    def run(self, coroutine: Any) -> Any:
        return self.runner.run(coroutine)


class AccountMachine(RuleBasedStateMachine):
    world: World

    @initialize(
        began_on=st.dates(date(2023, 1, 1), date(2028, 12, 31))
        | st.sampled_from([date(2024, 1, 31), date(2026, 12, 31)]),
        second=st.integers(0, 86_399),
        zones=st.lists(
            st.sampled_from(["Europe/Berlin", "America/Havana", "Asia/Kolkata", "UTC"]), min_size=2, max_size=2
        ),
        credit_limit=st.sampled_from([D(0), D(5)]),
        balances=st.lists(st.sampled_from([D(200), D(28), D(9), D(2)]), min_size=2, max_size=2),
        gaps=st.lists(st.sampled_from([0, 1, 10]), min_size=5, max_size=5),
        mails_off=st.none() | st.sampled_from(sorted(FIGURES)),
    )
    def begin(
        self,
        *,
        began_on: date,
        second: int,
        zones: list[str],
        credit_limit: Decimal,
        balances: list[Decimal],
        gaps: list[int],
        mails_off: str | None,
    ) -> None:
        self.clock = FakeClock(datetime.combine(began_on, time(), UTC) + second * SECOND)
        self.provider = Provider()
        self.numbers = itertools.count(1)
        self.told: list[CallStarted | CallAnswered | CallEnded] = []
        self.replies: dict[str, bytes | None] = {}
        self.external_ids: list[tuple[int, str, Decimal]] = []
        self.is_kept = False
        self.mails_off = [mails_off, None]
        self.prices = Prices()
        self.models = [
            AccountModel(
                credit_limit=credit_limit, main_number="+15550100999", zone=ZoneInfo(zones[0]), prices=self.prices
            ),
            AccountModel(credit_limit=D(0), main_number=None, zone=ZoneInfo(zones[1]), prices=self.prices),
        ]
        self.world.run(self._begin())
        for account, balance in enumerate(balances):
            self.move(account, "adjustment", balance, None)
        for (account, index), days in zip(((0, 0), (1, 0), (0, 1), (0, 3), (1, 1)), gaps, strict=True):
            self.clock.at += days * DAY
            self.rent(account, index, None)

    # Time.

    @rule(span=spans)
    def the_gateway_is_down(self, span: timedelta) -> None:
        self.clock.at += span
        self.is_kept = False

    @rule(span=spans)
    def the_gateway_runs(self, span: timedelta) -> None:
        """What is due is done when it is due."""
        until = self.clock.at + span
        for _ in range(TURNS_MAX):
            self.clock.at = min([at for at in self._coming() if at < until], default=until)
            self.workers_turn(None)
        self.clock.at = until
        self.workers_turn(None)

    @rule(account=accounts, years=st.integers(1, 3), amount=st.sampled_from([D(30), D(1000)]))
    def years_go_by(self, account: int, years: int, amount: Decimal) -> None:
        """With money for some of it, or for all."""
        self.move(account, "top_up", amount, None)
        for _ in range(years * 4):
            self.the_gateway_runs(91 * DAY + 3600 * SECOND)

    @rule(offset=moments, turns=st.booleans())
    def the_next_thing_is_due(self, offset: timedelta, turns: bool) -> None:
        """Just before, at, or just after it."""
        self.clock.at = max(self.clock.at, min(self._coming(), default=self.clock.at) + offset)
        self.is_kept = False
        if turns:
            self.workers_turn(None)

    def workers_turn(self, crash: tuple[int, str] | None) -> None:
        self._do(lambda process: process.run_due(), crash)
        self._model_works()
        committed = self.world.run(self._warn(crash))
        if committed is not None:
            if committed:
                self._model_warns()
            # What a process had claimed that died waits for half a minute.
            self.clock.advance(31)
            self._do(lambda process: process.run_due(), None)
            self._model_works()
            assert self.world.run(self._warn(None)) is None
        self._model_warns()
        self.is_kept = True

    @rule(processes=st.integers(2, 4), crash=crashes)
    def many_processes_turn(self, processes: int, crash: tuple[int, str] | None) -> None:
        if crash is None:
            self.world.run(self._together(processes))
        self.workers_turn(crash)

    # Calls.

    @rule(account=accounts, which=recent, is_inbound=st.booleans(), crash=crashes)
    def start(self, account: int, which: int, is_inbound: bool, crash: tuple[int, str] | None) -> None:
        """By a line in any state, or by one that was never rented."""
        indexes = [int(line.name[-1]) for line in self.models[account].lines[::-1]]
        index = next(iter(indexes[which:]), 4)
        self._tell(self._start(f"{account}-{next(self.numbers)}", index, is_inbound), crash)

    @rule(account=accounts, index=st.sampled_from([0, 0, 1, 2, 4]), minutes=st.sampled_from([1, 3, 20, 59]))
    def a_whole_call(self, account: int, index: int, minutes: int) -> None:
        call_id = f"{account}-{next(self.numbers)}"
        self._tell(self._start(call_id, index, is_inbound=False), None)
        self._tell(CallAnswered(call_id=call_id), None)
        self.the_gateway_runs(minutes * 60 * SECOND)
        self._tell(CallEnded(call_id=call_id, cause=Cause.NORMAL), None)

    @rule(which=recent, crash=crashes)
    def answer(self, which: int, crash: tuple[int, str] | None) -> None:
        if self.told:
            self._tell(CallAnswered(call_id=self._recent(which)), crash)

    @rule(which=recent, seconds=st.none() | st.sampled_from([0, 1, 60, 61, 4000]), crash=crashes)
    def end(self, which: int, seconds: int | None, crash: tuple[int, str] | None) -> None:
        """Also of calls that have ended, with other figures."""
        if self.told:
            self._tell(CallEnded(call_id=self._recent(which), cause=Cause.NORMAL, seconds=seconds), crash)

    @rule(account=accounts, minutes=st.sampled_from([1, 3, 40]), rests=st.sampled_from([SECOND, 59 * SECOND, DAY]))
    def a_call_holds_the_money_for_a_rent(self, account: int, minutes: int, rests: timedelta) -> None:
        """What only held money is missing for is paid when the call is over."""
        line = self._next_due(account, is_number=True)
        if line is None:
            return
        self._until_due(account, line, missing=-PER_MINUTE)
        call_id = f"{account}-{next(self.numbers)}"
        self._tell(self._start(call_id, int(line.name[-1]), is_inbound=False), None)
        self._tell(CallAnswered(call_id=call_id), None)
        self.the_gateway_runs(minutes * 60 * SECOND)
        self._tell(CallEnded(call_id=call_id, cause=Cause.NORMAL), None)
        self.the_gateway_runs(rests)

    @rule(account=accounts, index=names, is_inbound=st.booleans(), seconds=st.sampled_from([0, 59, 600, 4000]))
    def an_end_before_its_start(self, account: int, index: int, is_inbound: bool, seconds: int) -> None:
        call_id = f"{account}-{next(self.numbers)}"
        self._tell(CallEnded(call_id=call_id, cause=Cause.NORMAL, seconds=seconds), None)
        self._tell(self._start(call_id, index, is_inbound), None)

    @rule(which=recent)
    def repeat(self, which: int) -> None:
        """The same webhook again."""
        if self.told:
            self._tell(self.told[-1 - which % len(self.told)], None)

    @rule(seconds=st.sampled_from([0, 60, 700]))
    def provider_is_asked(self, seconds: int) -> None:
        """For the status of calls that it should have told us of."""
        self.provider.seconds = seconds
        self._do(lambda process: reconcile_calls(process.context, process.book), None)
        for model in self.models:
            model.asked(seconds, self.clock.at)

    # Money.

    @rule(account=accounts, kind=st.sampled_from(["top_up", "top_up", "refund"]), amount=amounts, crash=crashes)
    def credit(self, account: int, kind: str, amount: Decimal, crash: tuple[int, str] | None) -> None:
        self.move(account, kind, amount, crash)

    @rule(account=accounts, amount=amounts, is_credit=st.booleans(), crash=crashes)
    def adjust(self, account: int, amount: Decimal, is_credit: bool, crash: tuple[int, str] | None) -> None:
        self.move(account, "adjustment", amount if is_credit else -amount, crash)

    @rule(
        account=accounts,
        missing=st.sampled_from([D("0.000001"), D(1), D(0)]),
        days=st.sampled_from([0, 1, 30, 46, 57, 59, 60, 61, 63]),
        is_down=st.booleans(),
    )
    def money_ends_at_the_due_date(self, account: int, missing: Decimal, days: int, is_down: bool) -> None:
        """And nothing is paid for some days."""
        line = self._next_due(account)
        if line is not None:
            self._until_due(account, line, missing=missing)
            (self.the_gateway_is_down if is_down else self.the_gateway_runs)(2 * 60 * SECOND + days * DAY)

    @rule(
        account=accounts,
        first=st.integers(0, 2),
        lines=st.integers(1, 2),
        more=st.sampled_from([D(0), D(0), D("-0.000001"), D(1)]),
        crash=crashes,
    )
    def owed_rents_are_paid(
        self, account: int, first: int, lines: int, more: Decimal, crash: tuple[int, str] | None
    ) -> None:
        """For one or two of them, to the last digit, or not quite, or with more."""
        model = self.models[account]
        owed = sorted(model.month(line, self.clock.at) for line in model.lines if line.state == "suspended")
        amount = sum(owed[first : first + lines], D(0)) - model.available + more
        if amount > 0:
            self.move(account, "top_up", amount, crash)

    @rule(
        account=accounts,
        days=st.sampled_from([35, 50]),
        paid=st.sampled_from(["one", "cheapest two", "all but a bit"]),
    )
    def all_are_overdue_and_some_are_paid(self, account: int, days: int, paid: str) -> None:
        """As the money is not enough for all, the order decides (R25)."""
        model = self.models[account]
        self.move(account, "refund", D(100), None)
        for index in (0, 1):
            self.the_gateway_runs(DAY)
            self.rent(account, index, None)
        if -D(1) != model.available:
            self.move(account, "adjustment", -D(1) - model.available, None)
        self.the_gateway_runs(days * DAY)
        owed = sorted(
            model.month(line, self.clock.at)
            for line in model.lines
            if line.state == "suspended" and line.ends_at is None
        )
        enough = {"one": owed[-1:], "cheapest two": owed[:2], "all but a bit": [*owed, -D("0.000001")]}[paid]
        if owed:
            self.move(account, "top_up", sum(enough, D(0)) - model.available, None)

    @rule(which=recent, times=st.integers(1, 3))
    def top_up_again(self, which: int, times: int) -> None:
        """By several processes at once."""
        if self.external_ids:
            account, external_id, amount = self.external_ids[-1 - which % len(self.external_ids)]
            self.models[account].credit("top_up", amount, f"top_up {external_id}", self.clock.at)
            self.world.run(self._top_up_again(times, account, external_id, amount))

    # Lines.

    @rule(account=accounts, index=names, crash=crashes)
    def rent(self, account: int, index: int, crash: tuple[int, str] | None) -> None:
        """A number, or the connector."""
        name, category = self._name(account, index), CATEGORIES[min(index, 3)]
        asked: dict[str, object] = {"account_id": self.account_ids[account], "name": name}
        use_case: Callable[..., Awaitable[object]] = rent.rent_connector
        if category != "connector":
            asked = {"account_id": self.account_ids[account], "number": name, "category": category}
            use_case = rent.rent_number
        self._ask(account, use_case, asked, lambda model, now: model.rent(name, category, now), crash)

    @rule(account=accounts, which=recent, way=st.sampled_from(["give up", "give up", "undo", "lose"]), crash=crashes)
    def change(self, account: int, which: int, way: str, crash: tuple[int, str] | None) -> None:
        """Give a line up, undo that, or hear from the provider that it is lost."""
        lines = self.models[account].lines
        name = lines[which % len(lines)].name if lines else self._name(account, which)
        self._change(account, name, way, crash)

    @rule(account=accounts, is_soon=st.sampled_from([True, True, False]), hours=st.sampled_from([1, 23, 24]))
    def given_up_and_undone(self, account: int, is_soon: bool, hours: int) -> None:
        """Also while its rent falls due."""
        line = self._next_due(account)
        if line is None:
            return
        if is_soon:
            self._until_due(account, line, missing=-D(1))
        self._change(account, line.name, "give up", None)
        self.the_gateway_runs(hours * 3600 * SECOND)
        self._change(account, line.name, "undo", None)

    @rule(
        days=st.integers(-40, 40), prices=st.lists(months, min_size=4, max_size=4), setup=st.sampled_from([D(0), D(1)])
    )
    def new_prices(self, days: int, prices: list[Decimal], setup: Decimal) -> None:
        """A deck that is valid from some day on."""
        since = (self.clock.at + days * DAY).date()
        self.world.run(self._import(since, prices, setup))
        at = max(datetime.combine(since, time(), UTC), self.clock.at)
        for category, month in zip(CATEGORIES, prices, strict=True):
            self.prices.put(category, at, month, setup)

    # What must be true after each of these.

    @invariant()
    def the_tables_are_what_the_model_says(self) -> None:
        for account, model in enumerate(self.models):
            found = self.world.run(self._read(self.account_ids[account]))
            assert found["money"] == (model.balance, model.held)
            assert found["entries"] == [(kind, amount) for kind, amount, _ in model.entries]
            assert found["lines"] == [_line(line) for line in model.lines]
            assert found["mails"] == sorted(map(_text, self._mails(account)))

    @invariant()
    def calls_are_what_the_models_say(self) -> None:
        calls = {call_id: call for model in self.models for call_id, call in model.calls.items()}
        rows = self.world.run(self._calls())
        assert {row["provider_call_id"] for row in rows} == set(calls)
        for row in rows:
            call = calls[row["provider_call_id"]]
            assert (row["state"], row["granted_s"]) == (call.state, call.granted_s)
            assert (row["hold"] or 0, row["charge"]) == (call.hold, call.charge)
            assert (row["record_code"], row["sip_code"]) == (call.record_code, call.sip_code)
            assert call.caller_id in {None, row["caller_id"]}
            assert row["entries"] == bool(call.charge)
            assert row["is_live"] == (call.state == "open")

    @invariant()
    def the_books_are_right(self) -> None:
        checked, late = self.world.run(self._check())
        assert checked.ok, checked.differences
        assert not (self.is_kept and late), late

    def teardown(self) -> None:
        if hasattr(self, "stack"):
            self.world.run(self._finish())

    # How it is done.

    def _next_due(self, account: int, *, is_number: bool = False) -> Any:
        """The line that is due next of those that work."""
        model = self.models[account]
        works = [line for line in model.lines if line.state == "active" and line.ends_at is None]
        works = [line for line in works if line.is_number or not is_number]
        return min(works, key=lambda line: (line.due, line.serial), default=None)

    def _until_due(self, account: int, line: Any, *, missing: Decimal) -> None:
        """A minute before a rent is due, so much of it is missing."""
        model = self.models[account]
        due_at = midnight(line.due, model.zone)
        self.the_gateway_runs(max(due_at - 60 * SECOND - self.clock.at, SECOND))
        amount = model.month(line, due_at) - missing - self.models[account].available
        if amount:
            self.move(account, "adjustment", amount, None)

    def _change(self, account: int, name: str, way: str, crash: tuple[int, str] | None) -> None:
        use_case, change = {
            "give up": (rent.give_up, AccountModel.give_up),
            "undo": (rent.undo_give_up, AccountModel.undo),
            "lose": (rent.report_lost, AccountModel.lose),
        }[way]
        self._ask(account, use_case, {"name": name}, lambda model, now: change(model, name, now), crash)

    def _coming(self) -> list[datetime]:
        """What is due next, by the models."""
        coming = [at for model in self.models for line in model.lines for at, *_ in model.due(line)]
        return [at for at in coming if at > self.clock.at]

    def _name(self, account: int, index: int) -> str:
        return f"office {account} {index}" if index >= 3 else f"+4930123{account}{index}"

    def _recent(self, which: int) -> str:
        call_ids = list(dict.fromkeys(event.call_id for event in self.told))
        return call_ids[-1 - which % len(call_ids)]

    def _start(self, call_id: str, index: int, is_inbound: bool) -> CallStarted:
        name = self._name(int(call_id[0]), index)
        return CallStarted(
            call_id=call_id,
            direction=Direction.INBOUND if is_inbound else Direction.OUTBOUND,
            caller=CALLEE if is_inbound else name,
            callee=name if is_inbound else CALLEE,
            line=name,
        )

    def _tell(self, event: CallStarted | CallAnswered | CallEnded, crash: tuple[int, str] | None) -> None:
        """Tell a process and the model of the same instant; the same start gets the same reply."""
        self.told.append(event)
        reply = self._do(lambda process: process.tell(event), crash)
        model = self.models[int(event.call_id[0])]
        if isinstance(event, CallStarted):
            model.start(event.call_id, event.line, is_inbound=event.direction is Direction.INBOUND, now=self.clock.at)
            assert reply == self.replies.setdefault(event.call_id, reply)
        elif isinstance(event, CallAnswered):
            model.answer(event.call_id, self.clock.at)
        else:
            model.end(event.call_id, event.seconds, self.clock.at)

    def move(self, account: int, kind: str, amount: Decimal, crash: tuple[int, str] | None) -> None:
        external_id = f"x{next(self.numbers)}"
        use_case = {"top_up": move_money.top_up, "refund": move_money.refund, "adjustment": move_money.adjust}[kind]
        asked = {"account_id": self.account_ids[account], "amount": amount, "external_id": external_id}
        self._ask(
            account, use_case, asked, lambda model, now: model.credit(kind, amount, f"{kind} {external_id}", now), crash
        )
        if crash is not None:
            # It may have died before it compared the balance with the minimum; a worker does that then.
            assert self.world.run(self._warn(None)) is None
            self._model_warns()
        if kind == "top_up":
            self.external_ids.append((account, external_id, amount))

    def _ask(
        self,
        account: int,
        use_case: Callable[..., Awaitable[object]],
        asked: dict[str, object],
        change: Callable[[AccountModel, datetime], None],
        crash: tuple[int, str] | None,
    ) -> None:
        """What was done before a crash may be refused the second time."""
        expected = "done"
        try:
            change(self.models[account], self.clock.at)
        except Refused as refused:
            expected = str(refused)
        outcome = self._do(lambda process: process.ask(use_case, **asked), crash)
        assert outcome == expected or (crash is not None and (outcome, expected) == ("conflict", "done"))

    def _do(self, work: Callable[[Process], Awaitable[T]], crash: tuple[int, str] | None) -> T:
        return self.world.run(self._done(work, crash))

    async def _done(self, work: Callable[[Process], Awaitable[T]], crash: tuple[int, str] | None) -> T:
        """Have a process do something; where it dies of it, another one does it again."""
        if crash is not None:
            task = asyncio.ensure_future(work(self.process))
            self.world.saboteur.arm(*crash)
            await asyncio.wait([task])
            if self.world.saboteur.disarm() is None:
                return task.result()
            await asyncio.gather(task, return_exceptions=True)
            await self._start_process()
        while True:
            try:
                return await work(self.process)
            except Exception as error:
                # The server may not have noticed yet that a connection is gone.
                if crash is None or not is_retryable(error):
                    raise

    async def _start_process(self) -> None:
        await self.process.kill()
        self.process = Process(self.pool, self.world.spool, self.clock, self.provider)

    async def _warn(self, crash: tuple[int, str] | None) -> bool | None:
        """None: done. If the process died of it, whether that was after it was done."""
        if crash is None:
            while await warn_low_balances(self.process.context):
                pass
            return None
        task = asyncio.ensure_future(self._warn(None))
        self.world.saboteur.arm(*crash)
        await asyncio.wait([task])
        struck = self.world.saboteur.disarm()
        if struck is None:
            return task.result()
        await asyncio.gather(task, return_exceptions=True)
        await self._start_process()
        return crash[1] == "reply lost" and struck.startswith("COMMIT")

    async def _together(self, processes: int) -> None:
        others = [Process(self.pool, self.world.spool, self.clock, self.provider) for _ in range(processes)]
        await asyncio.gather(*(each.run_due() for each in others))
        await asyncio.gather(*(each.kill() for each in others))

    async def _top_up_again(self, times: int, account: int, external_id: str, amount: Decimal) -> None:
        asked = {"account_id": self.account_ids[account], "amount": amount, "external_id": external_id}
        await asyncio.gather(*(self.process.ask(move_money.top_up, **asked) for _ in range(times)))

    def _model_works(self) -> None:
        for model in self.models:
            model.work(self.clock.at)

    def _model_warns(self) -> None:
        for model in self.models:
            model.warn(self.clock.at)

    def _mails(self, account: int) -> list[tuple[object, ...]]:
        """The model's mails but for those that are switched off."""
        return [mail for mail in self.models[account].mails if mail[0] != self.mails_off[account]]

    async def _begin(self) -> None:
        self.stack = AsyncExitStack()
        self.world.saboteur.dsn = dsn = await self.stack.enter_async_context(self.world.server.database())
        self.pool = await open_pool(dsn, size=4, application_name="gateway-test", lock_timeout=PATIENT.lock)
        self.stack.callback(self.pool.terminate)
        self.process = Process(self.pool, self.world.spool, self.clock, self.provider)
        async with self.pool.acquire() as conn:
            self.account_ids = [
                await world.account(
                    conn, balance="0", main_number=model.main_number, credit_limit=str(model.credit_limit)
                )
                for model in self.models
            ]
            for account_id, model, off in zip(self.account_ids, self.models, self.mails_off, strict=True):
                await conn.execute(
                    "UPDATE account SET time_zone = $2, mails_off = $3 WHERE id = $1",
                    account_id,
                    model.zone.key,
                    [] if off is None else [off],
                )
            since = date(2020, 1, 1)
            await world.rate(conn, "44", str(PER_MINUTE), valid_from=datetime.combine(since, time(), UTC))
        prices = [D(4), D(3), D(8), D(9)]
        await self._import(since, prices, D(1))
        for category, month in zip(CATEGORIES, prices, strict=True):
            self.prices.put(category, datetime.combine(since, time(), UTC), month, D(1))

    async def _import(self, since: date, prices: list[Decimal], setup: Decimal) -> None:
        rows = [
            f"rent,{'' if category == 'connector' else 'DE'},{category},,{month},{setup},,,{since},USD\n"
            for category, month in zip(CATEGORIES, prices, strict=True)
        ]
        async with self.pool.acquire() as conn:
            await import_rates(
                conn, actor=CLERK, content=(HEADER + "".join(rows)).encode(), source="test", clock=self.clock
            )

    async def _read(self, account_id: int) -> dict[str, object]:
        async with self.pool.acquire() as conn:
            return {
                "money": await world.money(conn, account_id),
                "entries": [
                    (row["kind"], row["amount"])
                    for row in await conn.fetch(
                        "SELECT kind, amount::numeric AS amount FROM ledger_entry WHERE account_id = $1 ORDER BY id",
                        account_id,
                    )
                ],
                "lines": [
                    tuple(row)
                    for row in await conn.fetch(
                        """
                        SELECT name, kind, state, rent::numeric, anchor_day, due_on, reserved_until, ends_at,
                            disconnected_at
                        FROM line WHERE account_id = $1 ORDER BY id
                        """,
                        account_id,
                    )
                ],
                "mails": await _read_mails(conn, account_id),
            }

    async def _calls(self) -> list[Any]:
        async with self.pool.acquire() as conn:
            return await conn.fetch(
                """
                SELECT
                    provider_call_id, state, granted_s, charge::numeric AS charge, record_code, sip_code, caller_id,
                    live_call.hold::numeric AS hold, live_call.call_id IS NOT NULL AS is_live,
                    (SELECT count(*) FROM ledger_entry WHERE ledger_entry.call_id = call.id) AS entries
                FROM call
                LEFT JOIN live_call ON live_call.call_id = call.id
                """
            )

    async def _check(self) -> tuple[Any, list[str]]:
        async with self.pool.acquire() as conn:
            checked = await check_ledger(conn)
            late = await conn.fetch("SELECT name FROM line WHERE calendar_due_at <= $1", self.clock.at)
        return checked, [row["name"] for row in late]

    async def _finish(self) -> None:
        await self.process.kill()
        await self.stack.aclose()


def _line(line: Any) -> tuple[object, ...]:
    """A row of `line` by the model."""
    return (
        line.name,
        "number" if line.is_number else "connector",
        line.state,
        line.rent,
        line.anchor,
        line.due,
        line.reserved_until,
        line.ends_at,
        line.disconnected_at,
    )


async def _read_mails(conn: PgConnection, account_id: int) -> list[str]:
    """Mails as the model knows them."""
    serials = {
        str(row["id"]): serial
        for serial, row in enumerate(
            await conn.fetch("SELECT id FROM line WHERE account_id = $1 ORDER BY id", account_id)
        )
    }
    mails = []
    for row in await conn.fetch("SELECT kind, key, facts, created_at FROM mail WHERE account_id = $1", account_id):
        kind, facts = row["kind"], row["facts"]
        about = row["created_at"] if kind == "low_balance" else serials[row["key"].split(":")[1]]
        mails.append((kind, about, *(_figure(figure, facts[figure]) for figure in FIGURES[kind])))
    return sorted(map(_text, mails))


def _text(mail: tuple[object, ...]) -> str:
    parts = itertools.chain.from_iterable(each if isinstance(each, tuple) else (each,) for each in mail)
    return " ".join(f"{each:.6f}" if isinstance(each, Decimal) else str(each) for each in parts)


def _figure(name: str, value: Any) -> object:
    if value is None or name in {"line", "why", "days"}:
        return value
    if name == "due_on":
        return date.fromisoformat(value)
    return datetime.fromisoformat(value) if name == "reserved_until" else D(value)


@pytest.mark.timeout(900)  # half a minute when it passes, minutes to find the shortest way to a failure
def test_r2_r3_r8_r11_r12_r20_r21_r23_r24_r25_r26_r27_r28_r29_r30_r31_an_account_over_years(
    postgres: DatabaseServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each example on a database of its own."""
    ordinary = settings.default.max_examples
    examples = 8 if ordinary <= 50 else max(16, ordinary // 20)
    with asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
        stack = AsyncExitStack()
        try:
            spool = runner.run(stack.enter_async_context(open_spool(tmp_path)))
            saboteur = runner.run(stack.enter_async_context(sabotaged(monkeypatch)))
            AccountMachine.world = World(runner, postgres, spool, saboteur)
            run_state_machine_as_test(
                AccountMachine,
                settings=settings(
                    max_examples=examples, stateful_step_count=40, suppress_health_check=list(HealthCheck)
                ),
            )
        finally:
            runner.run(stack.aclose())
