"""End calls at their deadline: claim, ask the provider to hang up, and again later until the end comes (R18, R19).

The claim is one short transaction; the request is sent outside of it. A crash in between repeats the request after
the claim has run out. The call is over when the provider says so, not when it takes the request.
"""

import asyncio
from datetime import timedelta
from functools import partial
from typing import Final

from gateway.context import Deps
from gateway.domain.errors import ProviderFailed
from gateway.domain.mail.notices import NoticeKind
from gateway.log import logger
from gateway.log_events import LogEvent
from gateway.postgres.calls import ends, live_calls
from gateway.postgres.calls.live_calls import DueCut
from gateway.postgres.mail import outbox
from gateway.providers.base import CutTwice, HangUp

BATCH: Final = 200
# So many requests may wait for slow providers before no further calls are claimed.
UNDER_WAY_MAX: Final = 20_000
# A call that is still up so long after its deadline, although its provider has been asked, is told to the operator.
UNCUT_AFTER: Final = timedelta(minutes=1)


class Cutter:
    """Cuts calls; remembers only the requests under way."""

    def __init__(self, deps: Deps) -> None:
        self._deps = deps
        self._under_way: dict[int, asyncio.Task[None]] = {}

    async def once(self) -> bool:
        """Claim the calls that are due and start cutting them; True if there may be more."""
        deps = self._deps
        if len(self._under_way) >= UNDER_WAY_MAX:
            await asyncio.wait(self._under_way.values(), return_when=asyncio.FIRST_COMPLETED)
        async with deps.pool.acquire() as conn:
            due = await live_calls.claim_cuts(conn, now=deps.clock.now(), limit=BATCH)
        for cut in due:
            if cut.call_id in self._under_way:
                continue  # its provider is slow: one request at a time
            task = asyncio.create_task(self._cut(cut))
            self._under_way[cut.call_id] = task
            task.add_done_callback(partial(self._done, cut.call_id))
        return len(due) == BATCH

    def _done(self, call_id: int, _task: "asyncio.Task[None]") -> None:
        del self._under_way[call_id]

    async def finish(self, *, within_s: float | None = None) -> None:
        """Wait for the requests under way; what has no reply in time is asked again when its claim has run out."""
        if self._under_way:
            _, late = await asyncio.wait(self._under_way.values(), timeout=within_s)
            for task in late:
                task.cancel()

    async def _cut(self, cut: DueCut) -> None:
        deps = self._deps
        try:
            result = await self._ask(cut)
        except ProviderFailed as error:
            result = HangUp.FAILED
            logger().warning(LogEvent.CALL_CUT_FAILED, call_id=cut.call_id, why=str(error), attempts=cut.attempts)
        except Exception:  # noqa: BLE001 - one call must not keep the cutter from the others
            result = HangUp.FAILED
            logger().exception(LogEvent.CALL_CUT_FAILED, call_id=cut.call_id, attempts=cut.attempts)
        deps.metrics.hang_ups.labels(cut.connection, result.value).inc()
        if result is HangUp.GONE:
            async with deps.pool.acquire() as conn:
                await ends.sweep_soon(conn, [cut.call_id], soon=deps.clock.now())
        elif cut.attempts > 1 and deps.clock.now() - cut.must_end_at > UNCUT_AFTER:
            await self._tell_operator(cut)

    async def _tell_operator(self, cut: DueCut) -> None:
        """Write one mail about a call that does not end, however often its provider is asked (R18)."""
        deps = self._deps
        if deps.settings.operator_email is None:
            return
        async with deps.pool.acquire() as conn, conn.transaction():
            await outbox.queue_operator(
                conn,
                recipient=deps.settings.operator_email,
                kind=NoticeKind.CALL_UNCUT,
                key=f"{NoticeKind.CALL_UNCUT}:{cut.call_id}",
                facts={
                    "call_id": cut.call_id,
                    "connection": cut.connection,
                    "must_end_at": cut.must_end_at.isoformat(),
                    "attempts": cut.attempts,
                },
                now=deps.clock.now(),
            )

    async def _ask(self, cut: DueCut) -> HangUp:
        deps = self._deps
        connection = deps.settings.connections.get(cut.connection)
        if connection is None:
            raise ProviderFailed(f"connection {cut.connection} is not configured any more")
        adapter = deps.adapters[connection.kind]
        now = deps.clock.now()
        request = adapter.hang_up(connection, cut.ref, cut.reason, now)
        if cut.attempts == 1:
            deps.metrics.cut_lateness.observe(max(0.0, (now - cut.must_end_at) / timedelta(seconds=1)))
        response = await deps.provider_client.send(cut.connection, request)
        if isinstance(adapter, CutTwice):
            otherwise = adapter.hang_up_otherwise(connection, cut.ref, response, now)
            if otherwise is not None:
                response = await deps.provider_client.send(cut.connection, otherwise)
        result = adapter.read_hang_up(response)
        logger().info(
            LogEvent.CALL_CUT_REQUESTED,
            call_id=cut.call_id,
            connection=cut.connection,
            reason=cut.reason.value,
            result=result.value,
            attempts=cut.attempts,
        )
        return result
