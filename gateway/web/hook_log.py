"""The one line of a webhook in the log, and its figures."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from prometheus_client import Counter, Histogram

from gateway.domain.events import CallAnswered, CallEnded, CallHinted, CallStarted, Ignored
from gateway.log import logger
from gateway.log_events import LogEvent
from gateway.metrics import Metrics
from gateway.providers.base import Charged, Taken
from gateway.usecases.authorize_calls import Started

_KINDS = {CallAnswered: "answer", CallEnded: "end", CallHinted: "hint"}


class HookLog:
    """Writes the lines; keeps the labelled children of the metrics, which are slow to look up."""

    class Line:
        """What there is to say about one webhook."""

        __slots__ = ("_data", "_event", "kind", "outcome")

        def __init__(self) -> None:
            self._event = LogEvent.HOOK_FAILED
            self._data: dict[str, Any] = {}
            self.kind = "unknown"
            self.outcome = "failed"

        def started(self, call: CallStarted, started: Started) -> None:
            self.kind, decision = "start", started.decision
            self._data = {"call_id": call.call_id, "direction": call.direction.value, "line": call.line}
            self._data["callee"] = call.callee
            if decision is None:
                self._event, self.outcome = LogEvent.CALL_REPEATED, "repeated"
            elif decision.refusal is None:
                self._event, self.outcome = LogEvent.CALL_AUTHORIZED, "connect"
                self._data |= {"rule": decision.rule, "granted_s": decision.granted_s, "hold": decision.hold}
                self._data["account_id"] = started.account_id
            else:
                self._event, self.outcome = LogEvent.CALL_REFUSED, "reject"
                self._data |= {"rule": decision.rule, "reason": decision.refusal.value}
                self._data["account_id"] = started.account_id

        def noted(self, event: CallAnswered | CallEnded | CallHinted, outcome: Charged | Taken) -> None:
            self.kind = _KINDS[type(event)]
            self.outcome = "booked" if isinstance(outcome, Charged) else "taken"
            self._event = LogEvent.CALL_ENDED if isinstance(event, CallEnded) else LogEvent.HOOK_ANSWERED
            self._data = {"call_id": event.call_id}
            if isinstance(outcome, Charged):
                self._data["charged"] = outcome.charged

        def ignored(self, event: Ignored) -> None:
            self.kind, self.outcome = "other", "ignored"
            self._event, self._data = LogEvent.HOOK_IGNORED, {"what": event.kind}

        def rejected(self, status: int, why: str) -> None:
            self.outcome = str(status)
            self._event, self._data = LogEvent.HOOK_REJECTED, {"status": status, "why": why}

        def failed(self, error: Exception) -> None:
            self.outcome = "failed"
            self._event, self._data = LogEvent.HOOK_FAILED, {"exc_info": error}

        def write(self, connection: str, milliseconds: float) -> None:
            level = {LogEvent.HOOK_FAILED: "error", LogEvent.HOOK_REJECTED: "warning"}.get(self._event, "info")
            getattr(logger(), level)(
                self._event, connection=connection, kind=self.kind, ms=round(milliseconds, 2), **self._data
            )

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self._counters: dict[tuple[str, str, str], Counter] = {}
        self._seconds: dict[str, Histogram] = {}
        self._decisions: dict[tuple[str, str], Counter] = {}

    @contextmanager
    def timed(self, connection: str) -> Iterator[Line]:
        line, begin = self.Line(), time.perf_counter()
        try:
            yield line
        finally:
            seconds = time.perf_counter() - begin
            self._counter(connection, line.kind, line.outcome).inc()
            self._histogram(line.kind).observe(seconds)
            line.write(connection, seconds * 1000)

    def rejected(self, *, name: str, status: int, why: str) -> None:
        """A webhook that belongs to no connection."""
        self._counter(name, "unknown", str(status)).inc()
        logger().warning(LogEvent.HOOK_REJECTED, status=status, why=why)

    def _counter(self, *labels: str) -> Counter:
        key = (labels[0], labels[1], labels[2])
        counter = self._counters.get(key)
        if counter is None:
            counter = self._counters[key] = self._metrics.hooks.labels(*key)
        return counter

    def _histogram(self, kind: str) -> Histogram:
        histogram = self._seconds.get(kind)
        if histogram is None:
            histogram = self._seconds[kind] = self._metrics.hook_seconds.labels(kind)
        return histogram
