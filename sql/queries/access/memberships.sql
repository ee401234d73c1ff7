-- name: membership_create
-- Make a person a member, unless they are one there already.
-- $1 person_id bigint, $2 account_id bigint (null: the operator's side), $3 role text, $4 now timestamptz.
-- Returns 0..1 row.
INSERT INTO membership (person_id, account_id, role, created_at)
VALUES ($1::bigint, $2::bigint, $3::text, $4::timestamptz)
ON CONFLICT ON CONSTRAINT membership_once DO NOTHING
RETURNING
    id, person_id, account_id, role, created_at,
    (SELECT name FROM account WHERE account.id = membership.account_id) AS account_name;

-- name: membership_show
-- A membership, locked.
-- $1 id bigint. Returns 0..1 row.
SELECT
    id, person_id, account_id, role, created_at,
    (SELECT name FROM account WHERE account.id = membership.account_id) AS account_name
FROM membership
WHERE id = $1::bigint
FOR UPDATE;

-- name: membership_delete
-- $1 id bigint.
DELETE FROM membership
WHERE id = $1::bigint;

-- name: membership_of_people
-- What people are, and to whom; the operator's side first.
-- $1 person_ids bigint[].
SELECT
    id, person_id, account_id, role, created_at,
    (SELECT name FROM account WHERE account.id = membership.account_id) AS account_name
FROM membership
WHERE person_id = ANY($1::bigint[])
ORDER BY person_id, account_id NULLS FIRST;

-- name: membership_list
-- A page of the members of an account, or of the operator's side, newest first.
-- $1 account_id bigint (null: the operator's side), $2 before_id bigint, $3 limit integer.
SELECT
    membership.id, membership.person_id, person.email, person.name, person.language, membership.account_id,
    membership.role, membership.created_at, person.disabled_at
FROM membership
INNER JOIN person ON person.id = membership.person_id
WHERE membership.account_id IS NOT DISTINCT FROM $1::bigint
    AND ($2::bigint IS NULL OR membership.id < $2::bigint)
ORDER BY membership.id DESC
LIMIT $3::integer;

-- name: membership_operators
-- Those who may sign in as operators, locked, so that two of them cannot take each other away.
-- Returns their persons' ids.
SELECT membership.person_id
FROM membership
INNER JOIN person ON person.id = membership.person_id
WHERE membership.role = 'operator' AND person.disabled_at IS NULL
ORDER BY membership.id
FOR UPDATE;

-- name: membership_has_operator
-- Whether anybody may sign in as an operator.
SELECT EXISTS (
    SELECT 1
    FROM membership
    INNER JOIN person ON person.id = membership.person_id
    WHERE membership.role = 'operator' AND person.disabled_at IS NULL
) AS is_there;
