"""What must hold whatever goes wrong, each rule by itself; the checker knows nothing of the product but its tables.

A rule is given what the provider saw and what is on record, and yields a sentence for each breach.
"""

from collections.abc import Callable, Iterator

from tests.chaos import call_rules, money_rules
from tests.chaos.evidence import Evidence

Rule = Callable[[Evidence], Iterator[str]]

RULES: tuple[Rule, ...] = (
    call_rules.starts_kept,
    call_rules.replies_repeated,
    call_rules.ends_kept,
    call_rules.charges_right,
    money_rules.charged_once,
    money_rules.books_balance,
    money_rules.nothing_overspent,
    money_rules.no_stray_holds,
    call_rules.cut_in_time,
    call_rules.never_cut_early,
    call_rules.caps_kept,
    call_rules.served_meanwhile,
    call_rules.emergencies_connected,
    money_rules.rents_once,
    money_rules.payments_once,
    money_rules.mails_once,
    call_rules.nothing_odd,
)


def breaches(evidence: Evidence) -> list[tuple[str, str]]:
    """Every breach there is, with the name of its rule."""
    return [(rule.__name__, breach) for rule in RULES for breach in rule(evidence)]
