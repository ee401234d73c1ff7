"""From root to an account that may do nothing: root is needed to take a port and to start a server, no longer.

What root's libraries (libcap) do is done by system calls, as few machines have them.
"""

import ctypes
import os
import pwd
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Final

from gateway.domain.errors import GatewayError

ROOT: Final = "root"
_PR_SET_KEEPCAPS: Final = 8
# capset(2): version 3 of its structure, with two words of 32 bits for each set.
_VERSION: Final = 0x20080522
_READ_AND_SEARCH: Final = 1 << 2
_CALLS: Final = {"x86_64": 126, "aarch64": 91, "riscv64": 91}
_has_left_root = False


class Kept(Enum):
    """What a process that was root still may: nothing, or to read and enter whatever there is."""

    NOTHING = "nothing"
    READING = "reading"


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    name: str
    uid: int
    gid: int
    home: str


def account_named(name: str) -> Account:
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        raise GatewayError(f"there is no account {name!r} to run as: choose another GATEWAY_RUN_AS") from None
    return Account(name=entry.pw_name, uid=entry.pw_uid, gid=entry.pw_gid, home=entry.pw_dir)


def own(directory: Path, account: Account) -> None:
    """Hand a directory and all in it over; made first if need be."""
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    for path in (directory, *directory.rglob("*")):
        os.chown(path, account.uid, account.gid, follow_symlinks=False)


def become(account: Account, *, reads: Iterable[Path]) -> Kept:
    """Be this account from now on, for good. Where it could not enter what it must read, reading alone is kept."""
    global _has_left_root  # noqa: PLW0603 - it is so for the whole process, and for good
    # Modules are imported when they are needed first.
    program = [Path(each) for each in sys.path if each]
    kept = Kept.NOTHING if all(_may_enter(account, path) for path in (*reads, *program)) else Kept.READING
    if kept is Kept.READING:
        _keep_capabilities()
    os.setgroups([])
    os.setgid(account.gid)
    os.setuid(account.uid)
    if kept is Kept.READING:
        _reduce_to_reading()
    # Else libraries would look for their settings in root's home, and fail to.
    os.environ["HOME"] = account.home
    _has_left_root = True
    return kept


def began_as_root() -> bool:
    """Whether this process is root's, or was."""
    return _has_left_root or os.geteuid() == 0


def _may_enter(account: Account, path: Path) -> bool:
    for parent in path.absolute().parents:
        status = parent.stat()
        shift = 6 if status.st_uid == account.uid else 3 if status.st_gid == account.gid else 0
        if not status.st_mode >> shift & 1:
            return False
    return True


def _keep_capabilities() -> None:
    if sys.platform != "linux" or os.uname().machine not in _CALLS:
        raise GatewayError(
            "the account to run as may not enter the directories of the gateway: choose another GATEWAY_RUN_AS"
        )
    ctypes.CDLL(None).prctl(_PR_SET_KEEPCAPS, 1, 0, 0, 0)


def _reduce_to_reading() -> None:
    words = ctypes.c_uint32
    header = (words * 2)(_VERSION, 0)
    # Effective, permitted, inheritable; then the same of capabilities above 31.
    sets = (words * 6)(_READ_AND_SEARCH, _READ_AND_SEARCH, 0, 0, 0, 0)
    number = _CALLS[os.uname().machine]
    if ctypes.CDLL(None, use_errno=True).syscall(number, header, sets) != 0:
        raise OSError(ctypes.get_errno(), "the rights of root could not be given up")
