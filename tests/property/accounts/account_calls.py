"""What calls do to an account by the specification alone (R8 to R22), and what its lines and prices are."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal

SECOND = timedelta(seconds=1)
HOUR_S = 3600
SLICE_S = 300
TOLERANCE_S = 10
CHARGED_LATE_MAX = timedelta(days=60)
PER_MINUTE = Decimal("0.05")


class Prices:
    """R28: what a month costs of each category, and the setup, from some instant on."""

    def __init__(self) -> None:
        self.rows: dict[str, list[tuple[datetime, Decimal, Decimal]]] = {}

    def put(self, category: str, since: datetime, month: Decimal, setup: Decimal) -> None:
        """The row ends what there is from then on, also what was planned for later."""
        self.rows[category] = [row for row in self.rows.get(category, []) if row[0] < since] + [(since, month, setup)]

    def at(self, category: str, at: datetime) -> tuple[Decimal, Decimal]:
        *_, (month, setup) = (row[1:] for row in self.rows[category] if row[0] <= at)
        return month, setup


@dataclass
class Line:
    serial: int
    name: str
    category: str  # of a number; else "connector"
    rent: Decimal
    anchor: int
    due: date
    state: str = "active"
    reserved_until: datetime | None = None
    ends_at: datetime | None = None
    disconnected_at: datetime | None = None
    retry_at: datetime | None = None
    # Reminders whose moment has come, by the day they are about and the days before it.
    reminded: set[tuple[date, int]] = field(default_factory=set)

    @property
    def is_number(self) -> bool:
        return self.category != "connector"


@dataclass
class Call:
    state: str
    started_at: datetime
    record_code: int = 200
    sip_code: int = 200
    caller_id: str | None = None
    granted_s: int = 0
    is_paid: bool = False
    is_announced: bool = True  # by its start
    hold: Decimal = Decimal(0)
    answered_at: datetime | None = None
    seconds: int = 0
    charge: Decimal | None = None


@dataclass(kw_only=True)
class CallsModel:
    credit_limit: Decimal
    main_number: str | None
    entries: list[tuple[str, Decimal, datetime]] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    calls: dict[str, Call] = field(default_factory=dict)

    @property
    def balance(self) -> Decimal:
        return sum((amount for _, amount, _ in self.entries), Decimal(0))

    @property
    def held(self) -> Decimal:
        return sum((call.hold for call in self.calls.values()), Decimal(0))

    @property
    def available(self) -> Decimal:
        return self.balance + self.credit_limit - self.held

    def line(self, name: str) -> Line | None:
        """The line that has a name, or that had it last."""
        return max(
            (line for line in self.lines if line.name == name),
            key=lambda line: (line.state != "disconnected", line.serial),
            default=None,
        )

    def start(self, call_id: str, name: str, *, is_inbound: bool, now: datetime) -> None:
        known = self.calls.get(call_id)
        line = self.line(name)
        if known is None:
            self.calls[call_id] = self._decide(line, is_inbound=is_inbound, now=now)
        elif known.state == "orphan":
            # R21: charged whatever money there is, as it has happened.
            known.granted_s, known.is_paid = HOUR_S, line is not None and line.is_number and not is_inbound
            self._close(known, known.seconds, now)

    def answer(self, call_id: str, now: datetime) -> None:
        call = self.calls.get(call_id)
        if call is not None and call.state == "open" and call.answered_at is None:
            call.answered_at = now

    def end(self, call_id: str, seconds: int | None, now: datetime) -> None:
        """`seconds` None: those from the answer; R21: the first figures stand, but seconds beat a zero."""
        call = self.calls.setdefault(call_id, Call("orphan", now, seconds=seconds or 0, is_announced=False))
        if call.state == "open":
            if seconds is None:
                seconds = 0 if call.answered_at is None else -((call.answered_at - now) // SECOND)
            self._close(call, seconds, now)
        elif call.state == "ended" and not call.seconds and seconds and now - call.started_at <= CHARGED_LATE_MAX:
            self._close(call, seconds, now)

    def asked(self, seconds: int, now: datetime) -> None:
        """R15, R22: a provider that is asked says that its calls have ended."""
        for call_id, call in self.calls.items():
            if call.state == "open" and now >= self._asked_at(call):
                self.end(call_id, seconds, now)

    def _decide(self, line: Line | None, *, is_inbound: bool, now: datetime) -> Call:
        state = "unknown" if line is None else line.state
        if is_inbound:
            if state in {"unknown", "disconnected"}:
                return Call("refused", now, 404, 404)
            if state == "suspended" and line.is_number:
                return Call("refused", now, 486, 486)
            return Call("open", now, granted_s=HOUR_S)
        if line is None:
            return Call("refused", now, 403, 403)
        if not line.is_number:
            return Call("open", now, granted_s=HOUR_S) if state == "active" else Call("refused", now, 402, 402)
        caller_id = line.name if state == "active" else self.main_number
        if caller_id is None:
            return Call("refused", now, 503, 503)
        granted_s = max(0, min(HOUR_S, int(self.available / PER_MINUTE) * 60))
        if not granted_s:
            return Call("refused", now, 402, 402)
        hold = _price(min(granted_s, SLICE_S))
        return Call("open", now, caller_id=caller_id, granted_s=granted_s, is_paid=True, hold=hold)

    def _close(self, call: Call, seconds: int, now: datetime) -> None:
        """R20: of the seconds that are told, those that were granted and that can have passed by our clock."""
        call.seconds = min(seconds, call.granted_s)
        if call.is_announced:
            call.seconds = min(call.seconds, -(((call.answered_at or call.started_at) - now) // SECOND) + TOLERANCE_S)
        call.state, call.hold = "ended", Decimal(0)
        call.charge = _price(call.seconds) if call.is_paid else Decimal(0)
        if call.charge:
            self.entries.append(("call", -call.charge, now))

    def _asked_at(self, call: Call) -> datetime:
        """After the ring time, or two minutes after the deadline of a call that was answered."""
        if call.answered_at is None:
            return call.started_at + 90 * SECOND
        return call.answered_at + (call.granted_s + 120) * SECOND


def _price(seconds: int) -> Decimal:
    """R4: every minute that was begun."""
    return -(-seconds // 60) * PER_MINUTE
