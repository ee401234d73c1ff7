"""The VoxEngine scenario in a fake of its engine, its reports read by the adapter that the gateway reads them with."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from gateway.domain.calls.call import CutReason
from gateway.domain.events import CallAnswered, CallEnded, CallStarted, Cause, Direction
from gateway.providers.base import CallRef
from gateway.providers.voximplant.adapter import Voximplant
from tests.providers.voximplant.session import (
    CONNECTED,
    CONNECTION,
    CONTROL_URL,
    FORWARDING,
    INBOUND,
    OUTBOUND,
    REFUSED,
    SESSION,
    play,
    says,
    step,
)

BEGIN = datetime(2026, 3, 11, 14, 28, 46, tzinfo=UTC)
TIMED_OUT = {"code": 200, "text": "{}", "delay_ms": 60_000}


def at(ms: int) -> datetime:
    return BEGIN + timedelta(milliseconds=ms)


def test_an_outbound_call_is_authorized_connected_and_reported() -> None:
    played = play(OUTBOUND, [says(CONNECTED)], step(900, "ringing"), step(5000, "answers"), step(99_600, "B leaves"))

    start = CallStarted(
        call_id=f"{SESSION}-outbound",
        direction=Direction.OUTBOUND,
        caller="alice",
        callee="+447700900123",
        line="+15550100001",
        at=BEGIN,
        control_url=CONTROL_URL,
    )
    repeated = CallStarted(
        call_id=start.call_id,
        direction=start.direction,
        caller=start.caller,
        callee=start.callee,
        line=start.line,
        at=BEGIN,
    )
    end = CallEnded(
        call_id=start.call_id,
        cause=Cause.NORMAL,
        answered_at=at(5000),
        ended_at=at(99_600),
        seconds=95,
        cost=Decimal("0.549996"),
        cost_currency="USD",
        start=repeated,
    )
    assert played.events == [start, CallAnswered(call_id=start.call_id, at=at(5000)), end]
    assert played.deeds == [
        f"customData {SESSION}-outbound",
        "callPSTN 442079460000 as 15550100001",
        "A.ring",
        "A.answer",
        "media",
        "A.hangup",
        "terminate",
    ]


def test_an_inbound_call_rings_the_user_of_its_number_and_is_counted_on_the_incoming_leg() -> None:
    played = play(INBOUND, [says(CONNECTED, "inbound")], step(3000, "answers"), step(20_000, "A leaves"))

    (start,), (end,) = played.starts(), played.ends()
    assert (start.direction, start.line, start.callee) == (Direction.INBOUND, "+15550100001", "+15550100001")
    assert "callUser 15550100001 from 447700900123" in played.deeds
    assert (end.cause, end.seconds, end.answered_at) == (Cause.NORMAL, 17, at(3040))


def test_a_refused_call_gets_the_gateways_code() -> None:
    played = play(INBOUND, [says(REFUSED, "inbound")])

    (end,) = played.ends()
    assert "A.reject 486" in played.deeds
    assert (end.cause, end.seconds, end.answered_at) == (Cause.REJECTED, 0, None)
    assert played.deeds[-1] == "terminate"


def test_a_silent_gateway_connects_nobody() -> None:
    played = play(OUTBOUND, [TIMED_OUT])

    (end,) = played.ends()
    assert (8000, "A.reject 503") in played.did
    assert (end.cause, end.seconds) == (Cause.FAILED, 0)
    assert end.start is not None


def test_a_reply_that_is_no_decision_connects_nobody() -> None:
    other = {"code": 200, "text": says(CONNECTED)["text"].replace("2220", "0")}
    stranger = {"code": 200, "text": says(CONNECTED)["text"].replace(str(SESSION), "1")}
    answers: list[dict[str, Any]] = [
        {"code": 503, "text": ""},
        {"code": 200, "text": "<html>"},
        {"throws": True},
        other,
        stranger,
    ]

    for answer in answers:
        assert "A.reject 503" in play(OUTBOUND, [answer]).deeds, answer


def test_a_call_is_cut_at_its_limit_and_not_a_second_later() -> None:
    played = play(OUTBOUND, [says(CONNECTED)], step(5000, "answers"))

    (end,) = played.ends()
    assert (played.when("A.hangup"), played.when("B.hangup")) == (2_224_500, 2_224_500)
    assert (end.cause, end.seconds) == (Cause.LIMIT, 2220)


def test_no_call_lasts_longer_than_an_hour_whatever_the_reply_says() -> None:
    generous = {"code": 200, "text": says(CONNECTED)["text"].replace("2220", "99999")}

    (end,) = play(OUTBOUND, [generous], step(5000, "answers")).ends()

    assert end.seconds == 3600


def test_a_caller_who_gives_up_during_authorization_is_reported_before_the_reply_is_known() -> None:
    late = {**says(CONNECTED), "delay_ms": 4000}

    played = play(OUTBOUND, [late], step(1000, "A leaves"), ends=[{"code": 200, "delay_ms": 9000}])

    (end,) = played.ends()
    assert (end.cause, end.seconds, end.call_id) == (Cause.CANCELLED, 0, f"{SESSION}-outbound")
    assert not any(deed.startswith("callPSTN") for deed in played.deeds)


def test_a_caller_who_gives_up_while_it_rings_is_cancelled_on_both_sides() -> None:
    played = play(OUTBOUND, [says(CONNECTED)], step(900, "ringing"), step(4000, "A leaves"), step(4010, "ringing"))

    (end,) = played.ends()
    assert (played.deeds.count("A.ring"), played.deeds.count("B.hangup")) == (1, 1)
    assert (end.cause, end.seconds) == (Cause.CANCELLED, 0)


def test_a_callee_who_answers_when_the_caller_has_just_left_is_not_connected() -> None:
    played = play(OUTBOUND, [says(CONNECTED)], step(4000, "A leaves"), step(4010, "answers"))

    assert not {"A.answer", "media"} & set(played.deeds)
    assert played.ends()[0].seconds == 1


def test_a_busy_callee_is_heard_by_the_caller() -> None:
    played = play(OUTBOUND, [says(CONNECTED)], step(2000, "fails", code=486))

    assert "A.reject 486" in played.deeds
    assert played.ends()[0].cause is Cause.BUSY


def test_the_platforms_own_lack_of_money_is_no_business_of_the_caller() -> None:
    played = play(INBOUND, [says(CONNECTED, "inbound")], step(2000, "fails", code=402))

    assert "A.reject 480" in played.deeds
    assert played.ends()[0].cause is Cause.FAILED


def test_the_gateways_command_ends_the_call() -> None:
    ref = CallRef(call_id=f"{SESSION}-outbound", control_url=CONTROL_URL)
    command = Voximplant().hang_up(CONNECTION, ref, CutReason.CREDIT, BEGIN).body.decode()
    other = command.replace(str(SESSION), "1")

    played = play(
        OUTBOUND,
        [says(CONNECTED)],
        step(5000, "answers"),
        step(6000, "command", content="{"),
        step(7000, "command", content="null"),
        step(8000, "command", content=other),
        step(30_000, "command", content=command),
    )

    (end,) = played.ends()
    assert (played.when("A.hangup"), played.when("B.hangup")) == (30_000, 30_000)
    assert (end.cause, end.seconds) == (Cause.LIMIT, 26)


def test_the_gateways_command_reaches_a_call_that_rings() -> None:
    ref = CallRef(call_id=f"{SESSION}-outbound", control_url=CONTROL_URL)
    command = Voximplant().hang_up(CONNECTION, ref, CutReason.OPERATOR, BEGIN).body.decode()

    played = play(OUTBOUND, [says(CONNECTED)], step(3000, "command", content=command))

    assert {"A.reject 480", "B.hangup"} <= set(played.deeds)
    assert (played.ends()[0].cause, played.ends()[0].seconds) == (Cause.LIMIT, 0)


def test_an_end_is_reported_until_it_is_taken_each_time_the_same() -> None:
    ends: list[dict[str, Any]] = [{"code": 500}, {"throws": True}, {"code": 200, "text": "{}"}]

    command = f'{{"cmd": "hangup", "auth_id": "{SESSION}-outbound", "reason": "limit"}}'

    played = play(
        OUTBOUND,
        [says(CONNECTED)],
        step(5000, "answers"),
        step(65_000, "A leaves"),
        step(67_000, "command", content=command),
        ends=ends,
    )

    first, second, third = played.ends()
    assert first == second == third
    assert len({hook.body for hook in played.hooks[-3:]}) == 1
    assert len({hook.headers["x-gw-signature"] for hook in played.hooks[-3:]}) == 3


def test_an_end_that_nobody_takes_is_given_up_within_the_minute_that_the_session_lives() -> None:
    played = play(OUTBOUND, [says(CONNECTED)], step(5000, "answers"), step(65_000, "A leaves"), ends=[TIMED_OUT])

    assert len(played.ends()) == 4
    assert played.when("terminate") == 65_020 + 3 * 10_000 + 2 * 5_000


def test_a_session_that_the_platform_ends_sends_its_one_request() -> None:
    played = play(OUTBOUND, [says(CONNECTED)], step(5000, "answers"), step(15_000, "terminating"))

    (end,) = played.ends()
    assert (end.cause, end.seconds, end.ended_at) == (Cause.NORMAL, 10, at(15_000))


def test_a_softphone_without_a_line_is_given_none() -> None:
    played = play(OUTBOUND, [says(REFUSED)], connection=FORWARDING)

    assert played.starts()[0].line == "no-line"
