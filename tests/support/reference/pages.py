"""All pages that are made of what the program reads, by their places below `gateway/docs/`."""

from collections.abc import Iterator

from tests.support.reference import api, calls, commands, compared, operations, problems, settings


def all_pages() -> Iterator[tuple[str, str]]:
    for subject in (settings, compared, commands, calls, operations, problems):
        yield from ((f"reference/{name}", text) for name, text in subject.pages())
    yield from api.pages()
