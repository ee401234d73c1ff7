"""In a world of five accounts a token of one sees exactly its rows: by id, filter, cursor, CSV, export and include."""

import csv
import io
import zipfile
from collections.abc import AsyncIterator, Mapping
from typing import Any

import msgspec
import pytest
from aiohttp.test_utils import unused_port
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.domain.access.actions import GRANTS, Reach
from gateway.domain.access.roles import Role
from gateway.web.api.route import Method, Route
from gateway.web.api.routes import ROUTES
from tests.support.api_examples import query_of
from tests.support.five_accounts import (
    LISTS,
    OPERATORS_BUSINESS,
    Row,
    Seen,
    as_csv,
    five_accounts,
    listed,
    rows_of,
    texts,
    whole,
)
from tests.support.postgres import DatabaseServer
from tests.support.running import gateway_on

pytestmark = pytest.mark.usefixtures("uncounted")
NOT_FILTERS = ("account_id", "limit", "after", "summary")
SHOWN = [
    each
    for each in ROUTES
    if each.method is Method.GET
    and not each.is_list
    and each.parameters
    and GRANTS[each.action].of(Role.ADMINISTRATOR) is Reach.OWN
]
# Which values of rows a filter goes by, where it is not called as they are.
VALUES = {
    "number": ("caller", "callee"),
    "line": ("line", "name"),
    "from": ("started_at", "booked_at", "at", "day"),
    "to": ("started_at", "booked_at", "at", "day"),
    "due_before": ("due_on",),
    "min_charge": ("charge",),
    "q": ("name", "email"),
    "flag": ("flags",),
}
MORE_VALUES = {
    "country": ["GB", "DE", "US"],
    "by": ["day", "country", "line", "direction", "outcome"],
    "min_charge": ["0"],
}


