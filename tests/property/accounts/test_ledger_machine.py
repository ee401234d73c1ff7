"""The ledger on a real database, through the real use cases, against the book in memory.

Providers say anything in any order, repeat themselves, and processes die. After every step money, holds and calls are
what the model says, to the last digit and the last microsecond.
"""

import asyncio
import contextlib
import itertools
import json
from collections import defaultdict
from collections.abc import Coroutine, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from gateway.context import Context
from gateway.domain.accounts.funds import Funds
from gateway.domain.accounts.paying_account import PayingAccount
from gateway.domain.calls.call import CallState, Limits
from gateway.domain.calls.decision import Decision
from gateway.domain.connection import Connection
from gateway.domain.errors import Conflict
from gateway.domain.events import CallAnswered, CallEnded, CallStarted, Cause, Direction
from gateway.domain.lines.line import Line, LineKind, LineState
from gateway.domain.rates.rate import Rate
from gateway.metrics import Metrics
from gateway.postgres.pool import open_pool
from gateway.postgres.types import Pool
from gateway.providers.base import CallStatus, Live, ProviderRequest, ProviderResponse, Unknown
from gateway.providers.registry import adapters
from gateway.settings import Settings
from gateway.spool.spool import Spool, open_spool
from gateway.usecases.accounts.check_ledger import check_ledger
from gateway.usecases.accounts.move_money import top_up
from gateway.usecases.calls.book import CallBook
from gateway.usecases.calls.cut import Cutter
from gateway.usecases.calls.ends.close import close_call
from gateway.usecases.calls.ends.reconcile import reconcile_calls
from gateway.usecases.calls.extend import extend_holds
from gateway.usecases.calls.shown.show import cut_call
from gateway.usecases.calls.starts.start_request import outcome_of
from tests.property.accounts.book_model import BookModel, Call, Key
from tests.support import world
from tests.support.actors import CLERK
from tests.support.postgres import DatabaseServer
from tests.support.running import PATIENT, SECRET
from tests.support.world import FakeClock

D = Decimal
T = TypeVar("T")
SECOND = timedelta(seconds=1)
LIMITS = Limits()
MAIN_NUMBER = "+15550100999"
PBX = Connection(name="pbx", kind="native", secrets=(SECRET,), control_url="http://127.0.0.1:9/control")
TRUNK = Connection(name="trunk", kind="native", secrets=(SECRET,))
CONNECTIONS = {each.name: each for each in (PBX, TRUNK)}
ADAPTERS = adapters()

# Rows of the deck: prefix, price per minute, fee, first interval, increment.
DECK = {
    "44": ("0.0270", "0", 60, 60),
    "49": ("0.1000", "0.05", 30, 7),
    "39": ("0", "0", 60, 60),
}
INBOUND = ("0.0600", "0", 60, 60)
CALLEES = {
    "44": "+442079460000",
    "49": "+4930123456",
    "39": "+390612345678",
    "81": "+81312345678",
    "bad": "+1",
    "112": "112",
}

# Calls that all rules may get hold of; those beyond are told of once, by the rule that starts them.
SLOTS = 6
slots = st.integers(0, SLOTS - 1)
balances = st.sampled_from([D(20), D(2), D(1), D("0.5"), D("0.2"), D("0.027"), D(0)])
spans = st.sampled_from([1, 20, 59, 60, 95, 271, 300, 1000, 3600, 3725, 90_000])


@dataclass(frozen=True, slots=True)
class Said:
    """An event as it was told, so that it can be told again."""

    connection: str
    event: CallStarted | CallAnswered | CallEnded


class World:
    """What all examples share: a database with a deck, a pool, an event loop of its own."""

    def __init__(self, runner: asyncio.Runner, pool: Pool, spool: Spool, rates: dict[str, Rate]) -> None:
        self.runner = runner
        self.pool = pool
        self.spool = spool
        self.rates = rates
        self.examples = itertools.count(1)

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(coroutine)

    def rate_of(self, call: CallStarted, line: Line | None) -> Rate | None:
        """The row of the deck, as the database is asked for it."""
        if line is None:
            return None
        if call.direction is Direction.INBOUND:
            return self.rates["inbound"] if line.category == "toll_free" else None
        return self.rates.get(call.callee[1:3])


