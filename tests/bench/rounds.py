"""One round: prepare webhooks, let wrk send them, and see that the database has what wrk says it sent."""

import asyncio
import json
import resource
import subprocess
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any, Final

import asyncpg

from tests.bench import client, hooks
from tests.bench.hooks import LIVE, Hooks
from tests.bench.processes import Server, machine_s, tree_cpu_s

CONNECTIONS: Final = 64
LUA: Final = Path(__file__).with_name("load.lua")
SAMPLE: Final = 50
# Cores that others may use in a turn that counts as undisturbed.
QUIET: Final = 0.15


class Wrong(Exception):
    """A figure that must not be published: something else happened than what was to be measured."""


class Exhausted(Wrong):
    """There were fewer prepared webhooks than could be sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """What one run of wrk gave. Milliseconds of processor are per webhook."""

    per_second: float
    p50_ms: float
    p99_ms: float
    max_ms: float
    gateway_cpu_ms: float = 0.0
    postgres_cpu_ms: float = 0.0
    starts_batch: float = 0.0
    ends_batch: float = 0.0
    wal_bytes: float = 0.0
    # Cores that were busy with something else than this benchmark, or taken by the host.
    others_cores: float = 0.0

    @classmethod
    def median(cls, rounds: "Sequence[Round]") -> "Round":
        """The median of each figure by itself."""
        tables = [asdict(one) for one in rounds]
        return cls(**{name: median(table[name] for table in tables) for name in tables[0]})


def wrk(url: str, path: Path, seconds: int, *, again: bool = False) -> dict[str, Any]:
    """Load from one thread, so that the requests leave in their order."""
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--timeout", "10s", "-s", str(LUA), f"{url}/"]
    run = subprocess.run(
        [*command, "--", str(path), "repeat" if again else "once"], capture_output=True, text=True, check=False
    )
    lines = [line for line in run.stdout.splitlines() if line.startswith("{")]
    if run.returncode or not lines:
        raise Wrong(f"wrk failed: {run.stdout} {run.stderr}")
    result: dict[str, Any] = json.loads(lines[-1])
    if result["exhausted"]:
        raise Exhausted
    errors = {name: result[name] for name in ("connect", "read", "write", "status", "timeout") if result[name]}
    if errors:
        raise Wrong(f"wrk had errors: {errors}")
    return result


def empty_round(server: Server, path: Path, seconds: int) -> Round:
    before = server.cpu_s()
    result = _load(server.url, path, seconds, again=True)
    return _round(result, gateway_cpu_s=server.cpu_s() - before)


def _load(url: str, path: Path, seconds: int, *, again: bool = False) -> dict[str, Any]:
    """wrk, and how busy the whole machine was meanwhile; wrk's own part of that is taken off already."""
    busy, own = machine_s(), _wrk_s()
    result = wrk(url, path, seconds, again=again)
    return result | {"busy_s": machine_s() - busy - (_wrk_s() - own)}


def _wrk_s() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def _round(result: dict[str, Any], *, gateway_cpu_s: float, postgres_cpu_s: float = 0.0, **more: float) -> Round:
    elapsed_s, requests = result["microseconds"] / 1e6, result["requests"]
    return Round(
        per_second=requests / elapsed_s,
        p50_ms=result["p50_us"] / 1000,
        p99_ms=result["p99_us"] / 1000,
        max_ms=result["max_us"] / 1000,
        gateway_cpu_ms=gateway_cpu_s / requests * 1000,
        postgres_cpu_ms=postgres_cpu_s / requests * 1000,
        others_cores=max(0.0, result["busy_s"] - gateway_cpu_s - postgres_cpu_s) / elapsed_s,
        **more,
    )


