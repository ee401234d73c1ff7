-- name: account_create
-- Open an account with a balance of nothing.
-- $1 name text, $2 currency text, $3 email text, $4 time_zone text, $5 language text, $6 main_number text,
-- $7 credit_limit numeric, $8 free_inbound_needs_balance boolean, $9 unavailable_allow_s integer, $10 when_withheld text,
-- $11 now timestamptz. Returns its id.
INSERT INTO account (
    name, currency, email, time_zone, language, main_number, credit_limit, free_inbound_needs_balance,
    unavailable_allow_s, when_withheld, created_at
)
VALUES (
    $1::text, $2::text, $3::text, $4::text, $5::text, $6::text, $7::numeric, $8::boolean, $9::integer, $10::text,
    $11::timestamptz
)
RETURNING id;

-- name: account_find
-- An account with the number of its live calls.
-- $1 id bigint. Returns 0..1 row.
SELECT
    account.id, name, currency::text AS currency, email, time_zone, language, main_number,
    credit_limit::numeric AS credit_limit, balance::numeric AS balance, held::numeric AS held,
    owed::numeric AS owed, free_inbound_needs_balance, unavailable_allow_s, when_withheld, state, blocked_reason,
    created_at, closed_at,
    (SELECT count(*) FROM live_call WHERE live_call.account_id = account.id) AS live_calls
FROM account
WHERE account.id = $1::bigint;

-- name: account_list
-- A page of the accounts, oldest first, with the numbers of their live calls.
-- $1 after bigint (0: from the first), $2 limit integer.
SELECT
    account.id, name, currency::text AS currency, email, time_zone, language, main_number,
    credit_limit::numeric AS credit_limit, balance::numeric AS balance, held::numeric AS held,
    owed::numeric AS owed, free_inbound_needs_balance, unavailable_allow_s, when_withheld, state, blocked_reason,
    created_at, closed_at,
    (SELECT count(*) FROM live_call WHERE live_call.account_id = account.id) AS live_calls
FROM account
WHERE account.id > $1::bigint
ORDER BY account.id
LIMIT $2::integer;

-- name: account_search
-- A page of the accounts that are as wanted, oldest first; a parameter that is null asks for nothing.
-- $1 after bigint (0: from the first), $2 limit integer, $3 text text (in the name or the address), $4 number text (a
-- line in use, or the main number), $5 state text, $6 id bigint, $7 ids bigint[]. $3 and $4 together: either.
SELECT
    account.id, name, currency::text AS currency, email, time_zone, language, main_number,
    credit_limit::numeric AS credit_limit, balance::numeric AS balance, held::numeric AS held,
    owed::numeric AS owed, free_inbound_needs_balance, unavailable_allow_s, when_withheld, state, blocked_reason,
    created_at, closed_at,
    (SELECT count(*) FROM live_call WHERE live_call.account_id = account.id) AS live_calls
FROM account
WHERE account.id > $1::bigint
    AND ($5::text IS NULL OR state = $5::text)
    AND ($6::bigint IS NULL OR account.id = $6::bigint)
    AND ($7::bigint[] IS NULL OR account.id = ANY($7::bigint[]))
    AND (
        $3::text IS NULL
        OR position(lower($3::text) IN lower(name)) > 0
        OR position(lower($3::text) IN lower(email)) > 0
        OR main_number = $4::text
        OR account.id IN (SELECT account_id FROM line WHERE line.name = $4::text AND line.state <> 'disconnected')
    )
ORDER BY account.id
LIMIT $2::integer;

-- name: account_running_out
-- Open accounts whose money may be gone within some days: what they have is no more than calls cost in so many days
-- lately, and the rents that fall due. Those who have least come first.
-- $1 since date (of the roll-up), $2 share numeric (of what calls have cost since then), $3 due_on date, $4 limit integer.
SELECT account.id
FROM account
CROSS JOIN LATERAL (
    SELECT coalesce(sum(spend), 0) * $2::numeric AS calls
    FROM usage_day
    WHERE usage_day.account_id = account.id AND day >= $1::date
) AS spent
CROSS JOIN LATERAL (
    SELECT coalesce(sum(rent), 0) AS rents
    FROM line
    WHERE line.account_id = account.id AND state = 'active' AND due_on <= $3::date
) AS due
WHERE account.state = 'open'
    AND spent.calls + due.rents > 0
    AND account.balance + account.credit_limit <= spent.calls + due.rents
ORDER BY account.balance + account.credit_limit, account.id
LIMIT $4::integer;

-- name: account_lock
-- Lock an account until the transaction ends, as whoever moves its money must do first. What is owed by calls that are
-- over stops no rent (R22), so it is not among what is held here.
-- $1 id bigint. Returns 0..1 row.
SELECT
    id, time_zone, currency::text AS currency, state, balance::numeric AS balance, (held - owed)::numeric AS held,
    credit_limit::numeric AS credit_limit
FROM account
WHERE id = $1::bigint
FOR NO KEY UPDATE;

-- name: account_time_zone_known
-- Whether the database knows a time zone. $1 name text.
SELECT EXISTS (SELECT FROM pg_timezone_names WHERE name = $1::text);

-- name: account_change
-- Change what is set of an account, which is locked.
-- $1 id bigint, $2 name text, $3 email text, $4 time_zone text, $5 language text, $6 main_number text,
-- $7 credit_limit numeric, $8 free_inbound_needs_balance boolean, $9 unavailable_allow_s integer, $10 when_withheld text.
UPDATE account
SET name = $2::text, email = $3::text, time_zone = $4::text, language = $5::text, main_number = $6::text,
    credit_limit = $7::numeric, free_inbound_needs_balance = $8::boolean, unavailable_allow_s = $9::integer,
    when_withheld = $10::text
WHERE id = $1::bigint;

-- name: account_block
-- Block an account, which is locked, or let it call again. $1 id bigint, $2 reason text (null: it is not blocked).
UPDATE account
SET state = CASE WHEN $2::text IS NULL THEN 'open' ELSE 'blocked' END, blocked_reason = $2::text
WHERE id = $1::bigint AND state <> 'closed';

-- name: account_close
-- Close an account, which is locked: it has no main number, and its balance is not compared with the minimum any more.
-- $1 id bigint, $2 now timestamptz.
UPDATE account
SET state = 'closed', blocked_reason = NULL, closed_at = $2::timestamptz, main_number = NULL, low_armed = false,
    low_level = NULL, low_balance_due_at = 'infinity'
WHERE id = $1::bigint AND state <> 'closed';