class FakeProviderClient:
    """The control URL of `pbx`: takes every hang-up, and says what it is told to of a call's status."""

    def __init__(self) -> None:
        self.status: Any = None
        self.hung_up: list[tuple[str, str]] = []

    async def send(self, connection: str, request: ProviderRequest) -> ProviderResponse:
        assert connection == "pbx"
        body = json.loads(request.body)
        if body["type"] == "call.hangup":
            self.hung_up.append((body["call_id"], body["reason"]))
            return ProviderResponse(status=200, body=b"")
        return ProviderResponse(status=404 if self.status is None else 200, body=json.dumps(self.status).encode())


class Process:
    """A gateway process: what of it lives in memory."""

    def __init__(self, shared: World, clock: FakeClock, client: FakeProviderClient) -> None:
        settled = Settings(data=shared.spool.directory, connections=CONNECTIONS, limits=LIMITS)
        metrics = Metrics()
        fake: Any = client
        self.context = Context(
            settings=settled,
            clock=clock,
            pool=shared.pool,
            adapters=ADAPTERS,
            provider_client=fake,
            metrics=metrics,
            spool=shared.spool,
        )
        self.book = CallBook(
            pool=shared.pool,
            clock=clock,
            limits=LIMITS,
            public_url=settled.public_url,
            connections=CONNECTIONS,
            adapters=ADAPTERS,
            metrics=metrics,
            spool=shared.spool,
            wait_max_s=PATIENT.decision_s,
        )
        self.cutter = Cutter(self.context)
        self.tasks = [asyncio.create_task(lane) for lane in self.book.tasks()]

    async def read_rates(self) -> None:
        """As a worker does, once a call has shown in which currency they are needed."""
        if not self.book.without_database.known.currencies:
            async with self.context.pool.acquire() as conn:
                await self.book.refresh(conn, now=self.context.clock.now())

    async def kill(self) -> None:
        for lane in self.tasks:
            lane.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)

    async def tell(self, said: Said) -> object:
        """The reply's bytes for a start, else what came of it."""
        if isinstance(said.event, CallStarted):
            return (await self.book.start(CONNECTIONS[said.connection], said.event)).reply
        return await self.book.take(CONNECTIONS[said.connection], said.event)


