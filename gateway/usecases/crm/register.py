"""Register an account's calls in its CRM: that they are, and, when they are over, their result and their cost.

Never on the path of a decision: calls are found in the database by a cursor over their ids, told one request at a time,
and recorded as told. A request whose answer got lost is sent again; the CRM takes it for the same call, or says that it
has finished it already. What cannot be told in three days is given up.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from gateway.context import Context
from gateway.domain.connection import Connection
from gateway.domain.errors import InvalidInput, ProviderFailed
from gateway.domain.events import CallClicked, Direction
from gateway.due.backoff import Backoff
from gateway.due.queue import Queue, Turn
from gateway.log import logger
from gateway.log_events import LogEvent
from gateway.postgres import crm
from gateway.postgres.crm import ClaimedCall, CrmOutcome, CrmState
from gateway.postgres.types import PgConnection
from gateway.providers.base import ProviderRequest, ProviderResponse
from gateway.providers.crm import Crm, CrmReply, Verdict
from gateway.usecases.crm.access import Access, PortalAccess

INTERVAL_S: Final = 1
SEEN_AT_ONCE: Final = 200
# Told side by side: a portal takes two requests a second, and seconds for each.
BATCH: Final = 8
# A portal may take a minute for a request, and is waited for a third of it.
TIMEOUT_S: Final = 20.0
# Longer than the requests of one call take together.
CLAIM: Final = timedelta(minutes=2)
RETRY: Final = Backoff(first=timedelta(seconds=10), longest=timedelta(hours=1), give_up_after=timedelta(days=3))
# How long a CRM is left alone that has had too many requests, or that only an operator can mend.
LIMITED_REST: Final = timedelta(seconds=2)
BARRED_REST: Final = timedelta(minutes=5)
# A token that is over before its time: a new one is fetched, but not again and again.
EXPIRED_REST: Final = timedelta(minutes=1)

# What all calls wait for; anything else is one call's own, and counts as a try of it.
_RESTS: Final = {Verdict.LIMITED: LIMITED_REST, Verdict.BARRED: BARRED_REST, Verdict.EXPIRED: EXPIRED_REST}


async def note_click(context: Context, connection: Connection, click: CallClicked) -> None:
    """Remember the CRM's own id of the call that somebody is about to dial."""
    async with context.pool.acquire() as conn:
        await crm.note_click(conn, connection=connection.name, click=click, now=context.clock.now())


def registrars(context: Context) -> tuple["CallRegistrar", ...]:
    """One for each connection that an account's calls are registered by."""
    ours = []
    for connection in context.settings.connections.values():
        adapter = context.adapters[connection.kind]
        if isinstance(adapter, Crm) and (account_id := adapter.account_of(connection)) is not None:
            ours.append(CallRegistrar(context, connection, adapter, account_id))
    return tuple(ours)


