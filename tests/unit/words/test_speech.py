"""What is said of calls: every refusal, cap, flag and rule has its words in each language, with the same figures."""

import re
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from gateway import words
from gateway.domain.accounts.caps import Cap
from gateway.domain.calls.call import CutReason, Flag
from gateway.domain.calls.refusals import Refusal
from gateway.domain.explanation import Fact, Money
from gateway.domain.mail.languages import LANGUAGES
from gateway.domain.problems import ProblemCode
from gateway.words.speech import say
from gateway.words.vocabulary import CALLS, HEALTH, words_of

SUBJECTS = (CALLS, HEALTH)
PLACEHOLDER = re.compile(r"\{(\w+)\}")
RULES = {"emergency", "R9", "R11", "R12", "R14", "R21", "R34", "R40"}


def places(subject: str, language: str) -> dict[str, set[str]]:
    """The placeholders of every text, by its place."""
    return {
        f"{table}.{name}": set(PLACEHOLDER.findall(text))
        for table, texts in words_of(language, subject).items()
        for name, text in texts.items()
    }


@pytest.mark.parametrize("subject", SUBJECTS)
def test_each_language_has_words(subject: str) -> None:
    assert {path.stem for path in (Path(words.__file__).parent / subject).glob("*.toml")} == set(LANGUAGES)


@pytest.mark.parametrize("subject", SUBJECTS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_each_language_says_all_with_the_same_figures(subject: str, language: str) -> None:
    assert places(subject, language) == places(subject, "en")


@pytest.mark.parametrize("subject", SUBJECTS)
@pytest.mark.parametrize("language", sorted(set(LANGUAGES) - {"en"}))
def test_no_sentence_was_left_in_english(subject: str, language: str) -> None:
    english, other = words_of("en", subject), words_of(language, subject)

    same = [
        f"{table}.{name}"
        for table, texts in english.items()
        for name, text in texts.items()
        if other[table][name] == text and len(PLACEHOLDER.sub("", text)) > len("CRM : .")
    ]
    assert same == []


def test_every_refusal_cap_flag_rule_and_cut_has_its_words() -> None:
    known = words_of("en", CALLS)

    assert set(known["refusals"]) == set(Refusal)
    assert set(known["caps"]) == set(Cap)
    assert set(known["flags"]) == {*Flag, "unknown"}
    assert set(known["rules"]) == {*RULES, "unknown"}
    assert set(known["cuts"]) == {*CutReason, "operator_under_way"}
    assert {*Refusal, *Cap} <= set(known["would_need"])


def test_whatever_can_be_wrong_has_its_words() -> None:
    """One that has several has no words by its own name: `database_read_only` is a standby, or its sessions."""
    severally = {ProblemCode.DATABASE_READ_ONLY, ProblemCode.PROVIDER_CLOCK_APART}

    assert set(ProblemCode) - severally <= set(words_of("en", HEALTH)["problems"])


def test_figures_are_said_exactly_and_facts_inside_of_facts_in_the_same_language() -> None:
    charged = Fact("charged.amount", {"charge": Money(amount=Decimal("0.027000"), currency="USD")})
    at = datetime(2026, 3, 11, 12, tzinfo=UTC)

    assert say(charged) == "charged 0.027000 USD"
    assert say(Fact("answered.at", {"at": at})) == "answered 2026-03-11 12:00:00+00:00"
    assert say(Fact("explanation.cut", {"why": Fact("cuts.limit")})) == "Cut: it reached its deadline."


def test_what_nobody_has_words_for_is_said_all_the_same() -> None:
    assert say(Fact("flags.odd")) == "unknown"
    assert say(Fact("refusals.odd")) == "odd"
    assert say(Fact("charged.amount", {"charge": Money(amount=Decimal(1), currency=None)})) == "charged 1"
