"""Whether an account may call and be charged, as an operator says."""

from enum import StrEnum


class AccountState(StrEnum):
    """A blocked account starts only emergency calls. A closed one is over: nothing but ends of its calls is booked."""

    OPEN = "open"
    BLOCKED = "blocked"
    CLOSED = "closed"
