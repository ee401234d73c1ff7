"""What mails say: in six languages, with the account's currency, its decimals and its time zone (R31, R32)."""

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from gateway import words
from gateway.domain.accounts.caps import Cap
from gateway.domain.mail.languages import LANGUAGES
from gateway.domain.mail.notices import NoticeKind
from gateway.domain.mail.top_up import TopUp
from gateway.mail.letters import Letter, unwrapped, write_letter
from gateway.words.vocabulary import words_of
from tests.unit.mail.facts import EXAMPLES

PLACEHOLDER = re.compile(r"\{(\w+)\}")


def letter(example: str, language: str = "en", **changed: Any) -> Letter:
    kind, facts = EXAMPLES[example]
    return write_letter(kind, language=language, facts=facts | changed)


def leaves(table: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Every text of a file of words, by its place."""
    if isinstance(table, str):
        yield path, table
    elif isinstance(table, list):
        yield path, "\n".join(table)
    else:
        for name, value in table.items():
            yield from leaves(value, f"{path}.{name}")


def test_r32_there_are_words_in_each_language_an_account_may_have() -> None:
    files = (Path(words.__file__).parent / "mails").glob("*.toml")

    assert {path.stem for path in files} == set(LANGUAGES)


@pytest.mark.parametrize("language", sorted(set(LANGUAGES) - {"en"}))
def test_r32_each_language_has_every_message_with_the_same_figures_in_it(language: str) -> None:
    english, other = (dict(leaves(words_of(each))) for each in ("en", language))

    assert other.keys() == english.keys()
    figures = {name: (set(PLACEHOLDER.findall(text)), text.count("\n")) for name, text in english.items()}
    subjects = {name: found for name, found in figures.items() if name.endswith("subject")}
    # A subject and its paragraphs may share the figures out otherwise than in English.
    for name, (found, _) in subjects.items():
        rest = name.removesuffix("subject") + "paragraphs"
        assert set(PLACEHOLDER.findall(other[name] + other[rest])) == found | figures[rest][0]
        assert other[rest].count("\n") == figures[rest][1]
    for name in english.keys() - subjects.keys():
        # What an instant is made of is up to the language.
        if not name.endswith(("paragraphs", "instant")):
            assert set(PLACEHOLDER.findall(other[name])) == figures[name][0]
    assert [name for name, text in other.items() if not text.strip()] == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("example", EXAMPLES)
def test_r31_every_kind_can_be_told_in_every_language(example: str, language: str) -> None:
    written = letter(example, language)

    assert "\n" not in written.subject
    assert f'<html lang="{language}">' in written.html
    assert "duration-" not in written.text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("example", EXAMPLES)
def test_a_paragraph_is_whole_again_where_lines_break_by_themselves(example: str, language: str) -> None:
    written = letter(example, language)
    paragraphs = [unescape(each) for each in re.findall(r"<p>([^<]*)</p>", written.html)]

    assert paragraphs
    assert set(paragraphs) <= set(unwrapped(written.text).splitlines())
    assert unwrapped(written.text).split() == written.text.split()


def test_lines_that_were_meant_stay_lines_where_others_are_joined() -> None:
    kind, facts = EXAMPLES["low_balance"]
    top_up = TopUp(url="https://pay.example/" + "a" * 80, line="Or call us.")
    text = write_letter(kind, language="en", facts=facts, top_up=top_up).text

    assert {top_up.url, top_up.line, "-- "} <= set(unwrapped(text).splitlines())


def test_r31_there_is_an_example_of_every_kind_and_a_sentence_for_every_cap() -> None:
    assert {kind for kind, _ in EXAMPLES.values()} == set(NoticeKind)
    assert set(words_of("en")["caps"]) == set(Cap) | {"blocked_as_dear"}


def test_r32_money_there_is_is_rounded_down_and_money_that_is_missing_up() -> None:
    text = letter("rent_due").text.replace("\n", " ")

    assert "available balance is €3.99, so €0.01 is missing" in text


@pytest.mark.parametrize(
    ("currency", "language", "shown"),
    [
        ("USD", "en", "$4.00"),
        ("EUR", "de", "4,00~€"),
        ("JPY", "en", "¥4"),
        ("KWD", "en", "KWD~4.000"),
        ("RUB", "ru", "4,00~₽"),
        ("BRL", "pt-BR", "R$~4,00"),
        ("EUR", "fr", "4,00~€"),
    ],
)
def test_r32_amounts_have_the_decimals_of_their_currency(currency: str, language: str, shown: str) -> None:
    text = letter("restored", language, currency=currency).text

    assert shown in text.replace("\N{NO-BREAK SPACE}", "~").replace("\N{NARROW NO-BREAK SPACE}", "~")


@pytest.mark.parametrize(("limit", "shown"), [("0.027050", "€0.02705"), ("2", "€2.00"), ("12.5", "€12.50")])
def test_r32_a_rate_has_as_many_decimals_as_it_needs(limit: str, shown: str) -> None:
    assert f"first minute costs more than {shown} are blocked." in letter("cap_dearest_rate", limit=limit).text.replace(
        "\n", " "
    )


@pytest.mark.parametrize(
    ("zone", "shown"),
    [("Europe/Berlin", "September 1, 2026 at 00:00"), ("America/New_York", "August 31, 2026 at 18:00")],
)
def test_r31_reserved_until_is_shown_in_the_accounts_time_zone(zone: str, shown: str) -> None:
    text = letter("suspended", time_zone=zone).text.replace("\n", " ")

    assert f"reserved for you until {shown} ({zone})" in text


def test_r31_a_day_without_a_time_begins_at_midnight() -> None:
    text = letter("suspended", reserved_until="2026-09-01").text.replace("\n", " ")

    assert "until September 1, 2026 at 00:00 (Europe/Berlin)" in text


def test_r32_what_is_not_translated_is_told_in_english() -> None:
    assert letter("suspended", "tlh").text == letter("suspended", "en").text


def test_r32_a_name_is_text_in_html_and_one_line_everywhere() -> None:
    name = "<script>alert(1)</script>\r\nBcc: x@y.example\x00\u202e" + "x" * 500

    written = letter("suspended", account=name, line="+49\r\n30")

    assert "<script>" not in written.html
    assert "&lt;script&gt;" in written.html
    assert written.subject == "Suspended: +49 30"
    assert "\n" + "Bcc" not in written.text
    assert "\u202e" not in written.text
    assert "x" * 200 not in written.text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("example", ["suspended_for_held", "connector_suspended_for_held", "rent_due_for_held"])
def test_r31_what_only_held_money_is_missing_for_is_told_as_held(example: str, language: str) -> None:
    text = letter(example, language).text

    assert re.search("€3.00|3,00\N{NO-BREAK SPACE}€|€\N{NO-BREAK SPACE}3,00", text)
    assert not re.search(r"\b0[.,]00\b", text)


def test_r32_balances_are_never_minus_nothing() -> None:
    assert "balance is €0.00" in letter("suspended", available="-0.000000").text.replace("\n", " ")


def test_r32_facts_that_are_missing_are_a_mistake_that_is_told() -> None:
    kind, facts = EXAMPLES["rent_due"]

    for missing in ("rent", "due_on", "available", "missing", "line"):
        with pytest.raises(KeyError, match=missing):
            write_letter(kind, language="en", facts={name: fact for name, fact in facts.items() if name != missing})
