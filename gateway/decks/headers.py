"""Where the header of a table stands, and what in it is a row at all: there may be titles above and notes below."""

from collections.abc import Callable, Iterator, Sequence
from itertools import chain, islice

# Titles above a header have no more lines.
SEARCHED_LINES = 50


def plain(name: str) -> str:
    """A column's name as it is compared: in any case and spacing."""
    return " ".join(name.split()).lower()


def find_header(
    records: Iterator[list[str]], fits: Callable[[Sequence[str]], bool]
) -> tuple[list[str], Iterator[list[str]]]:
    """The plain names of the first line that fits, and the lines after it; else those of the first line."""
    first: list[str] | None = None
    for record in islice(records, SEARCHED_LINES):
        names = [plain(name) for name in record]
        if fits(names):
            return names, records
        first = names if first is None else first
    return first or [], iter(())


def number_columns(records: Iterator[list[str]]) -> tuple[list[str], Iterator[list[str]]]:
    """The columns of a table without a header are called by their numbers, from 1 on."""
    first = next(records, None)
    if first is None:
        return [], iter(())
    return [str(number) for number in range(1, len(first) + 1)], chain([first], records)


def is_note(record: Sequence[str]) -> bool:
    """Whether a line says something in words in one cell alone, and so is no row."""
    cells = [cell for cell in map(str.strip, record) if cell]
    return len(cells) == 1 and not cells[0][:1].isdigit() and cells[0][:1] != "+"


def fit(record: list[str], columns: int) -> list[str]:
    """A line without what commas at its end add."""
    while len(record) > columns and not record[-1].strip():
        record = record[:-1]
    return record
