"""The command line beside the API: what one can be asked the other can, by the same names; or it is said why not."""

from collections.abc import Iterator

import click
import msgspec
import pytest

from gateway.cli import cli
from gateway.web.api.route import Route
from gateway.web.api.routes import ROUTES

LISTS = {
    "list_accounts": "account list",
    "list_account_usage": "usage",
    "list_audit": "audit list",
    "list_booked": "ledger list",
    "list_calls": "calls list",
    "list_call_hours": "calls hours",
    "list_connections": "connection list",
    "list_connectors": "connector list",
    "list_crm_given_up": "crm given-up",
    "list_entries": "ledger show",
    "list_events": "events list",
    "list_faults": "doctor",
    "list_hooks": "hook list",
    "list_large_sums": "large-sum list",
    "list_live_calls": "calls list",
    "list_mails": "mail list",
    "list_members": "account members",
    "list_numbers": "number list",
    "list_people": "person list",
    "list_provider_balances": "connection balances",
    "list_rates": "rates search",
    "list_rate_versions": "rates versions",
    "list_sessions": "session list",
    "list_statements": "account statements",
    "list_stops": "account stops",
    "list_tokens": "token list",
    "list_usage": "usage",
}
WRITES = {
    "adjust": "adjust",
    "approve_large_sum": "large-sum approve",
    "block_account": "account block",
    "change_account": "account set",
    "change_caps": "caps set",
    "change_connector": "connector set",
    "change_mail_kinds": "mail settings",
    "change_person": "person set",
    "close_account": "account close",
    "close_call": "calls close",
    "create_token": "token create",
    "cut_call": "calls cut",
    "cut_calls": "calls cut-all",
    "end_session": "session revoke",
    "forget_factors": "person forget-factors",
    "give_up_connector": "connector give-up",
    "give_up_number": "number give-up",
    "import_connector": "connector add",
    "import_number": "number add",
    "import_rates": "rates import",
    "invite_member": "person invite",
    "invite_person": "person invite",
    "lost_connector": "number lost",
    "lost_number": "number lost",
    "move_number": "number move",
    "open_account": "account create",
    "refund": "refund",
    "refuse_large_sum": "large-sum refuse",
    "remove_member": "person remove",
    "remove_membership": "person remove",
    "rent_connector": "connector rent",
    "rent_number": "number rent",
    "revoke_token": "token revoke",
    "send_mail_again": "mail send-again",
    "set_rate": "rates set",
    "test_connection": "connection test",
    "top_up": "topup",
    "try_crm_again": "crm try-again",
    "unblock_account": "account unblock",
    "undo_connector": "connector undo",
    "undo_import": "rates undo",
    "undo_number": "number undo",
}
# What one is shown, and what changes nothing.
SHOWN = {
    "account export": "export_account",
    "account show": "show_account",
    "account statement": "show_statement",
    "calls show": "show_call",
    "caps show": "show_caps",
    "check": "check_ledger",
    "hook show": "show_hook",
    "kit": "show_kit",
    "mail show": "show_mail",
    "number search": "list_offers",
    "person disable": "change_person",
    "person enable": "change_person",
    "quote": "quote_call",
    "simulate": "forecast_account",
}
# Why there is no route: what is about the machine, its files and its processes is for who has a terminal there.
COMMANDS_ALONE = {
    "archive": "takes calls out of the database into a file of the machine",
    "backup": "writes a file of the machine",
    "cells begin": "is done to an empty database, which nobody can sign in to",
    "cells check": "asks the databases of all cells",
    "completion": "is for a shell",
    "migrate": "is done before anything is served",
    "person link": "is for who cannot sign in",
    "rates sniff": "reads a file of the machine",
    "rents run": "does at once what a process that works does by itself",
    "restore": "replaces the database that is served from",
    "serve": "serves the API",
    "spool replay": "is about files of the machine",
    "spool show": "is about files of the machine",
    "work": "works beside what serves",
}
# Why there is no command.
NONE = {
    "change_me": "nobody has signed in at the command line: `person set` changes whoever is named",
    "end_own_session": "a session is a browser's: `session revoke` ends whichever is named",
    "list_own_sessions": "a session is a browser's: `session list --person` has somebody's",
    "list_settings": "a command reads the settings of where it is typed, which need not be those of what serves",
}
# Filters by other names: a command names a call and whoever did something in one word.
SAID_OTHERWISE = {
    "account_id": "account",
    "actor_id": "actor",
    "actor_kind": "actor",
    "call_id": "call",
    "is_refused": "refused",
    "q": "query",
}
# Why a command has no such option.
NO_OPTION = {
    "after": "a command prints all, or says with --before where it goes on",
    "ids": "a page looks up the names of the accounts on it; `account show` has one",
    "language": "a command says everything in English",
    "limit": "a command prints all, or says with --limit how many",
}


def command_of(words: str) -> click.Command:
    found: click.Command = cli
    for word in words.split():
        assert isinstance(found, click.Group)
        child = found.get_command(click.Context(cli), word)
        assert child is not None, words
        found = child
    return found


def commands(group: click.Group = cli, *path: str) -> Iterator[str]:
    """All that do something, by their words."""
    context = click.Context(group)
    for name in group.list_commands(context):
        child = group.get_command(context, name)
        if isinstance(child, click.Group):
            yield from commands(child, *path, name)
        else:
            yield " ".join((*path, name))


def names_of(command: click.Command) -> Iterator[str]:
    """What it can be given, as the API would spell it."""
    for each in command.params:
        yield from (option.lstrip("-").replace("-", "_") for option in each.opts)


def filters_of(route: Route) -> set[str]:
    return {each.encode_name for each in msgspec.structs.fields(route.query)} - set(NO_OPTION)


def lists() -> list[Route]:
    return [route for route in ROUTES if route.is_list and route.name not in NONE]


@pytest.mark.parametrize("route", lists(), ids=lambda route: route.name)
def test_a_list_has_a_command_with_its_filters(route: Route) -> None:
    names = set(names_of(command_of(LISTS[route.name])))

    missing = {each for each in filters_of(route) if not names & {each, SAID_OTHERWISE.get(each, each)}}

    assert missing == set()
    assert {"csv", "json"} <= names


def test_whatever_writes_has_a_command_or_a_reason() -> None:
    writing = {route.name for route in ROUTES if route.is_write}

    assert writing == (set(WRITES) | set(NONE)) & writing
    assert set(WRITES) <= writing
    assert {name for name, words in WRITES.items() if "json" not in names_of(command_of(words))} == set()


def test_a_command_has_a_route_or_a_reason() -> None:
    by_the_api = {*LISTS.values(), *WRITES.values(), *SHOWN}

    assert {*commands()} == by_the_api | COMMANDS_ALONE.keys()
    assert by_the_api & COMMANDS_ALONE.keys() == set()
    assert {*SHOWN.values()} <= {route.name for route in ROUTES}


def test_reasons_are_for_what_is_there() -> None:
    assert set(NONE) <= {route.name for route in ROUTES}
    assert set(LISTS) == {route.name for route in lists()}
