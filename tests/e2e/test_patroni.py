"""The leader of a cluster that Patroni keeps is killed under load: nothing that was acknowledged is lost or doubled."""

import os

import pytest

from tests.failovers.trial import Fault, Outcome, fail_over
from tests.support.haproxy import haproxy, has_haproxy
from tests.support.patroni import NAMES, missing, patroni_cluster
from tests.support.postgres import throwaway_directory

LACKING = [*missing(), *([] if has_haproxy() else ["haproxy"])]
# Patroni waits for as long as a leader may say nothing; the rest is ours.
BACK_WITHIN_S = 30.0


@pytest.mark.slow
@pytest.mark.timeout(120)
@pytest.mark.skipif(
    bool(LACKING) and not os.environ.get("CI"), reason=f"this machine lacks {', '.join(LACKING)}: see .ci/run"
)
@pytest.mark.parametrize(
    ("fault", "is_proxied"), [(Fault.MACHINE_KILLED, False), (Fault.POSTGRES_KILLED, True)], ids=["hosts", "haproxy"]
)
async def test_a_leader_that_is_killed_under_load_loses_and_doubles_nothing(fault, is_proxied):
    outcome = await _with_two_members(fault, is_proxied=is_proxied)

    assert (outcome.lost, outcome.doubled) == (0, 0)
    assert outcome.ends > 0
    assert outcome.refused_s < BACK_WITHIN_S


async def _with_two_members(fault: Fault, *, is_proxied: bool) -> Outcome:
    with throwaway_directory(memory=True) as directory:
        async with patroni_cluster(directory, NAMES[:2]) as cluster:
            data = directory / "gateway"
            if not is_proxied:
                return await fail_over(cluster, fault, data)
            async with haproxy(cluster) as url:
                return await fail_over(cluster, fault, data, by=url)
