"""Bitrix24's REST: how calls get into the CRM, and what its answers mean.

Sources: api-reference/telephony, limits and OAuth 2.0 of the REST documentation (2026-08), the vendor's b24pysdk 1.3.2.

Registering is repeated safely for 30 minutes, as the portal takes the same number, user, line and external id for the
same call; with the id of our call as that external id no two calls are taken for one. Finishing is not: a second time
the call is "not found", as its open row is gone, so that answer is checked against the statistics before anything is
done again.
"""

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Annotated
from urllib.parse import urlencode

import msgspec

from gateway.domain.calls.call import CallState
from gateway.domain.connection import Connection
from gateway.domain.errors import MalformedHook, ProviderFailed
from gateway.domain.events import Cause, Direction
from gateway.providers.base import ProviderRequest, ProviderResponse
from gateway.providers.crm import CrmCall, CrmReply, Tokens, Verdict
from gateway.providers.wire.fields import decode

OAUTH_URL = "https://oauth.bitrix.info/oauth/token/"
# What the portal shows; the ledger keeps six places.
COST_PLACES = Decimal("0.0001")
OUTGOING, INCOMING = 1, 2

# The CRM's result codes of calls that nobody answered (B.4, A.8 of the notes); inbound ones are missed calls.
UNANSWERED: Mapping[Cause, str] = {
    Cause.BUSY: "486",
    Cause.NO_ANSWER: "480",
    Cause.CANCELLED: "603-S",
    Cause.REJECTED: "603",
    Cause.FAILED: "503",
}
MISSED = "304"
# Our record codes as the CRM has them.
REFUSED: Mapping[int, str] = {402: "402", 403: "403", 404: "404", 433: "403", 486: "486", 487: "603-S", 503: "503"}
OTHER = "OTHER"

# Codes are written in small letters or in capitals, by who answers.
LIMITED = frozenset({"OPERATION_TIME_LIMIT", "OVERLOAD_LIMIT", "QUERY_LIMIT_EXCEEDED"})
EXPIRED = frozenset({"EXPIRED_TOKEN", "INVALID_TOKEN", "NO_AUTH_FOUND"})
BARRED = frozenset(
    {
        "ACCESS_DENIED",
        "ERROR_METHOD_NOT_FOUND",
        "INSUFFICIENT_SCOPE",
        "INVALID_CREDENTIALS",
        "INVALID_GRANT",
        "METHOD_CONFIRM_DENIED",
        "METHOD_CONFIRM_WAITING",
        "NOT_INSTALLED",
        "PAYMENT_REQUIRED",
        "PORTAL_DELETED",
        "WRONG_AUTH_TYPE",
    }
)
NOT_FOUND = "not found"

Text = Annotated[str, msgspec.Meta(min_length=1, max_length=2048)]


class _Registered(msgspec.Struct, frozen=True):
    call_id: Text = msgspec.field(name="CALL_ID")


class _RegisterReply(msgspec.Struct, frozen=True):
    result: _Registered


class _Rows(msgspec.Struct, frozen=True):
    result: tuple[object, ...]


class _Tokens(msgspec.Struct, frozen=True):
    access_token: Text
    refresh_token: Text | None = None
    expires_in: Annotated[int, msgspec.Meta(ge=0, le=31_536_000)] = 3600


class _Reply(msgspec.Struct, frozen=True):
    result: object = msgspec.UNSET
    error: str | int = ""
    error_description: str | None = ""


_REGISTER = msgspec.json.Decoder(_RegisterReply)
_ROWS = msgspec.json.Decoder(_Rows)
_TOKENS = msgspec.json.Decoder(_Tokens, strict=False)
_REPLY = msgspec.json.Decoder(_Reply)
_encode = msgspec.json.Encoder(decimal_format="number").encode


def ask_tokens(connection: Connection, refresh: str) -> ProviderRequest:
    options = connection.options
    query = {
        "grant_type": "refresh_token",
        "client_id": options["client_id"],
        "client_secret": options["client_secret"],
        "refresh_token": refresh,
    }
    return ProviderRequest(method="GET", url=f"{options.get('oauth_url', OAUTH_URL)}?{urlencode(query)}")


def read_tokens(response: ProviderResponse, refresh: str) -> Tokens:
    if response.status != 200:
        raise ProviderFailed(f"there is no new access token: {said_in(response)}")
    try:
        tokens = decode(_TOKENS, response.body)
    except MalformedHook as error:
        raise ProviderFailed(f"the reply with the access token cannot be read: {error.field}") from error
    return Tokens(access=tokens.access_token, refresh=tokens.refresh_token or refresh, lives_s=tokens.expires_in)


