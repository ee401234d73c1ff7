"""Numbers that forward to each other are found out at the second round, over connections and accounts too (R13)."""

from collections.abc import Sequence
from dataclasses import replace

from gateway.domain.events import Direction
from gateway.postgres.calls import starts
from gateway.postgres.calls.starts import GatheredStart, StartKey
from gateway.postgres.types import PgConnection


async def mark_circles(
    conn: PgConnection, keys: Sequence[StartKey], gathered: list[GatheredStart]
) -> list[GatheredStart]:
    """Mark the incoming calls that are about to be forwarded in a circle; batches without forwards ask nothing."""
    forwards = {
        position: (key, start.parent)
        for position, (key, start) in enumerate(zip(keys, gathered, strict=True))
        if key.call.direction is Direction.FORWARD and start.parent is not None and start.call_id is None
    }
    if not forwards:
        return gathered
    for position in await starts.forwards_in_circles(conn, forwards):
        parent = replace(forwards[position][1], in_a_circle=True)
        gathered[position] = replace(gathered[position], parent=parent)
    return gathered
