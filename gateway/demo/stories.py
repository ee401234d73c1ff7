"""The stories of the demo, one function each: what is placed, and what is told about it."""

import asyncio
from decimal import Decimal
from typing import Any, Final

from gateway.demo import world
from gateway.demo.calls import BEARER, SimulatedCall
from gateway.demo.narrator import charged
from gateway.demo.provider import DemoFailed
from gateway.demo.settings import LIMITS
from gateway.demo.stage import RING_S, TALK_S, Stage
from gateway.domain.events import Cause, Direction
from gateway.domain.lines.line import LineState
from gateway.usecases.lines.manage import list_lines

# Whom they call: London (ours to invent), Sydney, Madrid, a mobile phone in Tokyo and one in Berlin, Havana.
IN_LONDON: Final = "+442079460018"
IN_SYDNEY: Final = "+61255501234"
IN_MADRID: Final = "+34910550123"
IN_TOKYO: Final = "+819055501234"
ANNAS_MOBILE: Final = "+491713920012"
IN_HAVANA: Final = "+5378300123"
IN_HAVANA_TOO: Final = "+5378300124"
IN_PARIS: Final = "+33199000215"
IN_CALIFORNIA: Final = "+13105550142"

TOP_UP: Final = Decimal("25.000000")


def outbound(line: str, callee: str, **more: Any) -> SimulatedCall:
    return SimulatedCall(direction=Direction.OUTBOUND, caller=line, callee=callee, line=line, **more)


def inbound(caller: str, line: str) -> SimulatedCall:
    return SimulatedCall(direction=Direction.INBOUND, caller=caller, callee=line, line=line)


async def allowed_and_repeated(stage: Stage) -> None:
    call = outbound(world.NEW_YORK, IN_LONDON)
    first = await stage.begin("Allowed", f"Anna calls London, {call.callee}, from {call.line}", call)
    again = await stage.provider.start(call)
    if again.raw != first.raw:
        raise DemoFailed(f"the repeated webhook got {again.raw!r} instead of {first.raw!r}")
    row = await stage.read(call)
    held = row.live.hold if row.live is not None else 0
    stage.narrator.tell(
        "Repeated",
        f"the same webhook comes again: the same reply, byte for byte; {held} {row.currency} are held as before.",
    )
    await stage.talk("Allowed", call)


async def topped_up(stage: Stage) -> None:
    payment = f"demo-{stage.run}"
    before = await stage.world.show(stage.world.anna)
    for _ in range(2):
        await stage.world.pay(stage.world.anna, TOP_UP, payment=payment)
    after = await stage.world.show(stage.world.anna)
    stage.narrator.tell(
        "Topped up",
        f"Anna pays {TOP_UP} {after.currency}. The payment {payment} is reported twice and counts once:"
        f" the balance was {before.balance} and is {after.balance}.",
    )


async def refused_for_money(stage: Stage) -> None:
    call = outbound(world.CHICAGO, IN_TOKYO)
    await stage.begin("No money", f"Boris calls a mobile phone in Tokyo, {call.callee}", call)


async def emergency(stage: Stage) -> None:
    boris = await stage.world.show(stage.world.boris)
    call = outbound(world.CHICAGO, "911")
    who = f"Boris, with {boris.available} {boris.currency}, calls 911, an emergency number where his number is"
    await stage.begin("Emergency", who, call)
    await stage.talk("Emergency", call)


async def credit_runs_out(stage: Stage) -> None:
    """Two calls side by side on money for one: a hold cannot be extended, and nobody overspends."""
    boris = await stage.world.show(stage.world.boris)
    if boris.available < world.BORIS_MONEY:
        payment = f"demo-{stage.run}-boris"
        await stage.world.pay(stage.world.boris, world.BORIS_MONEY - boris.available, payment=payment)
        boris = await stage.world.show(stage.world.boris)
    money = f"{boris.available} {boris.currency}"
    stage.narrator.tell("Credit", f"Boris has {money} by now, and two people call Havana for him at once.")
    calls = [outbound(world.CHICAGO, IN_HAVANA), outbound(world.CHICAGO_TOO, IN_HAVANA_TOO)]
    for who, call in zip(("the first", "the second"), calls, strict=True):
        await stage.begin("Credit", f"{who}, from {call.line}", call)
        await stage.provider.answer(call)
    await asyncio.gather(*(_cut_for_credit(stage, call) for call in calls))
    boris = await stage.world.show(stage.world.boris)
    stage.narrator.tell(
        "Credit", f"Boris has {boris.balance} {boris.currency} left: all is spent, and nothing overspent."
    )


