-- name: month_of_day
-- The month that has a day: one that began at or before it, and the latest of those. The first part begins at no day.
-- $1 day date. Returns 1 row; next_on is null for a month after which none has been made.
SELECT
    this.first_id, this.until_id, this.archived_at, this.file,
    CASE WHEN this.starts_on > '-infinity' THEN to_char(this.starts_on, 'YYYY_MM') ELSE 'first' END AS part,
    (SELECT min(next.starts_on) FROM call_month AS next WHERE next.starts_on > this.starts_on) AS next_on
FROM call_month AS this
WHERE this.starts_on <= $1::date
ORDER BY this.starts_on DESC
LIMIT 1;

-- name: month_of_call
-- When the month of a call was archived, and to which file. $1 call_id bigint. Returns 0..1 row.
SELECT
    this.archived_at, this.file,
    (SELECT min(next.starts_on) FROM call_month AS next WHERE next.starts_on > this.starts_on) AS next_on
FROM call_month AS this
WHERE this.first_id <= $1::bigint AND this.until_id > $1::bigint AND this.archived_at IS NOT NULL;

-- name: month_count
-- The calls of a month, how many of them are charged, and how many are not done with: those that are up, in doubt, still
-- to be told to a CRM, or that began so late that they may still be charged.
-- $1 first_id bigint, $2 until_id bigint (exclusive), $3 too late timestamptz. Returns 1 row.
SELECT
    count(*) AS calls,
    count(*) FILTER (WHERE call.charge > 0) AS entries,
    count(*) FILTER (
        WHERE call.state = 'open'
            OR call.started_at >= $3::timestamptz
            OR EXISTS (SELECT FROM live_call WHERE live_call.call_id = call.id)
            OR EXISTS (SELECT FROM doubted_end WHERE doubted_end.call_id = call.id)
            OR EXISTS (
                SELECT FROM crm_call WHERE crm_call.call_id = call.id AND crm_call.state IN ('queued', 'registered')
            )
    ) AS kept
FROM call
WHERE call.id >= $1::bigint AND call.id < $2::bigint;

-- name: archive_begin
-- Let this transaction move entries that charge calls out of those that are kept for ever.
SELECT set_config('gateway.is_archiving', 'on', true);

-- name: archive_gather
-- Gather the charges of a month in one table, and keep what they add up to; it counts once the month is archived.
-- $1 part text.
SELECT gather_month($1::text);

-- name: archive_detach
-- Take a month out of the tables; its calls are archived from now on. $1 part text.
SELECT detach_month($1::text);

-- name: archive_note
-- Note that a month is archived. $1 first_id bigint, $2 now timestamptz.
UPDATE call_month SET archived_at = $2::timestamptz WHERE first_id = $1::bigint AND archived_at IS NULL;

-- name: archive_read
-- The next calls of a month that was taken out, each with its entry as a line of JSON.
-- $1 part text, $2 after call_id bigint, $3 at most integer. Returns them by id.
SELECT call_id, line, has_entry FROM calls_of_month($1::text, $2::bigint, $3::integer);

-- name: archive_drop
-- Drop what was written to a file. $1 part text.
SELECT drop_month($1::text);

-- name: archive_written
-- Note the file that a month was written to. $1 first_id bigint, $2 file text.
UPDATE call_month SET file = $2::text WHERE first_id = $1::bigint AND archived_at IS NOT NULL;
