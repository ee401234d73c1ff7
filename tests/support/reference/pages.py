"""All pages of the reference, by their places below `gateway/docs/reference/`."""

from collections.abc import Iterator

from tests.support.reference import calls, commands, compared, operations, problems, settings


def all_pages() -> Iterator[tuple[str, str]]:
    for subject in (settings, compared, commands, calls, operations, problems):
        yield from subject.pages()
