"""Who asks."""

import msgspec

from gateway.domain.access.actions import SCOPES, Action, Reach
from gateway.domain.access.actor import ActorKind
from gateway.domain.access.permissions import reach_of
from gateway.domain.access.roles import Role
from gateway.web.api.route import Asked, Method, NoQuery, Route


class Me(msgspec.Struct, frozen=True, kw_only=True):
    """Who asks, and what they may: the actions, each for all accounts or for their own."""

    kind: ActorKind
    id: str
    role: Role
    account_id: int | None
    scopes: list[str]
    actions: dict[str, Reach]


async def show_me(asked: Asked[NoQuery, None]) -> Me:
    actor = asked.actor
    reaches = {action.value: reach_of(actor, action) for action in Action}
    return Me(
        kind=actor.kind,
        id=actor.id,
        role=actor.role,
        account_id=actor.account_id,
        scopes=list(SCOPES) if actor.scopes is None else sorted(actor.scopes),
        actions={name: reach for name, reach in reaches.items() if reach is not Reach.NONE},
    )


ROUTES = (
    Route(
        method=Method.GET,
        path="/me",
        name="show_me",
        tag="me",
        action=Action.ME_READ,
        summary="Who am I, and what may I do?",
        handle=show_me,
        reply=Me,
    ),
)
