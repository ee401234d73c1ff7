-- name: anonymise_begin
-- Have nobody add up calls for the rest of this transaction, who might put whole numbers beside them. One at a time
-- anonymises: nothing is returned where another transaction does. Returns 0..1 row.
WITH point AS MATERIALIZED (
    SELECT call_id FROM anonymised FOR UPDATE SKIP LOCKED
)
SELECT usage_point.call_id
FROM usage_point
WHERE EXISTS (SELECT FROM point)
FOR UPDATE OF usage_point;

-- name: calls_anonymise
-- Take the last digits from the parties of the next calls that began before an instant, also where they are found by them,
-- and their replies. The number of a line stays. The transaction has begun with `anonymise_begin`.
-- $1 before timestamptz, $2 at most integer, $3 now timestamptz. Returns how many calls were looked at.
WITH point AS MATERIALIZED (
    SELECT call_id FROM anonymised
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
taken AS MATERIALIZED (
    SELECT DISTINCT call.id, party
    FROM call
    CROSS JOIN LATERAL unnest(ARRAY[call.caller, call.callee, call.caller_id]) AS party
    WHERE call.id = ANY(ARRAY(SELECT id FROM old))
        AND call.state <> 'open'
        AND party <> call.line
        AND party <> anonymised_party(party)
),
forgotten AS (
    DELETE FROM call_number USING taken WHERE call_number.number = taken.party AND call_number.call_id = taken.id
),
found_by AS (
    INSERT INTO call_number (number, call_id)
    SELECT DISTINCT anonymised_party(party), id
    FROM taken
    WHERE id <= (SELECT call_id FROM usage_point)
    ON CONFLICT DO NOTHING
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
