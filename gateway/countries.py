"""Countries by their names, as people write them (names of the Unicode project, by Babel)."""

import unicodedata
from collections.abc import Sequence
from functools import cache

import phonenumbers

from gateway.domain.errors import InvalidInput

ENGLISH = "en"
CANDIDATES_MAX = 10


def find_country(text: str, *, languages: Sequence[str] = (ENGLISH,)) -> str:
    """The code of a country by its code or its name in one of the languages; the beginning of one name will do.

    InvalidInput where nothing begins so, or several do; it names them.
    """
    wanted = _folded(text)
    if code := _by_code(wanted.upper()):
        return code
    names = {name: code for language in languages for name, code in _names(language).items()}
    if wanted in names:
        return names[wanted]
    found = sorted({code for name, code in names.items() if wanted and name.startswith(wanted)})
    if len(found) == 1:
        return found[0]
    if not found:
        raise InvalidInput("{text!r} is not a country, a prefix like 44 or a number like +442079460000", text=text)
    shown = [f"{country_name(code, language=languages[0])} ({code})" for code in found[:CANDIDATES_MAX]]
    if more := len(found) - len(shown):
        shown.append(f"{more} more")
    raise InvalidInput("{text!r} may be {choices}", text=text, choices=", ".join(shown))


def country_name(code: str, *, language: str = ENGLISH) -> str:
    """A country's name, its code where it has none."""
    return _territories(language).get(code, code)


@cache
def country_of_time_zone(name: str) -> str:
    """The country of a time zone such as Europe/Berlin; empty for one of no country, as UTC."""
    from babel.core import get_global  # noqa: PLC0415 - as in `_territories`

    code = get_global("zone_territories").get(get_global("zone_aliases").get(name, name), "")
    return code if code in phonenumbers.SUPPORTED_REGIONS else ""


def _by_code(code: str) -> str | None:
    """Two letters, three letters, and what people say for them, such as UK."""
    from babel.core import get_global  # noqa: PLC0415 - as in `currencies`

    if code in phonenumbers.SUPPORTED_REGIONS:
        return code
    meant = get_global("territory_aliases").get(code, [])
    return meant[0] if len(meant) == 1 and meant[0] in phonenumbers.SUPPORTED_REGIONS else None


@cache
def _names(language: str) -> dict[str, str]:
    return {
        _folded(name): code for code, name in _territories(language).items() if code in phonenumbers.SUPPORTED_REGIONS
    }


@cache
def _territories(language: str) -> dict[str, str]:
    # Imported here, since processes that only serve calls have no need of it and should stay small.
    from babel import Locale  # noqa: PLC0415

    return dict(Locale.parse(language, sep="-").territories)


def _folded(text: str) -> str:
    """Without case, accents and the curl of apostrophes."""
    plain = unicodedata.normalize("NFKD", text.replace("\u2019", "'")).casefold()
    return " ".join("".join(sign for sign in plain if not unicodedata.combining(sign)).split())
