-- Queries of the roll-up of calls. Whoever rolls up has locked usage_point, in a transaction that sees one instant.

-- name: usage_claim
-- Lock the point up to which calls were looked at; nothing where somebody else has. Returns 0..1 row.
SELECT call_id FROM usage_point FOR UPDATE SKIP LOCKED;

-- name: usage_fresh
-- The next calls, in the order of their ids. $1 after bigint, $2 limit integer.
SELECT id, state <> 'open' AS is_final
FROM call
WHERE id > $1::bigint
ORDER BY id
LIMIT $2::integer;

-- name: usage_settled
-- Calls that were awaited and are final now. $1 limit integer.
SELECT call.id
FROM usage_awaited
CROSS JOIN LATERAL (
    SELECT id FROM call WHERE call.id = usage_awaited.call_id AND call.state <> 'open' LIMIT 1
) AS call
WHERE NOT EXISTS (SELECT FROM live_call WHERE live_call.call_id = usage_awaited.call_id)
LIMIT $1::integer;

-- name: usage_changes
-- Calls that had been added and changed: as they were when they were added.
-- $1 call_ids bigint[], $2 up to which id calls were looked at bigint.
SELECT DISTINCT ON (changed.call_id)
    changed.call_id AS id, changed.connection, changed.account_id, changed.direction, changed.caller, changed.callee,
    changed.state, changed.reason, changed.cause, changed.billed_s, changed.charge, changed.cost, changed.cost_currency,
    changed.answered_at IS NOT NULL AS is_answered,
    CASE WHEN changed.line_id IS NULL THEN '' ELSE changed.line END AS line,
    (
        changed.started_at AT TIME ZONE coalesce((SELECT time_zone FROM account WHERE id = changed.account_id), 'UTC')
    )::date AS day,
    changed.refunded
FROM usage_changed AS changed
WHERE changed.call_id = ANY($1::bigint[])
    AND changed.call_id <= $2::bigint
    AND NOT EXISTS (SELECT FROM usage_awaited WHERE usage_awaited.call_id = changed.call_id)
    AND EXISTS (SELECT FROM call WHERE call.id = changed.call_id)
ORDER BY changed.call_id, changed.id;

-- name: usage_changed_ids
-- Calls that changed. $1 limit integer.
SELECT DISTINCT call_id
FROM usage_changed
ORDER BY call_id
LIMIT $1::integer;

-- name: usage_calls
-- Calls as they are. $1 call_ids bigint[], $2 the least bigint, $3 the greatest of them bigint.
SELECT
    call.id, call.connection, call.account_id, call.direction, call.caller, call.callee, call.state, call.reason,
    call.cause, call.billed_s, call.charge::numeric AS charge, call.cost, call.cost_currency::text AS cost_currency,
    call.answered_at IS NOT NULL AS is_answered,
    CASE WHEN call.line_id IS NULL THEN '' ELSE call.line END AS line,
    (
        call.started_at AT TIME ZONE coalesce((SELECT time_zone FROM account WHERE id = call.account_id), 'UTC')
    )::date AS day,
    CASE WHEN call.charge > 0 THEN call_refunded(call.id) ELSE 0 END AS refunded
FROM call
WHERE call.id = ANY($1::bigint[]) AND call.id BETWEEN $2::bigint AND $3::bigint;

-- name: usage_add
-- Add figures, or take them off where they are negative. $1 rows json: of the columns below.
INSERT INTO usage_day (
    account_id, day, country, line, direction, outcome, connection, cost_currency, calls, answered, seconds, spend,
    costed, costed_spend, cost
)
SELECT
    account_id, day, country, line, direction, outcome, connection, cost_currency, calls, answered, seconds, spend,
    costed, costed_spend, cost
FROM json_to_recordset($1::json) AS added (
    account_id bigint, day date, country text, line text, direction text, outcome text, connection text,
    cost_currency text, calls bigint, answered bigint, seconds bigint, spend numeric, costed bigint,
    costed_spend numeric, cost numeric
)
ON CONFLICT (account_id, day, country, line, direction, outcome, connection, cost_currency) DO UPDATE
    SET calls = usage_day.calls + excluded.calls,
        answered = usage_day.answered + excluded.answered,
        seconds = usage_day.seconds + excluded.seconds,
        spend = usage_day.spend + excluded.spend,
        costed = usage_day.costed + excluded.costed,
        costed_spend = usage_day.costed_spend + excluded.costed_spend,
        cost = usage_day.cost + excluded.cost;

