"""What is wrong, by the API: the same list as the doctor's, and the books."""

from gateway.domain.access.roles import Role
from tests.support.api import api_client
from tests.support.running import Gateway


async def test_what_is_wrong_is_listed_worst_first(gateway: Gateway, account: int) -> None:
    support = await api_client(gateway, Role.SUPPORT)
    async with gateway.process.context.pool.acquire() as conn:
        await conn.execute("UPDATE account SET balance = balance + 1")

    faults = (await support.get("/health")).data["data"]
    books = (await support.get("/checks/ledger")).data
    lines = (await support.ask("GET", "/health", headers={"Accept": "text/csv"})).raw.decode().splitlines()

    assert faults[0]["problem"] == "ledger_differs"
    assert faults[0]["severity"] == "error"
    assert "no_operator_email" in [each["problem"] for each in faults]
    assert books["ok"] is False
    assert {each["kind"] for each in books["differences"]} >= {"balance"}
    assert lines[0] == "problem,severity,since,said,do"


async def test_books_that_are_right_are_ok_and_only_the_operators_side_asks(gateway: Gateway, account: int) -> None:
    operator, reader = await api_client(gateway), await api_client(gateway, Role.READER, account)

    books = (await operator.get("/checks/ledger")).data

    assert [each["kind"] for each in books["differences"] if each["kind"] != "clock"] == []
    assert (await reader.get("/health")).status == 403
    assert (await reader.get("/checks/ledger")).status == 403
