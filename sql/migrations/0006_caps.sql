-- Caps against fraud (R17). They stand in the account's row, which a call's start locks anyway.
ALTER TABLE account
    ADD COLUMN caps jsonb,
    -- What calls have cost on a day of the account's time zone; of an earlier day it says nothing about today.
    ADD COLUMN spent_on date,
    ADD COLUMN spent amount NOT NULL DEFAULT 0 CHECK (spent >= 0);

-- The calls connected within the last minute, of accounts that have a cap on them.
CREATE TABLE recent_start (
    call_id bigint PRIMARY KEY,
    account_id bigint NOT NULL,
    started_at timestamptz NOT NULL
);

CREATE INDEX recent_start_account ON recent_start (account_id, started_at);
