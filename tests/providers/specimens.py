"""What the tests that all providers share need to know of each: its folder says so, in `provider.py`.

    KINDS = (Specimen(kind="acme", connections=(Connection(name="acme-1", …),), traps=Traps(…), rehearsed=…),)

Recorded hooks are in the folder's `samples`, see `tests/support/http_samples.py`; a trap names one of them by its file.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from gateway.domain.connection import Connection
from gateway.domain.events import Cause
from gateway.providers.registry import providers

FOLDER = Path(__file__).parent
CALLEE = "+442079460000"


@dataclass(frozen=True, slots=True, kw_only=True)
class GaveUp:
    """The sample of a call whose caller gave up, if what it `says` is replaced by the provider's word for that."""

    sample: str
    says: bytes
    word: bytes
    cause: Cause = Cause.CANCELLED


@dataclass(frozen=True, slots=True, kw_only=True)
class Traps:
    """What of `test_traps.py` is a trap with this provider; the defaults are those for which it is none."""

    # An inbound start.
    inbound_start: str = ""
    # The start of a call that an own user dials out with, which the provider calls inbound.
    own_user_start: str = ""
    # The end of the leg that was dialled, and the field with that leg's own id.
    leg_end: tuple[str, str] | None = None
    gave_up: GaveUp | None = None
    # A sample of an end after 61 s, and another figure in it that is not its seconds.
    not_seconds: tuple[str, bytes] | None = None
    # Whether numbers come and go without their plus.
    has_no_plus: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsed:
    """What the script says of a refusal as busy, of one for want of money, and of whom it dials."""

    busy: str
    no_money: str
    dials: str = CALLEE


@dataclass(frozen=True, slots=True, kw_only=True)
class Specimen:
    """One kind of connection. Nothing in its connections would let the gateway ask the provider."""

    kind: str
    connections: Sequence[Connection]
    traps: Traps
    # None where no call of it can be rehearsed.
    rehearsed: Rehearsed | None
    # Options that are wrong, or no use without another one, and how what is said of them begins.
    wrong_options: Sequence[tuple[Mapping[str, str], str]]
    # A secret that is none, and how what is said of it begins.
    wrong_secrets: Sequence[tuple[str, str]]


def specimens() -> Mapping[str, Specimen]:
    """By the kind of connection. A provider without the file is `test_complete`'s to tell."""
    names = [each.name for each in providers() if (FOLDER / each.name / "provider.py").exists()]
    modules = [import_module(f"tests.providers.{name}.provider") for name in names]
    return {each.kind: each for module in modules for each in module.KINDS}