class CallRegistrar:
    """Tells one CRM of the calls of one account."""

    def __init__(self, context: Context, connection: Connection, adapter: Crm, account_id: int) -> None:
        self._context = context
        self._first = connection
        self._crm = adapter
        self._account_id = account_id
        self.name = connection.name
        self._access = PortalAccess(context, connection.name, adapter, self._send)

    @property
    def _connection(self) -> Connection:
        """As the settings have it now."""
        return self._context.settings.connections.get(self.name, self._first)

    async def once(self) -> bool:
        """Tell one batch; True if there may be more. Calls are found first, and claimed only with access to the CRM."""
        context, name = self._context, self.name
        now = context.clock.now()
        async with context.pool.acquire() as conn:
            portal = await crm.open_portal(conn, connection=name, account_id=self._account_id)
            if portal is None:
                raise InvalidInput(f"connections.{name}.account: there is no account {self._account_id}")
            seen = await crm.see(conn, connection=name, now=now, limit=SEEN_AT_ONCE)
        if portal.rest_until > now or (access := await self._access.find(portal, self._connection)) is None:
            return seen == SEEN_AT_ONCE
        return await self._calls(access).once(context) or seen == SEEN_AT_ONCE

    def _calls(self, access: Access) -> Queue[ClaimedCall]:
        return Queue(
            name=f"crm {self.name}",
            interval_s=INTERVAL_S,
            batch=BATCH,
            claimed_for=CLAIM,
            claim=self._claim,
            work=partial(self._tell, access),
            identify=lambda claim: {"connection": self.name, "call_id": claim.call.id},
        )

    async def _claim(self, conn: PgConnection, turn: Turn) -> Sequence[ClaimedCall]:
        return await crm.claim(conn, connection=self.name, now=turn.now, until=turn.until, limit=turn.limit)

    async def _tell(self, access: Access, _context: Context, claim: ClaimedCall) -> None:
        """Register a call, or finish one, and record what became of it."""
        call, is_new = claim.call, claim.state is CrmState.QUEUED
        if is_new and call.direction is not Direction.INBOUND and await self._was_clicked(claim):
            return
        if is_new and not any(letter.isdigit() for letter in call.party):
            reply = CrmReply(verdict=Verdict.REFUSED, why="the other party has no number")
        else:
            reply = await self._send_call(claim, access)
        await self._record(claim, reply, access)

    async def _was_clicked(self, claim: ClaimedCall) -> bool:
        """Whether the CRM has the call already, as one of its users clicked the number: then it is registered."""
        call = claim.call
        async with self._context.pool.acquire() as conn, conn.transaction():
            click = await crm.take_click(conn, connection=self.name, callee=call.callee, started_at=call.started_at)
            if click is None:
                return False
            outcome = CrmOutcome(
                state=CrmState.REGISTERED,
                crm_call_id=click.crm_call_id,
                crm_user_id=click.crm_user_id,
                tries=0,
                due_at=self._context.clock.now(),
                reply="clicked in the CRM",
            )
            await crm.settle(conn, claim, outcome)
        self._count("clicked")
        return True

    async def _send_call(self, claim: ClaimedCall, access: Access) -> CrmReply:
        """Register or finish a call; what the CRM made of it."""
        crm_of, connection, call = self._crm, self._connection, claim.call
        try:
            if claim.state is CrmState.QUEUED:
                return crm_of.read_register(await self._send(crm_of.register(connection, call, access.token)))
            reply = crm_of.read_finish(await self._send(crm_of.finish(connection, call, access.token)))
            if reply.verdict is Verdict.MISSING:
                # The reply to an earlier try may have got lost.
                reply = crm_of.read_look_up(await self._send(crm_of.look_up(connection, call, access.token)))
        except ProviderFailed as error:
            return CrmReply(verdict=Verdict.FAILED, why=str(error))
        return reply

    async def _send(self, request: ProviderRequest) -> ProviderResponse:
        return await self._context.provider_client.send(self.name, request, timeout_s=TIMEOUT_S)

    async def _record(self, claim: ClaimedCall, reply: CrmReply, access: Access) -> None:
        now = self._context.clock.now()
        outcome = self._outcome(claim, reply, now)
        async with self._context.pool.acquire() as conn:
            await crm.settle(conn, claim, outcome)
            if reply.verdict is Verdict.EXPIRED:
                await self._access.expire(conn, access, now=now)
            if (rest := _RESTS.get(reply.verdict)) is not None:
                await crm.rest(conn, connection=self.name, until=now + rest)
        self._report(claim, reply, outcome)

    def _outcome(self, claim: ClaimedCall, reply: CrmReply, now: datetime) -> CrmOutcome:
        """Done, given up, or tried again: the call's own faults later and later, others when the CRM can be used."""
        call = claim.call
        crm_call_id, state, due_at, tries = call.crm_call_id, claim.state, None, claim.tries
        if reply.verdict is Verdict.DONE and claim.state is CrmState.QUEUED:
            crm_call_id, state, due_at, tries = reply.crm_call_id, CrmState.REGISTERED, now, 0
        elif reply.verdict is Verdict.DONE:
            state = CrmState.FINISHED
        elif reply.verdict is Verdict.REFUSED or RETRY.is_over(since=claim.created_at, now=now):
            state = CrmState.GIVEN_UP
        else:
            is_lost = reply.verdict is Verdict.MISSING
            crm_call_id, state = (None, CrmState.QUEUED) if is_lost else (crm_call_id, state)
            if reply.verdict in _RESTS:
                due_at, tries = now, claim.tries - 1
            else:
                due_at = now + RETRY.delay(claim.tries)
        return CrmOutcome(
            state=state,
            crm_call_id=crm_call_id,
            crm_user_id=call.crm_user_id,
            tries=tries,
            due_at=due_at,
            reply=reply.why or None,
        )

    def _report(self, claim: ClaimedCall, reply: CrmReply, outcome: CrmOutcome) -> None:
        call = {"connection": self.name, "call_id": claim.call.id, "crm_call_id": outcome.crm_call_id}
        if reply.verdict is Verdict.DONE:
            self._count(outcome.state.value)
            logger().info(LogEvent.CRM_TOLD, state=outcome.state.value, **call)
        elif outcome.state is CrmState.GIVEN_UP:
            self._count(outcome.state.value)
            logger().error(LogEvent.CRM_GIVEN_UP, tries=claim.tries, why=reply.why, **call)
        else:
            self._count(reply.verdict.value)
            logger().warning(LogEvent.CRM_DEFERRED, verdict=reply.verdict.value, why=reply.why, **call)

    def _count(self, result: str) -> None:
        self._context.metrics.crm_calls.labels(self.name, result).inc()
