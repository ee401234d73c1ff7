"""A mapping file (TOML): what the columns of a price list are whose header we do not know.

    delimiter = ";"                # "," unless given
    decimal_mark = ","             # "." unless given
    prefix_separator = " "         # of several prefixes in one cell; "," unless given
    for_all = ["", "World"]        # in the column `origin`: rows for all callers; else "", "ALL" and "ROW"
    leaves_out_unpriced = true     # rows without a price are destinations that the provider refuses

    [columns]                      # ours = theirs; also origin, description, exact (see `price_list`)
    prefix = "Dial code"
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

from gateway.decks.layouts import EVERY_ORIGIN, Layout
from gateway.decks.reading import Texts
from gateway.domain.errors import InvalidInput

# What callers a row is for stands in `origin`.
_CONSTANTS = tuple(name for name in Texts._fields if name != "caller_prefixes")
_COLUMNS = (*_CONSTANTS, "origin", "description", "exact")
_MARKS = (".", ",")
_SETTINGS = (
    *("delimiter", "decimal_mark", "prefix_separator", "for_all", "leaves_out_unpriced"),
    *("columns", "constants", "categories"),
)


def read_mapping(content: bytes) -> Layout:
    """The layout that a mapping file describes, or InvalidInput naming all that is wrong with it."""
    try:
        given = tomllib.loads(content.decode())
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InvalidInput(f"mapping: is not TOML: {error}") from None
    problems = [f"mapping: {name!r} is not one of {', '.join(_SETTINGS)}" for name in given if name not in _SETTINGS]
    columns = _table(given, "columns", _COLUMNS, problems)
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
    unpriced = given.get("leaves_out_unpriced", False)
    if not isinstance(unpriced, bool):
        problems.append("mapping: leaves_out_unpriced must be true or false")
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
        leaves_out_unpriced=unpriced,
    )


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
