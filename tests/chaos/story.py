"""What a provider told of one call, what it was told back, and when: all that the checker believes of the outside."""

import asyncio
import time
from dataclasses import dataclass, field
from typing import Any

from tests.chaos.scenario import CallPlan
from tests.support.processes import Told


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldEnd:
    """An end as it was told, and the reply that acknowledged it."""

    seconds: int
    told: Told


@dataclass(slots=True, eq=False)
class Story:
    """`starts` are the replies to the start, with 200; the first of them is what the provider did."""

    plan: CallPlan
    line: str
    starts: list[Told] = field(default_factory=list)
    ends: list[ToldEnd] = field(default_factory=list)
    # Seconds that were told and never acknowledged: they may be on record all the same.
    unheard_ends: list[int] = field(default_factory=list)
    # What came back that neither acknowledges nor says to come again.
    odd: list[Told] = field(default_factory=list)
    # A start that was sent and had no reply, so that what became of it is the gateway's secret.
    is_start_unheard: bool = False
    first_told_at: float | None = None
    # When the first reply to the start was there.
    replied_at: float | None = None
    connected_at: float | None = None
    answered_at: float | None = None
    is_answer_known: bool = False
    ended_at: float | None = None
    last_told_at: float | None = None
    hung_up_at: float | None = None
    hung_up: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def decision(self) -> dict[str, Any] | None:
        """What the provider was told to do; None where it was told nothing, and so did nothing."""
        return self.starts[0].reply if self.starts else None

    @property
    def is_connected(self) -> bool:
        return self.decision is not None and self.decision["action"] == "connect"

    @property
    def is_forgotten(self) -> bool:
        """Whether its end never comes, though it was connected."""
        return self.plan.is_forgotten and self.is_connected and not self.plan.is_end_first

    @property
    def is_unavailable(self) -> bool:
        return self.decision is not None and self.decision.get("reason") == "unavailable"

    @property
    def granted_s(self) -> int:
        return int(self.decision["max_seconds"]) if self.decision is not None and self.is_connected else 0

    @property
    def is_up(self) -> bool:
        return self.is_connected and self.ended_at is None

    @property
    def must_end_at(self) -> float | None:
        """When it is to be cut: the seconds count from its answer, or from its start where that is not known."""
        begun_at = self.answered_at if self.is_answer_known and self.answered_at is not None else self.connected_at
        return None if begun_at is None else begun_at + self.granted_s

    def hang_up(self) -> None:
        if self.hung_up_at is None:
            self.hung_up_at = time.monotonic()
            self.hung_up.set()
