-- name: calls_anonymise
-- Take the last digits from the parties of the next calls that began before an instant, and their replies. The number of
-- a line stays. One at a time does it: nothing is done where another transaction does.
-- $1 before timestamptz, $2 at most integer, $3 now timestamptz. Returns how many calls were looked at.
WITH point AS MATERIALIZED (
    SELECT call_id FROM anonymised FOR UPDATE SKIP LOCKED
),
page AS MATERIALIZED (
    SELECT id, started_at
    FROM call
    WHERE id > (SELECT call_id FROM point)
    ORDER BY id
    LIMIT $2::integer
),
old AS MATERIALIZED (
    SELECT id
    FROM page
    WHERE id < coalesce((SELECT min(id) FROM page WHERE started_at >= $1::timestamptz), 9223372036854775807)
),
changed AS (
    UPDATE call
    SET caller = CASE WHEN caller = line THEN caller ELSE anonymised_party(caller) END,
        callee = CASE WHEN callee = line THEN callee ELSE anonymised_party(callee) END,
        caller_id = CASE WHEN caller_id = line THEN caller_id ELSE anonymised_party(caller_id) END,
        reply = NULL,
        anonymised_at = $3::timestamptz
    WHERE id = ANY(ARRAY(SELECT id FROM old)) AND state <> 'open'
),
moved AS (
    UPDATE anonymised
    SET call_id = (SELECT max(id) FROM old)
    WHERE EXISTS (SELECT FROM old)
)
SELECT count(*) FROM old;
