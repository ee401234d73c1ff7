"""What the webhooks of each connection were like since a process last wrote it down: kept in memory, as they come."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

# As much of a reason as is kept.
WHY_MAX: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedHook:
    """A webhook that was refused: when, with what status, and why."""

    at: datetime
    status: int
    why: str


@dataclass(slots=True)
class Receipts:
    """Of one connection: the last webhook that was taken, the last refused, and when each secret last proved one."""

    accepted_at: datetime | None = None
    refused: RefusedHook | None = None
    used: dict[str, datetime] = field(default_factory=dict, repr=False)


class HookReceipts:
    """Receipts by connections. What is taken out to be written is put back where it cannot be."""

    def __init__(self) -> None:
        self._noted: dict[str, Receipts] = {}

    def prove(self, connection: str, secret: str, at: datetime) -> None:
        """A webhook was proven by a secret, whether or not it can be read."""
        self._of(connection).used[secret] = at

    def accept(self, connection: str, at: datetime) -> None:
        """A webhook was proven, and understood."""
        self._of(connection).accepted_at = at

    def refuse(self, connection: str, *, status: int, why: str, at: datetime) -> None:
        """A webhook was refused, whoever sent it."""
        self._of(connection).refused = RefusedHook(at=at, status=status, why=why[:WHY_MAX])

    def take(self) -> dict[str, Receipts]:
        """All that was noted, which is forgotten here."""
        noted, self._noted = self._noted, {}
        return noted

    def put_back(self, taken: dict[str, Receipts]) -> None:
        """Keep what could not be written; what has been noted meanwhile is later, and stands."""
        for connection, receipts in self._noted.items():
            before = taken.setdefault(connection, Receipts())
            before.accepted_at = receipts.accepted_at or before.accepted_at
            before.refused = receipts.refused or before.refused
            before.used |= receipts.used
        self._noted = taken

    def _of(self, connection: str) -> Receipts:
        receipts = self._noted.get(connection)
        if receipts is None:
            receipts = self._noted[connection] = Receipts()
        return receipts
