"""What a process remembers of lines and of live calls, so that an ordinary event needs no look at the database first.

What is remembered may be wrong by now. Whoever writes by it makes sure of it in the same statement.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from enum import Enum, auto
from typing import Final, TypeVar

from gateway.domain.accounts.account_state import AccountState
from gateway.domain.accounts.funds import Funds
from gateway.domain.accounts.paying_account import PayingAccount
from gateway.domain.calls.call import CallState
from gateway.domain.calls.decision import Granted
from gateway.domain.calls.withholding import withholds
from gateway.domain.events import CallStarted, Direction
from gateway.domain.lines.line import Line, LineKind, LineState
from gateway.domain.money import ZERO
from gateway.domain.phone import is_short
from gateway.domain.rates.rate import Rate
from gateway.postgres.calls import at_once
from gateway.postgres.calls.ends import RecordedCall
from gateway.postgres.calls.starts import GatheredStart, NewCall
from gateway.postgres.types import PgConnection
from gateway.usecases.calls.starts.known_rates import UNSURE, Unsure
from gateway.usecases.calls.starts.last_known import LastKnown

# Half a kilobyte each. What was remembered first is forgotten first.
LINES_MAX: Final = 20_000
CALLS_MAX: Final = 10_000
# More than any call costs: whether an account has what a call needs is looked at when it is written.
_ENOUGH: Final = Funds(balance=Decimal(10**12), held=ZERO, credit_limit=ZERO)

CallKey = tuple[str, str]


@dataclass(frozen=True, slots=True)
class _KnownLine:
    """Who pays for a line's calls, None where there is no such line; and all the rest, if the line is ordinary."""

    account_id: int | None
    line: Line | None = None
    account: PayingAccount | None = None


class _Stranger(Enum):
    """Nothing is known of a line."""

    STRANGER = auto()


STRANGER: Final = _Stranger.STRANGER
K = TypeVar("K")
V = TypeVar("V")


class Memory:
    """Lines of accounts of the ordinary kind, and live calls by connection and id; prices are those `known`."""

    def __init__(self, known: LastKnown) -> None:
        self.known = known
        # Those of all accounts whose lines were ever remembered.
        self.currencies: set[str] = set()
        self._lines: dict[str, _KnownLine] = {}
        self._calls: dict[CallKey, RecordedCall] = {}
        self._is_read = False

    def start(self, call: CallStarted, *, at: datetime) -> GatheredStart | None:
        """The facts of a start, if they are remembered and its account has the money; None: they must be gathered."""
        known = self._lines.get(call.line)
        if known is None or known.line is None or known.account is None or _needs_more(call):
            return None
        line, account = known.line, known.account
        if account.currency not in self.known.currencies:  # its rates were not read yet
            return None
        rate = self._rate(call, line, account, at)
        if rate is UNSURE:
            return None
        return GatheredStart(
            call_id=None,
            is_archived=False,
            state=None,
            reply=None,
            asked=None,
            line=line,
            account=account,
            parent=None,
            rate=rate,
        )

    def account_of(self, line: str) -> int | _Stranger | None:
        """Who pays for a line's calls; STRANGER where that is not known."""
        known = self._lines.get(line)
        return STRANGER if known is None else known.account_id

    def call(self, key: CallKey) -> RecordedCall | None:
        """A live call as it was when it was opened or answered."""
        return self._calls.get(key)

    async def read(self, conn: PgConnection) -> None:
        """Remember the lines that there are, once, as far as there is room."""
        if not self._is_read:
            async for page in at_once.read_lines(conn, most=LINES_MAX):
                for line, account in page:
                    self._note_ordinary(line, account)
            self._is_read = True

    def note_line(self, name: str, gathered: GatheredStart, *, had_enough: bool) -> None:
        """Remember who pays for a line's calls; all but the money, where a call of it had enough of that."""
        line, account = gathered.line, gathered.account
        if had_enough and line is not None and account is not None and _is_ordinary(line, account):
            self._note_ordinary(line, account)
        else:
            self._lines.setdefault(name, _KnownLine(None if line is None else line.account_id))
            _forget_first(self._lines, LINES_MAX)

    def _note_ordinary(self, line: Line, account: PayingAccount) -> None:
        self._lines[line.name] = _KnownLine(line.account_id, line, replace(account, funds=_ENOUGH))
        self.currencies.add(account.currency)
        _forget_first(self._lines, LINES_MAX)

    def note_start(self, call_id: int, new: NewCall, account: PayingAccount) -> None:
        """Remember a call that was opened just now."""
        granted, clocks, key = new.decision, new.clocks, new.key
        if not isinstance(granted, Granted) or clocks is None:
            return
        self.note_call(
            (key.connection, key.call.call_id),
            RecordedCall(
                id=call_id,
                state=CallState.OPEN,
                account_id=account.id,
                currency=account.currency,
                started_at=key.started_at,
                answered_at=None,
                provider_started_at=new.provider_started_at,
                provider_answered_at=None,
                is_announced=True,
                granted_s=granted.granted_s,
                reported_s=None,
                billed_s=None,
                charge=None,
                hold=granted.hold,
                held_s=granted.held_s,
                is_cuttable=clocks.cut_due_at is not None,
                is_over=False,
                is_lost=False,
                is_closed_by_hand=False,
                is_locked=False,
                cause=None,
                rate=granted.rate,
            ),
        )

    def note_call(self, key: CallKey, call: RecordedCall) -> None:
        self._calls[key] = call
        _forget_first(self._calls, CALLS_MAX)

    def forget_line(self, name: str) -> None:
        self._lines.pop(name, None)

    def forget_call(self, key: CallKey) -> None:
        self._calls.pop(key, None)

    def _rate(self, call: CallStarted, line: Line, account: PayingAccount, at: datetime) -> Rate | Unsure | None:
        """The row that a call is charged by; a connector's calls cost nothing."""
        if line.kind is LineKind.CONNECTOR:
            return None
        if call.direction is Direction.INBOUND:
            return self.known.rates.of_line(account.currency, line.country, line.category, at=at)
        return self.known.rates.only_of_callee(account.currency, call.callee, at=at)


def _needs_more(call: CallStarted) -> bool:
    """Whether it is decided by more than its line and its price: by another call, by where it is, by who is shown."""
    return call.direction is Direction.FORWARD or is_short(call.callee) or withholds(call)


def _is_ordinary(line: Line, account: PayingAccount) -> bool:
    """Whether all that decides about its calls beside their money is what they cost."""
    return (
        line.state is LineState.ACTIVE
        and account.state is AccountState.OPEN
        and account.capped is None
        and not account.free_inbound_needs_balance
    )


def _forget_first(remembered: dict[K, V], most: int) -> None:
    if len(remembered) > most:
        del remembered[next(iter(remembered))]
