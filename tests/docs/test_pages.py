"""How the pages are written: short, titled, linked, and true of every provider."""

import re

import pytest

from gateway.providers.provider import Provider
from gateway.providers.registry import adapters, providers
from tests.docs.pages import ROOT, Page, page, pages, words_of

LINE_MAX = 120
SENTENCE_MAX = 25
INAPPLICABLE = "–"  # noqa: RUF001 - a dash, as people read it
FEATURES = (
    "call start",
    "refuse as busy",
    "caller ID",
    "limit kept by the provider",
    "cut by the gateway",
    "fate of lost calls",
    "signature",
    "verified with",
)
PAGES = pages()
each_page = pytest.mark.parametrize("each", PAGES, ids=lambda each: each.name)


def test_nine_of_ten_sentences_are_short() -> None:
    sentences = [(each.name, sentence) for each in PAGES for sentence in each.sentences()]
    long = [sentence for sentence in sentences if words_of(sentence[1]) >= SENTENCE_MAX]

    assert len(sentences) > 500
    assert len(long) < len(sentences) / 10, "\n".join(f"{name}: {sentence}" for name, sentence in long)


@each_page
def test_no_line_is_long(each: Page) -> None:
    """But for tables, which cannot be folded, and what is printed on a console."""
    text = re.sub(r"^```console\n.*?^```$", "", each.text, flags=re.MULTILINE | re.DOTALL)

    assert [line for line in text.splitlines() if len(line) > LINE_MAX and not line.startswith("|")] == []


@each_page
def test_a_page_has_one_title(each: Page) -> None:
    assert each.title is not None
    assert len(re.findall(r"^# ", each.prose(), re.MULTILINE)) == 1


@each_page
def test_every_link_between_pages_leads_somewhere(each: Page) -> None:
    for link in each.links():
        if not link.startswith("https://"):
            path, _, anchor = link.partition("#")
            target = (each.path.parent / path).resolve() if path else each.path
            assert target.is_file(), link
            assert not anchor or anchor in _anchors(Page(target)), link


@each_page
def test_every_path_that_a_page_names_is_there(each: Page) -> None:
    """But for the provider that is to be added, and the subject that was changed."""
    named = re.findall(r"(?<=[` ])(?:gateway|tests|sql)/[\w./-]*\w/?", each.text)

    assert [
        path for path in named if not {"NAME", "SUBJECT"} & set(path.split("/")) and not (ROOT / path).exists()
    ] == []


def test_the_index_links_to_every_page() -> None:
    """To those of single providers, refusals, flags and problems by the lists of them."""
    index = page("README.md")
    lists = (index, page("api.md"), *(page(f"reference/{name}.md") for name in ("providers", "refusals", "flags")))

    linked = {(each.path.parent / link).resolve() for each in lists for link in each.links()}

    assert {each.path for each in PAGES} - {index.path} - linked == set()


def test_every_kind_of_connection_has_its_settings_on_its_providers_page() -> None:
    written = {
        kind
        for each in PAGES
        if each.name.startswith("providers/")
        for block in each.blocks()
        for kind in re.findall(r'^kind = "(.+)"', block.text, re.MULTILINE)
    }

    assert written == set(adapters())


def _anchors(page: Page) -> set[str]:
    """As GitHub makes them of titles."""
    titles = re.findall(r"^#+ (.+)$", page.prose(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("provider", providers(), ids=lambda provider: provider.name)
def test_a_providers_page_compares_it_with_others_as_its_package_does(provider: Provider) -> None:
    written = page(f"providers/{provider.name}/connect.md").text

    assert "\n".join(_features(provider)) in written


def _features(provider: Provider) -> list[str]:
    """The table, with a column for each kind of connection; a feature that no kind has is left out."""
    titles = [kind.title if len(provider.kinds) > 1 else "" for kind in provider.kinds]
    cells = zip(*(kind.features.cells() for kind in provider.kinds), strict=True)
    rows = [(label, *row) for label, row in zip(FEATURES, cells, strict=True) if set(row) != {INAPPLICABLE}]
    return [_row("", *titles), "|" + "---|" * (1 + len(titles)), *(_row(*row) for row in rows)]


def _row(*cells: str) -> str:
    return "|" + "|".join(f" {cell} " if cell else " " for cell in cells) + "|"
