"""Search for faults: `python -m tests.chaos --seeds N [--seed S] [--beside K]`.

Each seed is a scenario: calls, payments and rents on real gateways and a real database, and what goes wrong with them.
All of it is drawn from the seed, so that a seed that breaks a rule can be run again by itself.
"""

import argparse
import itertools
import os
import sys
from pathlib import Path

from tests.chaos.fault_kinds import FaultKind
from tests.chaos.report import Report
from tests.chaos.scenario import kind_of
from tests.chaos.share import run_shares
from tests.support import patroni


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--seeds", type=int, default=1, help="so many of them")
    parser.add_argument("--seed", type=int, default=1, help="the first of them")
    parser.add_argument("--beside", type=int, default=3 * (os.cpu_count() or 1), help="so many worlds at once")
    parser.add_argument("--only", nargs="*", default=[], help="seeds of these kinds of faults: GATEWAY_KILLED, …")
    parser.add_argument("--older", type=Path, help="where an older version is, from which the gateways are upgraded")
    parser.add_argument("--patroni", action="store_true", help="on a cluster of Patroni's, which fails over")
    asked = parser.parse_args()
    if asked.patroni and (lacking := patroni.missing()):
        parser.error(f"--patroni needs {', '.join(lacking)}")
    kinds = {FaultKind[name] for name in asked.only} or set(FaultKind)
    seeds = itertools.islice((seed for seed in itertools.count(asked.seed) if kind_of(seed) in kinds), asked.seeds)
    report = Report()
    report.tell_what_is_left_out()
    run_shares(tuple(seeds), beside=asked.beside, older=asked.older, is_on_patroni=asked.patroni, tell=report.tell)
    report.summarize()
    sys.exit(1 if report.has_breaches else 0)


if __name__ == "__main__":
    main()
