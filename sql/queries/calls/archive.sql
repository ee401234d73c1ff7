-- name: archive_begin
-- Let this transaction delete calls that are over, and the entries that charge them.
SELECT set_config('gateway.is_archiving', 'on', true);

-- name: archive_page
-- The next calls, in the order of their ids: those of a month that are over and done with, how many of it are not, and
-- how many are charged. A call that is up, in doubt, or still to be told to a CRM is not done with.
-- $1 after this call bigint, $2 at most integer, $3 since timestamptz, $4 until timestamptz (exclusive). Returns 1 row.
SELECT
    max(page.id) AS last_id,
    min(page.started_at) AS first_at,
    coalesce(array_agg(page.id ORDER BY page.id) FILTER (WHERE page.is_of_month AND page.is_done), '{}') AS call_ids,
    count(*) FILTER (WHERE page.is_of_month AND page.is_done AND page.charge > 0) AS entries,
    count(*) FILTER (WHERE page.is_of_month AND NOT page.is_done) AS kept
FROM (
    SELECT
        call.id, call.started_at, call.charge::numeric AS charge,
        call.started_at >= $3::timestamptz AND call.started_at < $4::timestamptz AS is_of_month,
        call.state <> 'open'
        AND NOT EXISTS (SELECT FROM live_call WHERE live_call.call_id = call.id)
        AND NOT EXISTS (SELECT FROM doubted_end WHERE doubted_end.call_id = call.id)
        AND NOT EXISTS (
            SELECT FROM crm_call WHERE crm_call.call_id = call.id AND crm_call.state IN ('queued', 'registered')
        ) AS is_done
    FROM call
    WHERE call.id > $1::bigint
    ORDER BY call.id
    LIMIT $2::integer
) AS page;

-- name: archive_take
-- Take calls that are over out of the tables, with the entries that charge them; their keys stay, and what the entries
-- add up to. Entries never change, so the accounts need not be locked.
-- $1 call_ids bigint[]. Returns each as JSON, by id.
WITH taken AS (
    DELETE FROM call
    WHERE id = ANY($1::bigint[]) AND state <> 'open'
    RETURNING *
),
told AS (
    DELETE FROM crm_call
    WHERE call_id = ANY(ARRAY(SELECT id FROM taken))
),
keyed AS (
    INSERT INTO archived_call (key)
    SELECT DISTINCT call_key(connection, provider_call_id)
    FROM taken
    ON CONFLICT (key) DO NOTHING
),
entry AS (
    DELETE FROM ledger_entry
    WHERE key = ANY(ARRAY(SELECT 'call:' || id FROM taken))
    RETURNING *
),
opened AS (
    INSERT INTO account_opening (account_id, entry_id, balance, archived)
    SELECT account_id, max(id), (array_agg(balance_after::numeric ORDER BY id DESC))[1], sum(amount)
    FROM entry
    GROUP BY account_id
    ORDER BY account_id
    ON CONFLICT (account_id) DO UPDATE
        SET entry_id = greatest(account_opening.entry_id, excluded.entry_id),
            balance = CASE
                WHEN excluded.entry_id > account_opening.entry_id THEN excluded.balance ELSE account_opening.balance
            END,
            archived = account_opening.archived + excluded.archived
)
SELECT json_build_object('call', taken, 'entry', entry)::text AS line
FROM taken
LEFT JOIN entry ON entry.call_id = taken.id
ORDER BY taken.id;
