"""The table `[new_accounts.caps]` of the configuration file: the caps that an account has from its first call (R17)."""

from collections.abc import Mapping
from typing import Final

from gateway.domain.accounts.caps import Cap, Caps
from gateway.domain.accounts.caps_change import CapsChange, changed_caps
from gateway.domain.errors import InvalidInput
from gateway.settings.source import NEW_ACCOUNTS, Source

_CAPS: Final = "caps"
_KEY: Final = f"{NEW_ACCOUNTS}.{_CAPS}"
_LISTS: Final = (Cap.BLOCKED_PREFIXES, Cap.BLOCKED_CALLERS)


def read_new_account_caps(source: Source) -> Caps:
    """The caps as they are written there; without the table there are none."""
    if NEW_ACCOUNTS not in source.table:
        return Caps()
    table = source.section(source.table[NEW_ACCOUNTS], NEW_ACCOUNTS)
    for key in table:
        if key != _CAPS:
            source.wrong(source.in_file(f"{NEW_ACCOUNTS}.{key}"), "is no setting of the gateway")
    written = source.section(table.get(_CAPS, {}), _KEY)
    change = _change(source, written)
    if not change.limits and not change.block:
        return Caps()
    from gateway.numbers.blocked import spell_blocked  # noqa: PLC0415 - the numbers' metadata is large

    try:
        return changed_caps(Caps(), spell_blocked(change))
    except InvalidInput as error:
        for problem in str(error).splitlines():
            source.wrong(source.in_file(_KEY), problem)
        return Caps()


def _change(source: Source, written: Mapping[str, object]) -> CapsChange:
    """What is written, cap by cap; what is none, or of another shape, is told."""
    limits: dict[Cap, str] = {}
    block: dict[Cap, list[str]] = {}
    for key, value in written.items():
        where = source.in_file(f"{_KEY}.{key}")
        if key not in [cap.value for cap in Cap]:
            source.wrong(where, f"is no cap: there are {', '.join(Cap)}")
        elif Cap(key) in _LISTS:
            if isinstance(value, list) and all(isinstance(each, str) for each in value):
                block[Cap(key)] = value
            else:
                source.wrong(where, 'must be a list of texts, like ["+1900", "dear"]')
        elif type(value) in (int, str):
            limits[Cap(key)] = str(value)
        else:
            source.wrong(where, 'must be a whole number, or an amount as text, like "0.50"')
    return CapsChange(limits=limits, block=block)
