"""Every named query fits the schema that the migrations make."""

from gateway.postgres.sql import queries, sql_directory


async def test_every_query_can_be_prepared_on_the_migrated_database(pool):
    broken = {}
    async with pool.acquire() as conn:
        for query in queries().values():
            try:
                await conn.prepare(query.text)
            except Exception as error:  # noqa: BLE001 - all that are broken are shown at once
                broken[f"{query.source} {query.name}"] = str(error)

    assert broken == {}


async def test_no_session_asks_the_server_about_the_types_of_a_query(pool):
    asked = []
    async with pool.acquire() as conn:
        conn.add_query_logger(asked.append)
        for query in queries().values():
            await conn.prepare(query.text)
        await conn.fetchval("SELECT 1")

    assert [query.query for query in asked] == ["SELECT 1"]


def test_no_file_of_queries_is_without_queries():
    files = {
        path.relative_to(sql_directory() / "queries").as_posix()
        for path in (sql_directory() / "queries").rglob("*.sql")
    }

    assert {query.source.partition(":")[0] for query in queries().values()} == files


def test_every_query_says_what_it_does():
    assert [query.source for query in queries().values() if not query.doc] == []
