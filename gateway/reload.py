"""SIGHUP: the settings are read again, and connections with their secrets hold at once; all else needs a restart."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields
from typing import Final

from gateway.app import Running
from gateway.domain.connection import Connection
from gateway.domain.errors import InvalidInput
from gateway.log import logger
from gateway.log_events import LogEvent
from gateway.providers.account_book import AccountBook
from gateway.providers.base import Adapter
from gateway.providers.crm import Crm
from gateway.settings import Settings

_CONNECTIONS: Final = "connections"
# How the others are shown.
_VIEWS: Final = "views"


@dataclass(slots=True, kw_only=True)
class Reloading:
    """How the settings are read again, and what was read last.

    `brought` are connections that no setting names; they stay, as the demo's.
    """

    load: Callable[[], Settings]
    read: Settings
    brought: Mapping[str, Connection] = field(default_factory=dict)

    def reload(self, process: Running) -> None:
        """Take the connections that the settings have now; settings that are wrong change nothing, and are logged."""
        try:
            settings = self.load()
        except InvalidInput as error:
            logger().error(LogEvent.SETTINGS_REFUSED, why=str(error))
            return
        replaced = process.connections.replace({**settings.connections, **self.brought})
        have_workers = [
            *_have_workers(replaced.added, settings, process.context.adapters),
            *_have_workers(replaced.removed, self.read, process.context.adapters),
        ]
        logger().info(
            LogEvent.SETTINGS_RELOADED,
            added=list(replaced.added),
            changed=list(replaced.changed),
            removed=list(replaced.removed),
            need_restart=[*_other_settings(self.read, settings), *have_workers],
        )
        self.read = settings


def _other_settings(before: Settings, after: Settings) -> list[str]:
    names = [each.name for each in fields(Settings) if each.name not in (_CONNECTIONS, _VIEWS)]
    return [name for name in names if getattr(before, name) != getattr(after, name)]


def _have_workers(names: Iterable[str], settings: Settings, adapters: Mapping[str, Adapter]) -> list[str]:
    """Those of the connections that a worker of their own asks, which begins and ends with the process."""
    kinds = {name: settings.connections[name].kind for name in names}
    return [f"{_CONNECTIONS}.{name}" for name, kind in kinds.items() if isinstance(adapters[kind], Crm | AccountBook)]
