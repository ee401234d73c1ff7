"""How an administrator tops up, as every mail says it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

# What stands for the account's id in an address and in a line.
ACCOUNT_ID: Final = "{account_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class TopUp:
    """An address (URL), and a line of the operator's own; each empty where there is none."""

    url: str = ""
    line: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TopUps:
    """What is told in every language, and what in one language takes its place."""

    everywhere: TopUp = field(default_factory=TopUp)
    by_language: Mapping[str, TopUp] = field(default_factory=dict)

    def told(self, *, language: str, account_id: int) -> TopUp:
        """What the administrator of an account is told."""
        own = self.by_language.get(language, TopUp())
        return TopUp(
            url=(own.url or self.everywhere.url).replace(ACCOUNT_ID, str(account_id)),
            line=(own.line or self.everywhere.line).replace(ACCOUNT_ID, str(account_id)),
        )
