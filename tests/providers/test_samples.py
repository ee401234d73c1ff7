"""Every recorded hook is authentic and means what it is named for."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from inline_snapshot import snapshot

from gateway.domain.errors import BadSignature
from gateway.domain.events import (
    CallAnswered,
    CallClicked,
    CallEnded,
    CallHinted,
    CallStarted,
    Cause,
    Direction,
    Event,
    Ignored,
)
from gateway.providers import adapters
from gateway.providers.telnyx.state import LegStarted
from tests.support.http_samples import sample_connection, samples

RECORDED = [provider for provider in adapters() if sample_connection(provider) is not None]


def meanings(provider: str) -> dict[str, Event]:
    adapter, connection = adapters()[provider], sample_connection(provider)
    assert connection is not None
    meant = {}
    for name, hook in samples(provider).items():
        adapter.authenticate(hook, connection)
        meant[name] = adapter.parse(hook, connection)
    return meant


def test_what_the_asterisk_samples_mean() -> None:
    assert meanings("asterisk") == snapshot(
        {
            "answer": CallAnswered(call_id="1774960480.12:forward"),
            "end": CallEnded(
                call_id="1774960480.12",
                cause=Cause.NORMAL,
                ended_at=datetime(2026, 3, 31, hour=12, minute=35, second=50, tzinfo=UTC),
                seconds=61,
                start=CallStarted(
                    call_id="1774960480.12",
                    direction=Direction.OUTBOUND,
                    caller="1001",
                    callee="+442079460000",
                    line="+15550100001",
                ),
            ),
            "end_busy": CallEnded(
                call_id="1774960480.12",
                cause=Cause.BUSY,
                ended_at=datetime(2026, 3, 31, hour=12, minute=35, second=50, tzinfo=UTC),
                seconds=0,
                start=CallStarted(
                    call_id="1774960480.12",
                    direction=Direction.OUTBOUND,
                    caller="1001",
                    callee="+442079460000",
                    line="+15550100001",
                ),
            ),
            "end_limit": CallEnded(
                call_id="1774960480.12",
                cause=Cause.LIMIT,
                ended_at=datetime(2026, 3, 31, hour=12, minute=35, second=50, tzinfo=UTC),
                seconds=61,
                start=CallStarted(
                    call_id="1774960480.12",
                    direction=Direction.OUTBOUND,
                    caller="1001",
                    callee="+442079460000",
                    line="+15550100001",
                ),
            ),
            "end_refused": CallEnded(
                call_id="1774960480.12",
                cause=Cause.REJECTED,
                ended_at=datetime(2026, 3, 31, hour=12, minute=35, second=50, tzinfo=UTC),
                seconds=0,
                start=CallStarted(
                    call_id="1774960480.12",
                    direction=Direction.OUTBOUND,
                    caller="1001",
                    callee="+442079460000",
                    line="+15550100001",
                ),
            ),
            "forward_start": CallStarted(
                call_id="1774960480.12:forward",
                direction=Direction.FORWARD,
                caller="+447700900123",
                callee="+442079460000",
                line="+15550100001",
                parent_call_id="1774960480.12",
            ),
            "inbound_start": CallStarted(
                call_id="1774960480.12",
                direction=Direction.INBOUND,
                caller="+447700900123",
                callee="+15550100001",
                line="+15550100001",
            ),
            "start": CallStarted(
                call_id="1774960480.12",
                direction=Direction.OUTBOUND,
                caller="1001",
                callee="+442079460000",
                line="+15550100001",
            ),
        }
    )


def test_what_the_bitrix24_samples_mean() -> None:
    assert meanings("bitrix24") == snapshot(
        {
            "call_end": Ignored(kind="ONVOXIMPLANTCALLEND"),
            "click": CallClicked(
                kind="ONEXTERNALCALLSTART",
                crm_call_id="externalCall.cf1649fa0f4479870b76a0686f4a7058.1773306964",
                crm_user_id="12",
                callee="+447700900123",
            ),
            "echo_init": Ignored(kind="ONVOXIMPLANTCALLINIT of a registered call"),
        }
    )


def test_what_the_freeswitch_samples_mean() -> None:
    assert meanings("freeswitch") == snapshot(
        {
            "answer": CallAnswered(call_id="8f14e45f-ceea-467f-9575-5a1c3b2d4e6f"),
            "end": CallEnded(
                call_id="8f14e45f-ceea-467f-9575-5a1c3b2d4e6f",
                cause=Cause.NORMAL,
                answered_at=datetime(2026, 11, 23, hour=3, minute=4, second=55, microsecond=813804, tzinfo=UTC),
                ended_at=datetime(2026, 11, 23, hour=3, minute=4, second=57, microsecond=333781, tzinfo=UTC),
                seconds=2,
                start=CallStarted(
                    call_id="8f14e45f-ceea-467f-9575-5a1c3b2d4e6f",
                    direction=Direction.OUTBOUND,
                    caller="1001",
                    callee="+442079460000",
                    line="+15550100001",
                ),
            ),
            "end_busy": CallEnded(
                call_id="8f14e45f-ceea-467f-9575-5a1c3b2d4e6f",
                cause=Cause.BUSY,
                ended_at=datetime(2026, 11, 23, hour=3, minute=5, second=8, microsecond=413290, tzinfo=UTC),
                seconds=0,
                start=CallStarted(
                    call_id="8f14e45f-ceea-467f-9575-5a1c3b2d4e6f",
                    direction=Direction.OUTBOUND,
                    caller="1001",
                    callee="+442079460000",
                    line="+15550100001",
                ),
            ),
            "end_forward": CallEnded(
                call_id="8f14e45f-ceea-467f-9575-5a1c3b2d4e6f:forward",
                cause=Cause.NORMAL,
                answered_at=datetime(2026, 11, 23, hour=3, minute=5, second=1, microsecond=810781, tzinfo=UTC),
                ended_at=datetime(2026, 11, 23, hour=3, minute=5, second=3, microsecond=330906, tzinfo=UTC),
                seconds=2,
                start=CallStarted(
                    call_id="8f14e45f-ceea-467f-9575-5a1c3b2d4e6f:forward",
                    direction=Direction.FORWARD,
                    caller="+447700900123",
                    callee="+442079460000",
                    line="+15550100001",
                    parent_call_id="8f14e45f-ceea-467f-9575-5a1c3b2d4e6f",
                ),
            ),
            "end_of_no_forward": Ignored(kind="record of a channel without such a call"),
            "forward_start": CallStarted(
                call_id="8f14e45f-ceea-467f-9575-5a1c3b2d4e6f:forward",
                direction=Direction.FORWARD,
                caller="+447700900123",
                callee="+442079460000",
                line="+15550100001",
                parent_call_id="8f14e45f-ceea-467f-9575-5a1c3b2d4e6f",
            ),
            "inbound_start": CallStarted(
                call_id="8f14e45f-ceea-467f-9575-5a1c3b2d4e6f",
                direction=Direction.INBOUND,
                caller="+447700900123",
                callee="+15550100001",
                line="+15550100001",
            ),
            "other_context": Ignored(kind="context users"),
            "start": CallStarted(
                call_id="8f14e45f-ceea-467f-9575-5a1c3b2d4e6f",
                direction=Direction.OUTBOUND,
                caller="1001",
                callee="+442079460000",
                line="+15550100001",
            ),
        }
    )


def test_what_the_jambonz_samples_mean() -> None:
    assert meanings("jambonz") == snapshot(
        {
            "dial_ended_busy": CallEnded(
                call_id="8ff6bb43-0d7a-4c2f-9d6b-1b0e6b3a9a11",
                cause=Cause.BUSY,
                ended_at=datetime(2026, 3, 31, hour=12, minute=35, second=57, tzinfo=UTC),
                seconds=0,
                start=CallStarted(
                    call_id="8ff6bb43-0d7a-4c2f-9d6b-1b0e6b3a9a11",
                    direction=Direction.OUTBOUND,
                    caller="alice",
                    callee="+15552223333",
                    line="+15550001000",
                ),
            ),
            "dial_ended_ringing": CallEnded(
                call_id="8ff6bb43-0d7a-4c2f-9d6b-1b0e6b3a9a11",
                cause=Cause.NO_ANSWER,
                ended_at=datetime(2026, 3, 31, hour=12, minute=35, second=57, tzinfo=UTC),
                seconds=0,
                start=CallStarted(
                    call_id="8ff6bb43-0d7a-4c2f-9d6b-1b0e6b3a9a11",
                    direction=Direction.OUTBOUND,
                    caller="alice",
                    callee="+15552223333",
                    line="+15550001000",
                ),
            ),
            "first_leg_completed": CallHinted(call_id="8ff6bb43-0d7a-4c2f-9d6b-1b0e6b3a9a11"),
            "first_leg_declined": CallEnded(
                call_id="8ff6bb43-0d7a-4c2f-9d6b-1b0e6b3a9a11",
                cause=Cause.BUSY,
                ended_at=datetime(2026, 3, 31, hour=12, minute=35, second=57, tzinfo=UTC),
                seconds=0,
            ),
            "first_leg_trying": Ignored(kind="call_status trying"),
            "forward_start": CallStarted(
                call_id="8ff6bb43-0d7a-4c2f-9d6b-1b0e6b3a9a11:forward",
                direction=Direction.FORWARD,
                caller="+15557654321",
                callee="+442079460000",
                line="+15550001000",
                parent_call_id="8ff6bb43-0d7a-4c2f-9d6b-1b0e6b3a9a11",
            ),
            "inbound_start": CallStarted(
                call_id="8ff6bb43-0d7a-4c2f-9d6b-1b0e6b3a9a11",
                direction=Direction.INBOUND,
                caller="+15557654321",
                callee="+15550001000",
                line="+15550001000",
            ),
            "leg_answered": CallAnswered(
                call_id="8ff6bb43-0d7a-4c2f-9d6b-1b0e6b3a9a11",
                at=datetime(2026, 3, 31, hour=12, minute=35, second=57, tzinfo=UTC),
            ),
            "leg_busy": CallEnded(
                call_id="8ff6bb43-0d7a-4c2f-9d6b-1b0e6b3a9a11",
                cause=Cause.BUSY,
                ended_at=datetime(2026, 3, 31, hour=12, minute=35, second=57, tzinfo=UTC),
                seconds=0,
                start=CallStarted(
                    call_id="8ff6bb43-0d7a-4c2f-9d6b-1b0e6b3a9a11",
                    direction=Direction.OUTBOUND,
                    caller="alice",
                    callee="+15552223333",
                    line="+15550001000",
                ),
            ),
            "leg_completed": CallEnded(
                call_id="8ff6bb43-0d7a-4c2f-9d6b-1b0e6b3a9a11",
                cause=Cause.NORMAL,
                ended_at=datetime(2026, 3, 31, hour=12, minute=35, second=57, tzinfo=UTC),
                seconds=61,
                start=CallStarted(
                    call_id="8ff6bb43-0d7a-4c2f-9d6b-1b0e6b3a9a11",
                    direction=Direction.OUTBOUND,
                    caller="alice",
                    callee="+15552223333",
                    line="+15550001000",
                ),
            ),
            "user_start": CallStarted(
                call_id="8ff6bb43-0d7a-4c2f-9d6b-1b0e6b3a9a11",
                direction=Direction.OUTBOUND,
                caller="alice",
                callee="+15552223333",
                line="+15550001000",
            ),
        }
    )


def test_what_the_kamailio_samples_mean() -> None:
    assert meanings("kamailio") == snapshot(
        {
            "answer": CallAnswered(
                call_id="1-16717@127.0.0.1#1795390318.839204",
                at=datetime(2026, 11, 22, hour=23, minute=31, second=58, microsecond=947010, tzinfo=UTC),
            ),
            "connector_start": CallStarted(
                call_id="1-16825@127.0.0.1#1795390320.594422",
                direction=Direction.OUTBOUND,
                caller="alice",
                callee="+442079460000",
                line="office",
                at=datetime(2026, 11, 22, hour=23, minute=32, microsecond=594422, tzinfo=UTC),
            ),
            "end": CallEnded(
                call_id="1-16717@127.0.0.1#1795390318.839204",
                cause=Cause.NORMAL,
                answered_at=datetime(2026, 11, 22, hour=23, minute=31, second=58, microsecond=947010, tzinfo=UTC),
                ended_at=datetime(2026, 11, 22, hour=23, minute=32, microsecond=154496, tzinfo=UTC),
                start=CallStarted(
                    call_id="1-16717@127.0.0.1#1795390318.839204",
                    direction=Direction.OUTBOUND,
                    caller="+15550100001",
                    callee="+442079460000",
                    line="+15550100001",
                    at=datetime(2026, 11, 22, hour=23, minute=31, second=58, microsecond=839204, tzinfo=UTC),
                ),
            ),
            "end_at_the_limit": CallEnded(
                call_id="1-16825@127.0.0.1#1795390320.594422",
                cause=Cause.LIMIT,
                answered_at=datetime(2026, 11, 22, hour=23, minute=32, microsecond=706087, tzinfo=UTC),
                ended_at=datetime(2026, 11, 22, hour=23, minute=32, second=2, microsecond=757125, tzinfo=UTC),
                seconds=2,
                start=CallStarted(
                    call_id="1-16825@127.0.0.1#1795390320.594422",
                    direction=Direction.OUTBOUND,
                    caller="alice",
                    callee="+442079460000",
                    line="office",
                    at=datetime(2026, 11, 22, hour=23, minute=32, microsecond=594422, tzinfo=UTC),
                ),
            ),
            "end_busy": CallEnded(
                call_id="1-17177@127.0.0.1#1795390323.194838",
                cause=Cause.BUSY,
                ended_at=datetime(2026, 11, 22, hour=23, minute=32, second=3, microsecond=198990, tzinfo=UTC),
                seconds=0,
                start=CallStarted(
                    call_id="1-17177@127.0.0.1#1795390323.194838",
                    direction=Direction.OUTBOUND,
                    caller="+15550100001",
                    callee="+442079460000",
                    line="+15550100001",
                    at=datetime(2026, 11, 22, hour=23, minute=32, second=3, microsecond=194838, tzinfo=UTC),
                ),
            ),
            "end_cancelled": CallEnded(
                call_id="1-17223@127.0.0.1#1795390323.634461",
                cause=Cause.CANCELLED,
                ended_at=datetime(2026, 11, 22, hour=23, minute=32, second=4, microsecond=143948, tzinfo=UTC),
                seconds=0,
                start=CallStarted(
                    call_id="1-17223@127.0.0.1#1795390323.634461",
                    direction=Direction.OUTBOUND,
                    caller="+15550100001",
                    callee="+442079460000",
                    line="+15550100001",
                    at=datetime(2026, 11, 22, hour=23, minute=32, second=3, microsecond=634461, tzinfo=UTC),
                ),
            ),
            "end_no_answer": CallEnded(
                call_id="1-17475@127.0.0.1#1795390325.082321",
                cause=Cause.NO_ANSWER,
                ended_at=datetime(2026, 11, 22, hour=23, minute=32, second=10, microsecond=53903, tzinfo=UTC),
                seconds=0,
                start=CallStarted(
                    call_id="1-17475@127.0.0.1#1795390325.082321",
                    direction=Direction.FORWARD,
                    caller="+447400123456",
                    callee="+442079460000",
                    line="+15550100001",
                    parent_call_id="incoming#1795390324.582679",
                    at=datetime(2026, 11, 22, hour=23, minute=32, second=5, microsecond=82321, tzinfo=UTC),
                ),
            ),
            "forward_start": CallStarted(
                call_id="1-17475@127.0.0.1#1795390325.082321",
                direction=Direction.FORWARD,
                caller="+447400123456",
                callee="+442079460000",
                line="+15550100001",
                parent_call_id="incoming#1795390324.582679",
                at=datetime(2026, 11, 22, hour=23, minute=32, second=5, microsecond=82321, tzinfo=UTC),
            ),
            "inbound_start": CallStarted(
                call_id="incoming#1795390324.582679",
                direction=Direction.INBOUND,
                caller="+447400123456",
                callee="+15550100001",
                line="+15550100001",
                at=datetime(2026, 11, 22, hour=23, minute=32, second=4, microsecond=582679, tzinfo=UTC),
            ),
            "start": CallStarted(
                call_id="1-16717@127.0.0.1#1795390318.839204",
                direction=Direction.OUTBOUND,
                caller="+15550100001",
                callee="+442079460000",
                line="+15550100001",
                at=datetime(2026, 11, 22, hour=23, minute=31, second=58, microsecond=839204, tzinfo=UTC),
            ),
        }
    )


def test_what_the_native_samples_mean() -> None:
    assert meanings("native") == snapshot(
        {
            "answer": CallAnswered(
                call_id="a1b2",
                at=datetime(2026, 3, 31, hour=12, minute=35, second=51, microsecond=300000, tzinfo=UTC),
            ),
            "end": CallEnded(
                call_id="a1b2",
                cause=Cause.NORMAL,
                answered_at=datetime(2026, 3, 31, hour=12, minute=35, second=51, microsecond=300000, tzinfo=UTC),
                ended_at=datetime(2026, 3, 31, hour=12, minute=37, second=31, microsecond=900000, tzinfo=UTC),
                seconds=101,
                cost=Decimal("0.0312"),
                cost_currency="USD",
            ),
            "end_unanswered": CallEnded(call_id="a1b2", cause=Cause.NO_ANSWER, seconds=0),
            "end_without_start": CallEnded(
                call_id="a1b2",
                cause=Cause.NORMAL,
                answered_at=datetime(2026, 3, 31, hour=12, minute=35, second=51, microsecond=300000, tzinfo=UTC),
                ended_at=datetime(2026, 3, 31, hour=12, minute=37, second=31, microsecond=900000, tzinfo=UTC),
                seconds=101,
                cost=Decimal("0.0312"),
                cost_currency="USD",
                start=CallStarted(
                    call_id="a1b2",
                    direction=Direction.OUTBOUND,
                    caller="+15550100001",
                    callee="+442079460000",
                    line="+15550100001",
                    at=datetime(2026, 3, 31, hour=12, minute=35, second=46, microsecond=120000, tzinfo=UTC),
                ),
            ),
            "forward_start": CallStarted(
                call_id="e5f6",
                direction=Direction.FORWARD,
                caller="+15550100001",
                callee="+442079460000",
                line="+15550100001",
                parent_call_id="c3d4",
                at=datetime(2026, 3, 31, hour=12, minute=35, second=46, microsecond=120000, tzinfo=UTC),
            ),
            "inbound_start": CallStarted(
                call_id="c3d4",
                direction=Direction.INBOUND,
                caller="+442079460000",
                callee="+15550100001",
                line="+15550100001",
            ),
            "start": CallStarted(
                call_id="a1b2",
                direction=Direction.OUTBOUND,
                caller="+15550100001",
                callee="+442079460000",
                line="+15550100001",
                at=datetime(2026, 3, 31, hour=12, minute=35, second=46, microsecond=120000, tzinfo=UTC),
            ),
        }
    )


def test_what_the_twilio_samples_mean() -> None:
    assert meanings("twilio") == snapshot(
        {
            "dial_ended": CallEnded(
                call_id="CA0a1b2c3d4e5f60718293a4b5c6d7e8f9",
                cause=Cause.NORMAL,
                seconds=61,
                start=CallStarted(
                    call_id="CA0a1b2c3d4e5f60718293a4b5c6d7e8f9",
                    direction=Direction.OUTBOUND,
                    caller="alice",
                    callee="+15552223333",
                    line="+15550001000",
                ),
            ),
            "first_leg_completed": CallHinted(call_id="CA0a1b2c3d4e5f60718293a4b5c6d7e8f9"),
            "first_leg_no_answer": CallEnded(
                call_id="CA0a1b2c3d4e5f60718293a4b5c6d7e8f9",
                cause=Cause.NO_ANSWER,
                ended_at=datetime(2026, 3, 31, hour=12, minute=35, second=57, tzinfo=UTC),
                seconds=0,
            ),
            "forward_start": CallStarted(
                call_id="CA0a1b2c3d4e5f60718293a4b5c6d7e8f9:forward",
                direction=Direction.FORWARD,
                caller="+15557654321",
                callee="+442079460000",
                line="+15550001000",
                parent_call_id="CA0a1b2c3d4e5f60718293a4b5c6d7e8f9",
            ),
            "inbound_start": CallStarted(
                call_id="CA0a1b2c3d4e5f60718293a4b5c6d7e8f9",
                direction=Direction.INBOUND,
                caller="+15557654321",
                callee="+15550001000",
                line="+15550001000",
            ),
            "leg_answered": CallAnswered(
                call_id="CA0a1b2c3d4e5f60718293a4b5c6d7e8f9",
                at=datetime(2026, 3, 31, hour=12, minute=35, second=57, tzinfo=UTC),
            ),
            "leg_busy": CallEnded(
                call_id="CA0a1b2c3d4e5f60718293a4b5c6d7e8f9:forward",
                cause=Cause.BUSY,
                ended_at=datetime(2026, 3, 31, hour=12, minute=35, second=57, tzinfo=UTC),
                seconds=0,
                start=CallStarted(
                    call_id="CA0a1b2c3d4e5f60718293a4b5c6d7e8f9:forward",
                    direction=Direction.FORWARD,
                    caller="+15557654321",
                    callee="+442079460000",
                    line="+15550001000",
                    parent_call_id="CA0a1b2c3d4e5f60718293a4b5c6d7e8f9",
                ),
            ),
            "leg_completed": CallEnded(
                call_id="CA0a1b2c3d4e5f60718293a4b5c6d7e8f9",
                cause=Cause.NORMAL,
                ended_at=datetime(2026, 3, 31, hour=12, minute=35, second=57, tzinfo=UTC),
                seconds=61,
            ),
            "sip_start": CallStarted(
                call_id="CA1b2c3d4e5f60718293a4b5c6d7e8f90a",
                direction=Direction.OUTBOUND,
                caller="alice",
                callee="+15552223333",
                line="+15550001000",
            ),
        }
    )


def test_what_the_signalwire_samples_mean() -> None:
    assert meanings("signalwire") == snapshot(
        {
            "dial_ended": CallEnded(
                call_id="4f8b6a2e-9c1d-4f0a-8b1e-2d3c4b5a6978",
                cause=Cause.NORMAL,
                seconds=61,
                start=CallStarted(
                    call_id="4f8b6a2e-9c1d-4f0a-8b1e-2d3c4b5a6978",
                    direction=Direction.OUTBOUND,
                    caller="alice",
                    callee="+15552223333",
                    line="+15550001000",
                ),
            ),
            "forward_start": CallStarted(
                call_id="4f8b6a2e-9c1d-4f0a-8b1e-2d3c4b5a6978:forward",
                direction=Direction.FORWARD,
                caller="+15557654321",
                callee="+442079460000",
                line="+15550001000",
                parent_call_id="4f8b6a2e-9c1d-4f0a-8b1e-2d3c4b5a6978",
            ),
            "inbound_start": CallStarted(
                call_id="4f8b6a2e-9c1d-4f0a-8b1e-2d3c4b5a6978",
                direction=Direction.INBOUND,
                caller="+15557654321",
                callee="+15550001000",
                line="+15550001000",
            ),
            "leg_answered": CallAnswered(
                call_id="4f8b6a2e-9c1d-4f0a-8b1e-2d3c4b5a6978",
                at=datetime(2026, 3, 31, hour=12, minute=35, second=57, tzinfo=UTC),
            ),
            "leg_busy_json": CallEnded(
                call_id="4f8b6a2e-9c1d-4f0a-8b1e-2d3c4b5a6978:forward",
                cause=Cause.BUSY,
                ended_at=datetime(2026, 3, 31, hour=12, minute=35, second=57, tzinfo=UTC),
                seconds=0,
                start=CallStarted(
                    call_id="4f8b6a2e-9c1d-4f0a-8b1e-2d3c4b5a6978:forward",
                    direction=Direction.FORWARD,
                    caller="+15557654321",
                    callee="+442079460000",
                    line="+15550001000",
                    parent_call_id="4f8b6a2e-9c1d-4f0a-8b1e-2d3c4b5a6978",
                ),
            ),
            "leg_completed": CallEnded(
                call_id="4f8b6a2e-9c1d-4f0a-8b1e-2d3c4b5a6978",
                cause=Cause.NORMAL,
                ended_at=datetime(2026, 3, 31, hour=12, minute=35, second=57, tzinfo=UTC),
                seconds=61,
                start=CallStarted(
                    call_id="4f8b6a2e-9c1d-4f0a-8b1e-2d3c4b5a6978",
                    direction=Direction.OUTBOUND,
                    caller="alice",
                    callee="+15552223333",
                    line="+15550001000",
                ),
            ),
            "number_completed": CallHinted(call_id="4f8b6a2e-9c1d-4f0a-8b1e-2d3c4b5a6978"),
            "sip_start": CallStarted(
                call_id="4f8b6a2e-9c1d-4f0a-8b1e-2d3c4b5a6978",
                direction=Direction.OUTBOUND,
                caller="alice",
                callee="+15552223333",
                line="+15550001000",
            ),
        }
    )


def test_what_the_vonage_samples_mean() -> None:
    assert meanings("vonage") == snapshot(
        {
            "app_start": CallStarted(
                call_id="CON-63f61863-4a51-4f6b-86e1-46edebcf9356",
                direction=Direction.OUTBOUND,
                caller="alice",
                callee="+15552223333",
                line="+15550001000",
                control_url="https://api-us-3.vonage.com/v1/calls/aaaaaaaabbbbccccdddd0123456789ab",
            ),
            "error": CallHinted(call_id="CON-63f61863-4a51-4f6b-86e1-46edebcf9356"),
            "fallback_start": CallStarted(
                call_id="CON-63f61863-4a51-4f6b-86e1-46edebcf9356",
                direction=Direction.INBOUND,
                caller="+15557654321",
                callee="+15550001000",
                line="+15550001000",
                control_url="https://api-us-3.vonage.com/v1/calls/aaaaaaaabbbbccccdddd0123456789ab",
            ),
            "first_leg_completed": CallHinted(call_id="CON-63f61863-4a51-4f6b-86e1-46edebcf9356"),
            "forward_start": CallStarted(
                call_id="CON-63f61863-4a51-4f6b-86e1-46edebcf9356:forward",
                direction=Direction.FORWARD,
                caller="+15557654321",
                callee="+442079460000",
                line="+15550001000",
                parent_call_id="CON-63f61863-4a51-4f6b-86e1-46edebcf9356",
                control_url="https://api-us-3.vonage.com/v1/calls/aaaaaaaabbbbccccdddd0123456789ab",
            ),
            "inbound_start": CallStarted(
                call_id="CON-63f61863-4a51-4f6b-86e1-46edebcf9356",
                direction=Direction.INBOUND,
                caller="+15557654321",
                callee="+15550001000",
                line="+15550001000",
                control_url="https://api-us-3.vonage.com/v1/calls/aaaaaaaabbbbccccdddd0123456789ab",
            ),
            "leg_answered": CallAnswered(
                call_id="CON-63f61863-4a51-4f6b-86e1-46edebcf9356",
                at=datetime(2026, 3, 31, hour=12, minute=34, second=56, tzinfo=UTC),
            ),
            "leg_completed": CallEnded(
                call_id="CON-63f61863-4a51-4f6b-86e1-46edebcf9356",
                cause=Cause.NORMAL,
                answered_at=datetime(2026, 3, 31, hour=12, minute=34, second=56, tzinfo=UTC),
                ended_at=datetime(2026, 3, 31, hour=12, minute=35, second=57, tzinfo=UTC),
                seconds=61,
                cost=Decimal("0.00732000"),
                cost_currency="EUR",
            ),
            "leg_completed_forward": CallEnded(
                call_id="CON-63f61863-4a51-4f6b-86e1-46edebcf9356:forward",
                cause=Cause.NORMAL,
                answered_at=datetime(2026, 3, 31, hour=12, minute=34, second=56, tzinfo=UTC),
                ended_at=datetime(2026, 3, 31, hour=12, minute=35, second=57, tzinfo=UTC),
                seconds=61,
                cost=Decimal("0.00732000"),
                cost_currency="EUR",
                start=CallStarted(
                    call_id="CON-63f61863-4a51-4f6b-86e1-46edebcf9356:forward",
                    direction=Direction.FORWARD,
                    caller="+15557654321",
                    callee="+442079460000",
                    line="+15550001000",
                    parent_call_id="CON-63f61863-4a51-4f6b-86e1-46edebcf9356",
                ),
            ),
            "leg_unanswered": CallEnded(
                call_id="CON-63f61863-4a51-4f6b-86e1-46edebcf9356",
                cause=Cause.NO_ANSWER,
                ended_at=datetime(2026, 3, 31, hour=12, minute=35, second=57, tzinfo=UTC),
                seconds=0,
            ),
        }
    )


def test_what_the_plivo_samples_mean() -> None:
    assert meanings("plivo") == snapshot(
        {
            "dial_busy": CallEnded(
                call_id="6f1c2a9e-3b7d-4c55-9d0e-8a7b6c5d4e3f",
                cause=Cause.BUSY,
                seconds=0,
                start=CallStarted(
                    call_id="6f1c2a9e-3b7d-4c55-9d0e-8a7b6c5d4e3f",
                    direction=Direction.OUTBOUND,
                    caller="alice2041",
                    callee="+15552223333",
                    line="+15550001000",
                ),
            ),
            "dial_completed": CallHinted(call_id="6f1c2a9e-3b7d-4c55-9d0e-8a7b6c5d4e3f:forward"),
            "forward_start": CallStarted(
                call_id="6f1c2a9e-3b7d-4c55-9d0e-8a7b6c5d4e3f:forward",
                direction=Direction.FORWARD,
                caller="+15557654321",
                callee="+442079460000",
                line="+15550001000",
                parent_call_id="6f1c2a9e-3b7d-4c55-9d0e-8a7b6c5d4e3f",
            ),
            "hangup": CallHinted(call_id="6f1c2a9e-3b7d-4c55-9d0e-8a7b6c5d4e3f"),
            "hangup_cancel": CallEnded(
                call_id="6f1c2a9e-3b7d-4c55-9d0e-8a7b6c5d4e3f", cause=Cause.CANCELLED, seconds=0
            ),
            "inbound_start": CallStarted(
                call_id="6f1c2a9e-3b7d-4c55-9d0e-8a7b6c5d4e3f",
                direction=Direction.INBOUND,
                caller="+15557654321",
                callee="+15550001000",
                line="+15550001000",
            ),
            "leg_answered": CallAnswered(call_id="6f1c2a9e-3b7d-4c55-9d0e-8a7b6c5d4e3f"),
            "leg_ended": CallEnded(
                call_id="6f1c2a9e-3b7d-4c55-9d0e-8a7b6c5d4e3f",
                cause=Cause.NORMAL,
                seconds=61,
                cost=Decimal("0.01100"),
                start=CallStarted(
                    call_id="6f1c2a9e-3b7d-4c55-9d0e-8a7b6c5d4e3f",
                    direction=Direction.OUTBOUND,
                    caller="alice2041",
                    callee="+15552223333",
                    line="+15550001000",
                ),
            ),
            "leg_no_answer": CallEnded(
                call_id="6f1c2a9e-3b7d-4c55-9d0e-8a7b6c5d4e3f:forward",
                cause=Cause.NO_ANSWER,
                seconds=0,
                start=CallStarted(
                    call_id="6f1c2a9e-3b7d-4c55-9d0e-8a7b6c5d4e3f:forward",
                    direction=Direction.FORWARD,
                    caller="+15557654321",
                    callee="+442079460000",
                    line="+15550001000",
                    parent_call_id="6f1c2a9e-3b7d-4c55-9d0e-8a7b6c5d4e3f",
                ),
            ),
            "sip_start": CallStarted(
                call_id="6f1c2a9e-3b7d-4c55-9d0e-8a7b6c5d4e3f",
                direction=Direction.OUTBOUND,
                caller="alice2041",
                callee="+15552223333",
                line="+15550001000",
            ),
        }
    )


def test_what_the_telnyx_samples_mean() -> None:
    assert meanings("telnyx") == snapshot(
        {
            "dial_ended": CallEnded(
                call_id="v3:T02llQxIyaRkhfRKxgAP8nY511EhFLizdvdUKJiSw8d6A9BborherQ:forward",
                cause=Cause.NORMAL,
                seconds=61,
                start=CallStarted(
                    call_id="v3:T02llQxIyaRkhfRKxgAP8nY511EhFLizdvdUKJiSw8d6A9BborherQ:forward",
                    direction=Direction.FORWARD,
                    caller="+15557654321",
                    callee="+442079460000",
                    line="+15550001000",
                    parent_call_id="v3:T02llQxIyaRkhfRKxgAP8nY511EhFLizdvdUKJiSw8d6A9BborherQ",
                ),
            ),
            "first_leg_completed": CallHinted(call_id="v3:T02llQxIyaRkhfRKxgAP8nY511EhFLizdvdUKJiSw8d6A9BborherQ"),
            "forward_start": CallStarted(
                call_id="v3:T02llQxIyaRkhfRKxgAP8nY511EhFLizdvdUKJiSw8d6A9BborherQ:forward",
                direction=Direction.FORWARD,
                caller="+15557654321",
                callee="+442079460000",
                line="+15550001000",
                parent_call_id="v3:T02llQxIyaRkhfRKxgAP8nY511EhFLizdvdUKJiSw8d6A9BborherQ",
            ),
            "inbound_start": CallStarted(
                call_id="v3:T02llQxIyaRkhfRKxgAP8nY511EhFLizdvdUKJiSw8d6A9BborherQ",
                direction=Direction.INBOUND,
                caller="+15557654321",
                callee="+15550001000",
                line="+15550001000",
            ),
            "leg_answered": CallAnswered(
                call_id="v3:T02llQxIyaRkhfRKxgAP8nY511EhFLizdvdUKJiSw8d6A9BborherQ",
                at=datetime(2026, 3, 31, hour=12, minute=35, second=57, microsecond=410000, tzinfo=UTC),
            ),
            "leg_busy": CallEnded(
                call_id="v3:T02llQxIyaRkhfRKxgAP8nY511EhFLizdvdUKJiSw8d6A9BborherQ:forward",
                cause=Cause.BUSY,
                ended_at=datetime(2026, 3, 31, hour=12, minute=35, second=57, microsecond=410000, tzinfo=UTC),
                seconds=0,
                start=CallStarted(
                    call_id="v3:T02llQxIyaRkhfRKxgAP8nY511EhFLizdvdUKJiSw8d6A9BborherQ:forward",
                    direction=Direction.FORWARD,
                    caller="+15557654321",
                    callee="+442079460000",
                    line="+15550001000",
                    parent_call_id="v3:T02llQxIyaRkhfRKxgAP8nY511EhFLizdvdUKJiSw8d6A9BborherQ",
                ),
            ),
            "leg_completed": CallEnded(
                call_id="v3:T02llQxIyaRkhfRKxgAP8nY511EhFLizdvdUKJiSw8d6A9BborherQ",
                cause=Cause.NORMAL,
                ended_at=datetime(2026, 3, 31, hour=12, minute=35, second=57, microsecond=410000, tzinfo=UTC),
                seconds=61,
                start=CallStarted(
                    call_id="v3:T02llQxIyaRkhfRKxgAP8nY511EhFLizdvdUKJiSw8d6A9BborherQ",
                    direction=Direction.OUTBOUND,
                    caller="+15550001000",
                    callee="+15552223333",
                    line="+15550001000",
                ),
            ),
            "sip_start": CallStarted(
                call_id="v3:T02llQxIyaRkhfRKxgAP8nY511EhFLizdvdUKJiSw8d6A9BborherQ",
                direction=Direction.OUTBOUND,
                caller="+15550001000",
                callee="+15552223333",
                line="+15550001000",
            ),
        }
    )


def test_what_the_telnyx_call_control_samples_mean() -> None:
    assert meanings("telnyx-call-control") == snapshot(
        {
            "cost": Ignored(kind="call.cost"),
            "first_leg_hung_up": CallHinted(call_id="v3:T02llQxIyaRkhfRKxgAP8nY511EhFLizdvdUKJiSw8d6A9BborherQ"),
            "forward_start": Ignored(kind="call.initiated of a leg we dialled"),
            "inbound_start": LegStarted(
                call_id="v3:T02llQxIyaRkhfRKxgAP8nY511EhFLizdvdUKJiSw8d6A9BborherQ",
                direction=Direction.INBOUND,
                caller="+15557654321",
                callee="+15550001000",
                line="+15550001000",
                at=datetime(2026, 3, 31, hour=12, minute=34, second=40, microsecond=118273, tzinfo=UTC),
                session="428c31b6-abf3-3bc1-b7f4-5013ef9657c1",
            ),
            "leg_answered": CallAnswered(
                call_id="v3:T02llQxIyaRkhfRKxgAP8nY511EhFLizdvdUKJiSw8d6A9BborherQ",
                at=datetime(2026, 3, 31, hour=12, minute=35, second=57, microsecond=310000, tzinfo=UTC),
                start=LegStarted(
                    call_id="v3:T02llQxIyaRkhfRKxgAP8nY511EhFLizdvdUKJiSw8d6A9BborherQ",
                    direction=Direction.OUTBOUND,
                    caller="+15550001000",
                    callee="+15552223333",
                    line="+15550001000",
                    control_url="v3:9X2vxPDFY2RHSJ1EdMS0RHRksMTg7ldNxdjWbVr9zBjbGjGsSe-aiQ",
                    session="428c31b6-abf3-3bc1-b7f4-5013ef9657c1",
                ),
            ),
            "leg_busy": CallEnded(
                call_id="v3:T02llQxIyaRkhfRKxgAP8nY511EhFLizdvdUKJiSw8d6A9BborherQ",
                cause=Cause.BUSY,
                ended_at=datetime(2026, 3, 31, hour=12, minute=35, second=57, microsecond=310000, tzinfo=UTC),
                seconds=0,
                start=LegStarted(
                    call_id="v3:T02llQxIyaRkhfRKxgAP8nY511EhFLizdvdUKJiSw8d6A9BborherQ",
                    direction=Direction.OUTBOUND,
                    caller="+15550001000",
                    callee="+15552223333",
                    line="+15550001000",
                    control_url="v3:9X2vxPDFY2RHSJ1EdMS0RHRksMTg7ldNxdjWbVr9zBjbGjGsSe-aiQ",
                    session="428c31b6-abf3-3bc1-b7f4-5013ef9657c1",
                ),
            ),
            "leg_hung_up": CallEnded(
                call_id="v3:T02llQxIyaRkhfRKxgAP8nY511EhFLizdvdUKJiSw8d6A9BborherQ",
                cause=Cause.NORMAL,
                answered_at=datetime(2026, 3, 31, hour=12, minute=34, second=56, microsecond=204000, tzinfo=UTC),
                ended_at=datetime(2026, 3, 31, hour=12, minute=35, second=57, microsecond=310000, tzinfo=UTC),
                start=LegStarted(
                    call_id="v3:T02llQxIyaRkhfRKxgAP8nY511EhFLizdvdUKJiSw8d6A9BborherQ",
                    direction=Direction.OUTBOUND,
                    caller="+15550001000",
                    callee="+15552223333",
                    line="+15550001000",
                    control_url="v3:9X2vxPDFY2RHSJ1EdMS0RHRksMTg7ldNxdjWbVr9zBjbGjGsSe-aiQ",
                    session="428c31b6-abf3-3bc1-b7f4-5013ef9657c1",
                ),
            ),
            "sip_start": LegStarted(
                call_id="v3:T02llQxIyaRkhfRKxgAP8nY511EhFLizdvdUKJiSw8d6A9BborherQ",
                direction=Direction.OUTBOUND,
                caller="+15550001000",
                callee="+15552223333",
                line="+15550001000",
                at=datetime(2026, 3, 31, hour=12, minute=35, second=57, microsecond=310000, tzinfo=UTC),
                session="428c31b6-abf3-3bc1-b7f4-5013ef9657c1",
            ),
        }
    )


@pytest.mark.parametrize("provider", RECORDED)
def test_every_sample_is_refused_by_another_secret(provider: str) -> None:
    adapter, connection = adapters()[provider], sample_connection(provider)
    assert connection is not None

    for hook in samples(provider).values():
        with pytest.raises(BadSignature):
            adapter.authenticate(hook, replace(connection, secrets=("another",)))
