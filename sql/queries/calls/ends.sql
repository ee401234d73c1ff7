-- name: end_gather
-- What is known about calls that are said to be answered or over; the accounts of those that may still be charged, as
-- they are live or ended with 0 s, as lost (R22) or otherwise, are locked, in id order. One that somebody else has locked
-- is passed over, and said to be locked: its calls wait, and no others.
-- $1 events json: rows of the columns below. Returns a json object each, in the order of
-- their ordinals, null where no call is known; and whether that is because it was archived.
-- Tables are probed by LATERAL ... LIMIT 1 and = ANY, never joined: see sql/README.md, "Plans".
WITH event AS MATERIALIZED (
    SELECT e.ordinal, known.*
    FROM json_to_recordset($1::json) AS e (ordinal integer, connection text, provider_call_id text)
    LEFT JOIN LATERAL (
        SELECT call_id AS known_id, true AS is_known
        FROM known_call
        WHERE key = call_key(e.connection, e.provider_call_id) AND reuse = 0
        LIMIT 1
    ) AS known ON true
),
found AS MATERIALIZED (
    SELECT
        call.id, call.state, call.rule, call.account_id, call.rate_id, call.started_at, call.answered_at,
        call.provider_started_at, call.provider_answered_at, call.granted_s, call.reported_s, call.billed_s,
        call.charge, call.cause,
        call.state = 'ended' AND call.flags @> '{end_lost}' AND NOT call.flags @> '{end_late}' AS is_lost,
        call.flags @> '{closed_by_hand}' AS is_closed_by_hand
    FROM (
        SELECT array_agg(known_id) AS ids, min(known_id) AS first_id, max(known_id) AS last_id
        FROM event
        WHERE known_id IS NOT NULL
    ) AS known
    CROSS JOIN LATERAL calls_of(known.ids, known.first_id, known.last_id) AS call
),
hit AS MATERIALIZED (
    SELECT event.ordinal, call.*, live_call.*, event.is_known IS TRUE AND call.id IS NULL AS is_archived
    FROM event
    LEFT JOIN LATERAL (SELECT found.* FROM found WHERE found.id = event.known_id LIMIT 1) AS call ON true
    LEFT JOIN LATERAL (
        SELECT call_id AS live_id, hold, held_s, cut_due_at, over_at
        FROM live_call
        WHERE live_call.call_id = call.id
        LIMIT 1
    ) AS live_call ON true
),
locked AS MATERIALIZED (
    SELECT id, currency
    FROM account
    WHERE id = ANY(ARRAY(SELECT account_id FROM hit WHERE live_id IS NOT NULL OR billed_s = 0))
    ORDER BY id
    FOR NO KEY UPDATE SKIP LOCKED
)
SELECT CASE WHEN hit.id IS NOT NULL THEN json_build_object(
    'id', hit.id,
    'state', hit.state,
    'account_id', hit.account_id,
    'currency', coalesce(locked.currency, account.currency),
    'started_at', hit.started_at,
    'answered_at', hit.answered_at,
    'provider_started_at', hit.provider_started_at,
    'provider_answered_at', hit.provider_answered_at,
    'is_announced', hit.rule <> 'R21',
    'granted_s', hit.granted_s,
    'reported_s', hit.reported_s,
    'billed_s', hit.billed_s,
    'charge', hit.charge,
    'hold', hit.hold,
    'held_s', coalesce(hit.held_s, 0),
    'is_cuttable', hit.cut_due_at IS NOT NULL,
    'is_over', hit.over_at IS NOT NULL,
    'is_lost', hit.is_lost,
    'is_closed_by_hand', hit.is_closed_by_hand,
    'is_locked', hit.account_id IS NOT NULL AND locked.id IS NULL
        AND (hit.live_id IS NOT NULL OR hit.billed_s IS NOT DISTINCT FROM 0),
    'cause', hit.cause,
    'rate', rate.row
) END AS known, hit.is_archived
FROM hit
LEFT JOIN locked ON locked.id = hit.account_id
LEFT JOIN LATERAL (
    SELECT currency FROM account WHERE account.id = hit.account_id AND locked.id IS NULL LIMIT 1
) AS account ON true
LEFT JOIN LATERAL (SELECT to_json(rate) AS row FROM rate WHERE rate.id = hit.rate_id LIMIT 1) AS rate ON true
ORDER BY hit.ordinal;

-- name: end_apply
-- Close calls: release what they hold, book what they cost. A call that is not live any more, or whose grant or answer
-- another transaction changed after it was gathered and before its account was locked, is left alone and not returned.
-- A balance that falls below its level is soon compared with the minimum (R30). What calls cost on a day is added up
-- for accounts with caps (R17).
-- $1 calls json: rows of the columns that the function `calls_close` lists, flags comma-separated, the note null but for
-- a call closed by hand; $2 now timestamptz, $3 call_ids bigint[], $4 the least bigint, $5 the greatest of them bigint,
-- so that only months between are opened. For calls that the process remembers, else null: $6 their accounts bigint[],
-- which are locked here, $7 how long a lock is waited for text; one whose hold is another by now is left alone.
-- Returns the ordinals that were applied.
SELECT ordinal
FROM calls_close($1::json, $2::timestamptz, $3::bigint[], $4::bigint, $5::bigint, $6::bigint[], $7::text);

