"""The files of migrations, by their numbers."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from gateway.domain.errors import GatewayError
from gateway.postgres.sql import sql_directory

_FILE_NAME: Final = re.compile(r"(\d{4})_([a-z0-9_]+)\.sql")


class MigrationError(GatewayError):
    """The database and the files of migrations do not fit; the message is one line that says how."""

    code = "migration"


@dataclass(frozen=True, slots=True, kw_only=True)
class Migration:
    """One file. Its checksum tells whether it was edited after it had been applied somewhere."""

    version: int
    name: str
    text: str

    @property
    def checksum(self) -> str:
        return hashlib.sha256(self.text.encode()).hexdigest()


def load_migrations(directory: Path | None = None) -> Sequence[Migration]:
    """The files in order of their number, which no two may share."""
    folder = directory if directory is not None else sql_directory() / "migrations"
    if not folder.is_dir():
        raise MigrationError(f"there is no directory of migrations at {folder}")
    found: dict[int, Migration] = {}
    for path in sorted(folder.glob("*.sql")):
        parts = _FILE_NAME.fullmatch(path.name)
        if parts is None:
            raise MigrationError(f"{path.name} is no name for a migration: it must be like 0001_accounts.sql")
        migration = Migration(version=int(parts[1]), name=path.stem, text=path.read_text(encoding="utf-8"))
        if migration.version in found:
            other = found[migration.version].name
            raise MigrationError(f"two migrations have one number: {other} and {migration.name}")
        found[migration.version] = migration
    return tuple(found.values())
