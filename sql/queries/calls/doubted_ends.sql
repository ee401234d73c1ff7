-- name: end_doubt
-- Have the provider asked about calls that end, or ended, with nothing, unless it is asked already. A call that is live
-- still leaves its own control URL.
-- $1 call_ids bigint[], $2 when their ends were heard of timestamptz[], $3 ask_at timestamptz.
INSERT INTO doubted_end (call_id, control_url, heard_at, due_at)
SELECT told.call_id, live_call.control_url, told.heard_at, $3::timestamptz
FROM unnest($1::bigint[], $2::timestamptz[]) AS told (call_id, heard_at)
LEFT JOIN LATERAL (
    SELECT control_url FROM live_call WHERE live_call.call_id = told.call_id LIMIT 1
) AS live_call ON true
ORDER BY told.call_id
ON CONFLICT (call_id) DO NOTHING;

-- name: doubted_end_claim
-- Doubted ends to ask about now; each is claimed until its next try. $1 now timestamptz, $2 next try timestamptz,
-- $3 at most bigint. Returns the calls; one that was charged meanwhile is in doubt no more.
WITH due AS (
    SELECT call_id
    FROM doubted_end
    WHERE due_at <= $1::timestamptz
    ORDER BY due_at
    LIMIT $3::bigint
    FOR NO KEY UPDATE SKIP LOCKED
),
claimed AS (
    UPDATE doubted_end
    SET due_at = $2::timestamptz, tries = doubted_end.tries + 1
    WHERE doubted_end.call_id = ANY(ARRAY(SELECT call_id FROM due))
    RETURNING doubted_end.call_id, doubted_end.control_url, doubted_end.heard_at, doubted_end.was_up, doubted_end.tries
)
SELECT
    claimed.call_id, claimed.control_url, claimed.heard_at, claimed.was_up, claimed.tries,
    call.connection, call.provider_call_id, call.answered_at, call.billed_s = 0 AS is_doubted
FROM claimed
CROSS JOIN LATERAL (
    SELECT connection, provider_call_id, answered_at, billed_s FROM call WHERE call.id = claimed.call_id LIMIT 1
) AS call
ORDER BY claimed.call_id;

-- name: doubted_end_later
-- Ask again later. $1 call_id bigint, $2 due_at timestamptz, $3 whether the provider said that the call is up boolean.
UPDATE doubted_end
SET due_at = $2::timestamptz, was_up = was_up OR $3::boolean
WHERE call_id = $1::bigint;

-- name: doubted_end_forget
-- Ask no more. $1 call_id bigint.
DELETE FROM doubted_end WHERE call_id = $1::bigint;
