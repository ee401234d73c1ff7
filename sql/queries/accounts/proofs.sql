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

-- name: check_balances
-- Accounts whose balance is not the sum of their entries, with those that were archived (R2).
-- $1 limit integer, $2 account_ids bigint[] (null: all).
SELECT account.id AS account_id, NULL::bigint AS call_id,
    coalesce(booked.total, 0) + coalesce(opening.archived, 0)::numeric AS expected,
    account.balance::numeric AS found
FROM account
LEFT JOIN account_opening AS opening ON opening.account_id = account.id
LEFT JOIN (
    SELECT account_id, sum(amount) AS total
    FROM ledger_entry
    WHERE $2::bigint[] IS NULL OR account_id = ANY($2::bigint[])
    GROUP BY account_id
) AS booked ON booked.account_id = account.id
WHERE account.balance <> coalesce(booked.total, 0) + coalesce(opening.archived, 0)
    AND ($2::bigint[] IS NULL OR account.id = ANY($2::bigint[]))
ORDER BY account.id
LIMIT $1::integer;

-- name: check_chain
-- Entries whose balance after is not the one before and their amount; from the last that was archived on.
-- $1 limit integer, $2 account_ids bigint[] (null: all).
SELECT account_id, call_id, id AS entry_id, expected, balance_after::numeric AS found
FROM (
    SELECT
        ledger_entry.account_id, call_id, id, balance_after,
        coalesce(
            lag(balance_after) OVER (PARTITION BY ledger_entry.account_id ORDER BY id), opening.balance, 0
        ) + amount AS expected
    FROM ledger_entry
    LEFT JOIN account_opening AS opening ON opening.account_id = ledger_entry.account_id
    WHERE ($2::bigint[] IS NULL OR ledger_entry.account_id = ANY($2::bigint[]))
        AND (opening.entry_id IS NULL OR id > opening.entry_id)
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
-- $1 limit integer, $2 account_ids bigint[] (null: all).
SELECT call.account_id, call.id AS call_id, call.charge::numeric AS expected,
    coalesce(-ledger_entry.amount, 0) AS found
FROM call
LEFT JOIN ledger_entry
    ON ledger_entry.key = 'call:' || call.id AND ledger_entry.charged_call_id IN (0, call.id)
WHERE call.charge <> coalesce(-ledger_entry.amount, 0)
    AND ($2::bigint[] IS NULL OR call.account_id = ANY($2::bigint[]))
ORDER BY call.id
LIMIT $1::integer;

-- name: check_open_calls
-- Open calls that no live call stands for, so that nobody would ever end them.
-- $1 limit integer, $2 account_ids bigint[] (null: all).
SELECT call.account_id, call.id AS call_id
FROM call
LEFT JOIN live_call ON live_call.call_id = call.id
WHERE call.state = 'open'
    AND live_call.call_id IS NULL
    AND ($2::bigint[] IS NULL OR call.account_id = ANY($2::bigint[]))
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
-- Entries of lines that are another account's.
-- $1 limit integer, $2 account_ids bigint[] (null: all).
SELECT ledger_entry.account_id, ledger_entry.line_id, ledger_entry.id AS entry_id, NULL::bigint AS call_id
FROM ledger_entry
LEFT JOIN line ON line.id = ledger_entry.line_id
WHERE ledger_entry.line_id IS NOT NULL
    AND line.account_id IS DISTINCT FROM ledger_entry.account_id
    AND ($2::bigint[] IS NULL OR ledger_entry.account_id = ANY($2::bigint[]))
ORDER BY ledger_entry.id
LIMIT $1::integer;

-- name: check_paid_lines
-- Lines that work, whose month is not the one that was paid last; those that never were, or cost nothing, prove nothing.
-- $1 limit integer, $2 account_ids bigint[] (null: all).
SELECT line.account_id, line.id AS line_id, NULL::bigint AS call_id
FROM line
JOIN (
    SELECT line_id, max(split_part(key, ':', 3)::date) AS paid_from
    FROM ledger_entry
    WHERE kind IN ('rent', 'connector') AND ($2::bigint[] IS NULL OR account_id = ANY($2::bigint[]))
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
        AND amount < 0
        AND booked_at >= account.spent_on::timestamp AT TIME ZONE account.time_zone
        AND booked_at < (account.spent_on + 1)::timestamp AT TIME ZONE account.time_zone
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

-- name: check_entries
-- How many entries there are.
SELECT count(*) FROM ledger_entry;

-- name: accounts_after
-- A page of accounts by id. $1 after this account bigint, $2 at most integer.
SELECT id FROM account WHERE id > $1::bigint ORDER BY id LIMIT $2::integer;

-- name: proof_claim
-- Accounts whose books are to be proved now, those that wait longest first, each claimed until its next turn; and
-- whether it is to be from their first entry.
-- $1 now timestamptz, $2 next turn timestamptz, $3 at most integer.
WITH due AS (
    SELECT account_id
    FROM account_proof
    WHERE due_at <= $1::timestamptz
    ORDER BY due_at
    LIMIT $3::integer
    FOR NO KEY UPDATE SKIP LOCKED
)
UPDATE account_proof
SET due_at = $2::timestamptz
WHERE account_id = ANY(ARRAY(SELECT account_id FROM due))
RETURNING account_id, whole_due_at <= $1::timestamptz AS is_whole;

-- name: prove_accounts
-- Add up what accounts booked since they were proved, or all of it, and compare it with their balances, holds, charges
-- and paid months. What was archived is the balance that it begins with. A call that is up has its charge to come, so what is proved of calls ends before it. Ids of entries
-- and calls of one account are in the order of their commits, as they are given while it is locked.
-- $1 account_ids bigint[], $2 whether from the first entry boolean. Returns a row each: whether all is right, how many
-- entries were added up, since when (null: all), and up to where it is proved now.
WITH start AS MATERIALIZED (
    SELECT
        account.id AS account_id, account.time_zone, account.balance, account.held, account.owed,
        coalesce(opening.entry_id, proof.entry_id, 0) AS entry_id,
        coalesce(opening.balance, proof.balance, 0)::numeric AS proved,
        coalesce(proof.call_id, 0) AS call_id, proof.proved_at, opening.archived
    FROM account
    LEFT JOIN account_proof AS proof ON proof.account_id = account.id AND NOT $2::boolean
    LEFT JOIN LATERAL (
        SELECT entry_id, balance, archived
        FROM account_opening
        WHERE account_opening.account_id = account.id
    ) AS opening ON opening.entry_id > coalesce(proof.entry_id, 0)
    WHERE account.id = ANY($1::bigint[])
)
SELECT
    start.account_id, start.time_zone, entry.entries, start.proved_at AS since,
    greatest(start.entry_id, entry.entry_id) AS entry_id,
    (start.proved + entry.total)::numeric(20, 6) AS balance,
    greatest(start.call_id, least(call.call_id, live.call_id - 1)) AS call_id,
    start.balance = start.proved + entry.total AND entry.is_right
    AND call.is_right AND line.is_right AND opening.is_right
    AND start.held = live.held AND start.owed = live.owed AS is_right
FROM start
CROSS JOIN LATERAL (
    SELECT
        count(*) AS entries, max(id) AS entry_id, coalesce(sum(amount), 0) AS total,
        coalesce(bool_and(balance_after = before + amount AND is_booked_right), true) AS is_right
    FROM (
        SELECT
            id, amount, balance_after,
            lag(balance_after::numeric, 1, start.proved) OVER (ORDER BY id) AS before,
            CASE
                WHEN kind = 'call' THEN EXISTS (
                    SELECT
                    FROM call
                    WHERE call.id = ledger_entry.call_id AND call.account_id = start.account_id
                        AND call.charge = -ledger_entry.amount
                )
                WHEN line_id IS NOT NULL THEN EXISTS (
                    SELECT FROM line WHERE line.id = ledger_entry.line_id AND line.account_id = start.account_id
                )
                ELSE true
            END AS is_booked_right
        FROM ledger_entry
        WHERE ledger_entry.account_id = start.account_id AND id > start.entry_id
    ) AS booked
) AS entry
CROSS JOIN LATERAL (
    SELECT
        max(call.id) AS call_id,
        coalesce(bool_and(
            CASE
                WHEN call.charge > 0 THEN EXISTS (
                    SELECT
                    FROM ledger_entry
                    WHERE ledger_entry.key = 'call:' || call.id AND ledger_entry.charged_call_id IN (0, call.id)
                        AND amount = -call.charge
                )
                WHEN call.state = 'open' THEN EXISTS (SELECT FROM live_call WHERE live_call.call_id = call.id)
                ELSE true
            END
        ), true) AS is_right
    FROM call
    WHERE call.account_id = start.account_id AND call.id > start.call_id
) AS call
CROSS JOIN LATERAL (
    SELECT
        coalesce(sum(hold), 0) AS held, coalesce(sum(hold) FILTER (WHERE over_at IS NOT NULL), 0) AS owed,
        min(live_call.call_id) AS call_id
    FROM live_call
    WHERE live_call.account_id = start.account_id
) AS live
CROSS JOIN LATERAL (
    SELECT
        coalesce(bool_and(line.due_on > paid.paid_from AND line.due_on <= paid.paid_from + 31), true) AS is_right
    FROM (
        SELECT line_id, max(split_part(key, ':', 3)::date) AS paid_from
        FROM ledger_entry
        WHERE ledger_entry.account_id = start.account_id AND id > start.entry_id AND kind IN ('rent', 'connector')
        GROUP BY line_id
    ) AS paid
    CROSS JOIN LATERAL (
        SELECT due_on FROM line WHERE line.id = paid.line_id AND line.state = 'active' AND line.rent > 0 LIMIT 1
    ) AS line
) AS line
CROSS JOIN LATERAL (
    SELECT start.archived IS NULL OR start.archived + coalesce(sum(amount), 0) = start.proved AS is_right
    FROM ledger_entry
    WHERE ledger_entry.account_id = start.account_id AND start.archived IS NOT NULL AND id <= start.entry_id
) AS opening;

-- name: proof_note
-- Keep up to where accounts are proved, and that they are right; one that is not is proved from its first entry until
-- it is.
-- $1 account_ids bigint[], $2 entry_ids bigint[], $3 balances numeric[], $4 call_ids bigint[], $5 is_right boolean[],
-- $6 when each is next proved from its first entry timestamptz[] (null: as before), $7 now timestamptz.
UPDATE account_proof
SET entry_id = CASE WHEN told.is_right THEN told.entry_id ELSE 0 END,
    balance = CASE WHEN told.is_right THEN told.balance ELSE 0 END,
    call_id = CASE WHEN told.is_right THEN told.call_id ELSE 0 END,
    proved_at = CASE WHEN told.is_right THEN $7::timestamptz END,
    is_right = told.is_right,
    whole_due_at = coalesce(told.whole_due_at, account_proof.whole_due_at)
FROM unnest($1::bigint[], $2::bigint[], $3::numeric[], $4::bigint[], $5::boolean[], $6::timestamptz[])
    AS told (account_id, entry_id, balance, call_id, is_right, whole_due_at)
WHERE account_proof.account_id = ANY($1::bigint[]) AND account_proof.account_id = told.account_id;

-- name: proof_wrong
-- How many accounts were not right when they were last proved, and the first of them. Nothing where none has been proved
-- yet. Returns 0..1 row.
SELECT count(*) AS accounts, min(account_id) AS first_id
FROM account_proof
WHERE NOT is_right
HAVING EXISTS (SELECT FROM account_proof WHERE due_at > '1970-01-01 00:00:00+00');

-- name: check_closed_lines
-- Lines of closed accounts that still work, so that calls by them would be charged to nobody. $1 limit integer.
SELECT line.account_id, line.id AS line_id, NULL::bigint AS call_id
FROM line
JOIN account ON account.id = line.account_id
WHERE account.state = 'closed' AND line.state <> 'disconnected'
ORDER BY line.id
LIMIT $1::integer;
