"""A queue of the tests: its whole declaration. Its table and statements stand beside it."""

from datetime import timedelta
from pathlib import Path

from gateway.context import Context
from gateway.due.attempts import Attempt, AttemptQueue
from gateway.due.backoff import Backoff
from gateway.postgres.sql import load_queries

TABLE = """
CREATE TABLE receipt (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    recipient text NOT NULL,
    created_at timestamptz NOT NULL,
    due_at timestamptz,
    tries smallint NOT NULL DEFAULT 0,
    note text
);
CREATE INDEX receipt_due ON receipt (due_at) WHERE due_at IS NOT NULL;
"""
QUERIES = load_queries(Path(__file__).parent / "sql")


async def send(_context: Context, attempt: Attempt) -> str:
    recipient: str = attempt.columns["recipient"]
    if recipient == "poison":
        raise ValueError("no receipt can be written for it")
    return f"sent to {recipient}"


RECEIPTS = AttemptQueue(
    name="receipts",
    interval_s=1,
    batch=20,
    claimed_for=timedelta(minutes=1),
    claim="receipt_claim",
    settle="receipt_settle",
    postpone="receipt_postpone",
    work=send,
    backoff=Backoff(first=timedelta(seconds=10), longest=timedelta(hours=1), give_up_after=timedelta(days=3)),
    text_of=lambda name: QUERIES[name].text,
)
