"""From root to an account that may do nothing, in a process of its own, as there is no way back."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from gateway.domain.errors import GatewayError
from gateway.privileges import account_named
from tests.support.postgres import throwaway_directory

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")

BECOME = """
import os, sys
from pathlib import Path
from gateway.privileges import account_named, become, began_as_root, own
sys.path[:] = ["/"] if sys.argv[2] == "open" else ["/root/somewhere"]
spool = Path(sys.argv[1], "spool")
account = account_named("nobody")
own(spool, account)
kept = become(account, reads=(spool,))
(spool / "record").write_text("kept")
def tried(what):
    try:
        what()
    except PermissionError:
        return "refused"
    return "done"
print(kept.value, os.getresuid() == (account.uid,) * 3, os.getgroups(), os.environ["HOME"], began_as_root())
print(tried(lambda: os.listdir("/root")), tried(lambda: open("/etc/gateway-test", "w")), tried(lambda: os.setuid(0)))
"""


@pytest.mark.parametrize(("program", "kept", "reads"), [("open", "nothing", "refused"), ("closed", "reading", "done")])
def test_root_is_left_for_good(program: str, kept: str, reads: str) -> None:
    with throwaway_directory(memory=True) as directory:
        Path(directory, "spool").mkdir()
        Path(directory, "spool", "old").write_text("by root")
        said = subprocess.check_output([sys.executable, "-c", BECOME, str(directory), program], text=True).splitlines()

    assert said == [f"{kept} True [] /nonexistent True", f"{reads} refused refused"]


def test_an_account_that_is_not_there_is_named() -> None:
    with pytest.raises(GatewayError, match="there is no account 'nemo'"):
        account_named("nemo")
