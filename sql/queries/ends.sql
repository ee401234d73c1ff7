-- name: end_gather
-- What is known about calls that are said to be answered or over; the accounts of those that are live are locked, in
-- id order.
-- $1 connections text[], $2 provider_call_ids text[]. Returns one row each, in the order given.
WITH event AS (
    SELECT *
    FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS e (connection, provider_call_id, ordinal)
),
hit AS MATERIALIZED (
    SELECT event.ordinal, call.*, live_call.call_id IS NOT NULL AS is_live
    FROM event
    JOIN call ON call.connection = event.connection AND call.provider_call_id = event.provider_call_id
    LEFT JOIN live_call ON live_call.call_id = call.id
),
locked AS MATERIALIZED (
    SELECT id, currency
    FROM account
    WHERE id IN (SELECT account_id FROM hit WHERE is_live)
    ORDER BY id
    FOR NO KEY UPDATE
)
SELECT
    hit.id AS call_id,
    hit.state AS call_state,
    hit.account_id,
    coalesce(locked.currency, account.currency)::text AS currency,
    hit.started_at,
    hit.answered_at,
    hit.granted_s,
    hit.reported_s,
    hit.charge::numeric AS charge,
    live_call.hold::numeric AS hold,
    live_call.held_s,
    live_call.cut_next_at,
    rate.id AS rate_id,
    rate.prefix AS rate_prefix,
    rate.per_minute::numeric AS per_minute,
    rate.connection_fee::numeric AS connection_fee,
    rate.first_interval_s,
    rate.increment_s
FROM event
LEFT JOIN hit ON hit.ordinal = event.ordinal
LEFT JOIN locked ON locked.id = hit.account_id
LEFT JOIN account ON account.id = hit.account_id AND NOT hit.is_live
LEFT JOIN live_call ON live_call.call_id = hit.id
LEFT JOIN rate ON rate.id = hit.rate_id
ORDER BY event.ordinal;

-- name: end_apply
-- Close calls: release what they hold, book what they cost. A call that is not live any more is left alone and not
-- returned.
-- $1 call_ids bigint[], $2 answered_at timestamptz[], $3 ended_at timestamptz[], $4 reported_s int4[],
-- $5 billed_s int4[], $6 charge numeric[], $7 cause text[], $8 cost numeric[], $9 cost_currency text[],
-- $10 flags text[] (comma-separated), $11 now timestamptz. Returns the ordinals that were applied.
WITH input AS (
    SELECT *
    FROM unnest(
        $1::bigint[], $2::timestamptz[], $3::timestamptz[], $4::int4[], $5::int4[], $6::numeric[], $7::text[],
        $8::numeric[], $9::text[], $10::text[]
    ) WITH ORDINALITY AS i (
        call_id, answered_at, ended_at, reported_s, billed_s, charge, cause, cost, cost_currency, flags, ordinal
    )
),
gone AS (
    DELETE FROM live_call
    USING input
    WHERE live_call.call_id = input.call_id
    RETURNING live_call.account_id, live_call.hold, input.*
),
closed AS (
    UPDATE call
    SET state = 'ended', answered_at = gone.answered_at, ended_at = gone.ended_at, reported_s = gone.reported_s,
        billed_s = gone.billed_s, charge = gone.charge, cause = gone.cause, cost = gone.cost,
        cost_currency = gone.cost_currency,
        flags = CASE WHEN gone.flags = '' THEN call.flags
            ELSE call.flags || string_to_array(gone.flags, ',') END
    FROM gone
    WHERE call.id = gone.call_id
),
booked AS (
    INSERT INTO ledger_entry (account_id, kind, amount, balance_after, key, call_id, booked_at)
    SELECT
        gone.account_id, 'call', -gone.charge,
        account.balance - sum(gone.charge) OVER (PARTITION BY gone.account_id ORDER BY gone.ordinal),
        'call:' || gone.call_id, gone.call_id, $11::timestamptz
    FROM gone
    JOIN account ON account.id = gone.account_id
    WHERE gone.charge > 0
    ORDER BY gone.account_id, gone.ordinal
),
moved AS (
    UPDATE account
    SET balance = account.balance - spent.charge, held = account.held - spent.hold
    FROM (
        SELECT account_id, sum(charge) AS charge, sum(hold) AS hold FROM gone GROUP BY account_id
    ) AS spent
    WHERE account.id = spent.account_id AND (spent.charge <> 0 OR spent.hold <> 0)
)
SELECT ordinal FROM gone;

-- name: answer_apply
-- Note that calls were answered, and count their clocks from then. A call that has an answer or is not live is left
-- alone. $1 call_ids bigint[], $2 answered_at timestamptz[], $3 must_end_at timestamptz[],
-- $4 cut_next_at timestamptz[], $5 extend_at timestamptz[], $6 sweep_at timestamptz[].
WITH input AS (
    SELECT *
    FROM unnest(
        $1::bigint[], $2::timestamptz[], $3::timestamptz[], $4::timestamptz[], $5::timestamptz[], $6::timestamptz[]
    ) AS i (call_id, answered_at, must_end_at, cut_next_at, extend_at, sweep_at)
),
answered AS (
    UPDATE call
    SET answered_at = input.answered_at
    FROM input
    WHERE call.id = input.call_id AND call.state = 'open' AND call.answered_at IS NULL
    RETURNING call.id, call.cut_reason
)
UPDATE live_call
SET must_end_at = input.must_end_at,
    cut_next_at = CASE WHEN answered.cut_reason IS NULL THEN input.cut_next_at ELSE live_call.cut_next_at END,
    extend_at = input.extend_at, sweep_at = input.sweep_at
FROM input
JOIN answered ON answered.id = input.call_id
WHERE live_call.call_id = input.call_id;

-- name: end_orphans
-- Keep ends of calls that nobody has told us of, with their figures, until a start comes (R21).
-- $1 connections text[], $2 provider_call_ids text[], $3 answered_at timestamptz[], $4 ended_at timestamptz[],
-- $5 reported_s int4[], $6 cause text[], $7 cost numeric[], $8 cost_currency text[]. Returns those that were kept.
INSERT INTO call (
    connection, provider_call_id, caller, callee, line, state, rule, record_code, sip_code, granted_s,
    started_at, answered_at, ended_at, reported_s, cause, cost, cost_currency, flags
)
SELECT
    connection, provider_call_id, '', '', '', 'orphan', 'R21', 200, 200, 0,
    coalesce(answered_at, ended_at), answered_at, ended_at, reported_s, cause, cost, cost_currency, '{no_start}'
FROM unnest(
    $1::text[], $2::text[], $3::timestamptz[], $4::timestamptz[], $5::int4[], $6::text[], $7::numeric[], $8::text[]
) AS i (connection, provider_call_id, answered_at, ended_at, reported_s, cause, cost, cost_currency)
ORDER BY connection, provider_call_id
ON CONFLICT ON CONSTRAINT call_once DO NOTHING
RETURNING connection, provider_call_id;

-- name: call_flag
-- Add a flag to calls that do not have it. $1 call_ids bigint[], $2 flag text.
UPDATE call
SET flags = flags || $2::text
WHERE id = ANY($1::bigint[]) AND NOT flags @> ARRAY[$2::text];

-- name: sweep_soon
-- Have the sweeper ask for the fate of live calls no later than at an instant.
-- $1 call_ids bigint[], $2 soon timestamptz.
UPDATE live_call
SET sweep_at = $2::timestamptz
WHERE call_id = ANY($1::bigint[]) AND sweep_at > $2::timestamptz;
