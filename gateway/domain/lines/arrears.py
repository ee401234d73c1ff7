"""Rents that will be due soon, and which of them will not be paid out of what is there (R31)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

from gateway.domain.accounts.funds import Funds
from gateway.domain.lines.rent_dates import midnight
from gateway.domain.lines.rent_state import Active
from gateway.domain.lines.subscription import Subscription
from gateway.domain.mail.notices import Notice, NoticeKind


@dataclass(frozen=True, slots=True, kw_only=True)
class ComingRent:
    """A month of a line that will be due, at the price of then, which the deck may know already (R28)."""

    line: Subscription
    due_on: date
    month: Decimal


def coming_rents(lines: Iterable[Subscription], zone: ZoneInfo) -> list[ComingRent]:
    """The next rents of lines that are to be renewed: what is due first is paid first, then the cheaper."""
    days = [(line, line.state.rent.due_on) for line in lines if isinstance(line.state, Active)]
    coming = [
        ComingRent(line=line, due_on=due_on, month=line.month_at(midnight(due_on, zone))) for line, due_on in days
    ]
    return sorted(coming, key=lambda each: (each.due_on, each.month, each.line.id))


def uncovered(coming: Iterable[ComingRent], available: Decimal) -> list[ComingRent]:
    """Those that will not be paid if nothing else happens; `coming` are all that the money must pay until then."""
    missing = []
    for each in coming:
        if each.month and each.month > available:
            missing.append(each)
        else:
            available -= each.month
    return missing


def needed_by(coming: Iterable[ComingRent], *, overdue: Decimal) -> dict[int, Decimal]:
    """What pays for the rent of each line, beside what is overdue and all of these that are paid first."""
    sums, so_far = {}, overdue
    for each in coming:
        so_far += each.month
        sums[each.line.id] = so_far
    return sums


def due_notice(coming: ComingRent, *, account_id: int, funds: Funds, needed: Decimal) -> Notice:
    """What is told of a rent that is due in three days and not covered; so much is `needed` for it to be paid."""
    line, due_on = coming.line, coming.due_on.isoformat()
    facts = {**line.facts, "rent": str(coming.month), "due_on": due_on, **funds.facts(needed)}
    key = f"rent_due:{line.id}:{due_on}"
    return Notice(account_id=account_id, kind=NoticeKind.RENT_DUE, key=key, facts=facts)
