"""The currencies in use (ISO 4217, by the list that Babel has of the Unicode project)."""

from functools import cache

from gateway.domain.errors import InvalidInput


def require_currency(code: str) -> str:
    """The code, or InvalidInput if no currency has it."""
    if not is_currency(code):
        raise InvalidInput("currency: {code!r} is not a currency of ISO 4217; write it like USD", code=code)
    return code


def is_currency(code: str) -> bool:
    return code in _codes()


@cache
def _codes() -> frozenset[str]:
    # Imported here, since processes that only serve calls have no need of it and should stay small.
    from babel.core import get_global  # noqa: PLC0415

    # One entry for each territory: (currency, from, until, legal tender). No test codes, no gold, no currencies of old.
    used = (entry for entries in get_global("territory_currencies").values() for entry in entries)
    return frozenset(code for code, _, until, is_tender in used if until is None and is_tender)
