"""`gateway serve --demo` as a person meets it: words on standard output, a line to paste, and books that agree."""

import asyncio
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from gateway.clock import SystemClock
from gateway.demo import demo_settings, open_provider
from gateway.demo.building import build_world
from gateway.domain.connection import Connection
from gateway.domain.errors import Conflict, InvalidInput
from gateway.domain.mail.notices import Notice, NoticeKind
from gateway.postgres.mail import outbox
from gateway.settings import Settings
from gateway.usecases.rates.import_deck import import_rates
from tests.docs.pages import README
from tests.support import world
from tests.support.actors import CLERK
from tests.support.mail.post import SPENT
from tests.support.postgres import throwaway_directory

PATIENCE_S = 60
STOP_S = 10
LAST_WORDS = "Stop the demo"

FOREIGN_DECK = b"""\
kind,country,category,prefix,per_minute,connection_fee,first_interval_s,increment_s,valid_from,currency
outbound,,,44,0.0500,0,60,60,2020-01-01,USD
"""


@dataclass(kw_only=True)
class Demo:
    """A running demo: its first line, and the others as far as they were read."""

    process: "subprocess.Popen[str]"
    listening: dict[str, str]
    lines: list[str] = field(default_factory=list)

    def read_until(self, words: str) -> None:
        for line in iter(self._readline, ""):
            self.lines.append(line.rstrip("\n"))
            if words in line:
                return
        pytest.fail(f"the demo ended, or said nothing for {PATIENCE_S} s, before {words!r}:\n" + "\n".join(self.lines))

    def told(self, title: str) -> str:
        """Everything that was told of one story."""
        return "\n".join(line for line in self.lines if re.match(rf"\s*[0-9.]+ s  {title}\b", line))

    def pasted(self, kind: str) -> str:
        """The printed curl line that sends a webhook of this kind."""
        return next(line.strip() for line in self.lines if line.strip().startswith("curl ") and kind in line)

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(STOP_S)

    def _readline(self) -> str:
        assert self.process.stdout is not None
        watch = threading.Timer(PATIENCE_S, self.process.kill)
        watch.start()
        try:
            return self.process.stdout.readline()
        finally:
            watch.cancel()


@dataclass(frozen=True, kw_only=True)
class Played:
    """What came of a demo that was played to its last words, stopped, and started again on the same directory."""

    first: Demo
    pasted: list[str]
    ended: str
    explained: str
    checked: dict[str, object]
    live_after: list[object]
    exit_codes: list[int]
    second: Demo
    log: str


@pytest.fixture(scope="module")
def played() -> Iterator[Played]:
    with throwaway_directory() as directory:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("GATEWAY_")}
        environment |= {"GATEWAY_DATA": str(directory / "data"), "GATEWAY_LOG": "json"}
        with (directory / "log").open("w+") as log, started(environment, log.fileno()) as first:
            first.read_until(LAST_WORDS)
            pasted = [shell(first.pasted("call.start"), environment) for _ in range(2)]
            ended = shell(first.pasted("call.end"), environment)
            explained = shell(printed_command(first, "calls show"), environment)
            checked = json.loads(run(environment, "check", "--json"))
            exit_codes = [first.stop()]
            live_after = json.loads(run(environment, "calls", "list", "--live", "--json"))
            with started(environment, log.fileno()) as second:
                second.read_until("Repeated")
                exit_codes.append(second.stop())
            log.seek(0)
            yield Played(
                first=first,
                pasted=pasted,
                ended=ended,
                explained=explained,
                checked=checked,
                live_after=live_after,
                exit_codes=exit_codes,
                second=second,
                log=log.read(),
            )


@contextmanager
def started(environment: dict[str, str], log: int) -> Iterator[Demo]:
    command = [sys.executable, "-m", "gateway", "serve", "--demo", "--port", "0"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True, env=environment)
    with process:
        try:
            demo = Demo(process=process, listening={})
            demo.read_until("{")
            demo.listening = json.loads(demo.lines[0])
            yield demo
        finally:
            process.kill()


def run(environment: dict[str, str], *arguments: str) -> str:
    command = [sys.executable, "-m", "gateway", *arguments]
    return subprocess.run(command, capture_output=True, text=True, env=environment, check=True, timeout=30).stdout


def shell(line: str, environment: dict[str, str]) -> str:
    """What a line prints in a shell; nothing on a machine without curl."""
    if line.startswith("curl") and shutil.which("curl") is None:
        return ""
    return subprocess.run(
        ["sh", "-c", line], capture_output=True, text=True, env=environment, check=True, timeout=30
    ).stdout


def printed_command(demo: Demo, words: str) -> str:
    """A command as the demo prints it, without the words behind it."""
    line = next(line for line in demo.lines if words in line)
    return re.split(r"\s{2,}", line.strip())[0]


def test_the_first_line_is_json_and_names_the_address(played):
    assert played.first.listening["listening"].startswith("http://127.0.0.1:")
    assert played.first.listening["database"] == "embedded"


