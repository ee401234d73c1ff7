"""Bitrix24, as the shared tests need it."""

from gateway.domain.connection import Connection
from tests.providers.specimens import Specimen, Traps
from tests.support.setting_problems import ALONE, APPLICATION, PORTAL, TOKEN, URL, WHOLE

KINDS = (
    Specimen(
        kind="bitrix24",
        connections=(Connection(name="bitrix24-1", kind="bitrix24", secrets=("token",)),),
        traps=Traps(),
        rehearsed=None,
        wrong_options=(
            ({"account": "1"}, ALONE + "rest_url and user_id"),
            ({"rest_url": "https://acme.bitrix24.com/rest/"}, ALONE + "account and user_id"),
            ({**PORTAL, "account": "acme"}, WHOLE),
            ({**PORTAL, "user_id": "0"}, WHOLE),
            ({**PORTAL, "rest_url": "acme.bitrix24.com"}, URL),
            ({**PORTAL, "rest_url": "https://acme.bitrix24.com/rest/?a=1"}, URL),
            ({**PORTAL, "client_id": "local.1"}, ALONE + "client_secret and refresh_token"),
            ({**APPLICATION, "refresh_token": "fi rst"}, TOKEN),
            ({**APPLICATION, "oauth_url": "oauth"}, URL),
        ),
        wrong_secrets=(("two words", TOKEN),),
    ),
)
