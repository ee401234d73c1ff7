-- name: mail_queue
-- Write mails to administrators into the outbox, but for those whose key is there already and those their account has
-- switched off. Accounts are locked before.
-- $1 mails json: rows of the columns below; $2 now timestamptz. Returns the ids of those that were written.
INSERT INTO mail (account_id, kind, key, recipient, language, facts, created_at, queued_at, due_at)
SELECT
    account.id, input.kind, input.key, account.email, account.language,
    jsonb_build_object('account', account.name, 'currency', account.currency, 'time_zone', account.time_zone)
        || input.facts,
    $2::timestamptz, $2::timestamptz, $2::timestamptz
FROM json_to_recordset($1::json) AS input (ordinal integer, account_id bigint, kind text, key text, facts jsonb)
CROSS JOIN LATERAL (
    SELECT id, name, email, language, currency, time_zone, mails_off
    FROM account
    WHERE account.id = input.account_id
    LIMIT 1
) AS account
WHERE NOT input.kind = ANY(account.mails_off)
ORDER BY input.ordinal
ON CONFLICT ON CONSTRAINT mail_once DO NOTHING
RETURNING id;

-- name: mail_queue_operator
-- Write a mail to the operator into the outbox, unless its key is there already.
-- $1 recipient text, $2 kind text, $3 key text, $4 facts jsonb, $5 now timestamptz. Returns 0..1 row: its id.
INSERT INTO mail (kind, key, recipient, language, facts, created_at, queued_at, due_at)
VALUES (
    $2::text, $3::text, $1::text, 'en', jsonb_build_object('time_zone', 'UTC') || $4::jsonb,
    $5::timestamptz, $5::timestamptz, $5::timestamptz
)
ON CONFLICT ON CONSTRAINT mail_once DO NOTHING
RETURNING id;

-- name: mail_queue_person
-- Write a mail to whoever has an address and is not disabled; where nobody is, nothing, by the same work.
-- $1 email text, $2 kind text, $3 key text, $4 facts jsonb, $5 now timestamptz.
INSERT INTO mail (kind, key, recipient, language, facts, created_at, queued_at, due_at)
SELECT
    $2::text, $3::text, person.email, person.language,
    jsonb_build_object('time_zone', person.time_zone) || $4::jsonb,
    $5::timestamptz, $5::timestamptz, $5::timestamptz
FROM person
WHERE lower(person.email) = lower($1::text) AND person.disabled_at IS NULL
ON CONFLICT ON CONSTRAINT mail_once DO NOTHING;

-- name: mail_settle
-- Record what became of the mail that was tried, if it is still claimed as it was, and claim the one that has been due
-- longest: one statement, so that a mail costs one commit. Locks mails, and waits for none.
-- $1 id bigint (null: none was tried), $2 claimed_until timestamptz, $3 state text, $4 due_at timestamptz,
-- $5 last_reply text, $6 sent_at timestamptz, $7 now timestamptz, $8 next_claimed_until timestamptz,
-- $9 message_id text: for a mail that has none yet. Returns 1 row: how many were settled, and the mail or nulls.
WITH settled AS (
    UPDATE mail
    SET state = $3::text,
        -- A link that signs in is kept only for as long as its mail waits.
        facts = CASE WHEN $3::text = 'queued' THEN mail.facts ELSE mail.facts - 'link' END,
        due_at = $4::timestamptz,
        last_reply = $5::text,
        sent_at = $6::timestamptz,
        first_tried_at = coalesce(mail.first_tried_at, $7::timestamptz)
    WHERE mail.id = $1::bigint AND mail.state = 'queued' AND mail.due_at = $2::timestamptz
    RETURNING mail.id
),
due AS (
    SELECT id
    FROM mail
    WHERE due_at <= $7::timestamptz AND id <> coalesce($1::bigint, 0)
    ORDER BY due_at
    LIMIT 1
    FOR NO KEY UPDATE SKIP LOCKED
),
claimed AS (
    UPDATE mail
    SET tries = mail.tries + 1,
        due_at = $8::timestamptz,
        message_id = coalesce(mail.message_id, $9::text)
    WHERE mail.id = ANY(ARRAY(SELECT id FROM due))
    RETURNING
        mail.id, mail.account_id, mail.kind, mail.recipient, mail.language, mail.facts, mail.message_id,
        mail.created_at, mail.first_tried_at, mail.tries
)
SELECT
    counted.settled,
    claimed.id, claimed.account_id, claimed.kind, claimed.recipient, claimed.language, claimed.facts,
    claimed.message_id, claimed.created_at, claimed.first_tried_at, claimed.tries
FROM (SELECT count(*) AS settled FROM settled) AS counted
LEFT JOIN claimed ON true;

-- name: mail_release
-- Give back a claim on a mail that was not tried, or whose try was nobody's fault: it does not count.
-- $1 id bigint, $2 claimed_until timestamptz, $3 due_at timestamptz, $4 last_reply text (null: as it was),
-- $5 tried_at timestamptz (null: it was not tried).
UPDATE mail
SET due_at = $3::timestamptz,
    tries = greatest(tries - 1, 0),
    last_reply = coalesce($4::text, last_reply),
    first_tried_at = coalesce(first_tried_at, $5::timestamptz)
