"""Connections: how they are, what is pasted into their providers, and a call played through one."""

import secrets
from datetime import datetime
from functools import partial
from typing import Annotated, Any, Final

import msgspec

from gateway.domain.access.actions import Action
from gateway.domain.access.permissions import Permission, may
from gateway.hook_client import send_hook
from gateway.usecases.calls.shown.rehearse import RehearsedCall, rehearse_call, require_on
from gateway.usecases.calls.try_control import ControlTried, try_control, try_control_of_none
from gateway.usecases.connections.receipts import SecretUse
from gateway.usecases.connections.shown import (
    ConnectionView,
    list_connection_views,
    show_connection,
    without_credentials,
    write_kit,
)
from gateway.web.api.reading import JsonBody, LineName
from gateway.web.api.route import Asked, Method, NoQuery, Route, Rows

Callee = Annotated[
    str,
    msgspec.Meta(min_length=1, max_length=64, pattern=r"^[^\x00-\x1f\x7f]+$", description="Whom it calls."),
]
Seconds = Annotated[int, msgspec.Meta(ge=0, le=3600, description="How long it talks; 0: nobody answers.")]


class ShownConnection(msgspec.Struct, frozen=True, kw_only=True):
    """A configured connection, and how it is; `state` is off where it has no secret.

    `secrets` is how many it has; `secret_used` is the one that proved the last webhook, 1 being the newest.
    """

    name: str
    kind: str
    auth: str
    state: str
    secrets: int
    last_hook_at: datetime | None
    secret_used: int | None
    secrets_used: list[SecretUse]
    last_refused_at: datetime | None
    last_refused_status: int | None
    last_refused_why: str | None
    webhook_url: str
    control_url: str | None
    clock_difference_s: float | None


class TriedConnection(ShownConnection, frozen=True, kw_only=True):
    """`control` is what its control URL says of a call that was never made; null where it has none."""

    control: ControlTried | None


class Kit(msgspec.Struct, frozen=True, kw_only=True):
    connection: str
    kit: str


class PlayedCall(JsonBody, frozen=True, kw_only=True):
    line: LineName
    callee: Callee
    seconds: Seconds = 0


class TestedConnection(msgspec.Struct, frozen=True, kw_only=True):
    """What the provider would have done, and what its control URL says of that call."""

    call: RehearsedCall
    control: ControlTried | None


async def list_connections(asked: Asked[NoQuery, None]) -> Rows[ShownConnection]:
    """In the order of the configuration."""
    views = await list_connection_views(asked.conn, asked.context.settings)
    return Rows(data=[ShownConnection(**_fields(each)) for each in views], next=None)


async def show(asked: Asked[NoQuery, None]) -> TriedConnection:
    """Its control URL is asked about a call that was never made, so it may take some seconds."""
    name = asked.path["connection"]
    view = await show_connection(asked.conn, asked.context.settings, name)
    connection = asked.context.settings.require_connection(name)
    ask = partial(asked.context.provider_client.send, name)
    control = await try_control_of_none(connection, token=secrets.token_hex(6), now=asked.now, ask=ask)
    return TriedConnection(**_fields(view), control=control)


async def show_kit(asked: Asked[NoQuery, None]) -> Kit:
    """Filled in for this installation; an address in it that proves who sends is for those who may test it alone."""
    name = asked.path["connection"]
    with_secrets = may(asked.actor, Action.CONNECTIONS_TEST, None) is Permission.ALLOWED
    return Kit(connection=name, kit=write_kit(asked.context.settings, name, with_secrets=with_secrets))


async def test(asked: Asked[NoQuery, PlayedCall]) -> TestedConnection:
    """Send the webhooks of a call to this gateway, as the provider would. Nobody is called, but it is on record."""
    settings, body = asked.context.settings, asked.body
    connection = require_on(settings, asked.path["connection"])
    call = await rehearse_call(
        asked.conn,
        actor=asked.actor,
        settings=settings,
        connection=connection,
        line=body.line,
        callee=body.callee,
        seconds=body.seconds,
        token=secrets.token_hex(6),
        now=asked.now,
        send=send_hook,
    )
    if call.call is None:
        return TestedConnection(call=call, control=None)
    ask = partial(asked.context.provider_client.send, connection.name)
    call_id = call.call.partition(":")[2]
    return TestedConnection(call=call, control=await try_control(connection, call_id=call_id, now=asked.now, ask=ask))


def _fields(view: ConnectionView) -> dict[str, Any]:
    fields = {name: getattr(view, name) for name in ShownConnection.__struct_fields__}
    return fields | {"control_url": without_credentials(view.control_url)}


ROUTES: Final = (
    Route(
        method=Method.GET,
        path="/connections",
        name="list_connections",
        tag="connections",
        action=Action.CONNECTIONS_READ,
        summary="Which connections are there, and how are they?",
        handle=list_connections,
        reply=ShownConnection,
        is_list=True,
    ),
    Route(
        method=Method.GET,
        path="/connections/{connection}",
        name="show_connection",
        tag="connections",
        action=Action.CONNECTIONS_READ,
        summary="How is this connection, and can its calls be cut?",
        handle=show,
        reply=TriedConnection,
    ),
    Route(
        method=Method.GET,
        path="/connections/{connection}/kit",
        name="show_kit",
        tag="connections",
        action=Action.CONNECTIONS_READ,
        summary="What is pasted into its provider?",
        handle=show_kit,
        reply=Kit,
    ),
    Route(
        method=Method.POST,
        path="/connections/{connection}/test",
        name="test_connection",
        tag="connections",
        action=Action.CONNECTIONS_TEST,
        summary="Play a call through it",
        handle=test,
        body=PlayedCall,
        reply=TestedConnection,
    ),
)
