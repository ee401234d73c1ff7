"""`python -m tests.failovers`: every failover once, and the page of the docs that shows what became of calls."""

import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from tests.failovers.trial import Fault, Outcome, fail_over
from tests.support.patroni import TIME_TO_LIVE_S, missing, patroni_cluster
from tests.support.postgres import throwaway_directory

PAGE: Final = Path(__file__).parents[2] / "gateway/docs/why/failovers.md"
MEANING: Final = {
    Fault.SWITCHOVER: "an operator asks for it",
    Fault.POSTGRES_KILLED: "all processes of the server, by SIGKILL",
    Fault.MACHINE_KILLED: "the server and Patroni, by SIGKILL",
    Fault.MACHINE_HUNG: "the server and Patroni, by SIGSTOP: they take connections and say nothing",
}
TEXT: Final = """# What a failover costs

Three members of a cluster that Patroni keeps, one of them followed synchronously, and a gateway that names all three.
Calls are placed by four callers without a pause, and ten times a second one more, by which the time is taken: from the
first start that was refused to the first that was connected again. Then all is accounted for: each start and each end
that was acknowledged must be on record as it was told, and charged once.

| what happens to the primary | | starts refused for | ends acknowledged | lost | doubled |
|---|---|---|---|---|---|
{rows}

Patroni's time to live was {time_to_live} s here, and its loop 1 s. Where a machine goes, that time is most of what
passes, as nobody may be promoted before it is over. By default it is 30 s. The gateway itself was back 0.4 s after a
promotion.

Made by `python -m tests.failovers`, which needs Debian's `patroni`, `etcd-server` and `postgresql`.
"""


async def _try_all() -> list[Outcome]:
    outcomes = []
    for fault in Fault:
        with throwaway_directory(memory=True) as directory:
            async with patroni_cluster(directory) as cluster:
                outcomes.append(await fail_over(cluster, fault, directory / "gateway"))
        sys.stderr.write(f"{outcomes[-1]}\n")
    return outcomes


def _page(outcomes: Sequence[Outcome]) -> str:
    return TEXT.format(rows="\n".join(map(_row, outcomes)), time_to_live=TIME_TO_LIVE_S)


def _row(each: Outcome) -> str:
    told = f"{each.refused_s:.1f} s | {each.ends} | {each.lost} | {each.doubled}"
    return f"| {each.fault} | {MEANING[each.fault]} | {told} |"


def main() -> int:
    if lacking := missing():
        sys.stderr.write(f"this needs {', '.join(lacking)}\n")
        return 2
    outcomes = asyncio.run(_try_all())
    PAGE.write_text(_page(outcomes))
    return 1 if any(each.lost or each.doubled for each in outcomes) else 0


if __name__ == "__main__":
    sys.exit(main())
