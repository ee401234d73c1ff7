-- name: subscription_due
-- Accounts that have a line the calendar must look at, those waiting longest first; an account may come more than once.
-- $1 now timestamptz, $2 at most bigint. Returns account ids.
SELECT account_id
FROM line
WHERE calendar_due_at <= $1::timestamptz
ORDER BY calendar_due_at
LIMIT $2::bigint;

-- name: subscription_accounts
-- Lock accounts in id order, but for those that somebody else has locked, and say what money they have.
-- What is owed by calls that are over stops no rent (R22), so it is not among what is held here.
-- $1 ids bigint[]. Returns a row each.
SELECT
    id, time_zone, currency::text AS currency, state, balance::numeric AS balance, (held - owed)::numeric AS held,
    credit_limit::numeric AS credit_limit
FROM account
WHERE id = ANY($1::bigint[])
ORDER BY id
FOR NO KEY UPDATE SKIP LOCKED;

-- name: subscription_due_lines
-- The lines of locked accounts that the calendar must look at by an instant, a limited number of each account's: those
-- waiting longest, and of those of one instant in the order in which they are paid.
-- $1 account ids bigint[], $2 now timestamptz, $3 at most of an account bigint. Returns their ids.
SELECT line.id
FROM unnest($1::bigint[]) AS asked (account_id)
CROSS JOIN LATERAL (
    SELECT id
    FROM line
    WHERE line.account_id = asked.account_id AND line.calendar_due_at <= $2::timestamptz
    ORDER BY line.calendar_due_at, line.due_on, line.rent, line.id
    LIMIT $3::bigint
) AS line;

-- name: subscription_overdue
-- The lines of a locked account that wait for their rent. $1 account_id bigint. Returns their ids.
SELECT id
FROM line
WHERE account_id = $1::bigint AND state = 'suspended' AND rent IS NOT NULL AND ends_at IS NULL;

-- name: subscription_lines
-- Lines of locked accounts as the calendar knows them, with the rents that may price their months from when they were
-- due until now, in the order in which one goes before another.
-- $1 ids bigint[], $2 now timestamptz. Returns a json object each.
SELECT line.account_id, json_build_object(
    'id', line.id, 'kind', line.kind, 'name', line.name, 'state', line.state, 'rent', line.rent,
    'anchor_day', line.anchor_day, 'due_on', line.due_on, 'reserved_until', line.reserved_until,
    'ends_at', line.ends_at, 'calendar_due_at', line.calendar_due_at, 'disconnected_at', line.disconnected_at,
    'rates', coalesce(rates.in_order, '[]'::json)
) AS line
FROM line
CROSS JOIN LATERAL (SELECT currency FROM account WHERE account.id = line.account_id LIMIT 1) AS account
CROSS JOIN LATERAL (
    SELECT json_agg(to_json(rate)) AS in_order
    FROM rates_for(
        'rent', account.currency, NULL, line.country,
        CASE line.kind WHEN 'connector' THEN 'connector' ELSE line.category END,
        -- A day begins up to 14 hours before it does in UTC.
        coalesce(line.due_on::timestamp AT TIME ZONE 'UTC' - interval '1 day', $2::timestamptz), $2::timestamptz, NULL
    ) AS rate
) AS rates
WHERE line.id = ANY($1::bigint[]);

-- name: subscription_line
-- The line of a name that is in use, else the one that had it last. $1 name text. Returns 0..1 row.
SELECT id, account_id
FROM line
WHERE name = $1::text
ORDER BY state = 'disconnected', id DESC
LIMIT 1;

