"""What stands where the document has a name: values that are right, for the reference and for tests over the table."""

from typing import Any, Final

import msgspec

from gateway.web.api.route import Route

# By the names of what paths name.
PLACES: Final[dict[str, str]] = {
    "account_id": "1",
    "call": "1",
    "connection": "pbx",
    "currency": "USD",
    "kind": "outbound",
    "month": "2026-03",
    "name": "office",
    "number": "+15550100001",
    "place": "44",
    "version_id": "1",
}
# By the names of fields of bodies.
FIELDS: Final[dict[str, Any]] = {
    "name": "Acme",
    "currency": "USD",
    "email": "admin@acme.example",
    "role": "reader",
    "reason": "fraud",
    "amount": "5.00",
    "external_id": "payment-1",
    "note": "counted twice",
    "line": "+15550100001",
    "callee": "+442079460000",
    "number": "+12125550199",
    "account_id": 1,
    "country": "US",
    "q": "44",
    "per_minute": "0.05",
    "seconds": 60,
}
# What a body that must have nothing says all the same, by the names of routes.
BODIES: Final[dict[str, dict[str, Any]]] = {
    "change_account": {"language": "de"},
    "change_person": {"language": "de"},
    "change_caps": {"live_calls": 2},
    "change_connector": {"country": "DE"},
    "change_mail_kinds": {"off": ["low_balance"]},
    "change_me": {"language": "de"},
}
FILE: Final = (
    "kind,country,category,prefix,per_minute,connection_fee,first_interval_s,increment_s,valid_from,currency\n"
    "outbound,,,44,0.0270,0,60,60,2026-01-01,USD\n"
)


def path_of(route: Route, places: dict[str, str] | None = None) -> str:
    """The path of a route with a value for each name."""
    path = route.path
    for name in route.parameters:
        path = path.replace(f"{{{name}}}", (PLACES | (places or {})).get(name, "1"))
    return path


def query_of(route: Route) -> dict[str, Any]:
    """What a query must have, and no more."""
    return {each.encode_name: FIELDS[each.name] for each in msgspec.structs.fields(route.query) if each.required}


def body_of(route: Route) -> dict[str, Any]:
    """What a body must have, and what makes it say something."""
    assert route.body not in (None, bytes)
    return BODIES.get(route.name, {}) | {
        each.encode_name: FIELDS[each.name] for each in msgspec.structs.fields(route.body) if each.required
    }
