-- name: call_ids_flagged
-- The newest calls that have a flag, by the index of those.
-- $1 before bigint (null: from the newest), $2 limit integer.
SELECT id
FROM call
WHERE flags <> '{}' AND id < coalesce($1::bigint, 9223372036854775807)
ORDER BY id DESC
LIMIT $2::integer;

-- name: flags_count
-- How often each flag is among the calls that got their latest one in a span of time, by the index of that.
-- $1 since timestamptz, $2 until timestamptz (exclusive; null: now), $3 newest integer: so many are looked at.
SELECT flag, count(*) AS calls
FROM (
    SELECT flags
    FROM call
    WHERE flagged_at >= $1::timestamptz AND flagged_at < coalesce($2::timestamptz, 'infinity')
    ORDER BY flagged_at DESC
    LIMIT $3::integer
) AS newest
CROSS JOIN LATERAL unnest(newest.flags) AS flag
GROUP BY flag;

-- name: calls_that_fit
-- Those of some calls that are as wanted, newest first; a parameter that is null asks for nothing.
-- $1 ids bigint[], $2 line text, $3 number text (a party, or what is left of it, or the line), $4 state text, $5 reason text, $6 flag text,
-- $7 direction text, $8 connection text, $9 since timestamptz, $10 until timestamptz (exclusive), $11 min_charge numeric.
SELECT
    id, direction, caller, callee, state, billed_s, charge::numeric AS charge,
    (SELECT currency::text FROM account WHERE account.id = call.account_id) AS currency
FROM call
WHERE id = ANY($1::bigint[])
    AND call_fits(
        call, $2::text, $3::text, $4::text, $5::text, $6::text, $7::text, $8::text, $9::timestamptz, $10::timestamptz,
        $11::numeric, NULL
    )
ORDER BY id DESC;

-- name: clock_differences
-- By how much our clock was ahead of each connection's provider, by the latest of some calls whose start told an instant.
-- $1 newest integer: so many calls are looked at.
SELECT DISTINCT ON (connection) connection, started_at - provider_started_at AS difference
FROM (
    SELECT id, connection, started_at, provider_started_at
    FROM call
    ORDER BY id DESC
    LIMIT $1::integer
) AS newest
WHERE provider_started_at IS NOT NULL
ORDER BY connection, id DESC;
