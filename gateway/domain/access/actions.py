"""What can be done, and which roles may do it, for all accounts or for their own. The one place that says who may."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from gateway.domain.access.roles import Role
from gateway.domain.described import Described


class Reach(StrEnum):
    """Whose: everybody's, one's own account's, or nobody's."""

    ALL = "all"
    OWN = "own"
    NONE = "none"


class Action(Described):
    """`AREA.VERB`. A token may be narrowed to scopes, `AREA:read` and `AREA:write`."""

    ME_READ = "me.read", "See who one is, and what one may do."
    ME_CHANGE = "me.change", "Sign in and out, and change one's own name, language, passkeys and the like."
    HEALTH_READ = "health.read", "See what is wrong with the installation."
    ACCOUNTS_READ = "accounts.read", "See accounts, what they have and how long it lasts."
    ACCOUNTS_OPEN = "accounts.open", "Open an account."
    ACCOUNTS_CHANGE = "accounts.change", "Change an account's address, language, time zone and kinds of mails."
    ACCOUNTS_CHANGE_TERMS = "accounts.change_terms", "Change what is agreed: name, credit limit, main number."
    ACCOUNTS_BLOCK = "accounts.block", "Refuse all new calls of an account, and cut those that are up."
    ACCOUNTS_UNBLOCK = "accounts.unblock", "Let a blocked account call again."
    ACCOUNTS_CLOSE = "accounts.close", "Close an account for ever."
    ACCOUNTS_EXPORT = "accounts.export", "Take all that is known of an account away, as files."
    ENTRIES_READ = "entries.read", "See what moved the money of an account."
    MONEY_TOP_UP = "money.top_up", "Add money to an account."
    MONEY_REFUND = "money.refund", "Give money back for what was charged."
    MONEY_ADJUST = "money.adjust", "Correct a balance by hand, up or down."
    MONEY_READ = "money.read", "See sums that wait for a second operator, and what became of them."
    MONEY_APPROVE = "money.approve", "Approve or refuse a sum that waits for a second operator."
    USAGE_READ = "usage.read", "See calls, seconds and spend, added up."
    CAPS_READ = "caps.read", "See an account's caps against fraud."
    CAPS_TIGHTEN = "caps.tighten", "Make caps smaller."
    CAPS_CHANGE = "caps.change", "Make caps larger, or take them away."
    MEMBERS_READ = "members.read", "See the people of an account, or of the operator."
    MEMBERS_CHANGE = "members.change", "Invite people and take their memberships away."
    PEOPLE_READ = "people.read", "See everybody who can sign in, and what they are to whom."
    PEOPLE_CHANGE = "people.change", "Invite anybody, change and disable people, and end their sessions."
    NUMBERS_READ = "numbers.read", "See numbers and connectors, and what happens to them next."
    NUMBERS_RENT = "numbers.rent", "Rent a number or a connector."
    NUMBERS_GIVE_UP = "numbers.give_up", "Give a number or a connector up, and take that back."
    NUMBERS_IMPORT = "numbers.import", "Put in numbers and connectors that are there already."
    NUMBERS_CHANGE = "numbers.change", "Move a number to another account, say that it is lost, or where a connector is."
    RATES_READ = "rates.read", "Search the rates that are valid."
    RATES_VERSIONS = "rates.versions", "See which decks were imported."
    RATES_CHANGE = "rates.change", "Import decks, change one price, undo an import."
    QUOTES_MAKE = "quotes.make", "Ask whether a call would be allowed, and what it would cost."
    CALLS_READ = "calls.read", "See calls and why they were decided as they were."
    CALLS_COST = "calls.cost", "See what the provider charges for calls, and the margin."
    CALLS_CUT = "calls.cut", "End a live call."
    MAILS_READ = "mails.read", "See mails and what became of them."
    MAILS_SEND = "mails.send", "Send a mail again."
    CONNECTIONS_READ = "connections.read", "See connections, how they are, and their kits."
    CONNECTIONS_TEST = "connections.test", "Play a call through a connection."
    HOOKS_READ = "hooks.read", "See the last webhooks, without what is secret."
    EVENTS_READ = "events.read", "Follow what happens."
    TOKENS_READ = "tokens.read", "See tokens, but for their secrets."
    TOKENS_CHANGE = "tokens.change", "Create and revoke tokens."
    AUDIT_READ = "audit.read", "See who did what."
    SETTINGS_READ = "settings.read", "See how the gateway is set, but for what is secret."
    LEDGER_CHECK = "ledger.check", "Check that balances, entries, holds and calls agree."
    CRM_READ = "crm.read", "See which calls CRMs are not told of any more."
    CRM_CHANGE = "crm.change", "Have notes of calls told to a CRM again, or given up."
    CALLS_CLOSE = "calls.close", "Close a call by hand whose end never came."
    CALLS_ARCHIVE = "calls.archive", "Take old calls out of the database, into a file."
    CELLS_BEGIN = "cells.begin", "Make an empty database a cell."

    @property
    def scope(self) -> str:
        """What a narrowed token must have."""
        area, _, verb = self.value.partition(".")
        return f"{area}:{'read' if verb in _READING else 'write'}"


# Verbs that change nothing.
_READING: Final = frozenset({"read", "versions", "make", "cost", "export", "check"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """Whose each role may do it for."""

    operator: Reach
    support: Reach
    administrator: Reach
    reader: Reach

    def of(self, role: Role) -> Reach:
        return {
            Role.OPERATOR: self.operator,
            Role.SUPPORT: self.support,
            Role.ADMINISTRATOR: self.administrator,
            Role.READER: self.reader,
        }[role]


def _grant(operator: Reach, support: Reach, administrator: Reach, reader: Reach) -> Grant:
    return Grant(operator=operator, support=support, administrator=administrator, reader=reader)


_ALL, _OWN, _NO = Reach.ALL, Reach.OWN, Reach.NONE
EVERYBODY: Final = _grant(_ALL, _ALL, _ALL, _ALL)
EVERYBODY_OWN: Final = _grant(_ALL, _ALL, _OWN, _OWN)
NOT_READERS: Final = _grant(_ALL, _ALL, _OWN, _NO)
OPERATORS_SIDE: Final = _grant(_ALL, _ALL, _NO, _NO)
OPERATORS: Final = _grant(_ALL, _NO, _NO, _NO)
WHO_RUNS_IT: Final = _grant(_ALL, _NO, _OWN, _NO)

GRANTS: Final[Mapping[Action, Grant]] = MappingProxyType(
    {
        Action.ME_READ: EVERYBODY,
        Action.ME_CHANGE: EVERYBODY,
        Action.HEALTH_READ: OPERATORS_SIDE,
        Action.ACCOUNTS_READ: EVERYBODY_OWN,
        Action.ACCOUNTS_OPEN: OPERATORS,
        Action.ACCOUNTS_CHANGE: WHO_RUNS_IT,
        Action.ACCOUNTS_CHANGE_TERMS: OPERATORS,
        Action.ACCOUNTS_BLOCK: OPERATORS_SIDE,
        Action.ACCOUNTS_UNBLOCK: OPERATORS,
        Action.ACCOUNTS_CLOSE: OPERATORS,
        Action.ACCOUNTS_EXPORT: WHO_RUNS_IT,
        Action.ENTRIES_READ: EVERYBODY_OWN,
        Action.MONEY_TOP_UP: OPERATORS,
        Action.MONEY_REFUND: OPERATORS_SIDE,
        Action.MONEY_ADJUST: OPERATORS,
        Action.MONEY_READ: OPERATORS_SIDE,
        Action.MONEY_APPROVE: OPERATORS,
        Action.USAGE_READ: EVERYBODY_OWN,
        Action.CAPS_READ: EVERYBODY_OWN,
        Action.CAPS_TIGHTEN: WHO_RUNS_IT,
        Action.CAPS_CHANGE: OPERATORS,
        Action.MEMBERS_READ: NOT_READERS,
        Action.MEMBERS_CHANGE: WHO_RUNS_IT,
        Action.PEOPLE_READ: OPERATORS_SIDE,
        Action.PEOPLE_CHANGE: OPERATORS,
        Action.NUMBERS_READ: EVERYBODY_OWN,
        Action.NUMBERS_RENT: WHO_RUNS_IT,
        Action.NUMBERS_GIVE_UP: WHO_RUNS_IT,
        Action.NUMBERS_IMPORT: OPERATORS,
        Action.NUMBERS_CHANGE: OPERATORS,
        Action.RATES_READ: EVERYBODY,
        Action.RATES_VERSIONS: OPERATORS_SIDE,
        Action.RATES_CHANGE: OPERATORS,
        Action.QUOTES_MAKE: EVERYBODY_OWN,
        Action.CALLS_READ: EVERYBODY_OWN,
        Action.CALLS_COST: OPERATORS_SIDE,
        Action.CALLS_CUT: NOT_READERS,
        Action.MAILS_READ: EVERYBODY_OWN,
        Action.MAILS_SEND: OPERATORS_SIDE,
        Action.CONNECTIONS_READ: OPERATORS_SIDE,
        Action.CONNECTIONS_TEST: OPERATORS,
        Action.HOOKS_READ: OPERATORS_SIDE,
        Action.EVENTS_READ: EVERYBODY_OWN,
        Action.TOKENS_READ: WHO_RUNS_IT,
        Action.TOKENS_CHANGE: WHO_RUNS_IT,
        Action.AUDIT_READ: NOT_READERS,
        Action.SETTINGS_READ: OPERATORS,
        Action.LEDGER_CHECK: OPERATORS_SIDE,
        Action.CRM_READ: OPERATORS_SIDE,
        Action.CRM_CHANGE: OPERATORS,
        Action.CALLS_CLOSE: OPERATORS,
        Action.CALLS_ARCHIVE: OPERATORS,
        Action.CELLS_BEGIN: OPERATORS,
    }
)
SCOPES: Final = tuple(sorted({each.scope for each in Action}))
