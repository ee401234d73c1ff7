"""A configured provider account."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """Settings of one connection: `[connections.<name>]` of the configuration file.

    `secrets` holds one or two secrets, the newest first; with none the connection is off (R33). `options` holds the
    settings that only one kind knows, already checked against that kind's list.
    """

    name: str
    kind: str
    auth: str = "signature"
    secrets: tuple[str, ...] = field(default=(), repr=False)
    control_url: str | None = None
    options: Mapping[str, str] = field(default_factory=dict, repr=False)
