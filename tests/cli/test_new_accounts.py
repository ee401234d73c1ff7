"""R17: new accounts get the caps that the settings name."""

from pathlib import Path

from tests.support.command_line import CONFIG, Gateway, undone

CAPS = """
[new_accounts.caps]
live_calls = 10
spend_a_day = "50"
blocked_prefixes = ["dear", "+1900"]
"""


async def test_r17_an_account_has_the_caps_of_the_settings_from_its_first_call(dsn: str, tmp_path: Path) -> None:
    config = tmp_path / "gateway.toml"
    config.write_text(CONFIG + CAPS)
    gateway = Gateway({"GATEWAY_DATABASE_URL": dsn, "GATEWAY_CONFIG": str(config)})
    with undone():
        created = await gateway.json("account", "create", "Acme", "--currency", "USD", "--email", "a@b.example")
        account = str(created["id"])

        shown = await gateway.json("caps", "show", account)
        taken = await gateway.json("caps", "set", account, "--unblock-prefix", "dear", "--no", "live_calls")

    assert (shown["live_calls"], shown["spend_a_day"], shown["starts_a_minute"]) == (10, "50.000000", None)
    assert shown["blocked_prefixes"] == ["dear", "+1900"]
    assert (taken["live_calls"], taken["blocked_prefixes"]) == (None, ["+1900"])
