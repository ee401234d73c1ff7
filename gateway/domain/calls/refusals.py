"""Why a call is refused: the codes, and what each means on the wire and in our record."""

from enum import StrEnum
from typing import NamedTuple


class Refusal(StrEnum):
    """The refusal codes. What each means on the wire and in our record is in `REFUSALS`."""

    NUMBER_UNKNOWN = "number_unknown"
    NUMBER_SUSPENDED = "number_suspended"
    ACCOUNT_BLOCKED = "account_blocked"
    ACCOUNT_CLOSED = "account_closed"
    NO_MONEY = "no_money"
    CALLEE_INVALID = "callee_invalid"
    NO_RATE = "no_rate"
    LINE_UNKNOWN = "line_unknown"
    CONNECTION_BOUND = "connection_bound"
    NO_MAIN_NUMBER = "no_main_number"
    CONNECTOR_UNPAID = "connector_unpaid"
    PARENT_UNKNOWN = "parent_unknown"
    FORWARDED_TWICE = "forwarded_twice"
    FORWARDED_TO_ITSELF = "forwarded_to_itself"
    FORWARDED_IN_A_CIRCLE = "forwarded_in_a_circle"
    CAPPED = "capped"
    NUMBER_WITHHELD = "number_withheld"
    WITHHOLDING_IMPOSSIBLE = "withholding_impossible"
    ID_REUSED = "id_reused"
    CALL_ENDED = "call_ended"
    UNAVAILABLE = "unavailable"


class RefusalCodes(NamedTuple):
    """SIP status codes: in our record, on the wire to an outbound caller, and to the caller of an incoming call."""

    rule: str
    record: int
    outbound: int
    inbound: int


REFUSALS: dict[Refusal, RefusalCodes] = {
    Refusal.NUMBER_UNKNOWN: RefusalCodes("R8", 404, 404, 404),
    Refusal.NUMBER_SUSPENDED: RefusalCodes("R8", 486, 486, 486),
    Refusal.ACCOUNT_BLOCKED: RefusalCodes("operator", 403, 403, 486),
    Refusal.ACCOUNT_CLOSED: RefusalCodes("operator", 403, 403, 404),
    Refusal.NO_MONEY: RefusalCodes("R14", 402, 402, 486),
    Refusal.CALLEE_INVALID: RefusalCodes("R10", 404, 404, 404),
    Refusal.NO_RATE: RefusalCodes("R7", 503, 503, 503),
    Refusal.LINE_UNKNOWN: RefusalCodes("R10", 403, 403, 403),
    Refusal.CONNECTION_BOUND: RefusalCodes("R10", 403, 403, 403),
    Refusal.NO_MAIN_NUMBER: RefusalCodes("R11", 503, 503, 503),
    Refusal.CONNECTOR_UNPAID: RefusalCodes("R12", 402, 402, 486),
    Refusal.PARENT_UNKNOWN: RefusalCodes("R13", 403, 403, 403),
    Refusal.FORWARDED_TWICE: RefusalCodes("R13", 403, 403, 403),
    Refusal.FORWARDED_TO_ITSELF: RefusalCodes("R13", 403, 403, 486),
    Refusal.FORWARDED_IN_A_CIRCLE: RefusalCodes("R13", 403, 403, 486),
    Refusal.CAPPED: RefusalCodes("R17", 403, 403, 403),
    # 433 is Anonymity Disallowed (RFC 5079).
    Refusal.NUMBER_WITHHELD: RefusalCodes("R43", 433, 433, 433),
    Refusal.WITHHOLDING_IMPOSSIBLE: RefusalCodes("R43", 433, 433, 433),
    Refusal.ID_REUSED: RefusalCodes("R16", 487, 487, 487),
    Refusal.CALL_ENDED: RefusalCodes("R21", 487, 487, 487),
    Refusal.UNAVAILABLE: RefusalCodes("R34", 503, 503, 503),
}
