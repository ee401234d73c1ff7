"""An X in a prefix is any digit that other prefixes of the country have there (see `price_list`)."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from gateway.decks.list_rows import ListRow
from gateway.domain.rates.deck import DeckRow


class Pattern(NamedTuple):
    """A row whose prefix is a pattern, and the line where it stands."""

    row: ListRow
    line: int


def spell_out(patterns: Iterable[Pattern], rows: Iterable[DeckRow]) -> Iterator[tuple[Pattern, list[str]]]:
    """The prefixes that each pattern stands for, by those of the rows of its country."""
    by_country: defaultdict[str, list[str]] = defaultdict(list)
    for row in rows:
        by_country[row.rate.country].append(row.key.prefix)
    return ((pattern, _prefixes(pattern, by_country)) for pattern in patterns)


def _prefixes(pattern: Pattern, by_country: Mapping[str, list[str]]) -> list[str]:
    """The pattern's digits behind every beginning, to the last X, that the prefixes have."""
    texts = pattern.row.texts
    end = texts.prefix.rindex("X") + 1
    beginning = re.compile(re.escape(texts.prefix[:end]).replace("X", "[0-9]"))
    prefixes = by_country.get(texts.country, [])
    beginnings = {prefix[:end] for prefix in prefixes if beginning.fullmatch(prefix[:end])}
    return [each + texts.prefix[end:] for each in sorted(beginnings)]
