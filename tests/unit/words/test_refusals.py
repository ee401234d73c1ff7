"""Why things are refused: whatever a use case raises has its words in every language, with the same figures."""

import ast
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from string import Formatter

import pytest

import gateway
from gateway.domain.errors import Conflict, InvalidInput, NoMoney, together
from gateway.domain.mail.languages import LANGUAGES
from gateway.words.refusals import refusal_in
from gateway.words.vocabulary import REFUSALS, words_of

CODE = Path(gateway.__file__).parent
# Where what people ask for by pages is refused. Decks, archives and rehearsals are for who has a terminal.
PLACES = (
    *(f"usecases/{subject}/**/*.py" for subject in ("access", "accounts", "lines", "mail")),
    "usecases/crm/manage.py",
    "usecases/rates/search.py",
    "usecases/rates/undo_import.py",
    "usecases/calls/ends/close.py",
    "usecases/calls/shown/show.py",
    "usecases/calls/shown/quote.py",
    "domain/accounts/*.py",
    "domain/money.py",
    "numbers/*.py",
    "countries.py",
    "currencies.py",
    "postgres/accounts/accounts.py",
    "postgres/calls/listed_calls.py",
)
RAISED = {"InvalidInput", "Conflict", "NotFound", "Forbidden", "NoMoney"}
OTHERS = sorted(set(LANGUAGES) - {"en"})


def raised(tree: ast.Module) -> Iterator[ast.expr]:
    """What refusals are raised with."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in RAISED and node.args:
            yield node.args[0]


@cache
def sentences() -> Mapping[str, str]:
    """Each sentence of a refusal, and where it is raised."""
    found: dict[str, str] = {}
    for path in sorted({path for place in PLACES for path in CODE.glob(place)}):
        for said in raised(ast.parse(path.read_text())):
            assert not isinstance(said, ast.JoinedStr), f"{path}:{said.lineno}: give the figures by their names"
            texts = [each.value for each in ast.walk(said) if isinstance(each, ast.Constant)]
            found |= {text: f"{path.name}:{said.lineno}" for text in texts if isinstance(text, str)}
    return found


@cache
def constants() -> frozenset[str]:
    """Every text that stands in the code."""
    trees = (ast.parse(path.read_text()) for path in CODE.rglob("*.py"))
    found = (each.value for tree in trees for each in ast.walk(tree) if isinstance(each, ast.Constant))
    return frozenset(value for value in found if isinstance(value, str))


def figures(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


@pytest.mark.parametrize("language", OTHERS)
def test_every_refusal_has_its_words_with_the_same_figures(language: str) -> None:
    known = words_of(language, REFUSALS)

    assert {text: where for text, where in sentences().items() if text not in known} == {}
    assert [text for text, said in known.items() if figures(text) != figures(said)] == []


@pytest.mark.parametrize("language", OTHERS)
def test_no_words_are_kept_of_what_nobody_raises_any_more(language: str) -> None:
    assert set(words_of(language, REFUSALS)) <= constants()


def test_a_refusal_says_its_figures_in_the_language_of_who_asked() -> None:
    error = Conflict("account {account} is closed", account=7)

    assert (str(error), refusal_in("en", error)) == ("account 7 is closed", "account 7 is closed")
    assert refusal_in("de", error) == "Konto 7 ist geschlossen"


def test_what_a_refusal_names_is_said_in_the_same_language() -> None:
    amount = InvalidInput("{text!r} is negative", text="-1")
    error = together([InvalidInput("{cap}: {error}", cap="spend_a_day", error=amount), amount])

    assert str(error) == "spend_a_day: '-1' is negative\n'-1' is negative"
    assert refusal_in("fr", error) == "spend_a_day\N{NO-BREAK SPACE}: '-1' est négatif\n'-1' est négatif"


def test_what_nobody_has_translated_is_not_said() -> None:
    odd = InvalidInput("odd {thing}", thing=1)

    assert refusal_in("ru", odd) is None
    assert refusal_in("ru", together([odd, InvalidInput("{text!r} is negative", text="-1")])) is None
    assert str(NoMoney("{name} costs", name="{x}", missing=None)) == "{x} costs"