@pytest.mark.parametrize(
    ("title", "words"),
    [
        ("Allowed", "the money is enough for 37 min"),
        ("Allowed", "0.027000 USD charged, the balance was 1.000000 and is 0.973000"),
        ("Repeated", "byte for byte"),
        ("Topped up", "counts once: the balance was 0.973000 and is 25.973000"),
        ("No money", "refused, the account has not enough money"),
        ("Emergency", "allowed for 20 s, free of charge"),
        ("Engaged", "never answered, nothing charged"),
        ("Busy", "486, busy"),
        ("Re-routed", "It goes out by her main number and shows +12125550100"),
        ("Incoming", "s, nothing charged"),
        ("Forwarded", "0.035000 USD charged"),
        ("Toll-free", "0.018000 USD charged"),
        ("Limit", "cut at the limit of 20 s"),
        ("Lost end", "so the gateway asked the provider what became of the call"),
        ("Lost end", "0.014000 USD charged"),
        ("Credit", "its hold could not be extended"),
        ("Credit", "Boris has 0.000000 USD left"),
        ("Rent", "is not there: the number is suspended, and reserved for him until"),
        ("Rent", "refused, the called number is suspended"),
        ("Rent", "the rent is charged at once, the number works"),
        ("Rent", "allowed for 20 s, free of charge"),
        ("Mail", "to boris@example.com: Suspended: +13125550179"),
        ("Mail", "to boris@example.com: Works again: +13125550179"),
        ("Bearer", "0.027000 USD charged"),
        ("Checked", "the books of all 6 accounts agree"),
    ],
)
def test_every_story_is_told_with_its_figures(played, title, words):
    assert words in played.first.told(title)


def test_readme_shows_what_is_told(played):
    """But for the seconds, and what it leaves out."""
    [shown] = [block.text for block in README.blocks() if " s  Allowed" in block.text]
    told = [re.sub(r"^\s*[0-9.]+ s  ", "", line) for line in played.first.lines]
    for line in shown.splitlines():
        words = re.sub(r"^\s*[0-9.]+ s  |\s*…$", "", line)

        assert any(each.startswith(words) for each in told), line


def test_nothing_fails_and_nothing_is_logged_as_an_error(played):
    assert played.first.told("Failed") == ""
    assert [line for line in played.log.splitlines() if '"level":"error"' in line] == []


def test_the_printed_pages_are_the_ones_of_the_gateway(played):
    url = played.first.listening["listening"]

    assert any(f"{url}/readyz" in line for line in played.first.lines)
    assert any(f"{url}/metrics" in line for line in played.first.lines)


def test_the_printed_curl_line_connects_a_call_and_the_same_again_when_repeated(played):
    if shutil.which("curl") is None:
        pytest.skip("curl is not installed")
    reply = json.loads(played.pasted[0])

    assert (reply["action"], reply["caller_id"], reply["max_seconds"]) == ("connect", "+12125550101", 20)
    assert played.pasted[1] == played.pasted[0]


def test_the_second_curl_line_ends_that_call_and_says_what_it_cost(played):
    if shutil.which("curl") is None:
        pytest.skip("curl is not installed")

    assert json.loads(played.ended)["charged"] == "0.027000"
    assert "charged 0.027000 USD" in played.explained


def test_the_books_agree_after_the_demo(played):
    assert (played.checked["ok"], played.checked["accounts"]) == (True, 6)


def test_the_demo_stops_when_told_and_leaves_no_call_behind(played):
    assert played.exit_codes == [0, 0]
    assert played.live_after == []


def test_a_second_start_finds_the_same_accounts_with_their_money(played):
    told = "\n".join(played.second.lines)

    assert "account 1, Anna's Bakery (demo): 25." in told
    assert "account 2, Boris Couriers (demo): 0.000000 USD" in told


async def test_rates_that_are_not_the_demos_are_not_replaced(pool, dsn):
    clock = SystemClock()
    async with pool.acquire() as conn:
        await import_rates(conn, actor=CLERK, content=FOREIGN_DECK, source="deck.csv", clock=clock)

    with pytest.raises(Conflict, match=r"rates in USD of its own \(deck.csv\)"):
        await build_world(dsn, clock, Connection(name="demo", kind="native", secrets=("c2VjcmV0",)))


@pytest.mark.parametrize("currency", ["USD", "EUR"])
async def test_r32_a_demo_on_a_database_with_other_accounts_is_refused_and_sends_none_of_their_mails(
    pool, dsn, tmp_path, currency
):
    async with pool.acquire() as conn:
        account = await world.account(conn, currency=currency)
        notice = Notice(account_id=account, kind=NoticeKind.LOW_BALANCE, key="real", facts=SPENT)
        await outbox.queue(conn, [notice], now=SystemClock().now())
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GATEWAY_")}
    environment |= {"GATEWAY_DATA": str(tmp_path), "GATEWAY_DATABASE_URL": dsn}

    command = [sys.executable, "-m", "gateway", "serve", "--demo", "--port", "0"]
    refused = await asyncio.to_thread(
        subprocess.run, command, capture_output=True, text=True, check=False, timeout=30, env=environment
    )

    assert (refused.returncode, refused.stdout) == (1, "")
    assert "this database has accounts of its own (Acme), whose calls the demo would cut" in refused.stderr
    async with pool.acquire() as conn:
        assert [tuple(row) for row in await conn.fetch("SELECT state, tries FROM mail")] == [("queued", 0)]
        assert await conn.fetchval("SELECT count(*) FROM account") == 1
        assert await conn.fetchval("SELECT count(*) FROM rate") == 0


async def test_a_configured_connection_is_not_replaced_by_one_of_the_demo():
    own = Connection(name="demo", kind="native")
    settings = Settings(data=Path("/nowhere"), connections={"demo": own})

    async with open_provider(SystemClock()) as provider:
        with pytest.raises(InvalidInput, match="'demo'"):
            demo_settings(settings, provider)


def test_the_demo_refuses_several_processes(tmp_path):
    command = [sys.executable, "-m", "gateway", "serve", "--demo", "--processes", "2", "--data", str(tmp_path)]

    refused = subprocess.run(command, capture_output=True, text=True, check=False, timeout=30)

    assert refused.returncode == 1
    assert "--demo runs in one process" in refused.stderr
