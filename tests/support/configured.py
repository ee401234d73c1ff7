"""Settings loaded for a test, from a file that it writes."""

from base64 import b64encode
from pathlib import Path

import pytest

from gateway.domain.errors import InvalidInput
from gateway.providers.registry import adapters
from gateway.settings import Settings, load_settings

KEY = "whsec_" + b64encode(b"k" * 24).decode()
ACCOUNT_SID = "AC0123456789abcdef0123456789abcdef"
OTHER_KEY = "whsec_" + b64encode(b"o" * 64).decode()
HOME = {"HOME": "/home/operator", "XDG_STATE_HOME": "/state"}


def load(environ: dict[str, str] | None = None, toml: Path | None = None, **more) -> Settings:
    """The settings of an environment and a configuration file."""
    return load_settings({**HOME, **(environ or {})}, kinds=adapters(), config=toml, **more)


def problems_of(*arguments, **keywords) -> list[str]:
    """What `load` finds wrong."""
    with pytest.raises(InvalidInput) as caught:
        load(*arguments, **keywords)
    return str(caught.value).splitlines()


def write_config(directory: Path, text: str) -> Path:
    path = directory / "gateway.toml"
    path.write_text(text, encoding="utf-8")
    return path
