"""What our accounts at providers have left."""

from typing import Final

from gateway.domain.access.actions import Action
from gateway.postgres.provider_accounts import ProviderBalance, balances
from gateway.web.api.route import Asked, Method, NoQuery, Route, Rows


async def list_balances(asked: Asked[NoQuery, None]) -> Rows[ProviderBalance]:
    """Of those connections whose providers can be asked, as they told it last; every ten minutes they are."""
    return Rows(data=await balances(asked.conn, asked.context.settings.connections), next=None)


ROUTES: Final = (
    Route(
        method=Method.GET,
        path="/provider-balances",
        name="list_provider_balances",
        tag="connections",
        action=Action.CONNECTIONS_READ,
        summary="What do our accounts at providers have left?",
        handle=list_balances,
        reply=ProviderBalance,
        is_list=True,
    ),
)
