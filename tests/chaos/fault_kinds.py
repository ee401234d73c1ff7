"""What can go wrong, by its kinds."""

from dataclasses import dataclass
from enum import StrEnum


class FaultKind(StrEnum):
    """What can go wrong."""

    GATEWAY_KILLED = "a gateway is killed"
    GATEWAY_STOPPED = "a gateway stands still"
    GATEWAY_RESTARTED = "a gateway is restarted in order"
    COMMIT_LOST_BEFORE = "connections are lost before a COMMIT arrives"
    COMMIT_LOST_AFTER = "connections are lost after a COMMIT arrived"
    COMMIT_UNANSWERED = "a COMMIT is never answered"
    LINK_SLOW = "the database is far away"
    LINK_CUT = "connections are lost after some bytes"
    LINK_DARK = "the network swallows everything"
    LINK_RESET = "every connection is reset"
    LINK_CLOSED = "the database cannot be reached"
    BACKEND_KILLED = "a process of the database is killed"
    SESSIONS_ENDED = "the sessions of a gateway are ended"
    DATABASE_KILLED = "the database is killed"
    DATABASE_STOPPED = "the database stands still"
    DATABASE_MOVED = "the database moves to another machine"
    ACCOUNT_LOCKED = "somebody keeps an account locked"
    CONNECTIONS_TAKEN = "the database has no connection left"
    DESCRIPTORS_TAKEN = "a gateway has no descriptor left"
    DISK_FULL = "a gateway may write no file"
    DISK_WITHOUT_ROOM = "no byte is left on a gateway's disk"
    DATABASE_DISK_FULL = "the database's disk is full"
    CONTROL_HANGS = "the provider takes commands and says nothing"
    CONTROL_GARBAGE = "the provider answers commands with garbage"
    LOG_HANGS = "nobody reads a gateway's log"
    LOG_GONE = "whoever read a gateway's log is gone"
    SMTP_LOSES_ANSWERS = "the mail server takes mails and goes away"
    SMTP_DEFERS = "the mail server puts mails off"
    SMTP_AWAY = "there is no mail server"
    UPGRADED = "the gateways are upgraded one after the other"
    CLOCK_AHEAD = "a gateway's clock is ten minutes ahead"
    CLOCK_BEHIND = "a gateway's clock is ten minutes behind"


# What is so from the beginning: a gateway takes longer to start than the calls take.
STANDING = frozenset({FaultKind.CLOCK_AHEAD, FaultKind.CLOCK_BEHIND, FaultKind.LOG_HANGS, FaultKind.LOG_GONE})
# What is worse together, at one gateway: ends wait on a disk that is full, or of a machine that dies.
COMPANIONS = {
    FaultKind.DISK_FULL: FaultKind.LINK_CLOSED,
    FaultKind.DISK_WITHOUT_ROOM: FaultKind.LINK_CLOSED,
    FaultKind.GATEWAY_KILLED: FaultKind.LINK_CLOSED,
    FaultKind.SMTP_LOSES_ANSWERS: FaultKind.GATEWAY_KILLED,
    FaultKind.CONTROL_HANGS: FaultKind.GATEWAY_STOPPED,
    FaultKind.COMMIT_LOST_AFTER: FaultKind.GATEWAY_KILLED,
}
# An upgrade needs an older version, and a move another machine, so that these are asked for.
KINDS = tuple(kind for kind in FaultKind if kind not in {FaultKind.UPGRADED, FaultKind.DATABASE_MOVED})
# What has another machine take over, and what happens to a server that is the only one.
FAILOVERS = (FaultKind.DATABASE_MOVED, FaultKind.DATABASE_KILLED, FaultKind.DATABASE_STOPPED)
OF_ONE_SERVER = frozenset({*FAILOVERS, FaultKind.BACKEND_KILLED, FaultKind.DATABASE_DISK_FULL})


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One of them, at one gateway where it is one of a gateway's; `amount` is drawn for those that want a number."""

    kind: FaultKind
    seat: int
    at_s: float
    lasts_s: float
    amount: float
