-- name: line_add
-- Add a number or a connector, unless its name is in use.
-- $1 account_id bigint, $2 kind text, $3 name text, $4 state text, $5 country text, $6 category text,
-- $7 now timestamptz. Returns the line, or no row where the name is in use.
INSERT INTO line (account_id, kind, name, state, country, category, created_at)
VALUES ($1::bigint, $2::text, $3::text, $4::text, $5::text, $6::text, $7::timestamptz)
ON CONFLICT (name) WHERE state <> 'disconnected' DO NOTHING
RETURNING
    id, account_id, kind, name, state, country, category, rent::numeric AS rent,
    (SELECT account.currency FROM account WHERE account.id = line.account_id) AS currency, due_on, reserved_until,
    ends_at, disconnected_at, created_at;

-- name: connector_set_country
-- Say where a connector is. $1 name text, $2 country text. Returns the line, or no row where it is none.
UPDATE line
SET country = $2::text
WHERE name = $1::text AND kind = 'connector' AND state <> 'disconnected'
RETURNING
    id, account_id, kind, name, state, country, category, rent::numeric AS rent,
    (SELECT account.currency FROM account WHERE account.id = line.account_id) AS currency, due_on, reserved_until,
    ends_at, disconnected_at, created_at;

-- name: line_list
-- The lines of an account, oldest first.
-- $1 account_id bigint.
SELECT
    id, account_id, kind, name, state, country, category, rent::numeric AS rent,
    (SELECT account.currency FROM account WHERE account.id = line.account_id) AS currency, due_on, reserved_until,
    ends_at, disconnected_at, created_at
FROM line
WHERE account_id = $1::bigint
ORDER BY id;

-- name: line_of
-- A line. $1 id bigint. Returns 0..1 row.
SELECT
    id, account_id, kind, name, state, country, category, rent::numeric AS rent,
    (SELECT account.currency FROM account WHERE account.id = line.account_id) AS currency, due_on, reserved_until,
    ends_at, disconnected_at, created_at
FROM line
WHERE id = $1::bigint;

-- name: line_is_in_use
-- Whether a number or a connector's name is some account's, suspended or not. $1 name text.
SELECT EXISTS (SELECT FROM line WHERE name = $1::text AND state <> 'disconnected');

-- name: line_main_of
-- The accounts whose main number a number is. $1 number text. Returns ids, of one account at most.
SELECT id FROM account WHERE main_number = $1::text ORDER BY id LIMIT 1;

-- name: line_search
-- A page of the lines that are as wanted, oldest first; a parameter that is null asks for nothing.
-- $1 after bigint (0: from the first), $2 limit integer, $3 account_id bigint, $4 state text,
-- $5 due before date (exclusive; of lines that are disconnected nothing is due), $6 kind text, $7 country text,
-- $8 name text.
SELECT
    id, account_id, kind, name, state, country, category, rent::numeric AS rent,
    (SELECT account.currency FROM account WHERE account.id = line.account_id) AS currency, due_on, reserved_until,
    ends_at, disconnected_at, created_at
FROM line
WHERE id > $1::bigint
    AND ($3::bigint IS NULL OR account_id = $3::bigint)
    AND ($4::text IS NULL OR state = $4::text)
    AND ($5::date IS NULL OR (due_on < $5::date AND state <> 'disconnected'))
    AND ($6::text IS NULL OR kind = $6::text)
    AND ($7::text IS NULL OR country = $7::text)
    AND ($8::text IS NULL OR name = $8::text)
ORDER BY id
LIMIT $2::integer;
