"""What can be set: the settings, those of connections, and the columns of a deck."""

from collections.abc import Iterator, Mapping

from gateway.decks.columns import MEANINGS
from gateway.domain.accounts.caps import Cap
from gateway.domain.connection import Check, Option
from gateway.providers.registry import adapters
from gateway.settings.setting import Setting
from gateway.settings.table import SETTINGS
from tests.support.reference.text import code, page, paragraph, sentence, table

_WHERE = (
    "A setting is looked for on the command line, then in the environment, then in the TOML file of `--config` or"
    " `GATEWAY_CONFIG`. With `_FILE` behind its name, a variable holds the path of a file with the value. An empty"
    " variable counts as unset."
)
_WRONG = "All that is wrong is named at the start, and nothing starts."
_POINTED = 'In the file a value may be written as `{ env = "NAME" }` or `{ file = "PATH" }`.'
_SECTIONS = {
    "": "The program",
    "limits": "Calls",
    "low_balance": "Warnings of a low balance",
}
_COMMON = (
    ("kind", "Which provider it is.", "one of the kinds below", "required"),
    ("auth", "How webhooks are proven. The default is `signature`.", "what its kind has", ""),
    ("secrets", "What they are proven with; without a secret it is off.", "one or two, the newest first", ""),
    (
        "reports_answers",
        "Whether the provider reports when a call is answered.",
        "`true`, the default, or `false`",
        "",
    ),
    (
        "numbers",
        "The country whose national numbers it sends; without it, numbers are E.164 with or without their plus (R41).",
        "a country like `US`",
        "",
    ),
    (
        "accounts",
        "Whose lines may call by it; a line of another account is refused.",
        'ids of accounts, like `["1", "7"]`; without it all',
        "",
    ),
)


def pages() -> Iterator[tuple[str, str]]:
    yield "settings.md", _settings()
    yield "connections.md", _connections()
    yield "decks.md", _decks()


def _settings() -> str:
    parts = [part for section, title in _SECTIONS.items() for part in (f"## {title}", _section(section))]
    return page("Settings", paragraph(_WHERE), paragraph(f"{_POINTED} {_WRONG}"), *parts, *_new_accounts())


def _new_accounts() -> tuple[str, ...]:
    keys = ", ".join(code(cap) for cap in Cap)
    meaning = (
        f"The caps that an account has from its first call, in the table `[new_accounts.caps]` of the file: {keys}."
        " Amounts are texts in the currency of the account, what is blocked is a list of texts. Accounts that are there"
        " already keep what they have. [Caps](caps.md) says what each is."
    )
    return ("## New accounts", "### new_accounts.caps", paragraph(meaning), "- Default: none")


def _section(section: str) -> str:
    return "\n\n".join(_setting(setting) for setting in SETTINGS if setting.section == section)


def _setting(setting: Setting[object, object]) -> str:
    lines = (f"In the file: {code(setting.key)}", f"Default: {_default(setting)}")
    return "\n\n".join(
        (f"### {setting.variable}", paragraph(setting.meaning), "\n".join(f"- {line}" for line in lines))
    )


def _default(setting: Setting[object, object]) -> str:
    if setting.default_words:
        return setting.default_words
    value = setting.default
    return code(str(value).lower() if isinstance(value, bool) else value)


def _connections() -> str:
    kinds = sorted(adapters().items())
    return page(
        "Settings of connections",
        paragraph(
            "A connection is a table `[connections.<name>]` of the configuration file. A name is made of `a-z`, `0-9`,"
            " `_` and `-`. [Connect a provider](../how-to/connect-a-provider.md) says how to begin."
        ),
        "## Every kind",
        table(("key", "meaning", "must be", ""), ((code(key), *rest) for key, *rest in _COMMON)),
        *(part for name, kind in kinds for part in (f"## {name}", _ways(kind.secrets), _options(kind.options))),
    )


def _ways(secrets: Mapping[str, Check]) -> str:
    ways = [f'with `auth = "{auth}"` a secret is {must_be(check)}' for auth, check in secrets.items()]
    return paragraph(sentence("; ".join(ways)))


def _options(options: Mapping[str, Option]) -> str:
    rows = [(code(key), option.meaning, must_be(option.check), _remark(key, option)) for key, option in options.items()]
    return table(("key", "meaning", "must be", ""), rows) if rows else ""


def _remark(key: str, option: Option) -> str:
    others = " and ".join(code(needed) for needed in option.needs if needed != key)
    return "required" if option.is_required else f"with {others}" if others else ""


def must_be(check: Check) -> str:
    """What a check says that would be right, of values that are least often so."""
    for wrong in ("?!", "\x7f"):
        try:
            check(wrong)
        except ValueError as error:
            return str(error).removeprefix("must be ")
    raise AssertionError(f"{check} takes anything")


def _decks() -> str:
    return page(
        "Columns of a deck",
        paragraph(
            "A deck is a CSV file in UTF-8 with a header. The columns may stand in any order."
            " [Import rates](../how-to/import-rates.md) says how it is read."
        ),
        table(("column", "meaning"), ((code(name), sentence(meaning)) for name, meaning in MEANINGS._asdict().items())),
    )