@pytest.fixture(scope="module")
async def accounts(postgres: DatabaseServer, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[list[Seen]]:
    async with postgres.database() as dsn, gateway_on(dsn, tmp_path_factory.mktemp("five"), port=unused_port()) as own:
        yield await five_accounts(own)


def test_every_list_of_an_account_is_looked_at() -> None:
    assert {"list_calls", "list_live_calls", "list_entries", "list_mails", "list_tokens", "list_events"} <= {*LISTS}


@st.composite
def filters(draw: st.DrawFn, route: Route, rows: list[Row]) -> dict[str, str]:
    """Some of what a list can be narrowed by, with values that some of its rows have."""
    chosen: dict[str, str] = {}
    for field in msgspec.structs.fields(route.query):
        name = field.encode_name
        values = _values(name, field.type, rows)
        if name in NOT_FILTERS or not values:
            continue
        if field.required or (draw(st.booleans()) and draw(st.booleans())):
            chosen[name] = draw(st.sampled_from(values))
    if chosen.get("from", "") >= chosen.get("to", "~"):
        del chosen["to"]
    return chosen


def _values(name: str, kind: Any, rows: list[Row]) -> list[str]:
    found: set[str] = set(MORE_VALUES.get(name, ()))
    for row in rows:
        for key in VALUES.get(name, (name,)):
            value = row.get(key)
            found |= {str(each) for each in (value if isinstance(value, list) else [value]) if each is not None}
    literals = msgspec.json.schema_components([kind])[0][0]
    for each in literals.get("anyOf", [literals]):
        found |= {str(value) for value in each.get("enum", ())}
    return sorted(found - {""})


async def _all_rows(route: Route, own: Seen, chosen: Mapping[str, str]) -> list[Row]:
    """What an operator sees of an account: of all rows those that say so, else those that they ask for."""
    if "account_id" in route.parameters:
        return await listed(own.operator, own, route, chosen)
    rows = await listed(own.operator, own, route, chosen)
    if all("account_id" in row for row in rows):
        return [row for row in rows if row["account_id"] == own.account_id]
    if route.name == "list_accounts":
        return [row for row in rows if row["id"] == own.account_id]
    assert route.narrows, route.name
    return await listed(own.operator, own, route, {**chosen, "account_id": str(own.account_id)})


@pytest.mark.parametrize("name", LISTS)
@settings(max_examples=12, suppress_health_check=list(HealthCheck))
@given(data=st.data())
async def test_a_list_has_exactly_the_rows_of_an_account(accounts: list[Seen], name: str, data: st.DataObject) -> None:
    route, own = LISTS[name], data.draw(st.sampled_from(accounts), label="account")
    required = query_of(route)
    everything = [row for each in accounts for row in await listed(each.operator, each, route, required)]
    chosen = data.draw(filters(route, everything), label="filters")
    roles = [role for role in own.clients if GRANTS[route.action].of(role) is Reach.OWN]
    client = own.clients[data.draw(st.sampled_from(roles), label="role")]
    expected = await _all_rows(route, own, chosen)

    told = await listed(client, own, route, chosen, limit=data.draw(st.integers(1, 7), label="limit"))

    assert texts(told) == texts(expected)
    assert {row.get(each) for row in told for each in OPERATORS_BUSINESS} <= {None}
    assert len(await as_csv(client, own.path(route), chosen)) == len(expected)
    if route.narrows:
        named = {**chosen, "account_id": str(own.account_id)}
        assert texts(await listed(client, own, route, named)) == texts(expected)


@pytest.mark.parametrize("name", LISTS)
async def test_what_is_anothers_is_not_there_by_a_filter_a_path_or_a_cursor(accounts: list[Seen], name: str) -> None:
    route = LISTS[name]
    for own, other in zip(accounts, [*accounts[1:], accounts[0]], strict=True):
        client = own.clients[Role.ADMINISTRATOR]
        expected = {*texts(await listed(client, own, route, query_of(route)))}
        for asker, asked in ((own.operator, own), (other.clients[Role.ADMINISTRATOR], other)):
            if "limit" not in route.query.__struct_fields__:
                continue
            part = await asker.ask("GET", asked.path(route), **query_of(route), limit=1)
            if part.status == 200 and part.data["next"] is not None:
                after = await client.ask("GET", own.path(route), **query_of(route), after=part.data["next"])
                assert {*texts(rows_of(after))} <= expected
        if route.narrows:
            query = query_of(route) | {"account_id": str(other.account_id)}
            assert (await client.ask("GET", own.path(route), **query)).status == 404
        if "account_id" in route.parameters:
            assert (await client.ask("GET", other.path(route), **query_of(route))).status == 404


async def test_lists_of_five_accounts_have_rows_of_each(accounts: list[Seen]) -> None:
    """Else nothing would be proven by what is not seen."""
    for name, route in LISTS.items():
        for own in accounts:
            rows = await listed(own.clients[Role.ADMINISTRATOR], own, route, query_of(route))
            assert rows, name


@pytest.mark.parametrize("route", SHOWN, ids=lambda route: route.name)
async def test_an_object_is_shown_to_its_account_alone(accounts: list[Seen], route: Route) -> None:
    for own in accounts:
        for role, client in own.clients.items():
            if GRANTS[route.action].of(role) is Reach.NONE:
                continue
            for other in accounts:
                answer = await client.ask("GET", other.path(route), **query_of(route))
                assert answer.status == (200 if other is own else 404), (route.name, role, answer.raw)


async def test_what_is_included_with_a_call_is_its_accounts(accounts: list[Seen]) -> None:
    for own in accounts:
        client = own.clients[Role.READER]
        for call in await whole(client, "/calls", {}):
            shown = (await client.get(f"/calls/{call['id']}", include="explanation,entries,hooks")).data
            assert shown["account_id"] == own.account_id
            assert {each["account_id"] for each in shown["entries"]} <= {own.account_id}
            assert (shown["hooks"], shown["cost"], shown["cost_currency"]) == (None, None, None)


async def test_an_export_has_what_the_lists_have(accounts: list[Seen]) -> None:
    for own in accounts:
        client = own.clients[Role.ADMINISTRATOR]
        answer = await client.get(f"/accounts/{own.account_id}/export")
        with zipfile.ZipFile(io.BytesIO(answer.raw)) as archive:
            tables = {
                name.removesuffix(".csv"): list(csv.DictReader(io.StringIO(archive.read(name).decode())))
                for name in archive.namelist()
            }
        lists = {
            "account": ["/accounts"],
            "entries": [f"/accounts/{own.account_id}/entries"],
            "calls": ["/calls"],
            "numbers": ["/numbers", "/connectors"],
            "mails": ["/mails"],
        }
        assert {*tables} == {*lists}
        for name, paths in lists.items():
            listed = {row["id"] for path in paths for row in await whole(client, path, {})}
            assert {int(row["id"]) for row in tables[name]} == listed, name
            assert len(tables[name]) == len(listed), name
