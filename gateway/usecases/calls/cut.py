"""End calls at their deadline: claim, ask the provider to hang up, and again later until the end comes (R18, R19).

The claim is one short transaction; the request is sent outside of it. A crash in between repeats the request after
the claim has run out. The call is over when the provider says so, not when it takes the request.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from gateway.context import Context
from gateway.domain.errors import ProviderFailed
from gateway.domain.mail.notices import NoticeKind
from gateway.due.backoff import Backoff
from gateway.due.queue import Queue, Turn
from gateway.log import logger
from gateway.log_events import LogEvent
from gateway.postgres.calls import ends, live_calls
from gateway.postgres.calls.live_calls import DueCut
from gateway.postgres.mail import outbox
from gateway.postgres.types import PgConnection
from gateway.providers.abilities import SecondHangUp
from gateway.providers.base import HangUp

# A request is repeated later and later; what its provider does with one shows when the end comes.
REPEAT: Final = Backoff(first=timedelta(seconds=5), longest=timedelta(minutes=5), jitter=0)
# The first claim is shorter: a process may die between its claim and its request, and two seconds after its deadline
# no call is up while another process lives (R18).
CLAIMS: Final = (timedelta(seconds=1.5), *REPEAT.steps())
# So many requests may wait for slow providers before no further calls are claimed.
UNDER_WAY_MAX: Final = 20_000
# A call that is still up so long after its deadline, although its provider has been asked, is told to the operator.
UNCUT_AFTER: Final = timedelta(minutes=1)
# So is one that was asked for so often, which takes more than a minute: its deadline may be an hour off.
UNCUT_REQUESTS: Final = 6
# Who has been asked for the first time, and once more at once, is given a moment to obey.
AT_ONCE: Final = 2
# Where no call is up that can be cut, none will be due for so long.
REST: Final = timedelta(seconds=1)


class Cutter:
    """Cuts calls; remembers only the requests under way."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._under_way: dict[int, asyncio.Task[None]] = {}
        self._rests_until: datetime | None = None
        self.queue = Queue(
            name="cutter",
            interval_s=0.2,
            batch=200,
            claimed_for=REPEAT.longest,
            claim=_claim,
            work=self._begin,
            identify=lambda cut: {"call_id": cut.call_id},
        )

    async def look(self) -> bool:
        """As `once`, and the database is left alone while no call is up."""
        now = self._context.clock.now()
        if self._rests_until is not None and now < self._rests_until:
            return False
        async with self._context.pool.acquire() as conn:
            due_at = await live_calls.next_cut(conn)
        self._rests_until = now + REST if due_at is None else None
        return due_at is not None and due_at <= now and await self.once()

    async def once(self) -> bool:
        """Claim the calls that are due and start cutting them; whether there were any."""
        context = self._context
        if len(self._under_way) >= UNDER_WAY_MAX:
            await asyncio.wait(self._under_way.values(), return_when=asyncio.FIRST_COMPLETED)
        return await self.queue.once(context)

    async def _begin(self, _context: Context, cut: DueCut) -> None:
        """Start a cut and wait for nothing: a slow provider must not keep the calls of others up (R18)."""
        if cut.call_id in self._under_way:
            return  # its provider is slow: one request at a time
        task = asyncio.create_task(self._cut(cut))
        self._under_way[cut.call_id] = task
        task.add_done_callback(partial(self._done, cut.call_id))

    def _done(self, call_id: int, _task: "asyncio.Task[None]") -> None:
        del self._under_way[call_id]

    async def finish(self, *, within_s: float | None = None) -> None:
        """Wait for the requests under way; what has no reply in time is asked again when its claim has run out."""
        if self._under_way:
            _, late = await asyncio.wait(self._under_way.values(), timeout=within_s)
            for task in late:
                task.cancel()

    async def _cut(self, cut: DueCut) -> None:
        context = self._context
        try:
            result = await self._ask(cut)
        except ProviderFailed as error:
            result = HangUp.FAILED
            logger().warning(LogEvent.CALL_CUT_FAILED, call_id=cut.call_id, why=str(error), attempts=cut.attempts)
        except Exception:  # noqa: BLE001 - one call must not keep the cutter from the others
            result = HangUp.FAILED
            logger().exception(LogEvent.CALL_CUT_FAILED, call_id=cut.call_id, attempts=cut.attempts)
        context.metrics.hang_ups.labels(cut.connection, result.value).inc()
        now = context.clock.now()
        # What the provider would not do it may explain: the call can be over, though nothing proves it so far.
        if result is HangUp.GONE or (result is HangUp.FAILED and cut.attempts == 1):
            async with context.pool.acquire() as conn:
                await ends.reconcile_soon(conn, [cut.call_id], soon=now)
        is_late = cut.attempts > AT_ONCE and now - cut.must_end_at > UNCUT_AFTER
        if result is not HangUp.GONE and (is_late or cut.attempts >= UNCUT_REQUESTS):
            await self._tell_operator(cut)

    async def _tell_operator(self, cut: DueCut) -> None:
        """Write one mail about a call that does not end, however often its provider is asked (R18)."""
        context = self._context
        if context.settings.operator_email is None:
            return
        async with context.pool.acquire() as conn, conn.transaction():
            await outbox.queue_operator(
                conn,
                recipient=context.settings.operator_email,
                kind=NoticeKind.CALL_UNCUT,
                key=f"{NoticeKind.CALL_UNCUT}:{cut.call_id}",
                facts={
                    "call_id": cut.call_id,
                    "connection": cut.connection,
                    "must_end_at": min(cut.must_end_at, context.clock.now()).isoformat(),
                    "attempts": cut.attempts,
                },
                now=context.clock.now(),
            )

    async def _ask(self, cut: DueCut) -> HangUp:
        context = self._context
        connection = context.settings.connections.get(cut.connection)
        if connection is None:
            raise ProviderFailed(f"connection {cut.connection} is not configured any more")
        adapter = context.adapters[connection.kind]
        now = context.clock.now()
        request = adapter.hang_up(connection, cut.ref, cut.reason, now)
        if cut.attempts == 1:
            context.metrics.cut_lateness.observe(max(0.0, (now - cut.must_end_at) / timedelta(seconds=1)))
        response = await context.provider_client.send(cut.connection, request)
        if isinstance(adapter, SecondHangUp):
            otherwise = adapter.second_hang_up(connection, cut.ref, response, now)
            if otherwise is not None:
                response = await context.provider_client.send(cut.connection, otherwise)
        result = adapter.read_hang_up(response)
        if result is HangUp.FAILED:
            raise ProviderFailed(f"the hang-up was answered with {response.status}, which does not say that it is over")
        logger().info(
            LogEvent.CALL_CUT_REQUESTED,
            call_id=cut.call_id,
            connection=cut.connection,
            reason=cut.reason.value,
            result=result.value,
            attempts=cut.attempts,
        )
        return result


async def _claim(conn: PgConnection, turn: Turn) -> Sequence[DueCut]:
    """Claimed for longer each time, as a request is repeated by the next claim, until the end comes."""
    return await live_calls.claim_cuts(conn, now=turn.now, delays=CLAIMS, limit=turn.limit)
