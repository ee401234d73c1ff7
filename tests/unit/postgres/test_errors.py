"""What a failure says of an event: only what is known to be its own fault is held against it."""

import inspect
from decimal import InvalidOperation

import asyncpg
import pytest
from asyncpg import exceptions

from gateway.domain.errors import Conflict, DatabaseAway, InvalidInput, MalformedHook, NotFound, ProviderFailed
from gateway.postgres.errors import is_database_away, is_own_fault
from tests.support.failures import DRIVER_FAILURES, NETWORK_FAILURES

SEQUENCE_AT_ITS_END = "2200H"


def test_every_class_of_the_drivers_is_thrown() -> None:
    classes = {each for _, each in inspect.getmembers(exceptions, inspect.isclass) if issubclass(each, Exception)}

    assert classes == {type(failure) for failure in DRIVER_FAILURES}


def test_of_what_the_driver_raises_only_values_that_the_database_refuses_are_an_events_own_fault() -> None:
    own = {failure.sqlstate for failure in DRIVER_FAILURES if is_own_fault(failure)}

    class_22 = {
        failure.sqlstate
        for failure in DRIVER_FAILURES
        if isinstance(failure, asyncpg.DataError) and failure.sqlstate != SEQUENCE_AT_ITS_END
    }
    assert len(class_22) > 60
    assert own == class_22 | {asyncpg.NotNullViolationError.sqlstate}


@pytest.mark.parametrize("failure", NETWORK_FAILURES, ids=repr)
def test_what_happens_to_a_connection_is_no_events_fault_and_means_that_the_database_is_away(
    failure: Exception,
) -> None:
    assert not is_own_fault(failure)
    assert is_database_away(failure)


def _check(constraint: str | None, table: str) -> asyncpg.CheckViolationError:
    failure = asyncpg.CheckViolationError("new row violates it")
    failure.constraint_name, failure.table_name = constraint, table
    return failure


def test_a_check_on_what_a_call_says_is_its_own_fault() -> None:
    assert is_own_fault(_check("call_provider_call_id_check", "call"))


@pytest.mark.parametrize(
    ("constraint", "table"), [("account_held_check", "account"), (None, "call")], ids=["the books", "no partition"]
)
def test_a_check_on_the_books_and_a_partition_that_is_not_there_are_no_events_fault(
    constraint: str | None, table: str
) -> None:
    assert not is_own_fault(_check(constraint, table))


@pytest.mark.parametrize(
    "failure",
    [
        NotFound("no connection"),
        InvalidInput("no"),
        Conflict("no"),
        MalformedHook("no"),
        UnicodeEncodeError("utf-8", "\ud800", 0, 1, "surrogates not allowed"),
        OverflowError("date value out of range"),
        InvalidOperation("quantize"),
    ],
    ids=repr,
)
def test_a_verdict_of_ours_and_a_value_that_cannot_be_written_are_an_events_own_fault(failure: Exception) -> None:
    assert is_own_fault(failure)


@pytest.mark.parametrize("failure", [DatabaseAway("gone"), ProviderFailed("gone"), KeyError("x"), RuntimeError("x")])
def test_what_may_be_otherwise_later_and_mistakes_of_ours_are_no_events_fault(failure: Exception) -> None:
    assert not is_own_fault(failure)


def test_what_the_database_was_away_for_is_no_fault_though_it_followed_from_one() -> None:
    away = DatabaseAway("the connection could not be used any more")
    away.__cause__ = asyncpg.DataError("no")

    assert not is_own_fault(away)


@pytest.mark.parametrize(
    "failure",
    [
        exceptions.TargetServerAttributeNotMatched("only standbys"),
        asyncpg.InvalidSQLStatementNameError("a pooler without prepared statements"),
        asyncpg.DuplicatePreparedStatementError("the same"),
        asyncpg.PostgresIOError("could not read block"),
        asyncpg.ReadOnlySQLTransactionError("a standby"),
        asyncpg.InFailedSQLTransactionError("a session of somebody else"),
        exceptions.UnknownPostgresError("of a newer version"),
        exceptions.OutdatedSchemaCacheError("types have changed"),
    ],
    ids=repr,
)
def test_a_connection_that_is_of_no_use_any_more_means_that_the_database_is_away(failure: Exception) -> None:
    assert is_database_away(failure)
