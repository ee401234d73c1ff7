"""Whatever arrives, an adapter reads it or refuses it; it never breaks. What decides what is charged is always taken.

The hooks are the recorded samples with anything changed, or nothing but noise. Both steps are asked for whether the
other refused or not: what is not authentic must not break `parse` either, lest a leaked secret be enough to.
"""

import json
import os
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path
from random import Random
from typing import get_args
from urllib.parse import parse_qsl, urlencode

import pytest

from gateway.domain.calls.settlement import NOT_ANSWERED
from gateway.domain.connection import Connection
from gateway.domain.errors import BadSignature, MalformedHook
from gateway.domain.events import CallEnded, Event
from gateway.providers.base import Acknowledged, Adapter, Connect, Hook, Reply
from gateway.providers.registry import adapters
from tests.providers.cases import Driver, ProviderCases
from tests.support.http_samples import Headers, sample_connection, samples

# It repeats what other tests run once, and counting that takes nearly half of its time.
pytestmark = pytest.mark.usefixtures("uncounted")

# By hand: HYPOTHESIS_PROFILE=night python -m pytest tests/providers/test_fuzz.py --timeout 3600
PROFILE = os.environ.get("HYPOTHESIS_PROFILE") or ("ci" if os.environ.get("CI") else "dev")
EXAMPLES = {"dev": 200, "ci": 3_000, "night": 100_000}[PROFILE]

NASTY = [
    b"",
    b"\x00",
    b"\n",
    b"%00",
    b"%",
    b"%ff",
    b"&",
    b"=",
    b"+",
    b'"',
    b"\\ud800",
    b"\\u0000",
    b"{",
    b"[" * 2000,
    b"null",
    b"true",
    b"-1",
    b"1e999",
    b"NaN",
    b"9" * 400,
    b"0001-01-01T00:00:00+23:59",
    b"9999-12-31T23:59:59-23:59",
    b"Mon, 01 Jan 0001 00:00:00 +2359",
    b"\xff\xfe",
    "é١𝟙\ufeff\u2028".encode(),
    b"sip:",
    b"sip:@;:",
    b"completed",
    b"ringing",
    b"forward",
]


def nasty(random: Random) -> bytes:
    return random.choice(NASTY) if random.random() < 0.5 else random.randbytes(random.randint(0, 20))


def text(random: Random) -> str:
    """Headers are text as aiohttp hands it on: bytes that are no UTF-8 are lone surrogates."""
    raw = nasty(random) if random.random() < 0.5 else random.randbytes(random.randint(0, 80))
    return raw.decode("utf-8", "surrogateescape")


def mutated(random: Random, raw: bytes) -> bytes:
    """Bytes with up to four stretches replaced by others."""
    for _ in range(random.randint(0, 4)):
        start = random.randint(0, len(raw))
        end = random.randint(start, min(len(raw), start + random.choice([0, 1, 8, 64])))
        raw = raw[:start] + nasty(random) + raw[end:]
    return raw


def swapped(random: Random, hook: Hook) -> Hook:
    """The hook with the value of one of its fields replaced, JSON or form."""
    separators = [b"&", b"="] if b"&" in hook.body else [b",", b": "]
    fields = hook.body.split(separators[0])
    at = random.randrange(len(fields))
    name, equals, _ = fields[at].partition(separators[1])
    fields[at] = name + equals + nasty(random)
    return replace(hook, body=separators[0].join(fields))


def changed(random: Random, hook: Hook) -> Hook:
    """The hook with its body, its URL, its headers, its method or its time changed."""
    match random.randint(0, 5):
        case 0:
            return replace(hook, body=mutated(random, hook.body))
        case 1:
            target = mutated(random, hook.url.partition(".net")[2].encode()).decode("utf-8", "surrogateescape")
            return replace(hook, url=f"https://gw.example.net{target}")
        case 2:
            name = random.choice(sorted(hook.headers))
            return replace(hook, headers=Headers({**hook.headers, name: text(random)}))
        case 3:
            left_out = random.choice(sorted(hook.headers))
            kept = {name: value for name, value in hook.headers.items() if name != left_out}
            return replace(hook, headers=Headers(kept), method=random.choice(["GET", "POST", "PUT"]))
        case 4:
            seconds = random.randint(-(10**6), 10**6)
            return replace(hook, received_at=hook.received_at + timedelta(seconds=seconds))
        case _:
            return swapped(random, hook)


def noise(random: Random, names: list[str]) -> Hook:
    """Nothing that anyone ever sent."""
    return Hook(
        method=random.choice(["GET", "POST"]),
        url=f"https://gw.example.net/hooks/x?{text(random)}",
        headers=Headers({random.choice(names): text(random) for _ in range(random.randint(0, 6))}),
        body=nasty(random) if random.random() < 0.5 else random.randbytes(random.randint(0, 400)),
        received_at=datetime.fromisoformat("2026-03-31T12:36:00Z"),
    )


def connections(provider: str) -> list[Connection]:
    """The recorded connection, with a bearer, without a secret, and with settings that make no sense."""
    junk = dict.fromkeys(adapters()[provider].options, "x")
    nonsense = Connection(name="x", kind=provider, secrets=("c2VjcmV0",), control_url="x", options=junk)
    recorded = sample_connection(provider) or nonsense
    return [recorded, replace(recorded, auth="bearer"), replace(recorded, secrets=()), nonsense]


def randoms() -> Iterator[Random]:
    """One for each input; a draw of Hypothesis for every byte takes ten times as long as the adapter that reads it."""
    return (Random(seed) for seed in range(EXAMPLES))


