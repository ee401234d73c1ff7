"""All that a run says and keeps: replies, the log, every row of the database, what is on disk."""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from gateway.postgres.types import Pool
from tests.support.api import Answer

TABLES = """
SELECT quote_ident(table_name) FROM information_schema.tables
WHERE table_schema = 'public' AND table_type = 'BASE TABLE' ORDER BY table_name
"""


class Told:
    """What was said, by where; searched for what must not be in it."""

    def __init__(self, log: BytesIO) -> None:
        self._log = log
        self._said: list[tuple[str, bytes]] = []

    def hear(self, where: str, answer: Answer) -> Answer:
        self._said.append((where, str(answer.headers).encode() + b"\n" + answer.raw))
        return answer

    async def look(self, pool: Pool, directory: Path) -> None:
        """At what is kept: each column of each row, and each file."""
        for table in [row[0] for row in await pool.fetch(TABLES)]:
            for row in await pool.fetch(f"TABLE {table}"):
                self._said += [(f"{table}.{name}", _bytes(value)) for name, value in row.items() if value is not None]
        self._said += [(f"the file {path.name}", path.read_bytes()) for path in _files(directory)]

    def lines(self) -> list[bytes]:
        return self._log.getvalue().splitlines()

    def places(self) -> set[str]:
        return {place for place, _ in self._all()}

    def where(self, what: str) -> set[str]:
        """The places that have a text."""
        return {place for place, said in self._all() if what.encode() in said}

    def _all(self) -> Iterator[tuple[str, bytes]]:
        yield from self._said
        for line in self.lines():
            yield "the log", line


def _files(directory: Path) -> list[Path]:
    return [path for path in directory.rglob("*") if path.is_file()]


def _bytes(value: object) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode()
