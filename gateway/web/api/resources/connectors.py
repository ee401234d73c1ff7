"""Connectors: an account's own SIP trunks, by the month like numbers."""

from typing import Annotated, Final

import msgspec

from gateway.domain.access.actions import Action
from gateway.domain.lines.line import LineKind
from gateway.usecases.lines import manage, rent, show
from gateway.web.api.reading import Id, JsonBody, LineName
from gateway.web.api.resources import lines
from gateway.web.api.resources.lines import LineQuery, ShownLine, line_of
from gateway.web.api.route import Asked, Method, NoQuery, Route, Rows
from gateway.web.api.runner import require_version

Country = Annotated[
    str, msgspec.Meta(pattern=r"^([A-Z]{2})?$", description="Where it is, for emergency calls; empty: as its account.")
]


class RentedConnector(JsonBody, frozen=True, kw_only=True):
    """`account_id` is one's own where one has one."""

    name: LineName
    account_id: Id | None = None
    country: Country = ""


class ImportedConnector(JsonBody, frozen=True, kw_only=True):
    account_id: Id
    name: LineName
    country: Country = ""


class ChangedConnector(JsonBody, frozen=True, kw_only=True):
    """What is not there stays."""

    country: Country | msgspec.UnsetType = msgspec.UNSET


async def list_connectors(asked: Asked[LineQuery, None]) -> Rows[ShownLine]:
    """The oldest first."""
    return await lines.list_lines(asked, LineKind.CONNECTOR)


async def rent_connector(asked: Asked[NoQuery, RentedConnector]) -> ShownLine:
    """Subscribe to a connector: the first month is charged at once."""
    rented = await rent.rent_connector(
        asked.conn,
        actor=asked.actor,
        account_id=lines.account_for(asked),
        name=asked.body.name,
        country=asked.body.country,
        now=asked.now,
    )
    return line_of(rented)


async def import_connector(asked: Asked[NoQuery, ImportedConnector]) -> ShownLine:
    """Put in a connector that is there already, without charging anything."""
    added = await manage.add_connector(
        asked.conn,
        actor=asked.actor,
        account_id=asked.body.account_id,
        name=asked.body.name,
        country=asked.body.country,
        now=asked.now,
    )
    return line_of(added)


async def change_connector(asked: Asked[NoQuery, ChangedConnector]) -> ShownLine:
    """Change what is named."""
    name, country = asked.path["name"], asked.body.country
    now_set = (await show.show_line(asked.conn, name=name, kind=LineKind.CONNECTOR)).line
    require_version(asked, line_of(now_set).version)
    if country is msgspec.UNSET:
        return line_of(now_set)
    changed = await manage.set_connector_country(
        asked.conn, actor=asked.actor, name=name, country=country, now=asked.now
    )
    return line_of(changed)


ROUTES: Final = (
    lines.list_route(LineKind.CONNECTOR, list_connectors),
    lines.create_route(
        LineKind.CONNECTOR,
        "",
        action=Action.NUMBERS_RENT,
        summary="Subscribe to a connector",
        handle=rent_connector,
        body=RentedConnector,
    ),
    lines.create_route(
        LineKind.CONNECTOR,
        "/import",
        action=Action.NUMBERS_IMPORT,
        summary="Put in a connector that is there already",
        handle=import_connector,
        body=ImportedConnector,
    ),
    *lines.life_routes(LineKind.CONNECTOR, "name"),
    Route(
        method=Method.PATCH,
        path="/connectors/{name}",
        name="change_connector",
        tag="connectors",
        action=Action.NUMBERS_CHANGE,
        summary="Change what is set of a connector",
        handle=change_connector,
        body=ChangedConnector,
        reply=ShownLine,
        has_version=True,
        owner=lines.owner_of(LineKind.CONNECTOR, "name"),
    ),
)
