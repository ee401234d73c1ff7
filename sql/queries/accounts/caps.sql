-- name: cap_counts
-- What counts against the caps of accounts that are locked (R17): their live calls, and those of the last minute that
-- were connected. A statement after the lock sees what others did while it was waited for; the one that locks does not.
-- $1 account_ids bigint[], $2 a minute ago timestamptz.
SELECT
    asked.account_id,
    (SELECT count(*) FROM live_call WHERE live_call.account_id = asked.account_id AND over_at IS NULL) AS live,
    (
        SELECT count(*)
        FROM recent_start
        WHERE recent_start.account_id = asked.account_id AND recent_start.started_at > $2::timestamptz
    ) AS starts
FROM unnest($1::bigint[]) AS asked (account_id);

-- name: starts_count
-- Note calls that were connected, of accounts that have a cap on them and are locked, and forget old ones of theirs.
-- $1 call_ids bigint[], $2 account_ids bigint[], $3 now timestamptz, $4 forgotten before timestamptz.
WITH forgotten AS (
    DELETE FROM recent_start
    WHERE account_id = ANY($2::bigint[]) AND started_at < $4::timestamptz
)
INSERT INTO recent_start (call_id, account_id, started_at)
SELECT call_id, account_id, $3::timestamptz
FROM unnest($1::bigint[], $2::bigint[]) AS i (call_id, account_id);

-- name: caps_find
-- The caps of an account and what counts against them. What calls have cost today is kept while there are caps; before,
-- it is added up.
-- $1 account_id bigint, $2 now timestamptz, $3 a minute ago timestamptz. Returns 0..1 row.
SELECT
    account.id, account.currency::text AS currency, account.caps, account.held::numeric AS held, today.day,
    CASE
        WHEN account.caps IS NULL THEN (
            SELECT coalesce(-sum(amount), 0)
            FROM ledger_entry
            WHERE ledger_entry.account_id = account.id
                AND amount < 0
                AND kind = 'call'
                AND booked_at >= today.day::timestamp AT TIME ZONE account.time_zone
        )
        ELSE spent_today(account.spent, account.spent_on, today.day)
    END::numeric(20, 6) AS spent,
    (SELECT count(*) FROM live_call WHERE live_call.account_id = account.id AND over_at IS NULL) AS live,
    (
        SELECT count(*)
        FROM recent_start
        WHERE recent_start.account_id = account.id AND recent_start.started_at > $3::timestamptz
    ) AS starts
FROM account
CROSS JOIN LATERAL (SELECT ($2::timestamptz AT TIME ZONE account.time_zone)::date AS day) AS today
WHERE account.id = $1::bigint;

-- name: caps_set
-- Give an account, which is locked, its caps, and what its calls have cost today.
-- $1 account_id bigint, $2 caps jsonb (null: none), $3 day date, $4 spent numeric.
UPDATE account
SET caps = $2::jsonb, spent_on = $3::date, spent = $4::numeric
WHERE id = $1::bigint;

-- name: spent_recount
-- Add up anew what calls have cost today, as a locked account with caps has another time zone now.
-- $1 account_id bigint, $2 now timestamptz.
UPDATE account
SET spent_on = ($2::timestamptz AT TIME ZONE time_zone)::date,
    spent = (
        SELECT coalesce(-sum(amount), 0)
        FROM ledger_entry
        WHERE ledger_entry.account_id = account.id
            AND amount < 0
            AND kind = 'call'
            AND booked_at >= ($2::timestamptz AT TIME ZONE time_zone)::date::timestamp AT TIME ZONE time_zone
    )
WHERE id = $1::bigint AND caps IS NOT NULL;
