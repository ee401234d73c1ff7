"""The prefixes that a cell of a price list names: one, several, a range of them, or the part of one."""

import re

from gateway.numbers.metadata import code_of_prefix

# More prefixes than any list has for a destination: a range that needs them is a mistake.
RANGE_MAX = 2_000
_SPACING = re.compile(r"[\s().\u00a0]+")
_RANGE = re.compile(r"([0-9]+)[-\u2013]([0-9]+)")


def prefixes_of(text: str, *, separator: str, is_whole: bool = True) -> list[str]:
    """The prefixes in a cell; ValueError where a range is none. `is_whole`: they begin with their country codes."""
    parts = (_SPACING.sub("", part).removeprefix("+") for part in text.split(separator))
    return [prefix for part in parts for prefix in _expanded(part, is_whole=is_whole)]


def complete(prefix: str, *, beginning: str, is_nanp: bool) -> str:
    """A prefix with what stands in another column, or nowhere, before it."""
    whole = beginning + prefix
    return whole if not is_nanp or whole.startswith("1") else f"1{whole}"


def _expanded(part: str, *, is_whole: bool) -> list[str]:
    """A hyphen between digits of one length is a range; `447400-4` is short for such a one; else it parts digits."""
    found = _RANGE.fullmatch(part)
    if found is None:
        return [part]
    first, last = found.groups()
    if len(last) > len(first):
        return [first + last]
    last = first[: len(first) - len(last)] + last
    code = code_of_prefix(first)
    if last < first or (is_whole and (not code or code != code_of_prefix(last))):
        raise ValueError(f"{part!r} is not a range of prefixes of one country, like 447400-447404")
    cover = _cover(first, last)
    if len(cover) > RANGE_MAX:
        raise ValueError(f"{part!r} is a range of more than {RANGE_MAX} prefixes")
    return cover


def _cover(first: str, last: str) -> list[str]:
    """The fewest prefixes that begin whatever is from one to another."""
    low, high, digits = int(first), int(last) + 1, len(first)
    cover: list[str] = []
    while low < high and len(cover) <= RANGE_MAX:
        zeros = 0
        while zeros + 1 < digits and low % 10 ** (zeros + 1) == 0 and low + 10 ** (zeros + 1) <= high:
            zeros += 1
        cover.append(str(low).zfill(digits)[: digits - zeros])
        low += 10**zeros
    return cover
