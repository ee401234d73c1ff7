"""Each setting is told with the place that its value comes from, and no secret is."""

from pathlib import Path

from gateway.settings import load_settings
from gateway.settings.origins import HIDDEN, SettingOrigin, SettingView, view_settings
from gateway.settings.table import SETTINGS

SECRET = "s3cret-s3cret"


def views(tmp_path: Path) -> dict[str, SettingView]:
    config = tmp_path / "gateway.toml"
    config.write_text("api_rate = 7\n[limits]\nring_seconds = 60\n")
    settings = load_settings(
        {"GATEWAY_DATA": str(tmp_path), "GATEWAY_METRICS_TOKEN": SECRET},
        kinds={},
        config=config,
        overrides={"port": "9000"},
    )
    return {each.key: each for each in settings.views}


def test_each_place_is_told(tmp_path: Path) -> None:
    told = views(tmp_path)
    file = tmp_path / "gateway.toml"

    assert (told["port"].origin, told["port"].where, told["port"].value) == (
        SettingOrigin.COMMAND_LINE,
        "--port",
        "9000",
    )
    assert (told["data"].origin, told["data"].where) == (SettingOrigin.ENVIRONMENT, "GATEWAY_DATA")
    assert (told["api_rate"].origin, told["api_rate"].where) == (SettingOrigin.FILE, f"api_rate in {file}")
    assert told["limits.ring_seconds"].value == "60"
    assert (told["host"].origin, told["host"].where, told["host"].value, told["host"].default) == (
        SettingOrigin.DEFAULT,
        None,
        None,
        "127.0.0.1",
    )


def test_what_is_secret_is_not_told(tmp_path: Path) -> None:
    told = views(tmp_path)

    assert (told["metrics_token"].value, told["metrics_token"].origin) == (HIDDEN, SettingOrigin.ENVIRONMENT)
    assert SECRET not in repr(told)


def test_whatever_may_hold_a_password_or_a_key_is_secret() -> None:
    secret = {each.name for each in SETTINGS if each.is_secret}

    assert secret == {"database_url", "database_read_url", "encryption_keys", "metrics_token", "smtp_url"}


def test_nobody_has_set_anything_where_nothing_was_read() -> None:
    assert {each.origin for each in view_settings()} == {SettingOrigin.DEFAULT}
    assert {each.key: each.default for each in view_settings()}["api"] == "true"
