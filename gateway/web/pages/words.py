"""The words of pages, in the language of whoever reads them: `words/pages/SUBJECT/LANGUAGE.toml`."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from types import SimpleNamespace
from typing import Final

from markupsafe import Markup, escape

from gateway.words.vocabulary import CALLS, FALLBACK, SETTINGS, fill, words_of

FRAME: Final = "frame"


@dataclass(frozen=True, slots=True, kw_only=True)
class PageWords:
    """Words by their names: first those of the page's subject, then those that all pages share."""

    language: str
    subject: str

    def __call__(self, name: str, /, **values: object) -> str:
        """The words of a name (`TABLE.NAME`), filled in. KeyError where there are none: a page never shows a name."""
        text = self.find(name)
        if text is None:
            raise KeyError(f"there are no words {name!r} in {self.subject} or {FRAME}")
        if "{" not in text:
            return text
        if any(isinstance(value, Markup) for value in values.values()):
            return Markup(fill(str(escape(text)), {key: str(escape(value)) for key, value in values.items()}))  # noqa: S704 - escaped
        return fill(text, {key: str(value) for key, value in values.items()})

    def find(self, name: str) -> str | None:
        """The words as they stand; None where there are none."""
        return _found(self.language, self.subject, name)

    def cells(self, columns: Iterable[str]) -> SimpleNamespace:
        """How a cell of each column of a list begins, by its name; a word after that is its kind.

        A cell says what its column is called, as on a narrow screen it stands below the others of its row.
        """
        begun = {}
        for column in filter(None, columns):
            name, _, kind = column.partition(" ")
            kind = f' class="{escape(kind)}"' if kind else ""
            begun[name] = Markup(f'<td data-label="{escape(self(name))}"{kind}>')  # noqa: S704 - escaped
        return SimpleNamespace(**begun)

    def options(self, table: str) -> list[tuple[str, str]]:
        """All of a table, in its order: what can be chosen, and its words."""
        found = words_of(self.language, f"pages/{self.subject}").get(table) or words_of(
            self.language, f"pages/{FRAME}"
        ).get(table)
        if found is None:
            raise KeyError(f"there is no table {table!r} in {self.subject} or {FRAME}")
        return list(found.items())

    def explained(self, name: str) -> str:
        """The words that explanations of calls have for it (`refusals.no_money`), where the API says its code alone."""
        found: object = words_of(self.language, CALLS)
        for part in name.split("."):
            found = found[part] if isinstance(found, dict) else None
        return str(found)

    def of_setting(self, table: str, name: str, english: str) -> str:
        """What a setting means (`meaning`), or what stands for it while nobody has set it (`default`)."""
        if self.language == FALLBACK:
            return english
        said: str = words_of(self.language, SETTINGS)[table].get(name, english)
        return said


@cache
def _found(language: str, subject: str, name: str) -> str | None:
    """A page says some names hundreds of times; they are those of templates and codes, so there are only so many."""
    for place in (subject, FRAME):
        found: object = words_of(language, f"pages/{place}")
        for part in name.split("."):
            found = found.get(part) if isinstance(found, dict) else None
        if isinstance(found, str):
            return found
    return None
