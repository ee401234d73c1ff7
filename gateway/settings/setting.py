"""One setting: what it is called, what it may be, and what it means."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from gateway.settings.values import Raw

PREFIX: Final = "GATEWAY_"

T_co = TypeVar("T_co", covariant=True)
D_co = TypeVar("D_co", covariant=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting(Generic[T_co, D_co]):
    """`convert` gives the value, or raises ValueError saying what would be right.

    `meaning` and `default_words` stand in the reference; the words are those of a default that depends on something.
    """

    name: str
    convert: Callable[[Raw], T_co]
    default: D_co
    meaning: str
    default_words: str = ""
    # The table of the configuration file that it stands in.
    section: str = ""
    # Its value is shown to nobody.
    is_secret: bool = False

    @property
    def variable(self) -> str:
        return PREFIX + self.name.upper()

    @property
    def key(self) -> str:
        """What it is called in the configuration file."""
        return f"{self.section}.{self.name}" if self.section else self.name
