"""Audit: who did what, to what, and what it was before and after."""

import json
from typing import Any, Final

import msgspec

from gateway.domain.access.actions import Action
from gateway.domain.access.actor import ActorKind
from gateway.web.pages.dates import with_instants
from gateway.web.pages.listing import next_href
from gateway.web.pages.page import OWN, Page, Shown
from gateway.web.pages.visit import PageVisit


async def list_audit(visit: PageVisit) -> Shown:
    query = with_instants(visit.query, visit.zone)
    if visit.account_id is not None:
        query["account_id"] = str(visit.account_id)
    rows = await visit.ask("list_audit", query=query)
    return Shown(
        values={
            "rows": rows.data,
            "filters": visit.query,
            "actions": [(action.value, action.value) for action in Action],
            "actor_kinds": [kind.value for kind in ActorKind],
            "as_text": _as_text,
            "next_href": next_href(visit, "list_audit", rows),
        },
        list_route="list_audit",
        query={name: value for name, value in query.items() if name != "after"},
        api="/audit",
        command="gateway audit list",
    )


def _as_text(value: Any) -> str:
    """What an object was, as it is written down."""
    return json.dumps(msgspec.to_builtins(value), indent=2, ensure_ascii=False)


PAGES: Final = (
    Page(path="/audit", name="audit.list", action=Action.AUDIT_READ, show=list_audit, place=95),
    Page(path=f"{OWN}/audit", name="audit.list", action=Action.AUDIT_READ, show=list_audit, place=80),
)
