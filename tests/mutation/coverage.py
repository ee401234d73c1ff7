"""Which tests cover a module: those of the same layer and subject."""

from dataclasses import dataclass
from pathlib import Path

# Properties without a database: slower, asked where nothing was noticed before.
PROPERTIES = (
    "accounts/test_caps.py",
    "accounts/test_low_balance.py",
    "accounts/test_money.py",
    "calls",
    "lines",
    "rates/test_deck_switch.py",
    "rates/test_rating.py",
)
# A call is tried over HTTP too.
OVER_HTTP = {"calls": ("tests/calls",)}


@dataclass(frozen=True)
class Cover:
    """`named`, where there are any, stand for all that would be found."""

    named: tuple[str, ...] = ()
    with_properties: bool = False

    def tests(self, file: Path) -> tuple[str, ...]:
        """Paths that exist, nearest first."""
        paths = self.named or (*_of_layer(file), *self._properties())
        return tuple(path for path in dict.fromkeys(paths) if Path(path).exists())

    def _properties(self) -> tuple[str, ...]:
        return tuple(f"tests/property/{name}" for name in PROPERTIES) if self.with_properties else ()


def _of_layer(file: Path) -> tuple[str, ...]:
    """The module's own tests, those of its subject, then those of its whole layer or with a database."""
    folder = Path("tests/unit") / file.parent.relative_to("gateway")
    near = (f"{folder}/test_{file.name}", f"{folder}")
    if file.parts[1] == "domain":
        return (*near, "tests/unit/domain")
    subject = file.parts[2]
    own = f"tests/integration/{subject}/test_{file.name}"
    return (*near, own, f"tests/integration/{subject}", *OVER_HTTP.get(subject, ()))
