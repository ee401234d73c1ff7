"""python -m tests.bench: what the gateway does on this machine, beside an empty handler. See README.md."""

import argparse
import asyncio
import json
import platform
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from gateway.postgres.embedded import start_embedded
from gateway.postgres.migrate import migrate
from tests.bench.hooks import Hooks
from tests.bench.processes import empty_handler, gateway
from tests.bench.rounds import Round, Subject, alternate, check_ledger
from tests.bench.world import seed
from tests.support.postgres import throwaway_directory


def say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=10)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    with throwaway_directory() as directory:
        database = start_embedded(directory / "database")
        try:
            asyncio.run(migrate(database.dsn))
            world = asyncio.run(seed(database.dsn, numbers=10_000))
            with empty_handler(directory) as empty, gateway(
                directory, database.dsn, name="main", control_url=f"{empty.url}/control"
            ) as server:
                subject = Subject(
                    name="gateway", server=server, dsn=database.dsn, postmaster=database.pid, provider=Hooks(world),
                    path=directory / "main.requests",
                )
                results = asyncio.run(
                    alternate([subject], empty, subject.path, rounds=arguments.rounds, seconds=arguments.seconds)
                )
                asyncio.run(check_ledger(database.dsn))
            for name, rounds in results.items():
                for one in [*rounds, Round.median(rounds)]:
                    say(f"{name:8} " + "  ".join(f"{k} {v:.3f}" for k, v in asdict(one).items()))
            m = {name: Round.median(rounds) for name, rounds in results.items()}
            say(f"ratio {m['gateway'].per_second / m['empty'].per_second:.3f}")
        finally:
            database.stop()


if __name__ == "__main__":
    main()
