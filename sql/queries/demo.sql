-- name: demo_foreign_account
-- The name of an account that is not one of the demo's. $1 names text[] of the demo's accounts, $2 currency text of
-- theirs. Returns 0..1 row.
SELECT name
FROM account
WHERE name <> ALL($1::text[]) OR currency <> $2::text
ORDER BY id
LIMIT 1;

-- name: demo_foreign_deck
-- The source of rates that are or will be valid, other than the demo's own; an import would replace them.
-- $1 currency text, $2 sources text[], $3 now timestamptz. Returns 0..1 row.
SELECT rate_version.source
FROM rate
JOIN rate_version ON rate_version.id = rate.version_id
WHERE rate.currency = $1::text
    AND rate_version.source <> ALL($2::text[])
    AND (rate.valid_until IS NULL OR rate.valid_until > $3::timestamptz)
LIMIT 1;

-- name: demo_mails_of_then
-- Mails that were queued in the past were delivered then, but for those to one account, whose address is gone.
-- $1 account_id bigint of the account. Returns no rows.
UPDATE mail
SET state = CASE WHEN account_id = $1::bigint THEN 'refused' ELSE 'sent' END,
    sent_at = CASE WHEN account_id = $1::bigint THEN NULL ELSE created_at END,
    first_tried_at = created_at,
    tries = 1,
    last_reply = CASE WHEN account_id = $1::bigint THEN '550 5.1.1 No such user here' ELSE '250 2.0.0 Ok' END,
    due_at = NULL
WHERE state = 'queued';
