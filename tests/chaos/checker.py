"""What must hold whatever goes wrong, each rule by itself; the checker knows nothing of the product but its tables.

A rule is given what the provider saw and what is on record, and yields a sentence for each breach.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from decimal import Decimal
from itertools import pairwise

from tests.chaos.books import CallRow
from tests.chaos.evidence import Evidence
from tests.chaos.rating import CALL_S_MAX, EMERGENCY, charge_of
from tests.chaos.story import Story

LATE_S_MAX = 2.0
TOLERANCE_S = 10
# Calls that nobody could ask us about, so that no rule of ours could keep them within the balance.
UNASKED = frozenset({"unavailable", "no_start", "end_late"})


Rule = Callable[[Evidence], Iterator[str]]


def starts_kept(evidence: Evidence) -> Iterator[str]:
    """A start that was replied to is on record with its reply; one that was told "unavailable" was not decided.

    What one gateway decided without its database, another one with it cannot know: there the repeat may be on record.
    """
    for story, row in evidence.told():
        if not story.starts or story.is_unavailable:
            continue
        told = {each.body for each in story.starts[: None if evidence.is_trusted(story) else 1]}
        if row is None:
            yield f"the start of {story.plan.call_id} was replied to and is not on record"
        elif row.reply is not None and row.reply not in told and not story.plan.is_end_first:
            yield f"{story.plan.call_id} was told {story.starts[0].body!r}, and {row.reply!r} is on record"
        elif story.is_connected and row.state == "refused":
            yield f"{story.plan.call_id} was connected, and is refused on record"


def replies_repeated(evidence: Evidence) -> Iterator[str]:
    """The same start gets the same reply, byte for byte, but from a gateway that has no database to look into."""
    for story in evidence.stories:
        replies = {told.body for told in story.starts if told.reply.get("reason") != "unavailable"}
        if len(replies) > 1 and not evidence.is_trusted(story):
            yield f"{story.plan.call_id} got different replies: {replies}"


def ends_kept(evidence: Evidence) -> Iterator[str]:
    """An end that was acknowledged has closed its call, with seconds that were told; without one it costs nothing."""
    for story, row in evidence.told():
        if not story.ends:
            if story.is_forgotten and row is not None and (row.state, row.charge) != ("ended", Decimal(0)):
                yield f"{story.plan.call_id} was forgotten by its provider, and is {row.state} with {row.charge}"
            continue
        if row is None:
            yield f"the end of {story.plan.call_id} was acknowledged and is not on record"
        elif row.state == "open":
            yield f"the end of {story.plan.call_id} was acknowledged, and the call is open"
        elif row.state == "ended" and row.reported_s not in {*(end.seconds for end in story.ends), *story.unheard_ends}:
            yield f"{story.plan.call_id} ended with {row.reported_s} s, of which nobody told"


def charges_right(evidence: Evidence) -> Iterator[str]:
    """What a call costs is what its deck says of the seconds that it may be charged."""
    for story, row in evidence.told():
        if row is None or row.state != "ended" or row.billed_s is None:
            continue
        expected = charge_of(story.plan.callee, row.billed_s) if row.account_id is not None else Decimal(0)
        if row.charge != expected:
            yield f"{story.plan.call_id} cost {row.charge} for {row.billed_s} s, which cost {expected}"
        least, most = _billable(story, row)
        if not least <= row.billed_s <= most:
            yield f"{story.plan.call_id} was charged {row.billed_s} s, and it can have been {least} to {most}"


def _billable(story: Story, row: CallRow) -> tuple[int, int]:
    """Between which seconds a call is charged: what was told, but no more than was granted, or than passed."""
    told_s = row.reported_s or 0
    granted_s = story.granted_s if story.is_connected and not story.plan.is_end_first else CALL_S_MAX
    if not story.plan.lie_s or story.first_told_at is None or story.last_told_at is None:
        return min(told_s, granted_s, row.granted_s), min(told_s, granted_s)
    passed_s = int(story.last_told_at - story.first_told_at) + 1 + TOLERANCE_S
    return min(told_s, granted_s, TOLERANCE_S), min(told_s, granted_s, passed_s)


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


def cut_in_time(evidence: Evidence) -> Iterator[str]:
    """No call lasts longer than was granted, and two seconds, while there is a gateway that can cut it."""
    for story in evidence.stories:
        if story.plan.talks_s is not None or story.must_end_at is None or story.ended_at is None:
            continue
        lateness = _attended(evidence, story.must_end_at, story.hung_up_at or story.ended_at)
        if lateness > LATE_S_MAX + evidence.stood_still_s:
            yield f"{story.plan.call_id} was cut {lateness:.1f} s after its {story.granted_s} s were over"


def _attended(evidence: Evidence, since: float, until: float) -> float:
    """How much of a time there was a gateway that could do something, after the last time that there was none."""
    begun = max([since, *(end for begin, end in evidence.unattended if begin < until and end > since)])
    return until - begun


def emergencies_connected(evidence: Evidence) -> Iterator[str]:
    """Whoever dials the emergency number is connected, whatever is wrong."""
    for story in evidence.stories:
        if story.plan.callee == EMERGENCY and story.starts and not (story.is_connected or story.plan.is_end_first):
            yield f"the emergency call {story.plan.call_id} was told {story.starts[0].body!r}"


def rents_once(evidence: Evidence) -> Iterator[str]:
    """A month of a line is charged once, in the end, as there was money for it."""
    for number, plan in enumerate(evidence.scenario.accounts):
        account = evidence.books.accounts[number]
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


def nothing_odd(evidence: Evidence) -> Iterator[str]:
    """Every reply takes the webhook or asks for it again; by a clock that is wrong no signature is of now."""
    for story in evidence.stories:
        for told in story.odd:
            if not (told.status == 403 and evidence.has_wrong_clock):
                yield f"{story.plan.call_id} was answered with {told.status}: {told.body[:200]!r}"
    for told in evidence.to_garbage:
        if not (told.status == 503 or 400 <= told.status < 500 or told.body == b"{}"):
            yield f"garbage was answered with {told.status}: {told.body[:200]!r}"


RULES: tuple[Rule, ...] = (
    starts_kept,
    replies_repeated,
    ends_kept,
    charges_right,
    charged_once,
    books_balance,
    nothing_overspent,
    no_stray_holds,
    cut_in_time,
    emergencies_connected,
    rents_once,
    payments_once,
    mails_once,
    nothing_odd,
)


def breaches(evidence: Evidence) -> list[tuple[str, str]]:
    """Every breach there is, with the name of its rule."""
    return [(rule.__name__, breach) for rule in RULES for breach in rule(evidence)]
