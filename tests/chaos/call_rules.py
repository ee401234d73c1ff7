"""What must hold of calls: what was acknowledged is on record, priced by the deck, and ended in time."""

from collections.abc import Iterator
from decimal import Decimal

from tests.chaos.books import CallRow
from tests.chaos.evidence import Evidence
from tests.chaos.fault_kinds import FaultKind
from tests.chaos.rating import CALL_S_MAX, EMERGENCY, charge_of
from tests.chaos.scenario import RICH
from tests.chaos.story import Story

LATE_S_MAX = 2.0
# A call begins for the gateway a moment before its provider has the reply.
EARLY_S_MAX = 1.5
TOLERANCE_S = 10
# The flag of a call whose end came without a start.
NO_START = "no_start"
# Where a machine stood still for so long before its reply, nobody knows who had to wait for whom.
STANDS_STILL_S = 0.3
# What is wrong with something that no call needs; but an account that is locked, which is the rich one.
ELSEWHERE = frozenset(
    {
        FaultKind.ACCOUNT_LOCKED,
        FaultKind.CONTROL_HANGS,
        FaultKind.CONTROL_GARBAGE,
        FaultKind.LOG_HANGS,
        FaultKind.LOG_GONE,
        FaultKind.SMTP_LOSES_ANSWERS,
        FaultKind.SMTP_DEFERS,
        FaultKind.SMTP_AWAY,
    }
)


def starts_kept(evidence: Evidence) -> Iterator[str]:
    """A start that was replied to is on record with its reply; one that was told "unavailable" was not decided.

    What one gateway decided without its database, another one with it cannot know: there the repeat may be on record,
    and a refusal need not be.
    """
    for story, row in evidence.told():
        is_undecided = story.is_unavailable or (evidence.is_trusted(story) and not story.is_connected)
        if row is None and story.plan.callee == EMERGENCY:  # connected even where the disk has no room to keep it
            continue
        if not story.starts or is_undecided:
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
        least, most = _billable(evidence, story, row)
        if not least <= row.billed_s <= most:
            yield f"{story.plan.call_id} was charged {row.billed_s} s, and it can have been {least} to {most}"


def _billable(evidence: Evidence, story: Story, row: CallRow) -> tuple[int, int]:
    """Between which seconds a call is charged: what was told, but no more than was granted, or than passed.

    Where nobody heard of the start nobody knows what passed, and the whole hour is granted.
    """
    told_s = row.reported_s or 0
    is_end_alone = evidence.is_trusted(story) and NO_START in row.flags
    if is_end_alone and story.plan.tells_start_at_end:
        return min(told_s, CALL_S_MAX), min(told_s, CALL_S_MAX)
    granted_s = story.granted_s if story.is_connected and not story.plan.is_end_first else CALL_S_MAX
    if not story.plan.lie_s or story.first_told_at is None or story.last_told_at is None:
        return min(told_s, granted_s, row.granted_s), min(told_s, granted_s)
    # An end that waited on one disk, and its start on another one: it came before it was on record.
    known_at = evidence.looked_at if is_end_alone else story.last_told_at
    passed_s = int(known_at - story.first_told_at) + 1 + TOLERANCE_S
    return min(told_s, granted_s, TOLERANCE_S), min(told_s, granted_s, passed_s)


def cut_in_time(evidence: Evidence) -> Iterator[str]:
    """No call lasts longer than was granted, and two seconds, while there is a gateway that can cut it."""
    for story in evidence.stories:
        if story.plan.talks_s is not None or story.must_end_at is None or story.ended_at is None:
            continue
        lateness = _attended(evidence, story.must_end_at, story.hung_up_at or story.ended_at)
        if lateness > LATE_S_MAX:
            yield f"{story.plan.call_id} was cut {lateness:.1f} s after its {story.granted_s} s were over"


def never_cut_early(evidence: Evidence) -> Iterator[str]:
    """Nobody is cut before the seconds are over that were granted, but one whose end was told before its start."""
    for story in evidence.stories:
        if story.hung_up_at is None or story.connected_at is None or story.plan.is_end_first:
            continue
        early_s = story.connected_at + story.granted_s - story.hung_up_at - _replied_late(evidence, story)
        if early_s > EARLY_S_MAX:
            yield f"{story.plan.call_id} was cut {early_s:.1f} s before its {story.granted_s} s were over"


def _attended(evidence: Evidence, since: float, until: float) -> float:
    """How much of a time there was a gateway that could do something, after the last time that there was none.

    What its machine gave to others is no time of its.
    """
    begun = max([since, *(end for begin, end in evidence.unattended if begin < until and end > since)])
    return until - begun - evidence.stillness.within(begun, until)


def _replied_late(evidence: Evidence, story: Story) -> float:
    """How long a machine without a turn for it delayed the reply to a start."""
    if story.first_told_at is None or story.replied_at is None:
        return 0.0
    return evidence.stillness.within(story.first_told_at, story.replied_at)


def caps_kept(evidence: Evidence) -> Iterator[str]:
    """Never are more calls of an account up than its cap allows; those to the emergency number are not counted."""
    for number, plan in enumerate(evidence.scenario.accounts):
        if plan.live_calls_max is None:
            continue
        stories = [story for story in evidence.stories if story.plan.account == number and _is_counted(story)]
        for story in stories:
            beside = [other.plan.call_id for other in stories if _is_up_at(other, story.connected_at or 0.0)]
            if len(beside) > plan.live_calls_max:
                yield f"{beside} are up at once, and {plan.live_calls_max} may be"


def _is_counted(story: Story) -> bool:
    return story.is_connected and story.plan.callee != EMERGENCY and not story.plan.is_end_first


def _is_up_at(story: Story, at: float) -> bool:
    began_at = at + 1 if story.connected_at is None else story.connected_at
    return began_at <= at and (story.ended_at is None or at < story.ended_at)


def served_meanwhile(evidence: Evidence) -> Iterator[str]:
    """What is wrong elsewhere refuses nobody: with mails, commands, logs, or with the account of somebody else."""
    if not {fault.kind for fault in evidence.scenario.faults} <= ELSEWHERE:
        return
    for story in evidence.stories:
        is_decided_late = _replied_late(evidence, story) > STANDS_STILL_S
        if story.is_unavailable and story.plan.account != RICH and not is_decided_late:
            yield f"{story.plan.call_id} was refused, and nothing was wrong with it"


def emergencies_connected(evidence: Evidence) -> Iterator[str]:
    """Whoever dials the emergency number is connected, whatever is wrong."""
    for story in evidence.stories:
        if story.plan.callee == EMERGENCY and story.starts and not (story.is_connected or story.plan.is_end_first):
            yield f"the emergency call {story.plan.call_id} was told {story.starts[0].body!r}"


def nothing_odd(evidence: Evidence) -> Iterator[str]:
    """Every reply takes the webhook or asks for it again; by a clock that is wrong no signature is of now."""
    for story in evidence.stories:
        for told in story.odd:
            if not (told.status == 403 and evidence.has_wrong_clock):
                yield f"{story.plan.call_id} was answered with {told.status}: {told.body[:200]!r}"
    for told in evidence.to_garbage:
        if not (told.status == 503 or 400 <= told.status < 500 or told.body == b"{}"):
            yield f"garbage was answered with {told.status}: {told.body[:200]!r}"
