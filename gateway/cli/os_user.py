"""Who types: the name by which the machine knows them, whatever the environment calls them."""

import os
import pwd


def os_user() -> str:
    """`anna`; `root/anna` where anna became root by sudo; the number of a user who has no name."""
    name = _name_of(os.getuid())
    before = os.environ.get("SUDO_USER", name)
    return name if before == name or not _is_known(before) else f"{name}/{before}"


def _name_of(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def _is_known(name: str) -> bool:
    try:
        pwd.getpwnam(name)
    except KeyError:
        return False
    return True
