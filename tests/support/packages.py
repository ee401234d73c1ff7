"""Vendors' packages, for tests: installed apart, where they cannot disturb ours, once into the user's cache.

Without a program or a registry the tests that need it are skipped, but never in CI.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn

import pytest

INSTALL_S_MAX = 100


def require(program: str) -> str:
    """The path of a program."""
    path = shutil.which(program)
    return path or _missing(f"{program} is not installed")


def npm_packages(name: str, *packages: str) -> Path:
    """The folder that node finds these packages in."""
    npm = [require("npm"), "install", "--no-audit", "--no-fund", "--prefix"]
    return _installed(name, npm, packages) / "node_modules"


def pip_packages(name: str, *packages: str) -> Path:
    """The folder that Python finds these packages in. Some are compiled, so each version of Python has its own."""
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--target"]
    return _installed(f"{name}-{sys.implementation.cache_tag}", pip, packages)


def ask(program: Sequence[str | Path], asked: Mapping[str, object], **environment: str) -> Any:
    """What a program answers: JSON in, JSON out."""
    ran = subprocess.run(
        program,
        input=json.dumps(asked),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={**os.environ, **environment},
    )
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)


def _installed(name: str, install: Sequence[str], packages: Sequence[str]) -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    folder = Path(base) / "gateway-tests" / name
    if folder.exists():
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(dir=folder.parent))
    try:
        subprocess.run(
            [*install, str(fresh), *packages], check=True, capture_output=True, text=True, timeout=INSTALL_S_MAX
        )
        fresh.rename(folder)
    except subprocess.TimeoutExpired:
        _missing(f"{' '.join(packages)}: the registry did not answer in {INSTALL_S_MAX} s")
    except subprocess.CalledProcessError as error:
        _missing(f"{' '.join(packages)} cannot be installed: {error.stderr.strip()[-500:]}")
    except OSError:  # another run was first
        assert folder.exists()
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return folder


def _missing(what: str) -> NoReturn:
    assert not os.environ.get("CI"), f"{what}: it is needed in CI"
    pytest.skip(f"{what}: what needs it is not tested")