-- name: subscription_apply
-- Write what the calendar made of lines of locked accounts: their new columns, the entries of their rents and what
-- those leave of the balances. An entry whose key is there already is a mistake and fails.
-- $1 lines json, $2 entries json: rows of the columns below, amounts of entries positive; $3 now timestamptz.
WITH line_in AS MATERIALIZED (
    SELECT *
    FROM json_to_recordset($1::json) AS i (
        id bigint, state text, rent numeric, anchor_day smallint, due_on date, reserved_until timestamptz,
        ends_at timestamptz, calendar_due_at timestamptz, disconnected_at timestamptz
    )
),
entry AS MATERIALIZED (
    SELECT *
    FROM json_to_recordset($2::json) AS i (
        ordinal integer, account_id bigint, line_id bigint, kind text, amount numeric, key text, note text
    )
),
moved AS (
    UPDATE line
    SET (state, rent, anchor_day, due_on, reserved_until, ends_at, calendar_due_at, disconnected_at) = (
        SELECT
            line_in.state, line_in.rent, line_in.anchor_day, line_in.due_on, line_in.reserved_until, line_in.ends_at,
            line_in.calendar_due_at, line_in.disconnected_at
        FROM line_in
        WHERE line_in.id = line.id
    )
    WHERE id = ANY(ARRAY(SELECT id FROM line_in))
),
booked AS (
    INSERT INTO ledger_entry (account_id, kind, amount, balance_after, key, line_id, note, booked_at)
    SELECT
        entry.account_id, entry.kind, -entry.amount,
        account.balance - sum(entry.amount) OVER (PARTITION BY entry.account_id ORDER BY entry.ordinal),
        entry.key, entry.line_id, entry.note, $3::timestamptz
    FROM entry
    CROSS JOIN LATERAL (SELECT balance FROM account WHERE account.id = entry.account_id LIMIT 1) AS account
    ORDER BY entry.account_id, entry.ordinal
)
UPDATE account
SET (balance, low_balance_due_at) = (
    SELECT
        account.balance - sum(entry.amount),
        CASE
            WHEN account.balance - sum(entry.amount) < account.low_level
            THEN least(account.low_balance_due_at, $3::timestamptz)
            ELSE account.low_balance_due_at
        END
    FROM entry
    WHERE entry.account_id = account.id
)
WHERE id = ANY(ARRAY(SELECT account_id FROM entry));

-- name: subscription_coming
-- The lines whose rent some accounts will owe by a day: those that work and are not given up.
-- $1 account ids bigint[], $2 days date[], of each account. Returns their ids.
SELECT line.id
FROM unnest($1::bigint[], $2::date[]) AS asked (account_id, until_on)
CROSS JOIN LATERAL (
    SELECT id
    FROM line
    WHERE line.account_id = asked.account_id
        AND line.state = 'active'
        AND line.rent IS NOT NULL
        AND line.ends_at IS NULL
        AND line.due_on <= asked.until_on
    LIMIT 1000000
) AS line;

-- name: subscription_postpone
-- Have the calendar come back later to the lines of an account that it could not work.
-- $1 account_id bigint, $2 until timestamptz.
UPDATE line
SET calendar_due_at = $2::timestamptz
WHERE account_id = $1::bigint AND calendar_due_at < $2::timestamptz;

-- name: subscription_rented
-- The lines of an account that the calendar will look at. $1 account_id bigint. Returns their ids.
SELECT id
FROM line
WHERE account_id = $1::bigint AND calendar_due_at IS NOT NULL;

-- name: calls_spent
-- What the calls of an account have cost since an instant. $1 account_id bigint, $2 since timestamptz.
SELECT coalesce(-sum(amount), 0)::numeric
FROM ledger_entry
WHERE account_id = $1::bigint AND booked_at > $2::timestamptz AND amount < 0 AND kind = 'call';

-- name: subscription_come_back_on
-- The lines of a locked account that are due on a day have been told of; the calendar comes back to them on that day.
-- $1 account_id bigint, $2 due_on date, $3 due_at timestamptz, $4 now timestamptz.
UPDATE line
SET calendar_due_at = $3::timestamptz
WHERE account_id = $1::bigint
    AND calendar_due_at <= $4::timestamptz
    AND due_on = $2::date
    AND state = 'active'
    AND ends_at IS NULL;

-- name: subscription_living
-- The lines of a locked account that are not disconnected, oldest first. $1 account_id bigint.
SELECT id, name, kind
FROM line
WHERE account_id = $1::bigint AND state <> 'disconnected'
ORDER BY id;
