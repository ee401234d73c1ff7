"""R17: the caps of new accounts in the configuration file."""

from decimal import Decimal
from functools import partial

import pytest

from gateway.domain.accounts.caps import Caps
from tests.support.configured import load, problems_of, write_config


@pytest.fixture
def config(tmp_path):
    """Writes a configuration file."""
    return partial(write_config, tmp_path)


def test_r17_every_cap_can_be_given_to_new_accounts(config):
    file = config("""
        [new_accounts.caps]
        live_calls = 10
        starts_a_minute = "30"
        spend_a_day = "50"
        dearest_rate = "0.5"
        blocked_prefixes = ["dear", "1900"]
        blocked_callers = ["anonymous"]
    """)

    assert load({}, file).new_account_caps == Caps(
        live_calls=10,
        starts_a_minute=30,
        spend_a_day=Decimal(50),
        dearest_rate=Decimal("0.5"),
        blocked_prefixes=("dear", "+1900"),
        blocked_callers=("anonymous",),
    )


def test_r42_what_new_accounts_block_has_the_one_spelling(config):
    file = config("""
        [new_accounts.caps]
        blocked_prefixes = ["+4407", "00 1 900"]
        blocked_callers = ["+44 (0)7400 123456", "Anonymous", "201"]
    """)

    caps = load({}, file).new_account_caps

    assert caps.blocked_prefixes == ("+447", "+1900")
    assert caps.blocked_callers == ("+447400123456", "anonymous", "201")


@pytest.mark.parametrize(
    "text", ["", "[new_accounts]", "[new_accounts.caps]", "[new_accounts.caps]\nblocked_prefixes = []"]
)
def test_r17_without_them_new_accounts_have_none(config, text):
    assert load({}, config(text)).new_account_caps == Caps()


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("live_call = 3", "new_accounts.caps.live_call in FILE: is no cap: there are blocked_callers"),
        ('live_calls = "many"', "new_accounts.caps in FILE: live_calls: 'many' is not a whole number"),
        ("spend_a_day = 0.5", "new_accounts.caps.spend_a_day in FILE: must be a whole number, or an amount as text"),
        ('blocked_prefixes = "dear"', "new_accounts.caps.blocked_prefixes in FILE: must be a list of texts"),
        ('blocked_prefixes = ["+440"]', "new_accounts.caps in FILE: blocked_prefixes: no number begins with +440"),
        ('blocked_callers = ["442079460000"]', "blocked_callers: '442079460000' is read as +442079460000: write it"),
        ('blocked_prefixes = ["cheap"]', "new_accounts.caps in FILE: blocked_prefixes: 'cheap' is not a plus and"),
    ],
)
def test_r17_what_is_wrong_with_them_is_told_at_the_start(config, line, said):
    file = config(f"[new_accounts.caps]\n{line}")

    [problem] = problems_of(toml=file)

    assert said.replace("FILE", str(file)) in problem


def test_r17_another_key_of_new_accounts_is_unknown(config):
    [problem] = problems_of(toml=config("[new_accounts]\ncap = 3"))

    assert "new_accounts.cap in " in problem
