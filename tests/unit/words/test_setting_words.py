"""What settings mean is said in every language: English by the table of settings, the others by words of their own."""

import re

import pytest

from gateway.domain.mail.languages import LANGUAGES
from gateway.settings.origins import view_settings
from gateway.settings.table import SETTINGS
from gateway.web.pages.words import PageWords
from gateway.words import vocabulary
from gateway.words.vocabulary import words_of

OTHERS = sorted(set(LANGUAGES) - {"en"})
# What is typed as it stands: variables, names of other settings, addresses and options.
TYPED = re.compile(
    r"GATEWAY_[A-Z_]+|\b[a-z]+_[a-z_]+\b|\b[a-z]+://[^\s,;)]*[^\s,;).…]|--[a-z-]+|/(?:v1|metrics|readyz|livez)\b"
)
# So many words in a row are a sentence, which no two languages share.
SENTENCE = 4


def english() -> dict[tuple[str, str], str]:
    """Each text by its table and the name of its setting."""
    names = {each.key: each.name for each in SETTINGS}
    own_words = {each.name for each in SETTINGS if each.default_words}
    views = view_settings()
    return {("meaning", names[each.key]): each.meaning for each in views} | {
        ("default", names[each.key]): each.default for each in views if names[each.key] in own_words
    }


def texts(language: str) -> dict[tuple[str, str], str]:
    return {
        (table, name): text
        for table, words in words_of(language, vocabulary.SETTINGS).items()
        for name, text in words.items()
    }


@pytest.mark.parametrize("language", OTHERS)
def test_every_setting_has_its_words(language: str) -> None:
    assert texts(language).keys() == english().keys()


@pytest.mark.parametrize("language", OTHERS)
def test_what_is_typed_is_the_same_in_every_language(language: str) -> None:
    said = texts(language)

    differs = {
        place: (typed, found)
        for place, text in english().items()
        if (typed := sorted({*TYPED.findall(text)})) != (found := sorted({*TYPED.findall(said[place])}))
    }
    assert differs == {}


@pytest.mark.parametrize("language", OTHERS)
def test_no_meaning_was_left_in_english(language: str) -> None:
    said = texts(language)

    left = [place for place, text in english().items() if len(text.split()) >= SENTENCE and said[place] == text]
    assert left == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_page_says_each_in_the_language_of_who_reads(language: str) -> None:
    words = PageWords(language=language, subject="settings")
    expected = english() if language == "en" else texts(language)

    assert {place: words.of_setting(*place, text) for place, text in english().items()} == expected
