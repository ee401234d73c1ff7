"""The format of sql/queries/*.sql."""

from pathlib import Path

import pytest

from gateway.postgres.sql import SqlFileError, load_queries, parse_queries, queries, sql, sql_directory

TWO = """\
-- Queries about lines.

-- name: find_line
-- The line of a name.
-- $1 name text; returns 0..1 row.
SELECT id
-- the account decides, so it comes along
FROM line
WHERE name = $1;

-- name: count_lines
SELECT count(*)
FROM line
"""


def test_a_block_is_its_name_its_comment_and_its_statement():
    first, second = parse_queries(TWO, source="lines.sql")

    assert first.name == "find_line"
    assert first.doc == "The line of a name.\n$1 name text; returns 0..1 row."
    assert first.text == "SELECT id\n-- the account decides, so it comes along\nFROM line\nWHERE name = $1;"
    assert first.source == "lines.sql:3"
    assert (second.name, second.doc, second.text) == ("count_lines", "", "SELECT count(*)\nFROM line")


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("SELECT 1\n-- name: late\nSELECT 2\n", "f.sql:1: a statement before the first"),
        ("-- name: empty\n-- only words\n", "f.sql:1: query 'empty' has no statement"),
        ("-- name: first\n\n-- name: second\nSELECT 1\n", "f.sql:1: query 'first' has no statement"),
        ("-- name: Not Good\nSELECT 1\n", "f.sql:1: 'Not Good' is no name"),
        ("-- name:\nSELECT 1\n", "f.sql:1: '' is no name"),
    ],
)
def test_a_file_that_breaks_the_format_is_refused_with_its_line(text, complaint):
    with pytest.raises(SqlFileError, match=complaint.replace("(", r"\(")):
        list(parse_queries(text, source="f.sql"))


def test_a_file_of_comments_only_has_no_queries():
    assert list(parse_queries("-- nothing yet\n\n", source="f.sql")) == []


def test_one_name_in_two_files_is_refused(tmp_path: Path):
    (tmp_path / "a.sql").write_text("-- name: twice\nSELECT 1\n")
    (tmp_path / "b.sql").write_text("\n-- name: twice\nSELECT 2\n")

    with pytest.raises(SqlFileError, match=r"b\.sql:2: query 'twice' stands in a\.sql:1 already"):
        load_queries(tmp_path)


def test_a_missing_directory_is_refused(tmp_path: Path):
    with pytest.raises(SqlFileError, match="no directory of queries"):
        load_queries(tmp_path / "nowhere")


def test_a_name_that_no_file_has_is_refused():
    with pytest.raises(SqlFileError, match="no query is named 'no_such_query'"):
        sql("no_such_query")


def test_our_own_files_load():
    assert (sql_directory() / "README.md").is_file()
    assert all(sql(name) == query.text for name, query in queries().items())
