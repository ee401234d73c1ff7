"""What some faults need of the machine: where that is missing they are left out, and it is said."""

from collections.abc import Mapping
from functools import cache

from tests.chaos.clocks import find_faketime
from tests.chaos.fault_kinds import FaultKind
from tests.chaos.small_disk import may_mount


@cache
def left_out() -> Mapping[FaultKind, str]:
    """The faults that cannot be had on this machine, each with what it lacks."""
    lacking: dict[FaultKind, str] = {}
    if find_faketime() is None:
        why = "there is no libfaketime, which is in Debian's package faketime"
        lacking |= {FaultKind.CLOCK_AHEAD: why, FaultKind.CLOCK_BEHIND: why}
    if not may_mount():
        lacking[FaultKind.DISK_WITHOUT_ROOM] = "no disk can be mounted, which only root may"
    return lacking
