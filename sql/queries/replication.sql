-- name: replication
-- What the server of this session is, how it keeps what it has, and who follows it. Who may not see what the followers are (pg_monitor may) sees
-- how many there are: their states are null then. Sessions that wait are our own, for a second at least.
-- No parameters. Returns 1 row.
SELECT
    current_setting('server_version') AS version,
    pg_is_in_recovery() AS is_standby,
    current_setting('transaction_read_only')::boolean AS is_read_only,
    current_setting('synchronous_commit') AS synchronous_commit,
    current_setting('fsync')::boolean AS flushes,
    current_setting('full_page_writes')::boolean AS writes_full_pages,
    current_setting('synchronous_standby_names') AS synchronous_names,
    standbys.followers,
    standbys.synchronous,
    waiting.sessions AS waiting
FROM (
    SELECT
        count(*) FILTER (WHERE state IS NULL OR state = 'streaming') AS followers,
        CASE
            WHEN count(*) = count(state) THEN count(*) FILTER (WHERE sync_state IN ('sync', 'quorum'))
        END AS synchronous
    FROM pg_stat_replication
) AS standbys
CROSS JOIN (
    SELECT count(*) AS sessions
    FROM pg_stat_activity
    WHERE wait_event = 'SyncRep' AND query_start < clock_timestamp() - interval '1 second'
) AS waiting;

-- name: replica_lag
-- How far the session's server is behind the one that it follows; nothing for a primary. One that has applied all that
-- it got, and still gets it, is not behind, however long ago the last of it was.
-- No parameters. Returns 1 row.
SELECT
    CASE
        WHEN NOT pg_is_in_recovery() THEN interval '0'
        WHEN EXISTS (SELECT FROM pg_stat_wal_receiver)
            AND pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn() THEN interval '0'
        ELSE clock_timestamp() - pg_last_xact_replay_timestamp()
    END AS lag;
