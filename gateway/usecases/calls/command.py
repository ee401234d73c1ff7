"""Tell a provider what was decided where it takes no decision from the reply: by commands, before the reply is sent.

A provider that gets no reply within its time repeats the webhook, and so it does when we die in between: the stored
reply leads to the same commands (R16). The provider knows a command that comes twice for a minute only (Telnyx: 60 s by
`command_id`), so those of a call that is older than that are not sent again.
"""

import asyncio
from datetime import timedelta
from typing import Final

from gateway.context import Context
from gateway.domain.connection import Connection
from gateway.domain.errors import ProviderFailed
from gateway.domain.events import CallAnswered, CallHinted, CallStarted, Event
from gateway.log import logger
from gateway.log_events import LogEvent
from gateway.postgres.calls import calls
from gateway.providers.abilities import DecidesByCommand
from gateway.providers.base import Command, Obeyed, ProviderRequest
from gateway.usecases.calls.book import Book

# Telnyx waits 2 s for the reply, of which the decision takes some. After this the webhook is better repeated.
TIMEOUT_S: Final = 1.5
# How long a command that comes twice is known to be the same.
KNOWN_FOR: Final = timedelta(seconds=60)


class Commands:
    def __init__(self, context: Context, book: Book, *, timeout_s: float = TIMEOUT_S) -> None:
        self._context = context
        self._book = book
        self._timeout_s = timeout_s
        self._commanders = {
            kind: adapter for kind, adapter in context.adapters.items() if isinstance(adapter, DecidesByCommand)
        }

    def second_start(self, connection: Connection, reply: bytes) -> CallStarted | None:
        """The forwarded call that must be decided about before anything is dialled; its reply has the commands."""
        commander = self._commanders.get(connection.kind)
        return None if commander is None else commander.second_start(reply)

    async def is_late(self, connection: Connection, call: CallStarted) -> bool:
        """Whether a start comes again so long after its first time that its commands would be done a second time.

        By what is on record: a repeat may say that it happened later.
        """
        if connection.kind not in self._commanders:
            return False
        async with self._context.pool.acquire() as conn:
            began_at = await calls.started_at(conn, connection=connection.name, provider_call_id=call.call_id)
        return began_at is not None and self._context.clock.now() - began_at >= KNOWN_FOR

    async def send(self, connection: Connection, event: Event, reply: bytes) -> None:
        """Send the commands that the reply to an event stands for; ProviderFailed where its webhook should come again.

        What is refused for good is not worth a repeat: it is logged, and its alternative is sent. If that is refused
        too, as with a bad API key, the call is in limbo, and a repeat is all that is left. A call that began and is
        gone by now has an end that we may have heard of too early: its status is asked soon.
        """
        commander = self._commanders.get(connection.kind)
        if commander is None:
            return
        try:
            async with asyncio.timeout(self._timeout_s):
                obeyed = [
                    await self._carry_out(commander, connection, command)
                    for command in commander.commands(reply, connection)
                ]
        except TimeoutError as error:
            self._count(connection, Obeyed.FAILED)
            raise ProviderFailed(f"{connection.name} took no command within {self._timeout_s} s") from error
        if Obeyed.GONE in obeyed and isinstance(event, CallStarted | CallAnswered):
            await self._book.take(connection, CallHinted(call_id=event.call_id))

    async def _carry_out(self, commander: DecidesByCommand, connection: Connection, command: Command) -> Obeyed:
        obeyed = await self._ask(commander, connection, command.request)
        if obeyed is Obeyed.REFUSED and command.otherwise is not None:
            obeyed = await self._ask(commander, connection, command.otherwise)
            if obeyed is Obeyed.REFUSED:
                raise ProviderFailed(f"{connection.name} refused a command and its alternative: the call is in limbo")
        return obeyed

    async def _ask(self, commander: DecidesByCommand, connection: Connection, request: ProviderRequest) -> Obeyed:
        try:
            response = await self._context.provider_client.send(connection.name, request)
        except ProviderFailed:
            self._count(connection, Obeyed.FAILED)
            raise
        obeyed = commander.read_command(response)
        self._count(connection, obeyed)
        if obeyed is Obeyed.FAILED:
            raise ProviderFailed(f"{connection.name} answered a command with {response.status}")
        if obeyed is Obeyed.REFUSED:
            why = f"a command was refused with {response.status}"
            logger().error(LogEvent.PROVIDER_FAILED, connection=connection.name, why=why)
        return obeyed

    def _count(self, connection: Connection, obeyed: Obeyed) -> None:
        self._context.metrics.commands.labels(connection.name, obeyed.value).inc()
