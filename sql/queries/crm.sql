-- name: crm_portal_open
-- A CRM of an account, from now on: the calls that the account has had are not registered in it. One that goes over to
-- another account begins anew. $1 connection text, $2 account_id bigint.
INSERT INTO crm_portal (connection, account_id, seen_call_id)
SELECT
    $1::text, account.id,
    coalesce((SELECT call.id FROM call WHERE call.account_id = account.id ORDER BY call.id DESC LIMIT 1), 0)
FROM account
WHERE account.id = $2::bigint
ON CONFLICT (connection) DO UPDATE
SET account_id = EXCLUDED.account_id,
    seen_call_id = EXCLUDED.seen_call_id
WHERE crm_portal.account_id <> EXCLUDED.account_id;

-- name: crm_portal_find
-- A CRM's access. $1 connection text. Returns 0..1 row.
SELECT account_id, token_seed, access_token, refresh_token, token_until, rest_until
FROM crm_portal
WHERE connection = $1::text;

-- name: crm_portal_rest
-- Leave a CRM alone for a while, but never for less than somebody else said.
-- $1 connection text, $2 until timestamptz.
UPDATE crm_portal
SET rest_until = greatest(rest_until, $2::timestamptz)
WHERE connection = $1::text;

-- name: crm_token_claim
-- Be the one who fetches a new access token: the others rest meanwhile. Not if somebody else fetched or fetches one.
-- $1 connection text, $2 token known text (null: none), $3 now timestamptz, $4 until timestamptz. Returns 0..1 row.
UPDATE crm_portal
SET rest_until = $4::timestamptz
WHERE connection = $1::text
    AND access_token IS NOT DISTINCT FROM $2::text
    AND rest_until <= $3::timestamptz
RETURNING connection;

-- name: crm_token_store
-- Keep new tokens, and let the CRM be used again. The refresh token is kept where there is no new one.
-- $1 connection text, $2 token_seed text, $3 access_token text, $4 refresh_token text, $5 token_until timestamptz.
UPDATE crm_portal
SET token_seed = $2::text,
    access_token = $3::text,
    refresh_token = $4::text,
    token_until = $5::timestamptz,
    rest_until = 'epoch'
WHERE connection = $1::text;

-- name: crm_token_expire
-- Take an access token out of use. $1 connection text, $2 access_token text, $3 now timestamptz.
UPDATE crm_portal
SET token_until = $3::timestamptz
WHERE connection = $1::text AND access_token = $2::text;

-- name: crm_see
-- Queue the calls of a CRM's account that it has not been told of. Locks the portal, and waits for nobody.
-- $1 connection text, $2 now timestamptz, $3 at most bigint. Returns 1 row: how many.
WITH portal AS MATERIALIZED (
    SELECT connection, account_id, seen_call_id
    FROM crm_portal
    WHERE connection = $1::text
    FOR NO KEY UPDATE SKIP LOCKED
),
seen AS MATERIALIZED (
    SELECT call.id
    FROM portal
    CROSS JOIN LATERAL (
        SELECT id
        FROM call
        WHERE call.account_id = portal.account_id AND call.id > portal.seen_call_id
        ORDER BY id
        LIMIT $3::bigint
    ) AS call
),
queued AS (
    INSERT INTO crm_call (connection, call_id, state, created_at, due_at)
    SELECT $1::text, id, 'queued', $2::timestamptz, $2::timestamptz
    FROM seen
    ON CONFLICT (connection, call_id) DO NOTHING
),
moved AS (
    UPDATE crm_portal
    SET seen_call_id = (SELECT max(id) FROM seen)
    WHERE connection = $1::text AND EXISTS (SELECT 1 FROM seen)
)
SELECT count(*) AS seen FROM seen;

-- name: crm_claim
-- Claim calls that a CRM must be told of now: those it does not know, and those it knows that are over.
-- $1 connection text, $2 now timestamptz, $3 until timestamptz, $4 at most bigint. Returns them, those waiting longest
-- first.
WITH due AS (
    SELECT call_id
    FROM crm_call
    WHERE connection = $1::text
        AND due_at <= $2::timestamptz
        AND (
            state = 'queued'
            OR NOT EXISTS (SELECT 1 FROM live_call WHERE live_call.call_id = crm_call.call_id)
        )
    ORDER BY due_at
    LIMIT $4::bigint
    FOR NO KEY UPDATE SKIP LOCKED
),
claimed AS (
    UPDATE crm_call
    SET tries = crm_call.tries + 1,
        due_at = $3::timestamptz
    WHERE connection = $1::text AND call_id = ANY(ARRAY(SELECT call_id FROM due))
    RETURNING call_id, crm_call.state AS crm_state, crm_call_id, crm_user_id, created_at, tries
)
SELECT claimed.*, call.*, account.currency::text AS currency
FROM claimed
CROSS JOIN LATERAL (
    SELECT
        account_id, direction, caller, callee, line, state, reason, record_code, started_at, reported_s,
        charge::numeric AS charge, cause
    FROM call
    WHERE call.id = claimed.call_id
    LIMIT 1
) AS call
CROSS JOIN LATERAL (SELECT currency FROM account WHERE account.id = call.account_id LIMIT 1) AS account
ORDER BY claimed.call_id;

