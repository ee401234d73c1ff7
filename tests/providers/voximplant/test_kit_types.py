"""The VoxEngine scenario, checked by TypeScript: a method the engine does not have is found before it is called."""

import json
import os
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.providers.voximplant.adapter import Voximplant
from tests.providers.voximplant.session import CONNECTION, HERE, PUBLIC_URL
from tests.support.packages import npm_packages, require

TYPESCRIPT = "5.9.3"
# The reference documents it, the vendor's typings of November 2025 lack it.
MISSING = "declare namespace VoxEngine { function getSecretValue(name: string): string | undefined; }\n"
OPTIONS = {
    "noEmit": True,
    "allowJs": True,
    "checkJs": True,
    "strict": True,
    "noUnusedLocals": True,
    "skipLibCheck": True,
    "target": "es2018",
    "lib": ["es2018"],
    "types": [],
}


@pytest.fixture(scope="module")
def tsc() -> Path:
    folder = npm_packages(f"typescript-{TYPESCRIPT}", f"typescript@{TYPESCRIPT}")
    return folder / "typescript" / "bin" / "tsc"


@pytest.fixture(params=["ours", "vendor"] if os.environ.get("VOXENGINE_TYPINGS") else ["ours"])
def typings(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[list[Path]]:
    """Our description of the engine, and the vendor's where VOXENGINE_TYPINGS names its file."""
    if request.param == "ours":
        yield [HERE / "voxengine.d.ts"]
        return
    vendor = Path(os.environ["VOXENGINE_TYPINGS"])
    missing = tmp_path / "missing.d.ts"
    missing.write_text("" if "getSecretValue" in vendor.read_text() else MISSING)
    yield [vendor, missing]


def complaints(tsc: Path, typings: list[Path], kit: str) -> str:
    with tempfile.TemporaryDirectory() as folder:
        scenario = Path(folder) / "voximplant.js"
        scenario.write_text(kit)
        project = Path(folder) / "tsconfig.json"
        project.write_text(
            json.dumps({"compilerOptions": OPTIONS, "files": [str(path.resolve()) for path in [*typings, scenario]]})
        )
        ran = subprocess.run(
            [require("node"), str(tsc), "--project", str(project), "--pretty", "false"],
            capture_output=True,
            text=True,
            timeout=100,
            check=False,
        )
    return ran.stdout + ran.stderr


def test_the_scenario_uses_the_engine_as_it_is(tsc: Path, typings: list[Path]) -> None:
    kit = Voximplant().kit(CONNECTION, public_url=PUBLIC_URL)

    assert complaints(tsc, typings, kit) == ""


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("a.call.answer()", "a.call.anwser()"),
        ("VoxEngine.terminate()", "VoxEngine.finish()"),
        ("e.internalCode", "e.internal_code"),
        ("e.accessSecureURL", "e.accessSecureUrl"),
        ("CallEvents.Ringing", "CallEvents.Ring"),
        ("postData: body", "body"),
    ],
)
def test_a_wrong_name_is_found(tsc: Path, right: str, wrong: str) -> None:
    kit = Voximplant().kit(CONNECTION, public_url=PUBLIC_URL)
    assert right in kit

    assert "error TS" in complaints(tsc, [HERE / "voxengine.d.ts"], kit.replace(right, wrong))
