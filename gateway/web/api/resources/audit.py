"""Who did what."""

from gateway.domain.access.actions import Action
from gateway.domain.access.actor import ActorKind
from gateway.postgres.access import audit
from gateway.postgres.access.audit import AuditFilters, AuditRow
from gateway.web.api.reading import Id, Instant, ListQuery, Text
from gateway.web.api.route import Asked, Method, Route, Rows


class AuditQuery(
    ListQuery, frozen=True, kw_only=True, forbid_unknown_fields=True, rename={"since": "from", "until": "to"}
):
    account_id: Id | None = None
    since: Instant | None = None
    until: Instant | None = None
    action: Action | None = None
    actor_kind: ActorKind | None = None
    actor_id: Text | None = None
    object: Text | None = None


async def list_audit(asked: Asked[AuditQuery, None]) -> Rows[AuditRow]:
    """An account's people are told who is who among their own; who acts for the operator is known by an id."""
    query = asked.query
    filters = AuditFilters(
        account_id=asked.account_id,
        since=query.since,
        until=query.until,
        action=query.action,
        actor_kind=query.actor_kind,
        actor_id=query.actor_id,
        object=query.object,
    )
    found = await audit.page(
        asked.conn, filters, before=asked.before_id, limit=asked.one_more, named_for=asked.actor.account_id
    )
    return asked.rows(found)


ROUTES = (
    Route(
        method=Method.GET,
        path="/audit",
        name="list_audit",
        tag="audit",
        action=Action.AUDIT_READ,
        summary="Who did what, newest first",
        handle=list_audit,
        reply=AuditRow,
        query=AuditQuery,
        is_list=True,
    ),
)
