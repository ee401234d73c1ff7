"""The caps of an account against fraud."""

from decimal import Decimal
from typing import Annotated, Any, Final

import msgspec

from gateway.domain.access.actions import Action
from gateway.domain.accounts.caps import Cap
from gateway.domain.accounts.caps_change import BLOCKED_MAX, COUNT_MAX, CapsChange
from gateway.usecases.accounts import set_caps
from gateway.usecases.accounts.set_caps import CapsView, CapUseView
from gateway.web.api.reading import Amount, JsonBody
from gateway.web.api.route import Asked, Method, NoQuery, Route
from gateway.web.api.runner import require_version
from gateway.web.api.versions import version_of

Count = Annotated[int, msgspec.Meta(ge=0, le=COUNT_MAX)]
Entry = Annotated[str, msgspec.Meta(min_length=1, max_length=128, pattern=r"^[^\x00-\x1f\x7f]+$")]
Blocked = Annotated[list[Entry], msgspec.Meta(max_length=BLOCKED_MAX, description="The whole list, in place of it.")]
_LISTS: Final = (Cap.BLOCKED_PREFIXES, Cap.BLOCKED_CALLERS)


class CapSettings(msgspec.Struct, frozen=True, kw_only=True):
    """The caps of an account, null or empty for those it has not, and what counts against them now."""

    account_id: int
    version: str
    currency: str
    live_calls: int | None
    starts_a_minute: int | None
    spend_a_day: Decimal | None
    dearest_rate: Decimal | None
    blocked_prefixes: tuple[str, ...]
    blocked_callers: tuple[str, ...]
    use: CapUseView


class ChangedCaps(JsonBody, frozen=True, kw_only=True):
    """What is not there stays; null takes a cap away, and a list takes the place of the one before."""

    live_calls: Count | msgspec.UnsetType | None = msgspec.UNSET
    starts_a_minute: Count | msgspec.UnsetType | None = msgspec.UNSET
    spend_a_day: Amount | msgspec.UnsetType | None = msgspec.UNSET
    dearest_rate: Amount | msgspec.UnsetType | None = msgspec.UNSET
    blocked_prefixes: Blocked | msgspec.UnsetType | None = msgspec.UNSET
    blocked_callers: Blocked | msgspec.UnsetType | None = msgspec.UNSET


async def show_caps(asked: Asked[NoQuery, None]) -> CapSettings:
    return _settings(await set_caps.show_caps(asked.conn, account_id=asked.path["account_id"], now=asked.now))


async def change_caps(asked: Asked[NoQuery, ChangedCaps]) -> CapSettings:
    """Change the caps that are named, from the next call on. An account's administrator may only tighten them."""
    account_id = asked.path["account_id"]
    before = _settings(await set_caps.show_caps(asked.conn, account_id=account_id, now=asked.now))
    require_version(asked, before.version)
    changed = await set_caps.set_caps(
        asked.conn, actor=asked.actor, account_id=account_id, change=_change(asked.body), now=asked.now
    )
    return _settings(changed)


def _change(body: ChangedCaps) -> CapsChange:
    given: dict[Cap, Any] = {Cap(name): getattr(body, name) for name in body.__struct_fields__}
    named = {cap: value for cap, value in given.items() if value is not msgspec.UNSET}
    return CapsChange(
        limits={cap: str(value) for cap, value in named.items() if cap not in _LISTS and value is not None},
        instead={cap: value for cap, value in named.items() if cap in _LISTS and value is not None},
        removed=[cap for cap, value in named.items() if value is None],
    )


def _settings(view: CapsView) -> CapSettings:
    """With the version of what is set; what counts against it is no part of that."""
    fields: dict[str, Any] = {name: getattr(view, name) for name in CapsView.__dataclass_fields__}
    return CapSettings(version=version_of({cap.value: fields[cap] for cap in Cap}), **fields)


ROUTES: Final = (
    Route(
        method=Method.GET,
        path="/accounts/{account_id}/caps",
        name="show_caps",
        tag="accounts",
        action=Action.CAPS_READ,
        summary="What may this account do at most, whatever its money allows?",
        handle=show_caps,
        reply=CapSettings,
    ),
    Route(
        method=Method.PATCH,
        path="/accounts/{account_id}/caps",
        name="change_caps",
        tag="accounts",
        action=Action.CAPS_TIGHTEN,
        summary="Change caps",
        handle=change_caps,
        body=ChangedCaps,
        reply=CapSettings,
        has_version=True,
    ),
)
