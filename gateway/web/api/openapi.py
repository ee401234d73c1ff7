"""The document: OpenAPI 3.1, made of the table of routes."""

from collections.abc import Iterator, Sequence
from http import HTTPStatus
from itertools import groupby
from typing import Any, Final

import msgspec

from gateway import __version__
from gateway.domain.access.actions import GRANTS, Reach
from gateway.domain.access.roles import Role
from gateway.web.api.problems import CONTENT_TYPE, STATUSES, ErrorCode, ProblemDetails
from gateway.web.api.reading import KEY_LENGTH_MAX, PATH
from gateway.web.api.route import CSV, JSON, Method, Route

Document = dict[str, Any]
_REF: Final = "#/components/schemas/{name}"
_ALWAYS: Final = (
    ErrorCode.MALFORMED,
    ErrorCode.UNAUTHENTICATED,
    ErrorCode.FORBIDDEN,
    ErrorCode.INVALID,
    ErrorCode.TOO_MANY_REQUESTS,
    ErrorCode.FAILED,
    ErrorCode.UNAVAILABLE,
    ErrorCode.REFUSED,
)


def build_document(routes: Sequence[Route]) -> Document:
    kinds = [*_kinds(routes), ProblemDetails]
    schemas, components = msgspec.json.schema_components(kinds, ref_template=_REF)
    schema_of = dict(zip(map(repr, kinds), schemas, strict=True))
    paths: Document = {}
    for route in routes:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route, schema_of)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Gateway",
            "version": __version__,
            "description": "All that an operator, or the administrator of an account, can see and do.",
        },
        "servers": [{"url": "/v1"}],
        "tags": [{"name": name} for name in dict.fromkeys(route.tag for route in routes)],
        "security": [{"token": []}],
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer", "bearerFormat": "gw_…"}},
        },
    }


def _kinds(routes: Sequence[Route]) -> Iterator[Any]:
    for route in routes:
        yield from (each for each in (route.reply, route.waits, route.summed, route.body) if each not in (None, bytes))
        yield from (PATH[name] for name in route.parameters)
        yield from (each.type for each in msgspec.structs.fields(route.query))


def _operation(route: Route, schema_of: Document) -> Document:
    operation: Document = {
        "operationId": route.name,
        "tags": [route.tag],
        "summary": route.summary,
        "description": _description(route),
        "parameters": [*_path(route, schema_of), *_query(route, schema_of), *_headers(route)],
        "responses": {
            str(route.status.value): _success(route, schema_of),
            **_waiting(route, schema_of),
            **_failures(route, schema_of),
        },
    }
    if route.body is bytes:
        operation["requestBody"] = {
            "required": True,
            "content": {route.body_type: {"schema": {"type": "string"}}},
        }
    elif route.body is not None:
        operation["requestBody"] = {"required": True, "content": {JSON: {"schema": schema_of[repr(route.body)]}}}
    return operation


def _description(route: Route) -> str:
    """Who may, and by which scope."""
    grant = GRANTS[route.action]
    who = ", ".join(
        f"{role}{' (own account)' if grant.of(role) is Reach.OWN else ''}"
        for role in Role
        if grant.of(role) is not Reach.NONE
    )
    return f"{route.handle.__doc__ or route.summary}\n\nRoles: {who}. Scope: `{route.action.scope}`."


def _path(route: Route, schema_of: Document) -> Iterator[Document]:
    for name in route.parameters:
        yield {"name": name, "in": "path", "required": True, "schema": schema_of[repr(PATH[name])]}


def _query(route: Route, schema_of: Document) -> Iterator[Document]:
    for each in msgspec.structs.fields(route.query):
        schema = _without_null(schema_of[repr(each.type)])
        if each.default not in (msgspec.NODEFAULT, None):
            schema = {**schema, "default": each.default}
        yield {"name": each.encode_name, "in": "query", "required": each.required, "schema": schema}


def _without_null(schema: Document) -> Document:
    """A parameter that is not there is not there; none is null."""
    match schema:
        case {"anyOf": [*kinds]}:
            left = [each for each in kinds if each != {"type": "null"}]
            return left[0] if len(left) == 1 else {**schema, "anyOf": left}
    return schema


def _headers(route: Route) -> Iterator[Document]:
    if route.needs_key:
        yield {
            "name": "Idempotency-Key",
            "in": "header",
            "required": True,
            "description": "Another for each thing wanted; a repeat with the same key gets the first reply again.",
            "schema": {"type": "string", "pattern": f"^[ -~]{{1,{KEY_LENGTH_MAX}}}$"},
        }
    if route.has_version:
        yield {
            "name": "If-Match",
            "in": "header",
            "required": False,
            "description": "The version that was read; it is refused (412) if there is another by now.",
            "schema": {"type": "string"},
        }


def _success(route: Route, schema_of: Document) -> Document:
    response: Document = {"description": HTTPStatus(route.status).phrase}
    if route.reply is None:
        return response
    if route.reply is bytes:
        return {**response, "content": {route.reply_type: {"schema": {"type": "string"}}}}
    schema = schema_of[repr(route.reply)]
    if not route.is_list:
        return {**response, "content": {JSON: {"schema": schema}}}
    fields = {"data": {"type": "array", "items": schema}, "next": {"type": ["string", "null"]}}
    if route.summed is not None:
        fields["summary"] = schema_of[repr(route.summed)]
    part = {"type": "object", "required": list(fields), "properties": fields}
    return {**response, "content": {JSON: {"schema": part}, CSV: {"schema": {"type": "string"}}}}


def _waiting(route: Route, schema_of: Document) -> Document:
    """What is accepted, and waits for another to agree."""
    if route.waits is None:
        return {}
    accepted = HTTPStatus.ACCEPTED
    return {
        str(accepted.value): {
            "description": accepted.phrase,
            "content": {JSON: {"schema": schema_of[repr(route.waits)]}},
        }
    }


def _failures(route: Route, schema_of: Document) -> Document:
    """Each status once, with the codes that it may have."""
    codes = sorted(_codes(route), key=lambda code: (STATUSES[code], code))
    return {
        str(status): {
            "description": " ".join(f"`{code}`: {code.meaning}" for code in group),
            "content": {CONTENT_TYPE: {"schema": schema_of[repr(ProblemDetails)]}},
        }
        for status, group in groupby(codes, key=STATUSES.__getitem__)
    }


def _codes(route: Route) -> Iterator[ErrorCode]:
    yield from _ALWAYS
    if route.names_something:
        yield ErrorCode.NOT_FOUND
    if route.body is not None:
        yield from (ErrorCode.NOT_JSON, ErrorCode.TOO_LARGE, ErrorCode.UNSUPPORTED_MEDIA_TYPE)
    if route.method is not Method.GET:
        yield from (ErrorCode.CONFLICT, ErrorCode.NO_MONEY, ErrorCode.ENDS_TOO_MUCH)
    if route.needs_key:
        yield from (ErrorCode.KEY_REQUIRED, ErrorCode.IDEMPOTENCY_CONFLICT, ErrorCode.IN_PROGRESS)
    if route.has_version:
        yield ErrorCode.CHANGED
