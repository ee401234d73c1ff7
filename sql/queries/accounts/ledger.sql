-- name: ledger_book
-- Write an entry and move the balance by it, once for each key. The account must be locked (account_lock), and not
-- closed. A credit, and a debit below the level, has the balance compared with the minimum (R30). Of a refund the roll-up
-- of its call is told.
-- $1 account_id bigint, $2 kind text, $3 amount numeric, $4 key text, $5 external_id text, $6 note text,
-- $7 now timestamptz, $8 call_id bigint (of a refund: the call it is for). Returns the entry, or no row where the key has been booked before.
WITH entry AS (
    INSERT INTO ledger_entry (account_id, kind, amount, balance_after, key, external_id, note, booked_at, call_id)
    SELECT
        id, $2::text, $3::numeric, balance + $3::numeric, $4::text, $5::text, $6::text, $7::timestamptz, $8::bigint
    FROM account
    WHERE id = $1::bigint AND state <> 'closed'
    ON CONFLICT DO NOTHING
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
),
changed AS (
    INSERT INTO usage_changed (
        call_id, connection, account_id, line_id, direction, caller, callee, line, state, reason, cause, started_at,
        answered_at, billed_s, charge, refunded, cost, cost_currency
    )
    SELECT
        call.id, call.connection, call.account_id, call.line_id, call.direction, call.caller, call.callee, call.line,
        call.state, call.reason, call.cause, call.started_at, call.answered_at, call.billed_s, call.charge,
        call_refunded(call.id), call.cost, call.cost_currency
    FROM entry
    CROSS JOIN LATERAL (SELECT * FROM call WHERE call.id = entry.call_id AND call.state <> 'open' LIMIT 1) AS call
)
SELECT
    entry.id, entry.account_id, account.currency, entry.kind, entry.amount::numeric AS amount,
    entry.balance_after::numeric AS balance_after, entry.call_id, entry.line_id, entry.external_id, entry.note,
    entry.booked_at
FROM entry
INNER JOIN account ON account.id = entry.account_id;

-- name: ledger_find
-- The entry of a key, but not of a call's charge.
-- $1 key text. Returns 0..1 row.
SELECT
    entry.id, entry.account_id, account.currency, entry.kind, entry.amount::numeric AS amount,
    entry.balance_after::numeric AS balance_after, entry.call_id, entry.line_id, entry.external_id, entry.note,
    entry.booked_at
FROM ledger_entry_kept AS entry
INNER JOIN account ON account.id = entry.account_id
WHERE entry.key = $1::text;

-- name: ledger_list
-- A page of an account's entries that are as wanted, oldest first; a parameter that is null asks for nothing.
-- $1 account_id bigint, $2 after bigint (0: from the first), $3 limit integer, $4 since timestamptz,
-- $5 until timestamptz (exclusive), $6 kinds text[], $7 call_id bigint.
SELECT
    entry.id, entry.account_id, account.currency, entry.kind, entry.amount::numeric AS amount,
    entry.balance_after::numeric AS balance_after, entry.call_id, entry.line_id, entry.external_id, entry.note,
    entry.booked_at
FROM ledger_entry AS entry
INNER JOIN account ON account.id = entry.account_id
WHERE entry.account_id = $1::bigint
    AND entry.id > $2::bigint
    AND ($4::timestamptz IS NULL OR entry.booked_at >= $4::timestamptz)
    AND ($5::timestamptz IS NULL OR entry.booked_at < $5::timestamptz)
    AND ($6::text[] IS NULL OR entry.kind = ANY($6::text[]))
    AND ($7::bigint IS NULL OR entry.call_id = $7::bigint)
ORDER BY entry.id
LIMIT $3::integer;

-- name: ledger_page
-- A page of an account's entries that are as wanted, newest first; a parameter that is null asks for nothing. Calls and
-- all else are looked for by an index each, so that a page costs what it shows.
-- $1 account_id bigint, $2 before_at timestamptz, $3 before_id bigint (of the last entry of the page before),
-- $4 limit integer, $5 since timestamptz, $6 until timestamptz (exclusive), $7 kinds text[], $8 call_id bigint.
WITH calls AS (
    SELECT id, account_id, kind, amount, balance_after, call_id, line_id, external_id, note, booked_at
    FROM ledger_entry
    WHERE account_id = $1::bigint
        AND kind = 'call'
        AND amount < 0
        AND ($7::text[] IS NULL OR 'call' = ANY($7::text[]))
        AND ($8::bigint IS NULL OR key = 'call:' || $8::bigint)
        AND booked_at >= coalesce($5::timestamptz, '-infinity')
        AND booked_at < coalesce($6::timestamptz, 'infinity')
        AND ($2::timestamptz IS NULL OR (booked_at, id) < ($2::timestamptz, $3::bigint))
    ORDER BY booked_at DESC, id DESC
    LIMIT $4::integer
),
others AS (
    SELECT id, account_id, kind, amount, balance_after, call_id, line_id, external_id, note, booked_at
    FROM ledger_entry
    WHERE account_id = $1::bigint
        AND kind <> 'call'
        AND ($7::text[] IS NULL OR kind = ANY($7::text[]))
        AND ($8::bigint IS NULL OR (kind = 'refund' AND call_id = $8::bigint))
        AND booked_at >= coalesce($5::timestamptz, '-infinity')
        AND booked_at < coalesce($6::timestamptz, 'infinity')
        AND ($2::timestamptz IS NULL OR (booked_at, id) < ($2::timestamptz, $3::bigint))
    ORDER BY booked_at DESC, id DESC
    LIMIT $4::integer
)
SELECT
    entry.id, entry.account_id, account.currency, entry.kind, entry.amount::numeric AS amount,
    entry.balance_after::numeric AS balance_after, entry.call_id, entry.line_id, entry.external_id, entry.note,
    entry.booked_at
