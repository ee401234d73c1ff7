-- name: person_create
-- Add a person, unless somebody has the address.
-- $1 email text, $2 name text, $3 language text, $4 time_zone text, $5 now timestamptz. Returns 0..1 row.
INSERT INTO person (email, name, language, time_zone, created_at)
VALUES ($1::text, $2::text, $3::text, $4::text, $5::timestamptz)
ON CONFLICT (lower(email)) DO NOTHING
RETURNING id, email, name, language, time_zone, created_at, disabled_at;

-- name: person_of_email
-- The person of an address, in any case, locked.
-- $1 email text. Returns 0..1 row.
SELECT id, email, name, language, time_zone, created_at, disabled_at
FROM person
WHERE lower(email) = lower($1::text)
FOR UPDATE;

-- name: person_show
-- $1 id bigint. Returns 0..1 row.
SELECT id, email, name, language, time_zone, created_at, disabled_at
FROM person
WHERE id = $1::bigint;

-- name: person_known
-- A person, with all that they are, the operator's side first; who is nothing has one row without a membership.
-- $1 id bigint. Returns 0..n rows.
SELECT
    person.id, person.email, person.name, person.language, person.time_zone, person.created_at, person.disabled_at,
    membership.id AS membership_id, membership.account_id, membership.role, membership.created_at AS member_since,
    (SELECT account.name FROM account WHERE account.id = membership.account_id) AS account_name
FROM person
LEFT JOIN membership ON membership.person_id = person.id
WHERE person.id = $1::bigint
ORDER BY membership.account_id NULLS FIRST;

-- name: person_lock
-- A person, locked.
-- $1 id bigint. Returns 0..1 row.
SELECT id, email, name, language, time_zone, created_at, disabled_at
FROM person
WHERE id = $1::bigint
FOR UPDATE;

-- name: person_list
-- A page of people, newest first.
-- $1 before_id bigint, $2 limit integer.
SELECT id, email, name, language, time_zone, created_at, disabled_at
FROM person
WHERE $1::bigint IS NULL OR id < $1::bigint
ORDER BY id DESC
LIMIT $2::integer;

-- name: person_change
-- $1 id bigint, $2 name text, $3 language text, $4 time_zone text, $5 disabled_at timestamptz. Returns the person.
UPDATE person
SET name = $2::text,
    language = $3::text,
    time_zone = $4::text,
    disabled_at = $5::timestamptz
WHERE id = $1::bigint
RETURNING id, email, name, language, time_zone, created_at, disabled_at;