@dataclass(slots=True, kw_only=True)
class Subject:
    """A gateway under test, its database, and the provider that calls it."""

    name: str
    server: Server
    dsn: str
    postmaster: int
    provider: Hooks
    path: Path
    # Webhooks to prepare for a second; twice what was seen.
    capacity: float = 8000.0

    async def round(self, seconds: int) -> Round:
        """Warm up with calls that stay up, run wrk, end what is still up, compare with the database."""
        provider = self.provider
        provider.refresh()
        conn = await asyncpg.connect(self.dsn)
        try:
            last = await conn.fetchval("SELECT coalesce(max(id), 0) FROM call")
            await self._begin()
            hooks.write(self.path, provider.mixed(2 * int(self.capacity * seconds / 2)))
            begun = await self.counts(conn, last)
            before = self._usage(await conn.fetchval("SELECT pg_current_wal_lsn() - '0/0'"))
            result = await asyncio.to_thread(_load, self.server.url, self.path, seconds)
            after = self._usage(await conn.fetchval("SELECT pg_current_wal_lsn() - '0/0'"))
            await self._settled()
            counts = await self.counts(conn, last)
            await self._compare(conn, last, result, counts[0] - begun[0], counts[1] - begun[1])
        finally:
            await conn.close()
        batches = {
            f"{lane}_batch": (after[f"{lane}_events"] - before[f"{lane}_events"])
            / max(1, after[f"{lane}_batches"] - before[f"{lane}_batches"])
            for lane in ("starts", "ends")
        }
        self.capacity = max(self.capacity, 2 * result["requests"] / result["microseconds"] * 1e6)
        return _round(
            result,
            gateway_cpu_s=after["gateway_s"] - before["gateway_s"],
            postgres_cpu_s=after["postgres_s"] - before["postgres_s"],
            wal_bytes=(after["wal"] - before["wal"]) / result["requests"],
            **batches,
        )

    def _usage(self, wal: int) -> dict[str, float]:
        usage = {
            "gateway_s": self.server.cpu_s(),
            "postgres_s": tree_cpu_s(self.postmaster),
            "wal": float(wal),
        }
        for lane, (events, batches) in self.server.batches().items():
            usage |= {f"{lane}_events": events, f"{lane}_batches": batches}
        return usage

    async def _begin(self) -> None:
        """Calls that are up when wrk begins; their replies are looked at."""
        replies = await client.exchange(self.server.port, [self.provider.start() for _ in range(LIVE)])
        for status, body in replies:
            if status != 200 or json.loads(body)["action"] != "connect":
                raise Wrong(f"a start was answered with {status} {body!r}")

    async def _settled(self) -> None:
        """Wait until what was under way when wrk stopped is done."""
        live = self.server.batches()
        while True:
            await asyncio.sleep(0.2)
            if live == (live := self.server.batches()):
                return

    async def counts(self, conn: "asyncpg.Connection[asyncpg.Record]", last: int) -> tuple[int, int]:
        """The calls after one that started, and that ended; WRONG where one was refused, orphaned or flagged."""
        row = await conn.fetchrow(
            """
            SELECT count(*) AS starts, count(*) FILTER (WHERE state = 'ended') AS ends,
                count(*) FILTER (WHERE state NOT IN ('open', 'ended') OR flags <> '{}') AS wrong
            FROM call WHERE id > $1
            """,
            last,
        )
        assert row is not None
        if row["wrong"]:
            raise Wrong(f"{row['wrong']} calls were refused, orphaned or flagged")
        return row["starts"], row["ends"]

    async def _compare(
        self, conn: "asyncpg.Connection[asyncpg.Record]", last: int, result: dict[str, Any], starts: int, ends: int
    ) -> None:
        done, sent = result["requests"], result["sent"]
        if not done <= starts + ends <= sent or abs(starts - ends) > CONNECTIONS + 1:
            raise Wrong(f"wrk sent {sent} and got {done} replies, the database has {starts} starts and {ends} ends")
        calls = await conn.fetch(
            "SELECT provider_call_id, line, callee FROM call WHERE id > $1 AND id % 97 = 0 ORDER BY id LIMIT $2",
            last,
            SAMPLE,
        )
        repeats = [hooks.repeat(row["provider_call_id"], line=row["line"], callee=row["callee"]) for row in calls]
        replies = await client.exchange(self.server.port, repeats)
        for status, body in replies:
            if status != 200 or json.loads(body)["action"] != "connect":
                raise Wrong(f"the stored reply to a start is {status} {body!r}")
        # What is still up is ended, so that every round begins with the same number of live calls.
        live = await conn.fetch("SELECT provider_call_id AS name FROM live_call JOIN call ON call.id = call_id")
        self.provider.live([row["name"] for row in live])
        self.provider.refresh()
        replies = await client.exchange(self.server.port, [self.provider.end() for _ in live])
        for status, body in replies:
            if status != 200 or not float(json.loads(body)["charged"]) > 0:
                raise Wrong(f"an end was answered with {status} {body!r}")


async def check_ledger(dsn: str) -> None:
    """Every balance is the sum of its entries, every hold belongs to a live call, and each ended call was charged."""
    conn = await asyncpg.connect(dsn)
    try:
        row = await conn.fetchrow(
            """
            SELECT
                (SELECT count(*) FROM account
                    LEFT JOIN (SELECT account_id, sum(amount) AS total FROM ledger_entry GROUP BY account_id) AS entries
                    ON entries.account_id = account.id
                    WHERE account.balance <> coalesce(entries.total, 0)) AS balances,
                (SELECT count(*) FROM account
                    LEFT JOIN (SELECT account_id, sum(hold) AS total FROM live_call GROUP BY account_id) AS holds
                    ON holds.account_id = account.id
                    WHERE account.held <> coalesce(holds.total, 0)) AS holds,
                (SELECT count(*) FROM call WHERE state = 'ended' AND charge > 0) AS charged,
                (SELECT count(*) FROM ledger_entry WHERE kind = 'call') AS entries
            """,
            timeout=600,
        )
    finally:
        await conn.close()
    assert row is not None
    if row["balances"] or row["holds"] or row["charged"] != row["entries"]:
        raise Wrong(f"the ledger is wrong: {dict(row)}")


async def alternate(
    subjects: Sequence[Subject], empty: Server, path: Path, *, rounds: int, seconds: int
) -> dict[str, list[Round]]:
    """Each subject and then the empty handler, over and over; the first time is for warming up and does not count.

    While somebody else uses the machine, up to twice as many turns are taken; the least disturbed ones count.
    """
    turns: list[dict[str, Round]] = []
    await _turn(subjects, empty, path, min(seconds, 4))
    while len(turns) < rounds or (len(turns) < 3 * rounds and sum(map(_is_quiet, turns)) < rounds):
        turns.append(await _turn(subjects, empty, path, seconds))
    turns.sort(key=_disturbance)
    return {name: [turn[name] for turn in turns[:rounds]] for name in turns[0]}


async def _turn(subjects: Sequence[Subject], empty: Server, path: Path, seconds: int) -> dict[str, Round]:
    turn: dict[str, Round] = {}
    for subject in subjects:
        turn[subject.name] = await subject.round(seconds)
        await asyncio.sleep(1)  # let the disk come to rest
    turn["empty"] = await asyncio.to_thread(empty_round, empty, path, seconds)
    return turn


def _disturbance(turn: dict[str, Round]) -> float:
    return max(one.others_cores for one in turn.values())


def _is_quiet(turn: dict[str, Round]) -> bool:
    return _disturbance(turn) < QUIET
