"""A shop that uses the client that was generated from the document: from an account to its calls and its usage.

Asks the API at its first argument, with the token that is its second; the calls are placed by whoever starts it, at the
line that says so.
"""

import sys
from decimal import Decimal
from itertools import count

from gateway_client import AuthenticatedClient
from gateway_client.api.accounts import list_entries, open_account, show_account, top_up
from gateway_client.api.calls import list_calls, show_call
from gateway_client.api.numbers import rent_number
from gateway_client.api.rates import set_rate
from gateway_client.api.usage import list_account_usage
from gateway_client.models import NewAccount, OneRate, PaidIn, RateKind, RentedNumber

NUMBER = "+15550100001"
url, token = sys.argv[1:3]
client = AuthenticatedClient(base_url=f"{url}/v1", token=token, raise_on_unexpected_status=True)
keys = (f"key-{number}" for number in count())

account = open_account.sync(
    client=client, body=NewAccount(name="Shop", currency="USD", email="a@b.example"), idempotency_key=next(keys)
)
for kind, place, per_minute in ((RateKind.RENT, "US", "4"), (RateKind.OUTBOUND, "44", "0.0270")):
    price = OneRate(per_minute=per_minute, category="geographic" if kind is RateKind.RENT else "")
    set_rate.sync(kind, "USD", place, client=client, body=price, idempotency_key=next(keys))
paid = PaidIn(amount="10", external_id="payment-1")
top_up.sync(account.id, client=client, body=paid, idempotency_key=next(keys))
rented = RentedNumber(account_id=account.id, number=NUMBER)
print(rent_number.sync(client=client, body=rented, idempotency_key=next(keys)).name, flush=True)

sys.stdin.readline()  # a call was placed, and has ended
[call] = list_calls.sync(client=client, account_id=account.id).data
assert show_call.sync(str(call.id), client=client, include="explanation").explanation
entries = list_entries.sync(account.id, client=client).data
usage = list_account_usage.sync(account.id, client=client)
print(call.state, len(entries), Decimal(show_account.sync(account.id, client=client).balance), len(usage.data))
