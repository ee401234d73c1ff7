"""What a nursery has in memory, and runs in each process that is born there."""

import signal
import sys
from enum import StrEnum
from pathlib import Path
from typing import Final, assert_never

import aiosmtplib

from gateway.cli import main as run_gateway
from gateway.cli import serving
from gateway.embedded.server import start_embedded
from gateway.mail.letterhead import Letterhead
from gateway.mail.letters import write_letter
from gateway.mail.messages import assemble
from gateway.numbers.metadata import country_of_prefix, load_plans
from gateway.numbers.parties import read_dialled
from gateway.postgres.sql import queries
from tests.chaos.rating import CALLEES, EMERGENCY
from tests.support.world import NOON
from tests.unit.mail.facts import EXAMPLES

# What the command `serve` needs is read with the name of its module, and what mails need.
SERVES: Final = serving.serve
SENDS: Final = aiosmtplib.SMTP
OWN: Final = "+15550100001"
LETTERHEAD: Final = Letterhead(sender="gw@gw.example")


class Program(StrEnum):
    """A gateway with a command, or the owner of a database in a directory."""

    GATEWAY = "gateway"
    DATABASE = "database"


def read_ahead() -> None:
    """What each would else read, or work out when it is asked for first, and which is the same for all."""
    load_plans()
    queries()
    for kind, facts in EXAMPLES.values():
        letter = write_letter(kind, language="en", facts=facts)
        assemble(letter, letterhead=LETTERHEAD, recipient="a@b.example", message_id="<1@b.example>", at=NOON)
    for number in (OWN, *CALLEES):
        country_of_prefix(number.lstrip("+"))
        for short in (EMERGENCY, "0"):
            read_dialled(short, line=number)


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
