"""The languages of mails, by their tags (BCP 47)."""

from typing import Final

LANGUAGES: Final = ("en", "de", "es", "pt-BR", "ru", "fr")


def find_language(tag: str) -> str | None:
    """The language that a tag means, in any case, with - or _; a tag without a region means the one that there is."""
    wanted = tag.replace("_", "-").casefold()
    return next((each for each in LANGUAGES if wanted in (each.casefold(), each.partition("-")[0])), None)
