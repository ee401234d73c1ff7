"""Webhooks: the last that came, and one with what was replied."""

from typing import Final

import msgspec

from gateway.domain.access.actions import Action
from gateway.web.pages.listing import next_href
from gateway.web.pages.page import Page, Shown
from gateway.web.pages.visit import PageVisit

ALL: Final = "/webhooks"
ONE: Final = "/webhooks/{hook_id}"


async def list_webhooks(visit: PageVisit) -> Shown:
    query = visit.query
    hooks = await visit.ask("list_hooks", query=query)
    connections = await visit.ask("list_connections")
    names = [each.name for each in connections.data]
    asked = {name: value for name, value in query.items() if name != "after"}
    return Shown(
        values={
            "hooks": hooks.data,
            "next_href": next_href(visit, "list_hooks", hooks),
            "filters": query,
            "connections": [(name, name) for name in names],
            "days": visit.visit.context.settings.hooks_days,
        },
        list_route="list_hooks",
        query=asked,
        api="/hooks",
        command=f"gateway hook list{_options(asked)}",
    )


async def show_webhook(visit: PageVisit) -> Shown:
    hook_id = visit.path["hook_id"]
    hook = await visit.ask("show_hook", path={"hook_id": hook_id})
    return Shown(
        values={
            "hook": hook,
            "body": _readable(hook.body),
            "reply": _readable(hook.reply),
            "is_cut_off": len(hook.body.encode()) < hook.bytes,
            "is_refused": hook.status >= 300,
            "of_call": None if hook.provider_call_id is None else f"{hook.connection}:{hook.provider_call_id}",
        },
        api=f"/hooks/{hook_id}",
        command=f"gateway hook show {hook_id}",
    )


def _options(query: dict[str, str]) -> str:
    """The same of the command."""
    named = "".join(f" --{name} {query[name]}" for name in ("connection", "call") if name in query)
    outcome = {"true": " --refused", "false": " --taken"}.get(query.get("is_refused", ""), "")
    return named + outcome


def _readable(text: str) -> str:
    """JSON a line for each value; whatever else, as it came."""
    try:
        return msgspec.json.format(text, indent=2)
    except (msgspec.DecodeError, ValueError):
        return text


PAGES: Final = (
    Page(path=ALL, name="webhooks.list", action=Action.HOOKS_READ, show=list_webhooks, place=67),
    Page(path=ONE, name="webhooks.one", action=Action.HOOKS_READ, show=show_webhook),
)
