"""The words of pages: the same names in every language, with the same figures, and nothing left in English."""

import re
from pathlib import Path

import pytest

from gateway import words
from gateway.domain.mail.languages import LANGUAGES
from gateway.web import pages
from gateway.words.vocabulary import words_of

PAGES = Path(words.__file__).parent / "pages"
TEMPLATES = Path(pages.__file__).parent / "templates"
SUBJECTS = sorted(path.name for path in PAGES.iterdir())
PLACEHOLDER = re.compile(r"\{(\w+)\}")
# Words that a template names as they are.
SAID = re.compile(r"""\bt\("([\w.]+)"[,)]""")
# The columns of a list, which are names of words too; what stands after a name is its kind.
COLUMNS = re.compile(r"m\.table\(.*\[(.*)\]\)")
COLUMN = re.compile(r'"([\w.]+)(?: \w+)?"')
# So many words in a row are a sentence, which no two languages share.
SENTENCE = 4


def texts(subject: str, language: str) -> dict[str, str]:
    """Every text by its place."""
    found: dict[str, str] = {}
    for name, value in words_of(language, f"pages/{subject}").items():
        found |= {name: value} if isinstance(value, str) else {f"{name}.{each}": text for each, text in value.items()}
    return found


@pytest.mark.parametrize("subject", SUBJECTS)
def test_each_language_has_words(subject: str) -> None:
    assert {path.stem for path in (PAGES / subject).glob("*.toml")} == set(LANGUAGES)


@pytest.mark.parametrize("language", sorted(set(LANGUAGES) - {"en"}))
@pytest.mark.parametrize("subject", SUBJECTS)
def test_each_language_says_all_with_the_same_figures(subject: str, language: str) -> None:
    english, other = texts(subject, "en"), texts(subject, language)

    assert other.keys() == english.keys()
    differs = {
        name for name in english if set(PLACEHOLDER.findall(english[name])) != set(PLACEHOLDER.findall(other[name]))
    }
    assert differs == set()


@pytest.mark.parametrize("language", sorted(set(LANGUAGES) - {"en"}))
@pytest.mark.parametrize("subject", SUBJECTS)
def test_no_sentence_was_left_in_english(subject: str, language: str) -> None:
    english, other = texts(subject, "en"), texts(subject, language)

    assert [name for name, text in other.items() if len(text.split()) >= SENTENCE and text == english[name]] == []


@pytest.mark.parametrize("subject", sorted(path.name for path in TEMPLATES.iterdir() if path.is_dir()))
def test_what_a_template_says_has_its_words(subject: str) -> None:
    """In the branches that no test goes into, too."""
    known = texts(subject, "en").keys() | texts("frame", "en").keys()
    written = "\n".join(path.read_text() for path in (TEMPLATES / subject).glob("*.html"))
    columns = COLUMN.findall("\n".join(COLUMNS.findall(written)))

    assert {*SAID.findall(written), *columns} - known == set()
