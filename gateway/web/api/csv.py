"""A list as CSV: all its parts, one after the other, as they are read."""

import csv
import dataclasses
import io
from collections.abc import Iterable, Sequence
from typing import Any, Final

import msgspec

CONTENT_TYPE: Final = "text/csv"


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
    match value:
        case str():
            return _harmless(value)
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case int():
            return value
        case list() if all(isinstance(each, str) for each in value):
            return _harmless(";".join(value))
        case _:
            return msgspec.json.encode(value).decode()


def _harmless(text: str) -> str:
    """A spreadsheet would run what begins like a formula; a number in E.164 is none."""
    return f"'{text}" if text[:1] in ("=", "@", "\t", "\r") else text
