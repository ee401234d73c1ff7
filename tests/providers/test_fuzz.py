"""Whatever arrives, an adapter reads it or refuses it; it never breaks. What decides what is charged is always taken.

The hooks are the recorded samples with anything changed, or nothing but noise. Both steps are asked for whether the
other refused or not: what is not authentic must not break `parse` either, lest a leaked secret be enough to.
"""

import json
import os
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import get_args
from urllib.parse import parse_qsl, urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.domain.calls.settlement import NOT_ANSWERED
from gateway.domain.connection import Connection
from gateway.domain.errors import BadSignature, MalformedHook
from gateway.domain.events import CallEnded, Event
from gateway.providers import adapters
from gateway.providers.base import Acknowledged, Connect, Hook, Reply
from tests.providers.cases import Case, Driver, ProviderCases
from tests.support.http_samples import Headers, sample_connection, samples

# By hand: HYPOTHESIS_PROFILE=night python -m pytest tests/providers/test_fuzz.py --timeout 3600
PROFILE = os.environ.get("HYPOTHESIS_PROFILE") or ("ci" if os.environ.get("CI") else "dev")
EXAMPLES = {"dev": 200, "ci": 2_000, "night": 100_000}[PROFILE]

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
nasty = st.one_of(st.sampled_from(NASTY), st.binary(max_size=20))
# Headers are text as aiohttp hands it on: bytes that are no UTF-8 are lone surrogates.
texts = st.one_of(nasty, st.binary(max_size=80)).map(lambda raw: raw.decode("utf-8", "surrogateescape"))


@st.composite
def mutated(draw: st.DrawFn, raw: bytes) -> bytes:
    """Bytes with up to four stretches replaced by others."""
    for _ in range(draw(st.integers(0, 4))):
        start = draw(st.integers(0, len(raw)))
        end = draw(st.integers(start, min(len(raw), start + draw(st.sampled_from([0, 1, 8, 64])))))
        raw = raw[:start] + draw(nasty) + raw[end:]
    return raw


@st.composite
def swapped(draw: st.DrawFn, hook: Hook) -> Hook:
    """The hook with the value of one of its fields replaced, JSON or form."""
    separators = [b"&", b"="] if b"&" in hook.body else [b",", b": "]
    fields = hook.body.split(separators[0])
    at = draw(st.integers(0, len(fields) - 1))
    name, equals, _ = fields[at].partition(separators[1])
    fields[at] = name + equals + draw(nasty)
    return replace(hook, body=separators[0].join(fields))


@st.composite
def changed(draw: st.DrawFn, hook: Hook) -> Hook:
    """The hook with its body, its URL, its headers, its method or its time changed."""
    match draw(st.integers(0, 5)):
        case 0:
            return replace(hook, body=draw(mutated(hook.body)))
        case 1:
            target = hook.url.partition(".net")[2].encode()
            return replace(
                hook, url="https://gw.example.net" + draw(mutated(target)).decode("utf-8", "surrogateescape")
            )
        case 2:
            name = draw(st.sampled_from(sorted(hook.headers)))
            return replace(hook, headers=Headers({**hook.headers, name: draw(texts)}))
        case 3:
            left_out = draw(st.sampled_from(sorted(hook.headers)))
            kept = {name: value for name, value in hook.headers.items() if name != left_out}
            return replace(hook, headers=Headers(kept), method=draw(st.sampled_from(["GET", "POST", "PUT"])))
        case 4:
            seconds = draw(st.integers(-(10**6), 10**6))
            return replace(hook, received_at=hook.received_at + timedelta(seconds=seconds))
        case _:
            return draw(swapped(hook))


@st.composite
def noise(draw: st.DrawFn, names: list[str]) -> Hook:
    """Nothing that anyone ever sent."""
    headers = draw(st.dictionaries(st.sampled_from(names), texts, max_size=6))
    query = draw(texts)
    return Hook(
        method=draw(st.sampled_from(["GET", "POST"])),
        url=f"https://gw.example.net/hooks/x?{query}",
        headers=Headers(headers),
        body=draw(st.one_of(nasty, st.binary(max_size=400))),
        received_at=datetime.fromisoformat("2026-03-31T12:36:00Z"),
    )


def hooks(provider: str) -> st.SearchStrategy[Hook]:
    recorded = list(samples(provider).values())
    names = sorted({name for hook in recorded for name in hook.headers} | {"content-type", "authorization"})
    if not recorded:
        return noise(names)
    return st.one_of(st.sampled_from(recorded).flatmap(changed), noise(names))