-- name: usage_await
-- Come back to calls that are not final, and to ids of which there is no call. $1 call_ids bigint[], $2 now timestamptz.
INSERT INTO usage_awaited (call_id, noted_at)
SELECT call_id, $2::timestamptz
FROM unnest($1::bigint[]) AS call_id
ON CONFLICT (call_id) DO NOTHING;

-- name: usage_settle
-- Calls that have been added are awaited no more, and their changes are known. $1 added bigint[], $2 changed bigint[].
WITH known AS (
    DELETE FROM usage_changed WHERE call_id = ANY($2::bigint[])
)
DELETE FROM usage_awaited WHERE call_id = ANY($1::bigint[]);

-- name: usage_give_up
-- Ids of which there was no call for longer than any transaction lives. $1 before timestamptz.
DELETE FROM usage_awaited
WHERE noted_at < $1::timestamptz
    AND NOT EXISTS (SELECT FROM call WHERE call.id = usage_awaited.call_id);

-- name: usage_move
-- Calls up to this one were looked at. $1 call_id bigint.
UPDATE usage_point SET call_id = $1::bigint;

-- name: usage_shown
-- What calls add up to, by what is asked for and by the account's currency, in the order of both. Costs are those in that
-- currency.
-- $1 by text, $2 account_id bigint (null: all), $3 since date, $4 until date (exclusive), $5 outcomes of refused calls
-- text[], $6 after key text (null: from the first), $7 after currency text, $8 limit integer.
SELECT
    sums.key, nullif(sums.currency, '') AS currency, sums.calls::bigint AS calls, sums.refused::bigint AS refused,
    sums.answered::bigint AS answered, sums.seconds::bigint AS seconds, sums.spend, sums.costed::bigint AS costed,
    sums.costed_spend, sums.cost
FROM (
    SELECT
        CASE $1::text
            WHEN 'day' THEN figures.day::text
            WHEN 'country' THEN figures.country
            WHEN 'line' THEN figures.line
            WHEN 'direction' THEN figures.direction
            WHEN 'outcome' THEN figures.outcome
            WHEN 'connection' THEN figures.connection
        END COLLATE "C" AS key,
        figures.currency,
        sum(figures.calls) AS calls,
        coalesce(sum(figures.calls) FILTER (WHERE figures.outcome = ANY($5::text[])), 0) AS refused,
        sum(figures.answered) AS answered,
        sum(figures.seconds) AS seconds,
        sum(figures.spend) AS spend,
        coalesce(sum(figures.costed) FILTER (WHERE figures.cost_currency = figures.currency), 0) AS costed,
        coalesce(sum(figures.costed_spend) FILTER (WHERE figures.cost_currency = figures.currency), 0.000000)
            AS costed_spend,
        coalesce(sum(figures.cost) FILTER (WHERE figures.cost_currency = figures.currency), 0.000000) AS cost
    FROM (
        SELECT
            usage_day.*,
            coalesce(
                (SELECT account.currency::text FROM account WHERE account.id = usage_day.account_id), ''
            ) COLLATE "C" AS currency
        FROM (
            -- Of one account or of all: a plan that is made once for both reads the days of all for one.
            SELECT * FROM usage_day WHERE account_id = $2::bigint AND day >= $3::date AND day < $4::date
            UNION ALL
            SELECT * FROM usage_day WHERE $2::bigint IS NULL AND day >= $3::date AND day < $4::date
        ) AS usage_day
        -- Each currency is looked up once a row, and not once for each figure.
        OFFSET 0
    ) AS figures
    GROUP BY 1, 2
) AS sums
WHERE sums.calls <> 0 AND ($6::text IS NULL OR (sums.key, sums.currency) > ($6::text, $7::text))
ORDER BY sums.key, sums.currency
LIMIT $8::integer;
