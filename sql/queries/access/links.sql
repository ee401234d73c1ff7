-- name: login_create
-- Keep a link by which a person can sign in once; of nobody: by which somebody becomes the first operator.
-- $1 hash bytea, $2 person_id bigint, $3 now timestamptz, $4 expires_at timestamptz.
INSERT INTO login (hash, person_id, created_at, expires_at)
VALUES ($1::bytea, $2::bigint, $3::timestamptz, $4::timestamptz);

-- name: login_request
-- The same for whoever has an address and is not disabled; where nobody is, nothing, by the same work.
-- $1 hash bytea, $2 email text, $3 now timestamptz, $4 expires_at timestamptz.
INSERT INTO login (hash, person_id, created_at, expires_at)
SELECT $1::bytea, person.id, $3::timestamptz, $4::timestamptz
FROM person
WHERE lower(person.email) = lower($2::text) AND person.disabled_at IS NULL;

-- name: login_take
-- Use a link up: once, before it expires, and for nobody who is disabled.
-- $1 hash bytea, $2 now timestamptz. Returns 0..1 row.
UPDATE login
SET used_at = $2::timestamptz
FROM person
WHERE login.hash = $1::bytea
    AND login.used_at IS NULL
    AND login.expires_at > $2::timestamptz
    AND person.id = login.person_id
    AND person.disabled_at IS NULL
RETURNING login.person_id;

-- name: login_take_first
-- Use the first operator's link up.
-- $1 hash bytea, $2 now timestamptz. Returns 0..1 row.
UPDATE login
SET used_at = $2::timestamptz
WHERE hash = $1::bytea
    AND person_id IS NULL
    AND used_at IS NULL
    AND expires_at > $2::timestamptz
RETURNING true AS is_taken;

-- name: login_forget
-- Delete links that are over, so many at once.
-- $1 before timestamptz, $2 limit integer. Returns a row for each.
DELETE FROM login
WHERE hash IN (SELECT hash FROM login WHERE expires_at < $1::timestamptz LIMIT $2::integer)
RETURNING hash;

-- name: try_lock
-- Have tries of one kind counted one after the other, until the transaction ends. $1 what text.
SELECT pg_advisory_xact_lock(hashtextextended($1::text, 13));

-- name: try_count
-- Count a try, unless there were as many as may be; older ones are forgotten.
-- $1 what text, $2 now timestamptz, $3 since timestamptz, $4 most integer. Returns 0..1 row: nothing where it is refused.
WITH forgotten AS (
    DELETE FROM sign_in_try WHERE what = $1::text AND at <= $3::timestamptz
)
INSERT INTO sign_in_try (what, at)
SELECT $1::text, $2::timestamptz
WHERE (SELECT count(*) FROM sign_in_try WHERE what = $1::text AND at > $3::timestamptz) < $4::integer
RETURNING true AS is_counted;

-- name: try_forget
-- Delete tries that limit nobody any more. $1 before timestamptz.
DELETE FROM sign_in_try
WHERE at < $1::timestamptz;
