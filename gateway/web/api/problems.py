"""What an answer says that is not what was asked for: RFC 9457, by codes that programs may rely on."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import msgspec

from gateway.domain.described import Described
from gateway.domain.errors import (
    Conflict,
    DatabaseAway,
    EndsTooMuch,
    Forbidden,
    GatewayError,
    InvalidInput,
    MalformedHook,
    NoMoney,
    NotFound,
    ProviderFailed,
)

ENDING_MAX: Final = 1000
CONTENT_TYPE: Final = "application/problem+json"


class ErrorCode(Described):
    """What went wrong. A page of each stands at /docs/errors/<code>."""

    MALFORMED = (
        "malformed",
        "What was sent is no HTTP, or its address, or one of its headers, is longer than 8,190 bytes.",
    )
    NOT_JSON = "not_json", "The body is not JSON."
    KEY_REQUIRED = "key_required", "This request needs an Idempotency-Key, and had none."
    UNAUTHENTICATED = "unauthenticated", "There was no token, or nobody has it: it is unknown, expired or revoked."
    FORBIDDEN = "forbidden", "The role of the token, or its scopes, do not allow this."
    NOT_FOUND = "not_found", "It is not there, or it is another account's."
    METHOD_NOT_ALLOWED = "method_not_allowed", "The address is there, but not for this method."
    CONFLICT = "conflict", "It exists already, or its state does not allow this."
    REFUSED = "refused", "What was given can be read, but a rule says that it cannot be so."
    ENDS_TOO_MUCH = (
        "ends_too_much",
        "The deck would end more prices than `ends_allowed` says, or most of a deck and nothing was said.",
    )
    NO_MONEY = "no_money", "The account has not enough money for this."
    IDEMPOTENCY_CONFLICT = "idempotency_conflict", "The Idempotency-Key came before with another request."
    IN_PROGRESS = "in_progress", "A request with the same Idempotency-Key is under way."
    CHANGED = "changed", "It has been changed since it was read: it has another version than If-Match says."
    TOO_LARGE = "too_large", "The body is too large."
    UNSUPPORTED_MEDIA_TYPE = "unsupported_media_type", "The body is of a kind that is not read here."
    INVALID = "invalid", "A parameter, a header or the body is not as the document says."
    TOO_MANY_REQUESTS = "too_many_requests", "More requests than are taken from one token."
    FAILED = "failed", "The gateway met an error of its own. Its log has the request's id."
    UNAVAILABLE = "unavailable", "The database, or a provider, does not answer."


STATUSES: Final[Mapping[ErrorCode, int]] = MappingProxyType(
    {
        ErrorCode.MALFORMED: 400,
        ErrorCode.NOT_JSON: 400,
        ErrorCode.KEY_REQUIRED: 400,
        ErrorCode.UNAUTHENTICATED: 401,
        ErrorCode.FORBIDDEN: 403,
        ErrorCode.NOT_FOUND: 404,
        ErrorCode.METHOD_NOT_ALLOWED: 405,
        ErrorCode.CONFLICT: 409,
        ErrorCode.REFUSED: 409,
        ErrorCode.ENDS_TOO_MUCH: 409,
        ErrorCode.NO_MONEY: 409,
        ErrorCode.IDEMPOTENCY_CONFLICT: 409,
        ErrorCode.IN_PROGRESS: 409,
        ErrorCode.CHANGED: 412,
        ErrorCode.TOO_LARGE: 413,
        ErrorCode.UNSUPPORTED_MEDIA_TYPE: 415,
        ErrorCode.INVALID: 422,
        ErrorCode.TOO_MANY_REQUESTS: 429,
        ErrorCode.FAILED: 500,
        ErrorCode.UNAVAILABLE: 503,
    }
)
# What who asks does about each.
REMEDIES: Final[Mapping[ErrorCode, str]] = MappingProxyType(
    {
        ErrorCode.MALFORMED: (
            "Send HTTP/1.1 with a shorter address. The connection is closed, and the reply has none of what was sent."
        ),
        ErrorCode.NOT_JSON: "Send one JSON document in UTF-8, whole. `detail` says where it could not be read.",
        ErrorCode.KEY_REQUIRED: (
            "Send a header `Idempotency-Key` with another value for each thing that is wanted, as a UUID, and the same"
            " value whenever the same request is sent again."
        ),
        ErrorCode.UNAUTHENTICATED: (
            "Send `Authorization: Bearer gw_…` with a token that is neither revoked nor past its day. An operator makes"
            " one with `gateway token create`."
        ),
        ErrorCode.FORBIDDEN: (
            "Ask with a token whose role and scopes allow it. `GET /v1/me` lists what the token may do, and"
            " [Roles](../reference/roles.md) what each role may."
        ),
        ErrorCode.NOT_FOUND: "See that the address and the id are right, and that the token is of the right account.",
        ErrorCode.METHOD_NOT_ALLOWED: "Use a method that the header `Allow` has.",
        ErrorCode.CONFLICT: "Read the object again: `detail` says what stands in the way.",
        ErrorCode.REFUSED: "Change what `detail` names. The same request will be refused again.",
        ErrorCode.ENDS_TOO_MUCH: (
            "See in `ending` what the file does not have. If it is the whole deck, send it again with `ends_allowed`."
        ),
        ErrorCode.NO_MONEY: "Top the account up by what `would_need` says, and send the request again.",
        ErrorCode.IDEMPOTENCY_CONFLICT: "Take a new key for a new request; repeat an old one exactly as it was.",
        ErrorCode.IN_PROGRESS: "Wait as long as `Retry-After` says and send it again: you get the reply of the first.",
        ErrorCode.CHANGED: "Read the object again, see what was changed, and send the change with its new version.",
        ErrorCode.TOO_LARGE: "Send less at once. `detail` says how much is taken.",
        ErrorCode.UNSUPPORTED_MEDIA_TYPE: "Send the kind of body that the reference names, not compressed.",
        ErrorCode.INVALID: (
            "`field` points at what is wrong, `detail` says why. `/openapi.json` says what would be right."
        ),
        ErrorCode.TOO_MANY_REQUESTS: (
            "Wait as long as `Retry-After` says. `RateLimit-Remaining` tells before it comes to it."
        ),
        ErrorCode.FAILED: (
            "Send it again; if it fails again, give the operator the `request_id`: the log has what happened."
        ),
        ErrorCode.UNAVAILABLE: (
            "Wait as long as `Retry-After` says and send it again, with the same key: whatever became of the first"
            " attempt, it happens once."
        ),
    }
)
# What programs are told to wait, in seconds.
_RETRY_AFTER: Final = MappingProxyType(
    {ErrorCode.IN_PROGRESS: 1, ErrorCode.TOO_MANY_REQUESTS: 1, ErrorCode.UNAVAILABLE: 2}
)


class ProblemDetails(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An answer that is none, as `application/problem+json`.

    `type` is the page that explains the code. `field` is a JSON pointer into the body, or `/query/NAME`, `/path/NAME`,
    `/header/NAME`. `would_need` is what is missing, where that can be said; `ending` what a deck would end, the first
    thousand.
    """

    type: str
    title: str
    status: int
    detail: str
    code: ErrorCode
    request_id: str
    field: str | None = None
    would_need: str | None = None
    ending: tuple[str, ...] | None = None


