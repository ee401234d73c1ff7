-- name: idempotency_lock
-- Have a key of an actor for oneself until the transaction ends; false where somebody has it.
-- $1 actor text, $2 key text.
SELECT pg_try_advisory_xact_lock(hashtextextended($1::text || chr(31) || $2::text, 7)) AS is_mine;

-- name: idempotency_find
-- $1 actor text, $2 key text. Returns 0..1 row.
SELECT route, body_hash, status, reply
FROM idempotency
WHERE actor = $1::text AND key = $2::text;

-- name: idempotency_keep
-- $1 actor text, $2 key text, $3 route text, $4 body_hash bytea, $5 status smallint, $6 reply bytea,
-- $7 now timestamptz.
INSERT INTO idempotency (actor, key, route, body_hash, status, reply, created_at)
VALUES ($1::text, $2::text, $3::text, $4::bytea, $5::smallint, $6::bytea, $7::timestamptz);

-- name: idempotency_forget
-- Delete replies that are older than an instant, so many at once.
-- $1 before timestamptz, $2 limit integer. Returns a row for each.
DELETE FROM idempotency
WHERE (actor, key) IN (
    SELECT actor, key FROM idempotency WHERE created_at < $1::timestamptz ORDER BY created_at LIMIT $2::integer
)
RETURNING key;
