-- name: session_create
-- $1 hash bytea, $2 person_id bigint, $3 now timestamptz, $4 expires_at timestamptz, $5 address text, $6 agent text,
-- $7 proven_until timestamptz. Returns the session's id.
INSERT INTO session (hash, person_id, created_at, seen_at, expires_at, address, agent, proven_until)
VALUES (
    $1::bytea, $2::bigint, $3::timestamptz, $3::timestamptz, $4::timestamptz, $5::text, $6::text, $7::timestamptz
)
RETURNING id;

-- name: session_find
-- The session of a hash that counts, with the person whose it is, and whether they have a second factor.
-- $1 hash bytea, $2 now timestamptz. Returns 0..1 row.
SELECT
    session.id, session.person_id, session.created_at, session.seen_at, session.expires_at, session.proven_until,
    person.email, person.name, person.language, person.time_zone,
    EXISTS (SELECT 1 FROM passkey WHERE passkey.person_id = person.id)
    OR EXISTS (SELECT 1 FROM totp WHERE totp.person_id = person.id AND totp.confirmed_at IS NOT NULL) AS has_factor
FROM session
INNER JOIN person ON person.id = session.person_id
WHERE session.hash = $1::bytea
    AND session.revoked_at IS NULL
    AND session.expires_at > $2::timestamptz
    AND person.disabled_at IS NULL;

-- name: session_seen
-- Note that a session was used; not more often than once a minute. Nobody waits for the disk or a standby meanwhile.
-- $1 id bigint, $2 now timestamptz.
UPDATE session
SET seen_at = $2::timestamptz
WHERE id = $1::bigint
    AND seen_at < $2::timestamptz - interval '1 minute'
    AND set_config('synchronous_commit', 'off', true) = 'off';

-- name: session_prove
-- Have the second factor of a session count until an instant.
-- $1 id bigint, $2 proven_until timestamptz.
UPDATE session
SET proven_until = $2::timestamptz
WHERE id = $1::bigint;

-- name: session_list
-- A page of sessions that count, newest first: of one person, or of all.
-- $1 person_id bigint (null: all), $2 now timestamptz, $3 before_id bigint, $4 limit integer.
SELECT
    session.id, session.person_id, person.email, session.created_at, session.seen_at, session.expires_at,
    session.address, session.agent, session.revoked_at
FROM session
INNER JOIN person ON person.id = session.person_id
WHERE ($1::bigint IS NULL OR session.person_id = $1::bigint)
    AND session.revoked_at IS NULL
    AND session.expires_at > $2::timestamptz
    AND ($3::bigint IS NULL OR session.id < $3::bigint)
ORDER BY session.id DESC
LIMIT $4::integer;

-- name: session_show
-- A session, whether it counts or not, locked.
-- $1 id bigint. Returns 0..1 row.
SELECT
    session.id, session.person_id, person.email, session.created_at, session.seen_at, session.expires_at,
    session.address, session.agent, session.revoked_at
FROM session
INNER JOIN person ON person.id = session.person_id
WHERE session.id = $1::bigint
FOR UPDATE OF session;

-- name: session_revoke
-- $1 id bigint, $2 now timestamptz.
UPDATE session
SET revoked_at = $2::timestamptz
WHERE id = $1::bigint AND revoked_at IS NULL;

-- name: session_revoke_of_person
-- End all that somebody has open.
-- $1 person_id bigint, $2 now timestamptz.
UPDATE session
SET revoked_at = $2::timestamptz
WHERE person_id = $1::bigint AND revoked_at IS NULL;

-- name: session_forget
-- Delete sessions that have expired, so many at once.
-- $1 before timestamptz, $2 limit integer. Returns a row for each.
DELETE FROM session
WHERE id IN (SELECT id FROM session WHERE expires_at < $1::timestamptz LIMIT $2::integer)
RETURNING id;