WHERE id = $1::bigint AND state = 'queued' AND due_at = $2::timestamptz;

-- name: mail_due
-- Whether a mail is due. $1 now timestamptz. Returns 1 row.
SELECT EXISTS (SELECT 1 FROM mail WHERE due_at <= $1::timestamptz) AS is_due;

-- name: mail_give_up
-- Give up mails that are due and have been tried for too long, while no server can be reached. What was never tried
-- counts from when it could have been: the server was away already, or it was queued later.
-- $1 now timestamptz, $2 tried_before timestamptz, $3 away_since timestamptz, $4 why text, $5 at most bigint. Returns
-- them.
UPDATE mail
SET state = 'given_up',
    due_at = NULL,
    last_reply = $4::text
WHERE id = ANY(ARRAY(
    SELECT id
    FROM mail
    WHERE due_at <= $1::timestamptz
        AND coalesce(first_tried_at, greatest(queued_at, $3::timestamptz)) <= $2::timestamptz
    ORDER BY due_at
    LIMIT $5::bigint
    FOR NO KEY UPDATE SKIP LOCKED
))
RETURNING id, account_id, kind, tries;

-- name: mail_counts
-- How many mails wait, and how many were refused or given up. Returns 1 row.
SELECT
    (SELECT count(*) FROM mail WHERE due_at IS NOT NULL) AS waiting,
    (SELECT count(*) FROM mail WHERE state IN ('refused', 'given_up')) AS failed;

-- name: mail_list
-- Mails, newest first. $1 state text (null: any), $2 before bigint (null: from the newest), $3 limit bigint,
-- $4 kind text (null: any).
SELECT
    id, account_id, kind, key, recipient, language, facts, message_id, state, created_at, queued_at,
    first_tried_at, due_at AS next_at, tries, last_reply, sent_at
FROM mail
WHERE ($1::text IS NULL OR state = $1::text)
    AND ($2::bigint IS NULL OR id < $2::bigint)
    AND ($4::text IS NULL OR kind = $4::text)
ORDER BY id DESC
LIMIT $3::bigint;

-- name: mail_list_failed
-- Mails that an operator must look at, of one of the two states, newest first.
-- $1 state text: refused or given_up, $2 before bigint (null: from the newest), $3 limit bigint, $4 kind text (null: any).
SELECT
    id, account_id, kind, key, recipient, language, facts, message_id, state, created_at, queued_at,
    first_tried_at, due_at AS next_at, tries, last_reply, sent_at
FROM mail
WHERE state IN ('refused', 'given_up')
    AND state = $1::text
    AND ($2::bigint IS NULL OR id < $2::bigint)
    AND ($4::text IS NULL OR kind = $4::text)
ORDER BY id DESC
LIMIT $3::bigint;

-- name: mail_list_of_account
-- An account's mails, newest first.
-- $1 account_id bigint, $2 state text (null: any), $3 before bigint (null: from the newest), $4 limit bigint,
-- $5 kind text (null: any).
SELECT
    id, account_id, kind, key, recipient, language, facts, message_id, state, created_at, queued_at,
    first_tried_at, due_at AS next_at, tries, last_reply, sent_at
FROM mail
WHERE account_id = $1::bigint
  AND ($2::text IS NULL OR state = $2::text)
  AND ($3::bigint IS NULL OR id < $3::bigint)
  AND ($5::text IS NULL OR kind = $5::text)
ORDER BY account_id DESC, id DESC
LIMIT $4::bigint;

-- name: mail_find
-- A mail. $1 id bigint. Returns 0..1 row.
SELECT
    id, account_id, kind, key, recipient, language, facts, message_id, state, created_at, queued_at,
    first_tried_at, due_at AS next_at, tries, last_reply, sent_at
FROM mail
WHERE id = $1::bigint;

-- name: mail_again
-- Put a mail that is not in the queue into it, with its Message-ID. $1 id bigint, $2 now timestamptz. Returns 0..1 row.
UPDATE mail
SET state = 'queued',
    queued_at = $2::timestamptz,
    first_tried_at = NULL,
    due_at = $2::timestamptz,
    sent_at = NULL,
    tries = 0
WHERE id = $1::bigint AND state <> 'queued'
RETURNING id;

-- name: mails_off_show
-- The kinds of mail that an account does not want. $1 account_id bigint. Returns 0..1 row.
SELECT mails_off FROM account WHERE id = $1::bigint;

-- name: mails_off_find
-- The kinds of mail that an account does not want; locks the account. $1 account_id bigint. Returns 0..1 row.
SELECT mails_off FROM account WHERE id = $1::bigint FOR NO KEY UPDATE;

-- name: mails_off_set
-- What an account does not want from now on. It is locked before. $1 account_id bigint, $2 kinds text[].
UPDATE account SET mails_off = $2::text[] WHERE id = $1::bigint;
