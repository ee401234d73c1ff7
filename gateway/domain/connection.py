"""A configured provider account."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """Settings of one connection: `[connections.<name>]` of the configuration file.

    `secrets` holds one or two secrets, the newest first; with none the connection is off (R33). `options` holds the
    settings that only one kind knows, already checked against that kind's list. `reports_answers` is False for a
    provider that sends no answer events: nobody can tell its unanswered calls from those that talk.
    """

    name: str
    kind: str
    auth: str = "signature"
    secrets: tuple[str, ...] = field(default=(), repr=False)
    control_url: str | None = None
    reports_answers: bool = True
    options: Mapping[str, str] = field(default_factory=dict, repr=False)
