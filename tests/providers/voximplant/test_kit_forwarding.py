"""The VoxEngine scenario when it forwards: two calls in one session, each authorized and charged for itself (R13)."""

from decimal import Decimal

from gateway.domain.events import CallAnswered, Cause, Direction
from gateway.providers.base import Reject
from tests.providers.voximplant.session import CONNECTED, FORWARDING, INBOUND, SESSION, play, says, step


def test_a_forwarded_call_is_authorized_and_charged_for_itself() -> None:
    starts = [says(CONNECTED, "inbound", FORWARDING), says(CONNECTED, "forward", FORWARDING)]

    played = play(
        INBOUND, starts, step(900, "ringing"), step(6000, "answers"), step(36_000, "B leaves"), connection=FORWARDING
    )

    incoming, forwarded = played.starts()
    assert (incoming.direction, forwarded.direction) == (Direction.INBOUND, Direction.FORWARD)
    assert (forwarded.parent_call_id, forwarded.line) == (incoming.call_id, "+15550100001")
    assert forwarded.callee == "+442079460000"
    assert "callPSTN 442079460000 as 15550100001" in played.deeds
    ends = {end.call_id: end for end in played.ends()}
    assert (ends[forwarded.call_id].seconds, ends[forwarded.call_id].cost) == (30, Decimal("0.545996"))
    assert (ends[incoming.call_id].seconds, ends[incoming.call_id].cost) == (30, Decimal("0.004"))
    assert {answer.call_id for answer in played.events if isinstance(answer, CallAnswered)} == set(ends)


def test_a_forwarded_call_that_is_refused_makes_the_incoming_one_busy() -> None:
    no_money = says(Reject(sip_code=486, reason="no_money"), "forward", FORWARDING)

    played = play(INBOUND, [says(CONNECTED, "inbound", FORWARDING), no_money], connection=FORWARDING)

    assert "A.reject 486" in played.deeds
    assert {end.call_id: (end.cause, end.seconds) for end in played.ends()} == {
        f"{SESSION}-inbound": (Cause.REJECTED, 0),
        f"{SESSION}-forward": (Cause.REJECTED, 0),
    }


def test_when_the_platform_ends_a_forwarding_the_dearer_call_is_reported() -> None:
    starts = [says(CONNECTED, "inbound", FORWARDING), says(CONNECTED, "forward", FORWARDING)]

    played = play(INBOUND, starts, step(6000, "answers"), step(16_000, "terminating"), connection=FORWARDING)

    (end,) = played.ends()
    assert (end.call_id, end.seconds) == (f"{SESSION}-forward", 10)
