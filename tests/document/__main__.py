"""Ask every operation as each role: `python -m tests.document [--examples N] [--role ROLE]`."""

import argparse
import asyncio
import sys

from gateway.domain.access.roles import Role
from tests.document.asked import ask


async def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--examples", type=int, default=200, help="how often each operation is asked")
    parser.add_argument("--role", type=Role, action="append", choices=list(Role), help="only as this role")
    arguments = parser.parse_args()
    wrong = 0
    for role in arguments.role or Role:
        asked = await ask(role, examples=arguments.examples)
        sys.stdout.write(f"== as {role}: {'as the document says' if asked.is_right else 'not as the document says'}\n")
        if not asked.is_right:
            sys.stdout.write(asked.printed)
            wrong += 1
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
