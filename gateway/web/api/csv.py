"""A list as CSV: all its parts, one after the other, as they are read."""

import csv
import dataclasses
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

import msgspec

CONTENT_TYPE: Final = "text/csv"
# Which a spreadsheet would run.
_FORMULAS: Final = ("=", "@", "\t", "\r")


def columns_of(row: Any) -> list[str]:
    """The names of a row's fields, in their order: the header, which is never translated."""
    if dataclasses.is_dataclass(row):
        return [each.name for each in dataclasses.fields(row)]
    return list(row.__struct_fields__)


def lines_of(rows: Iterable[object], columns: Sequence[str]) -> bytes:
    """What is not there is empty, a list has semicolons, what has parts of its own is JSON."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    values = [[getattr(row, name) for name in columns] for row in rows]
    # All at once, which is quick: instants and amounts are texts from here on.
    writer.writerows([_cell(value) for value in row] for row in msgspec.to_builtins(values, builtin_types=()))
    return text.getvalue().encode()


def header_of(columns: Sequence[str]) -> bytes:
    return (",".join(columns) + "\r\n").encode()


def _cell(value: object) -> object:
    make = _CELLS.get(type(value))
    return value if make is None else make(value)


def _listed(values: list[Any]) -> str:
    if all(isinstance(each, str) for each in values):
        return _harmless(";".join(values))
    return _document(values)


def _document(value: object) -> str:
    return msgspec.json.encode(value).decode()


def _harmless(text: str) -> str:
    """A number in E.164 is no formula."""
    return f"'{text}" if text.startswith(_FORMULAS) else text


# By the types that `to_builtins` gives; what the writer itself knows how to write is not among them.
_CELLS: Final[Mapping[type, Callable[[Any], str]]] = MappingProxyType(
    {str: _harmless, bool: lambda value: "true" if value else "false", list: _listed, dict: _document, float: _document}
)
