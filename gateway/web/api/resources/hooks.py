"""The last webhooks: what came, what it was to the gateway, and what was replied."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Final

import msgspec

from gateway.domain.access.actions import Action
from gateway.postgres.hooks import HookRow
from gateway.usecases.calls.shown.hooks import find_hooks
from gateway.usecases.connections.captures import show_hook
from gateway.web.api.reading import CallReference, ListQuery, Word
from gateway.web.api.route import Asked, Method, NoQuery, Route, Rows

Refused = Annotated[bool, msgspec.Meta(description="Only those whose reply was no success, or only the others.")]


class HookQuery(ListQuery, frozen=True, kw_only=True, forbid_unknown_fields=True):
    connection: Word | None = None
    call: CallReference | None = None
    is_refused: Refused | None = None


class CapturedWebhook(msgspec.Struct, frozen=True, kw_only=True):
    """A webhook; `provider_call_id` is null where it could not be read. `ms` is how long the reply took.

    `why` is why it was refused.
    """

    id: int
    connection: str
    at: datetime
    kind: str
    outcome: str
    provider_call_id: str | None
    method: str
    path: str
    content_type: str
    bytes: int
    status: int
    ms: Decimal
    why: str | None


class WholeWebhook(CapturedWebhook, frozen=True, kw_only=True):
    """A webhook with its body and the reply, without what is secret. A body of `bytes` may be kept in part."""

    body: str
    reply_type: str
    reply: str


async def list_webhooks(asked: Asked[HookQuery, None]) -> Rows[CapturedWebhook]:
    """Newest first, for as many days as the setting `hooks_days` says; where many come at once, not all of them."""
    query = asked.query
    found = await find_hooks(
        asked.conn,
        connection=query.connection,
        call=query.call,
        is_refused=query.is_refused,
        before=asked.before_id,
        limit=asked.one_more,
    )
    return asked.rows([CapturedWebhook(**_fields(each, CapturedWebhook)) for each in found])


async def show(asked: Asked[NoQuery, None]) -> WholeWebhook:
    found = await show_hook(asked.conn, hook_id=asked.path["hook_id"])
    return WholeWebhook(**_fields(found, WholeWebhook))


def _fields(row: HookRow, shown: type[msgspec.Struct]) -> dict[str, Any]:
    return {name: getattr(row, name) for name in shown.__struct_fields__}


ROUTES: Final = (
    Route(
        method=Method.GET,
        path="/hooks",
        name="list_hooks",
        tag="connections",
        action=Action.HOOKS_READ,
        summary="Which webhooks came, newest first?",
        handle=list_webhooks,
        query=HookQuery,
        reply=CapturedWebhook,
        is_list=True,
    ),
    Route(
        method=Method.GET,
        path="/hooks/{hook_id}",
        name="show_hook",
        tag="connections",
        action=Action.HOOKS_READ,
        summary="What did this webhook say, and what was replied?",
        handle=show,
        reply=WholeWebhook,
    ),
)
