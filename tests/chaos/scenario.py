"""What happens in one run, all of it drawn from its seed: accounts, calls, payments, rents, and what goes wrong."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace

from gateway.domain.events import Direction
from tests.chaos.fault_kinds import COMPANIONS, FAILOVERS, KINDS, OF_ONE_SERVER, Fault, FaultKind
from tests.chaos.rating import CALLEES, EMERGENCY

SEATS = 2
SPAN_S = 2.5
# Longer than Patroni waits for a leader that says nothing.
FAILS_OVER_AFTER_S = 12.0
BURSTS_S = (0.3, 1.5)
CALLS = (10, 18)
# Seeds whose numbers would be the same lie so far apart that no world sees both.
SEEDS_APART = 100_000
GARBAGE = (
    b"",
    b"{",
    b"\x00\xff\xfe",
    b"[" * 5000,
    b'{"type":"call.start","call_id":null}',
    b'{"type":"call.end","call_id":"x","seconds":-1}',
    b'{"type":"call.end","call_id":"x","seconds":1e400}',
    b'{"type":"call.answer","call_id":"","at":"0000-13-77"}',
    b'{"type":"nothing"}',
)
CLOCK_LIES_S = (0, 0, 0, 3600, -7200, 90 * 86400)


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountPlan:
    """An account with one number; `allowed_s` is for how long it may call while the database is away."""

    line: str
    balance: str
    allowed_s: int = 0
    live_calls_max: int | None = None
    rent: str | None = None
    top_ups: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CallPlan:
    """A call as its provider will tell of it.

    `talks_s` is None for one that goes on until it is cut. `lie_s` is by how much it is told to be longer than it was.
    The end of one that is forgotten never comes.
    """

    call_id: str
    account: int
    direction: Direction
    callee: str
    connection: str
    starts_at_s: float
    seats: tuple[int, ...]
    answers_after_s: float | None
    # The incoming call that a forwarded one belongs to.
    parent: str | None = None
    talks_s: float | None = None
    lie_s: int = 0
    clock_lie_s: int | None = None
    repeats_start: bool = False
    repeats_end: int = 0
    differs: bool = False
    is_end_first: bool = False
    tells_start_at_end: bool = False
    is_ended_if_refused: bool = False
    is_forgotten: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    seed: int
    accounts: Sequence[AccountPlan]
    calls: Sequence[CallPlan]
    faults: Sequence[Fault]
    # Webhooks that are none, from whoever sends such things.
    garbage: Sequence[bytes] = ()

    @property
    def name(self) -> str:
        return f"s{self.seed}"


RICH, TIGHT, TRUSTED, RENTER, PAYER, CAPPED = range(6)


def kind_of(seed: int) -> FaultKind:
    """Neighbouring seeds go through the kinds of faults, so that every run meets all."""
    return KINDS[seed % len(KINDS)]


def draw(seed: int) -> Scenario:
    """The scenario of a seed, which depends on nothing else."""
    dice = random.Random(seed)
    return Scenario(
        seed=seed,
        accounts=_draw_accounts(dice, seed),
        calls=_forwarded(dice, [_draw_call(dice, seed, number) for number in range(dice.randint(*CALLS))]),
        faults=_draw_faults(dice, kind_of(seed)),
        garbage=tuple(dice.choice(GARBAGE) for _ in range(dice.randint(0, 6))),
    )


def upgraded(scenario: Scenario) -> Scenario:
    """The same, but that all that happens to it is an upgrade."""
    upgrade = Fault(kind=FaultKind.UPGRADED, seat=0, at_s=0.5, lasts_s=1.0, amount=0)
    return replace(scenario, faults=(upgrade,))


def failed_over(scenario: Scenario) -> Scenario:
    """The same, but that its database fails over to another machine, instead of what else happens to one server."""
    kind = FAILOVERS[scenario.seed % len(FAILOVERS)]
    lasts_s = FAILS_OVER_AFTER_S if kind is FaultKind.DATABASE_STOPPED else 1.0
    failover = Fault(kind=kind, seat=0, at_s=0.5, lasts_s=lasts_s, amount=0)
    return replace(scenario, faults=(failover, *(each for each in scenario.faults if each.kind not in OF_ONE_SERVER)))


def _draw_accounts(dice: random.Random, seed: int) -> tuple[AccountPlan, ...]:
    lines = [_line_of(seed, number) for number in range(6)]
    cents = dice.randint(1, 4)
    paid = tuple(f"{dice.randint(1, 900) / 100:.2f}" for _ in range(dice.randint(1, 3)))
    return (
        AccountPlan(line=lines[RICH], balance="1000"),
        AccountPlan(line=lines[TIGHT], balance=f"0.{cents:02d}"),
        AccountPlan(line=lines[TRUSTED], balance="10", allowed_s=dice.choice((2, 60, 600))),
        AccountPlan(line=lines[RENTER], balance=dice.choice(("10", "1")), rent="4", top_ups=("5.5",)),
        AccountPlan(line=lines[PAYER], balance="0", top_ups=paid),
        AccountPlan(line=lines[CAPPED], balance="1000", live_calls_max=dice.randint(1, 2)),
    )


def _draw_call(dice: random.Random, seed: int, number: int) -> CallPlan:
    account = dice.choices((RICH, TIGHT, TRUSTED, PAYER, CAPPED), (8, 4, 3, 1, 3))[0]
    is_cut = account == TIGHT and dice.random() < 0.7
    callee = next(iter(CALLEES)) if is_cut else dice.choice((*CALLEES, EMERGENCY))
    is_inbound = account == RICH and dice.random() < 0.2
    is_answered = is_cut or dice.random() < 0.8
    return CallPlan(
        call_id=f"s{seed}-{number}",
        account=account,
        direction=Direction.INBOUND if is_inbound else Direction.OUTBOUND,
        callee=_line_of(seed, account) if is_inbound else callee,
        connection="pbx" if is_cut else dice.choice(("pbx", "trunk")),
        # Those that have little money, or may be few, start together.
        starts_at_s=dice.choice(BURSTS_S) if account in {TIGHT, CAPPED} else dice.uniform(0, SPAN_S),
        seats=tuple(dice.randrange(SEATS) for _ in range(6)),
        answers_after_s=dice.uniform(0, 0.4) if is_answered else None,
        talks_s=None if is_cut else dice.uniform(0, 2),
        lie_s=dice.choice((0, 0, 5, 3000)) if account == RICH else 0,
        clock_lie_s=dice.choice((None, *CLOCK_LIES_S)),
        repeats_start=dice.random() < 0.3,
        repeats_end=dice.choice((0, 0, 1, 2)),
        differs=account == RICH and dice.random() < 0.1,
        is_end_first=account == RICH and dice.random() < 0.1,
        tells_start_at_end=account == RICH and dice.random() < 0.4,
        is_ended_if_refused=dice.random() < 0.3,
        is_forgotten=account == RICH and dice.random() < 0.1,
    )


def _forwarded(dice: random.Random, calls: Sequence[CallPlan]) -> tuple[CallPlan, ...]:
    """Some incoming calls are forwarded a moment later: to each of these belongs an outgoing one."""
    parents = [call for call in calls if call.direction is Direction.INBOUND and not call.is_end_first]
    children = [call for call in calls if call.direction is Direction.OUTBOUND and call.account == RICH]
    forwards = {
        child.call_id: replace(
            child, direction=Direction.FORWARD, parent=parent.call_id, starts_at_s=parent.starts_at_s + 0.2
        )
        for parent, child in zip(parents, children, strict=False)
        if dice.random() < 0.7 and child.callee != EMERGENCY and not child.is_end_first
    }
    return tuple(forwards.get(call.call_id, call) for call in calls)


def _line_of(seed: int, account: int) -> str:
    return f"+1555{seed % SEEDS_APART:05d}{account:02d}"


def _draw_faults(dice: random.Random, kind: FaultKind) -> tuple[Fault, ...]:
    """The fault whose turn it is, and often another one beside it."""
    fault = _draw_fault(dice, kind)
    if kind in COMPANIONS and dice.random() < 0.6:
        before_s = fault.at_s - 0.1
        return (fault, replace(fault, kind=COMPANIONS[kind], at_s=before_s, lasts_s=fault.lasts_s + 0.5))
    return (fault, *(_draw_fault(dice, each) for each in dice.choices(KINDS, k=dice.choice((0, 0, 1)))))


def _draw_fault(dice: random.Random, kind: FaultKind) -> Fault:
    return Fault(
        kind=kind,
        seat=dice.randrange(SEATS),
        at_s=dice.uniform(0.1, SPAN_S * 0.8),
        lasts_s=dice.uniform(0.2, 2.5),
        amount=dice.random(),
    )
