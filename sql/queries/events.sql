-- name: events_begin
-- Whether this transaction is the one that writes events.
-- $1 key bigint.
SELECT pg_try_advisory_xact_lock($1::bigint);

-- name: event_sources
-- How far each table was followed, where all transactions have ended that could add rows below, and the last of its next
-- rows. A horizon that is to come was noted in another server, before the database was restored in this one. Ids jump, at
-- the turn of a month by as many as it may have: so rows are counted, and not ids.
-- $1 rows at once integer.
SELECT
    name,
    after_id,
    until_id,
    coalesce(
        CASE name
            WHEN 'call' THEN (
                SELECT id FROM call WHERE id > after_id AND id <= until_id ORDER BY id OFFSET $1::integer - 1 LIMIT 1
            )
            WHEN 'entry' THEN (
                SELECT id
                FROM ledger_entry_kept
                WHERE id > after_id AND id <= until_id
                ORDER BY id
                OFFSET $1::integer - 1
                LIMIT 1
            )
            WHEN 'mail' THEN (
                SELECT id FROM mail WHERE id > after_id AND id <= until_id ORDER BY id OFFSET $1::integer - 1 LIMIT 1
            )
            ELSE (
                SELECT id FROM audit WHERE id > after_id AND id <= until_id ORDER BY id OFFSET $1::integer - 1 LIMIT 1
            )
        END,
        until_id
    ) AS next_id
FROM event_source
WHERE horizon <= pg_snapshot_xmin(pg_current_snapshot())::text::bigint
    OR horizon > pg_snapshot_xmax(pg_current_snapshot())::text::bigint
ORDER BY name;

-- name: event_sources_advance
-- Tables were followed up to a row each. Where that was all, one may be followed up to its newest one next, once the
-- transactions have ended that run now.
-- $1 names text[], $2 after_ids bigint[].
UPDATE event_source
SET after_id = followed.after_id,
    until_id = next.until_id,
    horizon = CASE
        WHEN event_source.until_id > followed.after_id THEN horizon
        ELSE pg_snapshot_xmax(pg_current_snapshot())::text::bigint
    END
FROM unnest($1::text[], $2::bigint[]) AS followed (name, after_id)
CROSS JOIN LATERAL (
    SELECT
        CASE
            WHEN known.until_id > followed.after_id THEN known.until_id
            WHEN known.name = 'call' THEN coalesce((SELECT max(id) FROM call), 0)
            WHEN known.name = 'entry' THEN coalesce((SELECT max(id) FROM ledger_entry_kept), 0)
            WHEN known.name = 'mail' THEN coalesce((SELECT max(id) FROM mail), 0)
            ELSE coalesce((SELECT max(id) FROM audit), 0)
        END AS until_id
    FROM event_source AS known
    WHERE known.name = followed.name
) AS next
WHERE event_source.name = followed.name
    AND (event_source.after_id, event_source.until_id) IS DISTINCT FROM (followed.after_id, next.until_id);

-- name: events_of_calls
-- Of new calls: those that were refused, those that are over, and which are to be followed.
-- $1 after_id bigint, $2 until_id bigint, $3 now timestamptz.
WITH new AS MATERIALIZED (
    SELECT id
    FROM call
    WHERE id > $1::bigint AND id <= $2::bigint
),
followed AS (
    INSERT INTO event_open_call (call_id)
    SELECT call.id
    FROM new
    CROSS JOIN LATERAL (SELECT id, state FROM call WHERE call.id = new.id LIMIT 1) AS call
    WHERE state IN ('open', 'orphan')
    ORDER BY call.id
    ON CONFLICT (call_id) DO NOTHING
)
INSERT INTO event (kind, account_id, object, at, noted_at, data)
SELECT told.kind, told.account_id, 'call:' || told.call_id, told.at, $3::timestamptz, told.data
FROM new
CROSS JOIN LATERAL call_events(new.id) AS told
ORDER BY new.id, told.kind;

-- name: events_of_ends
-- Of calls that were followed, and are over now. Each is looked up by itself: a plan that was made while few were followed
-- might read all calls instead.
-- $1 now timestamptz, $2 limit integer.
WITH over AS (
    DELETE FROM event_open_call
    WHERE call_id IN (
        SELECT event_open_call.call_id
        FROM event_open_call
        CROSS JOIN LATERAL (SELECT state FROM call WHERE call.id = event_open_call.call_id LIMIT 1) AS call
        WHERE call.state NOT IN ('open', 'orphan')
        LIMIT $2::integer
    )
    RETURNING call_id
)
INSERT INTO event (kind, account_id, object, at, noted_at, data)
SELECT told.kind, told.account_id, 'call:' || told.call_id, told.at, $1::timestamptz, told.data
FROM over
CROSS JOIN LATERAL call_events(over.call_id) AS told
ORDER BY told.at, told.call_id, told.kind;

