"""Mails as facts: what happened, to whom it is told, and what makes it one mail (R30, R31, R32)."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class NoticeKind(StrEnum):
    """What a mail tells. Facts of each, beside `account`, `currency` and `time_zone`; (?) may be null.

    Amounts are texts of their digits, days and instants ISO 8601; `line` is a number or a connector's name and
    `line_kind` says which. `missing` is what must be paid in so that a rent is paid, after those that are paid
    first; it is zero where only money is missing that live calls hold, which is `held`.
    """

    LOW_BALANCE = "low_balance"  # balance, minimum, spent, window_days, days_ahead
    LINE_SUSPENDED = "line_suspended"  # line, line_kind, due_on, rent, available, missing, held, and:
    # reserved_until (? connector)
    LINE_RESTORED = "line_restored"  # line, line_kind, rent, due_on (the next)
    DISCONNECTION_NEAR = "disconnection_near"  # line, line_kind, days (14 or 3), rent, reserved_until
    LINE_DISCONNECTED = "line_disconnected"  # line, line_kind, why: unpaid, given_up or lost
    RENT_DUE = "rent_due"  # line, line_kind, due_on, rent, available, missing, held
    CAP_REFUSED = "cap_refused"  # cap (a name of domain.caps), limit, caller, callee, at
    CALL_UNCUT = "call_uncut"  # to the operator: call_id, connection, must_end_at, attempts


# What an account may switch off: all that is told to its administrator.
SWITCHABLE = tuple(kind for kind in NoticeKind if kind is not NoticeKind.CALL_UNCUT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One mail to the administrator of an account; `key` makes its cause one mail for ever."""

    account_id: int
    kind: NoticeKind
    key: str
    facts: Mapping[str, object]
