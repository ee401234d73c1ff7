-- name: doctor_calls
-- Calls that are past their deadline and still up, and calls that are over without an end and hold money.
-- $1 instant before which a deadline counts as missed timestamptz. Returns 1 row.
SELECT
    count(*) FILTER (WHERE over_at IS NULL AND must_end_at < $1::timestamptz) AS overdue,
    min(must_end_at) FILTER (WHERE over_at IS NULL AND must_end_at < $1::timestamptz) AS overdue_since,
    count(*) FILTER (WHERE over_at IS NOT NULL AND hold > 0) AS owed,
    min(over_at) FILTER (WHERE over_at IS NOT NULL AND hold > 0) AS owed_since
FROM live_call;

-- name: doctor_mails
-- Mails that wait to be sent, and those that were refused or given up.
-- $1 since when they were put into the queue that failed timestamptz. Returns 1 row.
SELECT waiting.mails AS waiting, waiting.since AS waiting_since, failed.mails AS failed, failed.since AS failed_since
FROM (SELECT count(*) AS mails, min(queued_at) AS since FROM mail WHERE due_at IS NOT NULL) AS waiting
CROSS JOIN (
    SELECT count(*) AS mails, min(queued_at) AS since
    FROM mail
    WHERE state IN ('refused', 'given_up') AND queued_at >= $1::timestamptz
) AS failed;
