"""Ask every operation as each role: `python -m tests.document [--examples N] [--role ROLE] [--phase PHASE]`.

As a whole it takes hours: before a release each role is asked by itself, phase by phase, as
`--role operator --phase fuzzing --examples 200`. A seed that found something asks the same again: `--seed N`.
"""

import argparse
import asyncio
import sys

from gateway.domain.access.roles import Role
from tests.document.asked import ALL_PHASES, ask


async def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--examples", type=int, default=200, help="how often each operation is asked")
    parser.add_argument("--role", type=Role, action="append", choices=list(Role), help="only as this role")
    parser.add_argument("--phase", action="append", choices=ALL_PHASES, help="only this of what is tried")
    parser.add_argument("--seed", type=int, help="what is drawn by it is drawn again")
    arguments = parser.parse_args()
    wrong = 0
    for role in arguments.role or Role:
        phases = arguments.phase or ALL_PHASES
        asked = await ask(role, examples=arguments.examples, phases=phases, seed=arguments.seed)
        sys.stdout.write(f"== as {role}: {'as the document says' if asked.is_right else 'not as the document says'}\n")
        if not asked.is_right:
            sys.stdout.write(asked.printed)
            wrong += 1
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
