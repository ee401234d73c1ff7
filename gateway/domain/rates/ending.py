"""A file that would end most of a deck is likely not the whole deck, so somebody must say how much may end."""

from collections import Counter
from collections.abc import Iterable

from gateway.domain.errors import EndsTooMuch
from gateway.domain.rates.deck import DeckKey, Switch


def ends_most(switch: Switch, stored: Iterable[DeckKey]) -> bool:
    """Whether more than half of a deck's destinations would end."""
    ending = Counter(change.key.deck for change in switch.changes if change.new is None)
    there = Counter(key.deck for key in stored)
    return any(number * 2 > there[deck] for deck, number in ending.items())


def require_ends(switch: Switch, stored: Iterable[DeckKey], *, ends: int | None) -> None:
    """EndsTooMuch where more would end than somebody said, or most of a deck and nobody said anything."""
    if ends is None and ends_most(switch, stored):
        what = f"would end {switch.removed} destinations, most of a deck, as it does not have them"
        raise EndsTooMuch(
            f"ends: the file {what}; --ends {switch.removed} imports it all the same", ending=_ending(switch)
        )
    if ends is not None and switch.removed > ends:
        raise EndsTooMuch(
            f"ends: the file would end {switch.removed} destinations, not {ends} at most", ending=_ending(switch)
        )


def _ending(switch: Switch) -> tuple[str, ...]:
    """The destinations by what tells them apart: kind, currency, country, category, prefix, callers."""
    keys = (change.key for change in switch.changes if change.new is None)
    return tuple(" ".join(str(part) for part in key if part) for key in keys)
