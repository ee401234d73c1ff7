"""A line: what a call goes out by or comes in on, a rented number or a connector."""

from dataclasses import dataclass
from enum import StrEnum

# Of numbers; a connector has none.
CATEGORIES = ("geographic", "mobile", "toll_free", "national")


class LineKind(StrEnum):
    NUMBER = "number"
    CONNECTOR = "connector"


class LineState(StrEnum):
    """A connector that is not paid is suspended."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    DISCONNECTED = "disconnected"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    id: int
    account_id: int
    kind: LineKind
    name: str
    state: LineState
    country: str
    category: str
