"""Rows that commands print as they are: the names of their fields are what scripts read."""

from dataclasses import fields

from gateway.cli.crm import COLUMNS
from gateway.postgres.calls.calls import LiveRow
from gateway.postgres.crm import CrmRow
from gateway.postgres.mail.outbox import MailRow


def names(row: type[MailRow | CrmRow | LiveRow]) -> list[str]:
    return [field.name for field in fields(row)]


def test_scripts_read_when_a_mail_is_tried_next() -> None:
    assert names(MailRow) == [
        *("id", "account_id", "kind", "key", "recipient", "language", "facts", "message_id", "state", "created_at"),
        *("queued_at", "first_tried_at", "next_at", "tries", "last_reply", "sent_at"),
    ]


def test_scripts_read_when_a_crm_is_told_next() -> None:
    assert names(CrmRow) == [
        *("call_id", "connection", "state", "crm_call_id", "created_at", "next_at", "tries", "last_reply"),
    ]
    assert set(COLUMNS) <= set(names(CrmRow))


def test_scripts_read_the_clocks_of_a_live_call() -> None:
    assert names(LiveRow) == [
        *("hold", "held_s", "must_end_at", "cut_next_at", "cut_attempts", "extend_at", "sweep_at"),
    ]
