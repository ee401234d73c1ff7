"""The connections of a running process, which can be replaced while it runs."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from gateway.domain.connection import Connection


@dataclass(frozen=True, slots=True, kw_only=True)
class Replaced:
    """The names of the connections that came, that are not as before, and that went."""

    added: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]


class ConfiguredConnections(Mapping[str, Connection]):
    """Connections by their names. Whoever looks one up when it is needed finds what was read last."""

    def __init__(self, connections: Mapping[str, Connection]) -> None:
        self._connections = connections

    def __getitem__(self, name: str) -> Connection:
        return self._connections[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._connections)

    def __len__(self) -> int:
        return len(self._connections)

    def replace(self, connections: Mapping[str, Connection]) -> Replaced:
        """Have these from now on; what they change."""
        before, self._connections = self._connections, connections
        both = sorted(before.keys() & connections.keys())
        return Replaced(
            added=tuple(sorted(connections.keys() - before.keys())),
            changed=tuple(name for name in both if before[name] != connections[name]),
            removed=tuple(sorted(before.keys() - connections.keys())),
        )