async def _cut_for_credit(stage: Stage, call: SimulatedCall) -> None:
    row = await stage.until_cut(call)
    why = "its hold could not be extended" if row.cut_reason == "credit" else "its money was used up"
    stage.narrator.tell(
        "Credit", f"the call from {call.line} is cut after {row.granted_s} s, as {why}: {charged(row)}."
    )


async def engaged(stage: Stage) -> None:
    call = outbound(world.LONDON, IN_SYDNEY)
    await stage.begin("Engaged", f"Anna calls {call.callee}, which is engaged", call)
    await asyncio.sleep(RING_S)
    await stage.end("Engaged", call, Cause.BUSY)


async def busy(stage: Stage) -> None:
    if await _is_paid(stage, "Busy"):
        return
    call = inbound(IN_PARIS, world.FRANCE_SUSPENDED)
    await stage.begin("Busy", f"Paris calls Anna's suspended number {call.line}", call)


async def rerouted(stage: Stage) -> None:
    if await _is_paid(stage, "Re-routed"):
        return
    call = outbound(world.FRANCE_SUSPENDED, IN_MADRID)
    who = f"Anna calls Madrid, {call.callee}, from her suspended number {call.line}"
    await stage.begin("Re-routed", who, call, after=f". It goes out by her main number and shows {world.MAIN}")
    row = await stage.read(call)
    if row.caller_id != world.MAIN:
        raise DemoFailed(f"the call from a suspended number shows {row.caller_id!r}")
    await stage.talk("Re-routed", call)


async def _is_paid(stage: Stage, title: str) -> bool:
    """Whether somebody has paid for Anna's number in France, as her page proposes: then there is nothing to show."""
    async with stage.world.pool.acquire() as conn:
        lines = await list_lines(conn, account_id=stage.world.anna)
    state = next((line.state for line in lines if line.name == world.FRANCE_SUSPENDED), None)
    if state == LineState.SUSPENDED:
        return False
    stage.narrator.tell(title, f"Anna's number {world.FRANCE_SUSPENDED} is not suspended any more.")
    return True


async def forwarded(stage: Stage) -> None:
    """Two calls: the incoming one is free, the forwarded one is paid from its own answer."""
    incoming = inbound(IN_PARIS, world.BERLIN)
    await stage.begin("Incoming", f"Paris calls Anna in Berlin, {incoming.line}", incoming)
    onward = SimulatedCall(
        direction=Direction.FORWARD,
        caller=IN_PARIS,
        callee=ANNAS_MOBILE,
        line=world.BERLIN,
        parent_call_id=incoming.call_id,
    )
    await stage.begin("Forwarded", f"Anna has it forwarded to her mobile phone, {onward.callee}", onward)
    await asyncio.sleep(RING_S)
    await stage.provider.answer(incoming)
    await stage.provider.answer(onward)
    await asyncio.sleep(TALK_S)
    await stage.end("Forwarded", onward)
    await stage.end("Incoming", incoming)


async def toll_free(stage: Stage) -> None:
    call = inbound(IN_CALIFORNIA, world.TOLL_FREE)
    who = f"California calls Anna's toll-free number {call.line}, and Anna pays for it"
    await stage.begin("Toll-free", who, call)
    await stage.talk("Toll-free", call)


async def cut_at_the_limit(stage: Stage) -> None:
    call = outbound(world.NEW_YORK, IN_SYDNEY)
    who = f"Anna calls Sydney, {call.callee}, and will not stop talking"
    await stage.begin("Limit", who, call)
    await stage.provider.answer(call)
    row = await stage.until_cut(call)
    limit = f"the limit of {LIMITS.call_seconds_max} s"
    stage.narrator.tell("Limit", f"the gateway has had the call to Sydney cut at {limit}: {charged(row)}.")


async def lost_end(stage: Stage) -> None:
    """Answer and end are never told; after the ring time the gateway asks by `call.status`."""
    call = outbound(world.LONDON, IN_MADRID)
    who = f"Anna calls Madrid, {call.callee}, and the provider's next messages get lost"
    await stage.begin("Lost end", who, call)
    stage.provider.pick_up(call)
    await asyncio.sleep(TALK_S)
    stage.provider.hang_up(call)
    row = await stage.until_asked(call)
    stage.provider.forget(call)
    words = f"nothing heard for {LIMITS.ring_s} s, so the gateway asked the provider what became of the call"
    stage.narrator.tell("Lost end", f"{words}: {charged(row)}.")


async def by_bearer(stage: Stage) -> str:
    """A call of the connection that curl can use; the gateway's reply to it."""
    call = outbound(world.NEW_YORK, IN_LONDON, connection=BEARER, call_id=f"example-{stage.run}")
    reply = await stage.begin("Bearer", "a SIP server that cannot sign calls London, with a bearer token", call)
    await stage.talk("Bearer", call)
    return reply.raw.decode()
