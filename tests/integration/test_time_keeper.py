"""Where the clocks are apart is told once, and that they agree again; the database's being set is told too."""

from dataclasses import replace
from datetime import timedelta

from structlog.testing import capture_logs

from gateway.clock import DatabaseClock, Heard, SystemClock, steady_s
from gateway.workers.time_keeper import TimeKeeper
from tests.support.running import Gateway
from tests.support.world import FakeClock


async def test_what_becomes_of_the_clocks_is_told_once(gateway: Gateway) -> None:
    machine = FakeClock(SystemClock().now() + timedelta(minutes=10))
    clock = DatabaseClock(machine)
    context = replace(gateway.process.context, clock=clock)
    keeper = TimeKeeper(context, clock)

    with capture_logs() as logs:
        await keeper.once()
        await keeper.once()
        machine.at = SystemClock().now()
        await keeper.once()

    assert [line["event"] for line in logs] == ["clock.apart", "clock.right"]
    assert abs(logs[0]["machine_ahead_s"] - 600) < 5
    assert abs(clock.now() - SystemClock().now()) < timedelta(seconds=1)


async def test_a_database_whose_clock_was_set_is_followed_and_told_of(gateway: Gateway) -> None:
    clock = DatabaseClock()
    before = SystemClock().now() - timedelta(hours=1)
    clock.set_by(Heard(said=before, asked_s=steady_s(), heard_s=steady_s()))

    with capture_logs() as logs:
        await TimeKeeper(gateway.process.context, clock).once()

    (moved,) = logs
    assert moved["event"] == "clock.moved"
    assert abs(moved["seconds"] - 3600) < 5
    assert abs(clock.now() - SystemClock().now()) < timedelta(seconds=1)
