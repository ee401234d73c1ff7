"""Change the caps of an account, or give a new one its first: what is written becomes caps, or is told to be wrong."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from typing import Any, Final

from gateway.domain.accounts.caps import DEAR, Cap, Caps, blocking_entry
from gateway.domain.errors import InvalidInput, together
from gateway.domain.money import parse_amount

COUNT_MAX: Final = 1_000_000
# The caps of an account are read at each start of its calls.
BLOCKED_MAX: Final = 1000
CALLER_LENGTH_MAX: Final = 128

_COUNTS = (Cap.LIVE_CALLS, Cap.STARTS_A_MINUTE)
_BLOCKING = (Cap.BLOCKED_PREFIXES, Cap.BLOCKED_CALLERS)
_PREFIX = re.compile(r"\+[1-9][0-9]{0,14}")


@dataclass(frozen=True, slots=True, kw_only=True)
class CapsChange:
    """What is to be another way, as it was written; all else stays.

    `limits` are for the caps with a number, `block` and `unblock` for the two that block, of which `instead` is the
    whole list; `removed` are to be none.
    """

    limits: Mapping[Cap, str] = field(default_factory=dict)
    block: Mapping[Cap, Sequence[str]] = field(default_factory=dict)
    unblock: Mapping[Cap, Sequence[str]] = field(default_factory=dict)
    instead: Mapping[Cap, Sequence[str]] = field(default_factory=dict)
    removed: Collection[Cap] = ()


def changed_caps(before: Caps, change: CapsChange) -> Caps:
    """The caps with what is to be another way, or InvalidInput with a line for each mistake."""
    named = {*change.limits, *change.block, *change.unblock, *change.instead}
    if not named and not change.removed:
        raise InvalidInput("nothing to change: name a cap")
    problems = [
        InvalidInput("{cap}: is to be set and removed at once", cap=cap)
        for cap in Cap
        if cap in named and cap in change.removed
    ]
    after: dict[str, Any] = {name: value for name, value in asdict(before).items() if name not in change.removed}
    for cap, text in change.limits.items():
        try:
            after[cap] = _limit(cap, text)
        except InvalidInput as error:
            problems.append(InvalidInput("{cap}: {error}", cap=cap, error=error))
    for cap, whole in change.instead.items():
        after[cap] = _Blocked(cap, (), problems).changed(block=whole, unblock=())
    for cap in _BLOCKING:
        if cap in change.block or cap in change.unblock:
            blocked = _Blocked(cap, after.get(cap, ()), problems)
            after[cap] = blocked.changed(block=change.block.get(cap, ()), unblock=change.unblock.get(cap, ()))
    if problems:
        raise together(problems)
    return Caps(**after)


def only_tightens(before: Caps, after: Caps) -> bool:
    """Whether whatever the caps of after allow, those of before allowed as well."""
    return (
        _is_at_most(after.live_calls, before.live_calls)
        and _is_at_most(after.starts_a_minute, before.starts_a_minute)
        and _is_at_most(after.spend_a_day, before.spend_a_day)
        and _is_at_most(after.dearest_rate, before.dearest_rate)
        and _block_as_much(after.blocked_prefixes, before.blocked_prefixes)
        and _block_as_much(after.blocked_callers, before.blocked_callers)
    )


def _is_at_most(after: Decimal | int | None, before: Decimal | int | None) -> bool:
    """None is no cap."""
    return before is None or (after is not None and after <= before)


def _block_as_much(after: Sequence[str], before: Sequence[str]) -> bool:
    """A shorter prefix blocks all that a longer one did."""
    return all(blocking_entry(after, each) is not None for each in before)


@dataclass(frozen=True, slots=True)
class _Blocked:
    """A list of what is blocked; what cannot be is noted."""

    cap: Cap
    before: tuple[str, ...]
    problems: list[InvalidInput]

    def changed(self, *, block: Sequence[str], unblock: Sequence[str]) -> tuple[str, ...]:
        entries = dict.fromkeys(self.before)
        for text in unblock:
            if self._entry(text) in entries:
                del entries[self._entry(text)]
            else:
                self.problems.append(InvalidInput("{cap}: {text!r} is not blocked", cap=self.cap, text=text))
        for text in block:
            entry = self._entry(text)
            if not self._is_entry(entry):
                self.problems.append(self._not_one(text))
            entries[entry] = None
        if len(entries) > BLOCKED_MAX:
            self.problems.append(
                InvalidInput("{cap}: more than {most} cannot be blocked", cap=self.cap, most=BLOCKED_MAX)
            )
        return tuple(entries)

    def _entry(self, text: str) -> str:
        """Prefixes may be written without their plus; of a caller it says that all are meant that begin so."""
        return f"+{text}" if self.cap is Cap.BLOCKED_PREFIXES and text.isascii() and text.isdigit() else text

    def _is_entry(self, entry: str) -> bool:
        if self.cap is Cap.BLOCKED_PREFIXES and entry == DEAR:
            return True
        if self.cap is Cap.BLOCKED_PREFIXES or entry.startswith("+"):
            return _PREFIX.fullmatch(entry) is not None
        return 1 <= len(entry) <= CALLER_LENGTH_MAX and entry.isprintable()

    def _not_one(self, text: str) -> InvalidInput:
        if self.cap is Cap.BLOCKED_PREFIXES:
            return InvalidInput(
                "{cap}: {text!r} is not a plus and 1 to 15 digits, like +4479, or {dear}",
                cap=self.cap,
                text=text,
                dear=DEAR,
            )
        return InvalidInput(
            "{cap}: {text!r} is not a plus and 1 to 15 digits, like +4479, or 1 to {most} printable characters",
            cap=self.cap,
            text=text,
            most=CALLER_LENGTH_MAX,
        )


def _limit(cap: Cap, text: str) -> int | Decimal:
    if cap not in _COUNTS:
        return parse_amount(text)
    number = int(text) if text.isascii() and text.isdigit() and len(text) <= len(str(COUNT_MAX)) else -1
    if not 0 <= number <= COUNT_MAX:
        raise InvalidInput("{text!r} is not a whole number from 0 to {most}", text=text, most=COUNT_MAX)
    return number
