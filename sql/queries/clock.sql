-- name: clock
-- The database's time, by which every process goes.
SELECT clock_timestamp();