@contextmanager
def printed(hook: Hook) -> Iterator[None]:
    """Whatever breaks says by which hook."""
    try:
        yield
    except Exception as error:
        error.add_note(f"the hook: {hook}, {dict(hook.headers)}")
        raise


def attempt(step: Callable[[], Event | None]) -> Event | None:
    """The only two ways an adapter may refuse."""
    try:
        return step()
    except (BadSignature, MalformedHook):
        return None


@pytest.mark.parametrize("provider", sorted(adapters()))
def test_nothing_breaks_an_adapter(provider: str) -> None:
    adapter = adapters()[provider]
    recorded = list(samples(provider).values())
    names = sorted({name for hook in recorded for name in hook.headers} | {"content-type", "authorization"})
    connection_choices = connections(provider)
    for random in randoms():
        is_noise = not recorded or random.random() < 0.3
        hook = noise(random, names) if is_noise else changed(random, random.choice(recorded))
        _take(adapter, hook, random.choice(connection_choices))


def _take(adapter: Adapter, hook: Hook, connection: Connection) -> None:
    with printed(hook):
        attempt(lambda: adapter.authenticate(hook, connection))
        event = attempt(lambda: adapter.parse(hook, connection))
        if event is None:
            return
        assert isinstance(event, get_args(Event))
        assert is_storable(event)
        # Nothing is authentic, and so nothing connected, where there is no secret.
        connected = Connect(caller_id="x", max_seconds=60)
        for outcome in (Acknowledged(), connected) if connection.secrets else (Acknowledged(),):
            told = adapter.reply(event, outcome, connection, public_url="https://gw.example.net")
            assert isinstance(told, Reply)


def is_storable(event: object) -> bool:
    """Whether PostgreSQL takes it all: texts in UTF-8 without NUL, instants that have a UTC."""
    for name in getattr(event, "__slots__", ()):
        value = getattr(event, name)
        if isinstance(value, datetime):
            value.astimezone(UTC)
        if isinstance(value, str):
            value.encode()
            if "\x00" in value:
                return False
        if not is_storable(value):
            return False
    return True


# What is only noted never refuses what is charged.

KEPT = object()
SPOILED_TEXTS: list[object] = [
    "",
    " ",
    "\x00",
    "a\nb",
    "x" * 5000,
    "NaN",
    "-1",
    "1e999",
    "0001-01-01T00:00:00+23:59",
    "é",
    "sip:%00@",
]
SPOILED_VALUES: list[object] = [*SPOILED_TEXTS, None, True, -1, 1.5, 10**30, [], {}, [{}], {"a": [1]}]


def drivers() -> Mapping[str, Driver]:
    """The drivers of the shared cases, by the kind of connection."""
    for path in Path(__file__).parent.glob("*/test_*.py"):
        if "(ProviderCases)" in path.read_text():
            import_module(f"tests.providers.{path.parent.name}.{path.stem}")
    return {each.driver.adapter.name: each.driver for each in ProviderCases.__subclasses__()}


Spoil = Callable[[object], object]


def spoiler(random: Random, values: list[object]) -> Spoil:
    """Some fields get a value each; all others get one value, or keep theirs."""
    all_others = random.choice([KEPT, *values])
    often = random.choice([0, 0.1, 0.5])

    def spoil(value: object) -> object:
        spoiled_value = random.choice(values) if random.random() < often else all_others
        return value if spoiled_value is KEPT else spoiled_value

    return spoil


def spoil_json(spoil: Spoil, value: object, kept: Collection[str]) -> object:
    """The value with its fields spoiled, but for the deciding ones."""
    if isinstance(value, list):
        return [spoil_json(spoil, each, kept) for each in value]
    if not isinstance(value, dict):
        return value
    return {
        name: spoil_json(spoil, inner, kept) if isinstance(inner, dict | list) or name in kept else spoil(inner)
        for name, inner in value.items()
    }


def ends_of(driver: Driver) -> list[tuple[Hook, CallEnded]]:
    return [(case.hook, case.event) for case in driver.cases().values() if isinstance(case.event, CallEnded)]


def spoiled(random: Random, hook: Hook, kept: Collection[str]) -> Hook:
    """The hook of an end with any of the fields spoiled that do not decide."""
    if hook.body.startswith(b"{"):
        values = spoil_json(spoiler(random, SPOILED_VALUES), json.loads(hook.body), kept)
        return replace(hook, body=json.dumps(values, ensure_ascii=False).encode())
    spoil = spoiler(random, SPOILED_TEXTS)
    pairs = parse_qsl(hook.body.decode(), keep_blank_values=True)
    pairs_spoiled = [(name, text if name in kept else str(spoil(text))) for name, text in pairs]
    return replace(hook, body=urlencode(pairs_spoiled).encode())


@pytest.mark.parametrize("provider", [kind for kind, driver in sorted(drivers().items()) if ends_of(driver)])
def test_what_is_only_noted_never_refuses_what_is_charged(provider: str) -> None:
    driver = drivers()[provider]
    ends = ends_of(driver)
    for random in randoms():
        sent, told = random.choice(ends)
        hook = spoiled(random, sent, driver.deciding)
        with printed(hook):
            event = driver.adapter.parse(hook, driver.connection)

            assert isinstance(event, CallEnded)
            assert (event.call_id, event.seconds) == (told.call_id, told.seconds)
            assert is_charged(event) == is_charged(told)
            assert is_storable(event)


def is_charged(event: CallEnded) -> bool:
    return event.seconds != 0 and event.cause not in NOT_ANSWERED
