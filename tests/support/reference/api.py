"""The reference of the API, who may do what, and a page for each code of a problem."""

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from gateway.domain.access.actions import GRANTS, Action, Reach
from gateway.domain.access.roles import Role
from gateway.web.api.openapi import build_document
from gateway.web.api.problems import REMEDIES, STATUSES, ErrorCode
from gateway.web.api.route import CSV, Method, Route
from gateway.web.api.routes import ROUTES
from tests.support.api_examples import body_of, path_of
from tests.support.reference.text import code, page, paragraph, sentence, table

_REACH = {Reach.ALL: "yes", Reach.OWN: "own account", Reach.NONE: "no"}


def pages() -> Iterator[tuple[str, str]]:
    yield "api.md", _api()
    yield "reference/roles.md", _roles()
    yield from ((f"errors/{each}.md", _error(each)) for each in ErrorCode)


def _roles() -> str:
    rows = (
        (code(each), each.meaning, *(_REACH[GRANTS[each].of(role)] for role in Role), code(each.scope))
        for each in Action
    )
    return page(
        "Roles",
        paragraph("Who may do what. A token has a role, and may be narrowed to scopes."),
        table(("role", "who it is"), ((code(role), role.meaning) for role in Role)),
        table(("action", "what it is", *(str(role) for role in Role), "scope"), rows),
    )


def _error(each: ErrorCode) -> str:
    return page(
        f"Problem: {each}",
        paragraph(each.meaning),
        paragraph(f"The status is {STATUSES[each]}. {REMEDIES[each]}"),
        paragraph("[The API](../api.md) says how answers look that are none."),
    )


def _api() -> str:
    document = build_document(ROUTES)
    parts: list[str] = []
    for tag, routes in groupby(sorted(ROUTES, key=lambda route: _order(route.tag)), key=lambda route: route.tag):
        parts.append(f"## {sentence(tag).removesuffix('.')}")
        for route in routes:
            parts += _route(route, document)
    codes = ((f"[{code(each)}](errors/{each}.md)", STATUSES[each], each.meaning) for each in ErrorCode)
    return page(
        "The API",
        paragraph(_INTRODUCTION),
        *(paragraph(each) for each in _CONVENTIONS.split("\n\n")),
        table(("code", "status", "what it means"), codes),
        *parts,
    )


def _order(tag: str) -> int:
    return [*dict.fromkeys(route.tag for route in ROUTES)].index(tag)


def _route(route: Route, document: Mapping[str, Any]) -> Iterator[str]:
    operation = document["paths"][route.path][route.method.lower()]
    yield f"### {route.method} /v1{route.path}"
    said = (route.summary if route.summary.endswith("?") else sentence(route.summary), operation["description"])
    yield from dict.fromkeys(paragraph(words) for each in said for words in each.split("\n\n"))
    schemas = document["components"]["schemas"]
    rows = [
        (code(each["name"]), each["in"], _kind(each["schema"], schemas), _words(each["schema"], each))
        for each in operation["parameters"]
    ]
    if rows:
        yield table(("parameter", "in", "what it is", ""), rows)
    if route.body not in (None, bytes):
        name = operation["requestBody"]["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
        yield table(("field of the body", "what it is", ""), _fields(schemas[name], schemas))
    yield f"```\n{_curl(route)}\n```"


def _fields(schema: Mapping[str, Any], schemas: Mapping[str, Any]) -> Iterator[Sequence[object]]:
    required = schema.get("required", [])
    for name, each in schema["properties"].items():
        yield code(name), _kind(each, schemas), f"{'required. ' if name in required else ''}{_words(each, each)}"


def _kind(schema: Mapping[str, Any], schemas: Mapping[str, Any]) -> str:
    match schema:
        case {"$ref": ref}:
            name = ref.rpartition("/")[2]
            return _kind(schemas[name], schemas) if "enum" in schemas[name] else name
        case {"anyOf": [*kinds]}:
            return " or ".join(_kind(each, schemas) for each in kinds)
        case {"enum": [*values]}:
            return ", ".join(code(value) for value in values)
        case {"type": kind, "format": form}:
            return f"{kind} ({form})"
        case {"type": kind}:
            return str(kind)
    return "anything"


def _words(schema: Mapping[str, Any], parameter: Mapping[str, Any]) -> str:
    said = [str(each) for each in (parameter.get("description") or schema.get("description"),) if each]
    if "default" in schema and schema["default"] is not None:
        said.append(f"Default: {code(json.dumps(schema['default']))}.")
    return " ".join(said)


def _curl(route: Route) -> str:
    lines = [f"curl -X {route.method} http://127.0.0.1:8080/v1{path_of(route)}", "-H 'Authorization: Bearer gw_…'"]
    if route.method is Method.GET:
        lines[0] = lines[0].replace("-X GET ", "")
    if route.needs_key:
        lines.append("-H 'Idempotency-Key: 7f3c…'")
    if route.body is bytes:
        lines.append(f"-H 'Content-Type: {CSV}' --data-binary @rates.csv")
    elif route.body is not None:
        lines.append(f"-H 'Content-Type: application/json' -d '{json.dumps(body_of(route))}'")
    return " \\\n    ".join(lines)


_INTRODUCTION = (
    "Everything that an operator can do, and what an account's own people can, by HTTP and JSON. The same as"
    " document of OpenAPI 3.1 at `/openapi.json`, from which clients can be generated. `gateway token create` makes a"
    " token."
    " [Roles](reference/roles.md) says who may do what."
)
_CONVENTIONS = """
**Amounts** are strings with up to six decimals, beside their `currency`. **Instants** are RFC 3339 in UTC. Durations
end in `_s` and are seconds.

A **list** is `{"data": […], "next": …}`: give `next` as `after` to go on, null is the end. `limit` is 100 unless you
say otherwise, 1000 at most. With `Accept: text/csv` all of it comes as CSV, whatever its length.

A parameter that is not known is refused by its name: a filter that was mistyped must not give more than was asked for.

What creates something or moves money wants an **Idempotency-Key**. Sent again with the same key and body it happens
once: the answer of the first time comes again, byte for byte, with `Idempotency-Replayed: true`, for 30 days. What was
refused has changed nothing and may be sent again with the same key.

A PATCH changes what it names. With **If-Match** and the `version` that was read it is refused if somebody has changed
the object since.

An answer that is none is `application/problem+json` (RFC 9457): `code` is for programs, `detail` for people, `field`
points at what was wrong, and `request_id` is in the log. `X-Request-Id` may be given, and comes back.

One token may ask 50 times a second, 100 times at once, and take two lists as CSV at a time.
"""
