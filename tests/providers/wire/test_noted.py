"""What is only noted of a call never refuses what is charged."""

import msgspec
import pytest

from gateway.domain.errors import MalformedHook
from gateway.domain.events import CallHinted, Event, Ignored
from gateway.providers.wire.noted import noted, read_json


def refuse_cost(body: bytes) -> Event:
    """A reader that cannot read the cost of any leg."""
    if b"cost" in body:
        raise MalformedHook("no cost", "legs[0].cost")
    return CallHinted(call_id=msgspec.json.decode(body)["id"])


def test_a_field_is_left_out_wherever_it_is() -> None:
    event = read_json(b'{"id":"a","legs":[{"cost":1e999,"n":[1]},{"cost":2}]}', noted("cost"), refuse_cost)

    assert isinstance(event, CallHinted)
    assert (event.call_id, event.left_out) == ("a", ("cost",))


def test_a_field_that_decides_refuses() -> None:
    with pytest.raises(MalformedHook, match="no cost"):
        read_json(b'{"cost":1}', noted("price"), refuse_cost)


def test_what_is_refused_without_the_field_too_is_refused() -> None:
    with pytest.raises(MalformedHook, match="no cost"):
        read_json(b'{"id":"cost","cost":1}', noted("cost"), refuse_cost)


def test_what_is_ignored_names_nothing() -> None:
    def ignore(body: bytes) -> Event:
        if b"cost" in body:
            raise MalformedHook("no cost", "cost")
        return Ignored(kind="x")

    assert read_json(b'{"cost":1}', noted("cost"), ignore) == Ignored(kind="x")
