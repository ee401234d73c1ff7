"""Writes `sql/schema.sql` from the migrations, or with --check tells whether it is out of date.

python -m tests.support.schema_dump [--check]
"""

import argparse
import asyncio
import difflib
import re
import subprocess
import sys

from gateway.embedded.server import start_embedded
from gateway.postgres.migrate import migrate
from gateway.postgres.sql import sql_directory
from tests.support.postgres import QUICK, throwaway_directory

HEAD = "-- Made from sql/migrations by `python -m tests.support.schema_dump`; do not edit.\n"

# Settings of the dump's session, versions, and keys that differ from run to run.
NOISE = re.compile(r"SET |SELECT pg_catalog\.set_config|\\(un)?restrict|-- Dumped |--$|-- PostgreSQL database dump")
COMMENT = re.compile(r"-- Name: (?P<name>.*); Type: (?P<type>.*); Schema: .*")


def dump_schema() -> str:
    """The schema that all migrations make on an empty database of the embedded server's version."""
    with throwaway_directory(memory=True) as directory:
        server = start_embedded(directory / "data", extra_settings=QUICK)
        try:
            asyncio.run(migrate(server.dsn))
            command = [str(server.bindir / "pg_dump"), "--schema-only", "--no-owner", "--no-privileges"]
            dump = subprocess.run(
                [*command, f"--dbname={server.dsn}"],
                check=True,
                capture_output=True,
                text=True,
            ).stdout
        finally:
            server.stop()
    return HEAD + tidy(dump)


def tidy(dump: str) -> str:
    """Keep statements and a short title for each, so that a change shows as itself in a diff."""
    lines = [COMMENT.sub(r"-- \g<type> \g<name>", line) for line in dump.splitlines() if not NOISE.match(line)]
    return "\n" + re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip() + "\n"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="compare only; exit 1 when they differ")
    check = parser.parse_args().check
    path = sql_directory() / "schema.sql"
    actual = dump_schema()
    if not check:
        path.write_text(actual, encoding="utf-8")
        return 0
    expected = path.read_text(encoding="utf-8") if path.exists() else ""
    difference = difflib.unified_diff(
        expected.splitlines(keepends=True),
        actual.splitlines(keepends=True),
        fromfile=str(path),
        tofile="what the migrations make",
    )
    sys.stderr.writelines(difference)
    return int(expected != actual)


if __name__ == "__main__":
    sys.exit(main())
