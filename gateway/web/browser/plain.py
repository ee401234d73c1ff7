"""Pages for whoever has not signed in, or is told that there is nothing here: in the language that they read."""

from typing import Final

from aiohttp import hdrs, web

from gateway.domain.mail.languages import find_language
from gateway.web.browser.rendering import page
from gateway.web.pages.words import PageWords
from gateway.words.vocabulary import FALLBACK

SUBJECT: Final = "sign_in"
_HEADER_LENGTH_MAX: Final = 1000


def plain(
    request: web.Request,
    name: str,
    *,
    status: int = 200,
    referrer: str = "same-origin",
    language: str | None = None,
    **values: object,
) -> web.Response:
    """A page by the name of its template; in this language, else in that which the browser asks for."""
    language = language or language_of(request)
    return page(name, status=status, referrer=referrer, t=words_in(language), language=language, **values)


def refused(request: web.Request, status: int, why: str, *, language: str | None = None) -> web.Response:
    """That it does not go on here, by the name of the words that say why."""
    return plain(request, "refused", status=status, language=language, why=why)


def words_in(language: str) -> PageWords:
    return PageWords(language=language, subject=SUBJECT)


def language_of(request: web.Request) -> str:
    """The one that a browser asks for most of those that there are; English where it asks for none of them."""
    wanted = request.headers.get(hdrs.ACCEPT_LANGUAGE, "")[:_HEADER_LENGTH_MAX].split(",")
    for tag in sorted((each.strip() for each in wanted), key=_weight, reverse=True):
        name = tag.partition(";")[0].strip()
        found = find_language(name) or find_language(name.partition("-")[0])
        if found is not None and _weight(tag) > 0:
            return found
    return FALLBACK


def _weight(tag: str) -> float:
    """As RFC 9110 has it: `de;q=0.8`; 1 where nothing is said, and nothing where that is no number."""
    _, _, weight = tag.partition(";q=")
    try:
        return float(weight or 1)
    except ValueError:
        return 0
