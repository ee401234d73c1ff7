-- name: report_begin
-- Let this transaction plan for many rows and take its time, which calls must not.
-- $1 timeout text.
SELECT
    set_config('statement_timeout', $1::text, true),
    set_config('plan_cache_mode', 'auto', true),
    set_config('enable_seqscan', 'on', true),
    set_config('enable_hashjoin', 'on', true),
    set_config('enable_mergejoin', 'on', true);

-- name: check_accounts
-- How many accounts there are.
SELECT count(*) FROM account;

-- name: check_clock
-- The database's time, to be compared with ours.
SELECT clock_timestamp();

-- name: check_balances
-- Accounts whose balance is not the sum of their entries (R2).
-- $1 limit integer.
SELECT account.id AS account_id, NULL::bigint AS call_id, coalesce(booked.total, 0) AS expected,
    account.balance::numeric AS found
FROM account
LEFT JOIN (
    SELECT account_id, sum(amount) AS total
    FROM ledger_entry
    GROUP BY account_id
) AS booked ON booked.account_id = account.id
WHERE account.balance <> coalesce(booked.total, 0)
ORDER BY account.id
LIMIT $1::integer;

-- name: check_chain
-- Entries whose balance after is not the one before and their amount.
-- $1 limit integer.
SELECT account_id, call_id, id AS entry_id, expected, balance_after::numeric AS found
FROM (
    SELECT
        account_id, call_id, id, balance_after,
        coalesce(lag(balance_after) OVER (PARTITION BY account_id ORDER BY id), 0) + amount AS expected
    FROM ledger_entry
) AS entry
WHERE balance_after <> expected
ORDER BY account_id, id
LIMIT $1::integer;

-- name: check_held
-- Accounts that hold something else than their live calls do.
-- $1 limit integer.
SELECT account.id AS account_id, NULL::bigint AS call_id, coalesce(live.total, 0) AS expected,
    account.held::numeric AS found
FROM account
LEFT JOIN (
    SELECT account_id, sum(hold) AS total
    FROM live_call
    GROUP BY account_id
) AS live ON live.account_id = account.id
WHERE account.held <> coalesce(live.total, 0)
ORDER BY account.id
LIMIT $1::integer;

-- name: check_charges
-- Ended calls of an account whose charge is not the entry of theirs.
-- $1 limit integer.
SELECT call.account_id, call.id AS call_id, call.charge::numeric AS expected,
    coalesce(-ledger_entry.amount, 0) AS found
FROM call
LEFT JOIN ledger_entry ON ledger_entry.key = 'call:' || call.id
WHERE call.charge <> coalesce(-ledger_entry.amount, 0)
ORDER BY call.id
LIMIT $1::integer;

-- name: check_open_calls
-- Open calls that no live call stands for, so that nobody would ever end them.
-- $1 limit integer.
SELECT call.account_id, call.id AS call_id
FROM call
LEFT JOIN live_call ON live_call.call_id = call.id
WHERE call.state = 'open' AND live_call.call_id IS NULL
ORDER BY call.id
LIMIT $1::integer;

-- name: check_live_calls
-- Live calls whose call is not open, or is another account's.
-- $1 limit integer.
SELECT live_call.account_id, live_call.call_id
FROM live_call
LEFT JOIN call ON call.id = live_call.call_id
WHERE call.state IS DISTINCT FROM 'open' OR call.account_id IS DISTINCT FROM live_call.account_id
ORDER BY live_call.call_id
LIMIT $1::integer;

-- name: check_rent_entries
-- Entries of lines that are another account's. $1 limit integer.
SELECT ledger_entry.account_id, ledger_entry.line_id, ledger_entry.id AS entry_id, NULL::bigint AS call_id
FROM ledger_entry
LEFT JOIN line ON line.id = ledger_entry.line_id
WHERE ledger_entry.line_id IS NOT NULL AND line.account_id IS DISTINCT FROM ledger_entry.account_id
ORDER BY ledger_entry.id
LIMIT $1::integer;

-- name: check_paid_lines
-- Lines that work, whose month is not the one that was paid last; those that never were, or cost nothing, prove nothing.
-- $1 limit integer.
SELECT line.account_id, line.id AS line_id, NULL::bigint AS call_id
FROM line
JOIN (
    SELECT line_id, max(split_part(key, ':', 3)::date) AS paid_from
    FROM ledger_entry
    WHERE kind IN ('rent', 'connector')
    GROUP BY line_id
) AS paid ON paid.line_id = line.id
WHERE line.state = 'active'
    AND line.rent > 0
    AND (line.due_on <= paid.paid_from OR line.due_on > paid.paid_from + 31)
ORDER BY line.id
LIMIT $1::integer;

-- name: check_waiting_lines
-- Lines that the calendar should have looked at before an instant. $1 limit integer, $2 before timestamptz.
SELECT account_id, id AS line_id, NULL::bigint AS call_id
FROM line
WHERE calendar_due_at < $2::timestamptz
ORDER BY calendar_due_at
LIMIT $1::integer;

-- name: check_spent
-- Accounts with caps whose calls have cost something else on their day than is counted against these.
-- $1 limit integer.
SELECT account.id AS account_id, NULL::bigint AS call_id, coalesce(day.total, 0) AS expected,
    account.spent::numeric AS found
FROM account
CROSS JOIN LATERAL (
    SELECT -sum(amount) AS total
    FROM ledger_entry
    WHERE ledger_entry.account_id = account.id
        AND kind = 'call'
        AND (booked_at AT TIME ZONE account.time_zone)::date = account.spent_on
) AS day
WHERE account.caps IS NOT NULL AND account.spent <> coalesce(day.total, 0)
ORDER BY account.id
LIMIT $1::integer;

-- name: check_owed
-- Accounts that owe something else than their calls do that are over without an end.
-- $1 limit integer.
SELECT account.id AS account_id, NULL::bigint AS call_id, coalesce(live.total, 0) AS expected,
    account.owed::numeric AS found
FROM account
LEFT JOIN (
    SELECT account_id, sum(hold) AS total
    FROM live_call
    WHERE over_at IS NOT NULL
    GROUP BY account_id
) AS live ON live.account_id = account.id
WHERE account.owed <> coalesce(live.total, 0)
ORDER BY account.id
LIMIT $1::integer;

-- name: check_some
-- Some accounts, in id order, that are or are not what their entries and live calls make them.
-- $1 after this account bigint, $2 at most integer. Returns one row each.
SELECT
    account.id,
    account.balance = coalesce(entry.total, 0)
    AND account.held = coalesce(live.total, 0)
    AND account.owed = coalesce(live.owed, 0) AS is_right
FROM account
CROSS JOIN LATERAL (
    SELECT sum(amount) AS total FROM ledger_entry WHERE ledger_entry.account_id = account.id
) AS entry
CROSS JOIN LATERAL (
    SELECT sum(hold) AS total, sum(hold) FILTER (WHERE over_at IS NOT NULL) AS owed
    FROM live_call
    WHERE live_call.account_id = account.id
) AS live
WHERE account.id > $1::bigint
ORDER BY account.id
LIMIT $2::integer;

-- name: check_closed_lines
-- Lines of closed accounts that still work, so that calls by them would be charged to nobody. $1 limit integer.
SELECT line.account_id, line.id AS line_id, NULL::bigint AS call_id
FROM line
JOIN account ON account.id = line.account_id
WHERE account.state = 'closed' AND line.state <> 'disconnected'
ORDER BY line.id
LIMIT $1::integer;
