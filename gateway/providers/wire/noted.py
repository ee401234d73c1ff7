"""What is only noted of a call never refuses what is charged: a field that cannot be read is left out, and logged.

Each adapter names those fields of a hook that decide nothing. The ordinary hook costs nothing more: only one that was
refused for such a field is read again, without it.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Final, TypeVar, assert_never

import msgspec

from gateway.domain.errors import MalformedHook
from gateway.domain.events import CallAnswered, CallEnded, CallHinted, CallStarted, Event, Ignored
from gateway.numbers.parties import PARTY
from gateway.providers.wire.fields import decode
from gateway.providers.wire.forms import Form

# What is left out with a field: the names of the hook's own fields.
Noted = Mapping[str, tuple[str, ...]]
S = TypeVar("S")

_ANY: Final = msgspec.json.Decoder(float_hook=Decimal)
_encode: Final = msgspec.json.Encoder(decimal_format="number").encode


def noted(*names: str) -> Noted:
    """Fields that are each left out alone."""
    return {name: (name,) for name in names}


def told_together(*names: str) -> Noted:
    """The fields of a start that an end repeats: without one of them the others could name somebody else's line."""
    return dict.fromkeys((*names, PARTY), names)


def read_json(body: bytes, fields: Noted, read: Callable[[bytes], Event]) -> Event:
    """Read a body, without those of these fields that refuse it."""
    return _read(body, fields, read, _json_without)


def read_form(form: Form, fields: Noted, read: Callable[[Form], Event]) -> Event:
    """Read a form, without those of these fields that refuse it."""
    return _read(form, fields, read, lambda form, names: form.without(*names))


def _read(hook: S, fields: Noted, read: Callable[[S], Event], without: Callable[[S, tuple[str, ...]], S]) -> Event:
    left_out: tuple[str, ...] = ()
    while True:
        try:
            event = read(hook)
        except MalformedHook as error:
            name = error.field.rpartition(".")[2].partition("[")[0]
            names = fields.get(name, ())
            if not names or set(names) <= set(left_out):
                raise
            hook, left_out = without(hook, names), (*left_out, *names)
        else:
            return _said(event, left_out) if left_out else event


def _said(event: Event, left_out: tuple[str, ...]) -> Event:
    match event:
        case CallStarted() | CallAnswered() | CallEnded() | CallHinted():
            return replace(event, left_out=tuple(dict.fromkeys(left_out)))
        case Ignored():
            return event
        case _ as never:
            assert_never(never)


def _json_without(body: bytes, names: tuple[str, ...]) -> bytes:
    """The body as if fields of these names had not come, wherever in it."""
    whole = decode(_ANY, body)
    waiting: list[object] = [whole]
    while waiting:
        each = waiting.pop()
        if isinstance(each, dict):
            for name in names:
                each.pop(name, None)
            waiting.extend(each.values())
        elif isinstance(each, list):
            waiting.extend(each)
    return _encode(whole)
