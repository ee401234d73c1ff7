"""Every mail in every language reads as somebody of that language would write it: the lint over all of them."""

from typing import Any

import pytest

from gateway.domain.mail.languages import LANGUAGES
from gateway.domain.mail.top_up import TopUp
from gateway.mail.letters import Letter, write_letter
from tests.unit.mail.facts import EXAMPLES
from tests.unit.mail.lint import NB, faults

TOP_UP = TopUp(url="https://pay.example.com/accounts/7?from=mail", line="IBAN DE02 1203 0000 0000 2020 51.")
# A month begins, a year ends; the hour is one for which some languages have another article.
DAYS: dict[str, Any] = {
    "due_on": "2026-08-01",
    "reserved_until": "2026-12-31T00:05:00+00:00",
    "at": "2026-07-31T23:05Z",
}
# What people are called, and what is counted, that a sentence must bear.
ODD: dict[str, dict[str, Any]] = {
    "a name with a full stop": {"account": "Acme Inc.", "line": "Acme Inc.", "connection": "acme"},
    "a name that trails off": {"account": "Acme…", "line": "Acme…"},
    "a long name": {"account": "0123456789" * 20, "line": "0123456789" * 12},
    "one of everything": {"rent": "1", "available": "1", "missing": "1", "spent": "1", "attempts": 2, "limit": "1"},
    "one day": {"window_days": 1, "days_ahead": 1, "days": 3},
    "days at an edge": DAYS,
    "nothing there": {"available": "-0.000001", "balance": "-12345.678901", "held": "0"},
    "yens": {"currency": "JPY", "rent": "1234567"},
    "a currency that is letters": {"currency": "KWD"},
    "a zone of three parts": {"time_zone": "America/Argentina/Buenos_Aires"},
}


def letter(example: str, language: str, top_up: TopUp = TOP_UP, **odd: Any) -> Letter:
    """An example with those of its facts changed that it has."""
    kind, facts = EXAMPLES[example]
    changed = {name: value for name, value in odd.items() if facts.get(name) is not None}
    if "cap" in facts and facts["limit"] == "dear":
        changed.pop("limit", None)
    return write_letter(kind, language=language, facts=facts | changed, top_up=top_up)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("example", EXAMPLES)
def test_no_mail_has_a_doubled_mark_a_long_line_a_missing_word_or_a_wrong_space(example: str, language: str) -> None:
    assert faults(letter(example, language)) == []
    assert faults(letter(example, language, top_up=TopUp())) == []


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize("language", LANGUAGES)
def test_no_name_and_no_figure_makes_a_mail_wrong(language: str, odd: str) -> None:
    assert [found for example in EXAMPLES for found in faults(letter(example, language, **ODD[odd]))] == []


@pytest.mark.parametrize(
    ("language", "text", "fault"),
    [
        ("ru", "Срок платежа 1 июля 2026 г..", "a doubled mark"),  # noqa: RUF001 - Russian
        ("en", "A call from  to +49 was refused.", "two spaces"),
        ("en", "A call to +49 was was refused.", "a doubled word"),
        ("en", "The balance is {balance}.", "a placeholder"),
        ("en", "The rent is due", "a sentence that does not end"),
        ("en", "The rent ." + "x" * 70 + ".", "a long line"),
        ("de", "Deshalb wurde abgeschaltet.", "a clause without a subject"),
        ("de", "Am 1. Juli 2026, 14:05, endet es.", "a time without its Uhr"),
        ("fr", "Merci : tout va bien.", "no no-break space before a mark"),
        ("fr", "La tonalité « occupé » est entendue.", "no no-break space after «"),
        ("fr", "Dû le 1 juillet 2026.", "the first of a month"),
        ("pt-BR", "Vence em 1 de julho de 2026.", "the first of a month"),
        ("es", "Hasta el 1 de julio a las 01:05.", "an hour that may be one"),
    ],
)
def test_the_lint_finds_what_is_wrong(language: str, text: str, fault: str) -> None:
    wrong = Letter(language=language, subject="Mail", text=f"{text}\n\n-- \nAutomatic.\n", html="")

    assert [found for found in faults(wrong) if found.startswith(fault)]


def said(example: str, language: str, **facts: Any) -> str:
    """A mail on one line; ~ is a space where no line may break."""
    kind, usual = EXAMPLES[example]
    written = write_letter(kind, language=language, facts=usual | facts)
    text = " ".join(written.text.split("\n"))
    return f"{written.subject} {text}".translate(dict.fromkeys(map(ord, NB), "~"))


