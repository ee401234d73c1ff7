"""Mails as facts: what happened, to whom it is told, and what makes it one mail (R30, R31, R32)."""

from collections.abc import Mapping
from dataclasses import dataclass

from gateway.domain.described import Described


class NoticeKind(Described):
    """What a mail tells. Facts of each, beside `account`, `currency` and `time_zone`; (?) may be null.

    Amounts are texts of their digits, days and instants ISO 8601; `line` is a number or a connector's name and
    `line_kind` says which. `missing` is what must be paid in so that a rent is paid, after those that are paid
    first; it is zero where only money is missing that live calls hold, which is `held`.
    """

    # balance, minimum, spent, window_days, days_ahead
    LOW_BALANCE = "low_balance", "The balance has fallen below what is spent in some days."
    # line, line_kind, due_on, rent, available, missing, held, and: reserved_until (? connector)
    LINE_SUSPENDED = "line_suspended", "A rent could not be paid, and its line was suspended."
    # line, line_kind, rent, due_on (the next)
    LINE_RESTORED = "line_restored", "The rent of a suspended line was paid, and the line works again."
    # line, line_kind, days, which are 14 or 3, rent, reserved_until
    DISCONNECTION_NEAR = "disconnection_near", "A suspended number will be disconnected in 14 days, or in 3."
    # line, line_kind, why: unpaid, given_up or lost
    LINE_DISCONNECTED = "line_disconnected", "A line has ended: unpaid, given up, or taken away by the provider."
    # line, line_kind, due_on, rent, available, missing, held
    RENT_DUE = "rent_due", "A rent is due in three days, and the money for it is not there."
    # cap (a name of domain.accounts.caps), limit, caller, callee, at
    CAP_REFUSED = "cap_refused", "A cap refused a call; once a day for each cap."
    # call_id, connection, must_end_at, attempts
    CALL_UNCUT = (
        "call_uncut",
        "To the operator: a call is past its deadline, and its provider cannot be made to end it.",
    )
    # day, flags: how many calls have each
    CALLS_FLAGGED = "calls_flagged", "To the operator: the calls of a day that have flags; once a day."
    # machine, directory, events: how many were put aside there
    EVENTS_SET_ASIDE = (
        "events_set_aside",
        "To the operator: call events on a machine's disk cannot be recorded as they are; once a day.",
    )
    # link, page (where another can be had), until
    SIGN_IN = "sign_in", "To a person: a link by which they sign in, once."


# To somebody who signs in, by their own language and time zone; no account can switch them off.
PEOPLE = frozenset({NoticeKind.SIGN_IN})
OPERATORS = frozenset({NoticeKind.CALL_UNCUT, NoticeKind.CALLS_FLAGGED, NoticeKind.EVENTS_SET_ASIDE})
# What an account may switch off: all that is told to its administrator.
SWITCHABLE = tuple(kind for kind in NoticeKind if kind not in OPERATORS | PEOPLE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One mail to the administrator of an account; `key` makes its cause one mail for ever."""

    account_id: int
    kind: NoticeKind
    key: str
    facts: Mapping[str, object]
