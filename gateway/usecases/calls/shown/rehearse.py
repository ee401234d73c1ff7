"""Send a call that nobody dials through the running gateway, and say what the provider would have done.

It is a real call on record, decided by the real rules and charged what it costs.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

from gateway.domain.access.actions import Action
from gateway.domain.access.actor import Actor
from gateway.domain.connection import Connection
from gateway.domain.errors import Conflict
from gateway.postgres.types import PgConnection
from gateway.providers.base import Hook, ProviderRequest, ProviderResponse
from gateway.providers.registry import probes, scripts
from gateway.providers.rehearsal import PUBLIC_URL, HookProbe, Reaction, Rehearsal, Script
from gateway.settings import Settings
from gateway.usecases.access.write_down import write_down
from gateway.usecases.calls.shown.quote import quote_call
from gateway.usecases.calls.shown.show import show_call

Send = Callable[[ProviderRequest], Awaitable[ProviderResponse]]

_EVERYWHERE: Final = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}  # noqa: S104 - not bound, only read
_WORDS: Final = {
    404: "has no such connection: it runs with another configuration",
    503: "could not take it: its log says why",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One hook: what the reply makes the provider do, and the reply itself."""

    name: str
    does: str
    status: int
    reply: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RehearsedCall:
    """`call` is its reference, None where no call could be rehearsed; `charged` is None while nothing is charged."""

    connection: str
    kind: str
    call: str | None
    connects: bool | None
    caller_id: str | None
    max_seconds: int | None
    charged: Decimal | None
    currency: str | None
    billed_s: int | None
    notes: list[str]
    steps: list[Step]


def require_on(settings: Settings, name: str) -> Connection:
    """A connection that has a secret (R33)."""
    connection = settings.require_connection(name)
    if not connection.secrets:
        raise Conflict("connection {name} is off: it has no secret", name=name)
    return connection


async def rehearse_call(
    conn: PgConnection,
    *,
    actor: Actor,
    settings: Settings,
    connection: Connection,
    line: str,
    callee: str,
    seconds: int,
    token: str,
    now: datetime,
    send: Send,
) -> RehearsedCall:
    """Send start, answer and end of a call; NotFound if there is no such line, before anything is sent.

    With no seconds it is not answered and costs nothing. A call that is refused has no more than its start. It is the
    gateway that has it on record; who had it made is written down as soon as its start is taken.
    """
    quoted = await quote_call(
        conn, line=line, callee=callee, seconds=[seconds], limits=settings.limits, connection=connection, now=now
    )
    mouth = _Mouth(settings, connection, send)
    probe = probes().get(connection.kind)
    if probe is not None:
        return await _probe(mouth, probe, now)
    script = scripts()[connection.kind]
    call = Rehearsal(
        connection=connection,
        public_url=settings.public_url,
        line=quoted.line,
        callee=quoted.callee,
        seconds=seconds,
        token=token,
        now=now,
    )
    reply = await mouth.say(script.start(call), script.proof)
    what, reference = f"connection:{connection.name}", f"{connection.name}:{script.call_id(call)}"
    await write_down(conn, actor, Action.CONNECTIONS_TEST, what, after={"call": reference}, now=now)
    reaction, steps = await _play(mouth, script, call, reply)
    view = await show_call(conn, reference=reference)
    return RehearsedCall(
        connection=connection.name,
        kind=connection.kind,
        call=reference,
        connects=reaction.connects,
        caller_id=reaction.caller_id,
        max_seconds=reaction.max_seconds,
        charged=view.call.charge,
        currency=view.call.currency,
        billed_s=view.call.billed_s,
        notes=view.explanation,
        steps=steps,
    )


async def _play(
    mouth: "_Mouth", script: Script, call: Rehearsal, reply: ProviderResponse
) -> tuple[Reaction, list[Step]]:
    """What became of a call after the reply to its start."""
    reaction = script.read(call, reply.body)
    steps = [_step("start", f"the provider {reaction.does}", reply)]
    if not reaction.connects:
        return reaction, steps
    try:
        if call.seconds:
            answered = await mouth.say(script.answer(call, reply.body), script.proof)
            steps.append(_step("answer", "the gateway takes it", answered))
        ended = await mouth.say(script.end(call, reply.body), script.proof)
    except Conflict as error:
        left = f"{call.connection.name}:{script.call_id(call)}"
        raise Conflict(
            f"{error}\nThe call {left} was connected before that, and is on record without its end."
        ) from error
    what = f"the call is over after {call.seconds} s" if call.seconds else "nobody answered"
    return reaction, [*steps, _step("end", what, ended)]


async def _probe(mouth: "_Mouth", probe: HookProbe, now: datetime) -> RehearsedCall:
    connection = mouth.connection
    checked = probe.check(connection)
    hook = probe.hook(connection, public_url=mouth.public_url, now=now)
    reply = await mouth.say(hook, probe.proof, expected=probe.status)
    return RehearsedCall(
        connection=connection.name,
        kind=connection.kind,
        call=None,
        connects=None,
        caller_id=None,
        max_seconds=None,
        charged=None,
        currency=None,
        billed_s=None,
        notes=[probe.why, f"Checked instead: {checked}."],
        steps=[_step("probe", probe.shows, reply)],
    )


def _step(name: str, does: str, reply: ProviderResponse) -> Step:
    return Step(name=name, does=does, status=reply.status, reply=reply.body.decode(errors="replace"))


class _Mouth:
    """Says hooks to the running gateway, at its own address, and knows what its refusals mean."""

    def __init__(self, settings: Settings, connection: Connection, send: Send) -> None:
        host = _EVERYWHERE.get(settings.host, settings.host)
        self.address = f"http://{f'[{host}]' if ':' in host else host}:{settings.port}"
        self.public_url = settings.public_url
        self.connection = connection
        self._send = send

    async def say(self, hook: Hook, proof: tuple[str, ...], *, expected: int | None = None) -> ProviderResponse:
        """The reply to a hook; Conflict with the reason where it is not one that a provider goes on with."""
        if not hook.url.startswith(f"{self.public_url}/"):
            named = hook.url.partition("?")[0]
            raise Conflict(
                f"the reply of {self.address} names the URL {named!r}, which is not of the public URL here,"
                f" {self.public_url}: GATEWAY_PUBLIC_URL differs here and there"
            )
        url = self.address + hook.url.removeprefix(self.public_url)
        reply = await self._send(ProviderRequest(method=hook.method, url=url, headers=hook.headers, body=hook.body))
        is_fine = 200 <= reply.status < 300 if expected is None else reply.status == expected
        if not is_fine:
            raise Conflict(self._why(reply, proof))
        return reply

    def _why(self, reply: ProviderResponse, proof: tuple[str, ...]) -> str:
        gateway = f"the gateway at {self.address}"
        if reply.status == 403:
            differing = ", ".join(f"{each} (here {self.public_url})" if each == PUBLIC_URL else each for each in proof)
            return (
                f"{gateway} does not take the hook of connection {self.connection.name} for authentic (403): here and"
                f" there, one of these differs: {differing}. A gateway reads its configuration when it starts."
            )
        if reply.status < 300:
            return f"{gateway} takes a hook that it should refuse ({reply.status})"
        body = reply.body.decode(errors="replace")
        return f"{gateway} {_WORDS.get(reply.status, 'does not take the hook')} ({reply.status}) {body}".rstrip()
