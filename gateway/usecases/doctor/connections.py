"""What is wrong with connections: their webhooks, their secrets, their clocks, and where calls are cut by."""

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from itertools import chain
from typing import Final

from gateway.domain.connection import Connection
from gateway.domain.problems import Problem, ProblemCode
from gateway.postgres.calls.found_calls import clock_differences
from gateway.postgres.types import PgConnection
from gateway.providers.crm import Crm
from gateway.providers.registry import adapters
from gateway.usecases.calls.clock_differences import APART
from gateway.usecases.calls.try_control import Ask, try_control_of_none
from gateway.usecases.connections.receipts import HookHistory, read_histories
from gateway.usecases.doctor.finding import fact_of, problem_of

HOOKS_WITHIN: Final = timedelta(days=7)
REFUSED_WITHIN: Final = timedelta(hours=1)
OLD_UNUSED_FOR: Final = timedelta(days=1)
_ROTATING: Final = 2


async def examine_connections(
    conn: PgConnection,
    connections: Mapping[str, Connection],
    *,
    ask: Callable[[str], Ask],
    token: str,
    now: datetime,
) -> list[Problem]:
    """`ask` gives how the server at a connection's control URL is asked; `token` is 12 hexadecimal digits of a call."""
    histories = await read_histories(conn, connections)
    apart = await clock_differences(conn)
    # Without a secret it is off (R33).
    those_on = [each for each in connections.values() if each.secrets]
    problems = []
    for each in those_on:
        problems += _hooks(each, histories[each.name], now)
        problems += _secrets(each.name, histories[each.name])
        problems += _clock(each.name, apart.get(each.name, timedelta()))
    controls = await asyncio.gather(*(_control(each, ask(each.name), token, now) for each in those_on))
    return [*problems, *chain.from_iterable(controls)]


def _hooks(connection: Connection, history: HookHistory, now: datetime) -> list[Problem]:
    hooks, name = history.hooks, connection.name
    if hooks is None:
        return []
    good_at = hooks.accepted_at or hooks.configured_at
    refused = {"connection": name, "status": str(hooks.refused_status), "why": str(hooks.refused_why)}
    if hooks.refused_at is not None and (hooks.accepted_at is None or hooks.refused_at > hooks.accepted_at):
        return [problem_of(ProblemCode.HOOKS_REFUSED, fact_of("hooks_refused", **refused), since=good_at)]
    if hooks.refused_at is not None and hooks.refused_at > now - REFUSED_WITHIN:
        fact = fact_of("some_hooks_refused", **refused)
        return [problem_of(ProblemCode.SOME_HOOKS_REFUSED, fact, since=hooks.refused_at)]
    # A CRM sends something when somebody clicks.
    if good_at <= now - HOOKS_WITHIN and not isinstance(adapters()[connection.kind], Crm):
        return [problem_of(ProblemCode.NO_HOOKS, fact_of("no_hooks", connection=name), since=good_at)]
    return []


def _secrets(name: str, history: HookHistory) -> list[Problem]:
    if len(history.secrets) < _ROTATING:
        return []
    newest, old = (each.used_at for each in history.secrets)
    if old is not None and (newest is None or newest - old <= OLD_UNUSED_FOR):
        fact = fact_of("old_secret_in_use", connection=name, at=f"{old:%Y-%m-%d %H:%M:%S}")
        return [problem_of(ProblemCode.OLD_SECRET_IN_USE, fact, since=old)]
    if newest is not None:
        return [problem_of(ProblemCode.OLD_SECRET_UNUSED, fact_of("old_secret_unused", connection=name), since=old)]
    return []


def _clock(name: str, difference: timedelta) -> list[Problem]:
    if abs(difference) <= APART:
        return []
    which = "provider_clock_behind" if difference > timedelta() else "provider_clock_ahead"
    fact = fact_of(which, connection=name, apart=f"{abs(difference).total_seconds():.1f}")
    return [problem_of(ProblemCode.PROVIDER_CLOCK_APART, fact)]


async def _control(connection: Connection, ask: Ask, token: str, now: datetime) -> list[Problem]:
    """Ask what became of a call that was never made."""
    tried = await try_control_of_none(connection, token=token, now=now, ask=ask)
    if tried is None or tried.is_right:
        return []
    fact = fact_of("control_unproven", connection=connection.name, says=tried.says)
    return [problem_of(ProblemCode.CONTROL_UNPROVEN, fact)]
