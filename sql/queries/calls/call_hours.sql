-- name: calls_by_hour
-- What became of the newest calls, by the hour of their start, the newest hour first: so many are looked at.
-- $1 account_id bigint (null: all), $2 since timestamptz, $3 from_id bigint, $4 looked_at integer.
SELECT
    date_trunc('hour', started_at, 'UTC') AS hour,
    count(*) AS calls,
    count(*) FILTER (WHERE state = 'refused') AS refused,
    count(*) FILTER (WHERE state <> 'refused' AND answered_at IS NOT NULL) AS answered
FROM (
    (
        SELECT started_at, state, answered_at
        FROM call
        WHERE account_id = $1::bigint AND id >= $3::bigint AND started_at >= $2::timestamptz
        ORDER BY id DESC
        LIMIT $4::integer
    )
    UNION ALL
    (
        SELECT started_at, state, answered_at
        FROM call
        WHERE $1::bigint IS NULL AND id >= $3::bigint AND started_at >= $2::timestamptz
        ORDER BY id DESC
        LIMIT $4::integer
    )
) AS looked_at
GROUP BY hour
ORDER BY hour DESC;
