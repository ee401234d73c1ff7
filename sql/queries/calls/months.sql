-- name: months_look
-- What there is of months, and what is wrong with it: the newest, how many tables have a part for ids of no month, how
-- many parts are not there that should be, and whether there are calls, and calls of no month.
-- Returns 1 row.
SELECT
    max(starts_on) FILTER (WHERE starts_on > '-infinity') AS newest,
    (
        SELECT count(*)
        FROM pg_partitioned_table
        WHERE partrelid = ANY(ARRAY['call', 'crm_call', 'ledger_entry']::regclass[]) AND partdefid = 0
    ) AS without_default,
    (
        SELECT count(*)
        FROM unnest(ARRAY['call', 'crm_call', 'ledger_entry']::regclass[]) AS parent
        WHERE (
            SELECT count(*) FROM pg_inherits WHERE inhparent = parent
        ) < (
            SELECT count(*) + 1
            FROM call_month AS attached
            WHERE attached.archived_at IS NULL OR (parent = 'ledger_entry'::regclass AND attached.starts_on = '-infinity')
        )
    ) AS incomplete,
    EXISTS (SELECT FROM call LIMIT 1) AS has_calls,
    EXISTS (SELECT FROM call WHERE call.id >= (SELECT max(until_id) FROM call_month) LIMIT 1) AS has_strays
FROM call_month;

-- name: months_hurry
-- In this transaction no lock is waited for longer than said, and foreign keys are looked up one by one, from the few
-- calls that are up. $1 milliseconds text.
SELECT
    set_config('lock_timeout', $1::text, true),
    set_config('enable_seqscan', 'off', true),
    set_config('enable_hashjoin', 'off', true),
    set_config('enable_mergejoin', 'off', true);

-- name: month_add
-- Make the part for a month. $1 the first of the month date.
SELECT add_month($1::date);

-- name: month_turn_lock
-- Be the one who turns to the month of a day, if there is one. $1 day date. Returns 0..1 row.
SELECT first_id
FROM call_month
WHERE starts_on = date_trunc('month', $1::date)::date
FOR UPDATE;

-- name: month_turn
-- Have the ids of calls go on where a month begins, unless they are there already. The month is locked.
-- $1 first_id bigint. Returns 0..1 row.
SELECT setval('call_id_seq', $1::bigint, false)
FROM call_id_seq
WHERE last_value + is_called::integer < $1::bigint;

-- name: months_sum_up
-- Have the index of instants know also the last calls of each month, which fill no range of pages, so that nobody who
-- looks for an instant reads them all. What is known already takes no time.
SELECT brin_summarize_new_values(inhrelid::regclass) FROM pg_inherits WHERE inhparent = 'call_started'::regclass;
