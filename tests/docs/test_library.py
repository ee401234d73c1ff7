"""The library as a whole: every page can be read, every link leads somewhere, and nothing comes from elsewhere."""

from html.parser import HTMLParser
from typing import Final
from urllib.parse import urljoin, urlsplit

import pytest

from gateway.docs import files
from gateway.docs.files import EXAMPLE_URL
from gateway.docs.library import SEARCH, STYLE, Library

PUBLIC_URL: Final = "https://calls.example.org/gateway"
ROOT: Final = "https://docs.invalid/docs/"


class Page(HTMLParser):
    """What a browser would see of a page."""

    def __init__(self, html: bytes) -> None:
        super().__init__()
        self.links: list[str] = []
        self.loaded: list[str] = []
        self.anchors: list[str] = []
        self.tags: list[str] = []
        self.attributes: set[str] = set()
        self.feed(html.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        self.tags.append(tag)
        self.attributes |= values.keys()
        if "id" in values:
            self.anchors.append(values["id"])
        if tag == "a":
            self.links.append(values["href"])
        elif loaded := values.get("src") or values.get("href") or values.get("action"):
            self.loaded.append(loaded)


@pytest.fixture(scope="module")
def library() -> Library:
    return Library(PUBLIC_URL)


@pytest.fixture(scope="module")
def pages(library: Library) -> dict[str, Page]:
    return {path: Page(library.open(path).body) for path in library.paths()}


def test_each_page_has_one_title_and_is_on_nothing_but_its_own_path(library: Library, pages: dict[str, Page]) -> None:
    assert len(set(library.paths())) == len(library.paths())
    for path, page in pages.items():
        assert page.tags.count("h1") == 1, path
        assert page.anchors[0] == "main" or "main" in page.anchors, path
        assert len(set(page.anchors)) == len(page.anchors), path


def test_each_link_leads_to_a_page_and_to_an_anchor_of_it(library: Library, pages: dict[str, Page]) -> None:
    dead = []
    for path, page in pages.items():
        for link in page.links:
            target = urljoin(ROOT + path, link)
            if not target.startswith(ROOT):
                assert urlsplit(target).scheme in ("http", "https", "mailto"), f"{path}: {link}"
                continue
            linked, _, anchor = target.removeprefix(ROOT).partition("#")
            if linked not in pages or (anchor and anchor not in pages[linked].anchors):
                dead.append(f"{path}: {link}")
    assert not dead, "\n".join(dead)


def test_nothing_is_loaded_from_elsewhere_and_nothing_is_run(library: Library, pages: dict[str, Page]) -> None:
    known = {STYLE, SEARCH, *library.paths(), *(each.path for each in files.pictures())}
    for path, page in pages.items():
        assert "script" not in page.tags, path
        assert not {"style", "onclick", "onload", "onerror"} & page.attributes, path
        for loaded in page.loaded:
            assert loaded == "data:," or urljoin(ROOT + path, loaded).removeprefix(ROOT) in known, f"{path}: {loaded}"
    assert b"url(" not in library.open(STYLE).body
    assert b"@import" not in library.open(STYLE).body


def test_the_readers_own_address_stands_where_the_texts_have_an_example(library: Library) -> None:
    written = [each.path for each in files.pages() if EXAMPLE_URL in each.content.decode()]
    assert written
    for path in written:
        body = library.open(path).body.decode()
        assert PUBLIC_URL in body
        assert EXAMPLE_URL not in body


def test_what_is_searched_is_found_with_its_place_and_words_around_it(library: Library) -> None:
    body = library.search("402").body.decode()

    assert "<mark>402</mark>" in body
    found = Page(body.encode())
    assert any(link.startswith(("./connect/", "./reference/")) for link in found.links)


def test_a_page_about_all_the_words_is_found_before_one_that_only_has_them(library: Library) -> None:
    links = [link for link in Page(library.search("connect twilio").body).links if link.startswith("./")]

    assert links[1] == "./connect/twilio"


@pytest.mark.parametrize("query", ["", "   ", "qwertyuiop", "a" * 5000, '"><script>alert(1)</script>', "( [ * \\ +"])
def test_whatever_is_searched_is_text_on_the_page(library: Library, query: str) -> None:
    document = library.search(query)

    assert document.is_found
    assert "script" not in Page(document.body).tags
    assert len(document.body) < 200_000


def test_a_page_that_is_not_there_says_so_and_lets_search(library: Library) -> None:
    document = library.open("no/such/<page>")

    assert not document.is_found
    page = Page(document.body)
    assert page.tags.count("h1") == 1
    assert "../../search" in page.loaded
    assert b"<page>" not in document.body
