"""Rents that will be due soon, and which of them will not be paid out of what is there (R31)."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

from gateway.domain.accounts.funds import Funds
from gateway.domain.lines.billing_calendar import midnight
from gateway.domain.lines.subscription import Subscription
from gateway.domain.mail.notices import Notice, NoticeKind


def uncovered(lines: Iterable[Subscription], zone: ZoneInfo, available: Decimal) -> set[int]:
    """The lines whose rent will not be paid if nothing else happens: what is due first is paid first, then the cheaper.

    `lines` are all that the money must pay until then.
    """
    missing = set()
    for _, month, line_id in sorted(_turn(line, zone) for line in lines):
        if month and month > available:
            missing.add(line_id)
        else:
            available -= month
    return missing


def month_due(line: Subscription, zone: ZoneInfo) -> Decimal:
    """What the next month will cost, which the deck may know already (R28)."""
    return line.month_at(midnight(_due(line), zone))


def needed_by(lines: Iterable[Subscription], zone: ZoneInfo, *, overdue: Decimal) -> dict[int, Decimal]:
    """What pays for each of these lines, beside what is overdue and all of them that are paid first."""
    sums, so_far = {}, overdue
    for _, month, line_id in sorted(_turn(line, zone) for line in lines):
        so_far += month
        sums[line_id] = so_far
    return sums


def due_notice(line: Subscription, zone: ZoneInfo, *, account_id: int, funds: Funds, needed: Decimal) -> Notice:
    """What is told of a rent that is due in three days and not covered; so much is `needed` for it to be paid."""
    due_on = _due(line).isoformat()
    facts = {
        **line.facts,
        "rent": str(month_due(line, zone)),
        "due_on": due_on,
        **funds.facts(needed),
    }
    key = f"rent_due:{line.id}:{due_on}"
    return Notice(account_id=account_id, kind=NoticeKind.RENT_DUE, key=key, facts=facts)


def _turn(line: Subscription, zone: ZoneInfo) -> tuple[date, Decimal, int]:
    return _due(line), month_due(line, zone), line.id


def _due(line: Subscription) -> date:
    assert line.due_on is not None, "only what is rented is due"  # noqa: S101
    return line.due_on
