"""Who may: pure, and the only place that is asked."""

from decimal import Decimal
from enum import StrEnum

from gateway.domain.access.actions import GRANTS, Action, Reach
from gateway.domain.access.actor import Actor
from gateway.domain.access.roles import Role


class Permission(StrEnum):
    """HIDDEN: it is another's, and whether it exists is not told either."""

    ALLOWED = "allowed"
    FORBIDDEN = "forbidden"
    HIDDEN = "not_found"


def reach_of(actor: Actor, action: Action) -> Reach:
    """For whom an actor may do it."""
    if actor.scopes is not None and action.scope not in actor.scopes:
        return Reach.NONE
    reach = GRANTS[action].of(actor.role)
    # Somebody of an account without one would be somebody of all.
    return Reach.NONE if reach is Reach.OWN and actor.account_id is None else reach


def may(actor: Actor, action: Action, account_id: int | None) -> Permission:
    """Whether an actor may do it to an account, or what belongs to it; None: to what belongs to no account."""
    reach = reach_of(actor, action)
    if reach is Reach.NONE:
        return Permission.FORBIDDEN
    if reach is Reach.ALL or account_id == actor.account_id:
        return Permission.ALLOWED
    return Permission.HIDDEN


def refund_max(actor: Actor, *, support_max: Decimal) -> Decimal | None:
    """How much an actor may give back at once, in the currency of the account; None: whatever there is."""
    return support_max if actor.role is Role.SUPPORT else None
