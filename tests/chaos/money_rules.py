"""What must hold of money: it moves once, the books add up, and nothing is held or spent that is not there."""

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from itertools import pairwise

from tests.chaos.books import CallRow
from tests.chaos.evidence import Evidence

# Calls that nobody could ask us about, so that no rule of ours could keep them within the balance.
UNASKED = frozenset({"unavailable", "no_start", "end_late"})


def charged_once(evidence: Evidence) -> Iterator[str]:
    """A call has one entry with what it costs, or none where it costs nothing; and it is one call."""
    for call_id, rows in evidence.rows().items():
        if len(rows) > 1:
            yield f"{call_id} is on record {len(rows)} times"
    entries = [entry for entry in evidence.books.entries if entry.kind == "call"]
    counts = Counter(entry.call_id for entry in entries)
    amounts = {entry.call_id: -entry.amount for entry in entries}
    for row in evidence.books.calls:
        if counts[row.id] > 1:
            yield f"{row.provider_call_id} was charged {counts[row.id]} times"
        elif amounts.get(row.id, Decimal(0)) != (row.charge or Decimal(0)):
            yield f"{row.provider_call_id} costs {row.charge}, and {amounts.get(row.id)} was taken"


def books_balance(evidence: Evidence) -> Iterator[str]:
    """Each entry follows the one before, the balance is the last one's, and what is held is held for live calls."""
    for account in evidence.books.accounts:
        entries = [entry for entry in evidence.books.entries if entry.account_id == account.id]
        for before, after in pairwise(entries):
            if before.balance_after + after.amount != after.balance_after:
                yield f"{account.name}: entry {after.id} does not follow from {before.id}"
        if account.balance != sum((entry.amount for entry in entries), Decimal(0)):
            yield f"{account.name}: the balance is {account.balance}, which its entries do not add up to"
        holds = sum((live.hold for live in evidence.books.live if live.account_id == account.id), Decimal(0))
        if account.held != holds:
            yield f"{account.name}: {account.held} is held, and {holds} for its live calls"


def nothing_overspent(evidence: Evidence) -> Iterator[str]:
    """No balance falls below the credit, but by calls that nobody could ask about."""
    for account in evidence.books.accounts:
        unasked = [row.charge or Decimal(0) for row in evidence.books.calls if _is_unasked(row, account.id)]
        allowed = -account.credit_limit - sum(unasked, Decimal(0))
        for entry in evidence.books.entries:
            if entry.account_id == account.id and entry.balance_after < allowed:
                yield f"{account.name}: entry {entry.id} takes the balance to {entry.balance_after}"


def _is_unasked(row: CallRow, account_id: int) -> bool:
    return row.account_id == account_id and bool(UNASKED & set(row.flags))


def no_stray_holds(evidence: Evidence) -> Iterator[str]:
    """What is live and holds money is a call that its provider has up."""
    up = {story.plan.call_id for story in evidence.stories if story.is_up}
    for live in evidence.books.live:
        if live.provider_call_id not in up:
            yield f"{live.provider_call_id} is live and holds {live.hold}, and its provider knows of no such call"


def rents_once(evidence: Evidence) -> Iterator[str]:
    """A month of a line is charged once, in the end, as there was money for it."""
    for plan, account in zip(evidence.scenario.accounts, evidence.books.accounts, strict=False):
        rents = [entry for entry in evidence.books.entries if entry.kind == "rent" and entry.account_id == account.id]
        expected = 0 if plan.rent is None else 1
        if len(rents) != expected:
            yield f"{account.name}: {len(rents)} months were charged, and {expected} was due"
        for entry in rents:
            if plan.rent is not None and entry.amount != -Decimal(plan.rent):
                yield f"{account.name}: a month cost {-entry.amount} instead of {plan.rent}"


def payments_once(evidence: Evidence) -> Iterator[str]:
    """A payment that was acknowledged counts, and counts once."""
    counted = Counter(entry.external_id for entry in evidence.books.entries if entry.kind == "top_up")
    amounts = {entry.external_id: entry.amount for entry in evidence.books.entries if entry.kind == "top_up"}
    for external_id, amount in evidence.paid.items():
        if counted[external_id] != 1 or amounts[external_id] != amount:
            yield f"payment {external_id} of {amount} counts {counted[external_id]} times"


def mails_once(evidence: Evidence) -> Iterator[str]:
    """A mail is sent once, and once more for each answer that was lost; one that is marked as sent was taken."""
    for mail in evidence.books.mails:
        taken = evidence.mails_taken.get(mail.message_id or "", 0)
        if taken > 1 + evidence.mails_unanswered.get(mail.message_id or "", 0):
            yield f"mail {mail.key} was sent {taken} times"
        if mail.state == "sent" and not taken:
            yield f"mail {mail.key} is marked as sent, and no server took it"
        if mail.state not in {"sent", "queued"}:
            yield f"mail {mail.key} is {mail.state}"
    for key, count in Counter(mail.key for mail in evidence.books.mails).items():
        if count > 1:
            yield f"mail {key} was written {count} times"
