-- name: low_balance_claim
-- Accounts whose minimum must be compared now (R30); each is claimed for a while, so that nobody else does, and comes
-- back if whoever claimed it ends before it is done. A debit or a credit in between has it compared again.
-- $1 now timestamptz, $2 until timestamptz, $3 at most bigint. Returns their ids.
WITH due AS (
    SELECT id
    FROM account
    WHERE low_balance_due_at <= $1::timestamptz
    ORDER BY low_balance_due_at
    LIMIT $3::bigint
    FOR NO KEY UPDATE SKIP LOCKED
)
UPDATE account
SET low_balance_due_at = $2::timestamptz
WHERE id = ANY(ARRAY(SELECT id FROM due))
RETURNING id;

-- name: low_balance_spent
-- What accounts have spent in a window, their balances and their last entries, all of the same moment. Locks nothing,
-- as adding up may take longer than the calls of the account can wait.
-- $1 account_ids bigint[], $2 after timestamptz, $3 kinds that do not count text[].
SELECT
    account.id AS account_id, account.balance::numeric AS balance, debit.spent::numeric AS spent,
    coalesce(last_entry.id, 0) AS last_entry_id
FROM account
CROSS JOIN LATERAL (
    SELECT coalesce(-sum(amount), 0) AS spent
    FROM ledger_entry
    WHERE account_id = account.id AND amount < 0 AND booked_at > $2::timestamptz AND kind <> ALL($3::text[])
) AS debit
LEFT JOIN LATERAL (
    SELECT id FROM ledger_entry WHERE account_id = account.id ORDER BY account_id DESC, id DESC LIMIT 1
) AS last_entry ON true
WHERE account.id = ANY($1::bigint[])
ORDER BY account.id;

-- name: low_balance_leaving
-- The newest debit of each account that, with all that are newer, is more than an amount: once it has left the window,
-- the rest is not more.
-- $1 account_ids bigint[], $2 amounts numeric[], $3 after timestamptz, $4 kinds that do not count text[].
-- Returns 0..1 row for each account.
SELECT input.account_id, debit.booked_at
FROM unnest($1::bigint[], $2::numeric[]) AS input (account_id, covered)
CROSS JOIN LATERAL (
    SELECT newest.booked_at
    FROM (
        SELECT booked_at, -sum(amount) OVER (ORDER BY booked_at DESC) AS spent
        FROM ledger_entry
        WHERE account_id = input.account_id AND amount < 0 AND booked_at > $3::timestamptz AND kind <> ALL($4::text[])
    ) AS newest
    WHERE newest.spent > input.covered
    ORDER BY newest.booked_at DESC
    LIMIT 1
) AS debit;

-- name: low_balance_gather
-- The states of accounts that are locked, and what they have spent since the entry that was their last when it was
-- added up. An account is locked before it gets an entry, so its entries are numbered in their order.
-- $1 account_ids bigint[], $2 last_entry_ids bigint[], $3 kinds that do not count text[].
SELECT
    input.account_id, account.balance::numeric AS balance, account.low_armed AS armed,
    account.low_mailed_at AS mailed_at, debit.spent::numeric AS spent_since
FROM unnest($1::bigint[], $2::bigint[]) AS input (account_id, last_entry_id)
CROSS JOIN LATERAL (
    SELECT balance, low_armed, low_mailed_at
    FROM account
    WHERE account.id = input.account_id
    LIMIT 1
) AS account
CROSS JOIN LATERAL (
    SELECT coalesce(-sum(newer.amount), 0) AS spent
    FROM (
        SELECT amount, kind
        FROM ledger_entry
        WHERE account_id = input.account_id AND id > input.last_entry_id
        -- Keeps the conditions apart: with that on amounts, the index of all debits would be taken.
        OFFSET 0
    ) AS newer
    WHERE newer.amount < 0 AND newer.kind <> ALL($3::text[])
) AS debit
ORDER BY input.account_id;

-- name: low_balance_apply
-- Note what the checks found, but of accounts that were closed meanwhile. Accounts are locked before.
-- $1 checks json: rows of the columns below.
WITH input AS MATERIALIZED (
    SELECT *
    FROM json_to_recordset($1::json) AS i (
        account_id bigint, armed boolean, mailed_at timestamptz, level numeric, check_at timestamptz
    )
)
UPDATE account
SET (low_armed, low_mailed_at, low_level, low_balance_due_at) = (
    SELECT input.armed, input.mailed_at, input.level, input.check_at
    FROM input
    WHERE input.account_id = account.id
)
WHERE id = ANY(ARRAY(SELECT account_id FROM input)) AND state <> 'closed';

-- name: low_balance_postpone
-- Come back to an account later that could not be checked. $1 account_id bigint, $2 until timestamptz.
UPDATE account
SET low_balance_due_at = $2::timestamptz
WHERE id = $1::bigint AND low_balance_due_at < $2::timestamptz;
