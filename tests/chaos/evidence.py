"""All that is known of a scenario when it is over."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from tests.chaos.books import Books, CallRow
from tests.chaos.fault_kinds import FaultKind
from tests.chaos.rating import EMERGENCY
from tests.chaos.scenario import Scenario
from tests.chaos.stillness import Stillness
from tests.chaos.story import Story
from tests.support.processes import Told


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What the provider was told, what is on record, and what the mail server took."""

    scenario: Scenario
    stories: Sequence[Story]
    books: Books
    # Top-ups that were acknowledged, by their external ids.
    paid: Mapping[str, Decimal] = field(default_factory=dict)
    to_garbage: Sequence[Told] = ()
    mails_taken: Mapping[str, int] = field(default_factory=dict)
    mails_unanswered: Mapping[str, int] = field(default_factory=dict)
    # Times in which no gateway could cut a call, and those in which the world had no turn on its machine.
    unattended: Sequence[tuple[float, float]] = ()
    stillness: Stillness = field(default_factory=Stillness)
    # When the books were read, by the clock of the stories.
    looked_at: float = 0.0

    def rows(self) -> dict[str, list[CallRow]]:
        """The calls on record, by the provider's ids."""
        found: dict[str, list[CallRow]] = {}
        for row in self.books.calls:
            found.setdefault(row.provider_call_id, []).append(row)
        return found

    def told(self) -> Iterator[tuple[Story, CallRow | None]]:
        """Each story with what is on record of it."""
        rows = self.rows()
        for story in self.stories:
            yield story, next(iter(rows.get(story.plan.call_id, [])), None)

    @property
    def has_wrong_clock(self) -> bool:
        return any(fault.kind in {FaultKind.CLOCK_AHEAD, FaultKind.CLOCK_BEHIND} for fault in self.scenario.faults)

    def is_trusted(self, story: Story) -> bool:
        """Whether it is connected while the database is away: its account calls on, or somebody is in need."""
        return self.scenario.accounts[story.plan.account].allowed_s > 0 or story.plan.callee == EMERGENCY
