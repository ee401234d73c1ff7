"""A call's instants, by the two clocks that tell them.

A provider's clock may be off by an hour, and that of each of its machines by another. So its instants are compared with
one another and never with ours; deadlines, holds and the hour run on our clock alone (R18, R20).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from gateway.domain.events import CallEnded

# A week is longer than any provider lets a call be; two instants may be further apart.
SECONDS_MAX = 604_800


@dataclass(frozen=True, slots=True, kw_only=True)
class CallInstants:
    """What is known of a call's instants before its end.

    `started_at` and `answered_at` are on our clock: when we heard of them. `provider_started_at` and
    `provider_answered_at` are what the provider's clock showed then, None where it does not say. A call that is not
    announced is known only by its end (R21): all of its instants are the provider's.
    """

    started_at: datetime
    answered_at: datetime | None = None
    provider_started_at: datetime | None = None
    provider_answered_at: datetime | None = None
    is_announced: bool = True

    @property
    def clock_difference(self) -> timedelta | None:
        """How far our clock is ahead of the provider's: a start waits for our reply, so it is heard of at once."""
        if not self.is_announced or self.provider_started_at is None:
            return None
        return self.started_at - self.provider_started_at

    def answer(self, at: datetime | None, *, received_at: datetime, is_asked: bool) -> datetime:
        """When a call was answered by our clock: between our receipts of its start and of its answer."""
        on_ours = self._on_ours(at, is_asked=is_asked)
        return self._within(received_at if on_ours is None else on_ours, received_at)

    def end(self, event: CallEnded, *, received_at: datetime, is_asked: bool) -> tuple[datetime | None, datetime]:
        """When a call was answered and when it ended, by our clock, as far as anybody says."""
        answered_at = self._answer_of(event, received_at=received_at, is_asked=is_asked)
        on_ours = self._on_ours(event.ended_at, is_asked=is_asked)
        if on_ours is None or (self.is_announced and answered_at is not None and on_ours < answered_at):
            on_ours = received_at
        ended_at = self._within(on_ours, received_at)
        return (None if answered_at is None else min(answered_at, ended_at)), ended_at

    def own_seconds(self, event: CallEnded) -> int | None:
        """The seconds that the provider itself tells: a figure, or both instants by its clock; None where neither."""
        if event.seconds is not None:
            return event.seconds
        answered_at = event.answered_at or self.provider_answered_at
        if answered_at is None or event.ended_at is None or event.ended_at < answered_at:
            return None
        return whole_seconds(event.ended_at - answered_at)

    def contradict(self, event: CallEnded) -> bool:
        """Whether the provider has a call end before its answer."""
        answered_at = event.answered_at or self.provider_answered_at
        return answered_at is not None and event.ended_at is not None and event.ended_at < answered_at

    def heard_seconds(self, event: CallEnded, *, received_at: datetime, is_asked: bool) -> int:
        """The seconds between our receipts of answer and end; of a call whose answer nobody told, none.

        What came because we asked came whenever we asked, so there the provider's word for the end counts.
        """
        answered_at = self.answered_at
        if answered_at is None and event.answered_at is not None:
            answered_at = self._within(self._on_ours(event.answered_at) or self.started_at, received_at)
        if answered_at is None:
            return 0
        ended_at = self._on_ours(event.ended_at, is_asked=True) if is_asked else None
        return whole_seconds((ended_at or received_at) - answered_at)

    def passed_seconds(self, received_at: datetime) -> int | None:
        """The most that an end received now can be charged for by our clock; None where it is all that we heard."""
        return whole_seconds(received_at - (self.answered_at or self.started_at)) if self.is_announced else None

    def _answer_of(self, event: CallEnded, *, received_at: datetime, is_asked: bool) -> datetime | None:
        """The end's own answer is believed first, where its clock is known."""
        on_ours = self._on_ours(event.answered_at, is_asked=is_asked) or self.answered_at or event.answered_at
        return None if on_ours is None else self._within(on_ours, received_at)

    def _on_ours(self, at: datetime | None, *, is_asked: bool = False) -> datetime | None:
        """An instant of the provider's by our clock; None where nobody knows how far the clocks are apart.

        What came because we asked has no receipt to go by, and what we only heard of is by the provider's clock
        anyway: these are taken as if the clocks agreed.
        """
        if at is None:
            return None
        if self.clock_difference is not None:
            return at + self.clock_difference
        return at if is_asked or not self.is_announced else None

    def _within(self, at: datetime, received_at: datetime) -> datetime:
        """Not before the start, even where another machine wrote that by a clock that is ahead of ours (R38)."""
        return max(min(at, received_at), self.started_at)


def whole_seconds(time: timedelta) -> int:
    """A second that has begun counts."""
    return min(max(0, -(-time // timedelta(seconds=1))), SECONDS_MAX)
