"""People of the demo: its operator, and two of Anna's account."""

from dataclasses import dataclass
from typing import Final

from gateway.clock import Clock
from gateway.demo.world import DEMO
from gateway.domain.access.roles import Role
from gateway.domain.errors import NotFound
from gateway.postgres.types import PgConnection
from gateway.usecases.access.links import make_link
from gateway.usecases.access.members import Invitation, invite
from gateway.usecases.access.people import find_person


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoPerson:
    """Somebody as whom a visitor may look around."""

    email: str
    name: str
    role: Role


OPERATOR: Final = DemoPerson(email="olga@example.com", name="Olga (operator)", role=Role.OPERATOR)
PEOPLE: Final = (
    OPERATOR,
    DemoPerson(email="anna@example.com", name="Anna (administrator)", role=Role.ADMINISTRATOR),
    DemoPerson(email="ralf@example.com", name="Ralf (reader)", role=Role.READER),
)
ADDRESSES: Final = tuple(each.email for each in PEOPLE)


async def invite_people(conn: PgConnection, *, anna: int, clock: Clock) -> None:
    """Those who are not there yet."""
    for each in PEOPLE:
        try:
            await find_person(conn, email=each.email)
        except NotFound:
            account_id = anna if each.role.is_of_account else None
            invitation = Invitation(email=each.email, role=each.role, account_id=account_id, name=each.name)
            await invite(conn, actor=DEMO, invitation=invitation, now=clock.now())


async def operators_link(conn: PgConnection, *, url: str, clock: Clock) -> str:
    """An address that signs the operator in, once."""
    person = await find_person(conn, email=OPERATOR.email)
    return (await make_link(conn, actor=DEMO, person=person, base_url=url, now=clock.now())).url
