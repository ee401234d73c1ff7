"""What a request says, held against the document: path, query, headers, body. What is wrong is named (422, 400)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Final, TypeVar, Union, get_args, get_origin

import msgspec
from aiohttp import hdrs, web
from multidict import MultiMapping

from gateway.domain.rates.rate import RateKind
from gateway.web.api.problems import Declined, ErrorCode
from gateway.web.api.route import CSV, Route
from gateway.web.bodies import BrokenBody, EncodedBody, read_body

S = TypeVar("S")

BODY_MAX: Final = 256 * 1024
# A deck of a million prefixes.
FILE_MAX: Final = 64 * 1024 * 1024
KEY_LENGTH_MAX: Final = 255

Id = Annotated[int, msgspec.Meta(ge=1, le=2**63 - 1, description="The id that the gateway gave it.")]
Limit = Annotated[int, msgspec.Meta(ge=1, le=1000, description="How many rows at most.")]
After = Annotated[
    str, msgspec.Meta(max_length=500, description="Where to go on: `next` of the part of the list before.")
]
Number = Annotated[str, msgspec.Meta(pattern=r"^\+[1-9][0-9]{6,14}$", description="A number in E.164, with its plus.")]
LineName = Annotated[
    str,
    msgspec.Meta(min_length=1, max_length=128, pattern=r"^[^/\x00-\x1f\x7f]+$", description="A number or connector."),
]
CallReference = Annotated[
    str,
    msgspec.Meta(
        min_length=1,
        max_length=300,
        pattern=r"^[^/\x00-\x1f\x7f]+$",
        description="The id of a call, or CONNECTION:PROVIDER_ID.",
    ),
]
Word = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9._-]{1,64}$", description="A name.")]
Instant = Annotated[datetime, msgspec.Meta(tz=True, description="RFC 3339, with Z or an offset.")]
Text = Annotated[str, msgspec.Meta(min_length=1, max_length=500, pattern=r"^[^\x00-\x1f\x7f]+$")]
Amount = Annotated[
    str, msgspec.Meta(pattern=r"^(0|[1-9][0-9]{0,11})(\.[0-9]{1,6})?$", description="An amount, six decimals at most.")
]
SignedAmount = Annotated[
    str, msgspec.Meta(pattern=r"^-?(0|[1-9][0-9]{0,11})(\.[0-9]{1,6})?$", description="An amount, up or down.")
]
MONTH: Final = Annotated[str, msgspec.Meta(pattern=r"^20[0-9]{2}-(0[1-9]|1[0-2])$", description="A month, as 2026-11.")]
# What each name in a path is.
PATH: Final[Mapping[str, Any]] = {
    "account_id": Id,
    "call": CallReference,
    "connection": Word,
    "currency": Annotated[str, msgspec.Meta(pattern=r"^[A-Z]{3}$", description="ISO 4217.")],
    "hook_id": Id,
    "kind": RateKind,
    "large_sum_id": Id,
    "mail_id": Id,
    "member_id": Id,
    "month": MONTH,
    "name": LineName,
    "number": Number,
    "person_id": Id,
    "place": Annotated[str, msgspec.Meta(pattern=r"^([0-9]{1,15}|[A-Z]{2})$", description="A prefix or a country.")],
    "session_id": Id,
    "token_id": Id,
    "version_id": Id,
}
_AT: Final = re.compile(r"^(?P<what>.*) - at `\$(?P<where>[^`]*)`$", re.DOTALL)


class JsonBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A body; a name that is not known must not pass in silence."""


class ListQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What every list takes."""

    limit: Limit = 100
    after: After | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadRequest:
    """What a request says; `raw` is its body as it came."""

    path: Mapping[str, Any]
    query: Any
    key: str | None
    body: Any
    raw: bytes


async def read_request(route: Route, request: web.Request) -> ReadRequest:
    """Declined where it is not as the document says."""
    path, query = read_path(route, request.match_info), read_query(route, request.query)
    key = _read_key(route, request)
    body, raw = await _read_body(route, request)
    return ReadRequest(path=path, query=query, key=key, body=body, raw=raw)


def read_path(route: Route, given: Mapping[str, str]) -> dict[str, Any]:
    """What its path names, by what each name is."""
    return {name: _converted(given[name], PATH[name], f"/path/{name}") for name in route.parameters}


def read_query(route: Route, given: MultiMapping[str]) -> Any:
    """Parameters that are not there, and those that come twice, are refused with their names."""
    known = _kinds(route.query)
    for name in given:
        if name not in known:
            raise Declined(
                code=ErrorCode.INVALID,
                detail=f"there is no parameter {name[:64]!r}; they are {', '.join(known) or 'none'}",
                field=f"/query/{name[:64]}",
            )
        if len(given.getall(name)) > 1:
            raise Declined(code=ErrorCode.INVALID, detail=f"{name} came twice", field=f"/query/{name}")
    values = {
        name: _converted(given[name], kind, f"/query/{name}", strict=_is_instant(kind))
        for name, kind in known.items()
        if name in given
    }
    return _converted(values, route.query, "/query", strict=True)


@cache
def _kinds(query: type[msgspec.Struct]) -> Mapping[str, Any]:
    """What each parameter is, where it is there."""
    return {each.encode_name: _without_none(each.type) for each in msgspec.structs.fields(query)}


async def _read_body(route: Route, request: web.Request) -> tuple[Any, bytes]:
    """The body as its struct, and as it came."""
    if route.body is None:
        return None, b""
    _require_kind(request, route.body_type)
    raw = await _read(request, FILE_MAX if route.body_type == CSV else BODY_MAX)
    if route.body is bytes:
        return raw, raw
    try:
        return read_fields(route, msgspec.json.decode(raw)), raw
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Declined(code=ErrorCode.NOT_JSON, detail=f"the body is not JSON: {error}") from error


def read_fields(route: Route, given: Any) -> Any:
    """A body, by its struct."""
    try:
        return msgspec.convert(_with_integers(given), route.body or NoneType)
    except msgspec.ValidationError as error:
        raise _invalid(error, "") from error


def _read_key(route: Route, request: web.Request) -> str | None:
    """The Idempotency-Key; None where the route takes none."""
    if not route.needs_key:
        return None
    key = request.headers.get("Idempotency-Key")
    if key is None:
        raise Declined(code=ErrorCode.KEY_REQUIRED, detail="give an Idempotency-Key, another for each thing wanted")
    if not 1 <= len(key) <= KEY_LENGTH_MAX or not key.isascii() or not key.isprintable():
        raise Declined(
            code=ErrorCode.INVALID,
            detail=f"must be 1 to {KEY_LENGTH_MAX} printable characters of ASCII",
            field="/header/Idempotency-Key",
        )
    return key


def _with_integers(value: Any) -> Any:
    """In JSON 50.0 is the integer 50, for whoever writes documents in the language of schemas."""
    match value:
        case float() if value.is_integer():
            return int(value)
        case list():
            return [_with_integers(each) for each in value]
        case dict():
            return {name: _with_integers(each) for name, each in value.items()}
        case _:
            return value


@cache
def _without_none(kind: Any) -> Any:
    """A parameter that is not there is not there: `null` is a text like any other."""
    left = [each for each in get_args(kind) if each is not NoneType]
    return Union[tuple(left)] if isinstance(kind, UnionType) or get_origin(kind) is Union else kind  # noqa: UP007


@cache
def _is_instant(kind: Any) -> bool:
    """It is written as a text: a number of seconds since 1970 is none, though it could be read as one."""
    return kind is datetime or datetime in get_args(kind)


def _require_kind(request: web.Request, kind: str) -> None:
    if request.content_type != kind or (request.charset or "utf-8").lower() not in ("utf-8", "utf8"):
        raise Declined(
            code=ErrorCode.UNSUPPORTED_MEDIA_TYPE,
            detail=f"the body must be {kind} in UTF-8, not {request.headers.get(hdrs.CONTENT_TYPE, 'unnamed')[:64]}",
        )


async def _read(request: web.Request, size_max: int) -> bytes:
    try:
        return await read_body(request, size_max=size_max)
    except BrokenBody as error:
        raise Declined(code=ErrorCode.NOT_JSON, detail="the body broke off") from error
    except EncodedBody as error:
        raise Declined(code=ErrorCode.UNSUPPORTED_MEDIA_TYPE, detail="the body must not be compressed") from error
    except web.HTTPRequestEntityTooLarge as error:
        raise Declined(code=ErrorCode.TOO_LARGE, detail=f"the body must be at most {size_max} bytes") from error


def _converted(value: Any, kind: type[S], where: str, *, strict: bool = False) -> S:
    """A text is a number, an instant or a truth where such a one is wanted."""
    try:
        return msgspec.convert(value, kind, strict=strict)
    except msgspec.ValidationError as error:
        raise _invalid(error, where) from error


def _invalid(error: msgspec.ValidationError, where: str) -> Declined:
    found = _AT.match(str(error))
    what, at = (str(error), "") if found is None else (found["what"], found["where"])
    field = where + re.sub(r"\.|\[|\]", lambda match: "" if match[0] == "]" else "/", at)
    return Declined(code=ErrorCode.INVALID, detail=what, field=field or "/")
