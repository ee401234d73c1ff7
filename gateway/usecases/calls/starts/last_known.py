"""What a process last knew of accounts, their caps and prices: it holds while the database is away (R17, R34).

Only the calls of this process are known meanwhile. So what several processes connect together may be as many times the
balance, and the live calls of a cap, as there are processes.
"""

from collections import defaultdict
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from gateway.domain.accounts.account_state import AccountState
from gateway.domain.accounts.caps import Cap, CapHit, first_hit
from gateway.domain.calls.asked import AskedCall, is_another_call
from gateway.domain.calls.decision import Refused, refuse
from gateway.domain.calls.refusals import Refusal
from gateway.domain.calls.withholding import refusal_of_withholding, withholds
from gateway.domain.events import CallStarted, Direction
from gateway.domain.lines.line import LineKind
from gateway.domain.money import ZERO
from gateway.domain.rates.rate import DeckRate, affordable_seconds, price
from gateway.numbers.callee import is_free_callee
from gateway.numbers.dear import is_dear
from gateway.postgres.calls import last_known
from gateway.postgres.calls.last_known import Allowance
from gateway.postgres.types import PgConnection
from gateway.usecases.calls.starts.known_rates import KnownRates

MINUTE: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What a call took that this process connected without the database."""

    asked: AskedCall
    connected_at: datetime
    seconds: int
    cost: Decimal

    def is_up_at(self, now: datetime) -> bool:
        """Whether it may still be up."""
        return now < self.connected_at + timedelta(seconds=self.seconds)


class LastKnown:
    """What lines may do, and what this process has connected for their accounts since the database is away."""

    def __init__(self) -> None:
        self.allowances: Mapping[str, Allowance] = {}
        self.rates = KnownRates()
        self.version = 0
        self.currencies: frozenset[str] = frozenset()
        self._taken: defaultdict[int, list[Taken]] = defaultdict(list)
        self._by_id: dict[tuple[str, str], Taken] = {}

    def learn(self, allowances: Mapping[str, Allowance], *, all_recorded: bool) -> None:
        """Take over what the database says; what is `all_recorded` there is not counted here any more."""
        self.allowances = allowances
        if all_recorded:
            self._taken.clear()
            self._by_id.clear()

    def connect(
        self,
        connection: str,
        call: CallStarted,
        allowance: Allowance,
        *,
        limit_s: int,
        now: datetime,
        can_withhold: bool = True,
    ) -> int | Refused:
        """For how long a call may be connected by what is known of its account, which it then takes; or why not.

        A start that comes again has what it had; another call under its id is refused (R16).
        """
        taken = self._taken[allowance.account_id]
        if before := self._by_id.get((connection, call.call_id)):
            return refuse(Refusal.ID_REUSED, call.direction) if is_another_call(call, before.asked) else before.seconds
        rate = self._rate(call, allowance, now)
        seconds = self._allowed_seconds(call, allowance, rate, limit_s=limit_s, now=now)
        withheld = refusal_of_withholding(allowance.when_withheld, can_withhold=can_withhold)
        if isinstance(seconds, int) and withheld is not None and withholds(call):
            return refuse(withheld, call.direction)
        if isinstance(seconds, int):
            asked = AskedCall(direction=call.direction, callee=call.callee, line=call.line)
            cost = ZERO if rate is None else price(rate, seconds)
            new = Taken(asked=asked, connected_at=now, seconds=seconds, cost=cost)
            taken.append(new)
            self._by_id[connection, call.call_id] = new
        return seconds

    def _allowed_seconds(
        self, call: CallStarted, allowance: Allowance, rate: DeckRate | None, *, limit_s: int, now: datetime
    ) -> int | Refused:
        if allowance.state is AccountState.BLOCKED:
            return refuse(Refusal.ACCOUNT_BLOCKED, call.direction)
        is_free = allowance.kind is LineKind.CONNECTOR or call.direction is Direction.INBOUND or is_free_callee(call)
        if rate is None and not is_free:
            return refuse(Refusal.NO_RATE, call.direction)
        if hit := self._hit(call, allowance, rate, now=now):
            return refuse(Refusal.CAPPED, call.direction, rule=hit.rule, cap=hit)
        if rate is None or rate.is_free:
            return limit_s
        return affordable_seconds(rate, self._left(allowance), limit_s) or refuse(Refusal.NO_MONEY, call.direction)

    def _rate(self, call: CallStarted, allowance: Allowance, now: datetime) -> DeckRate | None:
        """The row that a call is charged by; None for what costs nothing, or what nobody knows a price of."""
        if allowance.kind is LineKind.CONNECTOR:
            return None
        if call.direction is Direction.INBOUND:
            return self.rates.of_line(allowance.currency, allowance.country, allowance.category, at=now)
        return self.rates.of_callee(allowance.currency, call.callee, country=allowance.country, at=now)

    def _hit(self, call: CallStarted, allowance: Allowance, rate: DeckRate | None, *, now: datetime) -> CapHit | None:
        taken = self._taken[allowance.account_id]
        use = replace(
            allowance.capped.use,
            live=allowance.capped.use.live + sum(each.is_up_at(now) for each in taken),
            starts=sum(each.connected_at > now - MINUTE for each in taken),
        )
        capped = replace(allowance.capped, use=use)
        hit = first_hit(capped, call, rate, is_dear=capped.caps.block_dear and is_dear(call.callee))
        left = capped.spend_left(allowance.held + self._cost(allowance))
        if hit is None and rate is not None and left is not None and affordable_seconds(rate, left, 1) == 0:
            return CapHit(cap=Cap.SPEND_A_DAY, limit=str(capped.caps.spend_a_day))
        return hit

    def _left(self, allowance: Allowance) -> Decimal:
        """What the account may still spend, by its money and by its cap on a day."""
        money = allowance.funds - self._cost(allowance)
        day = allowance.capped.spend_left(allowance.held + self._cost(allowance))
        return money if day is None else min(money, day)

    def _cost(self, allowance: Allowance) -> Decimal:
        return sum((each.cost for each in self._taken[allowance.account_id]), ZERO)


async def refresh(
    known: LastKnown,
    conn: PgConnection,
    *,
    all_recorded: bool,
    now: datetime,
    currencies: AbstractSet[str] = frozenset(),
) -> None:
    """Bring up to date what is known; the rates only where they have changed, in the currencies that are needed."""
    allowances = await last_known.read_allowances(conn, now=now)
    needed = known.currencies | currencies | {each.currency for each in allowances.values()}
    version = await last_known.newest_rate_version(conn) if needed else known.version
    if (version, needed) != (known.version, known.currencies):
        rates = KnownRates()
        async for page in last_known.read_call_rates(conn, sorted(needed), now=now):
            rates.add(page)
        known.rates, known.version, known.currencies = rates, version, frozenset(needed)
    known.learn(allowances, all_recorded=all_recorded)
