"""All HTTP connections of a process: what each is at, how long it may be at that, and who leaves when it is crowded."""

import asyncio
from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType
from typing import Final, Protocol

from gateway.metrics import Metrics


class Phase(Enum):
    """What an HTTP connection is at; each phase has a patience of its own."""

    IDLE = "idle"
    HEADER = "header"
    BODY = "body"
    WORK = "work"
    CLOSING = "closing"


# A proxy keeps a connection for 60 s by default, and must be the one that closes it. Providers send a webhook at once.
PATIENCE_S: Final[Mapping[Phase, float]] = MappingProxyType(
    {Phase.IDLE: 75, Phase.HEADER: 10, Phase.BODY: 10, Phase.WORK: 60, Phase.CLOSING: 5}
)
# Whom a newcomer replaces, in this order; a request that is being answered, never.
_REPLACED: Final = (Phase.IDLE, Phase.HEADER, Phase.BODY)
_CROWDED: Final = "crowded"


class Visitor(Protocol):
    """An HTTP connection, as the crowd sees it."""

    def is_heard(self) -> bool:
        """Whether its request has come whole."""
        ...

    def bid_farewell(self, phase: Phase) -> None:
        """Close it, with a reply where its request stands open."""
        ...

    def abandon(self) -> None:
        """Close it at once, whatever it still has to send."""
        ...


class Crowd:
    """Connections by phase, each phase in the order in which they came to it: the first is the next that is due."""

    def __init__(self, metrics: Metrics, *, places: int, patience_s: Mapping[Phase, float] = PATIENCE_S) -> None:
        self._phases: dict[Phase, dict[Visitor, float]] = {phase: {} for phase in Phase}
        self._phase_of: dict[Visitor, Phase] = {}
        self._metrics = metrics
        self._places = places
        self._patience_s = patience_s
        self._now = asyncio.get_running_loop().time
        metrics.http_places.inc(places)

    def __len__(self) -> int:
        return len(self._phase_of)

    def join(self, visitor: Visitor) -> None:
        """A newcomer, who has said nothing yet."""
        self._metrics.http_connections.inc()
        self._put(visitor, Phase.IDLE)

    def move(self, visitor: Visitor, phase: Phase) -> None:
        """From now on the connection is at this; one that is gone, or about to go, stays so."""
        before = self._phase_of.get(visitor, Phase.CLOSING)
        if before is not Phase.CLOSING:
            del self._phases[before][visitor]
            self._put(visitor, phase)

    def hear(self, visitor: Visitor) -> None:
        """Bytes came: of a connection that was idle they begin a request."""
        if self._phase_of.get(visitor) is Phase.IDLE:
            self.move(visitor, Phase.HEADER)

    def leave(self, visitor: Visitor) -> None:
        phase = self._phase_of.pop(visitor, None)
        if phase is not None:
            del self._phases[phase][visitor]
            self._metrics.http_connections.dec()

    def has_room(self) -> bool:
        """Whether a place is free; those about to close have none."""
        return len(self) - len(self._phases[Phase.CLOSING]) < self._places

    def make_room(self) -> bool:
        """Whether one more can come; where every place is taken, the one that has waited longest makes room."""
        if self.has_room():
            return True
        for phase in _REPLACED:
            for visitor in self._phases[phase]:
                if phase is not Phase.BODY or not visitor.is_heard():
                    self._send_away(visitor, phase, why=_CROWDED)
                    return True
        return False

    def send_late_away(self) -> None:
        """Close the connections that have been at one thing for too long."""
        for phase, visitors in self._phases.items():
            due = self._now() - self._patience_s[phase]
            late = []
            for visitor, since in visitors.items():
                if since > due:
                    break
                late.append(visitor)
            for visitor in late:
                self._is_late(visitor, phase)

    def _is_late(self, visitor: Visitor, phase: Phase) -> None:
        match phase:
            case Phase.CLOSING:
                self.leave(visitor)
                visitor.abandon()
            case Phase.BODY if visitor.is_heard():
                self.move(visitor, Phase.WORK)
            case _:
                self._send_away(visitor, phase, why=phase.value)

    def _send_away(self, visitor: Visitor, phase: Phase, *, why: str) -> None:
        self._metrics.http_closed.labels(why).inc()
        self.move(visitor, Phase.CLOSING)
        visitor.bid_farewell(phase)

    def _put(self, visitor: Visitor, phase: Phase) -> None:
        self._phase_of[visitor] = phase
        self._phases[phase][visitor] = self._now()
