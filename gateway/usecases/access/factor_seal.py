"""By what the secrets of one-time passwords are sealed in the database."""

import os
import secrets
from pathlib import Path
from typing import Final

from gateway.sealing import Seal, keys_directory
from gateway.settings import Settings

KEY_FILE: Final = "factors"
_BYTES: Final = 32


def factor_seal(settings: Settings) -> Seal:
    """By the keys of the settings; without any by one that is drawn once, and kept in the data directory.

    What was sealed by that key is read too after there are others. Machines that share a database share no directory:
    they need keys in the settings.
    """
    path = keys_directory(settings.data) / KEY_FILE
    own = [] if settings.encryption_keys and not path.exists() else [_own_key(path)]
    return Seal([*settings.encryption_keys, *own])


def _own_key(path: Path) -> str:
    """The key of a file, which nobody else may read; of several processes one draws it."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        drawn = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
        drawn.touch(mode=0o600)
        try:
            drawn.write_text(secrets.token_hex(_BYTES))
            # Fails where another process was quicker.
            os.link(drawn, path)
        except FileExistsError:
            pass
        finally:
            drawn.unlink()
    return path.read_text().strip()
