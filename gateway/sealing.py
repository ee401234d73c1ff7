"""What must be kept and must not be read: encrypted and authenticated (Fernet) by keys of the settings.

The cryptography library is imported with the first seal: processes that only serve calls have no need of its 6 MB.
"""

import base64
import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Final

# How every Fernet token begins: its version and the first bits of its time (github.com/fernet/spec).
_BEGINNING: Final = "gAAAA"


def keys_directory(data: Path) -> Path:
    """Where keys are that nobody has set, but that were drawn here."""
    return data / "keys"


class Seal:
    """Writes with the first key and reads with any, so that a key is replaced by putting a new one before it."""

    def __init__(self, keys: Sequence[str]) -> None:
        from cryptography.fernet import Fernet, MultiFernet  # noqa: PLC0415 - see above

        self._fernet = MultiFernet([Fernet(_fernet_key(key)) for key in keys])

    def close(self, text: str) -> str:
        return self._fernet.encrypt(text.encode()).decode()

    def open(self, kept: str) -> str | None:
        """The text; None where none of the keys opens it. What was kept before anything was sealed is as it is."""
        from cryptography.fernet import InvalidToken  # noqa: PLC0415 - see above

        if not kept.startswith(_BEGINNING):
            return kept
        try:
            return self._fernet.decrypt(kept).decode()
        except InvalidToken:
            return None


def _fernet_key(key: str) -> bytes:
    """32 bytes, whatever the length of the key: it is random, so a hash of it is as good."""
    return base64.urlsafe_b64encode(hashlib.sha256(key.encode()).digest())
