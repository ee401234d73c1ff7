"""Where settings come from: the command line, the environment, a TOML file; and the list of what is wrong with them."""

import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple, TypeVar

from gateway.settings.setting import PREFIX, Setting
from gateway.settings.values import Raw

CONFIG = "GATEWAY_CONFIG"
# The tests' own variables may stand in the same environment.
FOREIGN = "GATEWAY_TEST_"
# What a configuration file may hold beside settings and [limits]; it is read by `connections`.
CONNECTIONS = "connections"
# Read by `new_accounts`.
NEW_ACCOUNTS = "new_accounts"
# Read by `top_up`.
TOP_UP = "top_up"
FILE_BYTES_MAX = 65_536

T = TypeVar("T")
D = TypeVar("D")


class Found(NamedTuple):
    """A raw value and the name of the place it stands at, for messages."""

    value: Raw
    where: str
    is_in_file: bool = False


@dataclass(slots=True, kw_only=True)
class Source:
    """Reads settings one by one and collects what is wrong, so that everything is reported at once."""

    environ: Mapping[str, str]
    overrides: Mapping[str, str]
    table: Mapping[str, object]
    file: Path | None
    problems: list[str] = field(default_factory=list)
    # What was asked for: all else is unknown.
    known: set[tuple[str, str]] = field(default_factory=set)
    # What was found, by section and name: all else has its default.
    found: dict[tuple[str, str], Found] = field(default_factory=dict)
    # Variables that the configuration file points at, whatever they are called.
    referenced: frozenset[str] = frozenset()

    def wrong(self, where: str, what: str) -> None:
        self.problems.append(f"{where} {what}")

    def read(self, setting: Setting[T, D]) -> T | D:
        """The setting's value, or the default where it is missing or wrong."""
        return self.read_else(setting, default=setting.default)

    def read_else(self, setting: Setting[T, object], *, default: D) -> T | D:
        """The same with a default that depends on something else."""
        self.known.add((setting.section, setting.name))
        found = self._find(setting)
        return default if found is None else self.convert(found, setting.convert, default=default)

    def convert(self, found: Found, convert: Callable[[Raw], T], *, default: D) -> T | D:
        try:
            return convert(found.value)
        except ValueError as error:
            self.wrong(found.where, str(error))
            return default

    def is_set(self, setting: Setting[T, D]) -> bool:
        named = self.environ.get(setting.variable) or self.environ.get(f"{setting.variable}_FILE")
        return bool(named) or setting.name in self.table

    def read_if(self, setting: Setting[T, D], *, is_wanted: bool) -> T | D:
        """The same of a setting that is known, but not always wanted: else whatever stands there, its default."""
        self.known.add((setting.section, setting.name))
        return self.read(setting) if is_wanted else setting.default

    def read_path(self, setting: Setting[Path, object], *, default: D) -> Path | D:
        """A path; one that stands in the configuration file counts from that file's directory."""
        self.known.add((setting.section, setting.name))
        found = self._find(setting)
        path = None if found is None else self.convert(found, setting.convert, default=None)
        if found is None or path is None:
            return default
        return self._beside(path) if found.is_in_file else path

    def read_truth(self, setting: Setting[bool, bool]) -> bool:
        """True or false, in the configuration file without quotes."""
        self.known.add((setting.section, setting.name))
        found = self._find(setting, is_truth=True)
        return setting.default if found is None else self.convert(found, setting.convert, default=setting.default)

    def in_file(self, key: str) -> str:
        """How a key of the configuration file is called in messages."""
        return f"{key} in {self.file}:"

    def section(self, value: object, key: str) -> Mapping[str, object]:
        """A table of the configuration file; empty if it is none, which is reported."""
        if isinstance(value, dict):
            return value
        self.wrong(self.in_file(key), f"must be a table, written [{key}]")
        return {}

    def raw(self, value: object, key: str) -> Found | None:
        """A value of the file: text or a number, or the text that `{ env = … }` or `{ file = … }` points at."""
        where = self.in_file(key)
        if isinstance(value, dict):
            text = self._pointed_at(value, where)
            return None if text is None else Found(text, where, is_in_file=True)
        if isinstance(value, bool) or not isinstance(value, str | int):
            self.wrong(where, 'must be text or a whole number, or { env = "NAME" } or { file = "PATH" }')
            return None
        return Found(value, where, is_in_file=True)

    def check_nothing_unknown(self) -> None:
        """A setting that nobody reads is a mistake, most often a misspelled one."""
        for name in sorted(self.environ):
            if name.startswith(PREFIX) and not name.startswith(FOREIGN) and name not in self._variables():
                self.wrong(name, "is no setting of the gateway")
        sections = {section for section, _ in self.known if section}
        for key in self.table:
            if key not in sections | {CONNECTIONS, NEW_ACCOUNTS, TOP_UP} and ("", key) not in self.known:
                self.wrong(self.in_file(key), "is no setting of the gateway")
        for section in sorted(sections & self.table.keys()):
            for key in self.section(self.table[section], section):
                if (section, key) not in self.known:
                    self.wrong(self.in_file(f"{section}.{key}"), "is no setting of the gateway")

    def _variables(self) -> set[str]:
        variables = {PREFIX + name.upper() for _, name in self.known}
        return variables | {f"{variable}_FILE" for variable in variables} | {CONFIG} | self.referenced

    def _find(self, setting: Setting[T, D], *, is_truth: bool = False) -> Found | None:
        found = self._look(setting, is_truth=is_truth)
        if found is not None:
            self.found[setting.section, setting.name] = found
        return found

    def _look(self, setting: Setting[T, D], *, is_truth: bool) -> Found | None:
        name, section, variable = setting.name, setting.section, setting.variable
        if name in self.overrides:
            return Found(self.overrides[name], f"--{name.replace('_', '-')}")
        value, path = self.environ.get(variable), self.environ.get(f"{variable}_FILE")
        if value and path:
            self.wrong(variable, f"and {variable}_FILE are both set: set one of them")
        if value:
            return Found(value, variable)
        if path:
            content = self._content(Path(path), f"{variable}_FILE")
            return None if content is None else Found(content, f"{variable}_FILE")
        table = self.table.get(section, {}) if section else self.table
        if not isinstance(table, dict) or name not in table:
            return None
        value, key = table[name], f"{section}.{name}" if section else name
        if is_truth and isinstance(value, bool):
            return Found(str(value).lower(), self.in_file(key), is_in_file=True)
        return self.raw(value, key)

    def _pointed_at(self, value: Mapping[str, object], where: str) -> str | None:
        match value:
            case {"env": str(variable), **rest} if not rest:
                if not self.environ.get(variable):
                    self.wrong(where, f"the environment variable {variable} is not set")
                    return None
                return self.environ[variable]
            case {"file": str(path), **rest} if not rest:
                return self._content(self._beside(Path(path).expanduser()), where)
            case _:
                self.wrong(where, 'must be text, { env = "NAME" } or { file = "PATH" }')
                return None

    def _beside(self, path: Path) -> Path:
        return path if self.file is None else self.file.absolute().parent / path

    def _content(self, path: Path, where: str) -> str | None:
        """The text of a file without its closing line break."""
        try:
            content = path.read_bytes()
            if len(content) > FILE_BYTES_MAX:
                self.wrong(where, f"the file {path} is too large for a value")
                return None
            text = content.decode().rstrip("\r\n")
        except OSError as error:
            self.wrong(where, f"the file {path} cannot be read: {error.strerror}")
            return None
        except UnicodeDecodeError:
            self.wrong(where, f"the file {path} is not UTF-8")
            return None
        if not text:
            self.wrong(where, f"the file {path} is empty")
            return None
        return text


def open_source(environ: Mapping[str, str], *, config: Path | None, overrides: Mapping[str, str]) -> Source:
    """Read the configuration file, if there is one; a file that cannot be read is the first thing that is wrong."""
    file = config
    if file is None and environ.get(CONFIG):
        file = Path(environ[CONFIG])
    source = Source(environ=environ, overrides=overrides, table={}, file=file)
    if file is not None:
        try:
            source.table = tomllib.loads(file.read_text(encoding="utf-8"))
            source.referenced = frozenset(_variables_of(source.table))
        except OSError as error:
            source.wrong(str(file), f"cannot be read: {error.strerror}")
        except UnicodeDecodeError:
            source.wrong(str(file), "is not UTF-8")
        except tomllib.TOMLDecodeError as error:
            source.wrong(str(file), f"is not TOML: {error}")
    return source


def _variables_of(value: object) -> Iterator[str]:
    """The names of all variables that a part of the configuration file points at."""
    match value:
        case {"env": str(variable)}:
            yield variable
        case dict():
            for part in value.values():
                yield from _variables_of(part)
        case list():
            for part in value:
                yield from _variables_of(part)
        case _:
            pass
