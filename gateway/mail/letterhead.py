"""What the operator has put on every mail."""

from dataclasses import dataclass, field

from gateway.domain.mail.top_up import TopUps


@dataclass(frozen=True, slots=True, kw_only=True)
class Letterhead:
    """Sender and `reply_to` may have names; without `reply_to` replies go to the sender."""

    sender: str
    reply_to: str | None = None
    top_ups: TopUps = field(default_factory=TopUps)
