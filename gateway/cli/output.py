"""How commands print: JSON for programs, aligned text for people."""

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

import click
import msgspec

F = TypeVar("F", bound=Callable[..., Any])
Data = dict[str, Any]


def json_option(command: F) -> F:
    """Every command that prints data takes --json."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON on standard output.")(command)


def csv_option(command: F) -> F:
    """Lists take --csv as well."""
    return click.option("--csv", "as_csv", is_flag=True, help="Print CSV on standard output.")(command)


def instant_option(*names: str, help: str) -> Callable[[F], F]:  # noqa: A002 - click's own word
    """An option for an instant, read as UTC."""
    return click.option(*names, type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"]), help=help)


def at_utc(instant: datetime | None) -> datetime | None:
    """What such an option was given."""
    return None if instant is None else instant.replace(tzinfo=UTC)


def data_of(value: object) -> Data:
    """A frozen dataclass as plain JSON values: amounts and times are text."""
    data: Data = msgspec.to_builtins(value, str_keys=True)
    return data


def print_one(value: object, *, as_json: bool) -> None:
    """One object."""
    data = data_of(value)
    if as_json:
        click.echo(msgspec.json.encode(data))
        return
    rows = list(_flat(data))
    width = max(len(name) for name, _ in rows)
    for name, text in rows:
        click.echo(f"{name:<{width}}  {text}".rstrip())


def print_many(values: Sequence[object], *, as_json: bool, columns: Sequence[str]) -> None:
    """One array, or a table of some columns."""
    rows = [data_of(value) for value in values]
    if as_json:
        click.echo(msgspec.json.encode(rows))
        return
    header = [name.replace("_", " ") for name in columns]
    print_table([header, *([_text(row.get(name)) for name in columns] for row in rows)])


def print_list(values: Sequence[object], *, columns: Sequence[str], as_csv: bool, as_json: bool) -> None:
    """Rows as they were asked for."""
    if as_csv:
        print_csv(values, columns=columns)
    else:
        print_many(values, as_json=as_json, columns=columns)


def print_csv(values: Sequence[object], *, columns: Sequence[str]) -> None:
    """Some columns, with their names in the first line; what is not there is empty, a list has semicolons.

    An object is JSON.
    """
    lines = io.StringIO()
    rows = csv.writer(lines, lineterminator="\n")
    rows.writerow(columns)
    for value in values:
        data = data_of(value)
        rows.writerow([_cell(data.get(name)) for name in columns])
    click.echo(lines.getvalue(), nl=False)


def _cell(value: object) -> str:
    match value:
        case None:
            return ""
        case list():
            return ";".join(map(str, value))
        case dict():
            return msgspec.json.encode(value).decode()
        case _:
            return str(value)


def print_table(table: Sequence[Sequence[str]]) -> None:
    """Aligned columns, the first row their names."""
    widths = [max(map(len, cells)) for cells in zip(*table, strict=True)]
    for cells in table:
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip())


def _flat(data: Mapping[str, Any], prefix: str = "") -> "list[tuple[str, str]]":
    """Names and texts, a nested object's behind its own name, a list's a line each."""
    rows: list[tuple[str, str]] = []
    for name, value in data.items():
        title = f"{prefix}{name}".replace("_", " ")
        match value:
            case dict():
                rows += _flat(value, f"{title} ")
            case [dict(), *_]:
                rows += [(title if not at else "", _line(each)) for at, each in enumerate(value)]
            case [str(), *_]:
                rows += [(title if not at else "", each) for at, each in enumerate(value)]
            case _:
                rows.append((title, _text(value)))
    return rows


def _line(data: Mapping[str, Any]) -> str:
    return ", ".join(f"{name.replace('_', ' ')} {_text(value)}" for name, value in data.items())


def _text(value: object) -> str:
    match value:
        case None | []:
            return "-"
        case bool():
            return "yes" if value else "no"
        case list():
            return ",".join(map(str, value))
        case _:
            return str(value)
