"""Five accounts, each with some of everything that a list of the API can have, and what asks for them."""

import csv
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from gateway.domain.access.actions import GRANTS, Reach
from gateway.domain.access.roles import Role
from gateway.usecases.calls.roll_up import roll_up
from gateway.usecases.events.note import note_events
from gateway.web.api.route import CSV, Route
from gateway.web.api.routes import ROUTES
from tests.support import world
from tests.support.api import Answer, ApiClient, api_client
from tests.support.api_examples import path_of
from tests.support.running import Gateway
from tests.support.sides import Side, side
from tests.support.world import NOON

Row = dict[str, Any]
# Lists of which an account's people see what is their account's.
LISTS: Final = {
    each.name: each for each in ROUTES if each.is_list and GRANTS[each.action].of(Role.ADMINISTRATOR) is Reach.OWN
}
# What changes by being looked at.
_LOOKED_AT: Final = ("last_used_at", "seen_at")
# What the provider charges is the operator's business, and who acted for the operator.
OPERATORS_BUSINESS: Final = ("cost", "costed", "margin", "actor_name")
HOURS: Final = 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """An account, who asks for it, and who asks for all of them."""

    side: Side
    operator: ApiClient
    clients: Mapping[Role, ApiClient]

    @property
    def account_id(self) -> int:
        return self.side.account_id

    def path(self, route: Route) -> str:
        return path_of(route, self.side.places)


async def five_accounts(gateway: Gateway) -> list[Seen]:
    sides = [await side(gateway, digit) for digit in range(1, 6)]
    operator = await api_client(gateway)
    async with gateway.process.context.pool.acquire() as conn:
        await world.rate(conn, "", "0.01", kind="inbound", country="US", category="geographic")
        await conn.execute("UPDATE account SET name = 'Acme ' || id, email = 'admin' || id || '@acme.example'")
    for hour, own in enumerate(sides):
        gateway.clock.at = NOON.replace(hour=1 + hour)
        await _calls_of(gateway, own)
        await operator.ask("PATCH", f"/accounts/{own.account_id}/caps", {"live_calls": 20 + hour})
    gateway.clock.at = NOON.replace(hour=23)
    while await roll_up(gateway.process.context):
        pass
    while await note_events(gateway.process.context):
        pass
    return [
        Seen(
            side=own,
            operator=operator,
            clients={
                role: await api_client(gateway, role, own.account_id) for role in (Role.ADMINISTRATOR, Role.READER)
            },
        )
        for own in sides
    ]


async def _calls_of(gateway: Gateway, own: Side) -> None:
    """One that is up, from its side; and ended, refused, incoming ones, to numbers of several countries."""
    digit = own.number[-1]
    for n, callee in enumerate(("+442079460000", "+4930123456", f"+44207946000{digit}")):
        await gateway.start(f"out-{digit}-{n}", callee, caller=own.number)
        await gateway.answer(f"out-{digit}-{n}")
        gateway.clock.advance(61)
        await gateway.end(f"out-{digit}-{n}", seconds=61)
    await gateway.start(
        f"in-{digit}", own.number, caller=f"+44207946000{digit}", direction="inbound", connection="trunk"
    )
    gateway.clock.advance(HOURS / 10)


def rows_of(answer: Answer) -> list[Row]:
    assert answer.status == 200, answer.raw
    return [{name: value for name, value in row.items() if name not in _LOOKED_AT} for row in answer.data["data"]]


async def listed(
    client: ApiClient, seen: Seen, route: Route, query: Mapping[str, str], *, limit: int = 1000
) -> list[Row]:
    """A list about an account to its end; so many rows at a time, where it has parts."""
    return await whole(
        client, seen.path(route), query, limit=limit if "limit" in route.query.__struct_fields__ else None
    )


async def whole(client: ApiClient, path: str, query: Mapping[str, str], *, limit: int | None = 1000) -> list[Row]:
    """A list to its end, so many rows at a time; None: it has no parts."""
    found: list[Row] = []
    after: dict[str, str] = {}
    parts = {} if limit is None else {"limit": str(limit)}
    while True:
        part = await client.ask("GET", path, **query, **after, **parts)
        found += rows_of(part)
        assert limit is None or len(part.data["data"]) <= limit
        if part.data["next"] is None:
            return found
        after = {"after": part.data["next"]}


async def as_csv(client: ApiClient, path: str, query: Mapping[str, str]) -> list[dict[str, str]]:
    answer = await client.ask("GET", path, headers={"Accept": CSV}, **query)
    assert answer.status == 200, answer.raw
    return list(csv.DictReader(io.StringIO(answer.raw.decode())))


def texts(rows: list[Row]) -> list[str]:
    """Rows to be compared as a bag, without what they cost."""
    return sorted(json.dumps({**row, **dict.fromkeys(OPERATORS_BUSINESS)}, sort_keys=True) for row in rows)
