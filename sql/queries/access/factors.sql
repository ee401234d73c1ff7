-- name: passkey_create
-- Keep a passkey; nothing where it is kept already, whosever it is.
-- $1 id bytea, $2 person_id bigint, $3 public_key bytea, $4 sign_count bigint, $5 name text, $6 now timestamptz.
-- Returns 0..1 row.
INSERT INTO passkey (id, person_id, public_key, sign_count, name, created_at)
VALUES ($1::bytea, $2::bigint, $3::bytea, $4::bigint, $5::text, $6::timestamptz)
ON CONFLICT (id) DO NOTHING
RETURNING id, public_key, sign_count, name, created_at, last_used_at;

-- name: passkey_list
-- Somebody's passkeys, oldest first.
-- $1 person_id bigint.
SELECT id, public_key, sign_count, name, created_at, last_used_at
FROM passkey
WHERE person_id = $1::bigint
ORDER BY created_at, id;

-- name: passkey_lock
-- One of somebody's passkeys, locked.
-- $1 person_id bigint, $2 id bytea. Returns 0..1 row.
SELECT id, public_key, sign_count, name, created_at, last_used_at
FROM passkey
WHERE person_id = $1::bigint AND id = $2::bytea
FOR UPDATE;

-- name: passkey_find
-- A passkey of whoever may sign in, and whose it is, locked.
-- $1 id bytea. Returns 0..1 row.
SELECT
    passkey.id, passkey.public_key, passkey.sign_count, passkey.name, passkey.created_at, passkey.last_used_at,
    passkey.person_id
FROM passkey
INNER JOIN person ON person.id = passkey.person_id
WHERE passkey.id = $1::bytea AND person.disabled_at IS NULL
FOR UPDATE OF passkey;

-- name: passkey_use
-- Note that a passkey was shown.
-- $1 id bytea, $2 sign_count bigint, $3 now timestamptz.
UPDATE passkey
SET sign_count = $2::bigint,
    last_used_at = $3::timestamptz
WHERE id = $1::bytea;

-- name: passkey_delete
-- $1 id bytea.
DELETE FROM passkey
WHERE id = $1::bytea;

-- name: passkey_delete_of_person
-- $1 person_id bigint.
DELETE FROM passkey
WHERE person_id = $1::bigint;

-- name: totp_draw
-- Keep a secret of one-time passwords that is to be confirmed by the first of them; a confirmed one stays as it is.
-- $1 person_id bigint, $2 secret text. Returns 0..1 row.
INSERT INTO totp AS known (person_id, secret)
VALUES ($1::bigint, $2::text)
ON CONFLICT (person_id) DO UPDATE SET secret = excluded.secret, last_step = 0 WHERE known.confirmed_at IS NULL
RETURNING person_id;

-- name: totp_lock
-- Somebody's one-time passwords, locked.
-- $1 person_id bigint. Returns 0..1 row.
SELECT secret, confirmed_at, last_step
FROM totp
WHERE person_id = $1::bigint
FOR UPDATE;

-- name: totp_show
-- Somebody's one-time passwords.
-- $1 person_id bigint. Returns 0..1 row.
SELECT secret, confirmed_at, last_step
FROM totp
WHERE person_id = $1::bigint;

-- name: totp_use
-- Note the step whose password was shown: it, and those before it, are good no more.
-- $1 person_id bigint, $2 step bigint, $3 now timestamptz.
UPDATE totp
SET last_step = $2::bigint,
    confirmed_at = coalesce(confirmed_at, $3::timestamptz)
WHERE person_id = $1::bigint AND last_step < $2::bigint;

-- name: totp_delete
-- $1 person_id bigint.
DELETE FROM totp
WHERE person_id = $1::bigint;

-- name: factor_counts
-- Which second factors people have.
-- $1 person_ids bigint[]. Returns a row for each who is there.
SELECT
    person.id AS person_id,
    (SELECT count(*) FROM passkey WHERE passkey.person_id = person.id) AS passkeys,
    EXISTS (SELECT 1 FROM totp WHERE totp.person_id = person.id AND totp.confirmed_at IS NOT NULL) AS has_totp
FROM person
WHERE person.id = ANY($1::bigint[]);

-- name: factor_operators_without
-- Operators who could sign in for some time, and have no second factor.
-- $1 since timestamptz. Returns 1 row.
SELECT count(*) AS operators, min(membership.created_at) AS since
FROM membership
INNER JOIN person ON person.id = membership.person_id
WHERE membership.role = 'operator'
    AND membership.created_at <= $1::timestamptz
    AND person.disabled_at IS NULL
    AND NOT EXISTS (SELECT 1 FROM passkey WHERE passkey.person_id = person.id)
    AND NOT EXISTS (SELECT 1 FROM totp WHERE totp.person_id = person.id AND totp.confirmed_at IS NOT NULL);

-- name: challenge_keep
-- Keep what a browser was given to sign in a session, or to begin one.
-- $1 challenge bytea, $2 session_id bigint (null: to begin one), $3 expires_at timestamptz.
INSERT INTO passkey_challenge (challenge, session_id, expires_at)
VALUES ($1::bytea, $2::bigint, $3::timestamptz);

-- name: challenge_take
-- Use up what was given to a session, or to begin one, once and before it expires.
-- $1 challenge bytea, $2 session_id bigint (null: to begin one), $3 now timestamptz. Returns 0..1 row.
DELETE FROM passkey_challenge
WHERE challenge = $1::bytea AND session_id IS NOT DISTINCT FROM $2::bigint AND expires_at > $3::timestamptz
RETURNING true AS is_taken;

-- name: challenge_forget
-- Delete what was given and never came back, and all of sessions that are over.
-- $1 before timestamptz.
DELETE FROM passkey_challenge
WHERE expires_at < $1::timestamptz
    OR session_id IN (SELECT id FROM session WHERE session.expires_at < $1::timestamptz);
