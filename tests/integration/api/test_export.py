"""All that is known of an account comes as a ZIP of CSV."""

import csv
import io
import zipfile

from gateway.domain.access.roles import Role
from tests.support import world
from tests.support.api import api_client
from tests.support.running import Gateway


async def test_an_account_takes_what_is_known_of_it_away(gateway: Gateway, account: int) -> None:
    async with gateway.process.context.pool.acquire() as conn:
        other = await world.account(conn)
        await world.number(conn, account, "+15550100001")
        await world.number(conn, other, "+15550100002")
    administrator = await api_client(gateway, Role.ADMINISTRATOR, account)

    answer = await administrator.get(f"/accounts/{account}/export")

    assert (answer.status, answer.headers["Content-Type"]) == (200, "application/zip")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="export_account.zip"'
    with zipfile.ZipFile(io.BytesIO(answer.raw)) as files:
        assert files.namelist() == ["account.csv", "entries.csv", "calls.csv", "numbers.csv", "mails.csv"]
        tables = {name: list(csv.DictReader(files.read(name).decode().splitlines())) for name in files.namelist()}
    assert [each["id"] for each in tables["account.csv"]] == [str(account)]
    assert [each["amount"] for each in tables["entries.csv"]] == ["100.000000"]
    assert [each["name"] for each in tables["numbers.csv"]] == ["+15550100001"]
    assert (await administrator.get(f"/accounts/{other}/export")).status == 404


async def test_an_account_that_is_not_there_has_no_files(gateway: Gateway, account: int) -> None:
    operator = await api_client(gateway)

    assert (await operator.get("/accounts/999999/export")).data["code"] == "not_found"
    assert (await (await api_client(gateway, Role.SUPPORT)).get(f"/accounts/{account}/export")).status == 403
    assert (await (await api_client(gateway, Role.READER, account)).get(f"/accounts/{account}/export")).status == 403
