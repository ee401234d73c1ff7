"""How the gateway is set: each setting with the place that its value comes from, and without what is secret."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from gateway.settings.setting import Setting
from gateway.settings.source import Found
from gateway.settings.table import SETTINGS

HIDDEN: Final = "…"
_NOTHING: Final[Mapping[tuple[str, str], Found]] = MappingProxyType({})


class SettingOrigin(StrEnum):
    COMMAND_LINE = "command_line"
    ENVIRONMENT = "environment"
    FILE = "file"
    DEFAULT = "default"


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingView:
    """`value` is null where nothing is set, and hidden where it is secret; `default` is what stands for it then.

    `where` is the very place: an option, a variable, or a key of the configuration file; null where it is the default.
    """

    variable: str
    key: str
    value: str | None
    origin: SettingOrigin
    where: str | None
    default: str
    meaning: str
    is_secret: bool


def view_settings(found: Mapping[tuple[str, str], Found] = _NOTHING) -> tuple[SettingView, ...]:
    """All that can be set, in the order of the reference; what was found is what somebody has set."""
    return tuple(_view(each, found.get((each.section, each.name))) for each in SETTINGS)


def _view(setting: Setting[object, object], found: Found | None) -> SettingView:
    return SettingView(
        variable=setting.variable,
        key=setting.key,
        value=None if found is None else HIDDEN if setting.is_secret else str(found.value),
        origin=SettingOrigin.DEFAULT if found is None else _origin(found),
        where=None if found is None else found.where.removesuffix(":"),
        default=setting.default_words.replace("`", "") or _said(setting.default),
        meaning=setting.meaning.replace("`", ""),
        is_secret=setting.is_secret,
    )


def _origin(found: Found) -> SettingOrigin:
    if found.is_in_file:
        return SettingOrigin.FILE
    return SettingOrigin.COMMAND_LINE if found.where.startswith("--") else SettingOrigin.ENVIRONMENT


def _said(default: object) -> str:
    match default:
        case None | ():
            return ""
        case bool():
            return str(default).lower()
        case _:
            return str(default)
