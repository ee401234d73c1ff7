"""What a price list's columns are likely to be, by their names and by what stands in them.

It is a proposal for somebody who knows the list: what was guessed is said beside it.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple

import msgspec

from gateway.decks.headers import SEARCHED_LINES, fit, is_note, plain
from gateway.decks.tables import DELIMITERS, Unreadable, read_table
from gateway.decks.written import date_written
from gateway.domain.errors import InvalidInput

SAMPLE_LINES = 500
_CELL = re.compile(r"[^0-9]{0,5}[0-9]*[.,]?[0-9]+[^0-9]{0,8}")
_PREFIX = re.compile(r"[+0-9][0-9 ,;+-]*")
# Our columns in the order in which they choose, and what theirs are called.
_NAMES = (
    ("exact", r"exact"),
    ("origin", r"origin|from prefix|caller"),
    ("valid_from", r"effective|valid|start|date|gültig"),
    ("first_interval_s", r"interval 1|minimum|initial|first|min(\.|imum)? (time|duration)"),
    ("increment_s", r"interval n|increment|recurring|step|subsequent|takt"),
    ("connection_fee", r"connection|setup|per call|call fee"),
    ("per_minute", r"rate|price|cost|tarif|preis|prix|precio|usd|eur|gbp|per min"),
    (
        "prefix",
        r"prefix|area code|city code|dial|vorwahl|breakout|^codes?$|destination code|npa|nxx|country code|indicatif",
    ),
    ("country", r"^iso|country$|^land$"),
    ("description", r"description|destination|network|name|zone|operator|country"),
)
_JOINED = (("npa", "nxx"), ("country code", "area code"), ("country code", "area codes"), ("country code", "city code"))
_DATES = (
    "YYYY-MM-DD",
    "DD/MM/YYYY",
    "MM/DD/YYYY",
    "DD.MM.YYYY",
    "DD-MM-YYYY",
    "YYYY/MM/DD",
    "DD-MMM-YYYY",
    "DD MMM YYYY",
)
_INTERVALS = re.compile(r"[0-9]+ ?s?([/+ ]+[0-9]+ ?s?)?")
_CURRENCY = re.compile(r"USD|EUR|GBP|CHF|CAD|AUD")


class Table(NamedTuple):
    """The lines of a list as one delimiter parts them."""

    delimiter: str
    names: list[str]
    rows: list[list[str]]
    has_header: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A mapping as the operator saves it, in TOML."""

    toml: str


def propose(content: bytes) -> Proposal:
    """The mapping that a list is likely to need, or InvalidInput where no column of prefixes or prices is seen."""
    table = _table(content)
    columns = _columns(table)
    missing = [name for name in ("prefix", "per_minute") if name not in columns]
    if missing:
        said = ", ".join(table.names) or "nothing"
        raise InvalidInput(f"no column is seen for {' and '.join(missing)}; the file has: {said}")
    return Proposal(toml=_toml(table, columns))


def _table(content: bytes) -> Table:
    """The delimiter and the header by which most of our columns are found."""
    tables: list[Table] = []
    for delimiter in DELIMITERS:
        try:
            tables.append(_parted(content, delimiter))
        except Unreadable as error:
            what = str(error)
    if not tables:
        raise InvalidInput(f"the file {what}")
    return max(tables, key=lambda table: (table.has_header, len(_columns(table)), len(table.names)))


def _parted(content: bytes, delimiter: str) -> Table:
    lines = [line for _, line in islice(read_table(content, delimiter=delimiter), SAMPLE_LINES)]
    for number, line in enumerate(lines[:SEARCHED_LINES]):
        names = [" ".join(name.split()) for name in line]
        if {"prefix", "per_minute"} <= _by_name(names).keys():
            return Table(delimiter, names, _rows(lines[number + 1 :], len(names)), has_header=True)
    width = len(lines[0]) if lines else 0
    return Table(delimiter, [str(number) for number in range(1, width + 1)], _rows(lines, width), has_header=False)