FROM (
    SELECT id, account_id, kind, amount, balance_after, call_id, line_id, external_id, note, booked_at FROM calls
    UNION ALL
    SELECT id, account_id, kind, amount, balance_after, call_id, line_id, external_id, note, booked_at FROM others
) AS entry
INNER JOIN account ON account.id = entry.account_id
ORDER BY entry.booked_at DESC, entry.id DESC
LIMIT $4::integer;

-- name: ledger_besides_calls
-- A page of what moved money besides calls, of all accounts or of one, the last booked first; null asks for nothing.
-- $1 before bigint, $2 limit integer, $3 account_id bigint, $4 kinds text[], $5 since timestamptz,
-- $6 until timestamptz (exclusive).
SELECT
    entry.id, entry.account_id, account.currency, entry.kind, entry.amount::numeric AS amount,
    entry.balance_after::numeric AS balance_after, entry.call_id, entry.line_id, entry.external_id, entry.note,
    entry.booked_at
FROM ledger_entry_kept AS entry
INNER JOIN account ON account.id = entry.account_id
WHERE entry.kind <> 'call'
    AND ($1::bigint IS NULL OR entry.id < $1::bigint)
    AND ($3::bigint IS NULL OR entry.account_id = $3::bigint)
    AND ($4::text[] IS NULL OR entry.kind = ANY($4::text[]))
    AND ($5::timestamptz IS NULL OR entry.booked_at >= $5::timestamptz)
    AND ($6::timestamptz IS NULL OR entry.booked_at < $6::timestamptz)
ORDER BY entry.id DESC
LIMIT $2::integer;

-- name: ledger_balances
-- What an account had before a span of time and at its end: what it has, without what was booked since. What was
-- archived comes before all.
-- $1 account_id bigint, $2 since timestamptz (null: from the first), $3 until timestamptz (exclusive; null: all).
WITH later AS (
    SELECT amount, booked_at
    FROM ledger_entry
    WHERE account_id = $1::bigint
        AND kind = 'call'
        AND amount < 0
        AND booked_at >= coalesce($2::timestamptz, '-infinity')
    UNION ALL
    SELECT amount, booked_at
    FROM ledger_entry
    WHERE account_id = $1::bigint
        AND kind <> 'call'
        AND booked_at >= coalesce($2::timestamptz, '-infinity')
)
SELECT
    (account.balance - since.amount)::numeric(20, 6) AS opening,
    (account.balance - since.after)::numeric(20, 6) AS closing
FROM account,
    (
        SELECT
            coalesce(sum(amount), 0) AS amount,
            coalesce(sum(amount) FILTER (WHERE booked_at >= $3::timestamptz), 0) AS after
        FROM later
    ) AS since
WHERE account.id = $1::bigint;

-- name: ledger_sums
-- How many of an account's entries are as wanted, and what they add up to, by kind; null asks for nothing.
-- $1 account_id bigint, $2 since timestamptz, $3 until timestamptz (exclusive), $4 kinds text[], $5 call_id bigint.
WITH wanted AS (
    SELECT kind, amount
    FROM ledger_entry
    WHERE account_id = $1::bigint
        AND kind = 'call'
        AND amount < 0
        AND ($4::text[] IS NULL OR 'call' = ANY($4::text[]))
        AND ($5::bigint IS NULL OR key = 'call:' || $5::bigint)
        AND booked_at >= coalesce($2::timestamptz, '-infinity')
        AND booked_at < coalesce($3::timestamptz, 'infinity')
    UNION ALL
    SELECT kind, amount
    FROM ledger_entry
    WHERE account_id = $1::bigint
        AND kind <> 'call'
        AND ($4::text[] IS NULL OR kind = ANY($4::text[]))
        AND ($5::bigint IS NULL OR (kind = 'refund' AND call_id = $5::bigint))
        AND booked_at >= coalesce($2::timestamptz, '-infinity')
        AND booked_at < coalesce($3::timestamptz, 'infinity')
)
SELECT kind, count(*) AS entries, sum(amount)::numeric(20, 6) AS amount
FROM wanted
GROUP BY kind
ORDER BY kind;

-- name: ledger_rents
-- What an account's entries for its lines add up to, by line. What cost nothing has no entries.
-- $1 account_id bigint, $2 since timestamptz, $3 until timestamptz (exclusive).
SELECT line.name AS line, sum(entry.amount)::numeric(20, 6) AS amount
FROM ledger_entry_kept AS entry
INNER JOIN line ON line.id = entry.line_id
WHERE entry.account_id = $1::bigint
    AND entry.kind <> 'call'
    AND entry.booked_at >= $2::timestamptz
    AND entry.booked_at < $3::timestamptz
GROUP BY line.name
ORDER BY line.name COLLATE "C";

-- name: ledger_refunded
-- What has been given back of what a call cost, and what that was. Its account is locked.
-- $1 call_id bigint, $2 account_id bigint. Returns a row where it is a call of the account's.
SELECT
    call.charge::numeric AS charge,
    (
        SELECT coalesce(sum(amount), 0)
        FROM ledger_entry_kept AS entry
        WHERE entry.call_id = call.id AND entry.kind = 'refund'
    )::numeric AS refunded
FROM call
WHERE call.id = $1::bigint AND call.account_id = $2::bigint;

-- name: ledger_payment_owner
-- Another account that a payment was booked for, in the order of entries. $1 external_id text, $2 account_id bigint.
SELECT account_id
FROM ledger_entry_kept
WHERE kind = 'top_up' AND external_id = $1::text AND account_id <> $2::bigint
ORDER BY id
LIMIT 1;
