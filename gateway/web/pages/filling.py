"""What somebody filled in, as the API is told it: what was left empty is left out."""

from typing import Final

from gateway.web.pages.visit import PageVisit

# What a box has that was ticked.
TICKED: Final = "yes"
_BLANKS: Final = str.maketrans("", "", " \N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}")


def filled(visit: PageVisit, *names: str) -> dict[str, str]:
    """Those of the fields that something stands in."""
    given = {name: visit.form.get(name, "").strip() for name in names}
    return {name: text for name, text in given.items() if text}


def amount(text: str) -> str:
    """An amount as the API is told it: people write a comma as well, and blanks between thousands."""
    plain = text.translate(_BLANKS)
    return plain.replace(",", ".") if plain.count(",") == 1 and "." not in plain else plain


def with_amount(visit: PageVisit, *names: str) -> dict[str, str]:
    """The same where one of the fields is an amount."""
    given = filled(visit, *names)
    return given | {"amount": amount(given.get("amount", ""))}


def is_ticked(visit: PageVisit, name: str) -> bool:
    return visit.form.get(name) == TICKED


def whole(text: str | None) -> str | None:
    """An id, or a number of them; None where it is none, as nobody has typed any."""
    return text if text and text.isascii() and text.isdigit() else None
