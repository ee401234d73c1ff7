-- name: mail_queue
-- Write mails to administrators into the outbox, but for those whose key is there already and those their account has
-- switched off. Accounts are locked before.
-- $1 mails json: rows of the columns below; $2 now timestamptz. Returns the ids of those that were written.
INSERT INTO mail (account_id, kind, key, recipient, language, facts, created_at, queued_at, next_at)
SELECT
    account.id, input.kind, input.key, account.email, account.language,
    jsonb_build_object('account', account.name, 'currency', account.currency, 'time_zone', account.time_zone)
        || input.facts,
    $2::timestamptz, $2::timestamptz, $2::timestamptz
FROM json_to_recordset($1::json) AS input (account_id bigint, kind text, key text, facts jsonb)
CROSS JOIN LATERAL (
    SELECT id, name, email, language, currency, time_zone, mails_off
    FROM account
    WHERE account.id = input.account_id
    LIMIT 1
) AS account
WHERE NOT input.kind = ANY(account.mails_off)
ORDER BY input.key
ON CONFLICT ON CONSTRAINT mail_once DO NOTHING
RETURNING id;