@pytest.mark.parametrize("example", ["restored", "rent_due", "suspended"])
def test_russian_dates_bring_no_full_stop_of_their_own(example: str) -> None:
    text = said(example, "ru")

    assert "2026 года" in text
    assert " г." not in text  # noqa: RUF001 - Russian
    assert ".." not in text


@pytest.mark.parametrize(("name", "shown"), [("Acme Inc.", "Acme Inc. "), ("Acme", "Acme. "), ("Yahoo!", "Yahoo! ")])
def test_a_value_that_brings_its_own_full_stop_ends_the_sentence(name: str, shown: str) -> None:
    assert f"for the account {shown}The operator" in said("restored", "en", account=name)


@pytest.mark.parametrize(
    ("language", "callers"),
    [("de", "Anrufer hören"), ("pt-BR", "quem liga ouve"), ("es", "quienes llaman oyen"), ("en", "callers hear")],
)
def test_it_is_callers_who_hear_and_not_calls(language: str, callers: str) -> None:
    assert callers in said("suspended", language)


@pytest.mark.parametrize(
    ("example", "clause"),
    [
        ("rent_due", "Andernfalls wird die Leitung gesperrt"),
        ("rent_due_for_held", "sonst wird die Leitung gesperrt"),
        ("lost", "Die Leitung wurde deshalb abgeschaltet"),
    ],
)
def test_german_clauses_have_a_subject(example: str, clause: str) -> None:
    assert clause in said(example, "de")


@pytest.mark.parametrize(
    ("language", "shown"),
    [
        ("en", "July 1, 2026 at 14:05 (Europe/Berlin)"),
        ("de", "1. Juli 2026 um 14:05 Uhr (Europe/Berlin)"),
        ("es", "1 de julio de 2026 (14:05~h, Europe/Berlin)"),
        ("pt-BR", "1º de julho de 2026 (14h05, Europe/Berlin)"),
        ("ru", "1 июля 2026 года (14:05, Europe/Berlin)"),
        ("fr", "1er juillet 2026 à 14~h~05 (Europe/Berlin)"),
    ],
)
def test_days_and_times_are_written_as_the_language_does(language: str, shown: str) -> None:
    assert shown in said("cap_live_calls", language)


@pytest.mark.parametrize(("language", "shown"), [("fr", "le 2 juillet 2026"), ("pt-BR", "em 2 de julho de 2026")])
def test_only_the_first_of_a_month_is_an_ordinal(language: str, shown: str) -> None:
    assert shown in said("rent_due", language, due_on="2026-07-02")


def test_french_marks_have_a_space_before_them_at_which_no_line_breaks() -> None:
    text = said("suspended", "fr")

    assert text.startswith("Suspendu~: +4930123456")
    assert "d'au moins ce montant~; dès que" in text


def test_french_participles_agree_and_what_happens_again_and_again_is_regular() -> None:
    text = said("disconnected", "fr")

    assert "La location du numéro +4930123456 n'a pas été payée" in text
    assert "Le numéro est définitivement désactivé" in text
    assert "la demande est répétée régulièrement" in said("uncut", "fr")


@pytest.mark.parametrize(
    ("example", "language", "words"),
    [
        ("low_balance", "en", "At the current rate of spending"),
        ("cap_live_calls", "de", "Anruf wegen eines Limits Ihres Kontos abgewiesen"),
        ("disconnected", "ru", "остаются за вами"),
    ],
)
def test_words_are_those_of_a_native_writer(example: str, language: str, words: str) -> None:
    assert words in said(example, language)


@pytest.mark.parametrize(
    ("language", "shown"),
    [
        ("en", "a call from a withheld number to +37122123456"),
        ("de", "ein Anruf von einer unterdrückten Rufnummer an +37122123456"),
        ("ru", "(вызывающий номер: скрыт)"),
    ],
)
def test_a_caller_that_nobody_knows_is_said_to_be_withheld(language: str, shown: str) -> None:
    assert shown in said("cap_withheld", language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_list_of_dear_destinations_is_said_in_words(language: str) -> None:
    assert "dear" not in said("cap_dear", language)


@pytest.mark.parametrize(
    ("days", "shown"), [(1, "In the last 24 hours you spent"), (2, "In the last 2 days you spent")]
)
def test_a_window_of_one_day_is_24_hours(days: int, shown: str) -> None:
    assert shown in said("low_balance", "en", window_days=days)