def request(connection: Connection, method: str, fields: Mapping[str, object], access: str) -> ProviderRequest:
    body = dict(fields)
    if access:
        body["auth"] = access
    return ProviderRequest(
        method="POST",
        url=f"{connection.options['rest_url']}/{method}",
        headers={"Content-Type": "application/json"},
        body=_encode(body),
    )


def registration(connection: Connection, call: CrmCall) -> Mapping[str, object]:
    """A live call opens its card; one that was refused, or is over, does not."""
    return {
        "USER_ID": _user(connection, call),
        "PHONE_NUMBER": call.party,
        "TYPE": INCOMING if call.direction is Direction.INBOUND else OUTGOING,
        "CALL_START_DATE": call.started_at.isoformat(timespec="seconds"),
        "SHOW": int(call.state is CallState.OPEN),
        "LINE_NUMBER": call.line,
        "EXTERNAL_CALL_ID": f"gateway-{call.id}",
    }


def closing(connection: Connection, call: CrmCall) -> Mapping[str, object]:
    charge = call.charge or Decimal(0)
    return {
        "CALL_ID": call.crm_call_id,
        "USER_ID": _user(connection, call),
        "DURATION": call.seconds,
        "COST": charge.quantize(COST_PLACES, ROUND_HALF_UP),
        "COST_CURRENCY": call.currency,
        "STATUS_CODE": result_code(call),
        "FAILED_REASON": call.reason or "",
    }


def result_code(call: CrmCall) -> str:
    """What the CRM shows of the call. Never the code that a provider tells of an answered call: that is no SIP code."""
    if call.state is CallState.REFUSED:
        return REFUSED.get(call.record_code, OTHER)
    if call.seconds or call.cause in (None, Cause.NORMAL, Cause.LIMIT):
        return "200" if call.seconds else MISSED
    code = UNANSWERED[call.cause]
    return MISSED if call.direction is Direction.INBOUND and code in ("480", "503") else code


def read_register(response: ProviderResponse) -> CrmReply:
    if response.status != 200:
        return judge(response)
    try:
        registered = decode(_REGISTER, response.body).result
    except MalformedHook:
        return CrmReply(verdict=Verdict.FAILED, why="the reply names no CALL_ID")
    return CrmReply(verdict=Verdict.DONE, crm_call_id=registered.call_id)


def read_finish(response: ProviderResponse) -> CrmReply:
    """Done if there is a result, whatever it is: an error may come with a status of 200 too."""
    if response.status == 200 and _read(response).result is not msgspec.UNSET:
        return CrmReply(verdict=Verdict.DONE)
    reply = judge(response)
    if reply.verdict is Verdict.REFUSED and NOT_FOUND in reply.why.lower():
        return CrmReply(verdict=Verdict.MISSING, why=reply.why)
    return reply


def read_look_up(response: ProviderResponse) -> CrmReply:
    if response.status != 200:
        return judge(response)
    try:
        rows = decode(_ROWS, response.body).result
    except MalformedHook:
        return CrmReply(verdict=Verdict.FAILED, why="the statistics cannot be read")
    return CrmReply(verdict=Verdict.DONE if rows else Verdict.MISSING)


def judge(response: ProviderResponse) -> CrmReply:
    """What an error means. Codes first, as the same status stands for more than one."""
    code, why = str(_read(response).error).upper(), said_in(response)
    status = response.status
    if code in LIMITED or status == 429:
        verdict = Verdict.LIMITED
    elif code in EXPIRED or (status == 401 and code not in BARRED):
        verdict = Verdict.EXPIRED
    elif code in BARRED or status in (402, 403, 404):
        verdict = Verdict.BARRED
    else:
        verdict = Verdict.REFUSED if status == 400 else Verdict.FAILED
    return CrmReply(verdict=verdict, why=why)


def said_in(response: ProviderResponse) -> str:
    """A reply in words, as short as a log wants it."""
    reply = _read(response)
    return f"{response.status} {reply.error} {reply.error_description or ''}".strip()[:200]


def _read(response: ProviderResponse) -> _Reply:
    try:
        return decode(_REPLY, response.body)
    except MalformedHook:
        return _Reply()


def _user(connection: Connection, call: CrmCall) -> int:
    return int(call.crm_user_id or connection.options["user_id"])
