"""What the package of a provider declares: what speaks to it, what plays its part, and how it compares with others."""

from collections.abc import Sequence
from dataclasses import astuple, dataclass
from typing import Final

from gateway.providers.base import Adapter
from gateway.providers.rehearsal import HookProbe, Script

_INAPPLICABLE: Final = "–"  # noqa: RUF001 - a dash, as people read it


@dataclass(frozen=True, slots=True, kw_only=True)
class Features:
    """How a kind of connection compares with the others, in the order of the table's columns; cells are Markdown.

    What is None does not apply.
    """

    call_start: str
    refuse_as_busy: str | None = None
    caller_id: str | None = None
    limit: str | None = None
    cut: str | None = None
    lost_calls: str | None = None
    signature: str
    verified_with: str

    def cells(self) -> Sequence[str]:
        return [_INAPPLICABLE if cell is None else cell for cell in astuple(self)]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderKind:
    """One kind of connection that a provider has. Its `title` is how people call it."""

    title: str
    adapter: Adapter
    rehearsal: Script | HookProbe
    features: Features


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """A provider's package, and the kinds of connection to it: most have one.

    The package has the kit of each kind (`kit…`), and `connect.md`, the page on how it is connected.
    """

    package: str
    title: str
    kinds: Sequence[ProviderKind]

    @property
    def name(self) -> str:
        """The name of its folder."""
        return self.package.rpartition(".")[2]
