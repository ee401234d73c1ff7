"""Voximplant, as the shared tests need it."""

from gateway.domain.connection import Connection
from tests.providers.specimens import Rehearsed, Specimen, Traps
from tests.support.setting_problems import ALONE, DIGITS, NUMBER, PEM, RSA, SERVICE_ACCOUNT, TOKEN, WHOLE

KINDS = (
    Specimen(
        kind="voximplant",
        connections=(Connection(name="voximplant-1", kind="voximplant", secrets=("shared-secret",)),),
        traps=Traps(),
        rehearsed=Rehearsed(busy="refuses as busy (486)", no_money="refuses with 402 (no_money)"),
        wrong_options=(
            ({"inbound_user": "+12"}, "must be a user's name"),
            ({"inbound_user": "{digits}"}, "must be a user's name"),
            ({"outbound_line": "office"}, NUMBER),
            ({"currency": "euro"}, "must be a currency like EUR"),
            ({"account": "1"}, ALONE + "account_id and key_id and private_key"),
            ({"key_id": "k", "private_key": RSA}, ALONE + "account_id"),
            ({**SERVICE_ACCOUNT, "account": "acme"}, WHOLE),
            ({**SERVICE_ACCOUNT, "private_key": "BEGIN"}, PEM),
            ({**SERVICE_ACCOUNT, "account_id": "acme"}, DIGITS),
            ({"callback_salt": "salt"}, ALONE + "api_key"),
        ),
        wrong_secrets=(("two words", TOKEN),),
    ),
)
