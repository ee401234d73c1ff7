"""Who does something: nothing is written without one."""

from dataclasses import dataclass

from gateway.domain.access.roles import Role
from gateway.domain.described import Described


class ActorKind(Described):
    """How somebody is known."""

    CLI = "cli", "Somebody at the command line, by the name that the machine knows them by."
    TOKEN = "token", "A program that has a token, by the token's id."
    PERSON = "person", "Somebody who has signed in, by the id of the person."
    GATEWAY = "gateway", "The gateway itself, by the name of what works."


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Somebody with a role, for all accounts or for one; `scopes` None: whatever the role may do.

    `address` is the network address that a request came from; `request_id` names the request in logs and the audit.
    """

    kind: ActorKind
    id: str
    role: Role
    account_id: int | None = None
    scopes: frozenset[str] | None = None
    address: str | None = None
    request_id: str | None = None

    @property
    def name(self) -> str:
        """As the audit names them: `cli:anna`, `token:12`."""
        return f"{self.kind}:{self.id}"


def command_line(user: str) -> Actor:
    """Who reads the database is an operator."""
    return Actor(kind=ActorKind.CLI, id=user, role=Role.OPERATOR)


def gateway_itself(worker: str) -> Actor:
    """What a worker does by the calendar or by a setting."""
    return Actor(kind=ActorKind.GATEWAY, id=worker, role=Role.OPERATOR)
