"""Calls as the simulated provider knows them, and the webhooks that tell of them (the native contract)."""

import asyncio
import math
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import uuid4

from gateway.domain.events import Cause, Direction

SIGNED = "demo"
BEARER = "demo-curl"


@dataclass(slots=True, kw_only=True)
class SimulatedCall:
    """One call; `over` is set when the gateway has taken its end, `asked` when it has asked what became of it."""

    direction: Direction
    caller: str
    callee: str
    line: str
    connection: str = SIGNED
    parent_call_id: str | None = None
    call_id: str = field(default_factory=lambda: uuid4().hex)
    started_at: datetime | None = None
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    cause: Cause = Cause.NORMAL
    over: asyncio.Event = field(default_factory=asyncio.Event)
    asked: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def seconds(self) -> int:
        """Whole seconds from answer to end, rounded up."""
        if self.answered_at is None or self.ended_at is None:
            return 0
        return math.ceil((self.ended_at - self.answered_at).total_seconds())

    def start_body(self) -> dict[str, Any]:
        body = {
            "type": "call.start",
            "call_id": self.call_id,
            "direction": self.direction.value,
            "caller": self.caller,
            "callee": self.callee,
            "line": self.line,
            "at": _iso(self.started_at),
        }
        return body if self.parent_call_id is None else {**body, "parent_call_id": self.parent_call_id}

    def answer_body(self) -> dict[str, Any]:
        return {"type": "call.answer", "call_id": self.call_id, "at": _iso(self.answered_at)}

    def end_body(self) -> dict[str, Any]:
        return {
            "type": "call.end",
            "call_id": self.call_id,
            "answered_at": _iso(self.answered_at),
            "ended_at": _iso(self.ended_at),
            "seconds": self.seconds,
            "cause": self.cause.value,
        }

    def status_body(self) -> dict[str, Any]:
        """What is answered to `call.status`."""
        if self.ended_at is not None:
            return self.end_body()
        return {"live": True, "answered_at": _iso(self.answered_at)}


def _iso(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()
