"""With --demo, mails are taken by a server of the demo's own and printed (R32)."""

import builtins
from pathlib import Path
from typing import Any

import pytest

from gateway.clock import SystemClock
from gateway.demo.mail_sink import SENDER, mail_teller, open_mail_sink
from gateway.demo.narrator import Narrator
from gateway.mail.smtp import open_mailer
from gateway.mail.smtp_url import read_smtp_url
from gateway.settings import Settings
from tests.unit.mail.test_messages import message


async def test_r32_the_demos_mails_are_printed_with_recipient_subject_and_text(tmp_path: Path) -> None:
    said: list[str] = []
    async with open_mail_sink(Settings(data=tmp_path)) as sink:
        assert sink is not None
        sink.on_mail = mail_teller(Narrator(SystemClock(), write=said.append))
        settings = sink.settings(Settings(data=tmp_path))
        assert settings.smtp_url is not None

        async with open_mailer(read_smtp_url(settings.smtp_url), sender=settings.mail_from) as mailer:
            assert mailer is not None
            await mailer.send(message("rent_due", sender=SENDER))

    first, second, *_ = said
    assert "Mail        to a@b.example: Payment of €4.00 due on July 1, 2026: +4930123456\n" in first
    assert second == " " * 22 + "A payment of €4.00 for the number +4930123456 is due on July 1, 2026.\n"


async def test_r32_the_demo_leaves_a_configured_server_alone(tmp_path: Path) -> None:
    async with open_mail_sink(Settings(data=tmp_path, smtp_url="smtp://mail.example")) as sink:
        assert sink is None


async def test_r32_without_its_library_the_demo_has_no_mail_sink_and_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = builtins.__import__

    def without(name: str, *arguments: Any, **keywords: Any) -> Any:
        if name.startswith("aiosmtpd"):
            raise ImportError(name)
        return real(name, *arguments, **keywords)

    monkeypatch.setattr(builtins, "__import__", without)
    settings = Settings(data=tmp_path)

    async with open_mail_sink(settings) as sink:
        assert sink is not None
        assert sink.port is None
        assert sink.settings(settings) is settings
