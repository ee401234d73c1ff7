"""R30: every setting of [low_balance] is read, and what it cannot be is told."""

from functools import partial

import pytest

from gateway.domain.accounts.low_balance import LowBalanceRule
from tests.support.configured import load, problems_of, write_config


@pytest.fixture
def config(tmp_path):
    """Writes a configuration file."""
    return partial(write_config, tmp_path)


def test_r30_the_settings_have_the_articles_defaults():
    assert load().low_balance == LowBalanceRule(window_days=10, days_ahead=2, count_rent=True)


def test_r30_the_settings_change_by_their_keys_and_variables(config):
    file = config("[low_balance]\nwindow_days = 30\ndays_ahead = 5\nrent_counts = false")

    assert load(toml=file).low_balance == LowBalanceRule(window_days=30, days_ahead=5, count_rent=False)
    environ = {"GATEWAY_WINDOW_DAYS": "7", "GATEWAY_DAYS_AHEAD": "3", "GATEWAY_RENT_COUNTS": "true"}
    assert load(environ, toml=file).low_balance == LowBalanceRule(window_days=7, days_ahead=3, count_rent=True)


@pytest.mark.parametrize(
    ("key", "written", "shown", "right"),
    [
        ("window_days", "0", "0", "a whole number from 1 to 90"),
        ("window_days", "91", "91", "a whole number from 1 to 90"),
        ("days_ahead", "0", "0", "a whole number from 1 to 30"),
        ("days_ahead", "31", "31", "a whole number from 1 to 30"),
        ("rent_counts", '"no"', "'no'", "true or false"),
        ("rent_counts", "1", "1", "true or false"),
    ],
)
def test_r30_what_a_setting_cannot_be_is_told_with_what_it_can_be(config, key, written, shown, right):
    file = config(f"[low_balance]\n{key} = {written}")

    assert problems_of(toml=file) == [f"low_balance.{key} in {file}: must be {right}, not {shown}"]


def test_r30_a_number_of_days_is_not_true_or_false(config):
    file = config("[low_balance]\ndays_ahead = true")

    [problem] = problems_of(toml=file)
    assert problem.startswith(f"low_balance.days_ahead in {file}: must be ")
