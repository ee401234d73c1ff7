"""Real calls a second: SIPp, Kamailio with our kit, and the gateway, beside Kamailio that asks nobody.

A rate is kept if every call of it goes well, 99 of 100 are set up within a quarter of a second (SIPp sends an INVITE
again after half a second), and the gateway has heard of all ends two seconds after the last one. Rates are tried
upwards until one is not kept in two tries.
"""

import asyncio
import csv
import os
import random
import subprocess
import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Final

import asyncpg

from tests.bench.figures import Figure, Result
from tests.bench.processes import machine_s, tree_cpu_s
from tests.bench.rounds import Subject, Wrong, check_ledger
from tests.bench.stage import Stage
from tests.bench.world import World
from tests.providers.kamailio.server import Network, Ports, changed, network
from tests.support.sip.phones import SCENARIOS, SIPP, end, spawn

RATES: Final = (50, 100, 150, 200, 250, 300, 400, 500, 600, 800, 1000)
# The rate whose figures are told one by one.
COMMON: Final = 100
TALK_MS: Final = 1000
SETUP_MAX_MS: Final = 250
SETTLED_MAX_S: Final = 2
SETTLED_LIMIT_S: Final = 180
TRIES: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What one rate gave. Milliseconds of processor are per call."""

    rate: int
    calls: int
    failed: int
    p50_ms: float
    p99_ms: float
    kamailio_cpu_ms: float
    gateway_cpu_ms: float = 0.0
    postgres_cpu_ms: float = 0.0
    # From the end of the last call until the gateway had heard of all ends.
    settled_s: float = 0.0
    idle_cores: float = 0.0

    @property
    def is_kept(self) -> bool:
        return not self.failed and self.p99_ms <= SETUP_MAX_MS and self.settled_s <= SETTLED_MAX_S


async def sip(stage: Stage) -> Result:
    """Calls a second through Kamailio and the gateway, beside Kamailio alone."""
    dsn, world = await stage.world("main")
    ports = Ports()
    seconds = 4 if stage.is_quick else stage.seconds
    rates = RATES[:3] if stage.is_quick else RATES
    async with network(ports, _asks_nobody, may_complain=True) as alone:
        without = await _climb(_Load(stage, alone, world, seconds), rates)
    async with stage.subject("sip", dsn, world, connections=ports.toml()) as subject:
        ports = replace(ports, gateway=subject.server.port)
        async with network(ports, may_complain=True) as asking:
            load = _Load(stage, asking, world, seconds, subject)
            with_gateway = await _climb(load, rates)
            await _compare(dsn, load.succeeded)
    await check_ledger(dsn)
    best, best_alone = _best(with_gateway), _best(without)
    common = next(run for run in with_gateway if run.rate == COMMON)
    common_alone = next(run for run in without if run.rate == COMMON)
    return Result(
        figures=[
            Figure(what="with the gateway", value=best.rate, unit="calls/s"),
            Figure(what="Kamailio alone", value=best_alone.rate, unit="calls/s"),
            Figure(what=f"set-up at {COMMON}/s, half", value=common.p50_ms, unit="ms"),
            Figure(what="set-up, 99 of 100", value=common.p99_ms, unit="ms"),
            Figure(what="alone, half", value=common_alone.p50_ms, unit="ms"),
            Figure(what="alone, 99 of 100", value=common_alone.p99_ms, unit="ms"),
            Figure(what="processor, Kamailio", value=common.kamailio_cpu_ms, unit="ms/call"),
            Figure(what="processor, Kamailio alone", value=common_alone.kamailio_cpu_ms, unit="ms/call"),
            Figure(what="processor, gateway", value=common.gateway_cpu_ms, unit="ms/call"),
            Figure(what="processor, PostgreSQL", value=common.postgres_cpu_ms, unit="ms/call"),
        ],
        raw={"with_gateway": list(map(asdict, with_gateway)), "alone": list(map(asdict, without))},
    )


def _best(runs: list[Run]) -> Run:
    kept = [run for run in runs if run.is_kept]
    if not kept:
        raise Wrong(f"not even {runs[0].rate} calls a second were kept: {runs[0]}")
    return kept[-1]


def _asks_nobody(kit: str) -> str:
    """The kit with the question and the reports left out; all else is the same."""
    decided = "$var(seconds) = 3600; $var(caller_id) = $fU; $var(callee) = $rU; $sht(starts=>$ci) = $var(start);"
    connects = changed(
        "    route(DESCRIBE);\n", f"    route(DESCRIBE);\n    {decided}\n    route(CONNECT);\n    exit;\n"
    )
    silent = changed('    mq_add("events$var(queue)", "$var(key)", "$var(event)");\n', "    return;\n")
    return silent(connects(kit))


@dataclass(slots=True)
class _Load:
    """SIPp on both sides of a Kamailio, with callers and callees of the world."""

    stage: Stage
    network: Network
    world: World
    seconds: int
    subject: Subject | None = None
    succeeded: int = 0

    async def run(self, rate: int) -> Run:
        """So many calls a second, for the seconds of a round."""
        directory = self.network.directory / f"load-{self.succeeded}-{rate}"
        directory.mkdir()
        calls = rate * self.seconds
        callers = self._callers(directory, calls)
        carrier = self._sipp(directory, "callee_answers_at_once", self.network.ports.carrier, [])
        try:
            await asyncio.sleep(0.5)
            before, machine, begin = self._used(), machine_s(), time.monotonic()
            options = ["-inf", str(callers), "-r", str(rate), "-m", str(calls), "-d", str(TALK_MS), "-l", "20000"]
            options += ["-trace_stat", "-stf", "stat.csv", "-fd", "1", "-trace_rtt", "-rtt_freq", "1"]
            options += ["-timeout", f"{self.seconds + 20}s", f"127.0.0.1:{self.network.ports.proxy}"]
            pbx = self._sipp(directory, "caller_hangs_up", self.network.ports.pbx, options)
            try:
                await asyncio.to_thread(pbx.wait, self.seconds + 40)
            finally:
                end(pbx)
            settled_s = await self._settled()
            used = [after - then for after, then in zip(self._used(), before, strict=True)]
            busy_cores = (machine_s() - machine) / (time.monotonic() - begin)
        finally:
            end(carrier)
        good, failed = _counts(directory / "stat.csv")
        self.succeeded += good
        took = _setups(directory)
        return Run(
            rate=rate,
            calls=calls,
            failed=calls - good if good + failed < calls else failed,
            p50_ms=took[len(took) // 2],
            p99_ms=took[len(took) * 99 // 100],
            kamailio_cpu_ms=used[0] / calls * 1000,
            gateway_cpu_ms=used[1] / calls * 1000,
            postgres_cpu_ms=used[2] / calls * 1000,
            settled_s=settled_s,
            idle_cores=(os.cpu_count() or 1) - busy_cores,
        )

    def _used(self) -> tuple[float, float, float]:
        gateway_s = self.subject.server.cpu_s() if self.subject else 0.0
        postgres_s = tree_cpu_s(self.subject.postmaster) if self.subject else 0.0
        return tree_cpu_s(self.network.proxy.pid), gateway_s, postgres_s

    async def _settled(self) -> float:
        """Kamailio reports ends after they were: the seconds until the gateway has heard of all."""
        if self.subject is None:
            return 0.0
        begin = time.monotonic()
        conn = await asyncpg.connect(self.subject.dsn)
        try:
            while await conn.fetchval("SELECT EXISTS (SELECT FROM live_call)"):
                if time.monotonic() - begin > SETTLED_LIMIT_S:
                    raise Wrong(f"calls are still up {SETTLED_LIMIT_S} s after the last one")
                await asyncio.sleep(0.1)
        finally:
            await conn.close()
        return time.monotonic() - begin

    def _callers(self, directory: Path, calls: int) -> Path:
        chance = random.Random(calls)
        path = directory / "callers.csv"
        rows = (f"{chance.choice(self.world.lines)};{chance.choice(self.world.callees)}" for _ in range(calls))
        path.write_text("\n".join(["SEQUENTIAL", *rows, ""]))
        return path

    def _sipp(self, directory: Path, scenario: str, port: int, options: list[str]) -> "subprocess.Popen[bytes]":
        text = (SCENARIOS / f"{scenario}.xml").read_text()
        path = directory / f"{scenario}.xml"
        path.write_text(text.replace("[caller]", "[field0]").replace("[service]", "[field1]").replace("[more]\n", ""))
        assert SIPP is not None
        command = [SIPP, "-sf", str(path), "-i", "127.0.0.1", "-p", str(port), "-nostdin", "-skip_rlimit"]
        command += ["-pause_msg_ign", "-trace_err", "-error_file", f"{scenario}.errors", *options]
        return spawn(command, directory / f"{scenario}.out", directory)


def _counts(path: Path) -> tuple[int, int]:
    with path.open() as file:
        last = list(csv.DictReader(file, delimiter=";"))[-1]
    return int(last["SuccessfulCall(C)"]), int(last["FailedCall(C)"])


def _setups(directory: Path) -> list[float]:
    """From INVITE to 200, in milliseconds, in their order of size."""
    [path] = directory.glob("*_rtt.csv")
    with path.open() as file:
        rows = list(csv.reader(file, delimiter=";"))[1:]
    return sorted(float(row[1]) for row in rows) or [float("inf")]


async def _climb(load: _Load, rates: tuple[int, ...]) -> list[Run]:
    """The run of each rate, until one is not kept."""
    await load.run(rates[0])  # to warm up
    runs = []
    for rate in rates:
        for _ in range(TRIES):
            run = await load.run(rate)
            if run.is_kept:
                break
        runs.append(run)
        if not run.is_kept and rate >= COMMON:
            break
    return runs


async def _compare(dsn: str, succeeded: int) -> None:
    """Every call that went well was charged once."""
    conn = await asyncpg.connect(dsn)
    try:
        row = await conn.fetchrow(
            """
            SELECT
                count(*) FILTER (WHERE state = 'ended' AND answered_at IS NOT NULL) AS ended,
                count(*) FILTER (WHERE state = 'open') AS up,
                (SELECT count(*) FROM ledger_entry AS entry JOIN call ON call.id = entry.call_id
                    WHERE call.connection = 'sip') AS charged
            FROM call WHERE connection = 'sip'
            """
        )
    finally:
        await conn.close()
    assert row is not None
    if row["ended"] < succeeded or row["up"] or row["charged"] != row["ended"]:
        raise Wrong(f"{succeeded} calls went well, the database has {dict(row)}")