def _rows(lines: Iterable[list[str]], width: int) -> list[list[str]]:
    return [row for line in lines if len(row := fit(line, width)) == width and not is_note(row)]


def _by_name(names: Sequence[str]) -> dict[str, list[str]]:
    """Ours to theirs; a prefix may be in several columns, which are joined."""
    free = {plain(name): name for name in names if name}
    found: dict[str, list[str]] = {}
    for joined in _JOINED:
        if set(joined) <= free.keys():
            found["prefix"] = [free.pop(name) for name in joined]
    for ours, pattern in _NAMES:
        theirs = next((name for name in free if re.search(pattern, name)), None)
        if theirs is not None and ours not in found:
            found[ours] = [free.pop(theirs)]
    return found


def _columns(table: Table) -> dict[str, list[str]]:
    if table.has_header:
        return _by_name(table.names)
    found: dict[str, list[str]] = {}
    for at, name in enumerate(table.names):
        cells = [row[at].strip() for row in table.rows if row[at].strip()]
        if cells and "prefix" not in found and all(map(_PREFIX.fullmatch, cells)):
            found["prefix"] = [name]
        elif cells and "per_minute" not in found and all(map(_CELL.fullmatch, cells)):
            found["per_minute"] = [name]
    return found


def _toml(table: Table, columns: dict[str, list[str]]) -> str:
    cells = {ours: _cells(table, theirs[-1]) for ours, theirs in columns.items()}
    lines = [f"delimiter = {_text(table.delimiter)}"] if table.delimiter != "," else []
    lines += [] if table.has_header else ["header = false"]
    if any(re.search(r"[0-9]*,[0-9]+", cell) for cell in cells["per_minute"]):
        lines.append('decimal_mark = ","')
    separator = next((sign for sign in (",", ";", " ") if any(sign in cell for cell in cells["prefix"])), ",")
    lines += [f"prefix_separator = {_text(separator)}"] if separator != "," else []
    lines += ["nanp = true"] if plain(columns["prefix"][0]) == "npa" else []
    lines += _date_lines(cells.get("valid_from", []))
    if _are_intervals(cells.get("increment_s", [])):
        columns = {**columns, "intervals": columns["increment_s"]}
        del columns["increment_s"]
        columns.pop("first_interval_s", None)
    said = {ours: theirs[0] if len(theirs) == 1 else theirs for ours, theirs in columns.items()}
    lines += ["", "[columns]", *(f"{ours} = {_text(theirs)}" for ours, theirs in said.items())]
    return "\n".join([*lines, "", "[constants]", *_constants(table, cells), ""]).lstrip("\n")


def _cells(table: Table, name: str) -> list[str]:
    at = table.names.index(name)
    return [row[at].strip() for row in table.rows if row[at].strip()]


def _constants(table: Table, cells: dict[str, list[str]]) -> list[str]:
    seen = _CURRENCY.search(" ".join([*table.names, *cells["per_minute"][:1]]).upper())
    return [f'currency = "{seen[0]}"' if seen else 'currency = "USD"  # guessed: the list does not say it']


def _date_lines(cells: Sequence[str]) -> list[str]:
    """The first format that reads all dates; where another would as well, that is said."""
    fitting = [each for each in _DATES if cells and all(_is_date(cell, each) for cell in cells)]
    if not fitting or fitting[0] == _DATES[0]:
        return []
    others = f"  # or {' or '.join(fitting[1:])}: the list does not tell" if len(fitting) > 1 else ""
    return [f'date_format = "{fitting[0]}"{others}']


def _is_date(cell: str, date_format: str) -> bool:
    try:
        date_written(cell, date_format=date_format, zone=None)
    except ValueError:
        return False
    return True


def _are_intervals(cells: Sequence[str]) -> bool:
    """Whether a column has both intervals in one cell."""
    return any("/" in cell for cell in cells) and all(map(_INTERVALS.fullmatch, cells))


def _text(value: str | list[str]) -> str:
    """A text or a list of texts is written in TOML as in JSON."""
    return msgspec.json.encode(value).decode()
