"""A configured provider account, and what the settings of one kind of them may be."""

from collections.abc import Callable, Mapping
from dataclasses import KW_ONLY, dataclass, field
from typing import Protocol

# Gives the value as it is used, or raises ValueError saying what would be right; never with the value, which may be a
# secret.
Check = Callable[[str], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """Settings of one connection: `[connections.<name>]` of the configuration file.

    `secrets` holds one or two secrets, the newest first; with none the connection is off (R33). `options` holds the
    settings that only one kind knows, already checked as that kind has it. `reports_answers` is False for a
    provider that sends no answer events: nobody can tell its unanswered calls from those that talk. `accounts` are
    those whose lines may call by it; none are all. `numbers` is the country whose national numbers it sends, empty for
    E.164 (R41).
    """

    name: str
    kind: str
    auth: str = "signature"
    secrets: tuple[str, ...] = field(default=(), repr=False)
    control_url: str | None = None
    reports_answers: bool = True
    accounts: frozenset[int] = frozenset()
    numbers: str = ""
    options: Mapping[str, str] = field(default_factory=dict, repr=False)

    def is_open_to(self, account_id: int) -> bool:
        """Whether lines of an account may call by this connection (R10)."""
        return not self.accounts or account_id in self.accounts


@dataclass(frozen=True, slots=True)
class Option:
    """A setting that connections of one kind may have; `needs` are those that it is nothing without.

    `meaning` stands in the reference.
    """

    check: Check
    meaning: str
    _: KW_ONLY
    is_required: bool = False
    needs: tuple[str, ...] = ()


class Kind(Protocol):
    """What the table of a connection of one kind may hold. Every adapter is one."""

    @property
    def options(self) -> Mapping[str, Option]:
        """Beside kind, auth, secrets and reports_answers. `control_url` is one of them where the kind takes it."""

    @property
    def secrets(self) -> Mapping[str, Check]:
        """What a secret must be, by what `auth` may be."""
