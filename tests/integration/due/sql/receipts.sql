-- name: receipt_claim
-- Claim receipts that must be sent now. $1 now timestamptz, $2 until timestamptz, $3 at most bigint. Returns them.
UPDATE receipt
SET due_at = $2::timestamptz, tries = tries + 1
WHERE id = ANY(ARRAY(
    SELECT id
    FROM receipt
    WHERE due_at <= $1::timestamptz
    ORDER BY due_at
    LIMIT $3::bigint
    FOR NO KEY UPDATE SKIP LOCKED
))
RETURNING id, tries, created_at, recipient;

-- name: receipt_settle
-- A receipt is sent, if it is still claimed as it was. $1 id bigint, $2 until timestamptz, $3 note text.
UPDATE receipt SET due_at = NULL, note = $3::text WHERE id = $1::bigint AND due_at = $2::timestamptz;

-- name: receipt_postpone
-- Try a receipt later, if it is still claimed as it was.
-- $1 id bigint, $2 until timestamptz, $3 due_at timestamptz (null: given up), $4 why text.
UPDATE receipt
SET due_at = $3::timestamptz, note = $4::text
WHERE id = $1::bigint AND due_at = $2::timestamptz;
