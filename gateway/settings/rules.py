"""The settings that rules of calls and money depend on: the sections `limits` and `low_balance` of the file."""

from decimal import Decimal
from typing import Final

from gateway.domain.accounts.large_sums import LargeSums
from gateway.settings import values
from gateway.settings.setting import Setting

# R14, R15: no call is longer than an hour, whatever is configured.
_CALL_SECONDS: Final = values.whole(1, 3600)
_LIMITS: Final = "limits"
_LOW_BALANCE: Final = "low_balance"

CALL_SECONDS_MAX: Final = Setting(
    name="call_seconds_max",
    convert=_CALL_SECONDS,
    default=3600,
    meaning="How long a call may be; it can be lowered.",
    section=_LIMITS,
)
HOLD_SLICE_SECONDS: Final = Setting(
    name="hold_slice_seconds",
    convert=_CALL_SECONDS,
    default=300,
    meaning="How much of a call is held at a time, where the gateway can cut it.",
    section=_LIMITS,
)
RING_SECONDS: Final = Setting(
    name="ring_seconds",
    convert=_CALL_SECONDS,
    default=90,
    meaning="After this a call that was not answered holds nothing.",
    section=_LIMITS,
)
END_DAYS_MAX: Final = Setting(
    name="end_days_max",
    convert=values.whole(1, 3650),
    default=60,
    meaning="For how many days after a call's start its end is charged that did not come in time.",
    section=_LIMITS,
)
NUMBERS_DAYS: Final = Setting(
    name="numbers_days",
    convert=values.whole(1, 36500),
    default=None,
    meaning=(
        "For how many days after a call's start its telephone numbers are kept whole; then their last six digits, and"
        " the stored reply, are deleted. At least `end_days_max`."
    ),
    default_words="for ever",
    section=_LIMITS,
)
HOOKS_DAYS: Final = Setting(
    name="hooks_days",
    convert=values.whole(0, 90),
    default=7,
    meaning=(
        "For how many days webhooks are kept as they came, with their replies and without what is secret, for people to"
        " look at: the last 100,000 at most, and not all where more than 30 a second come; 0 keeps none. At most"
        " `numbers_days`."
    ),
    section=_LIMITS,
)
OWED_LIMITS_CALLS: Final = Setting(
    name="owed_limits_calls",
    convert=values.truth,
    default=True,
    meaning="Whether what is held for a call that is over, but whose end never came, limits new calls.",
    section=_LIMITS,
)
SECONDS_TOLERANCE: Final = Setting(
    name="seconds_tolerance",
    convert=values.whole(0, 3600),
    default=10,
    meaning=(
        "How many seconds more than passed by the gateway's own clock, between answer and end, may be charged;"
        " 3600 switches this bound off, for rehearsals and records of the past."
    ),
    section=_LIMITS,
)
SUPPORT_REFUND_MAX: Final = Setting(
    name="support_refund_max",
    convert=values.amount,
    default=Decimal(20),
    meaning=(
        "How much somebody with the role `support` may give back in one refund, in the account's currency; operators"
        " may give back more."
    ),
    section=_LIMITS,
)
SECOND_OPERATOR_ABOVE: Final = Setting(
    name="second_operator_above",
    convert=values.large_sums,
    default=LargeSums(),
    meaning=(
        "Above which amount a top-up, a refund or an adjustment waits until another operator than who asked has"
        " approved it: `1000` in whatever currency, or by currency, as `USD=1000, JPY=150000`; an amount without a"
        " currency beside those is of all others."
    ),
    default_words="unset, so none waits",
    section=_LIMITS,
)

OPERATOR_SECOND_FACTOR: Final = Setting(
    name="operator_second_factor",
    convert=values.truth,
    default=True,
    meaning=(
        "Whether people of the operator's side must have a passkey or one-time passwords, and show one in a session"
        " before they move money by a page, and within half an hour before they do what is dangerous: true or false."
        " Whoever has none is led to where they register one. With `serve --demo` it is false. Tokens and commands need"
        " none."
    ),
)
WINDOW_DAYS: Final = Setting(
    name="window_days",
    convert=values.whole(1, 90),
    default=10,
    meaning="Over how many days spending is averaged.",
    section=_LOW_BALANCE,
)
DAYS_AHEAD: Final = Setting(
    name="days_ahead",
    convert=values.whole(1, 30),
    default=2,
    meaning="For how many days like those the balance is to last; below that the administrator gets a mail.",
    section=_LOW_BALANCE,
)
RENT_COUNTS: Final = Setting(
    name="rent_counts",
    convert=values.truth,
    default=True,
    meaning="Whether rents are part of what a day costs.",
    section=_LOW_BALANCE,
)

RULES: Final[tuple[Setting[object, object], ...]] = (
    CALL_SECONDS_MAX,
    HOLD_SLICE_SECONDS,
    RING_SECONDS,
    END_DAYS_MAX,
    NUMBERS_DAYS,
    HOOKS_DAYS,
    OWED_LIMITS_CALLS,
    SECONDS_TOLERANCE,
    SUPPORT_REFUND_MAX,
    SECOND_OPERATOR_ABOVE,
    OPERATOR_SECOND_FACTOR,
    WINDOW_DAYS,
    DAYS_AHEAD,
    RENT_COUNTS,
)
