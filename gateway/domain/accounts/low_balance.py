"""When an administrator is told that the money runs low (R30): what is left lasts less than the days ahead.

An exact check adds up all debits of the window, too slow for every debit of a busy account. So it leaves a level, and
no debits, however many, can have brought the balance below the minimum while the balance is not below that level:
debits of d in all lower the balance by d and raise the minimum by at most d * ahead / window.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from gateway.domain.money import QUANTUM

DAY = timedelta(days=1)
# Never more than one mail in this time.
MAIL_EVERY = timedelta(hours=24)


@dataclass(frozen=True, slots=True, kw_only=True)
class LowBalanceRule:
    """The settings of `[low_balance]`."""

    window_days: int = 10
    days_ahead: int = 2
    count_rent: bool = True

    @property
    def window(self) -> timedelta:
        return timedelta(days=self.window_days)

    def minimum(self, spent: Decimal) -> Decimal:
        """The least amount that lasts for the days ahead. As balances have six places, rounding up changes nothing."""
        return (self.days_ahead * spent / self.window_days).quantize(QUANTUM, ROUND_CEILING)

    def covered(self, balance: Decimal) -> Decimal:
        """The most that may have been spent for the balance to be at the minimum."""
        return (balance * self.window_days / self.days_ahead).quantize(QUANTUM, ROUND_FLOOR)

    def level(self, balance: Decimal, minimum: Decimal) -> Decimal:
        """While the balance is not below this, debits alone cannot have brought it below the minimum."""
        ahead, window = self.days_ahead, self.window_days
        return ((ahead * balance + window * minimum) / (ahead + window)).quantize(QUANTUM, ROUND_CEILING)


@dataclass(frozen=True, slots=True, kw_only=True)
class LowBalanceState:
    """Whether falling below the minimum is news, and when it was told last."""

    armed: bool = True
    mailed_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LowBalanceCheck:
    """What a check found, and when the next is due: at `check_at`, or once the balance is below `level`.

    `level` is None where no debit matters: the crossing has been told, or waits for its day.
    """

    is_mailed: bool
    spent: Decimal
    minimum: Decimal
    armed: bool
    mailed_at: datetime | None
    level: Decimal | None
    check_at: datetime


def check(
    rule: LowBalanceRule,
    state: LowBalanceState,
    *,
    balance: Decimal,
    spent: Decimal,
    back_at: datetime | None,
    now: datetime,
) -> LowBalanceCheck:
    """Compare the balance with the minimum: a mail once per crossing, and never two in 24 h.

    `back_at` is when the minimum, moving by itself, can be back at the balance; None where nobody knows. Until then a
    crossing that has been told stays told, whatever else is spent.
    """
    minimum = rule.minimum(spent)
    mail_at = now if state.mailed_at is None else state.mailed_at + MAIL_EVERY
    is_below = balance < minimum and minimum > 0
    is_mailed = state.armed and is_below and mail_at <= now
    armed = (state.armed and not is_mailed) or balance >= minimum
    waits_until = now + DAY
    if not armed:
        waits_until = now if back_at is None else back_at
    elif is_below:
        waits_until = mail_at
    return LowBalanceCheck(
        is_mailed=is_mailed,
        spent=spent,
        minimum=minimum,
        armed=armed,
        mailed_at=now if is_mailed else state.mailed_at,
        level=rule.level(balance, minimum) if armed and not is_below else None,
        check_at=min(now + DAY, waits_until),
    )
