-- Numbers and connectors are rented by the month. All of these are null for a line that is not rented, as `number add`
-- makes it: nobody charges for it and nothing ends it.
ALTER TABLE line
    -- The price of the running month, or of the one that is overdue.
    ADD COLUMN rent amount CHECK (rent >= 0),
    -- The day of the month on which months end, where a month has it (R23).
    ADD COLUMN anchor_day smallint CHECK (anchor_day BETWEEN 1 AND 31),
    -- The first day that is not paid for, in the account's time zone.
    ADD COLUMN due_on date,
    -- A suspended number is the account's until then (R24); a connector has no such end (R26).
    ADD COLUMN reserved_until timestamptz,
    -- Given up: works until then (R27).
    ADD COLUMN ends_at timestamptz,
    -- When the calendar must look at the line next; null: never.
    ADD COLUMN wake_at timestamptz,
    ADD COLUMN disconnected_at timestamptz,
    ADD CHECK ((rent IS NULL) = (due_on IS NULL) AND (rent IS NULL) = (anchor_day IS NULL)),
    ADD CHECK (reserved_until IS NULL OR (kind = 'number' AND rent IS NOT NULL AND state <> 'active')),
    -- A number that is rented, suspended and not disconnected has an end.
    ADD CHECK (rent IS NULL OR kind = 'connector' OR state <> 'suspended' OR reserved_until IS NOT NULL),
    -- The calendar comes back to every line that is rented or given up, but for a connector that waits to be paid.
    ADD CHECK (
        wake_at IS NOT NULL OR state = 'disconnected' OR (rent IS NULL AND ends_at IS NULL)
        OR (kind = 'connector' AND state = 'suspended' AND ends_at IS NULL)
    ),
    ADD CHECK (wake_at IS NULL OR (state <> 'disconnected' AND (rent IS NOT NULL OR ends_at IS NOT NULL)));

CREATE INDEX line_wake ON line (wake_at) WHERE wake_at IS NOT NULL;
CREATE INDEX line_account_wake ON line (account_id, wake_at) WHERE wake_at IS NOT NULL;

ALTER TABLE ledger_entry
    ADD COLUMN line_id bigint,
    ADD CHECK ((kind IN ('rent', 'setup', 'connector')) = (line_id IS NOT NULL));

-- What an account has spent lately (R30). On a big table this takes minutes, in which calls are not charged.
CREATE INDEX ledger_entry_debits ON ledger_entry (account_id, booked_at) INCLUDE (amount, kind) WHERE amount < 0;

-- A main number is not rented, so before a number is, this is looked up (R11).
CREATE INDEX account_main_number ON account (main_number) WHERE main_number IS NOT NULL;
