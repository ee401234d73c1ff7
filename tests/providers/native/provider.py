"""The native contract, as the shared tests need it."""

from gateway.domain.connection import Connection
from tests.providers.specimens import Rehearsed, Specimen, Traps
from tests.support.keys import KEY
from tests.support.setting_problems import URL

KINDS = (
    Specimen(
        kind="native",
        connections=(
            Connection(name="native-1", kind="native", secrets=(KEY,)),
            Connection(name="bearer-1", kind="native", auth="bearer", secrets=("s3cret",)),
        ),
        traps=Traps(),
        rehearsed=Rehearsed(busy="refuses as busy (486)", no_money="refuses with 402 (no_money)"),
        wrong_options=(({"control_url": "ftp://host"}, URL),),
        wrong_secrets=(
            ("whsec_c2hvcnQ=", "must be whsec_ and base64 of 24 to 64 bytes"),
            (KEY.removeprefix("whsec_"), "must be whsec_ and base64 of 24 to 64 bytes"),
        ),
    ),
)
