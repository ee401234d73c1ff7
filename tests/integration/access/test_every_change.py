"""Whatever somebody can have changed takes an actor, and writes down that it was they: found by walking the code."""

import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator
from functools import cache
from types import CodeType, FunctionType, ModuleType

import click
import pytest

import gateway.cli
import gateway.usecases
import gateway.web.api.resources
from gateway.domain.access.actor import Actor
from gateway.postgres.sql import queries
from gateway.usecases.access.write_down import write_down
from tests.integration.access.test_written_down import WRITTEN

CHANGES = re.compile(r"^\s*(INSERT INTO|UPDATE|DELETE FROM)\b", re.MULTILINE)
# What the gateway does by itself, and a command only has done now.
DONE_BY_THE_GATEWAY = {"run_all_due", "replay_spool"}
# Written down as the others are, and tried where what they need is there.
TRIED_ELSEWHERE = {
    "archive_month",
    "begin_cell",
    "change_own",
    "change_person",
    "create_token",
    "cut_calls_of",
    "end_session",
    "forget_factors",
    "invite",
    "invite_by_mail",
    "make_link",
    "rehearse_call",
    "remove_member",
    "revoke_token",
}


def modules_below(package: ModuleType) -> Iterator[ModuleType]:
    for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        yield importlib.import_module(found.name)


def functions_of(module: ModuleType) -> Iterator[FunctionType]:
    """Its own, and those of its commands."""
    for value in vars(module).values():
        function = inspect.unwrap(value.callback) if isinstance(value, click.Command) and value.callback else value
        if is_ours(function) and function.__module__ == module.__name__:
            yield function


def is_ours(value: object) -> bool:
    return isinstance(value, FunctionType) and value.__module__.startswith("gateway.")


def codes_of(function: FunctionType) -> Iterator[CodeType]:
    """A function's code, and that of all that is defined within it."""
    waiting = [function.__code__]
    while waiting:
        code = waiting.pop()
        yield code
        waiting += [const for const in code.co_consts if isinstance(const, CodeType)]


@cache
def called_by(function: FunctionType) -> frozenset[FunctionType]:
    """Functions of ours that a function names, by themselves or by their module."""
    names = {name for code in codes_of(function) for name in code.co_names}
    known = [function.__globals__[name] for name in names if name in function.__globals__]
    modules = [each for each in known if isinstance(each, ModuleType) and each.__name__.startswith("gateway.")]
    of_modules = [getattr(module, name) for module in modules for name in names if hasattr(module, name)]
    return frozenset(inspect.unwrap(each) for each in (*known, *of_modules) if is_ours(each))


@cache
def reached_from(function: FunctionType) -> frozenset[FunctionType]:
    reached, waiting = {function}, [function]
    while waiting:
        new = called_by(waiting.pop()) - reached
        reached |= new
        waiting += new
    return frozenset(reached)


@cache
def asks_for_a_change(function: FunctionType) -> bool:
    """Whether a function names a query that changes rows."""
    texts = {const for code in codes_of(function) for const in code.co_consts if isinstance(const, str)}
    return any(CHANGES.search(queries()[text].text) for text in texts if text in queries())


def use_cases() -> dict[str, FunctionType]:
    """Those that commands and the API call."""
    faces = [module for face in (gateway.cli, gateway.web.api.resources) for module in modules_below(face)]
    called = {each for module in faces for function in functions_of(module) for each in called_by(function)}
    return {each.__name__: each for each in called if each.__module__.startswith(gateway.usecases.__name__)}


def changing() -> dict[str, FunctionType]:
    found = {
        name: each for name, each in use_cases().items() if any(asks_for_a_change(one) for one in reached_from(each))
    }
    return {name: each for name, each in found.items() if name not in DONE_BY_THE_GATEWAY}


@pytest.mark.parametrize("name", sorted(changing()))
def test_what_changes_something_takes_an_actor_and_writes_it_down(name: str) -> None:
    use_case = changing()[name]
    keywords = [each for each in inspect.signature(use_case).parameters.values() if each.kind is each.KEYWORD_ONLY]

    assert (keywords[0].name, keywords[0].annotation, keywords[0].default) == ("actor", Actor, inspect.Parameter.empty)
    assert write_down in reached_from(use_case)


def test_each_of_them_is_tried() -> None:
    tried = {name.partition(",")[0].removesuffix(" again") for name in WRITTEN}

    assert changing().keys() - TRIED_ELSEWHERE == tried
