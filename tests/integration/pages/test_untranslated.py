"""A run with marked words: whatever is read on a page and has no marks was never translated."""

import re
from collections.abc import Iterator, Mapping
from html.parser import HTMLParser
from typing import Any

import pytest

from gateway.domain.access.roles import Role
from gateway.web.pages import words
from gateway.web.pages.routes import PAGES
from gateway.words import vocabulary
from tests.integration.pages.conftest import SignIn
from tests.integration.pages.test_what_is_refused import filled
from tests.support.running import Gateway
from tests.support.sides import side

SPOKEN = ("aria-label", "title", "placeholder", "alt", "data-label", "data-ask")
# What is not said but shown as it is: code, letters, and what the API says in the words of the domain.
AS_IT_IS = ("code", "pre", "script", "style", "option", "time")
# What has no end.
EMPTY = ("br", "hr", "img", "input", "link", "meta")
MARKED = re.compile("⟦[^⟦⟧]*⟧")
ADDRESS = re.compile(r"\S+@\S+")
# Of a page in Russian: days, months and countries have other letters.
WORD = re.compile(r"[A-Za-z]{3,}")


# Names, ids and values of the world that is shown, and its mails, which are in the language of the account.
DATA = frozenset(
    [
        "Acme",
        "Auto",
        "Berlin",
        "CRM",
        "Content",
        "Date",
        "Disconnected",
        "English",
        "Europe",
        "From",
        "Language",
        "Mar",
        "Message",
        "Reply",
        "SIP",
        "Subject",
        "Submitted",
        "USD",
        "UTC",
        "Wed",
        "account",
        "auto",
        "browser",
        "call",
        "clerk",
        "connector",
        "false",
        "generated",
        "large",
        "native",
        "office",
        "pbx",
        "person",
        "session",
        "side",
        "signature",
        "signed",
        "sum",
        "test",
        "token",
        "true",
        "trunk",
        "webhooks",
    ]
)


def marked(tree: Any) -> Any:
    match tree:
        case str():
            return f"⟦{tree}⟧"
        case Mapping():
            return {name: marked(value) for name, value in tree.items()}
        case list():
            return [marked(each) for each in tree]


class Reader(HTMLParser):
    """All that is read on a page, aloud or by eye."""

    def __init__(self) -> None:
        super().__init__()
        self.read: list[str] = []
        # The tags that are open, and whether what is in them is shown as it is.
        self._open: list[tuple[str, bool]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag not in EMPTY:
            self._open.append((tag, tag in AS_IT_IS or (given.get("lang") == "en" and tag != "html")))
        self.read += [value for name in SPOKEN if (value := given.get(name))]

    def handle_endtag(self, tag: str) -> None:
        opened, _ = self._open.pop()
        assert opened == tag, f"{opened} ends with {tag}"

    def handle_data(self, data: str) -> None:
        if not any(is_quiet for _, is_quiet in self._open):
            self.read.append(data)


def unmarked(html: str) -> Iterator[str]:
    reader = Reader()
    reader.feed(html)
    for text in reader.read:
        left = text
        while MARKED.search(left):
            left = MARKED.sub("", left)
        yield from WORD.findall(ADDRESS.sub("", left))


@pytest.fixture
def _marks(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    words._found.cache_clear()
    monkeypatch.setattr(words, "words_of", lambda tag, subject="": marked(vocabulary.words_of(tag, subject)))
    yield
    words._found.cache_clear()


@pytest.mark.usefixtures("_marks")
async def test_whatever_a_page_says_has_its_words(gateway: Gateway, sign_in: SignIn) -> None:
    own = await side(gateway, 1)
    browser = await sign_in(Role.OPERATOR, language="ru")
    found: dict[str, set[str]] = {}

    for page in PAGES:
        answer = await browser.get(filled(page.path, own))
        if left := set(unmarked(await answer.text())) - DATA:
            found[page.path] = left

    assert not found, "\n".join(f"{path}: {sorted(each)}" for path, each in found.items())