-- name: events_of_entries
-- Of new entries: top-ups, which are with those that are kept for ever.
-- $1 after_id bigint, $2 until_id bigint, $3 now timestamptz.
INSERT INTO event (kind, account_id, object, at, noted_at, data)
SELECT
    'balance.topped_up', account_id, 'account:' || account_id, booked_at, $3::timestamptz,
    jsonb_build_object(
        'entry_id', id, 'amount', amount::numeric::text, 'balance_after', balance_after::numeric::text,
        'currency', (SELECT currency FROM account WHERE account.id = ledger_entry_kept.account_id),
        'external_id', external_id
    )
FROM ledger_entry_kept
WHERE id > $1::bigint AND id <= $2::bigint AND kind = 'top_up'
ORDER BY id;

-- name: events_of_mails
-- Of new mails: balances that are low, and calls whose provider cannot be made to end them.
-- $1 after_id bigint, $2 until_id bigint, $3 now timestamptz.
INSERT INTO event (kind, account_id, object, at, noted_at, data)
SELECT
    CASE kind WHEN 'low_balance' THEN 'balance.low' ELSE 'call.uncut' END,
    account_id,
    CASE kind WHEN 'low_balance' THEN 'account:' || account_id ELSE 'call:' || (facts ->> 'call_id') END,
    created_at, $3::timestamptz, facts
FROM mail
WHERE id > $1::bigint AND id <= $2::bigint AND kind IN ('low_balance', 'call_uncut')
ORDER BY id;

-- name: events_of_audit
-- Of what was done: accounts that were blocked.
-- $1 after_id bigint, $2 until_id bigint, $3 now timestamptz.
INSERT INTO event (kind, account_id, object, at, noted_at, data)
SELECT 'account.blocked', account_id, object, at, $3::timestamptz, jsonb_build_object('reason', after ->> 'blocked_reason')
FROM audit
WHERE id > $1::bigint AND id <= $2::bigint AND action = 'accounts.block'
ORDER BY id;

-- name: events_of_lines
-- Of lines that are in another state than when they were seen last.
-- $1 now timestamptz, $2 limit integer.
WITH changed AS (
    SELECT line.id, line.account_id, line.kind, line.name, line.state, known.state AS was
    FROM line
    LEFT JOIN event_line AS known ON known.line_id = line.id
    WHERE known.state IS DISTINCT FROM line.state
    ORDER BY line.id
    LIMIT $2::integer
),
seen AS (
    INSERT INTO event_line (line_id, state)
    SELECT id, state
    FROM changed
    ORDER BY id
    ON CONFLICT (line_id) DO UPDATE SET state = excluded.state
)
INSERT INTO event (kind, account_id, object, at, noted_at, data)
SELECT
    CASE
        WHEN state = 'suspended' THEN 'number.suspended'
        WHEN state = 'disconnected' THEN 'number.disconnected'
        WHEN was IS NULL THEN 'number.rented'
        ELSE 'number.restored'
    END,
    account_id, kind || ':' || name, $1::timestamptz, $1::timestamptz,
    jsonb_build_object('line', name, 'kind', kind, 'state', state)
FROM changed
ORDER BY id;

-- name: events_of_connections
-- Of connections that fail, and did not when they were looked at last: the last webhook was refused, and none was taken
-- since an instant.
-- $1 now timestamptz, $2 taken_since timestamptz.
WITH found AS (
    SELECT
        connection, refused_at, refused_status, refused_why,
        refused_at IS NOT NULL AND (accepted_at IS NULL OR refused_at > accepted_at)
        AND coalesce(accepted_at, configured_at) <= $2::timestamptz AS is_failing
    FROM connection_hooks
),
changed AS (
    INSERT INTO event_connection AS known (connection, is_failing)
    SELECT connection, is_failing
    FROM found
    ORDER BY connection
    ON CONFLICT (connection) DO UPDATE SET is_failing = excluded.is_failing WHERE known.is_failing <> excluded.is_failing
    RETURNING connection, is_failing
)
INSERT INTO event (kind, account_id, object, at, noted_at, data)
SELECT
    'connection.failing', NULL, 'connection:' || found.connection, found.refused_at, $1::timestamptz,
    jsonb_build_object('connection', found.connection, 'status', found.refused_status, 'why', found.refused_why)
FROM changed
INNER JOIN found ON found.connection = changed.connection
WHERE changed.is_failing
ORDER BY found.connection;

-- name: events_forget
-- Delete the oldest events that were noted before an instant.
-- $1 before timestamptz, $2 limit integer.
DELETE FROM event
WHERE id IN (SELECT id FROM event WHERE noted_at < $1::timestamptz ORDER BY noted_at LIMIT $2::integer)
RETURNING id;

-- name: event_list
-- A page of what happened, in the order in which it was noted; a parameter that is null asks for nothing.
-- $1 account_id bigint, $2 after bigint, $3 kind text, $4 limit integer.
SELECT id, kind, account_id, object, at, data
FROM event
WHERE ($1::bigint IS NULL OR account_id = $1::bigint)
    AND id > $2::bigint
    AND ($3::text IS NULL OR kind = $3::text)
ORDER BY id
LIMIT $4::integer;