class LedgerMachine(RuleBasedStateMachine):
    world: World

    @initialize(
        balances=st.lists(balances, min_size=3, max_size=3),
        credit_limit=st.sampled_from(["0", "0.3"]),
    )
    def begin(self, balances: list[Decimal], credit_limit: str) -> None:
        self.example = next(self.world.examples)
        self.clock = FakeClock()
        self.client = FakeProviderClient()
        self.said: defaultdict[int, list[Said]] = defaultdict(list)
        self.fresh = {is_cuttable: itertools.count(SLOTS + 2 * (not is_cuttable), 3) for is_cuttable in (True, False)}
        self.replies: dict[Said, bytes] = {}
        self.heard: dict[Key, datetime] = {}
        self.answered: dict[Key, datetime] = {}
        self.billed: dict[Key, int] = {}
        self.credible: defaultdict[Key, list[int]] = defaultdict(list)
        self.top_ups: dict[str, tuple[int, Decimal]] = {}
        self.process = self.world.run(self._begin(balances, credit_limit))

    # What providers say.

    @rule(
        slot=slots,
        line=st.sampled_from(["first", "suspended", "toll_free", "office", "nobody"]),
        direction=st.sampled_from(Direction),
        callee=st.sampled_from(sorted(CALLEES)),
        parent=slots,
    )
    def start(self, slot: int, line: str, direction: Direction, callee: str, parent: int) -> None:
        self._tell(slot, self._start(slot, line, direction, callee, parent))

    @rule(slot=slots, callee=st.sampled_from(["44", "49"]))
    def plain_start(self, slot: int, callee: str) -> None:
        self._tell(slot, self._start(slot, "first", Direction.OUTBOUND, callee, slot))

    @rule(parallel=st.lists(st.tuples(slots, st.sampled_from(["first", "first", "toll_free"])), min_size=2, max_size=5))
    def parallel_starts(self, parallel: list[tuple[int, str]]) -> None:
        """All in one instant, so in one batch; their parents are not among them."""
        directions = {"first": Direction.OUTBOUND, "toll_free": Direction.INBOUND}
        self._tell_together(
            [(slot, self._start(slot, line, directions[line], "44", slot)) for slot, line in parallel],
        )

    @rule(slot=slots, ago_s=st.none() | st.integers(-20, 100))
    def answer(self, slot: int, ago_s: int | None) -> None:
        self._tell(slot, self._answer(slot, ago_s))

    @rule(
        slot=slots,
        seconds=st.none() | st.sampled_from([0, 1, 59, 61, 300, 301, 3600]) | st.integers(0, 4000),
        told=st.tuples(
            st.sampled_from(["seconds", "instants", "neither"]),
            st.sampled_from([Cause.NORMAL, Cause.NORMAL, Cause.NO_ANSWER, Cause.FAILED]),
        ),
        line=st.none() | st.sampled_from(["first", "suspended", "toll_free", "office", "nobody"]),
        callee=st.sampled_from(sorted(CALLEES)),
    )
    def end(self, slot: int, seconds: int | None, told: tuple[str, Cause], line: str | None, callee: str) -> None:
        """With the fields of the start where a line is given."""
        figures, cause = told
        self._tell(slot, replace(self._end(slot, seconds, figures, line, callee), cause=cause))

    @rule(
        parallel=st.lists(st.tuples(slots, st.integers(0, 900)), min_size=2, max_size=5, unique_by=lambda each: each[0])
    )
    def parallel_ends(self, parallel: list[tuple[int, int]]) -> None:
        """Each preceded by its answer, in one batch."""
        told = []
        for slot, seconds in parallel:
            told += [(slot, self._answer(slot, seconds)), (slot, self._end(slot, seconds, "instants", None, "44"))]
        self._tell_together(told)

    @rule(slot=slots, which=st.integers(0, 20))
    def repeat(self, slot: int, which: int) -> None:
        if self.said[slot]:
            self._tell(slot, self.said[slot][which % len(self.said[slot])])

    @rule(slot=slots, which=st.integers(0, 20), turns=st.integers(0, 12))
    def crash_while_told(self, slot: int, which: int, turns: int) -> None:
        """The process dies at some instant of its work; the provider has no reply and repeats itself."""
        event = self._start(slot, "first", Direction.OUTBOUND, "44", slot)
        if self.said[slot] and which:
            event = self._end(slot, which * 30, "seconds", "first", "44")
        said = Said(self._connection(slot).name, event)
        self.process = self.world.run(self._crash(said, turns))
        self._tell(slot, event)

    # What we do, and the clock.

    @rule()
    def crash(self) -> None:
        self.process = self.world.run(self._crash(None, 0))

    @rule(seconds=spans)
    def time_passes(self, seconds: int) -> None:
        self.clock.advance(seconds)

    @rule(
        is_cuttable=st.booleans(),
        is_answered=st.booleans(),
        callee=st.sampled_from(["44", "49"]),
        seconds=st.sampled_from([50, 280, 700, 3700]),
    )
    def a_call_that_we_attend(self, is_cuttable: bool, is_answered: bool, callee: str, seconds: int) -> None:
        """The workers are there in time: what is due is done when it is due."""
        slot = next(self.fresh[is_cuttable])
        self._tell(slot, self._start(slot, "first", Direction.OUTBOUND, callee, slot))
        if is_answered:
            self._tell(slot, self._answer(slot, None))
        until = self.clock.at + seconds * SECOND
        while self.clock.at < until:
            clocks = [call.clocks for call in self.model.live().values()]
            due = [at for each in clocks for at in (each.extend_due_at, each.reconcile_due_at) if at is not None]
            self.clock.at = min([at for at in due if self.clock.at < at < until], default=until)
            self.extend()
            self.reconcile()
        self.cut()

    @rule(is_answered=st.booleans(), callee=st.sampled_from(["44", "49"]))
    def a_call_that_an_operator_cuts(self, is_answered: bool, callee: str) -> None:
        """Its extension, or its answer, comes before the cutter does."""
        slot = next(self.fresh[True])
        self._tell(slot, self._start(slot, "first", Direction.OUTBOUND, callee, slot))
        if is_answered:
            self._tell(slot, self._answer(slot, None))
        self.clock.advance(280 if is_answered else 5)
        self.an_operator_cuts(slot)
        if not is_answered:
            self._tell(slot, self._answer(slot, None))
        self.extend()
        self.cut()

    @rule()
    def extend(self) -> None:
        self.world.run(extend_holds(self.process.context))
        self.model.extend(self.clock.at)

    @rule()
    def cut(self) -> None:
        before = len(self.client.hung_up)
        self.world.run(self._cut())
        asked = [(call_id, reason.value) for (_, call_id), reason in self.model.cut(self.clock.at)]
        assert sorted(self.client.hung_up[before:]) == sorted(asked)
        for (connection, call_id), call in self.model.live().items():
            if connection == "pbx" and call.clocks.must_end_at <= self.clock.at:
                assert call_id in {each for each, _ in self.client.hung_up}

    @rule(slot=slots)
    def an_operator_cuts(self, slot: int) -> None:
        """R19: any call that is up and that we can end."""
        key = (self._connection(slot).name, self._call_id(slot))
        call = self.model.live().get(key)
        if call is not None and call.cuttable:
            self.world.run(self._cut_by_operator(key))
            self.model.cut_by_operator(key, self.clock.at)

    @rule(slot=slots, seconds=st.sampled_from([0, 60, 5000]), ends=st.lists(st.integers(0, 700), max_size=2))
    def an_operator_closes(self, slot: int, seconds: int, ends: list[int]) -> None:
        """R22: a call whose end never came; ends that come after all move nothing."""
        key = (self._connection(slot).name, self._call_id(slot))
        call = self.model.live().get(key)
        if call is None:
            return
        self.clock.at = max(self.clock.at, call.clocks.must_end_at)
        self.world.run(self._close_by_hand(key, seconds))
        self.model.close_by_hand(key, seconds, self.clock.at)
        before = self.world.run(self._money())
        for told in ends:
            self._tell(slot, self._end(slot, told, "seconds", None, "44"))
        assert self.world.run(self._money()) == before

    @rule(status=st.sampled_from(["unknown", "up", "up, answered"]) | st.integers(0, 4000))
    def provider_knows(self, status: str | int) -> None:
        """What it says from now on when it is asked for a call: nothing, that it is up, or that it lasted so long."""
        answered_at = (self.clock.at - 5 * SECOND).isoformat()
        known: dict[str, object] = {"up": {"live": True}, "up, answered": {"live": True, "answered_at": answered_at}}
        self.client.status = known.get(str(status), None if status == "unknown" else {"seconds": status})

    @rule()
    def reconcile(self) -> None:
        self.world.run(reconcile_calls(self.process.context, self.process.book))
        self.model.reconcile(self._status, self.clock.at)

    @rule(
        account=st.integers(0, 2),
        amount=st.decimals(min_value=D("0.000001"), max_value=1, places=6),
        external_id=st.sampled_from(["x", "y", "z"]),
    )
    def top_up(self, account: int, amount: Decimal, external_id: str) -> None:
        """The same external id counts once, for the account that it was booked for first (R3)."""
        account_id, payment = self.account_ids[account], f"{self.example}-{external_id}"
        is_new = payment not in self.top_ups
        owner, amount = self.top_ups.setdefault(payment, (account_id, amount))
        with contextlib.nullcontext() if owner == account_id else pytest.raises(Conflict):
            self.world.run(self._top_up(account_id, amount, payment))
        if is_new:
            self.model.top_up(account_id, amount)

    # What must be true after each of these.

    @invariant()
    def money_is_what_the_model_says(self) -> None:
        """The stored figures are the sums of entries and holds, and both are the model's."""
        for account_id, (balance, held) in self.world.run(self._money()).items():
            funds = self.model.accounts[account_id].funds
            assert (balance, held) == (funds.balance, funds.held)
            assert held >= 0
            assert funds.available >= 0 or account_id in self.model.overdrawn

    @invariant()
    def calls_are_what_the_model_says(self) -> None:
        rows = self.world.run(self._calls())
        self._check_seconds(rows)
        assert {(row["connection"], row["provider_call_id"]) for row in rows} == set(self.model.calls)
        assert len(rows) == len(self.model.calls) + sum(map(len, self.model.reused.values()))
        for row in rows:
            key = (row["connection"], row["provider_call_id"])
            call = self.model.calls[key] if not row["reuse"] else self.model.reused[key][row["reuse"] - 1]
            assert _stored(row) == _expected(call), key
            assert row["entries"] == bool(row["charge"])
            assert row["is_live"] == (row["state"] == "open")

    def teardown(self) -> None:
        if hasattr(self, "process"):
            self.world.run(self._finish())

    # How it is done.

    def _check_seconds(self, rows: Sequence[Any]) -> None:
        """By what was told and when alone: never more than passed by our clock, never less than the least that is true.

        Nobody knows what passed of a call that is known only by its end; what an operator says is the operator's.
        """
        for row in rows:
            key = (row["connection"], row["provider_call_id"])
            is_ours = row["state"] == "ended" and row["rule"] != "R21" and "closed_by_hand" not in row["flags"]
            if row["reuse"] or not is_ours:
                continue
            if row["billed_s"] != self.billed.get(key):
                passed_s = -((self.heard[key] - self.clock.at) // SECOND)
                assert row["billed_s"] <= min(passed_s + LIMITS.seconds_tolerance_s, 3600)
                self.billed[key] = row["billed_s"]
            least_s = min([*self.credible[key], row["granted_s"]], default=0) * bool(self.credible[key])
            assert row["billed_s"] >= least_s, (key, dict(row), self.heard[key], self.answered.get(key))

    def _hear(self, said: Said) -> None:
        """Note when a call was first told of, and what can be true of the seconds that its ends tell."""
        key = (said.connection, said.event.call_id)
        if isinstance(said.event, CallAnswered):
            self.answered.setdefault(key, self.clock.at)
        if not isinstance(said.event, CallEnded):
            self.heard.setdefault(key, self.clock.at)
        elif (told_s := _told_s(said.event)) and said.event.cause is not Cause.NO_ANSWER:
            self._believe(key, told_s)

    def _believe(self, key: Key, told_s: int) -> None:
        """Seconds of an end that was told, or said when its provider was asked, as far as they can be true."""
        if key in self.heard:
            heard_s = (self.clock.at - self.answered.get(key, self.heard[key])) // SECOND
            self.credible[key].append(min(told_s, heard_s))

    async def _close_by_hand(self, key: Key, seconds: int) -> None:
        async with self.world.pool.acquire() as conn:
            await close_call(
                conn, actor=CLERK, reference=":".join(key), seconds=seconds, note="said so", now=self.clock.at
            )

    async def _begin(self, balances: Sequence[Decimal], credit_limit: str) -> Process:
        base = f"+1555{self.example:07d}"
        names = {
            "first": f"{base}1",
            "suspended": f"{base}2",
            "toll_free": f"{base}3",
            "office": f"office{self.example}",
        }
        self.names = names | {"nobody": f"{base}9"}
        async with self.world.pool.acquire() as conn:
            self.account_ids = [
                await world.account(conn, balance=str(balances[0]), main_number=MAIN_NUMBER),
                await world.account(conn, balance=str(balances[1]), credit_limit=credit_limit, main_number=MAIN_NUMBER),
                await world.account(conn, balance=str(balances[2])),
            ]
            one, two, three = self.account_ids
            lines = {
                "first": await world.number(conn, one, names["first"]),
                "suspended": await world.number(conn, two, names["suspended"], state="suspended"),
                "toll_free": await world.number(conn, two, names["toll_free"], category="toll_free"),
                "office": await world.connector(conn, three, names["office"]),
            }
        owners = {"first": one, "suspended": two, "toll_free": two, "office": three}
        self.model = BookModel(
            limits=LIMITS,
            accounts={
                account_id: PayingAccount(
                    id=account_id,
                    currency="USD",
                    funds=Funds(
                        balance=balance, held=D(0), credit_limit=D(credit_limit) if account_id == two else D(0)
                    ),
                    main_number=None if account_id == three else MAIN_NUMBER,
                    free_inbound_needs_balance=False,
                )
                for account_id, balance in zip(self.account_ids, balances, strict=True)
            },
            lines={
                names[which]: Line(
                    id=line_id,
                    account_id=owners[which],
                    kind=LineKind.CONNECTOR if which == "office" else LineKind.NUMBER,
                    name=names[which],
                    state=LineState.SUSPENDED if which == "suspended" else LineState.ACTIVE,
                    country="" if which == "office" else "US",
                    category={"office": "", "toll_free": "toll_free"}.get(which, "geographic"),
                )
                for which, line_id in lines.items()
            },
            rate_of=self.world.rate_of,
            render=_render,
            can_cut=lambda connection: connection == "pbx",
        )
        return Process(self.world, self.clock, self.client)

    def _connection(self, slot: int) -> Connection:
        return TRUNK if slot % 3 == 2 else PBX

    def _call_id(self, slot: int) -> str:
        return f"{self.example}-{slot}"

    def _start(self, slot: int, line: str, direction: Direction, callee: str, parent: int) -> CallStarted:
        inbound = direction is Direction.INBOUND
        name = self.names[line]
        return CallStarted(
            call_id=self._call_id(slot),
            direction=direction,
            caller=CALLEES["44"] if inbound else name,
            callee=name if inbound else CALLEES[callee],
            line=name,
            parent_call_id=self._call_id(parent) if direction is Direction.FORWARD else None,
        )

    def _answer(self, slot: int, ago_s: int | None) -> CallAnswered:
        at = None if ago_s is None else self.clock.at - ago_s * SECOND
        return CallAnswered(call_id=self._call_id(slot), at=at)

    def _end(self, slot: int, seconds: int | None, figures: str, line: str | None, callee: str) -> CallEnded:
        event = CallEnded(call_id=self._call_id(slot), cause=Cause.NORMAL)
        if line is not None:
            event = replace(event, start=self._start(slot, line, Direction.OUTBOUND, callee, slot))
        if seconds is None or figures == "neither":
            return event
        if figures == "seconds":
            return replace(event, seconds=seconds)
        return replace(event, answered_at=self.clock.at - seconds * SECOND, ended_at=self.clock.at)

    def _tell(self, slot: int, event: CallStarted | CallAnswered | CallEnded) -> None:
        self._tell_together([(slot, event)])

    def _tell_together(self, told: Sequence[tuple[int, CallStarted | CallAnswered | CallEnded | Said]]) -> None:
        """Tell the process in one instant and the model in that order, and compare what they reply."""
        events = [
            event if isinstance(event, Said) else Said(self._connection(slot).name, event) for slot, event in told
        ]
        for said in events:
            self._hear(said)
        self.world.run(self.process.read_rates())
        results = self.world.run(_together(self.process, events))
        for (slot, _), said, result in zip(told, events, results, strict=True):
            if said not in self.said[slot]:
                self.said[slot].append(said)
            assert result == self._modelled(said), said
            if isinstance(said.event, CallStarted) and isinstance(result, bytes):
                stored = self.model.calls[said.connection, said.event.call_id].reply
                assert stored is None or result == self.replies.setdefault(said, result)

    def _modelled(self, said: Said) -> object:
        match said.event:
            case CallStarted():
                return self.model.start(said.connection, said.event, now=self.clock.at)
            case CallAnswered():
                return self.model.answer(said.connection, said.event, now=self.clock.at)
            case CallEnded():
                return self.model.end(said.connection, said.event, now=self.clock.at)

    def _status(self, key: Key) -> CallStatus:
        connection, call_id = key
        status = self.client.status if connection == "pbx" else None
        if status is None:
            return Unknown()
        if "live" in status:
            at = status.get("answered_at")
            self.answered.setdefault(key, self.clock.at)
            return Live(answered_at=None if at is None else datetime.fromisoformat(at))
        if status["seconds"]:
            self._believe(key, status["seconds"])
        return CallEnded(call_id=call_id, cause=Cause.NORMAL, seconds=status["seconds"])

    async def _crash(self, said: Said | None, turns: int) -> Process:
        """Kill the process, so many turns of its loop after it was told something; start another."""
        task = None if said is None else asyncio.create_task(self.process.tell(said))
        for _ in range(turns):
            await asyncio.sleep(0)
        if task is not None:
            task.cancel()
        await self.process.kill()
        if task is not None:
            await asyncio.gather(task, return_exceptions=True)
        return Process(self.world, self.clock, self.client)

    async def _cut(self) -> None:
        await self.process.cutter.once()
        await self.process.cutter.finish()

    async def _cut_by_operator(self, key: Key) -> None:
        async with self.world.pool.acquire() as conn:
            await cut_call(conn, actor=CLERK, reference=":".join(key), now=self.clock.at)

    async def _top_up(self, account_id: int, amount: Decimal, external_id: str) -> None:
        async with self.world.pool.acquire() as conn:
            await top_up(
                conn, actor=CLERK, account_id=account_id, amount=amount, external_id=external_id, now=self.clock.at
            )

    async def _money(self) -> dict[int, tuple[Decimal, Decimal]]:
        async with self.world.pool.acquire() as conn:
            return {account_id: await world.money(conn, account_id) for account_id in self.account_ids}

    async def _calls(self) -> list[Any]:
        async with self.world.pool.acquire() as conn:
            return await conn.fetch(
                """
                SELECT
                    call.connection, call.provider_call_id, call.reuse, call.state, call.account_id, call.rate_id,
                    call.rule, call.granted_s, call.reply, call.started_at, call.answered_at, call.ended_at,
                    call.reported_s, call.billed_s, call.charge::numeric AS charge, call.flags, call.cut_reason,
                    live_call.hold::numeric AS hold, live_call.held_s, live_call.must_end_at, live_call.cut_due_at,
                    live_call.cut_attempts, live_call.extend_due_at, live_call.reconcile_due_at,
                    live_call.call_id IS NOT NULL AS is_live,
                    (SELECT count(*) FROM ledger_entry WHERE ledger_entry.call_id = call.id) AS entries
                FROM call
                LEFT JOIN live_call ON live_call.call_id = call.id
                WHERE call.provider_call_id LIKE $1
                """,
                f"{self.example}-%",
            )

    async def _finish(self) -> None:
        """When every call has ended nothing is held, and the books are right."""
        try:
            for connection, call_id in self.model.live():
                await self.process.book.record(connection, CallEnded(call_id=call_id, cause=Cause.NORMAL, seconds=0))
            held = {account_id: held for account_id, (_, held) in (await self._money()).items()}
            async with self.world.pool.acquire() as conn:
                checked = await check_ledger(conn)
        finally:
            await self.process.kill()
        assert set(held.values()) == {D(0)}
        assert checked.ok, checked.differences


def _stored(row: Any) -> dict[str, object]:
    names = set(row.keys()) - {"connection", "provider_call_id", "reuse", "is_live", "entries"}
    return {name: row[name] for name in names} | {"flags": sorted(row["flags"])}


def _expected(call: Call) -> dict[str, object]:
    """A row of `_calls` by the model."""
    told, clocks = call.settlement, call.clocks
    is_live, is_unmatched = call.state is CallState.OPEN, call.state is CallState.UNMATCHED
    return {
        "state": call.state.value,
        "account_id": call.account_id,
        "rate_id": None if call.rate is None else call.rate.id,
        "rule": call.rule,
        "granted_s": call.granted_s,
        "reply": call.reply,
        "started_at": call.started_at,
        "answered_at": call.answered_at,
        "ended_at": None if told is None else told.ended_at,
        "reported_s": call.noted_s if told is None else told.reported_s,
        "billed_s": None if told is None or is_unmatched else told.billed_s,
        "charge": None if told is None or is_unmatched else told.charge,
        "flags": sorted(call.flags),
        "cut_reason": call.cut_reason,
        "cut_attempts": call.cut_attempts if is_live else None,
        "hold": call.hold if is_live else None,
        "held_s": call.held_s if is_live else None,
        "must_end_at": None if clocks is None else clocks.must_end_at,
        "cut_due_at": None if clocks is None else clocks.cut_due_at,
        "extend_due_at": None if clocks is None else clocks.extend_due_at,
        "reconcile_due_at": None if clocks is None else clocks.reconcile_due_at,
    }


def _told_s(event: CallEnded) -> int:
    """The seconds that an end tells, as such or by its instants."""
    if event.seconds is None and event.answered_at is not None and event.ended_at is not None:
        return (event.ended_at - event.answered_at) // SECOND
    return event.seconds or 0


def _render(connection: str, call: CallStarted, decision: Decision) -> bytes:
    chosen = CONNECTIONS[connection]
    return ADAPTERS[chosen.kind].reply(call, outcome_of(decision), chosen, public_url="http://127.0.0.1:8080").body


async def _together(process: Process, events: Sequence[Said]) -> list[object]:
    return list(await asyncio.gather(*(process.tell(said) for said in events)))


async def _deck(pool: Pool) -> dict[str, Rate]:
    rates = {}
    async with pool.acquire() as conn:
        for prefix, (per_minute, fee, first_interval_s, increment_s) in (DECK | {"inbound": INBOUND}).items():
            inbound = prefix == "inbound"
            rate_id = await world.rate(
                conn,
                "" if inbound else prefix,
                per_minute,
                kind="inbound" if inbound else "outbound",
                country="US" if inbound else "",
                category="toll_free" if inbound else "",
                fee=fee,
                first_interval_s=first_interval_s,
                increment_s=increment_s,
            )
            rates[prefix] = Rate(
                id=rate_id,
                prefix="" if inbound else prefix,
                per_minute=D(per_minute),
                connection_fee=D(fee),
                first_interval_s=first_interval_s,
                increment_s=increment_s,
            )
    return rates


@pytest.mark.timeout(900)  # seconds when it passes, minutes to find the shortest way to a failure
def test_the_ledger_is_right_whatever_happens(postgres: DatabaseServer, tmp_path: Path) -> None:
    """R2, R15, R16, R18, R20, R21, R22, R38: on an event loop and a database of its own."""
    ordinary = settings.default.max_examples
    examples = 15 if ordinary <= 50 else max(40, ordinary // 8)
    with asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
        stack = AsyncExitStack()
        dsn = runner.run(stack.enter_async_context(postgres.database()))
        try:
            pool = runner.run(open_pool(dsn, size=3, application_name="gateway-test", lock_timeout=PATIENT.lock))
            stack.callback(pool.terminate)
            spool = runner.run(stack.enter_async_context(open_spool(tmp_path)))
            LedgerMachine.world = World(runner, pool, spool, runner.run(_deck(pool)))
            run_state_machine_as_test(
                LedgerMachine,
                settings=settings(
                    max_examples=examples, stateful_step_count=30, suppress_health_check=list(HealthCheck)
                ),
            )
        finally:
            runner.run(stack.aclose())
