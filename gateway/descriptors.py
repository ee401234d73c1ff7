"""File descriptors: how many this process may have, and how many of them HTTP connections can take."""

import os
import resource
from pathlib import Path
from typing import Final

# Where the system lists what a process has open: Linux, and the rest.
_LISTS: Final = (Path("/proc/self/fd"), Path("/dev/fd"))
# More HTTP connections than this would cost more memory than descriptors: each takes some ten kilobytes.
_CONNECTIONS_MAX: Final = 16_384
_CONNECTIONS_MIN: Final = 8
# What a process may open later for all that is no HTTP connection: the database, the spool, providers, the mail server.
_KEPT_BACK: Final = 128


def raise_limit() -> None:
    """Have as many descriptors as the system allows this process: shells and services start with far fewer."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == hard:
        return
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    except (OSError, ValueError):
        # macOS names a limit that it does not grant.
        return


def room_for_connections() -> int:
    """How many HTTP connections leave enough descriptors for the rest; where there are few, the rest gets half."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY:
        return _CONNECTIONS_MAX
    left = soft - _open_now()
    return min(max(left - min(_KEPT_BACK, left // 2), _CONNECTIONS_MIN), _CONNECTIONS_MAX)


def _open_now() -> int:
    listed = next((each for each in _LISTS if each.is_dir()), None)
    try:
        return 0 if listed is None else sum(1 for _ in listed.iterdir())
    except PermissionError:
        # Of a process that was root the list is root's. The lowest number that is free is about how many there are.
        lowest = os.dup(0)
        os.close(lowest)
        return lowest
