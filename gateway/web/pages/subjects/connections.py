"""Connections: how they are, what is pasted into their providers, and a call played through one."""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from gateway.domain.access.actions import Action
from gateway.web.pages.filling import filled
from gateway.web.pages.page import Deed, Page, Shown
from gateway.web.pages.visit import PageVisit

ONE: Final = "/connections/{connection}"
TEST: Final = f"{ONE}/test"
# A line of a kit that says what a field of the provider's pages is filled in with.
_FIELD: Final = re.compile(r"^ *(?P<name>\S+(?: \S+)*)  +(?P<value>\S.*)$", re.MULTILINE)


async def list_connections(visit: PageVisit) -> Shown:
    connections = await visit.ask("list_connections")
    return Shown(
        values={"connections": connections.data},
        list_route="list_connections",
        api="/connections",
        command="gateway connection list",
    )


async def show_connection(visit: PageVisit) -> Shown:
    """Its control URL is asked meanwhile, so it may take some seconds."""
    name = visit.path["connection"]
    connection = await visit.ask("show_connection", path={"connection": name})
    kit = await visit.ask("show_kit", path={"connection": name})
    return Shown(
        values={
            "connection": connection,
            "kit": kit.kit,
            "kit_fields": fields_of(kit.kit),
            "may_test": visit.may(Action.CONNECTIONS_TEST),
            "played": None,
        },
        api=f"/connections/{name}",
        command=f"gateway connection test {name}",
    )


def fields_of(kit: str) -> Sequence[tuple[str, str]]:
    """What a kit says to fill in: the name of each field of the provider's pages, and its value."""
    return [(found["name"], found["value"]) for found in _FIELD.finditer(kit)]


async def play_call(visit: PageVisit) -> Shown:
    """What each step came to stands on the page once: it is not kept, though the call is."""
    name = visit.path["connection"]
    body: dict[str, Any] = filled(visit, "line", "callee")
    seconds = visit.form.get("seconds", "").strip()
    if seconds:
        body["seconds"] = int(seconds) if seconds.isascii() and seconds.isdigit() else seconds
    played = await visit.do("test_connection", path={"connection": name}, body=body)
    shown = await show_connection(visit)
    return replace(shown, values={**shown.values, "played": played})


PAGES: Final = (
    Page(path="/connections", name="connections.list", action=Action.CONNECTIONS_READ, show=list_connections, place=65),
    Page(path=ONE, name="connections.one", action=Action.CONNECTIONS_READ, show=show_connection),
)
DEEDS: Final = (Deed(path=TEST, page=ONE, action=Action.CONNECTIONS_TEST, do=play_call),)