class Declined(Exception):
    """A request is answered by a problem; `error` is what a use case raised, if that is why."""

    def __init__(
        self,
        *,
        code: ErrorCode,
        detail: str,
        field: str | None = None,
        would_need: str | None = None,
        ending: tuple[str, ...] | None = None,
        error: GatewayError | None = None,
    ) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.field = field
        self.would_need = would_need
        self.ending = ending
        self.error = error

    @property
    def status(self) -> int:
        return STATUSES[self.code]

    @property
    def retry_after_s(self) -> int | None:
        return _RETRY_AFTER.get(self.code)

    def problem(self, request_id: str) -> ProblemDetails:
        return ProblemDetails(
            type=f"/docs/errors/{self.code}",
            title=self.code.meaning,
            status=self.status,
            detail=self.detail,
            code=self.code,
            field=self.field,
            would_need=self.would_need,
            ending=self.ending,
            request_id=request_id,
        )


def refused_by(error: GatewayError) -> Declined:
    """What a use case raised, as a problem.

    What the document allows and a rule does not is a conflict with that rule (409), never a mistake in form (422).
    """
    match error:
        case NotFound():
            code = ErrorCode.NOT_FOUND
        case Forbidden():
            code = ErrorCode.FORBIDDEN
        case NoMoney():
            code = ErrorCode.NO_MONEY
        case Conflict():
            code = ErrorCode.CONFLICT
        case EndsTooMuch():
            code = ErrorCode.ENDS_TOO_MUCH
        case InvalidInput() | MalformedHook():
            code = ErrorCode.REFUSED
        case DatabaseAway() | ProviderFailed():
            code = ErrorCode.UNAVAILABLE
        case _:
            code = ErrorCode.FAILED
    missing = error.missing if isinstance(error, NoMoney) else None
    return Declined(
        code=code,
        detail=str(error),
        would_need=None if missing is None else str(missing),
        ending=error.ending[:ENDING_MAX] if isinstance(error, EndsTooMuch) else None,
        error=error,
    )
