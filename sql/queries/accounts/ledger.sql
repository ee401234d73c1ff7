-- name: ledger_book
-- Write an entry and move the balance by it, once for each key. The account must be locked (account_lock), and not
-- closed. A credit, and a debit below the level, has the balance compared with the minimum (R30).
-- $1 account_id bigint, $2 kind text, $3 amount numeric, $4 key text, $5 external_id text, $6 note text,
-- $7 now timestamptz, $8 call_id bigint (of a refund: the call it is for). Returns the entry, or no row where the key has been booked before.
WITH entry AS (
    INSERT INTO ledger_entry (account_id, kind, amount, balance_after, key, external_id, note, booked_at, call_id)
    SELECT
        id, $2::text, $3::numeric, balance + $3::numeric, $4::text, $5::text, $6::text, $7::timestamptz, $8::bigint
    FROM account
    WHERE id = $1::bigint AND state <> 'closed'
    ON CONFLICT ON CONSTRAINT ledger_entry_once DO NOTHING
    RETURNING id, account_id, kind, amount, balance_after, call_id, line_id, external_id, note, booked_at
),
moved AS (
    UPDATE account
    SET balance = account.balance + entry.amount,
        low_balance_due_at = CASE
            WHEN entry.amount > 0 OR account.balance + entry.amount < account.low_level
            THEN least(account.low_balance_due_at, $7::timestamptz)
            ELSE account.low_balance_due_at
        END
    FROM entry
    WHERE account.id = entry.account_id
)
SELECT
    id, account_id, kind, amount::numeric AS amount, balance_after::numeric AS balance_after, call_id, line_id,
    external_id, note, booked_at
FROM entry;

-- name: ledger_find
-- The entry of a key.
-- $1 key text. Returns 0..1 row.
SELECT
    id, account_id, kind, amount::numeric AS amount, balance_after::numeric AS balance_after, call_id, line_id,
    external_id, note, booked_at
FROM ledger_entry
WHERE key = $1::text;

-- name: ledger_list
-- A page of an account's entries that are as wanted, oldest first; a parameter that is null asks for nothing.
-- $1 account_id bigint, $2 after bigint (0: from the first), $3 limit integer, $4 since timestamptz,
-- $5 until timestamptz (exclusive), $6 kinds text[], $7 call_id bigint.
SELECT
    id, account_id, kind, amount::numeric AS amount, balance_after::numeric AS balance_after, call_id, line_id,
    external_id, note, booked_at
FROM ledger_entry
WHERE account_id = $1::bigint
    AND id > $2::bigint
    AND ($4::timestamptz IS NULL OR booked_at >= $4::timestamptz)
    AND ($5::timestamptz IS NULL OR booked_at < $5::timestamptz)
    AND ($6::text[] IS NULL OR kind = ANY($6::text[]))
    AND ($7::bigint IS NULL OR call_id = $7::bigint)
ORDER BY id
LIMIT $3::integer;

-- name: ledger_balances
-- What an account's entries add up to before a span of time and at its end. What was archived comes before all.
-- $1 account_id bigint, $2 since timestamptz (null: from the first), $3 until timestamptz (exclusive; null: all).
SELECT
    (archived.total + coalesce(sum(amount) FILTER (WHERE booked_at < $2::timestamptz), 0))::numeric(20, 6) AS opening,
    (
        archived.total
        + coalesce(sum(amount) FILTER (WHERE $3::timestamptz IS NULL OR booked_at < $3::timestamptz), 0)
    )::numeric(20, 6) AS closing
FROM (
    SELECT coalesce(max(archived), 0)::numeric AS total FROM account_opening WHERE account_id = $1::bigint
) AS archived
LEFT JOIN ledger_entry ON ledger_entry.account_id = $1::bigint
GROUP BY archived.total;

-- name: ledger_sums
-- How many of an account's entries are as wanted, and what they add up to, by kind; null asks for nothing.
-- $1 account_id bigint, $2 since timestamptz, $3 until timestamptz (exclusive), $4 kinds text[], $5 call_id bigint.
SELECT kind, count(*) AS entries, sum(amount)::numeric(20, 6) AS amount
FROM ledger_entry
WHERE account_id = $1::bigint
    AND ($2::timestamptz IS NULL OR booked_at >= $2::timestamptz)
    AND ($3::timestamptz IS NULL OR booked_at < $3::timestamptz)
    AND ($4::text[] IS NULL OR kind = ANY($4::text[]))
    AND ($5::bigint IS NULL OR call_id = $5::bigint)
GROUP BY kind
ORDER BY kind;

-- name: ledger_refunded
-- What has been given back of what a call cost, and what that was. Its account is locked.
-- $1 call_id bigint, $2 account_id bigint. Returns a row where it is a call of the account's.
SELECT
    call.charge::numeric AS charge,
    (
        SELECT coalesce(sum(amount), 0)
        FROM ledger_entry
        WHERE ledger_entry.call_id = call.id AND kind = 'refund'
    )::numeric AS refunded
FROM call
WHERE call.id = $1::bigint AND call.account_id = $2::bigint;

-- name: ledger_payment_owner
-- Another account that a payment was booked for, in the order of entries. $1 external_id text, $2 account_id bigint.
SELECT account_id
FROM ledger_entry
WHERE kind = 'top_up' AND external_id = $1::text AND account_id <> $2::bigint
ORDER BY id
LIMIT 1;
