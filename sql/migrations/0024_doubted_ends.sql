-- Calls that ended with nothing though somebody says that they talked: their provider is asked what became of them.
-- A new table, so nothing is locked.
CREATE TABLE doubted_end (
    call_id bigint PRIMARY KEY REFERENCES call,
    control_url text,
    heard_at timestamptz NOT NULL,
    was_up boolean NOT NULL DEFAULT false,
    tries smallint NOT NULL DEFAULT 0,
    due_at timestamptz NOT NULL
);

CREATE INDEX doubted_end_due ON doubted_end (due_at);
