"""What a nursery has in memory, and runs in each process that is born there."""

import signal
import sys
from enum import StrEnum
from pathlib import Path
from typing import Final, assert_never

from gateway.cli import main as run_gateway
from gateway.cli import serving
from gateway.embedded.server import start_embedded
from gateway.numbers.metadata import load_plans
from gateway.postgres.sql import queries

# What the command `serve` needs is read with the name of its module.
SERVES: Final = serving.serve


class Program(StrEnum):
    """A gateway with a command, or the owner of a database in a directory."""

    GATEWAY = "gateway"
    DATABASE = "database"


def read_ahead() -> None:
    """What each would else read for itself, which is the same for all."""
    load_plans()
    queries()


def run(program: Program) -> None:
    """Be a program, with the arguments that there are."""
    match program:
        case Program.GATEWAY:
            run_gateway()
        case Program.DATABASE:
            _own_database(Path(sys.argv[1]))
        case _:
            assert_never(program)


def _own_database(data: Path) -> None:
    """Own a database until killed; the kernel then stops it as by `pg_ctl stop -m fast`."""
    server = start_embedded(data)
    print(server.pid, server.dsn, flush=True)  # noqa: T201 - for whoever asked
    signal.pause()
