"""Any route of the table asked with what is right for it."""

from gateway.web.api.route import CSV, Route
from tests.support.api import Answer, ApiClient
from tests.support.api_examples import FILE, body_of, path_of, query_of
from tests.support.sides import Side


async def send(client: ApiClient, route: Route, about: Side, *, named: bool = False, key: str | None = None) -> Answer:
    """Ask with what a side has; `named`: an account that the path does not have is named by the query, or the body."""
    query: dict[str, object] = dict(query_of(route))
    body = None if route.body in (None, bytes) else body_of(route)
    if body is not None and "line" in body:
        body["line"] = about.number
    if named and body is not None and "account_id" in route.body.__struct_fields__:  # type: ignore[union-attr]
        body["account_id"] = about.account_id
    elif named and route.narrows:
        query["account_id"] = about.account_id
    headers = {"Content-Type": CSV} if route.body is bytes else {}
    data = FILE if route.body is bytes else None
    return await client.ask(
        route.method, path_of(route, about.places), body, headers=headers, data=data, key=key, **query
    )
