-- name: large_sum_create
-- Keep a sum that waits.
-- $1 account_id bigint, $2 kind text, $3 amount numeric, $4 external_id text, $5 note text, $6 call_id bigint,
-- $7 asked_by text, $8 now timestamptz. Returns its id.
INSERT INTO large_sum (account_id, kind, amount, external_id, note, call_id, asked_by, asked_at)
VALUES (
    $1::bigint, $2::text, $3::numeric, $4::text, $5::text, $6::bigint, $7::text, $8::timestamptz
)
RETURNING id;

-- name: large_sum_waiting
-- The sum that waits under an id of whoever asked, whose account is locked.
-- $1 account_id bigint, $2 kind text, $3 external_id text. Returns 0..1 row.
SELECT
    large_sum.id, large_sum.account_id, account.currency, large_sum.kind, large_sum.amount::numeric AS amount,
    large_sum.external_id, large_sum.note, large_sum.call_id, large_sum.state, large_sum.asked_by, large_sum.asked_at,
    large_sum.decided_by, large_sum.decided_at, large_sum.entry_id
FROM large_sum
INNER JOIN account ON account.id = large_sum.account_id
WHERE large_sum.account_id = $1::bigint
    AND large_sum.kind = $2::text
    AND large_sum.external_id = $3::text
    AND large_sum.state = 'waiting';

-- name: large_sum_show
-- A sum by its id.
-- $1 id bigint. Returns 0..1 row.
SELECT
    large_sum.id, large_sum.account_id, account.currency, large_sum.kind, large_sum.amount::numeric AS amount,
    large_sum.external_id, large_sum.note, large_sum.call_id, large_sum.state, large_sum.asked_by, large_sum.asked_at,
    large_sum.decided_by, large_sum.decided_at, large_sum.entry_id
FROM large_sum
INNER JOIN account ON account.id = large_sum.account_id
WHERE large_sum.id = $1::bigint;

-- name: large_sum_lock
-- Have nobody else decide on a sum, within the transaction.
-- $1 id bigint.
SELECT id
FROM large_sum
WHERE id = $1::bigint
FOR UPDATE;

-- name: large_sum_list
-- A page of sums, newest first; a parameter that is null asks for nothing.
-- $1 account_id bigint, $2 state text, $3 before_id bigint, $4 limit integer.
SELECT
    large_sum.id, large_sum.account_id, account.currency, large_sum.kind, large_sum.amount::numeric AS amount,
    large_sum.external_id, large_sum.note, large_sum.call_id, large_sum.state, large_sum.asked_by, large_sum.asked_at,
    large_sum.decided_by, large_sum.decided_at, large_sum.entry_id
FROM large_sum
INNER JOIN account ON account.id = large_sum.account_id
WHERE ($1::bigint IS NULL OR large_sum.account_id = $1::bigint)
    AND ($2::text IS NULL OR large_sum.state = $2::text)
    AND ($3::bigint IS NULL OR large_sum.id < $3::bigint)
ORDER BY large_sum.id DESC
LIMIT $4::integer;

-- name: large_sum_count_waiting
-- How many sums wait, and since when the first does. Returns 1 row.
SELECT count(*) AS sums, min(asked_at) AS since
FROM large_sum
WHERE state = 'waiting';

-- name: large_sum_decide
-- Note what became of a sum that waited, and is locked.
-- $1 id bigint, $2 state text, $3 decided_by text, $4 now timestamptz, $5 entry_id bigint (null: nothing is booked).
UPDATE large_sum
SET state = $2::text,
    decided_by = $3::text,
    decided_at = $4::timestamptz,
    entry_id = $5::bigint
WHERE id = $1::bigint;
