"""How administrators top up, as it is set: for all languages, and for one."""

from pathlib import Path

import pytest

from gateway.domain.mail.top_up import TopUp, TopUps
from gateway.mail.letterhead import Letterhead
from tests.support.configured import load, problems_of, write_config

URL = "https://pay.example.com/?account={account_id}"


def test_an_address_and_a_line_are_told_in_every_language() -> None:
    settings = load({"GATEWAY_TOP_UP_URL": URL, "GATEWAY_TOP_UP_LINE": " By bank transfer. "})

    assert settings.top_ups == TopUps(everywhere=TopUp(url=URL, line="By bank transfer."))
    assert load().top_ups == TopUps()


def test_a_language_may_have_its_own_in_the_file(tmp_path: Path) -> None:
    file = write_config(
        tmp_path,
        f"""
        top_up_url = "{URL}"
        [top_up.de]
        line = "Per Überweisung."
        [top_up.pt]
        url = "https://pay.example.com.br/"
        line = {{ env = "LINHA" }}
        """,
    )

    told = load({"LINHA": "Por Pix."}, file).top_ups

    assert told.everywhere == TopUp(url=URL)
    assert told.by_language == {
        "de": TopUp(line="Per Überweisung."),
        "pt-BR": TopUp(url="https://pay.example.com.br/", line="Por Pix."),
    }


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("GATEWAY_TOP_UP_URL", "pay.example.com", "must be a URL like"),
        ("GATEWAY_TOP_UP_URL", "javascript:alert(1)", "must be a URL like"),
        ("GATEWAY_TOP_UP_URL", "https://pay.example.com/{account}", "may have {account_id} in it"),
        ("GATEWAY_TOP_UP_LINE", "Reference }", "no other { or }"),
        ("GATEWAY_TOP_UP_LINE", "Transfer\nor cash", "text without control characters"),
        ("GATEWAY_TOP_UP_LINE", "x" * 301, "at most 300 characters"),
        ("GATEWAY_MAIL_REPLY_TO", "nobody", "must be an e-mail address"),
    ],
)
def test_what_is_wrong_is_told(variable: str, value: str, said: str) -> None:
    [problem] = problems_of({variable: value})

    assert problem.startswith(f"{variable} ")
    assert said in problem


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[top_up.tlh]\nline = 'nuqneH'", "top_up.tlh in {file}: is no language of mails: there are en, de, "),
        ("[top_up.de]\nurl = 'pay'", "top_up.de.url in {file}: must be a URL like "),
        ("[top_up.de]\nurl = 3.5", "top_up.de.url in {file}: must be text or a whole number"),
        ("[top_up.de]\nzeile = 'x'", "top_up.de.zeile in {file}: is no setting of the gateway"),
        ("[top_up.pt]\n[top_up.pt-BR]", "top_up.pt-BR in {file}: is pt-BR, which is there already"),
        ("[top_up]\nde = 'x'", "top_up.de in {file}: must be a table"),
        ("top_up = 'x'", "top_up in {file}: must be a table"),
    ],
)
def test_what_is_wrong_in_the_file_is_told(text: str, said: str, tmp_path: Path) -> None:
    file = write_config(tmp_path, text)

    [problem] = problems_of(toml=file)

    assert problem.startswith(said.format(file=file))


def test_a_letterhead_is_what_is_set_for_mails() -> None:
    settings = load({"GATEWAY_MAIL_REPLY_TO": "Billing <billing@example.com>", "GATEWAY_TOP_UP_URL": URL})

    assert settings.letterhead(sender="gw@example.com") == Letterhead(
        sender="gw@example.com",
        reply_to="Billing <billing@example.com>",
        top_ups=TopUps(everywhere=TopUp(url=URL)),
    )
