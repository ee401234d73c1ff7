"""Support gives back a little; who runs the gateway gives back what there is."""

from decimal import Decimal

from gateway.domain.access.actor import Actor, ActorKind, command_line
from gateway.domain.access.permissions import refund_max
from gateway.domain.access.roles import Role


def test_only_support_has_a_limit() -> None:
    support = Actor(kind=ActorKind.TOKEN, id="1", role=Role.SUPPORT)

    assert refund_max(support, support_max=Decimal(20)) == Decimal(20)
    assert refund_max(command_line("anna"), support_max=Decimal(20)) is None