-- name: crm_settle
-- Record what a CRM made of a call, if it is still claimed as it was.
-- $1 connection text, $2 call_id bigint, $3 claimed_until timestamptz, $4 state text, $5 due_at timestamptz,
-- $6 crm_call_id text, $7 crm_user_id text, $8 tries integer, $9 last_reply text. Returns 0..1 row.
UPDATE crm_call
SET state = $4::text,
    due_at = $5::timestamptz,
    crm_call_id = $6::text,
    crm_user_id = $7::text,
    tries = $8::integer,
    last_reply = $9::text
WHERE connection = $1::text AND call_id = $2::bigint AND due_at = $3::timestamptz
RETURNING call_id;

-- name: crm_click_note
-- Remember a number that was clicked, for a day. $1 connection text, $2 crm_call_id text, $3 crm_user_id text,
-- $4 callee text, $5 now timestamptz.
WITH stale AS (
    DELETE FROM crm_click WHERE connection = $1::text AND clicked_at < $5::timestamptz - interval '1 day'
)
INSERT INTO crm_click (connection, crm_call_id, crm_user_id, callee, clicked_at)
SELECT connection, $2::text, $3::text, $4::text, $5::timestamptz
FROM crm_portal
WHERE connection = $1::text
ON CONFLICT (connection, crm_call_id) DO NOTHING;

-- name: crm_click_take
-- The click that a call was dialled for: the first to its callee within two minutes of its start. It is used up.
-- $1 connection text, $2 callee text, $3 started_at timestamptz. Returns 0..1 row.
DELETE FROM crm_click
WHERE connection = $1::text AND crm_call_id = ANY(ARRAY(
    SELECT crm_call_id
    FROM crm_click
    WHERE connection = $1::text
        AND callee = $2::text
        AND clicked_at BETWEEN $3::timestamptz - interval '2 minutes' AND $3::timestamptz + interval '2 minutes'
    ORDER BY clicked_at
    LIMIT 1
    FOR UPDATE SKIP LOCKED
))
RETURNING crm_call_id, crm_user_id;

-- name: crm_of_calls
-- What became of calls in the CRMs that there are. $1 call_ids bigint[]. Returns 0..n rows, newest calls first.
SELECT call_id, connection, state, crm_call_id, created_at, due_at AS next_at, tries, last_reply
FROM crm_call
WHERE call_id = ANY($1::bigint[])
ORDER BY call_id DESC, connection;

-- name: crm_list_given_up
-- Calls that a CRM is not told of any more, newest first, and the last one whole: two CRMs may have given it up.
-- $1 before bigint (null: from the newest), $2 limit bigint.
SELECT call_id, connection, state, crm_call_id, created_at, due_at AS next_at, tries, last_reply
FROM crm_call
WHERE state = 'given_up' AND ($1::bigint IS NULL OR call_id < $1::bigint)
ORDER BY call_id DESC
FETCH FIRST ($2::bigint) ROWS WITH TIES;

-- name: crm_page_given_up
-- The same, from after a row on. $1 call_id bigint, $2 connection text: of that row, $3 limit bigint. Returns 0..n rows.
SELECT call_id, connection, state, crm_call_id, created_at, due_at AS next_at, tries, last_reply
FROM crm_call
WHERE state = 'given_up' AND call_id <= $1::bigint AND (call_id < $1::bigint OR connection > $2::text)
ORDER BY call_id DESC, connection
LIMIT $3::bigint;

-- name: crm_again
-- Tell CRMs of a call again that was given up, for as long as a new one: register it, or finish it if it is registered.
-- $1 call_id bigint, $2 now timestamptz. Returns 0..n rows.
UPDATE crm_call
SET state = CASE WHEN crm_call_id IS NULL THEN 'queued' ELSE 'registered' END,
    created_at = $2::timestamptz,
    due_at = $2::timestamptz,
    tries = 0
WHERE call_id = $1::bigint AND state = 'given_up'
RETURNING connection;
