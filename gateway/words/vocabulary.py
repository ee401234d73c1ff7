"""The words of a language (`SUBJECT/*.toml`), with spaces at which no line may break, and how they are filled in."""

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

from gateway.domain.mail.languages import find_language

# What there are words for.
MAILS: Final = "mails"
CALLS: Final = "calls"
HEALTH: Final = "health"
# These have no English file: refusals are raised with their English.
REFUSALS: Final = "refusals"
# Nor has this: English is what the table of settings says.
SETTINGS: Final = "settings"
# Beside the language that somebody reads, there is the one that everybody understands.
FALLBACK: Final = "en"
_WORDS: Final = Path(__file__).parent
# Translators type spaces. No line ends at those that in French stand at these marks, in Russian before a dash.
_NO_BREAK: Final = {"fr": re.compile(" (?=[:;?!»])|(?<=«) "), "ru": re.compile(" (?=—)")}
_PLACEHOLDER: Final = re.compile(r"\{(\w+)\}(\.?)")
_ENDS_OF_SENTENCES: Final = (".", "!", "?", "…")


def spoken(tag: str) -> str:
    """The language that is written to somebody who reads this one: English, if nobody has translated into it."""
    return find_language(tag) or FALLBACK


@cache
def words_of(tag: str, subject: str = MAILS) -> Mapping[str, Any]:
    """The words of a language, or of English, for a subject."""
    language = spoken(tag)
    words = tomllib.loads((_WORDS / subject / f"{language}.toml").read_text(encoding="utf-8"))
    return {name: _set(value, language) for name, value in words.items()}


def fill(text: str, values: Mapping[str, str]) -> str:
    """A text with its placeholders filled in; a value that ends with a full stop of its own gets no second one."""

    def filled(placeholder: re.Match[str]) -> str:
        value = values[placeholder[1]]
        return value if value.endswith(_ENDS_OF_SENTENCES) else value + placeholder[2]

    return _PLACEHOLDER.sub(filled, text)


def _set(value: Any, language: str) -> Any:
    """A text, a list or a table of texts, as its language sets them."""
    match value:
        case str():
            return _NO_BREAK[language].sub("\N{NO-BREAK SPACE}", value) if language in _NO_BREAK else value
        case list():
            return [_set(each, language) for each in value]
        case _:
            return {name: _set(each, language) for name, each in value.items()}
