-- name: token_create
-- $1 hash bytea, $2 prefix text, $3 name text, $4 role text, $5 account_id bigint, $6 scopes text[], $7 created_by text,
-- $8 now timestamptz, $9 expires_at timestamptz. Returns the token.
INSERT INTO token (hash, prefix, name, role, account_id, scopes, created_by, created_at, expires_at)
VALUES (
    $1::bytea, $2::text, $3::text, $4::text, $5::bigint, $6::text[], $7::text, $8::timestamptz, $9::timestamptz
)
RETURNING
    id, prefix, name, role, account_id, scopes, created_by, created_at, expires_at, last_used_at, revoked_at;

-- name: token_find
-- The token of a hash.
-- $1 hash bytea. Returns 0..1 row.
SELECT id, prefix, name, role, account_id, scopes, created_by, created_at, expires_at, last_used_at, revoked_at
FROM token
WHERE hash = $1::bytea;

-- name: token_show
-- A token by its id, locked.
-- $1 id bigint. Returns 0..1 row.
SELECT id, prefix, name, role, account_id, scopes, created_by, created_at, expires_at, last_used_at, revoked_at
FROM token
WHERE id = $1::bigint
FOR UPDATE;

-- name: token_list
-- A page of tokens, newest first: of an account, or of all and the operator's side.
-- $1 account_id bigint (null: all), $2 before_id bigint, $3 limit integer.
SELECT id, prefix, name, role, account_id, scopes, created_by, created_at, expires_at, last_used_at, revoked_at
FROM token
WHERE ($1::bigint IS NULL OR account_id = $1::bigint)
    AND ($2::bigint IS NULL OR id < $2::bigint)
ORDER BY id DESC
LIMIT $3::integer;

-- name: token_revoke
-- $1 id bigint, $2 now timestamptz.
UPDATE token
SET revoked_at = $2::timestamptz
WHERE id = $1::bigint AND revoked_at IS NULL;

-- name: token_used
-- Note that a token was used; not more often than once a minute. Nobody waits for the disk or a standby meanwhile.
-- $1 id bigint, $2 now timestamptz.
UPDATE token
SET last_used_at = $2::timestamptz
WHERE id = $1::bigint
    AND (last_used_at IS NULL OR last_used_at < $2::timestamptz - interval '1 minute')
    AND set_config('synchronous_commit', 'off', true) = 'off';

-- name: token_maker
-- Who made a token; where that was a token, who made that, and so on. A token is younger than what made it.
-- $1 id bigint. Returns 1 row: of a token that there is.
WITH RECURSIVE made AS (
    SELECT id, created_by
    FROM token
    WHERE id = $1::bigint
    UNION ALL
    SELECT token.id, token.created_by
    FROM made
    INNER JOIN token ON token.id = substring(made.created_by FROM '^token:([0-9]+)$')::bigint
)
SELECT created_by
FROM made
ORDER BY id
LIMIT 1;
