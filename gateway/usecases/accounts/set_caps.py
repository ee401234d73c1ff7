"""Set an account's caps against fraud, show them and what counts against them (R17)."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from gateway.domain.accounts.caps import Cap, Caps
from gateway.domain.errors import InvalidInput, NotFound
from gateway.domain.money import parse_amount
from gateway.postgres.accounts import accounts, caps
from gateway.postgres.accounts.caps import CapsRow
from gateway.postgres.types import PgConnection

COUNT_MAX: Final = 1_000_000
# The caps of an account are read at each start of its calls.
BLOCKED_MAX: Final = 1000
CALLER_LENGTH_MAX: Final = 128

_COUNTS = (Cap.LIVE_CALLS, Cap.STARTS_A_MINUTE)
_BLOCKING = (Cap.BLOCKED_PREFIXES, Cap.BLOCKED_CALLERS)
_PREFIX = re.compile(r"\+[1-9][0-9]{0,14}")


@dataclass(frozen=True, slots=True, kw_only=True)
class CapUseView:
    """What counts against the caps now; what live calls hold counts as spent."""

    day: date
    spent: Decimal
    held: Decimal
    live_calls: int
    starts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CapsView:
    """The caps of an account, None or empty for those it has not."""

    account_id: int
    currency: str
    live_calls: int | None
    starts_a_minute: int | None
    spend_a_day: Decimal | None
    dearest_rate: Decimal | None
    blocked_prefixes: tuple[str, ...]
    blocked_callers: tuple[str, ...]
    use: CapUseView


@dataclass(frozen=True, slots=True, kw_only=True)
class CapsChange:
    """What is to be another way, as it was written; all else stays.

    `limits` are for the caps with a number, `block` and `unblock` for the two that block; `removed` are to be none.
    """

    limits: Mapping[Cap, str] = field(default_factory=dict)
    block: Mapping[Cap, Sequence[str]] = field(default_factory=dict)
    unblock: Mapping[Cap, Sequence[str]] = field(default_factory=dict)
    removed: Collection[Cap] = ()


async def show_caps(conn: PgConnection, *, account_id: int, now: datetime) -> CapsView:
    """The caps of an account and their use, or NotFound."""
    return _view(await _require(conn, account_id=account_id, now=now))


async def set_caps(conn: PgConnection, *, account_id: int, change: CapsChange, now: datetime) -> CapsView:
    """Change the caps that are named, or raise InvalidInput naming all that is wrong, and change nothing.

    They hold from the next start on; calls that are up go on.
    """
    async with conn.transaction():
        await accounts.lock(conn, account_id=account_id)
        before = await _require(conn, account_id=account_id, now=now)
        after = replace(before, caps=changed_caps(before.caps, change))
        await caps.put(conn, after)
    return _view(after)


def changed_caps(before: Caps, change: CapsChange) -> Caps:
    """The caps with what is to be another way, or InvalidInput with a line for each mistake."""
    named = {*change.limits, *change.block, *change.unblock}
    if not named and not change.removed:
        raise InvalidInput("nothing to change: name a cap")
    problems = [f"{cap}: is to be set and removed at once" for cap in Cap if cap in named and cap in change.removed]
    after: dict[str, Any] = {name: value for name, value in asdict(before).items() if name not in change.removed}
    for cap, text in change.limits.items():
        try:
            after[cap] = _limit(cap, text)
        except InvalidInput as error:
            problems.append(f"{cap}: {error}")
    for cap in _BLOCKING:
        if cap in change.block or cap in change.unblock:
            blocked = _Blocked(cap, after.get(cap, ()), problems)
            after[cap] = blocked.changed(block=change.block.get(cap, ()), unblock=change.unblock.get(cap, ()))
    if problems:
        raise InvalidInput("\n".join(problems))
    return Caps(**after)


@dataclass(frozen=True, slots=True)
class _Blocked:
    """A list of what is blocked; what cannot be is noted."""

    cap: Cap
    before: tuple[str, ...]
    problems: list[str]

    def changed(self, *, block: Sequence[str], unblock: Sequence[str]) -> tuple[str, ...]:
        entries = dict.fromkeys(self.before)
        for text in unblock:
            if self._entry(text) in entries:
                del entries[self._entry(text)]
            else:
                self.problems.append(f"{self.cap}: {text!r} is not blocked")
        for text in block:
            entry = self._entry(text)
            if not self._is_entry(entry):
                self.problems.append(f"{self.cap}: {text!r} is not {_ENTRIES[self.cap]}")
            entries[entry] = None
        if len(entries) > BLOCKED_MAX:
            self.problems.append(f"{self.cap}: more than {BLOCKED_MAX} cannot be blocked")
        return tuple(entries)

    def _entry(self, text: str) -> str:
        """Prefixes may be written without their plus; of a caller it says that all are meant that begin so."""
        return f"+{text}" if self.cap is Cap.BLOCKED_PREFIXES and text.isascii() and text.isdigit() else text

    def _is_entry(self, entry: str) -> bool:
        if self.cap is Cap.BLOCKED_PREFIXES or entry.startswith("+"):
            return _PREFIX.fullmatch(entry) is not None
        return 1 <= len(entry) <= CALLER_LENGTH_MAX and entry.isprintable()


_ENTRIES = {
    Cap.BLOCKED_PREFIXES: "a plus and 1 to 15 digits, like +4479",
    Cap.BLOCKED_CALLERS: f"a plus and 1 to 15 digits, like +4479, or 1 to {CALLER_LENGTH_MAX} printable characters",
}


def _limit(cap: Cap, text: str) -> int | Decimal:
    if cap not in _COUNTS:
        return parse_amount(text)
    number = int(text) if text.isascii() and text.isdigit() and len(text) <= len(str(COUNT_MAX)) else -1
    if not 0 <= number <= COUNT_MAX:
        raise InvalidInput(f"{text!r} is not a whole number from 0 to {COUNT_MAX}")
    return number


async def _require(conn: PgConnection, *, account_id: int, now: datetime) -> CapsRow:
    row = await caps.find(conn, account_id=account_id, now=now)
    if row is None:
        raise NotFound(f"there is no account {account_id}")
    return row


def _view(row: CapsRow) -> CapsView:
    use = row.use
    return CapsView(
        account_id=row.account_id,
        currency=row.currency,
        live_calls=row.caps.live_calls,
        starts_a_minute=row.caps.starts_a_minute,
        spend_a_day=row.caps.spend_a_day,
        dearest_rate=row.caps.dearest_rate,
        blocked_prefixes=row.caps.blocked_prefixes,
        blocked_callers=row.caps.blocked_callers,
        use=CapUseView(day=use.day, spent=use.spent, held=row.held, live_calls=use.live, starts=use.starts),
    )
