"""Which secret of its connection proves a webhook."""

from dataclasses import replace
from typing import Final

from gateway.domain.connection import Connection
from gateway.domain.errors import BadSignature
from gateway.providers.base import Adapter, Hook

_ROTATING: Final = 2


class Authentication:
    """Asks adapters, which take any of a connection's secrets, so that the one is known."""

    def __init__(self) -> None:
        # By their names, connections with two secrets, and the same with the newest alone.
        self._with_newest: dict[str, tuple[Connection, Connection]] = {}

    def authenticate(self, hook: Hook, connection: Connection, adapter: Adapter) -> str:
        """The secret that proves a hook; BadSignature where none does."""
        if len(connection.secrets) < _ROTATING:
            adapter.authenticate(hook, connection)
            return connection.secrets[0]
        newest, oldest = connection.secrets
        try:
            adapter.authenticate(hook, self._newest_alone(connection))
        except BadSignature:
            adapter.authenticate(hook, connection)
            return oldest
        return newest

    def _newest_alone(self, connection: Connection) -> Connection:
        """Made once for a connection, and again when the settings were read again."""
        whole, alone = self._with_newest.get(connection.name, (None, connection))
        if whole is not connection:
            alone = replace(connection, secrets=connection.secrets[:1])
            self._with_newest[connection.name] = (connection, alone)
        return alone
