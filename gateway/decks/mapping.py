"""A mapping file (TOML): what the columns of a price list are whose header we do not know.

    delimiter = ";"                # "," unless given
    decimal_mark = ","             # "." unless given
    prefix_separator = " "         # of several prefixes in one cell; "," unless given
    for_all = ["", "World"]        # in the column `origin`: rows for all callers; else "", "ALL" and "ROW"
    leaves_out_unpriced = true     # rows without a price are destinations that the provider refuses
    header = false                 # the list has none: columns are named by their numbers, the first is 1
    nanp = true                    # prefixes are area codes of the United States and their neighbours, without the 1
    prepend = "55"                 # digits that go before each prefix
    date_format = "DD/MM/YYYY"     # of valid_from; "2026-01-31" unless given
    time_zone = "Europe/Berlin"    # in which its days begin; UTC unless given
    hundredths = true              # prices are pence or cents
    sheet = "Rates"                # of an Excel workbook; the first one with something in it unless given

    [columns]                      # ours = theirs; also origin, description, exact (see `price_list`), and intervals,
    prefix = ["Country", "Areas"]  # which is like 60/1. Columns of a prefix are joined; the last may name several.
    per_minute = "Price"

    [constants]                    # what is the same for all rows
    currency = "USD"
    increment_s = 60

    [categories]                   # their word = ours, for the column `category`
    "Local" = "geographic"

Amounts and dates of the list are read as those of our own decks; a plus before a prefix is dropped.
"""

import tomllib
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import available_timezones

from gateway.decks.layouts import EVERY_ORIGIN, Layout
from gateway.decks.reading import Texts
from gateway.domain.errors import InvalidInput

# What callers a row is for stands in `origin`.
_CONSTANTS = tuple(name for name in Texts._fields if name != "caller_prefixes")
_COLUMNS = (*_CONSTANTS, "origin", "description", "exact", "intervals")
_MARKS = (".", ",")
_SWITCHES = {"leaves_out_unpriced": False, "header": True, "nanp": False, "hundredths": False}
_TEXTS = ("prepend", "date_format", "time_zone", "sheet")
_SETTINGS = (
    *("delimiter", "decimal_mark", "prefix_separator", "for_all", "leaves_out_unpriced", "header", "nanp"),
    *("prepend", "date_format", "time_zone", "hundredths", "sheet", "columns", "constants", "categories"),
)


def read_mapping(content: bytes) -> Layout:
    """The layout that a mapping file describes, or InvalidInput naming all that is wrong with it."""
    try:
        given = tomllib.loads(content.decode())
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InvalidInput(f"mapping: is not TOML: {error}") from None
    problems = [f"mapping: {name!r} is not one of {', '.join(_SETTINGS)}" for name in given if name not in _SETTINGS]
    *before_prefix, prefix = _names_of_prefix(given)
    columns = _table({**given, "columns": _columns(given, prefix)}, "columns", _COLUMNS, problems)
    constants = _table(given, "constants", _CONSTANTS, problems)
    categories = _table(given, "categories", None, problems) if "categories" in given else None
    delimiter = _sign(given, "delimiter", ",", problems)
    decimal_mark = _sign(given, "decimal_mark", ".", problems)
    separator = _sign(given, "prefix_separator", ",", problems)
    if decimal_mark not in _MARKS:
        problems.append("mapping: decimal_mark must be . or ,")
    both = sorted(columns.keys() & constants.keys())
    problems += [f"mapping: {name} is in columns and in constants" for name in both]
    for_all = given.get("for_all", EVERY_ORIGIN)
    if not isinstance(for_all, list | tuple) or not all(isinstance(each, str) for each in for_all):
        problems.append("mapping: for_all must be a list of texts")
    said = {name: given.get(name, default) for name, default in _SWITCHES.items()}
    problems += [f"mapping: {name} must be true or false" for name, value in said.items() if type(value) is not bool]
    texts = {name: given.get(name) for name in _TEXTS}
    problems += [f"mapping: {problem}" for name, text in texts.items() if (problem := _problem_of(name, text))]
    if "per_minute" not in columns:
        problems.append("mapping: columns must name the one of per_minute")
    if problems:
        raise InvalidInput("\n".join(problems))
    return Layout(
        name="the mapping file",
        columns=columns,
        constants={"kind": "outbound", **constants} if "kind" not in columns else constants,
        categories=categories,
        delimiter=delimiter,
        decimal_mark=decimal_mark,
        prefix_separator=separator,
        for_all=for_all,
        leaves_out_unpriced=said["leaves_out_unpriced"],
        has_header=said["header"],
        nanp=said["nanp"],
        hundredths=said["hundredths"],
        before_prefix=tuple(map(str, before_prefix)),
        prepend=texts["prepend"] or "",
        date_format=texts["date_format"],
        time_zone=texts["time_zone"],
        sheet=texts["sheet"],
    )


def _names_of_prefix(given: Mapping[str, Any]) -> list[Any]:
    """The columns that are joined to a prefix, the last of which is called so."""
    columns = given.get("columns")
    names = columns.get("prefix") if isinstance(columns, dict) else None
    return list(names) if isinstance(names, list) and names else [names]


def _columns(given: Mapping[str, Any], prefix: object) -> object:
    """The columns with one name each."""
    columns = given.get("columns", {})
    return {**columns, "prefix": prefix} if isinstance(columns, dict) and "prefix" in columns else columns


def _problem_of(name: str, text: object) -> str | None:
    """What is wrong with a setting that is a text."""
    if text is None:
        return None
    if not isinstance(text, str) or not text:
        return f"{name} must be a text"
    if name == "prepend" and not (text.isascii() and text.isdigit()):
        return "prepend must be digits"
    if name == "time_zone" and text not in available_timezones():
        return f"{text!r} is not a time zone like Europe/Berlin"
    return None


def _table(given: Mapping[str, Any], name: str, allowed: tuple[str, ...] | None, problems: list[str]) -> dict[str, str]:
    table = given.get(name, {})
    if not isinstance(table, dict):
        problems.append(f"mapping: {name} must be a table")
        return {}
    if allowed is not None:
        problems += [f"mapping: {name}: {key!r} is not one of {', '.join(allowed)}" for key in table.keys() - allowed]
    return {key: text for key, value in table.items() if (text := _text(value, f"{name}.{key}", problems)) is not None}


def _text(value: object, name: str, problems: list[str]) -> str | None:
    """Numbers would have been rounded by TOML's floats; text, whole numbers and dates are exact."""
    match value:
        case bool() | float() | dict() | list():
            problems.append(f"mapping: {name} must be a text, a whole number or a date")
            return None
        case date() | datetime():
            return value.isoformat()
        case _:
            return str(value)


def _sign(given: Mapping[str, Any], name: str, default: str, problems: list[str]) -> str:
    sign = given.get(name, default)
    if not isinstance(sign, str) or len(sign) != 1 or sign in '"\r\n' or sign.isalnum():
        problems.append(f"mapping: {name} must be one character")
        return default
    return sign