-- name: end_reopen
-- Open calls again that ended with 0 s, as lost (R22) or otherwise, as another end has come after all: they are closed,
-- and charged, by what is done next in the same transaction. Their accounts are locked. One that is charged meanwhile
-- is left alone. $1 call_ids bigint[], $2 the least bigint, $3 the greatest of them bigint.
WITH reopened AS (
    UPDATE call
    SET state = 'open', ended_at = NULL, reported_s = NULL, billed_s = NULL, charge = NULL, cause = NULL
    WHERE id = ANY($1::bigint[]) AND id BETWEEN $2::bigint AND $3::bigint
        AND state = 'ended' AND billed_s = 0 AND charge = 0
    RETURNING id, account_id, granted_s, started_at
)
INSERT INTO live_call (call_id, account_id, hold, held_s, must_end_at, reconcile_due_at)
SELECT id, account_id, 0, granted_s, started_at, started_at
FROM reopened;

-- name: unmatched_end_keep
-- Keep ends of calls that nobody has told us of, with their figures, until a start comes (R21). One that was kept before
-- gives way where it is as known.
-- $1 connections text[], $2 provider_call_ids text[], $3 answered_at timestamptz[], $4 ended_at timestamptz[],
-- $5 reported_s int4[], $6 cause text[], $7 cost numeric[], $8 cost_currency text[]; of the end that gives way
-- $9 reported_s int4[], $10 cause text[], $11 call_id bigint[], null where there is none; $12 now timestamptz, $13 the
-- least bigint, $14 the greatest of the call_ids bigint. Returns those that were kept.
WITH told AS MATERIALIZED (
    SELECT *
    FROM unnest(
        $1::text[], $2::text[], $3::timestamptz[], $4::timestamptz[], $5::int4[], $6::text[], $7::numeric[],
        $8::text[], $9::int4[], $10::text[], $11::bigint[]
    ) AS i (
        connection, provider_call_id, answered_at, ended_at, reported_s, cause, cost, cost_currency,
        was_reported_s, was_cause, was_call_id
    )
),
kept AS (
    INSERT INTO call (
        connection, provider_call_id, caller, callee, line, state, rule, record_code, sip_code, granted_s,
        started_at, answered_at, ended_at, reported_s, cause, cost, cost_currency, flags, flagged_at
    )
    SELECT
        connection, provider_call_id, '', '', '', 'orphan', 'R21', 200, 200, 0,
        coalesce(answered_at, ended_at), answered_at, ended_at, reported_s, cause, cost, cost_currency, '{no_start}',
        $12::timestamptz
    FROM told
    WHERE was_call_id IS NULL
    ORDER BY connection, provider_call_id
    RETURNING connection, provider_call_id
),
changed AS (
    UPDATE call
    SET started_at = coalesce(told.answered_at, told.ended_at), answered_at = told.answered_at,
        ended_at = told.ended_at, reported_s = told.reported_s, cause = told.cause,
        cost = coalesce(told.cost, call.cost), cost_currency = coalesce(told.cost_currency, call.cost_currency),
        flags = CASE WHEN call.flags @> '{end_differs}' THEN call.flags ELSE call.flags || '{end_differs}' END,
        flagged_at = $12::timestamptz
    FROM told
    WHERE call.id = told.was_call_id AND call.id BETWEEN $13::bigint AND $14::bigint
        AND call.state = 'orphan'
        AND call.reported_s = told.was_reported_s AND call.cause = told.was_cause
    RETURNING call.connection, call.provider_call_id
)
SELECT connection, provider_call_id FROM kept
UNION ALL
SELECT connection, provider_call_id FROM changed;

-- name: figures_note
-- Keep what is reported of calls that it charges nothing for: refused ones that talked all the same, and those that an
-- operator closed by hand before. The first figures stand.
-- $1 call_ids bigint[], $2 reported_s int4[], $3 cause text[], $4 cost numeric[], $5 cost_currency text[],
-- $6 now timestamptz, $7 the least bigint, $8 the greatest of the ids bigint. Returns those that were kept.
UPDATE call
SET reported_s = told.reported_s, cause = told.cause, cost = told.cost, cost_currency = told.cost_currency,
    flags = CASE WHEN call.state = 'refused' THEN call.flags || '{refused}' ELSE call.flags END,
    flagged_at = CASE WHEN call.state = 'refused' THEN $6::timestamptz ELSE call.flagged_at END
FROM unnest($1::bigint[], $2::int4[], $3::text[], $4::numeric[], $5::text[])
    AS told (call_id, reported_s, cause, cost, cost_currency)
WHERE call.id = ANY($1::bigint[]) AND call.id = told.call_id AND call.id BETWEEN $7::bigint AND $8::bigint
    AND (
        (call.state = 'refused' AND call.reported_s IS NULL)
        OR (call.flags @> '{closed_by_hand}' AND NOT call.flags @> '{end_differs}')
    )
RETURNING call.state = 'refused' AS is_refused;

-- name: call_flag
-- Add a flag to calls that do not have it. $1 call_ids bigint[], $2 flag text, $3 now timestamptz, $4 the least bigint,
-- $5 the greatest of the ids bigint. Returns those.
UPDATE call
SET flags = flags || $2::text, flagged_at = $3::timestamptz
WHERE id = ANY($1::bigint[]) AND id BETWEEN $4::bigint AND $5::bigint AND NOT flags @> ARRAY[$2::text]
RETURNING id;

-- name: reconcile_soon
-- Have the reconciler ask for the status of live calls no later than at an instant.
-- $1 call_ids bigint[], $2 soon timestamptz.
UPDATE live_call
SET reconcile_due_at = $2::timestamptz
WHERE call_id = ANY($1::bigint[]) AND reconcile_due_at > $2::timestamptz;
