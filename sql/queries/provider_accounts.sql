-- name: provider_account_open
-- Know an account at a provider, from now on. $1 connection text, $2 now timestamptz.
INSERT INTO provider_account (connection, due_at, payments_from, payments_until)
VALUES ($1::text, $2::timestamptz, $2::timestamptz, $2::timestamptz)
ON CONFLICT (connection) DO NOTHING;

-- name: provider_account_poke
-- Have an account pulled soon, but not more often than every ten seconds; and remember which lines are said to be lost.
-- $1 connection text, $2 suspects text[], $3 now timestamptz.
UPDATE provider_account
SET due_at = least(due_at, greatest($3::timestamptz, pulled_at + interval '10 seconds')),
    suspects = (
        SELECT coalesce(array_agg(name), '{}')
        FROM (SELECT DISTINCT name FROM unnest(suspects || $2::text[]) AS name ORDER BY name LIMIT 1000) AS each
    )
WHERE connection = $1::text;

-- name: provider_account_claim
-- Claim an account whose truth is to be pulled now.
-- $1 connection text, $2 now timestamptz, $3 until timestamptz. Returns 0..1 row.
UPDATE provider_account
SET due_at = $3::timestamptz
WHERE connection = $1::text AND due_at <= $2::timestamptz
RETURNING payments_from, payments_until, suspects;

-- name: provider_account_pulled
-- A pull is over. The next comes later, unless somebody poked meanwhile.
-- $1 connection text, $2 claimed_until timestamptz, $3 now timestamptz, $4 due_at timestamptz.
UPDATE provider_account
SET pulled_at = $3::timestamptz,
    due_at = CASE WHEN due_at = $2::timestamptz THEN $4::timestamptz ELSE due_at END
WHERE connection = $1::text;

-- name: provider_account_keep_balance
-- What an account has left. $1 connection text, $2 balance numeric, $3 currency text, $4 is_frozen boolean,
-- $5 now timestamptz.
UPDATE provider_account
SET balance = $2::numeric, currency = $3::text, is_frozen = $4::boolean, balance_at = $5::timestamptz
WHERE connection = $1::text;

-- name: provider_account_balances
-- What accounts have left, of those connections that there are and whose providers have told it.
-- $1 connections text[].
SELECT connection, balance::numeric AS balance, currency, is_frozen, balance_at
FROM provider_account
WHERE connection = ANY($1::text[]) AND balance_at IS NOT NULL
ORDER BY connection;

-- name: provider_account_paid
-- Payments have been read up to here. $1 connection text, $2 until timestamptz.
UPDATE provider_account
SET payments_until = greatest(payments_until, $2::timestamptz)
WHERE connection = $1::text;

-- name: provider_lines
-- The numbers that a provider has had for us lately. $1 connection text, $2 since timestamptz.
SELECT name, seen_at FROM provider_line WHERE connection = $1::text AND seen_at >= $2::timestamptz;

-- name: provider_lines_keep
-- What a provider has for us now, and which suspicions are settled.
-- $1 connection text, $2 names text[], $3 settled text[], $4 now timestamptz.
WITH settled AS (
    UPDATE provider_account
    SET suspects = ARRAY(SELECT name FROM unnest(suspects) AS name WHERE NOT name = ANY($3::text[]))
    WHERE connection = $1::text
)
INSERT INTO provider_line (connection, name, seen_at)
SELECT $1::text, name, $4::timestamptz
FROM unnest($2::text[]) AS name
ON CONFLICT (connection, name) DO UPDATE
SET seen_at = EXCLUDED.seen_at
WHERE provider_line.seen_at < EXCLUDED.seen_at - interval '1 hour';
