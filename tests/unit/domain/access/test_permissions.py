"""Who may do what: the table as it was agreed, beside the one that the program goes by."""

from itertools import product

import pytest

from gateway.domain.access.actions import GRANTS, SCOPES, Action, Reach
from gateway.domain.access.actor import Actor, ActorKind, command_line, gateway_itself
from gateway.domain.access.permissions import Permission, may, reach_of
from gateway.domain.access.roles import Role

OWN, ANOTHERS = 1, 2
# Whose operators, support, administrators and readers may do it for.
AGREED = """
me.read                 all   all   all   all
me.change               all   all   all   all
health.read             all   all   none  none
accounts.read           all   all   own   own
accounts.open           all   none  none  none
accounts.change         all   none  own   none
accounts.change_terms   all   none  none  none
accounts.block          all   all   none  none
accounts.unblock        all   none  none  none
accounts.close          all   none  none  none
accounts.export         all   none  own   none
entries.read            all   all   own   own
money.top_up            all   none  none  none
money.refund            all   all   none  none
money.adjust            all   none  none  none
money.read              all   all   none  none
money.approve           all   none  none  none
usage.read              all   all   own   own
caps.read               all   all   own   own
caps.tighten            all   none  own   none
caps.change             all   none  none  none
members.read            all   all   own   none
members.change          all   none  own   none
people.read             all   all   none  none
people.change           all   none  none  none
numbers.read            all   all   own   own
numbers.rent            all   none  own   none
numbers.give_up         all   none  own   none
numbers.import          all   none  none  none
numbers.change          all   none  none  none
rates.read              all   all   all   all
rates.versions          all   all   none  none
rates.change            all   none  none  none
quotes.make             all   all   own   own
calls.read              all   all   own   own
calls.cost              all   all   none  none
calls.cut               all   all   own   none
calls.close             all   none  none  none
calls.archive           all   none  none  none
mails.read              all   all   own   own
mails.send              all   all   none  none
connections.read        all   all   none  none
connections.test        all   none  none  none
hooks.read              all   all   none  none
events.read             all   all   own   own
tokens.read             all   none  own   none
tokens.change           all   none  own   none
audit.read              all   all   own   none
settings.read           all   none  none  none
ledger.check            all   all   none  none
crm.read                all   all   none  none
crm.change              all   none  none  none
cells.begin             all   none  none  none
"""
REACHES = {
    action: dict(zip(Role, reaches, strict=True)) for action, *reaches in map(str.split, AGREED.split("\n")[1:-1])
}
# What is done to one's own account, to another's, and to what belongs to none.
VERDICTS = {
    "all": (Permission.ALLOWED, Permission.ALLOWED, Permission.ALLOWED),
    "own": (Permission.ALLOWED, Permission.HIDDEN, Permission.HIDDEN),
    "none": (Permission.FORBIDDEN, Permission.FORBIDDEN, Permission.FORBIDDEN),
}
READS = {"read", "versions", "make", "cost", "export", "check"}


def actor(role: Role, *scopes: str, account_id: int | None = None) -> Actor:
    """Somebody with a role, of their account where it is one of an account's; without scopes: all of the role's."""
    own = OWN if role.is_of_account else account_id
    return Actor(kind=ActorKind.TOKEN, id="7", role=role, account_id=own, scopes=frozenset(scopes) if scopes else None)


@pytest.mark.parametrize("action", Action)
def test_each_role_may_do_what_was_agreed_and_nothing_else(action: Action) -> None:
    asked = {role: tuple(may(actor(role), action, account_id) for account_id in (OWN, ANOTHERS, None)) for role in Role}

    assert asked == {role: VERDICTS[REACHES[action][role]] for role in Role}


def test_all_that_can_be_done_was_agreed_about() -> None:
    assert REACHES.keys() == {each.value for each in Action} == {each.value for each in GRANTS}


@pytest.mark.parametrize("action", Action)
def test_a_scope_lets_nobody_do_what_it_does_not_name(action: Action) -> None:
    others = [scope for scope in SCOPES if scope != action.scope]

    assert may(actor(Role.OPERATOR, action.scope), action, OWN) is Permission.ALLOWED
    assert may(actor(Role.OPERATOR, *others), action, OWN) is Permission.FORBIDDEN


@pytest.mark.parametrize("role", Role)
def test_scopes_give_nothing_that_the_role_has_not(role: Role) -> None:
    for action in Action:
        assert may(actor(role, *SCOPES), action, OWN) == may(actor(role), action, OWN)


def test_a_scope_is_an_area_to_be_read_or_to_be_written() -> None:
    assert {each.scope for each in Action} == set(SCOPES)
    for each in Action:
        area, _, verb = each.partition(".")
        assert each.scope == f"{area}:{'read' if verb in READS else 'write'}"


@pytest.mark.parametrize("role", [each for each in Role if each.is_of_account])
def test_somebody_of_an_account_without_one_is_nobody(role: Role) -> None:
    lost = Actor(kind=ActorKind.TOKEN, id="7", role=role)

    assert reach_of(lost, Action.ACCOUNTS_READ) is Reach.NONE
    assert may(lost, Action.ACCOUNTS_READ, None) is Permission.FORBIDDEN


def test_who_is_of_an_account() -> None:
    assert [each for each in Role if each.is_of_account] == [Role.ADMINISTRATOR, Role.READER]


@pytest.mark.parametrize(("giver", "given"), list(product(Role, Role)))
def test_nobody_gives_a_role_that_is_mightier_than_their_own(giver: Role, given: Role) -> None:
    mightiest_first = ["operator", "support", "administrator", "reader"]

    assert giver.may_give(given) is (mightiest_first.index(giver) <= mightiest_first.index(given))


def test_the_audit_names_who_did_it_by_how_they_are_known() -> None:
    assert command_line("anna").name == "cli:anna"
    assert gateway_itself("demo").name == "gateway:demo"
    assert actor(Role.READER).name == "token:7"


@pytest.mark.parametrize("somebody", [command_line("anna"), gateway_itself("demo")])
def test_who_reads_the_database_is_an_operator(somebody: Actor) -> None:
    assert (somebody.role, somebody.account_id, somebody.scopes) == (Role.OPERATOR, None, None)