def connections(provider: str) -> list[Connection]:
    """The recorded connection, with a bearer, without a secret, and with settings that make no sense."""
    junk = dict.fromkeys(adapters()[provider].options, "x")
    nonsense = Connection(name="x", kind=provider, secrets=("c2VjcmV0",), control_url="x", options=junk)
    recorded = sample_connection(provider) or nonsense
    return [recorded, replace(recorded, auth="bearer"), replace(recorded, secrets=()), nonsense]


def attempt(step: Callable[[], Event | None]) -> Event | None:
    """The only two ways an adapter may refuse."""
    try:
        return step()
    except (BadSignature, MalformedHook):
        return None


@pytest.mark.parametrize("provider", sorted(adapters()))
def test_nothing_breaks_an_adapter(provider: str) -> None:
    adapter = adapters()[provider]
    connection_choices = connections(provider)

    @settings(max_examples=EXAMPLES, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
    @given(hook=hooks(provider), connection=st.sampled_from(connection_choices))
    def run(hook: Hook, connection: Connection) -> None:
        attempt(lambda: adapter.authenticate(hook, connection))
        event = attempt(lambda: adapter.parse(hook, connection))
        if event is not None:
            assert isinstance(event, get_args(Event))
            # Nothing is authentic, and so nothing connected, where there is no secret.
            for outcome in (
                (Acknowledged(), Connect(caller_id="x", max_seconds=60)) if connection.secrets else (Acknowledged(),)
            ):
                told = adapter.reply(event, outcome, connection, public_url="https://gw.example.net")
                assert isinstance(told, Reply)
            assert is_storable(event)

    run()


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

SPOILED_TEXTS = [
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
SPOILED_VALUES = [*SPOILED_TEXTS, None, True, -1, 1.5, 10**30, [], {}, [{}], {"a": [1]}]


def drivers() -> Mapping[str, Driver]:
    """The drivers of the shared cases, by the kind of connection."""
    for path in Path(__file__).parent.glob("*/test_*.py"):
        if "(ProviderCases)" in path.read_text():
            import_module(f"tests.providers.{path.parent.name}.{path.stem}")
    return {each.driver.adapter.name: each.driver for each in ProviderCases.__subclasses__()}


def spoil_json(draw: st.DrawFn, value: object, kept: Collection[str]) -> object:
    """The value with any of its fields replaced by something else, but for the deciding ones."""
    if isinstance(value, list):
        return [spoil_json(draw, each, kept) for each in value]
    if not isinstance(value, dict):
        return value
    spoiled = {}
    for name, inner in value.items():
        is_container = isinstance(inner, dict | list)
        if is_container or name in kept or not draw(st.booleans()):
            spoiled[name] = spoil_json(draw, inner, kept)
        else:
            spoiled[name] = draw(st.sampled_from(SPOILED_VALUES))
    return spoiled


@st.composite
def spoiled(draw: st.DrawFn, case: Case, kept: Collection[str]) -> Hook:
    """The hook of an end with any of the fields spoiled that do not decide."""
    if case.hook.body.startswith(b"{"):
        body = spoil_json(draw, json.loads(case.hook.body), kept)
        return replace(case.hook, body=json.dumps(body, ensure_ascii=False).encode())
    pairs = parse_qsl(case.hook.body.decode(), keep_blank_values=True)
    changed_pairs = [
        (name, draw(st.sampled_from(SPOILED_TEXTS)) if name not in kept and draw(st.booleans()) else text)
        for name, text in pairs
    ]
    return replace(case.hook, body=urlencode(changed_pairs).encode())


ENDS = [
    (kind, name)
    for kind, driver in sorted(drivers().items())
    for name, case in driver.cases().items()
    if isinstance(case.event, CallEnded)
]


@pytest.mark.parametrize(("provider", "name"), ENDS)
def test_what_is_only_noted_never_refuses_what_is_charged(provider: str, name: str) -> None:
    driver = drivers()[provider]
    case = driver.cases()[name]
    assert isinstance(case.event, CallEnded)
    told = case.event

    @settings(max_examples=EXAMPLES, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
    @given(hook=spoiled(case, driver.deciding))
    def run(hook: Hook) -> None:
        event = driver.adapter.parse(hook, driver.connection)

        assert isinstance(event, CallEnded)
        assert (event.call_id, event.seconds) == (told.call_id, told.seconds)
        assert is_charged(event) == is_charged(told)
        assert is_storable(event)

    run()


def is_charged(event: CallEnded) -> bool:
    return event.seconds != 0 and event.cause not in NOT_ANSWERED
