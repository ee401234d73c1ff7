"""Find what is wrong with an installation, within the process that serves it."""

import asyncio
import secrets
from functools import partial

from gateway.clock import machine_of
from gateway.context import Context
from gateway.domain.problems import Problem, worst_first
from gateway.usecases.doctor.examine import examine_database
from gateway.usecases.doctor.machine import examine_machine, free_bytes


async def find_problems(context: Context) -> list[Problem]:
    """Worst first. It asks the primary, as calls do, and the servers at the control URLs.

    The disk is tried in a thread, as calls must not wait for it.
    """
    settings, now = context.settings, context.clock.now()
    free = await asyncio.to_thread(free_bytes, settings.data)
    machine = await asyncio.to_thread(examine_machine, settings, free=free, now=now)
    async with context.pool.acquire() as conn:
        database = await examine_database(
            conn,
            settings=settings,
            ask=lambda name: partial(context.provider_client.send, name),
            token=secrets.token_hex(6),
            machine=machine_of(context.clock),
            now=now,
        )
    return worst_first([*machine, *database])
