"""What accounts block is brought to the one spelling, whoever enters it: a command, the API, or the settings (R42)."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from gateway.domain.accounts.caps import Cap
from gateway.domain.accounts.caps_change import CapsChange
from gateway.domain.errors import InvalidInput, together
from gateway.numbers.entered import entered_prefix
from gateway.numbers.reading import Writer, read
from gateway.numbers.spelling import spell
from gateway.numbers.withheld import WITHHELD, is_withheld


def spell_blocked(change: CapsChange) -> CapsChange:
    """A change whose entries have the one spelling; InvalidInput with a line for each that no number can have."""
    problems: list[InvalidInput] = []
    block, unblock = _spelled(change.block, problems), _spelled(change.unblock, problems)
    instead = _spelled(change.instead, problems)
    if problems:
        raise together(problems)
    return replace(change, block=block, unblock=unblock, instead=instead)


def _spelled(entries: Mapping[Cap, Sequence[str]], problems: list[InvalidInput]) -> Mapping[Cap, Sequence[str]]:
    spelled: dict[Cap, list[str]] = {}
    for cap, texts in entries.items():
        spelled[cap] = []
        for text in texts:
            try:
                spelled[cap].append(_caller(text) if cap is Cap.BLOCKED_CALLERS else _prefix(text))
            except InvalidInput as error:
                problems.append(InvalidInput("{cap}: {error}", cap=cap, error=error))
    return spelled


def _caller(text: str) -> str:
    """All callers who show no number, those whose number begins so, or one by its name."""
    if text.strip() and is_withheld(text):
        return WITHHELD
    if spell(text).digits.startswith(("+", "00")):
        return _prefix(text)
    if number := read(text, writer=Writer.CARRIER).number:
        raise InvalidInput("{text!r} is read as {number}: write it with its plus", text=text, number=number)
    return text


def _prefix(text: str) -> str:
    """The beginning of numbers; what is none is left for the caps to judge."""
    if not spell(text).digits:
        return text
    prefix = entered_prefix(text)
    if prefix is None:
        raise InvalidInput("no number begins with {text}: it ends in a trunk digit, or is too long", text=text)
    return f"+{prefix}"
