"""The languages of mails, by their tags."""

import pytest

from gateway.domain.mail.languages import LANGUAGES, find_language


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_is_found_by_its_tag(language: str) -> None:
    assert find_language(language) == language
    assert find_language(language.upper()) == language


@pytest.mark.parametrize("tag", ["pt", "PT", "pt-br", "pt_BR"])
def test_portuguese_is_that_of_brazil(tag: str) -> None:
    assert find_language(tag) == "pt-BR"


@pytest.mark.parametrize("tag", ["", "pt-PT", "p", "BR", "tlh", "english"])
def test_what_nobody_has_translated_into_is_no_language(tag: str) -> None:
    assert find_language(tag) is None
