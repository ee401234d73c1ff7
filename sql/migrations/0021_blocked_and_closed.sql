-- An account is open, blocked by an operator for a reason, or closed for ever. A closed one is never compared with a low
-- balance. A refund may name the call that it is for; what a call cost is given back once.
-- All of it is quick but for the indexes of the ledger, which is locked for writing while they are built: some seconds
-- for ten million entries. The checks are not run over what is there.
ALTER TABLE account ADD COLUMN state text NOT NULL DEFAULT 'open';
ALTER TABLE account ADD COLUMN blocked_reason text;
ALTER TABLE account ADD COLUMN closed_at timestamptz;
ALTER TABLE account ADD CONSTRAINT account_state_check CHECK (state IN ('open', 'blocked', 'closed')) NOT VALID;
ALTER TABLE account ADD CONSTRAINT account_blocked_check CHECK (
    (state = 'blocked') = (blocked_reason IS NOT NULL) AND length(blocked_reason) BETWEEN 1 AND 500
) NOT VALID;
ALTER TABLE account ADD CONSTRAINT account_closed_check CHECK (
    (state = 'closed') = (closed_at IS NOT NULL) AND (state <> 'closed' OR low_balance_due_at = 'infinity')
) NOT VALID;

ALTER TABLE ledger_entry DROP CONSTRAINT ledger_entry_check;
ALTER TABLE ledger_entry ADD CONSTRAINT ledger_entry_call_check CHECK (
    (kind <> 'call' OR call_id IS NOT NULL) AND (call_id IS NULL OR kind IN ('call', 'refund'))
) NOT VALID;
CREATE INDEX ledger_entry_call_refunded ON ledger_entry (call_id) WHERE kind = 'refund' AND call_id IS NOT NULL;
CREATE INDEX ledger_entry_payment ON ledger_entry (external_id) WHERE kind = 'top_up';
