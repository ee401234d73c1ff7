"""Whether a call is an emergency call, and of which country: emergency comes first of all rules.

A rented number is where it is. Of a connector the first of these tells that says a country: its caller's number, its
own setting, most of its account's numbers, the account's main number, the account's time zone.
"""

from collections.abc import Mapping, Sequence

from gateway.countries import country_of_time_zone
from gateway.domain.accounts.paying_account import PayingAccount
from gateway.domain.events import CallStarted
from gateway.domain.lines.line import Line
from gateway.domain.phone import is_short
from gateway.numbers import metadata
from gateway.numbers.short import emergency_number
from gateway.postgres.calls.last_known import ConnectorWhereabouts

_NO_COUNTRY = ("", "001")


def is_emergency(call: CallStarted, line: Line | None, account: PayingAccount | None) -> bool:
    """Whether the callee is an emergency number of where the call comes from."""
    if not is_short(call.callee):
        return False
    if line is None or account is None:
        return is_emergency_in(call, "")
    country = country_of_line(
        country=line.country,
        numbers_country=account.numbers_country,
        main_number=account.main_number,
        time_zone=account.time_zone,
    )
    return is_emergency_in(call, country)


def is_emergency_in(call: CallStarted, line_country: str) -> bool:
    """Whether the callee is an emergency number, of a line whose country is told where its call tells of none."""
    if not is_short(call.callee):
        return False
    country = _first(metadata.country_of(call.line), metadata.country_of(call.caller), line_country)
    return emergency_number(call.callee, country) is not None


def country_of_line(*, country: str, numbers_country: str, main_number: str | None, time_zone: str) -> str:
    """Where a line is, by itself or by its account; empty where nothing tells."""
    main_country = "" if main_number is None else metadata.country_of(main_number)
    return _first(country, numbers_country, main_country) or country_of_time_zone(time_zone)


def countries_of(connectors: Sequence[ConnectorWhereabouts]) -> Mapping[str, str]:
    """Where connectors are, by their names."""
    return {
        each.name: country_of_line(
            country=each.country,
            numbers_country=each.numbers_country,
            main_number=each.main_number,
            time_zone=each.time_zone,
        )
        for each in connectors
    }


def _first(*countries: str) -> str:
    return next((country for country in countries if country not in _NO_COUNTRY), "")
