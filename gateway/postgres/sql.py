"""The named SQL statements of `sql/queries/**/*.sql`; `sql/README.md` describes the format."""

import functools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import gateway

HEADER = re.compile(r"-- name:\s*(.*?)\s*")
NAME = re.compile(r"[a-z][a-z0-9_]*")


class SqlFileError(Exception):
    """A file of queries breaks the format; the message says where."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """One statement: its name, its text as sent, its comment, and the file and line where it stands."""

    name: str
    text: str
    doc: str
    source: str


def sql_directory() -> Path:
    """`gateway/_sql` in an installed wheel, `sql` beside the package in a checkout."""
    package = Path(gateway.__file__).parent
    installed = package / "_sql"
    return installed if installed.is_dir() else package.parent / "sql"


@functools.cache
def queries() -> Mapping[str, Query]:
    """Every query by its name; names are unique over all files."""
    return load_queries(sql_directory() / "queries")


def sql(name: str) -> str:
    """The text of a query. A name that no file has is a mistake of ours and fails."""
    try:
        return queries()[name].text
    except KeyError:
        raise SqlFileError(f"no query is named {name!r} in {sql_directory() / 'queries'}") from None


def load_queries(directory: Path) -> Mapping[str, Query]:
    if not directory.is_dir():
        raise SqlFileError(f"there is no directory of queries at {directory}")
    found: dict[str, Query] = {}
    for path in sorted(directory.rglob("*.sql")):
        for query in parse_queries(path.read_text(encoding="utf-8"), source=path.relative_to(directory).as_posix()):
            if query.name in found:
                first = found[query.name].source
                raise SqlFileError(f"{query.source}: query {query.name!r} stands in {first} already")
            found[query.name] = query
    return MappingProxyType(found)


def parse_queries(text: str, *, source: str) -> Iterator[Query]:
    """Cut a file into its blocks. Only comments and empty lines may stand before the first."""
    block: list[str] = []
    header_at = 0
    name = ""
    for number, line in enumerate(text.splitlines(), start=1):
        header = HEADER.fullmatch(line)
        if header is None:
            if not name and line.strip() and not line.startswith("--"):
                raise SqlFileError(f"{source}:{number}: a statement before the first '-- name:' line")
            block.append(line)
            continue
        if name:
            yield _query(name, block, source=f"{source}:{header_at}")
        name, header_at, block = header[1], number, []
        if not NAME.fullmatch(name):
            raise SqlFileError(f"{source}:{number}: {name!r} is no name for a query (small_letters_and_digits)")
    if name:
        yield _query(name, block, source=f"{source}:{header_at}")


def _query(name: str, block: list[str], *, source: str) -> Query:
    doc_lines = 0
    while doc_lines < len(block) and block[doc_lines].startswith("--"):
        doc_lines += 1
    doc = "\n".join(line.removeprefix("--").strip() for line in block[:doc_lines]).strip()
    text = "\n".join(block[doc_lines:]).strip()
    if all(not line.strip() or line.lstrip().startswith("--") for line in text.splitlines()):
        raise SqlFileError(f"{source}: query {name!r} has no statement")
    return Query(name=name, text=text, doc=doc, source=source)
