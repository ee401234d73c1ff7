-- Sums so large that one operator does not move them alone: nothing of one is booked until another approves it.

CREATE TABLE large_sum (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account_id bigint NOT NULL REFERENCES account,
    kind text NOT NULL CONSTRAINT large_sum_kind_check CHECK (kind IN ('top_up', 'refund', 'adjustment')),
    amount amount NOT NULL CONSTRAINT large_sum_amount_check CHECK (amount <> 0),
    external_id text NOT NULL
        CONSTRAINT large_sum_external_id_check CHECK (length(external_id) BETWEEN 1 AND 200),
    note text CONSTRAINT large_sum_note_check CHECK (length(note) BETWEEN 1 AND 500),
    -- Of a refund: the call it is for. No foreign key: calls are taken out of the database one day.
    call_id bigint,
    -- Whoever stands behind the request: of a token, who made it.
    asked_by text NOT NULL CONSTRAINT large_sum_asked_by_check CHECK (length(asked_by) BETWEEN 1 AND 250),
    asked_at timestamptz NOT NULL,
    state text NOT NULL DEFAULT 'waiting'
        CONSTRAINT large_sum_state_check CHECK (state IN ('waiting', 'approved', 'refused')),
    decided_by text CONSTRAINT large_sum_decided_by_check CHECK (length(decided_by) BETWEEN 1 AND 250),
    decided_at timestamptz,
    -- No foreign key: entries are in partitions.
    entry_id bigint,
    CONSTRAINT large_sum_decided_check CHECK (
        (state = 'waiting') = (decided_by IS NULL) AND (state = 'waiting') = (decided_at IS NULL)
    ),
    CONSTRAINT large_sum_booked_check CHECK ((state = 'approved') = (entry_id IS NOT NULL)),
    CONSTRAINT large_sum_needs_two CHECK (state <> 'approved' OR decided_by <> asked_by)
);
CREATE UNIQUE INDEX large_sum_waiting ON large_sum (account_id, kind, external_id) WHERE state = 'waiting';
