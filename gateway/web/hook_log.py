"""The one line of a webhook in the log, and its figures."""

import time
from types import TracebackType
from typing import Any, Self, assert_never

from prometheus_client import Counter, Histogram

from gateway.domain.calls.decision import Decision, Granted, Refused
from gateway.domain.events import CallAnswered, CallEnded, CallHinted, CallStarted, Ignored
from gateway.log import logger
from gateway.log_events import LogEvent
from gateway.metrics import Metrics
from gateway.providers.base import Acknowledged, Charged, Hook
from gateway.usecases.calls.starts.start_request import ConnectedUnrecorded, Decided, Repeated, StartResult

_KINDS = {CallAnswered: "answer", CallEnded: "end", CallHinted: "hint"}
_LEVELS = {LogEvent.HOOK_FAILED: "error", LogEvent.HOOK_REJECTED: "warning"}


class HookLog:
    """Writes the lines; keeps the labelled children of the metrics, which are slow to look up."""

    class Line:
        """What there is to say about one webhook; said and counted at the end of the block."""

        __slots__ = (
            "_begin",
            "_connection",
            "_data",
            "_event",
            "_left_out",
            "_log",
            "hook",
            "kind",
            "outcome",
            "seconds",
        )

        def __init__(self, log: "HookLog", connection: str) -> None:
            self._log = log
            self._connection = connection
            self._event = LogEvent.HOOK_FAILED
            self._data: dict[str, Any] = {}
            self._left_out: dict[str, tuple[str, ...]] = {}
            self.kind = "unknown"
            self.outcome = "failed"
            self.seconds = 0.0
            # As it came, once it was read.
            self.hook: Hook | None = None

        @property
        def call_id(self) -> str | None:
            """The call's id at its provider, once it is known."""
            return self._data.get("call_id")

        @property
        def why(self) -> str | None:
            """Why it was refused."""
            return self._data.get("why")

        def __enter__(self) -> Self:
            self._begin = time.perf_counter()
            return self

        def __exit__(
            self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
        ) -> None:
            self.seconds = time.perf_counter() - self._begin
            self._log.write(self._event, self._connection, self, self.seconds, self._data | self._left_out)

        def started(self, call: CallStarted, result: StartResult) -> None:
            self.kind = "start"
            self._leave_out(call)
            self._data = {"call_id": call.call_id, "direction": call.direction.value, "line": call.line}
            self._data["callee"] = call.callee
            match result:
                case Repeated():
                    self._event, self.outcome = LogEvent.CALL_REPEATED, "repeated"
                case ConnectedUnrecorded():
                    self._event, self.outcome = LogEvent.CALL_ALLOWED_UNAVAILABLE, "connect"
                    self._log.decided(call.direction.value, "connect")
                case Decided():
                    self._decided(call, result.decision)
                    self._data["account_id"] = result.account_id
                case _ as never:
                    assert_never(never)

        def _decided(self, call: CallStarted, decision: Decision) -> None:
            match decision:
                case Granted():
                    self._event, self.outcome = LogEvent.CALL_AUTHORIZED, "connect"
                    self._data |= {"rule": decision.rule, "granted_s": decision.granted_s, "hold": decision.hold}
                    self._log.decided(call.direction.value, "connect")
                case Refused():
                    self._event, self.outcome = LogEvent.CALL_REFUSED, "reject"
                    self._data |= {"rule": decision.rule, "reason": decision.refusal.value}
                    self._log.decided(call.direction.value, decision.refusal.value)
                case _ as never:
                    assert_never(never)

        def noted(self, event: CallAnswered | CallEnded | CallHinted, outcome: Charged | Acknowledged) -> None:
            self.kind = _KINDS[type(event)]
            self._leave_out(event)
            self.outcome = "booked" if isinstance(outcome, Charged) else "taken"
            self._event = LogEvent.CALL_ENDED if isinstance(event, CallEnded) else LogEvent.HOOK_ANSWERED
            self._data = {"call_id": event.call_id}
            if isinstance(outcome, Charged):
                self._data["charged"] = outcome.charged

        def _leave_out(self, event: CallStarted | CallAnswered | CallEnded | CallHinted) -> None:
            """Name the fields that could not be read and were left out."""
            if event.left_out:
                self._left_out = {"left_out": event.left_out}

        def ignored(self, event: Ignored) -> None:
            self.kind, self.outcome = "other", "ignored"
            self._event, self._data = LogEvent.HOOK_IGNORED, {"what": event.kind}

        def rejected(self, status: int, why: str) -> None:
            self.outcome = str(status)
            self._event, self._data = LogEvent.HOOK_REJECTED, {"status": status, "why": why}

        def broke_off(self, fault: str) -> None:
            """Nothing is known of who sent it, and nothing of it is told."""
            self.outcome = "400"
            self._event, self._data = LogEvent.HTTP_MALFORMED, {"why": fault}
            self._log.count_malformed()

        def failed(self, error: Exception) -> None:
            self.outcome = "failed"
            self._event, self._data = LogEvent.HOOK_FAILED, {"exc_info": error}

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        # Bound once: looking the logger up costs as much as a line.
        self._logger = logger().bind()
        self._counters: dict[tuple[str, str, str], Counter] = {}
        self._seconds: dict[str, Histogram] = {}
        self._decisions: dict[tuple[str, str], Counter] = {}

    def timed(self, connection: str) -> Line:
        return self.Line(self, connection)

    def write(self, event: LogEvent, connection: str, line: Line, seconds: float, data: dict[str, Any]) -> None:
        self._counter(connection, line.kind, line.outcome).inc()
        self._histogram(line.kind).observe(seconds)
        say = getattr(self._logger, _LEVELS.get(event, "info"))
        say(event, connection=connection, kind=line.kind, ms=round(seconds * 1000, 2), **data)

    def rejected(self, *, name: str, status: int, why: str) -> None:
        """A webhook that belongs to no connection."""
        self._counter(name, "unknown", str(status)).inc()
        self._logger.warning(LogEvent.HOOK_REJECTED, status=status, why=why)

    def count_malformed(self) -> None:
        self._metrics.http_malformed.inc()

    def decided(self, direction: str, reason: str) -> None:
        key = (direction, reason)
        counter = self._decisions.get(key)
        if counter is None:
            counter = self._decisions[key] = self._metrics.decisions.labels(*key)
        counter.inc()

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
