-- name: call_ids
-- The newest calls.
-- $1 before bigint (null: from the newest), $2 limit integer.
SELECT id
FROM call
WHERE id < coalesce($1::bigint, 9223372036854775807)
ORDER BY id DESC
LIMIT $2::integer;

-- name: call_ids_of_account
-- The newest calls of an account.
-- $1 account_id bigint, $2 before bigint (null: from the newest), $3 limit integer.
SELECT id
FROM call
WHERE account_id = $1::bigint AND id < coalesce($2::bigint, 9223372036854775807)
ORDER BY id DESC
LIMIT $3::integer;

-- name: call_ids_live
-- The newest of the calls that are up.
-- $1 account_id bigint (null: of all accounts), $2 before bigint (null: from the newest), $3 limit integer.
SELECT call_id AS id
FROM live_call
WHERE ($1::bigint IS NULL OR account_id = $1::bigint) AND call_id < coalesce($2::bigint, 9223372036854775807)
ORDER BY call_id DESC
LIMIT $3::integer;

-- name: call_id_of_provider
-- Our id of a provider's call, which may be archived; null where it was before calls were kept in months.
-- $1 connection text, $2 provider_call_id text. Returns 0..1 row.
SELECT call_id AS id
FROM known_call
WHERE key = call_key($1::text, $2::text) AND reuse = 0;

-- name: call_started_at
-- When a provider's call began.
-- $1 connection text, $2 provider_call_id text. Returns 0..1 row.
SELECT call.started_at
FROM known_call
JOIN call ON call.id = known_call.call_id
WHERE known_call.key = call_key($1::text, $2::text) AND known_call.reuse = 0;

-- name: call_show
-- All that is known about calls, newest first: the decision and its rate, the clocks of those that are up, the charge.
-- $1 ids bigint[].
SELECT
    call.id, call.connection, call.provider_call_id, call.account_id, account.currency::text AS currency,
    call.parent_id, call.direction, call.caller, call.callee, call.line, call.caller_id, call.state, call.rule,
    call.reason, call.record_code, call.sip_code, call.available::numeric AS available, call.granted_s,
    call.started_at, call.answered_at, call.ended_at, call.reported_s, call.billed_s, call.charge::numeric AS charge,
    call.cause, call.cut_reason, call.cost, call.cost_currency::text AS cost_currency, call.flags,
    to_json(rate) AS rate,
    live_call.call_id IS NOT NULL AS is_live,
    live_call.hold::numeric AS hold, live_call.held_s, live_call.must_end_at, live_call.cut_due_at AS cut_next_at,
    live_call.cut_attempts, live_call.extend_due_at AS extend_at, live_call.reconcile_due_at AS sweep_at,
    ledger_entry.id AS entry_id,
    ledger_entry.amount::numeric AS entry_amount,
    ledger_entry.balance_after::numeric AS entry_balance_after,
    ledger_entry.booked_at AS entry_booked_at
FROM call
LEFT JOIN account ON account.id = call.account_id
LEFT JOIN rate ON rate.id = call.rate_id
LEFT JOIN live_call ON live_call.call_id = call.id
LEFT JOIN ledger_entry
    ON ledger_entry.key = 'call:' || call.id AND ledger_entry.charged_call_id IN (0, call.id)
WHERE call.id = ANY($1::bigint[])
ORDER BY call.id DESC;

-- name: call_cut
-- Have the cutter end a live call at once, by an operator's wish, if the gateway can end it. Lock order: live_call,
-- call, as the cutter takes them.
-- $1 call_id bigint, $2 now timestamptz. Returns 0..1 row.
WITH due AS (
    UPDATE live_call
    SET cut_due_at = $2::timestamptz, cut_attempts = 0
    WHERE call_id = $1::bigint AND cut_due_at IS NOT NULL
    RETURNING call_id
),
noted AS (
    UPDATE call
    SET cut_reason = 'operator'
    FROM due
    WHERE call.id = due.call_id AND call.state = 'open'
)
SELECT call_id FROM due;

-- name: account_calls_cut
-- Have the cutter end the calls of a locked account at once, by an operator's wish, that the gateway can end; emergency
-- calls go on. Lock order: live_call, call, as the cutter takes them.
-- $1 account_id bigint, $2 now timestamptz. Returns how many are cut, and how many go on that cannot be.
WITH up AS MATERIALIZED (
    SELECT live_call.call_id, live_call.cut_due_at
    FROM live_call
    CROSS JOIN LATERAL (SELECT rule FROM call WHERE call.id = live_call.call_id LIMIT 1) AS call
    WHERE live_call.account_id = $1::bigint AND live_call.over_at IS NULL AND call.rule <> 'emergency'
    ORDER BY live_call.call_id
    FOR NO KEY UPDATE OF live_call
),
due AS (
    UPDATE live_call
    SET cut_due_at = $2::timestamptz, cut_attempts = 0
    WHERE call_id = ANY(ARRAY(SELECT call_id FROM up WHERE cut_due_at IS NOT NULL))
    RETURNING call_id
),
noted AS (
    UPDATE call
    SET cut_reason = 'operator'
    WHERE id = ANY(ARRAY(SELECT call_id FROM due)) AND state = 'open'
)
SELECT (SELECT count(*) FROM due) AS cut, (SELECT count(*) FROM up WHERE cut_due_at IS NULL) AS uncuttable;
